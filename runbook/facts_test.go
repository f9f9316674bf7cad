package runbook

import (
	"catalog-runbook/runbook/document"
	"testing"
)

// TestFactsStayWithTheirProcedure has two procedures that leave the same facts:
// what the one leaves must not speak for the other.
func TestFactsStayWithTheirProcedure(t *testing.T) {
	specs := []Spec{
		{ID: "a1", Procedure: "a", Checks: true}, {ID: "a2", Procedure: "a", Checks: true},
		{ID: "b1", Procedure: "b", Checks: true}, {ID: "b2", Procedure: "b", Checks: true},
	}
	s := &script{t: t, run: NewRun(specs)}
	s.add(Started{Head: s.head(), Mode: Live})
	s.check("a1", Passed, factBumpDiff, "of a").check("b1", Passed, factBumpDiff, "of b", factImageDigest, "only b")
	for id, want := range map[document.StepID]string{"a1": "of a", "a2": "of a", "b1": "of b", "b2": "of b"} {
		if got := s.run.Facts(id)[factBumpDiff]; got != want {
			t.Errorf("%s relies on %q, want %q", id, got, want)
		}
	}
	if got := s.run.Facts("a2")[factImageDigest]; got != "only b" {
		t.Errorf("a fact that nobody else leaves is %q", got)
	}
	s.check("a2", Passed, factBumpDiff, "later")
	if got := s.run.Facts("a1")[factBumpDiff]; got != "of a" {
		t.Errorf("a later step speaks for an earlier one: %q", got)
	}
}
