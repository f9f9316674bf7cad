package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

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

// unsettled returns why no command of the run own may start in the checkout dir,
// nil if nothing of another run is unsettled there.
func (r keptRuns) unsettled(dir, own string) error {
	err := r.store.Unsettled(dir, own)
	if _, ok := errors.AsType[*journal.UnsettledError](err); ok {
		return exitError{exitDoubt, err}
	}
	return err
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
