package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/report"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds"
)

type reportCommand struct {
	ID    string `arg:"" name:"run" optional:"" help:"The run, or the beginning of its name (default: the newest)."`
	JSON  bool   `help:"Write JSON." xor:"form"`
	Short bool   `help:"Leave out the evidence and the timeline." xor:"form"`
}

// Run writes a report of a run. It takes no lock and changes nothing.
func (c reportCommand) Run(s streams) error {
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	id, err := runs.find(c.ID)
	if err != nil {
		return err
	}
	r, err := reportOf(runs.store, id)
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(s.out, r)
	} else {
		err = r.Markdown(s.out, c.Short)
	}
	switch {
	case err != nil:
		return err
	case r.Damaged:
		return exitError{exitDamaged, fmt.Errorf("the journal of %s is damaged; the report ends where the journal does", id)}
	case r.State == report.Doubtful:
		return exitError{exitDoubt, fmt.Errorf("the outcome of a command is unknown; hint: catalog-runbook resume %s", id)}
	}
	return nil
}

// reportOf reads a run and makes its report. It takes the document from the journal,
// because the file may have changed since.
func reportOf(store journal.Store, id string) (*report.Report, error) {
	h, err := store.Read(id)
	if err != nil {
		return nil, err
	}
	in := report.Input{ID: id, Damaged: h.Damage != nil, Newer: h.Newer}
	in.Gone = func(attempt string) bool { return command.Gone(filepath.Join(store.Dir, id, filepath.Base(attempt))) }
	holder, held, err := store.Holder(id)
	switch {
	case err != nil:
		in.Problems = append(in.Problems, clean.Linef("Can't tell whether the run is open elsewhere: %v.", err))
	case held:
		in.Holder = &report.Holder{Actor: clean.Line(holder.Actor), Host: clean.Line(holder.Host), PID: holder.PID, Since: holder.Since.UTC()}
	}
	// The process that holds the run may be writing its last line at this moment.
	if notice := h.Notice(); notice != "" && (h.Torn == nil || !held) {
		in.Problems = append(in.Problems, clean.Linef("%s.", say.Capital(notice)))
	}
	for _, rec := range h.Records {
		in.Records = append(in.Records, report.Record{Host: rec.Host, Event: rec.Event})
	}
	if err := bindAgain(&in, journal.Events(h.Records)); err != nil {
		in.Problems = append(in.Problems, clean.Linef("Can't list the steps: %v.", err))
	}
	return report.Make(in, time.Now()), nil
}

// bindAgain parses and binds a run's document. It needs no settings, because they change
// neither the kind nor the commands of a step, only which services it checks.
func bindAgain(in *report.Input, past []runbook.Event) error {
	if len(past) == 0 {
		return nil // the report says so already
	}
	started, ok := past[0].(runbook.Started)
	text := steps.DocumentText(past)
	if !ok || text == "" {
		return errors.New("the journal doesn't contain the document")
	}
	doc, err := document.Parse(started.Document.String(), []byte(text))
	if err != nil {
		return err
	}
	added := steps.AddedIn(past)
	in.Document, in.Specs = doc, steps.Bind(doc, steps.Settings{}, kinds.All()).Filled(past).Specs()
	in.Specs = slices.DeleteFunc(in.Specs, func(s runbook.Spec) bool { return !s.Added.Empty() && !slices.Contains(added, s.ID) })
	return nil
}
