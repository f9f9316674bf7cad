package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/cmd/catalog-runbook/starter"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/kinds/dags"
)

// A source names the document and the settings that a command works on.
type source struct {
	File        string `arg:"" optional:"" env:"CATALOG_RUNBOOK_FILE" help:"The runbook (default: ./DEPLOYMENT.md, or the built-in one)."`
	PullRequest string `help:"The pull request whose DAGs to deploy: its number or URL." placeholder:"NUMBER"`
	Settings    string `help:"The settings file (default: ./catalog-runbook.toml, or the one in your configuration folder)." placeholder:"FILE" type:"path" env:"CATALOG_RUNBOOK_SETTINGS"`
}

// filling is what placeholders of the runbook stand for.
type filling struct {
	Fill []string `help:"What a placeholder of the runbook stands for, such as ENVIRONMENT=production; may be repeated." placeholder:"NAME=VALUE" sep:"none"`
}

// each calls do with each placeholder and what it stands for.
func (f filling) each(do func(name, value string) error) error {
	for _, text := range f.Fill {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return fmt.Errorf("--fill is %q; hint: write it like --fill ENVIRONMENT=production", clean.Line(text))
		}
		if err := do(name, value); err != nil {
			return fmt.Errorf("--fill %s: %w", clean.Line(name), err)
		}
	}
	return nil
}

// fill fills in the placeholders in a run.
func (f filling) fill(e *steps.Engine) error { return f.each(e.Fill) }

// bound returns the runbook with the placeholders filled in.
func (f filling) bound(b *steps.Bound) (*steps.Bound, error) {
	err := f.each(func(name, value string) (err error) {
		b, _, err = b.Fill(name, value)
		return err
	})
	return b, err
}

type initCommand struct{ starter.Command }

// Run writes a settings file for a runbook.
func (c initCommand) Run(s streams) error { return c.Write(readDocument, s.err) }

// loaded is a bound document, and the files that it and its settings come from.
type loaded struct {
	bound        *steps.Bound
	settings     steps.Settings
	document     string // absolute; "" for the embedded one
	settingsFile string // absolute; "" if there is none
}

// load reads the settings and the document, and binds its steps.
func (s source) load() (*loaded, error) {
	set, from, err := settings.Load(s.Settings)
	if err != nil {
		return nil, err
	}
	if s.PullRequest != "" {
		if err := dags.CheckPull(s.PullRequest); err != nil {
			return nil, fmt.Errorf("--pull-request: %w", err)
		}
	}
	set.GitHub.PullRequest = cmp.Or(s.PullRequest, set.GitHub.PullRequest)
	doc, file, err := readDocument(s.File)
	if err != nil {
		return nil, err
	}
	l := &loaded{bound: steps.Bind(doc, set, kinds.All()), settings: set}
	for path, abs := range map[string]*string{file: &l.document, from: &l.settingsFile} {
		if path == "" {
			continue
		}
		if *abs, err = filepath.Abs(path); err != nil {
			return nil, fmt.Errorf("finding %s: %w", path, err)
		}
	}
	return l, nil
}

// someSteps returns an error if the document has no step: what was found instead, and
// where.
func (l *loaded) someSteps() error {
	if len(l.bound.Steps) > 0 {
		return nil
	}
	first := lintOf(l.bound).Problems[0]
	err := fmt.Errorf("%s has no steps: line %d: %s", l.bound.Document.Name, first.Line, strings.TrimSuffix(first.Text.String(), "."))
	return say.Hint(err, "`catalog-runbook lint` shows what was found instead")
}

// readDocument reads the named file, else the one in the working directory, else the
// embedded one. It returns the file's name, "" for the embedded one.
func readDocument(name string) (doc *document.Document, file string, err error) {
	if name != "" {
		if doc, err = parseFile(name); errors.Is(err, fs.ErrNotExist) {
			err = say.Hint(err, "check the name; without one, ./%s is read, or the built-in one", runbook.DefaultName)
		}
		return doc, name, err
	}
	doc, err = parseFile(runbook.DefaultName)
	if errors.Is(err, fs.ErrNotExist) {
		doc, err = embedded()
		return doc, "", err
	}
	return doc, runbook.DefaultName, err
}

func embedded() (*document.Document, error) {
	return document.Parse("the built-in "+runbook.DefaultName, runbook.Default())
}

func parseFile(name string) (*document.Document, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("reading the runbook: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("reading the runbook: %s is a folder; hint: name the file in it", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the runbook: %w", err)
	}
	return document.Parse(name, data)
}
