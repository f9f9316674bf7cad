package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/transport"
	"catalog-runbook/steps/triage"
)

type triageCommand struct {
	Base     string `arg:"" help:"What is deployed now: a tag, a branch or a commit."`
	Head     string `arg:"" help:"What to deploy."`
	Runbook  string `help:"The runbook that names the repository (default: ./DEPLOYMENT.md, or the built-in one)." placeholder:"FILE" env:"CATALOG_RUNBOOK_FILE"`
	Settings string `help:"The settings file (default: ./catalog-runbook.toml, or the one in your configuration folder)." placeholder:"FILE" type:"path" env:"CATALOG_RUNBOOK_SETTINGS"`
	JSON     bool   `help:"Write JSON."`

	base http.RoundTripper // sends the requests; nil means the hardened transport
}

// triageOutput is the JSON of triage. `help json` documents its shape.
type triageOutput struct {
	Repository string       `json:"repository"`
	Base       clean.Text   `json:"base"`
	Head       clean.Text   `json:"head"`
	Service    bool         `json:"service"` // a service deployment is needed
	DAGs       bool         `json:"dags"`    // DAGs change
	Certain    bool         `json:"certain"`
	Doubt      clean.Text   `json:"doubt,omitempty"`
	Files      []triageFile `json:"files"`
	URL        clean.Text   `json:"url,omitempty"`
}

type triageFile struct {
	Name     clean.Text `json:"name"`
	Previous clean.Text `json:"previous,omitempty"`
	Status   clean.Text `json:"status"`
	As       string     `json:"as"` // "" if no rule claims it
	Rule     string     `json:"rule,omitempty"`
}

// Run compares two versions. It fails closed: what can't be known whole ends with the exit
// code for that.
func (c triageCommand) Run(ctx context.Context, s streams) error {
	l, err := source{File: c.Runbook, Settings: c.Settings}.load()
	if err != nil {
		return err
	}
	repo, err := repositoryOf(l)
	if err != nil {
		return err
	}
	world, err := steps.Connect(l.settings, settings.Credentials(ctx, l.settings, s.getenv), true, nil, c.base)
	if err != nil {
		return err
	}
	between, err := world.GitHub.Compare(ctx, repo, c.Base, c.Head)
	switch cause, asked := transport.CauseOf(err); {
	case err != nil && ctx.Err() != nil:
		return exitError{code: exitInterrupted}
	case errors.Is(err, github.ErrAbsent):
		return exitError{exitFailed, fmt.Errorf("comparing %s with %s: %w", clean.Line(c.Base), clean.Line(c.Head), err)}
	case asked && cause == transport.Credentials:
		return exitError{exitCredentials, err}
	case err != nil:
		return exitError{exitUnknown, err}
	}
	out := triaged(triage.Judge(l.settings.TriageRules(), triage.Between(between)))
	out.Repository, out.Base, out.Head, out.URL = repo.String(), clean.Line(c.Base), clean.Line(c.Head), clean.Line(between.URL)
	if c.JSON {
		err = writeJSON(s.out, out)
	} else {
		err = writeTriage(s.out, out)
	}
	if err == nil && !out.Certain {
		err = asError(exitUnknown)
	}
	return err
}

// repositoryOf returns the repository whose releases are deployed.
func repositoryOf(l *loaded) (github.Repository, error) {
	name := l.settings.GitHub.Repository
	for i := range l.bound.Steps {
		name = cmp.Or(name, l.bound.Steps[i].Params["repository"])
	}
	if name == "" {
		return github.Repository{}, errors.New("no repository configured; hint: set repository under [github] in catalog-runbook.toml")
	}
	return github.ParseRepository(name)
}

func triaged(r triage.Result) triageOutput {
	out := triageOutput{Service: r.Service, DAGs: r.DAGs, Certain: r.Doubt == "", Doubt: clean.Line(r.Doubt), Files: []triageFile{}}
	for _, c := range r.Claims {
		out.Files = append(out.Files, triageFile{Name: clean.Line(c.Name), Previous: clean.Line(c.Previous), Status: clean.Line(c.Status), As: string(c.As), Rule: c.Rule})
	}
	return out
}

func writeTriage(w io.Writer, out triageOutput) error {
	var b strings.Builder
	names := map[clean.Text]bool{} // a renamed file may stand twice
	for _, f := range out.Files {
		names[f.Name] = true
	}
	fmt.Fprintf(&b, "From %s to %s, %s changed in %s.\n\n", out.Base, out.Head, say.Count(len(names), "file"), out.Repository)
	needs := func(what string, needed bool) {
		answer := "no"
		if needed {
			answer = "yes"
		} else if !out.Certain {
			answer = "not known"
		}
		fmt.Fprintf(&b, "%-20s %s\n", what, answer)
	}
	needs("Service deployment", out.Service)
	needs("DAG deployment", out.DAGs)
	if !out.Certain {
		fmt.Fprintf(&b, "\nThis may be incomplete: %s.\n", out.Doubt)
	}
	before := "-"
	for _, f := range out.Files {
		if f.As != before {
			fmt.Fprintf(&b, "\n%s\n", triage.Words[triage.Class(f.As)])
			before = f.As
		}
		fmt.Fprintf(&b, "  %s", f.Name)
		if !f.Previous.Empty() {
			fmt.Fprintf(&b, ", before %s", f.Previous)
		}
		fmt.Fprintf(&b, " (%s", f.Status)
		if f.Rule != "" {
			fmt.Fprintf(&b, "; rule %s", f.Rule)
		}
		b.WriteString(")\n")
	}
	b.WriteString("\nThis is what the rules say (add your own under [[triage]] in the settings). The decision is yours.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
