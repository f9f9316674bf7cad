package runbook

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// TestEffectGate has runs in which one thing is missing. The gate must report that,
// with the step concerned, and nothing else.
func TestEffectGate(t *testing.T) {
	type want struct {
		demand Demand
		step   document.StepID
		text   string
	}
	ready := func(s *script) *script { return s.judged().confirm("plan", "apply") }
	toBump := func(s *script) *script {
		return s.checked().check("bump", Failed, "bump.ready", "clean").confirm("bump", "bump")
	}
	long := clean.Line("they may be killed")
	for _, c := range []struct {
		name   string
		mode   Mode
		effect string
		tell   func(*script) *script
		want   []want
	}{
		{"nothing is missing", Live, "apply", ready, nil},
		{"nothing is missing in practice", Practice, "apply", ready, nil},
		{"nothing is missing for the bump", Live, "bump", toBump, nil},
		{"nothing has been done", Live, "bump", func(s *script) *script { return s }, []want{
			{DemandRelease, "", "Choose a release first."},
			{DemandEarlier, "release", "Step 1 is not done yet."},
			{DemandEarlier, "image", "Step 2 is not done"},
			{DemandEarlier, "dags", "Step 3 is not done"},
			{DemandAccess, "bump", "infrastructure access hasn't been checked"},
			{DemandOwn, "bump", "Step 4 has not been verified yet: The checkout must be clean."},
			{DemandConfirmation, "bump", `typing "prod"`},
		}},
		{"a dry run", DryRun, "bump", toBump, []want{{DemandPossible, "bump", "dry run"}}},

		{"an earlier step failed", Live, "apply", func(s *script) *script { return ready(s).check("image", Failed) }, []want{{DemandEarlier, "image", "Step 2 failed: it is failed."}}},
		{"an earlier step is unknown", Live, "apply", func(s *script) *script { return ready(s).check("dags", Unknown) }, []want{{DemandEarlier, "dags", "Step 3 is unknown: it is unknown."}}},
		{"an earlier step is stale", Live, "apply", func(s *script) *script {
			return ready(s).wait(61*time.Second).check("bump", Passed, factBumpDiff, "d1")
		}, []want{{DemandFresh, "dags", "Step 3 was seen 61 s ago"}}},
		{"the image is stale", Live, "bump", func(s *script) *script {
			return s.checked().wait(16*time.Minute).check("release", Passed).check("dags", Passed).check("bump", Failed, "bump.ready", "clean").confirm("bump", "bump")
		}, []want{{DemandFresh, "image", "Step 2 was seen 16 min ago"}}},
		{"a verdict from a later time", Live, "bump", func(s *script) *script {
			return s.checked().check("bump", Failed, "bump.ready", "clean").check("dags", Passed).wait(time.Hour).check("dags", Passed).
				wait(-time.Hour).confirm("bump", "bump")
		}, []want{{DemandFresh, "dags", "an unknown time ago"}}},
		{"an earlier step is skipped", Live, "apply", func(s *script) *script { return ready(s).check("dags", Unknown).skip("dags") }, nil},
		{"an earlier step is accepted", Live, "apply", func(s *script) *script {
			return ready(s).check("dags", Failed, factActiveRuns, "a").accept("a")
		}, nil},
		{"accepted, but now others run", Live, "apply", func(s *script) *script {
			return ready(s).check("dags", Failed, factActiveRuns, "a").accept("a").check("dags", Failed, factActiveRuns, "b")
		}, []want{{DemandEarlier, "dags", "Step 3 failed"}}},
		{"accepted too long ago", Live, "apply", func(s *script) *script {
			return ready(s).check("dags", Failed, factActiveRuns, "a").accept("a").wait(61*time.Second).check("bump", Passed, factBumpDiff, "d1")
		}, []want{{DemandFresh, "dags", "Step 3 was seen 61 s ago"}}},
		{"the step before is only ready", Live, "plan", func(s *script) *script {
			return s.checked().check("bump", Failed, "bump.ready", "clean").confirm("plan", "plan")
		}, []want{{DemandEarlier, "bump", "Step 4 is not done yet."}}},

		{"no access", Live, "apply", func(s *script) *script { return ready(s).access(false) }, []want{{DemandAccess, "plan", "no checkout is set."}}},
		{"the checkout is not ready", Live, "bump", func(s *script) *script { return s.checked().check("bump", Failed).confirm("bump", "bump") }, []want{{DemandOwn, "bump", "The checkout must be clean. it is failed."}}},
		{"the checkout was ready long ago", Live, "bump", func(s *script) *script {
			return toBump(s).wait(61*time.Second).check("dags", Passed)
		}, []want{{DemandFresh, "bump", "Step 4 was looked at 61 s ago"}}},
		{"bumped already", Live, "bump", func(s *script) *script { return s.bumped().confirm("bump", "bump") }, []want{{DemandOwn, "bump", "it is passed."}}},

		{"no plan", Live, "apply", func(s *script) *script { return s.bumped().confirm("plan", "apply") }, []want{{DemandBefore, "plan", "There is no plan"}}},
		{"the plan's command failed", Live, "apply", func(s *script) *script {
			return s.bumped().start("plan", "plan").finish("plan", "plan", 1, Passed, factPlanHash, "h1").judge("h1").confirm("plan", "apply")
		}, []want{{DemandBefore, "plan", "There is no plan"}}},
		{"the plan failed", Live, "apply", func(s *script) *script { return s.planned(Failed).judge("h1").confirm("plan", "apply") }, []want{{DemandBefore, "plan", "The plan failed: it is failed."}}},
		{"the plan is unknown", Live, "apply", func(s *script) *script { return s.planned(Unknown).judge("h1").confirm("plan", "apply") }, []want{{DemandBefore, "plan", "can't be judged"}}},
		{"the plan is used", Live, "apply", func(s *script) *script {
			return s.judged().start("plan", "apply").finish("plan", "apply", 1, Failed).judge("h1").confirm("plan", "apply")
		}, []want{{DemandBefore, "plan", "used already"}}},
		{"the plan is used, and the clock was set back meanwhile", Live, "apply", func(s *script) *script {
			s.judged().wait(-time.Second).checkedAgain()
			err := s.run.May(Effect("apply"), "plan", s.now)
			var refusal *Refusal
			if !errors.As(err, &refusal) || !refusal.Only(DemandFresh, DemandConfirmation) {
				s.t.Errorf("a plan from a later time: %v", err)
			}
			return s.wait(time.Second).start("plan", "apply").wait(-2*time.Second).finish("plan", "apply", 1, Failed).
				wait(2*time.Second).checkedAgain().judge("h1").confirm("plan", "apply")
		}, []want{{DemandBefore, "plan", "used already"}}},
		{"the plan is 30 minutes old", Live, "apply", func(s *script) *script {
			return s.judged().wait(30*time.Minute).checkedAgain().confirm("plan", "apply")
		}, nil},
		{"the plan is older", Live, "apply", func(s *script) *script {
			return s.judged().wait(31*time.Minute).checkedAgain().confirm("plan", "apply")
		}, []want{{DemandFresh, "plan", "The plan is 31 min old, more than 30 min; run it again."}}},
		{"the plan is for another release", Live, "apply", func(s *script) *script {
			return s.bumped().start("plan", "plan").finish("plan", "plan", 0, Passed, factPlanHash, "h1", factPlanRelease, "v1", factPlanCheckout, "d1").judge("h1").confirm("plan", "apply")
		}, []want{{DemandSame, "", "another release"}}},
		{"the checkout has changed", Live, "apply", func(s *script) *script { return ready(s).check("bump", Passed, factBumpDiff, "d2") }, []want{{DemandSame, "", "has changed since"}}},
		{"the checkout cannot be read and is skipped", Live, "apply", func(s *script) *script { return ready(s).check("bump", Unknown).skip("bump") }, []want{{DemandSame, "", "has changed since"}}},
		{"nothing says what the plan was made from", Live, "apply", func(s *script) *script {
			return s.bumped().check("bump", Passed).start("plan", "plan").finish("plan", "plan", 0, Passed, factPlanHash, "h1", factPlanRelease, "v2").judge("h1").confirm("plan", "apply")
		}, []want{{DemandSame, "", "has changed since"}}},

		{"nobody judged the plan", Live, "apply", func(s *script) *script { return s.planned(Passed).confirm("plan", "apply") }, []want{{DemandJudgement, "plan", "Nobody has said yet"}}},
		{"the same plan made again", Live, "apply", func(s *script) *script {
			return s.judged().start("plan", "plan").finish("plan", "plan", 0, Passed, factPlanHash, "h1", factPlanRelease, "v2", factPlanCheckout, "d1").confirm("plan", "apply")
		}, []want{{DemandJudgement, "plan", "Nobody has said yet"}}},
		{"judged before it was there", Live, "apply", func(s *script) *script {
			return s.planned(Passed).wait(-time.Second).judge("h1").wait(time.Second).confirm("plan", "apply")
		}, []want{{DemandJudgement, "plan", "Nobody has said yet"}}},

		{"not confirmed", Live, "apply", func(s *script) *script { return s.judged() }, []want{{DemandConfirmation, "plan", `"prod"`}}},
		{"confirmed at the limit", Live, "apply", func(s *script) *script { return ready(s).wait(2 * time.Minute).checkedAgain() }, nil},
		{"confirmed long ago", Live, "apply", func(s *script) *script { return ready(s).wait(2*time.Minute + 1).checkedAgain() }, []want{{DemandConfirmation, "plan", `"prod"`}}},
		{"confirmed another effect", Live, "apply", func(s *script) *script { return s.judged().confirm("plan", "plan") }, []want{{DemandConfirmation, "plan", `"prod"`}}},
		{"confirmed while the plan was made", Live, "apply", func(s *script) *script {
			return s.bumped().start("plan", "plan").confirm("plan", "apply").
				finish("plan", "plan", 0, Passed, factPlanHash, "h1", factPlanRelease, "v2", factPlanCheckout, "d1").judge("h1")
		}, []want{{DemandConfirmation, "plan", `"prod"`}}},
		{"the confirmation was used", Live, "plan", func(s *script) *script {
			return s.bumped().start("plan", "plan").finish("plan", "plan", 0, Passed)
		}, []want{{DemandConfirmation, "plan", `"prod"`}}},

		{"another command runs", Live, "plan", func(s *script) *script {
			return s.bumped().start("plan", "plan").confirm("plan", "plan")
		}, []want{{DemandPossible, "plan", "A command is running: plan of step 5."}}},
		{"no such command", Live, "destroy", ready, []want{{DemandPossible, "plan", `no command "destroy"`}}},
		{"a skip with a reason needs no check", Live, "bump", func(s *script) *script {
			return toBump(s).check("image", Unknown).add(Skipped{Head: s.head(), Step: "image", Reason: long})
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.tell(newScript(t, c.mode))
			id := document.StepID("plan")
			if c.effect == "bump" {
				id = "bump"
			}
			before := deepCopy(s.run)
			err := s.run.May(Effect(c.effect), id, s.now)
			got := reasons(t, err)
			if !slices.EqualFunc(got, c.want, func(r Reason, w want) bool {
				return r.Demand == w.demand && r.Step == w.step && strings.Contains(r.Text.String(), w.text)
			}) {
				t.Errorf("the gate says %v, want %v", err, c.want)
			}
			started := s.run.Apply(EffectStarted{Head: s.head(), Step: id, Effect: c.effect})
			if (started == nil) != (err == nil) {
				t.Errorf("May says %v, Apply says %v", err, started)
			}
			if err != nil && before.Events() != s.run.Events() {
				t.Error("a refused effect counts as an event")
			}
		})
	}
}

// checkedAgain verifies what can change by itself, as is done before an effect.
func (s *script) checkedAgain() *script {
	s.t.Helper()
	return s.check("release", Passed).check("image", Passed).check("dags", Passed).check("bump", Passed, factBumpDiff, "d1")
}

func reasons(t *testing.T, err error) []Reason {
	t.Helper()
	if err == nil {
		return nil
	}
	var refusal *Refusal
	if !errors.As(err, &refusal) || len(refusal.Reasons) == 0 {
		t.Fatalf("%v is no refusal with reasons", err)
	}
	for _, r := range refusal.Reasons {
		if r.Text.Empty() || !strings.Contains(err.Error(), r.Text.String()) {
			t.Errorf("the error %q does not say %q", err, r.Text)
		}
	}
	return refusal.Reasons
}

func TestOnly(t *testing.T) {
	r := &Refusal{Reasons: []Reason{{Demand: DemandFresh}, {Demand: DemandConfirmation}}}
	if !r.Only(DemandConfirmation, DemandFresh, DemandSame) || r.Only(DemandConfirmation) || r.Only() {
		t.Error("Only must name every demand")
	}
}

// TestSeparateProcedures has two procedures in one document: neither waits for
// the other.
func TestSeparateProcedures(t *testing.T) {
	effect := []EffectSpec{{Name: "go", Confirm: "prod"}}
	specs := []Spec{
		{ID: "a1", Label: clean.Line("step 1"), Procedure: "a", Hash: "h"},
		{ID: "b1", Label: clean.Line("step 1"), Procedure: "b", Hash: "h"},
		{ID: "a2", Label: clean.Line("step 2"), Procedure: "a", Effects: effect},
		{ID: "b2", Label: clean.Line("step 2"), Procedure: "b", Effects: effect},
	}
	s := newScriptOf(t, Live, specs).choose("v2").tick("b1", "h").confirm("a2", "go").confirm("b2", "go")
	got := reasons(t, s.run.May(Effect("go"), "a2", s.now))
	if len(got) != 1 || got[0].Step != "a1" || got[0].Demand != DemandEarlier {
		t.Errorf("procedure a waits for %v, want a1 alone", got)
	}
	if err := s.run.May(Effect("go"), "b2", s.now); err != nil {
		t.Errorf("procedure b waits although its step is ticked: %v", err)
	}
	s.tick("b1", "old")
	got = reasons(t, s.run.May(Effect("go"), "b2", s.now))
	if len(got) != 1 || !strings.Contains(got[0].Text.String(), "before its text changed") {
		t.Errorf("a tick of an older text: %v", got)
	}
	// One command at a time holds over all procedures.
	s.tick("b1", "h").add(EffectStarted{Head: s.head(), Step: "b2", Effect: "go"}).tick("a1", "h").confirm("a2", "go")
	got = reasons(t, s.run.May(Effect("go"), "a2", s.now))
	if len(got) != 1 || got[0].Demand != DemandPossible || got[0].Step != "b2" {
		t.Errorf("while b2 runs, a2 waits for %v", got)
	}
}

// TestOtherActions asks for what is not an effect.
func TestOtherActions(t *testing.T) {
	manualStep := append(fiveSteps(), Spec{ID: "say", Label: clean.Line("step 6"), Hash: "h"})
	for _, c := range []struct {
		name   string
		action Action
		step   document.StepID
		tell   func(*script) *script
		want   string // "" if it may be done
	}{
		{"check", Check, "image", nil, ""},
		{"check of a manual step", Check, "say", nil, "No service can be asked"},
		{"check of no step", Check, "x", nil, "no such step"},
		{"tick", tick, "say", nil, ""},
		{"tick of a check", tick, "image", nil, "not ticked by hand"},
		{"skip of what was not asked", Skip, "image", nil, "Verify it first"},
		{"skip of what is unknown", Skip, "image", func(s *script) *script { return s.check("image", Unknown) }, ""},
		{"skip of what passed", Skip, "image", func(s *script) *script { return s.check("image", Passed) }, "nothing to skip"},
		{"skip of what failed", Skip, "image", func(s *script) *script { return s.check("image", Failed) }, "can't be skipped"},
		{"skip of what is ready", Skip, "bump", func(s *script) *script { return s.check("bump", Failed, "bump.ready", "clean") }, "can be done now"},
		{"skip of a plan that failed", Skip, "plan", func(s *script) *script { return s.planned(Failed) }, "it isn't skipped"},
		{"done elsewhere", MarkElsewhere, "plan", func(s *script) *script { return s.choose("v2") }, ""},
		{"done elsewhere after a plan that failed", MarkElsewhere, "plan", func(s *script) *script { return s.planned(Failed) }, ""},
		{"done elsewhere, a check", MarkElsewhere, "image", func(s *script) *script { return s.choose("v2") }, "Only a step that deploys"},
		{"skip of what runs", Skip, "plan", func(s *script) *script { return s.bumped().start("plan", "plan") }, "is running"},
		{"override", Override, "dags", func(s *script) *script { return s.check("dags", Failed, factActiveRuns, "a") }, ""},
		{"override of what passed", Override, "dags", func(s *script) *script { return s.check("dags", Passed) }, "nothing to accept"},
		{"override of an unknown", Override, "dags", func(s *script) *script { return s.check("dags", Unknown, factActiveRuns, "a") }, "nothing to accept"},
		{"override of a failure without names", Override, "dags", func(s *script) *script { return s.check("dags", Failed) }, "nothing to accept"},
		{"override of the old", Override, "dags", func(s *script) *script { return s.check("dags", Failed, factActiveRuns, "a").wait(time.Hour) }, "too old"},
		{"override of what has none", Override, "image", func(s *script) *script { return s.check("image", Failed) }, "can't be accepted"},
		{"choose", Choose, "", nil, ""},
		{"choose again", Choose, "", func(s *script) *script { return s.checked() }, ""},
		{"choose after a command", Choose, "", func(s *script) *script { return s.bumped() }, "The release can't be changed: step 4 has been run for v2."},
		{"nothing", Action{}, "image", nil, "no such action"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScriptOf(t, Live, manualStep)
			if c.tell != nil {
				c.tell(s)
			}
			err := s.run.May(c.action, c.step, s.now)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if err := NewRun(manualStep).May(Check, "image", noon); err == nil || !strings.Contains(err.Error(), "not started") {
		t.Errorf("before the start: %v", err)
	}
}

func TestQuoted(t *testing.T) {
	long := strings.Repeat("x", 400)
	for summary, want := range map[string]string{
		"":              "",
		"It is v1.5.4.": "It is v1.5.4.",
		"DNS lookup for a.b failed. Check your network.": "DNS lookup for a.b failed.",
		long: long[:299] + "…",
	} {
		if got := quoted(summary); got != want {
			t.Errorf("%q is quoted as %q", summary, got)
		}
	}
}
