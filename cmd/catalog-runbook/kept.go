package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/say"
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
	o.Unsettled = func(dir string) error { return k.runs.unsettled(dir, k.journal.ID()) }
	return o
}

// close lets others go on with the run.
func (k *keptRun) close() { _ = k.journal.Close() } // all that matters is on disk already

// forgotten is how old a plan of another run is that nobody will apply any more.
const forgotten = time.Hour

// forgetPlans removes the plans of the run, which hold secrets: whoever goes on
// with it makes a new one. It reports whether there was any.
func (k *keptRun) forgetPlans() bool {
	any := steps.RemovePlans(k.journal.Folder(), time.Time{})
	k.runs.forgetOldPlans()
	return any
}

// forgetOldPlans removes those that other runs have left because they were killed.
func (r keptRuns) forgetOldPlans() {
	ids, err := r.store.List()
	if err != nil {
		return // whoever looks next does it
	}
	for _, id := range ids {
		steps.RemovePlans(filepath.Join(r.store.Dir, id), time.Now().Add(-forgotten))
	}
}

// discard forgets a run in which nothing happened.
func (k *keptRun) discard() error {
	k.close()
	return k.runs.store.Remove(k.journal.ID())
}

// unsettled refuses a command in a checkout while one of another live run than own
// runs there, or is in doubt: the two would change the same things. Whoever has
// begun something there was asked the same before, so that the newest of them
// tell all. A run that cannot be read may hide such a command.
func (r keptRuns) unsettled(dir, own string) error {
	const newest = 20
	ids, err := r.store.List()
	if err != nil {
		return err
	}
	for seen := 0; len(ids) > 0 && seen < newest; ids = ids[1:] {
		id := ids[0]
		if id == own {
			continue
		}
		h, err := r.store.Read(id)
		if errors.Is(err, journal.ErrNoRun) {
			continue // removed just now
		}
		folder := clean.Line(filepath.Join(r.store.Dir, id))
		if err != nil {
			return exitError{exitDoubt, fmt.Errorf("whether a command of another run is in doubt cannot be told: %w; hint: make %s readable, or move it away", err, folder)}
		}
		if started, ok := first(h.Records).(runbook.Started); !ok || started.Mode != runbook.Live {
			continue
		}
		open, any := openEffect(h.Records, dir)
		switch {
		case open == nil && any:
			seen++
		case open == nil:
		case h.Damage != nil:
			return exitError{exitDoubt, fmt.Errorf("`%s` of the run %s was begun in the same checkout, and its journal is damaged (%w); hint: find out how it ended, then move %s away",
				say.CommandLine(open.Argv), id, h.Damage, folder)}
		default:
			return exitError{exitDoubt, fmt.Errorf("`%s` of another run is running or in doubt in the same checkout; hint: catalog-runbook resume %s",
				say.CommandLine(open.Argv), id)}
		}
	}
	return nil
}

func first(records []journal.Record) runbook.Event {
	if len(records) == 0 {
		return nil
	}
	return records[0].Event
}

// openEffect returns the command that was begun in a checkout and of which nobody
// knows yet how it ended, nil where there is none, and whether any was begun
// there. While one is in doubt, others may begin and end.
func openEffect(records []journal.Record, dir string) (open *runbook.EffectStarted, any bool) {
	type key struct {
		step   document.StepID
		effect string
	}
	unknown := map[key]*runbook.EffectStarted{}
	for _, r := range records {
		switch e := r.Event.(type) {
		case runbook.EffectStarted:
			if samePlace(e.Dir, dir) {
				unknown[key{e.Step, e.Effect}], any = &e, true
			}
		case runbook.EffectFinished:
			delete(unknown, key{e.Step, e.Effect})
		case runbook.Settled:
			delete(unknown, key{e.Step, e.Effect})
		}
	}
	for _, e := range unknown {
		if open == nil || e.At.Before(open.At) {
			open = e
		}
	}
	return open, any
}

// samePlace reports whether a recorded folder is dir, however it is written.
func samePlace(recorded, dir string) bool {
	if recorded == clean.Masked(dir) {
		return true
	}
	a, err := os.Stat(recorded)
	if err != nil {
		return false
	}
	b, err := os.Stat(dir)
	return err == nil && os.SameFile(a, b)
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
