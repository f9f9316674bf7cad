package runbook

import (
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// TestFollow: what was needed for a command that has done its work holds for good, what
// follows it begins then, and the command itself relies on nothing old.
func TestFollow(t *testing.T) {
	r := NewRun([]Spec{
		{ID: "dags", Label: clean.Line("step 1"), Checks: true, Fresh: time.Minute},
		{ID: "apply", Label: clean.Line("step 2"), Effects: []EffectSpec{{Name: "apply"}}},
		{ID: "back", Label: clean.Line("back"), Checks: true, Found: "found", Follows: "apply", Effects: []EffectSpec{{Name: "land", Aside: true}}},
	})
	now := noon
	add := func(e Event) {
		t.Helper()
		if err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	head := func() Head { return Head{At: now} }
	check := func(id document.StepID, v Verdict) {
		t.Helper()
		add(Checked{head(), id, Result{Verdict: v, Facts: Facts{Fact(id): "seen", "found": "it"}}})
	}
	is := func(id document.StepID, want Status) {
		t.Helper()
		if got := r.Status(id, now); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	add(Started{Head: head(), Mode: Live})
	add(ReleaseChosen{head(), "v1"})
	check("back", Unknown)
	is("back", Pending)
	if r.May(Skip, "back", now) == nil || r.May(Override, "back", now) == nil || r.Followed("back") != nil {
		t.Error("it can be skipped or accepted before its time")
	}
	check("dags", Passed)
	is("dags", Done)
	now = now.Add(2 * time.Minute)
	is("dags", Stale)
	if r.May(Effect("apply"), "apply", now) == nil || r.Past("dags") {
		t.Error("the command relies on a stale verdict")
	}
	check("dags", Passed)
	add(EffectStarted{Head: head(), Step: "apply", Effect: "apply"})
	if got := r.Effect("apply", "apply").Relied; got["back"] != "seen" || r.Step("back").Result.Verdict != NotAsked {
		t.Errorf("what was noted before is %v, and it is still %s", got, r.Step("back").Result.Verdict)
	}
	add(EffectFinished{Head: head(), Step: "apply", Effect: "apply", Result: Result{Verdict: Passed}})
	now = now.Add(time.Hour)
	is("dags", Done)
	is("back", Pending)
	if r.May(Check, "dags", now) == nil || !r.Past("dags") || r.Past("back") || r.Followed("back").Ended != now.Add(-time.Hour) {
		t.Error("what it was for is done, and it is asked again")
	}
	if err := r.Apply(Unticked{head(), "dags"}); err == nil || err.Error() != "Can't undo this: step 2 relied on it and has been carried out." {
		t.Errorf("what the command relied on can be undone: %v", err)
	}
	if err := r.May(Effect("land"), "back", now); err != nil {
		t.Errorf("what follows needs more than the command: %v", err)
	}
	if r.May(Effect("apply"), "apply", now) == nil {
		t.Error("the command would be run again, on a verdict that is an hour old")
	}
	check("back", Passed)
	add(Resumed{Head: head()})
	is("dags", Done)
	is("back", Pending)
	check("back", Failed)
	is("back", Rejected)
}
