package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"catalog-runbook/cmd/catalog-runbook/complete"
	"catalog-runbook/cmd/catalog-runbook/help"
	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/pick"
	"catalog-runbook/steps/practice"
)

type completionCommand struct {
	Shell string   `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
	Words bool     `hidden:"" help:"List what may come after these words: the script asks this."`
	Line  []string `arg:"" optional:"" hidden:"" passthrough:"" help:"The words."`
}

// Run prints a shell's completion script, or answers that script. It asks no service.
func (c completionCommand) Run(s streams, parser *kong.Kong) error {
	if !c.Words && len(c.Line) > 0 {
		return fmt.Errorf("unexpected argument %q; hint: name one shell, as in `catalog-runbook completion bash`", clean.Line(c.Line[0]))
	}
	if !c.Words {
		script, err := complete.Script(c.Shell)
		if err == nil {
			_, err = io.WriteString(s.out, script)
		}
		return err
	}
	line := slices.Clone(c.Line)
	if len(line) > 0 && line[0] == "--" {
		line = line[1:]
	}
	candidates, files := complete.Words(parser.Model, line, sources(s, parser))
	var b strings.Builder
	for _, candidate := range candidates {
		word, about := candidate.Word, clean.Line(candidate.Help).String()
		switch {
		case c.Shell == "zsh":
			word = strings.NewReplacer(`\`, `\\`, ":", `\:`).Replace(word)
			if about != "" {
				word += ":" + about
			}
		case c.Shell == "fish" && about != "":
			word += "\t" + about
		}
		b.WriteString(word + "\n")
	}
	if files {
		b.WriteString(":files\n")
	}
	_, err := io.WriteString(s.out, b.String())
	return err
}

// sources are the words that only this machine knows. What can't be read gives none.
func sources(s streams, parser *kong.Kong) complete.Sources {
	pages := func() (all []complete.Candidate) {
		for _, t := range help.Topics() {
			all = append(all, complete.Candidate{Word: t.Name, Help: t.Title})
		}
		for _, n := range parser.Model.Children {
			if !n.Hidden {
				all = append(all, complete.Candidate{Word: n.Name, Help: n.Help})
			}
		}
		return all
	}
	topics := func() []complete.Candidate {
		all := pages()
		for _, k := range kinds.All() {
			all = append(all, complete.Candidate{Word: k.Name, Help: k.Doc})
		}
		return all
	}
	return complete.Sources{
		"topic": topics, "page": pages, "scenario": scenarioWords, "step": stepWords, "procedure": procedureWords,
		"run": func() []complete.Candidate { return runWords(s) },
	}
}

func scenarioWords() (all []complete.Candidate) {
	for _, sc := range practice.Scenarios() {
		all = append(all, complete.Candidate{Word: sc.Name, Help: sc.Title})
	}
	return all
}

// boundHere binds the runbook of the working directory, nil if it can't be read.
func boundHere() *steps.Bound {
	set, _, err := settings.Load("")
	if err != nil {
		set = settings.Default()
	}
	doc, _, err := readDocument("")
	if err != nil {
		return nil
	}
	return steps.Bind(doc, set, kinds.All())
}

func stepWords() (all []complete.Candidate) {
	b := boundHere()
	if b == nil {
		return nil
	}
	for _, name := range pick.Names(b) {
		if step, err := pick.Step(b, name); err == nil {
			all = append(all, complete.Candidate{Word: name, Help: step.Title().String()})
		}
	}
	return all
}

func procedureWords() []complete.Candidate {
	all := []complete.Candidate{{Word: allProcedures, Help: "every step of the document"}}
	b := boundHere()
	if b == nil {
		return all
	}
	for i := range b.Steps {
		name := b.Steps[i].Procedure()
		if name != "" && !slices.ContainsFunc(all, func(c complete.Candidate) bool { return c.Word == name }) {
			all = append(all, complete.Candidate{Word: name})
		}
	}
	return all
}

func runWords(s streams) (all []complete.Candidate) {
	runs, err := openRuns(s)
	if err != nil {
		return nil
	}
	ids, _ := runs.store.List()
	for _, id := range ids {
		all = append(all, complete.Candidate{Word: id})
	}
	return all
}
