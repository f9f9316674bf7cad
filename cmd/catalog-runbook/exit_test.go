package main

import (
	"errors"
	"fmt"
	"testing"

	"catalog-runbook/runbook"
)

func TestExitCode(t *testing.T) {
	passed := runbook.Result{Verdict: runbook.Passed}
	failed := runbook.Result{Verdict: runbook.Failed}
	unknown := runbook.Result{Verdict: runbook.Unknown}
	denied := runbook.Result{Verdict: runbook.Unknown, Denied: true}
	for _, tc := range []struct {
		results []runbook.Result
		want    int
	}{
		{nil, 0},
		{[]runbook.Result{passed, passed}, 0},
		{[]runbook.Result{passed, failed}, exitFailed},
		{[]runbook.Result{unknown, passed}, exitUnknown},
		{[]runbook.Result{denied, unknown}, exitCredentials},
		{[]runbook.Result{unknown, denied}, exitCredentials},
		{[]runbook.Result{denied, unknown, failed}, exitFailed},
	} {
		if got := exitCode(tc.results); got != tc.want {
			t.Errorf("exitCode(%v) is %d, want %d", tc.results, got, tc.want)
		}
	}
}

func TestMessage(t *testing.T) {
	err := fmt.Errorf("reading \x1b[31mred: %w", errors.New("it is gone; hint: look for it"))
	if got, want := message(err), "reading ^[[31mred: it is gone\nhint: look for it"; got != want {
		t.Errorf("message is %q, want %q", got, want)
	}
}

// Each ending of a walk has an exit code of its own, apart from the two in which nothing
// was deployed or done.
func TestEndingCodes(t *testing.T) {
	seen := map[int]runbook.Ending{}
	for _, e := range []runbook.Ending{runbook.AllDone, runbook.Excepting, runbook.ByOthers, runbook.Undeployed, runbook.StillOpen} {
		if other, ok := seen[endingCodes[e]]; ok {
			t.Errorf("%q and %q have the same code", e, other)
		}
		seen[endingCodes[e]] = e
	}
	if endingCodes[runbook.AllDone] != 0 || endingCodes[runbook.NothingDone] != exitUndeployed {
		t.Errorf("the codes are %v", endingCodes)
	}
}
