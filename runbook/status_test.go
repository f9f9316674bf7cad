package runbook

import (
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// TestStatus brings a step into each of its statuses and says whether later
// effects may rely on it there.
func TestStatus(t *testing.T) {
	long := clean.Line("they may be killed")
	manualStep := []Spec{{ID: "say", Label: clean.Line("step 1"), Hash: "h"}}
	stated := []Spec{{ID: "migrate", Label: clean.Line("step 1"), Hash: "h", Checks: true, Stated: true}}
	live := func(s *script) *script { return s }
	for _, c := range []struct {
		name  string
		mode  Mode
		specs []Spec
		step  document.StepID
		tell  func(*script) *script
		want  Status
		holds bool
	}{
		{"nothing known", Live, nil, "image", live, Pending, false},
		{"passed", Live, nil, "image", func(s *script) *script { return s.check("image", Passed) }, Done, true},
		{"at the end of its time", Live, nil, "image", func(s *script) *script { return s.check("image", Passed).wait(15 * time.Minute) }, Done, true},
		{"past its time", Live, nil, "image", func(s *script) *script { return s.check("image", Passed).wait(15*time.Minute + 1) }, Stale, false},
		{"DAG runs past their time", Live, nil, "dags", func(s *script) *script { return s.check("dags", Passed).wait(time.Minute + 1) }, Stale, false},
		{"seen later than now", Live, nil, "dags", func(s *script) *script { return s.check("dags", Passed).wait(-time.Second) }, Stale, false},
		{"failed", Live, nil, "image", func(s *script) *script { return s.check("image", Failed) }, Rejected, false},
		{"failed after it passed", Live, nil, "image", func(s *script) *script { return s.check("image", Passed).check("image", Failed) }, Rejected, false},
		{"unknown", Live, nil, "image", func(s *script) *script { return s.check("image", Unknown) }, Unsure, false},
		{"unknown after it passed", Live, nil, "image", func(s *script) *script { return s.check("image", Passed).check("image", Unknown) }, Unsure, false},
		{"a check without a verdict", Live, nil, "image", func(s *script) *script { return s.check("image", Passed).check("image", NotAsked) }, Unsure, false},

		{"passed, and nobody says who did it", Live, stated, "migrate", func(s *script) *script { return s.check("migrate", Passed) }, Pending, false},
		{"passed, and ticked", Live, stated, "migrate", func(s *script) *script { return s.check("migrate", Passed).tick("migrate", "h") }, Done, true},
		{"ticked before it passed", Live, stated, "migrate", func(s *script) *script { return s.tick("migrate", "h").check("migrate", Passed) }, Done, true},
		{"ticked, and not there", Live, stated, "migrate", func(s *script) *script { return s.tick("migrate", "h").check("migrate", Failed) }, Rejected, false},
		{"ticked, and not known", Live, stated, "migrate", func(s *script) *script { return s.tick("migrate", "h").check("migrate", Unknown) }, Unsure, false},
		{"ticked alone", Live, stated, "migrate", func(s *script) *script { return s.tick("migrate", "h") }, Pending, false},
		{"ticked with another text", Live, stated, "migrate", func(s *script) *script { return s.tick("migrate", "i").check("migrate", Passed) }, Changed, false},

		{"skipped", Live, nil, "image", func(s *script) *script { return s.check("image", Unknown).skip("image") }, SkippedOver, true},
		{"skipped while unknown", Live, nil, "image", func(s *script) *script { return s.check("image", Unknown).skip("image") }, SkippedOver, true},
		{"skipped, then passed", Live, nil, "image", func(s *script) *script { return s.check("image", Unknown).skip("image").check("image", Passed) }, Done, true},
		{"skipped, passed, and old", Live, nil, "image", func(s *script) *script {
			return s.check("image", Unknown).skip("image").check("image", Passed).wait(time.Hour)
		}, SkippedOver, true},
		{"skipped, then failed", Live, nil, "image", func(s *script) *script { return s.check("image", Unknown).skip("image").check("image", Failed) }, Rejected, false},
		{"skipped, failed, then unknown", Live, nil, "image", func(s *script) *script {
			return s.check("image", Unknown).skip("image").check("image", Failed).check("image", Unknown)
		}, Unsure, false},
		{"skip taken back", Live, nil, "image", func(s *script) *script { return s.check("image", Unknown).skip("image").untick("image") }, Unsure, false},

		{"accepted", Live, nil, "dags", func(s *script) *script { return s.check("dags", Failed, factActiveRuns, "a").accept("a") }, Accepted, true},
		{"accepted, the same found again", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").wait(time.Hour).check("dags", Failed, factActiveRuns, "a")
		}, Accepted, true},
		{"accepted too long ago", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").wait(61 * time.Second)
		}, Stale, false},
		{"accepted, then other names", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Failed, factActiveRuns, "a\nb")
		}, Rejected, false},
		{"accepted, other names, then the old ones", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Failed, factActiveRuns, "b").check("dags", Failed, factActiveRuns, "a")
		}, Rejected, false},
		{"two accepted, then one", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a\nb").accept("a\nb").check("dags", Failed, factActiveRuns, "b")
		}, Accepted, true},
		{"two accepted, then one and another", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a\nb").accept("a\nb").check("dags", Failed, factActiveRuns, "b\nc")
		}, Rejected, false},
		{"accepted, then idle, then busy again", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Passed).check("dags", Failed, factActiveRuns, "a")
		}, Rejected, false},
		{"accepted, then not to be asked", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Unknown)
		}, Unsure, false},
		{"accepted, not to be asked, then the same", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Unknown).check("dags", Failed, factActiveRuns, "a")
		}, Accepted, true},
		{"failed without names", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Failed)
		}, Rejected, false},
		{"acceptance taken back", Live, nil, "dags", func(s *script) *script {
			return s.check("dags", Failed, factActiveRuns, "a").accept("a").untick("dags")
		}, Rejected, false},

		{"ticked", Live, manualStep, "say", func(s *script) *script { return s.tick("say", "h") }, TickedOff, true},
		{"ticked long ago", Live, manualStep, "say", func(s *script) *script { return s.tick("say", "h").wait(1000 * time.Hour) }, TickedOff, true},
		{"ticked before the text changed", Live, manualStep, "say", func(s *script) *script { return s.tick("say", "old") }, Changed, false},
		{"tick taken back", Live, manualStep, "say", func(s *script) *script { return s.tick("say", "h").untick("say") }, Pending, false},
		{"manual and skipped", Live, manualStep, "say", func(s *script) *script {
			return s.add(Skipped{Head: s.head(), Step: "say", Reason: long})
		}, SkippedOver, true},

		{"ready for its command", Live, nil, "bump", func(s *script) *script { return s.check("bump", Failed, "bump.ready", "clean") }, Ready, false},
		{"not ready", Live, nil, "bump", func(s *script) *script { return s.check("bump", Failed) }, Rejected, false},
		{"ready again after its command", Live, nil, "bump", func(s *script) *script { return s.bumped().check("bump", Failed, "bump.ready", "clean") }, Rejected, false},
		{"running", Live, nil, "bump", func(s *script) *script {
			return s.checked().check("bump", Failed, "bump.ready", "clean").start("bump", "bump")
		}, InProgress, false},
		{"run", Live, nil, "bump", func(s *script) *script { return s.bumped() }, Done, true},
		{"run in practice", Practice, nil, "bump", func(s *script) *script { return s.bumped() }, Done, true},

		{"planning", Live, nil, "plan", func(s *script) *script { return s.bumped().start("plan", "plan") }, InProgress, false},
		{"planned", Live, nil, "plan", func(s *script) *script { return s.planned(Passed) }, Planned, false},
		{"planned and judged", Live, nil, "plan", func(s *script) *script { return s.judged() }, Planned, false},
		{"a plan that failed", Live, nil, "plan", func(s *script) *script { return s.planned(Failed) }, Rejected, false},
		{"a plan that is not understood", Live, nil, "plan", func(s *script) *script { return s.planned(Unknown) }, Unsure, false},
		{"a plan that nobody judged", Live, nil, "plan", func(s *script) *script { return s.planned(NotAsked) }, Unsure, false},
		{"done elsewhere", Live, nil, "plan", func(s *script) *script { return s.choose("v2").elsewhere() }, ElsewhereDone, true},
		{"done elsewhere after a plan that failed", Live, nil, "plan", func(s *script) *script { return s.planned(Failed).elsewhere() }, ElsewhereDone, true},
		{"done elsewhere, then a plan that failed", Live, nil, "plan", func(s *script) *script {
			return s.bumped().elsewhere().start("plan", "plan").finish("plan", "plan", 0, Failed)
		}, Rejected, false},
		{"done elsewhere, of another release", Live, nil, "plan", func(s *script) *script { return s.choose("v1").elsewhere().choose("v2") }, Pending, false},
		{"done elsewhere, taken back", Live, nil, "plan", func(s *script) *script { return s.choose("v2").elsewhere().untick("plan") }, Pending, false},
		{"applying", Live, nil, "plan", func(s *script) *script { return s.judged().start("plan", "apply") }, InProgress, false},
		{"applied", Live, nil, "plan", func(s *script) *script {
			return s.judged().start("plan", "apply").finish("plan", "apply", 0, Passed).wait(1000 * time.Hour)
		}, Done, true},
		{"applied in vain", Live, nil, "plan", func(s *script) *script {
			return s.judged().start("plan", "apply").finish("plan", "apply", 1, Failed)
		}, Rejected, false},
		{"applied in vain and planned again", Live, nil, "plan", func(s *script) *script {
			return s.judged().start("plan", "apply").finish("plan", "apply", 1, Failed).
				start("plan", "plan").finish("plan", "plan", 0, Passed, factPlanHash, "h2")
		}, Planned, false},
		{"applied and planned again", Live, nil, "plan", func(s *script) *script {
			return s.judged().start("plan", "apply").finish("plan", "apply", 0, Passed).
				start("plan", "plan").finish("plan", "plan", 0, Failed)
		}, Done, true},

		{"pretended", DryRun, nil, "bump", func(s *script) *script { return s.pretend("bump", "bump") }, AsIfDone, true},
		{"half pretended", DryRun, nil, "plan", func(s *script) *script { return s.pretend("plan", "plan") }, Pending, false},
		{"all pretended", DryRun, nil, "plan", func(s *script) *script { return s.pretend("plan", "plan").pretend("plan", "apply") }, AsIfDone, true},
		{"pretended although it failed", DryRun, nil, "bump", func(s *script) *script { return s.check("bump", Failed).pretend("bump", "bump") }, AsIfDone, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			specs := c.specs
			if specs == nil {
				specs = fiveSteps()
			}
			s := c.tell(newScriptOf(t, c.mode, specs))
			if got := s.run.Status(c.step, s.now); got != c.want {
				t.Errorf("the status is %q, want %q", got, c.want)
			}
			if got := s.run.Holds(c.step, s.now); got != c.holds {
				t.Errorf("holds: %t, want %t", got, c.holds)
			}
		})
	}
}

// elsewhere says that someone has deployed.
func (s *script) elsewhere() *script {
	return s.add(DoneElsewhere{Head: s.head(), Step: "plan", By: clean.Line("kit"), Reason: clean.Line("from her laptop")})
}

func (s *script) skip(id document.StepID) *script {
	s.t.Helper()
	return s.add(Skipped{Head: s.head(), Step: id, Reason: clean.Line("the registry is down")})
}

func (s *script) untick(id document.StepID) *script {
	s.t.Helper()
	return s.add(Unticked{Head: s.head(), Step: id})
}

func (s *script) accept(names string) *script {
	s.t.Helper()
	return s.add(Overridden{Head: s.head(), Step: "dags", Reason: clean.Line("they may be killed"), Names: names})
}

func (s *script) tick(id document.StepID, hash string) *script {
	s.t.Helper()
	return s.add(Ticked{Head: s.head(), Step: id, Hash: hash})
}

func (s *script) pretend(id document.StepID, effect string) *script {
	s.t.Helper()
	return s.add(Pretended{Head: s.head(), Step: id, Effect: effect})
}

// TestAnAcceptanceLapses: what was accepted, and what came after it, can be shown until the
// step passes or something is accepted again.
func TestAnAcceptanceLapses(t *testing.T) {
	s := newScriptOf(t, Live, fiveSteps()).check("dags", Failed, factActiveRuns, "a\nb").accept("a\nb").check("dags", Failed, factActiveRuns, "b\nc")
	dags := s.run.Step("dags")
	if dags.Override != nil || dags.Lapsed == nil || dags.Lapsed.Reason.String() != "they may be killed" ||
		!slices.Equal(dags.Lapsed.Beyond(dags.Result.Facts[factActiveRuns]), []string{"c"}) {
		t.Errorf("got %+v", dags)
	}
	if s.check("dags", Unknown); s.run.Step("dags").Lapsed == nil {
		t.Error("forgotten, because the step could not be asked")
	}
	if s.check("dags", Failed, factActiveRuns, "c").accept("c"); s.run.Step("dags").Lapsed != nil {
		t.Error("still lapsed, although it is accepted again")
	}
	if s.check("dags", Failed, factActiveRuns, "d").check("dags", Passed); s.run.Step("dags").Lapsed != nil {
		t.Error("still lapsed, although nothing is left to accept")
	}
}

// TestAcceptingAllThatWasFound accepts a step whose failure destroys nothing, and that only
// for as long as the same is found.
func TestAcceptingAllThatWasFound(t *testing.T) {
	specs := fiveSteps()
	const found = "image-tag.found"
	specs[1].Found, specs[3].Found = found, "bump.found"
	s := newScriptOf(t, Live, specs)
	accept := func(id document.StepID, names string) error {
		return s.run.Apply(Overridden{Head: s.head(), Step: id, Reason: clean.Line("I have looked at it"), Names: names})
	}
	s.choose("v2").check("image", Failed, found, "built from another commit")
	if err := accept("image", "built from the right commit"); err == nil {
		t.Error("what was not found was accepted")
	}
	if err := accept("image", "built from another commit"); err != nil {
		t.Fatal(err)
	}
	status := func(want Status) {
		t.Helper()
		if got := s.run.Status("image", s.now); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	status(Accepted)
	if !s.run.Holds("image", s.now) {
		t.Error("an accepted step doesn't hold")
	}
	s.check("image", Unknown)
	status(Unsure)
	if err := accept("image", ""); err == nil {
		t.Error("nothing was accepted")
	}
	// What is unknown is accepted by the same rules, but not where DAGs or a plan are.
	s.check("image", Unknown, found, "nothing ties it to the commit (image 0123)")
	status(Unsure)
	if err := accept("image", "nothing ties it to the commit (image 0123)"); err != nil {
		t.Fatal(err)
	}
	status(Accepted)
	s.check("image", Unknown, found, "nothing ties it to the commit (image 4567)")
	status(Unsure)
	s.check("image", Unknown, found, "nothing ties it to the commit (image 0123)")
	status(Accepted)
	if v := s.run.Step("image").Result.Verdict; v != Unknown {
		t.Errorf("what was accepted is %s", v)
	}
	s.check("dags", Unknown, "dags.active", "three runs", "dags.found", "three runs")
	for _, id := range []document.StepID{"dags", "plan"} {
		if err := accept(id, "three runs"); err == nil {
			t.Errorf("%s is unknown, and was accepted", id)
		}
	}
	s.check("image", Failed, found, "built from another commit")
	if err := accept("image", "built from another commit"); err != nil {
		t.Fatal(err)
	}
	s.check("image", Failed, found, "built from another commit")
	status(Accepted)
	s.check("image", Failed, found, "built from a third commit")
	status(Rejected)
	if s.run.Step("image").Lapsed == nil {
		t.Error("nothing says that it was accepted before")
	}
	s.check("image", Failed) // what was found can't be named
	if err := accept("image", ""); err == nil {
		t.Error("nothing was accepted")
	}
	s.check("bump", Failed, "bump.ready", "clean", "bump.found", "not bumped yet")
	if err := accept("bump", "not bumped yet"); err == nil || !strings.Contains(err.Error(), "can be done now") {
		t.Errorf("a step that can be done was accepted: %v", err)
	}
	s.check("dags", Failed, found, "three runs")
	if err := accept("dags", "three runs"); err == nil {
		t.Error("a step that has no such fact was accepted")
	}
	if err := accept("plan", "a plan"); err == nil {
		t.Error("a plan was accepted")
	}
}

// Who has said that a plan looks correct can take that back, until it is applied.
func TestAJudgementIsTakenBack(t *testing.T) {
	s := newScriptOf(t, Live, fiveSteps()).judged()
	if s.untick("plan"); s.run.Step("plan").Judgement != nil {
		t.Error("the plan still looks correct")
	}
	if err := s.run.Apply(Unticked{s.head(), "plan"}); err == nil || !strings.HasPrefix(err.Error(), "There is nothing to undo: ") {
		t.Errorf("got %v", err)
	}
}
