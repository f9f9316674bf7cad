package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

// source is the document and the settings that a command works on.
type source struct {
	File     string `arg:"" optional:"" help:"The runbook; ./DEPLOYMENT.md or the embedded one where none is named."`
	Settings string `help:"The settings; ./catalog-runbook.toml or the one in the user's configuration folder where none is named." placeholder:"FILE" type:"path"`
}

// load reads, parses and binds.
func (s source) load() (*steps.Bound, steps.Settings, error) {
	settings, err := loadSettings(s.Settings)
	if err != nil {
		return nil, settings, err
	}
	doc, err := readDocument(s.File)
	if err != nil {
		return nil, settings, err
	}
	return steps.Bind(doc, settings), settings, nil
}

// readDocument takes the named file, else the one in the working directory,
// else the embedded one.
func readDocument(name string) (*runbook.Document, error) {
	if name != "" {
		return parseFile(name)
	}
	doc, err := parseFile(runbook.DefaultName)
	if errors.Is(err, fs.ErrNotExist) {
		return runbook.Parse("the embedded "+runbook.DefaultName, runbook.Default())
	}
	return doc, err
}

func parseFile(name string) (*runbook.Document, error) {
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
	return runbook.Parse(name, data)
}
