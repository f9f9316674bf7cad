package runbook

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Some facts that the kinds leave. They have no type, so that they pass as strings.
const (
	factReleaseCommit = "release.commit"
	factImageDigest   = "image.digest"
	factActiveRuns    = "dags.active"
	factBumpDiff      = "bump.diff"
	factPlanHash      = "plan.hash"
	factPlanRelease   = "plan.release"
	factPlanCheckout  = "plan.checkout"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// fiveSteps are the steps of a service deployment as package steps makes them.
func fiveSteps() []Spec {
	line := clean.Line
	return []Spec{
		{ID: "release", Label: line("step 1"), Hash: "r", Checks: true, Fresh: 15 * time.Minute, Override: "release.older"},
		{ID: "image", Label: line("step 2"), Hash: "i", Checks: true, Fresh: 15 * time.Minute},
		{ID: "dags", Label: line("step 3"), Hash: "d", Checks: true, Fresh: time.Minute, Override: factActiveRuns},
		{ID: "bump", Label: line("step 4"), Hash: "b", Locked: true, Checks: true, Fresh: time.Minute, Effects: []EffectSpec{{
			Name: "bump", Confirm: "prod", Needs: "bump.ready", NeedsText: line("The checkout must be clean."),
		}}},
		{ID: "plan", Label: line("step 5"), Hash: "p", Locked: true, Deploys: true, Effects: []EffectSpec{
			{Name: "plan", Confirm: "prod", Hash: factPlanHash},
			{Name: "apply", Confirm: "prod", After: "plan", Judged: true, MaxAge: 30 * time.Minute, Same: []FactPair{
				{Then: factPlanRelease, Now: ReleaseTag, Text: line("The plan was made for another release.")},
				{Then: factPlanCheckout, Now: factBumpDiff, Text: line("The checkout has changed since the plan.")},
			}},
		}},
	}
}

// script builds a run event by event. An event that is refused fails the test.
type script struct {
	t   *testing.T
	run *Run
	now time.Time
}

func newScript(t *testing.T, mode Mode) *script {
	t.Helper()
	return newScriptOf(t, mode, fiveSteps())
}

func newScriptOf(t *testing.T, mode Mode, specs []Spec) *script {
	t.Helper()
	s := &script{t: t, run: NewRun(specs), now: noon}
	s.add(Started{Head: s.head(), Mode: mode, Environment: clean.Line("prod")})
	return s
}

func (s *script) head() Head { return Head{At: s.now, Actor: clean.Line("mar")} }

func (s *script) add(events ...Event) *script {
	s.t.Helper()
	for _, e := range events {
		if err := s.run.Apply(e); err != nil {
			s.t.Fatalf("%s: %v", e.Type(), err)
		}
	}
	return s
}

func (s *script) wait(d time.Duration) *script {
	s.now = s.now.Add(d)
	return s
}

func (s *script) choose(tag string) *script {
	s.t.Helper()
	return s.add(ReleaseChosen{Head: s.head(), Tag: tag})
}

func (s *script) access(granted bool) *script {
	s.t.Helper()
	return s.add(AccessSeen{Head: s.head(), Granted: granted, Text: clean.Line("no checkout is set.")})
}

func (s *script) check(id document.StepID, v Verdict, facts ...string) *script {
	s.t.Helper()
	return s.add(Checked{Head: s.head(), Step: id, Result: result(v, facts...)})
}

func (s *script) confirm(id document.StepID, effect string) *script {
	s.t.Helper()
	return s.add(Confirmed{Head: s.head(), Step: id, Effect: effect, Phrase: "prod"})
}

func (s *script) start(id document.StepID, effect string) *script {
	s.t.Helper()
	return s.confirm(id, effect).add(EffectStarted{Head: s.head(), Step: id, Effect: effect, Argv: []string{"just", effect}})
}

func (s *script) finish(id document.StepID, effect string, exit int, v Verdict, facts ...string) *script {
	s.t.Helper()
	return s.add(EffectFinished{Head: s.head(), Step: id, Effect: effect, Exit: exit, Result: result(v, facts...)})
}

// checked verifies the first steps and sees access.
func (s *script) checked() *script {
	s.t.Helper()
	if s.run.Release() == "" {
		s.choose("v2")
	}
	return s.check("release", Passed, factReleaseCommit, "c").check("image", Passed).check("dags", Passed).access(true)
}

func (s *script) bumped() *script {
	s.t.Helper()
	return s.checked().check("bump", Failed, "bump.ready", "clean").start("bump", "bump").finish("bump", "bump", 0, Passed, factBumpDiff, "d1")
}

func (s *script) planned(v Verdict) *script {
	s.t.Helper()
	return s.bumped().start("plan", "plan").finish("plan", "plan", 0, v, factPlanHash, "h1", factPlanRelease, "v2", factPlanCheckout, "d1")
}

func (s *script) judged() *script {
	s.t.Helper()
	return s.planned(Passed).judge("h1")
}

func (s *script) judge(hash string) *script {
	s.t.Helper()
	return s.add(Judged{Head: s.head(), Step: "plan", Effect: "plan", Hash: hash})
}

func result(v Verdict, facts ...string) Result {
	r := Result{Verdict: v, Summary: clean.Linef("it is %s.", string(v)), Facts: Facts{}}
	for i := 0; i < len(facts); i += 2 {
		r.Facts[Fact(facts[i])] = facts[i+1]
	}
	return r
}

func TestWholeWalk(t *testing.T) {
	s := newScript(t, Live).judged().start("plan", "apply").finish("plan", "apply", 0, Passed)
	for _, spec := range s.run.Specs() {
		if got := s.run.Status(spec.ID, s.now); got != Done {
			t.Errorf("%s is %q at the end, want %q", spec.ID, got, Done)
		}
	}
	want := Facts{
		ReleaseTag: "v2", factReleaseCommit: "c", factBumpDiff: "d1",
		factPlanHash: "h1", factPlanRelease: "v2", factPlanCheckout: "d1",
	}
	if got := s.run.Facts(""); !maps.Equal(got, want) {
		t.Errorf("facts %v, want %v", got, want)
	}
	if got := s.run.Events(); got != 17 {
		t.Errorf("%d events, want 17", got)
	}
}

// TestRefusedEvents has events that a state does not allow: each is an error
// that says why, and changes nothing.
func TestRefusedEvents(t *testing.T) {
	fresh := func(t *testing.T) *script { return newScript(t, Live) }
	judged := func(t *testing.T) *script { return newScript(t, Live).judged() }
	busy := func(t *testing.T) *script {
		return newScript(t, Live).checked().check("dags", Failed, factActiveRuns, "a")
	}
	head := Head{At: noon, Actor: clean.Line("mar")}
	reason := clean.Line("they may be killed")
	for _, c := range []struct {
		name  string
		state func(*testing.T) *script
		event Event
		want  string
	}{
		{"before the start", func(t *testing.T) *script { return &script{t: t, run: NewRun(fiveSteps()), now: noon} }, AccessSeen{Head: head}, "has not started"},
		{"a second start", fresh, Started{Head: head, Mode: Live}, "started already"},
		{"no such mode", func(t *testing.T) *script { return &script{t: t, run: NewRun(fiveSteps()), now: noon} }, Started{Head: head, Mode: "dry run"}, `no mode "dry run"`},
		{"no release named", fresh, ReleaseChosen{Head: head}, "no tag"},
		{"another release after an effect", judged, ReleaseChosen{Head: head, Tag: "v3"}, "Begin a new run"},
		{"a check of no step", fresh, Checked{Head: head, Step: "x"}, `no step "x"`},
		{"a check of a step that has none", fresh, Checked{Head: head, Step: "plan", Result: result(Passed)}, "can't be checked"},
		{"a tick of a step that is asked", fresh, Ticked{Head: head, Step: "image"}, "not ticked by hand"},
		{"a tick of a step with commands", fresh, Ticked{Head: head, Step: "plan"}, "not ticked by hand"},
		{"an untick of no step", fresh, Unticked{Head: head, Step: "x"}, `no such step`},
		{"a skip without a reason", fresh, Skipped{Head: head, Step: "image", Reason: clean.Line("because")}, "at least 10"},
		{"a skip of a failed step", busy, Skipped{Head: head, Step: "dags", Reason: reason}, "can't be skipped"},
		{"a skip of a plan that failed", func(t *testing.T) *script { return newScript(t, Live).planned(Failed) }, Skipped{Head: head, Step: "plan", Reason: reason}, "it isn't skipped"},
		{"a skip of the step that deploys", fresh, Skipped{Head: head, Step: "plan", Reason: reason}, "it isn't skipped"},
		{"done elsewhere, by nobody", fresh, DoneElsewhere{Head: head, Step: "plan", Reason: reason}, "isn't said who"},
		{"done elsewhere, without a reason", fresh, DoneElsewhere{Head: head, Step: "plan", By: clean.Line("kit"), Reason: clean.Line("she did")}, "at least 10"},
		{"done elsewhere, a step that does not deploy", fresh, DoneElsewhere{Head: head, Step: "bump", By: clean.Line("kit"), Reason: reason}, "Only a step that deploys"},
		{"done elsewhere, without a release", func(t *testing.T) *script { return newScript(t, Live) }, DoneElsewhere{Head: head, Step: "plan", By: clean.Line("kit"), Reason: reason}, "Choose a release"},
		{"done elsewhere, what this run has done", func(t *testing.T) *script {
			return newScript(t, Live).judged().start("plan", "apply").finish("plan", "apply", 0, Passed)
		}, DoneElsewhere{Head: head, Step: "plan", By: clean.Line("kit"), Reason: reason}, "has done this step"},
		{"done elsewhere, while it runs", func(t *testing.T) *script { return newScript(t, Live).bumped().start("plan", "plan") }, DoneElsewhere{Head: head, Step: "plan", By: clean.Line("kit"), Reason: reason}, "is running"},
		{"an override without a reason", busy, Overridden{Head: head, Step: "dags", Reason: clean.Line("ok"), Names: "a"}, "at least 10"},
		{"an override of other names", busy, Overridden{Head: head, Step: "dags", Reason: reason, Names: "b"}, "not what step 3 found"},
		{"an override of nothing", fresh, Overridden{Head: head, Step: "dags", Reason: reason, Names: ""}, "nothing to accept"},
		{"an override of what cannot be", fresh, Overridden{Head: head, Step: "image", Reason: reason, Names: "a"}, "can't be accepted"},
		{"an old override", func(t *testing.T) *script { return busy(t) }, Overridden{Head: Head{At: noon.Add(61 * time.Second)}, Step: "dags", Reason: reason, Names: "a"}, "too old"},
		{"a judgement of another plan", judged, Judged{Head: head, Step: "plan", Effect: "plan", Hash: "h2"}, "not what step 5 showed last"},
		{"a judgement of nothing", judged, Judged{Head: head, Step: "plan", Effect: "plan"}, "not what step 5 showed last"},
		{"a judgement before a plan", fresh, Judged{Head: head, Step: "plan", Effect: "plan", Hash: "h1"}, "not what step 5 showed last"},
		{"a judgement while the plan is made again", func(t *testing.T) *script { return judged(t).start("plan", "plan") }, Judged{Head: head, Step: "plan", Effect: "plan", Hash: "h1"}, "not what step 5 showed last"},
		{"a wrong phrase", judged, Confirmed{Head: head, Step: "plan", Effect: "apply", Phrase: "Prod"}, `"Prod" was typed`},
		{"a confirmation of no effect", judged, Confirmed{Head: head, Step: "plan", Effect: "destroy", Phrase: "prod"}, `no effect "destroy"`},
		{"an effect without its gate", fresh, EffectStarted{Head: head, Step: "plan", Effect: "apply"}, "Choose a release first."},
		{"an effect of no step", fresh, EffectStarted{Head: head, Step: "x", Effect: "apply"}, "no such step"},
		{"an effect that there is not", judged, EffectStarted{Head: head, Step: "plan", Effect: "destroy"}, `no command "destroy"`},
		{"the end of what does not run", judged, EffectFinished{Head: head, Step: "plan", Effect: "plan"}, "does not run"},
		{"the end of another effect", func(t *testing.T) *script { return judged(t).start("plan", "plan") }, EffectFinished{Head: head, Step: "plan", Effect: "apply"}, "does not run"},
		{"pretending in a live run", fresh, Pretended{Head: head, Step: "bump", Effect: "bump"}, "only a dry run"},
		{"pretending in practice", func(t *testing.T) *script { return newScript(t, Practice) }, Pretended{Head: head, Step: "bump", Effect: "bump"}, "only a dry run"},
		{"an event from elsewhere", fresh, foreign{head}, "unknown event"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.state(t)
			before := deepCopy(s.run)
			err := s.run.Apply(c.event)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if !reflect.DeepEqual(before, s.run) {
				t.Error("it was refused, but changed the run")
			}
		})
	}
}

type foreign struct{ Head }

func (foreign) Type() string { return "foreign" }

func TestChoosingAnotherRelease(t *testing.T) {
	s := newScript(t, DryRun).checked().confirm("bump", "bump").
		add(Pretended{Head: Head{At: noon}, Step: "bump", Effect: "bump"}).
		check("dags", Failed, factActiveRuns, "a").
		add(Overridden{Head: Head{At: noon}, Step: "dags", Reason: clean.Line("they may be killed"), Names: "a"})
	s.choose("v2")
	if got := s.run.Status("release", s.now); got != Done {
		t.Errorf("the same release chosen again makes step 1 %q", got)
	}
	s.choose("v3")
	for _, spec := range s.run.Specs() {
		if got := s.run.Status(spec.ID, s.now); got != Pending {
			t.Errorf("%s is %q for a release that nobody has asked about", spec.ID, got)
		}
	}
	if got := s.run.Facts(""); !maps.Equal(got, Facts{ReleaseTag: "v3"}) {
		t.Errorf("facts of another release stand: %v", got)
	}
	if got := s.check("dags", Failed, factActiveRuns, "a").run.Status("dags", s.now); got != Rejected {
		t.Errorf("what was accepted for another release makes step 3 %q", got)
	}
	if s.run.Effect("bump", "bump").Confirmed != nil {
		t.Error("a confirmation for another release stands")
	}
}

// TestFactsAreOfTheNewestResult has a check that can no longer see what the
// command before it left.
func TestFactsAreOfTheNewestResult(t *testing.T) {
	s := newScript(t, Live).bumped()
	if got := s.run.Facts("")[factBumpDiff]; got != "d1" {
		t.Fatalf("after the bump the difference is %q", got)
	}
	if got := s.check("bump", Unknown).run.Facts("")[factBumpDiff]; got != "" {
		t.Errorf("nobody could read the checkout, and its difference is still %q", got)
	}
}

func TestCloneSharesNoChange(t *testing.T) {
	s := newScript(t, Live).judged()
	original, before := s.run, deepCopy(s.run)
	s.run = original.Clone()
	s.start("plan", "apply").finish("plan", "apply", 0, Passed).check("dags", Unknown).access(false)
	if !reflect.DeepEqual(before, original) {
		t.Error("events on a clone changed the run it was made from")
	}
	if original.Events() >= s.run.Events() {
		t.Error("the newer copy cannot be told by its number of events")
	}
	clone := original.Clone()
	before = deepCopy(clone)
	s.run = original
	s.start("plan", "plan")
	if !reflect.DeepEqual(before, clone) {
		t.Error("events on a run changed a clone of it")
	}
}

func TestUnknownStepsAndEffects(t *testing.T) {
	s := newScript(t, Live)
	if _, ok := s.run.Spec("x"); ok || !reflect.DeepEqual(s.run.Step("x"), StepState{}) || !reflect.DeepEqual(s.run.Effect("x", "y"), EffectState{}) || !reflect.DeepEqual(s.run.Effect("plan", "y"), EffectState{}) {
		t.Error("there is a step x or an effect y")
	}
	if s.run.Status("x", s.now) != Pending || s.run.Holds("x", s.now) {
		t.Error("a step that is not there is to do and does not hold")
	}
	bare := NewRun(nil)
	if bare.Mode() != "" || bare.Release() != "" || !bare.Environment().Empty() || bare.Access() != nil {
		t.Error("nothing is known of a run that has not started")
	}
}

func TestEventTypesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []Event{
		Started{}, ReleaseChosen{}, Filled{}, AccessSeen{}, Checked{}, Ticked{}, Unticked{}, Skipped{}, DoneElsewhere{}, Overridden{},
		Judged{}, Confirmed{}, EffectStarted{}, EffectFinished{}, Pretended{}, Resumed{}, StopAsked{}, EffectDoubted{}, EffectVoided{}, Settled{},
	} {
		if seen[e.Type()] {
			t.Errorf("two events are called %q", e.Type())
		}
		seen[e.Type()] = true
	}
}
