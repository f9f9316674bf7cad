package runbook

import (
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
)

func TestEnding(t *testing.T) {
	deployed := func(s *script) *script { return s.judged().start("plan", "apply").finish("plan", "apply", 0, Passed) }
	all := func(s *script) *script { return s.checked().check("bump", Passed, factBumpDiff, "d1") }
	for _, c := range []struct {
		name  string
		mode  Mode
		tell  func(*script) *script
		want  Ending
		count string
	}{
		{"nothing begun", Live, func(s *script) *script { return s }, StillOpen, "0 of 5 done"},
		{"bumped", Live, func(s *script) *script { return s.bumped() }, StillOpen, "4 of 5 done"},
		{"deployed", Live, deployed, AllDone, "5 of 5 done"},
		{"deployed, long ago", Live, func(s *script) *script { return deployed(s).wait(24 * time.Hour) }, AllDone, "5 of 5 done"},
		{"deployed with an accepted step", Live, func(s *script) *script {
			return deployed(s).check("dags", Failed, factActiveRuns, "a").accept("a").wait(time.Hour)
		}, Excepting, "4 of 5 done, 1 accepted"},
		{"deployed with a skipped step", Live, func(s *script) *script { return deployed(s).check("image", Unknown).skip("image") }, Excepting, "4 of 5 done, 1 skipped"},
		{"deployed elsewhere", Live, func(s *script) *script { return all(s.choose("v2")).elsewhere() }, ByOthers, "4 of 5 done, 1 done elsewhere"},
		{"deployed elsewhere, with a skipped step", Live, func(s *script) *script {
			return all(s.choose("v2")).check("image", Unknown).skip("image").elsewhere()
		}, ByOthers, "3 of 5 done, 1 skipped, 1 done elsewhere"},
		{"a dry run", DryRun, func(s *script) *script {
			s = all(s.choose("v2"))
			return s.add(Pretended{Head: s.head(), Step: "plan", Effect: "plan"}).add(Pretended{Head: s.head(), Step: "plan", Effect: "apply"})
		}, Undeployed, "4 of 5 done, 1 as if done"},
		{"the step that deploys was skipped by an earlier build", Live, func(s *script) *script {
			all(s.choose("v2"))
			if err := s.run.Follow([]Event{Skipped{Head: s.head(), Step: "plan", Reason: clean.Line("I just want it green")}}); err != nil {
				s.t.Fatal(err)
			}
			return s
		}, Undeployed, "4 of 5 done, 1 skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.tell(newScript(t, c.mode))
			got := s.run.Walked(s.now)
			if got.Ending() != c.want || got.String() != c.count {
				t.Errorf("it ended %q, %q; want %q, %q", got.Ending(), got, c.want, c.count)
			}
		})
	}
}

// What is done by hand deploys nothing, so it can be skipped; but skipping all of it does
// nothing.
func TestEndingWithoutADeployment(t *testing.T) {
	byHand := []Spec{{ID: "a", Label: clean.Line("step 1"), Hash: "h"}, {ID: "b", Label: clean.Line("step 2"), Hash: "h"}, {ID: "undo", Label: clean.Line("step 3"), Hash: "h", Procedure: "rollback"}}
	s := newScriptOf(t, Live, byHand)
	if got := s.run.Walked(s.now); got.Steps != 2 {
		t.Errorf("%d steps are counted before anything was done, want those of the first procedure", got.Steps)
	}
	if got := s.skip("a").skip("b").run.Walked(s.now).Ending(); got != NothingDone {
		t.Errorf("with both steps skipped, it ended %q", got)
	}
	if got := s.untick("b").tick("b", "h").run.Walked(s.now).Ending(); got != Excepting {
		t.Errorf("with one step skipped, it ended %q", got)
	}
	if got := s.tick("undo", "h").run.Walked(s.now); got.Steps != 3 {
		t.Errorf("%d steps are counted once the other procedure was begun, want 3", got.Steps)
	}
}
