package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/journal/exposure"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform/saved"
)

// A runStore is the runs on this machine's disk, and who this process is to them.
type runStore struct {
	store  journal.Store
	holder journal.Holder
	actor  string
}

func openRuns(s streams) (runStore, error) {
	folder, err := journal.Folder(s.getenv)
	if err != nil {
		return runStore{}, err
	}
	host, _ := os.Hostname() // no name is as good as none
	who := actor(s)
	holder := journal.Holder{Actor: strings.TrimSuffix(who, "@"+host), Host: host, PID: os.Getpid(), Since: time.Now()}
	return runStore{journal.Store{Dir: folder}, holder, who}, nil
}

// An openRun is a run on disk that this process holds.
type openRun struct {
	runs    runStore
	journal *journal.Journal
}

// begin creates a new run and holds it.
func (r runStore) begin() (*openRun, error) {
	j, err := r.store.Create(r.holder)
	if err != nil {
		return nil, fmt.Errorf("%w; hint: runs are saved under XDG_STATE_HOME; make that folder writable, or set it to another", err)
	}
	return &openRun{r, j}, nil
}

// options completes an engine's options with the run's journal and folder.
func (k *openRun) options(o steps.Options) steps.Options {
	o.Actor, o.Journal, o.Folder = k.runs.actor, k.journal, k.journal.Folder()
	o.Earlier = func(mode runbook.Mode, environment clean.Text) []string {
		return k.runs.earlier(mode, environment, k.journal.ID())
	}
	o.Unsettled = func(dir string) error {
		if err := exposure.Of(k.runs.store.Dir); err != nil {
			return err
		}
		return k.runs.unsettled(dir, k.journal.ID())
	}
	return o
}

// close lets other processes resume the run.
func (k *openRun) close() { _ = k.journal.Close() } // every record has been synced already

// forgotten is the age at which the plan of another run is removed: it is too old to be
// applied.
const forgotten = time.Hour

// forgetPlans removes the run's plans, which hold secrets; resuming the run makes a
// new one. It also removes old plans of other runs, and reports whether this run
// had any.
func (k *openRun) forgetPlans() bool {
	any := saved.Remove(k.journal.Folder(), time.Time{})
	k.runs.forgetOldPlans()
	return any
}

// forgetOldPlans removes the plans that killed processes have left behind.
func (r runStore) forgetOldPlans() {
	ids, err := r.store.List()
	if err != nil {
		return // the next process tries again
	}
	for _, id := range ids {
		saved.Remove(filepath.Join(r.store.Dir, id), time.Now().Add(-forgotten))
	}
}

// discard removes a run in which nothing has happened.
func (k *openRun) discard() error {
	k.close()
	return k.runs.store.Remove(k.journal.ID())
}

// unsettled returns why no command of the run own may start in the checkout dir,
// nil if nothing of another run is unsettled there.
func (r runStore) unsettled(dir, own string) error {
	err := r.store.Unsettled(dir, own)
	if _, ok := errors.AsType[*journal.UnsettledError](err); ok {
		return exitError{exitDoubt, err}
	}
	return err
}

// Limits of the earlier runs that are looked for, and of those that are looked at.
const (
	earlierMost = 5
	earlierRead = 50
)

// earlier returns the folders of the newest runs but own in a mode on an environment.
func (r runStore) earlier(mode runbook.Mode, environment clean.Text, own string) []string {
	ids, err := r.store.List()
	if err != nil {
		return nil // they are of use, and not needed
	}
	var folders []string
	for _, id := range ids[:min(len(ids), earlierRead)] {
		history, err := r.store.Read(id)
		if id == own || err != nil || len(history.Records) == 0 {
			continue
		}
		begun, ok := history.Records[0].Event.(runbook.Started)
		if ok && begun.Mode == mode && runbook.EnvironmentOf(journal.Events(history.Records)) == environment {
			folders = append(folders, filepath.Join(r.store.Dir, id))
		}
		if len(folders) == earlierMost {
			break
		}
	}
	return folders
}

// deployments yields the events of the newest runs in a mode on an environment. What can't
// be read is left out.
func (r runStore) deployments(mode runbook.Mode, environment string) iter.Seq[[]runbook.Event] {
	return func(yield func([]runbook.Event) bool) {
		ids, _ := r.store.List()
		for _, id := range ids[:min(len(ids), earlierRead)] {
			history, err := r.store.Read(id)
			if err != nil || len(history.Records) == 0 {
				continue
			}
			events := journal.Events(history.Records)
			begun, ok := events[0].(runbook.Started)
			if ok && begun.Mode == mode && runbook.EnvironmentOf(events) == clean.Line(environment) && !yield(events) {
				return
			}
		}
	}
}

// earlierRuns returns a function that reads what the newest live runs tell, once and when
// it is needed. What can't be read is left out.
func earlierRuns(s streams) func() steps.Earlier {
	return sync.OnceValue(func() steps.Earlier {
		e := steps.Earlier{DAGs: map[string]int{}}
		runs, err := openRuns(s)
		if err != nil {
			return e
		}
		ids, _ := runs.store.List()
		for _, id := range ids[:min(len(ids), earlierRead)] {
			history, err := runs.store.Read(id)
			if err != nil || len(history.Records) == 0 {
				continue
			}
			all := journal.Events(history.Records)
			if begun, ok := all[0].(runbook.Started); ok && begun.Mode == runbook.Live {
				e.Add(id, all)
			}
		}
		return e
	})
}

// find returns the ID of the run whose ID is name or begins with it. An empty name means
// the newest run.
func (r runStore) find(name string) (string, error) {
	ids, err := r.store.List()
	if err != nil {
		return "", err
	}
	var found []string
	for _, id := range ids {
		if id == name || name == "" {
			return id, nil
		}
		if strings.HasPrefix(id, name) {
			found = append(found, id)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("%d runs start with %q; hint: `catalog-runbook runs` lists them", len(found), clean.Line(name))
	case name == "":
		return "", errors.New("no runs yet; hint: `catalog-runbook practice` starts one")
	}
	return "", fmt.Errorf("no run %q; hint: `catalog-runbook runs` lists them", clean.Line(name))
}

// commandEnvironment returns the environment of commands: that of the person
// without the variables in own, and with NO_COLOR. It registers the values of
// variables that are secrets by their names, because a command may print them.
func commandEnvironment(s streams, own []string) []string {
	var env []string
	for _, entry := range s.environ() {
		name, value, _ := strings.Cut(entry, "=")
		if clean.SecretName(name) {
			clean.Secret(value)
		}
		if !slices.Contains(own, name) {
			env = append(env, entry)
		}
	}
	return append(env, "NO_COLOR=1")
}

// knownSecrets returns the values that the guard of the terminal masks: the
// credentials in asked, and those that commandEnvironment registers.
func knownSecrets(asked, environ []string) []string {
	secrets := slices.Clone(asked)
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); clean.SecretName(name) {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// ownVariables returns the variables that commands don't get, because only this
// program needs them.
func ownVariables(s steps.Settings) []string {
	own := []string{"AIRFLOW_PASSWORD", "AIRFLOW_TOKEN"}
	for _, value := range s.Airflow.Headers {
		if variable, ok := strings.CutPrefix(value, "env:"); ok {
			own = append(own, variable)
		}
	}
	return own
}

// actor returns the name under which the journal records what a person does.
func actor(s streams) string {
	name := s.getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}
