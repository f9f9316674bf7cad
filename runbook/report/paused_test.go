package report

import (
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
)

// pausing has a step that can pause DAGs.
func pausing(t *testing.T) *story {
	s := tell(t, runbook.Live)
	s.input.Specs[2].Effects = []runbook.EffectSpec{
		{Name: "pause", Label: line("pause DAGs"), Confirm: "pause", Aside: true, Thing: "DAG", Made: "paused"},
		{Name: "unpause", Label: line("unpause DAGs"), Confirm: "unpause", Aside: true, Undoes: "pause", Thing: "DAG", Made: "unpaused"},
	}
	return s
}

// change tells of an effect that was done to the things that are named, in order.
func (s *story) change(effect string, names ...string) *story {
	s.add(runbook.EffectStarted{Head: s.head(), Step: dagsStep, Effect: effect, Argv: append([]string{effect, "DAGs"}, names...), Dir: "https://airflow.example.org", On: names})
	for _, name := range names {
		s.add(runbook.EffectDid{Head: s.head(), Step: dagsStep, Effect: effect, Name: name, Done: true, Text: line(name + " is " + effect + "d")})
	}
	return s.finish(dagsStep, effect, found(runbook.Passed, "done", nil))
}

// TestWhatIsStillPausedIsNamed, also of a run that is done, and nothing is said once it is
// unpaused. To pause or unpause says nothing about a step.
func TestWhatIsStillPausedIsNamed(t *testing.T) {
	s := pausing(t).choose("v1.5.3").check(dagsStep, busy).change("pause", "a", "b")
	r := s.make()
	if r.Done != 0 || r.Standing.String() != "0 of 5 done; 2 DAGs are still paused by this run: a, b" || len(r.Paused) != 2 {
		t.Errorf("got %d, %q, %v", r.Done, r.Standing, r.Paused)
	}
	if text := markdownOf(t, r); !strings.Contains(text, "It is at step 1. 2 DAGs are still paused by this run: a, b.") || !strings.Contains(text, "found that b is paused") ||
		!strings.Contains(text, "| `pause DAGs a b` | `https://airflow.example.org` |") {
		t.Errorf("got\n%s", text)
	}

	s = pausing(t).verified().change("pause", "a", "b").check(dagsStep, idle).start(bumpStep, "bump").finish(bumpStep, "bump", bumped).
		start(planStep, "plan").finish(planStep, "plan", planned).judge("9e107d9d").start(planStep, "apply").finish(planStep, "apply", applied)
	if r = s.make(); r.State != State(runbook.AllDone) || r.Standing.String() != "done; 2 DAGs are still paused by this run: a, b" {
		t.Errorf("got %s, %q", r.State, r.Standing)
	}
	all := statuses(r)
	if r = s.change("unpause", "b").make(); r.State != State(runbook.AllDone) || r.Standing.String() != "done; 1 DAG is still paused by this run: a" {
		t.Errorf("got %s, %q", r.State, r.Standing)
	}
	if r = s.change("unpause", "a").make(); r.State != State(runbook.AllDone) || r.Standing.String() != "done" || r.Paused != nil || statuses(r) != all {
		t.Errorf("got %s, %q, %v, %s", r.State, r.Standing, r.Paused, statuses(r))
	}
}

// TestADoubtThatWasFoundOut is no doubt any more.
func TestADoubtThatWasFoundOut(t *testing.T) {
	s := pausing(t).choose("v1.5.3")
	s.add(runbook.EffectStarted{Head: s.head(), Step: dagsStep, Effect: "pause", Argv: []string{"pause", "DAGs", "a"}, On: []string{"a"}})
	s.add(runbook.EffectDoubted{Head: s.head(), Step: dagsStep, Effect: "pause", Text: line("Nobody knows.")})
	if r := s.make(); r.State != Doubtful {
		t.Errorf("it is %s", r.State)
	}
	s.add(runbook.EffectDid{Head: s.head(), Step: dagsStep, Effect: "pause", Name: "a", Done: true, Text: line("a is paused")}).finish(dagsStep, "pause", found(runbook.Passed, "1 DAG is paused: a.", nil))
	r := s.make()
	if i := slices.IndexFunc(r.Commands, func(c Command) bool { return c.Doubted }); r.State != State(runbook.StillOpen) || i >= 0 || len(r.Paused) != 1 {
		t.Errorf("it is %s, %+v", r.State, r.Commands)
	}
}
