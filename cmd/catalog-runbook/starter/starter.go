// Package starter writes the first settings file of a person: what the runbook says by
// itself as comments, and what only this machine knows as settings.
package starter

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
)

// A Command is the command line of init.
type Command struct {
	File  string `arg:"" optional:"" env:"CATALOG_RUNBOOK_FILE" help:"The runbook (default: ./DEPLOYMENT.md, or the built-in one)."`
	To    string `default:"catalog-runbook.toml" type:"path" placeholder:"FILE" env:"CATALOG_RUNBOOK_SETTINGS" help:"The settings file to write."`
	Force bool   `help:"Replace the file if it exists."`
}

// Write writes the settings file for the runbook that read returns, and tells out what to
// do next. It never replaces a file unless it is told to.
func (c Command) Write(read func(name string) (doc *document.Document, file string, err error), out io.Writer) error {
	doc, _, err := read(c.File)
	if err != nil {
		return err
	}
	var none steps.Settings
	bound := steps.Bind(doc, none, kinds.All())
	folder := filepath.Dir(c.To)
	found := checkouts(folder)
	text := fileFor(bound, folder, found)
	if _, err := settings.Parse(c.To, []byte(text)); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.Force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(c.To, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return say.Hint(fmt.Errorf("%s exists already", clean.Line(c.To)), "edit it, or replace it with --force")
	}
	if err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	_, err = f.WriteString(text)
	if err = cmp.Or(err, f.Close()); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	return c.report(out, found)
}

// report says what was written, what is left to set, and what to run.
func (c Command) report(w io.Writer, found []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Wrote %s.\n", clean.Line(c.To))
	switch len(found) {
	case 0:
		fmt.Fprintln(&b, "Found no infrastructure checkout. Clone it, and set directory under [infrastructure].")
	case 1:
		fmt.Fprintf(&b, "Found the infrastructure checkout: %s\n", clean.Line(found[0]))
	default:
		fmt.Fprintf(&b, "Found %d checkouts that could be the infrastructure. Choose one in the file.\n", len(found))
	}
	fmt.Fprintln(&b, "For Airflow, set url and username under [airflow], and export AIRFLOW_PASSWORD.")
	fmt.Fprintln(&b, "Next: catalog-runbook doctor")
	_, err := io.WriteString(w, b.String())
	return err
}

// fileFor returns the text of a settings file in folder.
func fileFor(b *steps.Bound, folder string, checkouts []string) string {
	params := map[string]string{}
	for i := range b.Steps {
		for name, value := range b.Steps[i].Params {
			params[name] = cmp.Or(params[name], value)
		}
	}
	var t strings.Builder
	fmt.Fprintf(&t, "# Settings for %s.\n", b.Document.Title)
	t.WriteString("# A setting behind a # shows what the document already says, or an example where it\n# says nothing: remove the # to set it. `catalog-runbook help settings` describes every setting.\n")
	t.WriteString("\n[infrastructure]\n# The checkout in which bump, plan and apply run, relative to this file.\n")
	for _, path := range checkouts {
		if rel, err := filepath.Rel(folder, path); err == nil {
			path = rel
		}
		hidden := ""
		if len(checkouts) > 1 {
			hidden = "# "
		}
		t.WriteString(hidden + "directory = " + quote(filepath.ToSlash(path)) + "\n")
	}
	if len(checkouts) == 0 {
		t.WriteString("# directory = \"../infrastructure\"\n")
	}
	set := func(key, value, instead string) {
		fmt.Fprintf(&t, "# %s = %s\n", key, quote(cmp.Or(value, instead)))
	}
	set("environment", params["environment"], "prod")
	set("service", params["service"], "catalog-airflow")
	t.WriteString("\n[github]\n# The token comes from GH_TOKEN, GITHUB_TOKEN or `gh auth login`.\n")
	set("repository", params["repository"], "owner/name")
	t.WriteString("\n[image]\n")
	set("reference", params["image"], "ghcr.io/owner/name")
	t.WriteString("\n[airflow]\n# Credentials are sent only to an address that is set here. The password comes from\n# AIRFLOW_PASSWORD, or a token from AIRFLOW_TOKEN.\n")
	set("url", params["airflow"], "https://airflow.example.org")
	set("username", "", "viewer")
	t.WriteString("# How many DAGs the account must see before \"none is running\" is believed.\n# expected_dags = 20\n")
	return t.String()
}

// quote formats a string for TOML.
func quote(s string) string {
	data, err := toml.Marshal(map[string]string{"v": s})
	if err != nil {
		return `""`
	}
	return strings.TrimSpace(strings.TrimPrefix(string(data), "v = "))
}
