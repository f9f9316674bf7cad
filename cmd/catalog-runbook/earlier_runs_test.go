package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// Only runs of the same environment tell how long an apply takes there, the newest first.
func TestEarlierRuns(t *testing.T) {
	state := t.TempDir()
	runs := runsIn(state)
	begin := func(mode runbook.Mode, after time.Duration) string {
		return begunRun(t, state, mode, november.Add(after)).left()
	}
	older, practised, newer, own := begin(runbook.Live, 0), begin(runbook.Practice, time.Minute), begin(runbook.Live, 2*time.Minute), begin(runbook.Live, 3*time.Minute)
	folders := func(ids ...string) []string {
		var all []string
		for _, id := range ids {
			all = append(all, filepath.Join(runs.store.Dir, id))
		}
		return all
	}
	prod := clean.Line("prod")
	for name, c := range map[string]struct{ got, want []string }{
		"live":                {runs.earlier(runbook.Live, prod, own), folders(newer, older)},
		"practice":            {runs.earlier(runbook.Practice, prod, own), folders(practised)},
		"another environment": {runs.earlier(runbook.Live, clean.Line("staging"), own), nil},
	} {
		slices.Sort(c.got) // IDs of runs that begin at once have no order
		slices.Sort(c.want)
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
	for range 2 * earlierMost {
		begin(runbook.Live, time.Hour)
	}
	if got := runs.earlier(runbook.Live, prod, own); len(got) != earlierMost {
		t.Errorf("%d runs are found", len(got))
	}
}

// TestWhatEarlierRunsTell: the newest live run that has counted DAGs counts, in journals on
// disk; those of a practice or another Airflow don't, and one that can't be read is left out.
func TestWhatEarlierRunsTell(t *testing.T) {
	state := t.TempDir()
	saw := func(mode runbook.Mode, after time.Duration, fact string) string {
		k := begunRun(t, state, mode, november.Add(after))
		k.add(runbook.Checked{Head: runbook.Head{At: november.Add(after)}, Step: "dags", Result: runbook.Result{Verdict: runbook.Passed, Facts: runbook.Facts{steps.FactDAGsSeen: fact}}})
		return k.left()
	}
	at := "https://airflow.example.org"
	saw(runbook.Live, 0, "40 "+at)
	saw(runbook.Live, time.Minute, "38 "+at)
	saw(runbook.Live, 2*time.Minute, "7 https://other.example.org")
	saw(runbook.Practice, 3*time.Minute, "1 "+at)
	broken := saw(runbook.Live, 4*time.Minute, "2 "+at)
	if err := os.Truncate(filepath.Join(runsIn(state).store.Dir, broken, "journal"), 10); err != nil {
		t.Fatal(err)
	}
	s := streams{getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] }}
	if got := earlierRuns(s)().DAGs; len(got) != 2 || got[at] != 38 || got["https://other.example.org"] != 7 {
		t.Errorf("got %v", got)
	}
	s.getenv = func(string) string { return "" }
	if got := earlierRuns(s)(); len(got.DAGs) != 0 {
		t.Errorf("without a folder: %+v", got)
	}
}
