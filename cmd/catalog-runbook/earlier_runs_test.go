package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
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
