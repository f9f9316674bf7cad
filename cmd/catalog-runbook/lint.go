package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

type lintCommand struct {
	source
	JSON bool `help:"Write JSON."`
}

// lintOutput is the JSON of lint. The README documents its shape.
type lintOutput struct {
	Title clean.Text `json:"title"`
	Steps []lintStep `json:"steps"`
}

type lintStep struct {
	ID       string            `json:"id"`
	Number   string            `json:"number"`
	Section  []clean.Text      `json:"section"`
	Text     clean.Text        `json:"text"`
	Kind     string            `json:"kind"`
	Locked   bool              `json:"locked"`
	Commands [][]string        `json:"commands"`
	BoundBy  string            `json:"bound_by"`
	Params   map[string]string `json:"params"`
	Problems []clean.Text      `json:"problems"`
}

// Run writes what each step is bound to. The exit code is 1 if something is missing.
func (c lintCommand) Run(s streams) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	out := lintOf(l.bound)
	if c.JSON {
		err = writeJSON(s.out, out)
	} else {
		err = writeLint(s.out, l.bound)
	}
	if err != nil {
		return err
	}
	for _, step := range out.Steps {
		if len(step.Problems) > 0 {
			return asError(exitFailed)
		}
	}
	return nil
}

func lintOf(b *steps.Bound) lintOutput {
	out := lintOutput{Title: b.Document.Title, Steps: []lintStep{}}
	for i := range b.Steps {
		step := &b.Steps[i]
		l := lintStep{
			ID: string(step.Step.ID), Number: step.Step.Number, Section: []clean.Text{}, Text: step.Step.Text,
			Kind: step.Kind.Name, Locked: step.Step.Locked, Commands: [][]string{}, BoundBy: step.By.String(),
			Params: map[string]string{}, Problems: []clean.Text{},
		}
		if sec := step.Step.Section; sec != nil {
			l.Section = append(l.Section, sec.Path...)
		}
		for _, command := range step.Step.Commands {
			argv := make([]string, len(command.Argv))
			for j, a := range command.Argv {
				argv[j] = clean.Line(a).String()
			}
			l.Commands = append(l.Commands, argv)
		}
		for k, v := range step.Params {
			l.Params[k] = clean.Line(v).String()
		}
		l.Problems = append(l.Problems, step.Problems...)
		out.Steps = append(out.Steps, l)
	}
	return out
}

func writeLint(w io.Writer, b *steps.Bound) error {
	var text strings.Builder
	fmt.Fprintln(&text, b.Document.Title)
	section := ""
	for i := range b.Steps {
		step := &b.Steps[i]
		if path := sectionPath(step); path != section {
			section = path
			fmt.Fprintf(&text, "\n%s\n", path)
		}
		lock := ""
		if step.Step.Locked {
			lock = "locked: "
		}
		fmt.Fprintf(&text, "  %-4s %s%s\n", number(step), lock, step.Step.Text)
		if step.By == steps.ByNone {
			fmt.Fprintf(&text, "       done by hand: %s\n", step.Why())
		} else {
			fmt.Fprintf(&text, "       %s, by %s: %s\n", step.Kind.Name, step.By, step.Why())
		}
		if p := step.ParamLine(); !p.Empty() {
			fmt.Fprintf(&text, "       %s\n", p)
		}
		for _, p := range step.Problems {
			fmt.Fprintf(&text, "       missing: %s\n", p)
		}
		for _, n := range step.Notes {
			fmt.Fprintf(&text, "       note: %s\n", n)
		}
	}
	if len(b.Steps) == 0 {
		fmt.Fprintln(&text, "\nNo steps: neither ordered lists nor task items were found.")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func number(b *steps.Binding) string {
	if b.Step.Number == "" {
		return "-"
	}
	return b.Step.Number + "."
}

func sectionPath(b *steps.Binding) string {
	if b.Step.Section == nil {
		return ""
	}
	parts := make([]string, len(b.Step.Section.Path))
	for i, p := range b.Step.Section.Path {
		parts[i] = p.String()
	}
	return strings.Join(parts, " > ")
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
