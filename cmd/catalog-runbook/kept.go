package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/steps"
)

// keptRuns are the runs on disk.
type keptRuns struct {
	store  journal.Store
	holder journal.Holder
	actor  string
}

func openRuns(s streams) (keptRuns, error) {
	folder, err := journal.Folder(s.getenv)
	if err != nil {
		return keptRuns{}, err
	}
	host, _ := os.Hostname() // no name is as good as none
	who := actor(s)
	holder := journal.Holder{Actor: strings.TrimSuffix(who, "@"+host), Host: host, PID: os.Getpid(), Since: time.Now()}
	return keptRuns{journal.Store{Dir: folder}, holder, who}, nil
}

// keptRun is a run on disk that this process goes on with.
type keptRun struct {
	runs    keptRuns
	journal *journal.Journal
}

// begin makes a place for a new run.
func (r keptRuns) begin() (*keptRun, error) {
	j, err := r.store.Create(r.holder)
	if err != nil {
		return nil, fmt.Errorf("%w; hint: a run is kept below the folder that XDG_STATE_HOME names, where nothing is done that is not on disk", err)
	}
	return &keptRun{r, j}, nil
}

// options completes an engine's options with where the run is kept.
func (k *keptRun) options(o steps.Options) steps.Options {
	o.Actor, o.Journal, o.Folder = k.runs.actor, k.journal, k.journal.Folder()
	return o
}

// close lets others go on with the run.
func (k *keptRun) close() { _ = k.journal.Close() } // all that matters is on disk already

// discard forgets a run in which nothing happened.
func (k *keptRun) discard() error {
	k.close()
	return k.runs.store.Remove(k.journal.ID())
}

// unsettled refuses to begin a live run while a command of another one runs in
// the same checkout, or is in doubt there: the two would change the same things.
// The newest runs are looked at; a damaged one cannot be told anything of.
func (r keptRuns) unsettled(dir string) error {
	const newest = 20
	ids, err := r.store.List()
	if err != nil {
		return err
	}
	for _, id := range ids[:min(len(ids), newest)] {
		h, err := r.store.Read(id)
		if err != nil || h.Damage != nil || len(h.Records) == 0 {
			continue
		}
		if started, ok := h.Records[0].Event.(runbook.Started); !ok || started.Mode != runbook.Live {
			continue
		}
		if e := openEffect(h.Records); e != nil && e.Dir == dir {
			return exitError{exitDoubt, fmt.Errorf("`%s` of another run is running or in doubt in the same checkout; hint: catalog-runbook resume %s",
				steps.CommandLine(e.Argv), id)}
		}
	}
	return nil
}

// openEffect returns the command that was begun and of which nobody knows yet how
// it ended, nil where there is none.
func openEffect(records []journal.Record) *runbook.EffectStarted {
	var open *runbook.EffectStarted
	for _, r := range records {
		switch e := r.Event.(type) {
		case runbook.EffectStarted:
			open = &e
		case runbook.EffectFinished, runbook.Settled:
			open = nil
		}
	}
	return open
}

// find returns the id of the run that a person means: the whole of it or its
// beginning, the newest one where nothing is named.
func (r keptRuns) find(name string) (string, error) {
	ids, err := r.store.List()
	if err != nil {
		return "", err
	}
	var found []string
	for _, id := range ids {
		if id == name || name == "" {
			return id, nil
		}
		if len(id) > len(name) && id[:len(name)] == name {
			found = append(found, id)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("%d runs begin with %q; hint: `catalog-runbook runs` lists them", len(found), clean.Line(name))
	case name == "":
		return "", errors.New("there is no run yet; hint: `catalog-runbook practice` begins one")
	}
	return "", fmt.Errorf("there is no run %q; hint: `catalog-runbook runs` lists them", clean.Line(name))
}

// events returns what has happened, in order.
func events(records []journal.Record) []runbook.Event {
	all := make([]runbook.Event, len(records))
	for i, r := range records {
		all[i] = r.Event
	}
	return all
}
