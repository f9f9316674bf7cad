package runbook

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// resume resumes the script's run as another process would.
func (s *script) resume(actor string, changed ...document.StepID) *script {
	return s.add(Resumed{Head: Head{At: s.now, Actor: clean.Line(actor)}, Changed: changed})
}

func (s *script) doubt(id document.StepID, effect string) *script {
	return s.add(EffectDoubted{Head: s.head(), Step: id, Effect: effect, Text: clean.Line("its supervisor is gone")})
}

func (s *script) settle(id document.StepID, effect string, done bool) *script {
	return s.add(Settled{Head: s.head(), Step: id, Effect: effect, Done: done, Reason: clean.Line("the instance was looked at")})
}

// What was sensed is asked again; what was said, and what commands came to, stays.
func TestResumeAsksAgain(t *testing.T) {
	s := newScript(t, Live).choose("v2").access(true).checked().bumped().planned(Passed).judged()
	s.check("image", Unknown).skip("image")
	s.resume("mar")
	for _, id := range []document.StepID{"release", "dags", "bump"} {
		if got := s.run.Step(id).Result.Verdict; got != NotAsked {
			t.Errorf("%s is still %s after a resume", id, got)
		}
	}
	if s.run.Access() != nil {
		t.Error("the access that was seen is still believed")
	}
	if s.run.Release() != "v2" || s.run.Step("image").Skip == nil || s.run.Effect("plan", "plan").Finished == nil || s.run.Step("plan").Judgement == nil {
		t.Error("the release, a skip, a plan or its judgement was lost")
	}
	if err := s.run.May(Effect("apply"), "plan", s.now); err == nil {
		t.Error("a plan is applied although nothing was asked again")
	}
	s.resume("zed")
	if s.run.Step("plan").Judgement != nil {
		t.Error("another person goes on with a judgement that is not theirs")
	}
}

func TestChangedTextsLoseWhatWasSaid(t *testing.T) {
	specs := append(fiveSteps(), Spec{ID: "tell", Label: clean.Line("step 6"), Hash: "h"})
	s := newScriptOf(t, Live, specs).tick("tell", "h")
	if got := s.run.Status("tell", s.now); got != TickedOff {
		t.Fatalf("the step is %q", got)
	}
	s.resume("mar", "tell")
	if got := s.run.Status("tell", s.now); got != Changed || s.run.Holds("tell", s.now) || s.run.Step("tell").Tick != nil {
		t.Errorf("after its text has changed the step is %q", got)
	}
	s.tick("tell", "h")
	if got := s.run.Status("tell", s.now); got != TickedOff {
		t.Errorf("ticked again the step is %q", got)
	}
}

func TestDoubt(t *testing.T) {
	begun := func() *script {
		s := newScript(t, Live).choose("v2").access(true).checked().bumped().planned(Passed).judged()
		return s.confirm("plan", "apply").start("plan", "apply").doubt("plan", "apply")
	}
	s := begun()
	if got := s.run.Status("plan", s.now); got != Doubtful || s.run.Holds("plan", s.now) {
		t.Errorf("the step is %q", got)
	}
	demands := func(effect string, id document.StepID) map[Demand]bool {
		all := map[Demand]bool{}
		for _, r := range reasons(t, s.run.May(Effect(effect), id, s.now)) {
			all[r.Demand] = true
		}
		return all
	}
	if !demands("apply", "plan")[DemandDoubt] || !demands("bump", "bump")[DemandDoubt] {
		t.Error("a command may run although another is in doubt")
	}
	if demands("plan", "plan")[DemandDoubt] {
		t.Error("the plan that would show what is left to do is refused")
	}
	if err := s.run.May(Skip, "plan", s.now); err == nil {
		t.Error("a step in doubt may be skipped")
	}
	if err := s.run.May(settle, "bump", s.now); err == nil {
		t.Error("a step that is not in doubt may be settled")
	}
	if err := s.run.Apply(Settled{Head: s.head(), Step: "plan", Effect: "apply", Done: true, Reason: clean.Line("looks ok")}); err == nil {
		t.Error("a doubt is settled without a reason")
	}
	if err := s.run.Apply(EffectFinished{Head: s.head(), Step: "plan", Effect: "apply"}); err == nil {
		t.Error("a command in doubt ends after all")
	}
	s.settle("plan", "apply", true)
	if got := s.run.Status("plan", s.now); got != Decided || !s.run.Holds("plan", s.now) {
		t.Errorf("settled as done the step is %q", got)
	}
	s = begun().settle("plan", "apply", false)
	if got := s.run.Status("plan", s.now); got != Unsure || s.run.Holds("plan", s.now) {
		t.Errorf("settled as not done the step is %q", got)
	}
	if demands("apply", "plan")[DemandDoubt] || !demands("apply", "plan")[DemandBefore] {
		t.Error("after it was settled as not done, a new plan and nothing else is wanted")
	}
}

// A plan that shows something left to do speaks against an apply that was carried
// out.
func TestDoubtAgainstAPlan(t *testing.T) {
	s := newScript(t, Live).choose("v2").access(true).checked().bumped().planned(Passed).judged()
	s.confirm("plan", "apply").start("plan", "apply").doubt("plan", "apply").wait(time.Second)
	s.confirm("plan", "plan").start("plan", "plan").finish("plan", "plan", 0, Passed, factPlanHash, "h2")
	if err := s.run.Apply(Settled{Head: s.head(), Step: "plan", Effect: "apply", Done: true, Reason: clean.Line("I am sure of it")}); err == nil {
		t.Error("an apply is decided to be carried out although there is something left to do")
	}
	s.settle("plan", "apply", false)
}

func TestStopsAreKnown(t *testing.T) {
	s := newScript(t, Live).choose("v2").access(true).checked().bumped()
	stop := StopAsked{Head: s.head(), Step: "plan", Effect: "plan", How: Interrupted}
	if err := s.run.Apply(stop); err == nil {
		t.Error("a command is interrupted that does not run")
	}
	s.confirm("plan", "plan").start("plan", "plan").add(stop)
	if got := s.run.Effect("plan", "plan").Stopped; got == nil || got.How != Interrupted {
		t.Errorf("known is %+v", got)
	}
}

// A replay takes history as it is, and never loses a command.
func TestReplayPlacesEveryCommand(t *testing.T) {
	events := []Event{
		Started{Head: Head{At: noon}, Mode: Live},
		Ticked{Head: Head{At: noon}, Step: "gone"},
		EffectStarted{Head: Head{At: noon}, Step: "plan", Effect: "apply"}, // no gate is asked
	}
	run, err := Replay(fiveSteps(), events)
	if err != nil {
		t.Fatal(err)
	}
	if id, effect, ok := run.RunningEffect(); !ok || id != "plan" || effect != "apply" {
		t.Error("the command that was begun is not known")
	}
	if run.Apply(EffectStarted{Head: Head{At: noon}, Step: "bump", Effect: "bump"}) == nil {
		t.Error("after a replay the gates are open")
	}
	for _, lost := range []Event{
		EffectStarted{Head: Head{At: noon}, Step: "gone", Effect: "apply"},
		EffectStarted{Head: Head{At: noon}, Step: "plan", Effect: "gone"},
		EffectFinished{Head: Head{At: noon}, Step: "bump", Effect: "bump"},
	} {
		if _, err := Replay(fiveSteps(), append(events[:1:1], lost)); err == nil {
			t.Errorf("%+v is left out of a replay", lost)
		}
	}
	if _, err := Replay(fiveSteps(), events[1:]); err == nil {
		t.Error("a run is replayed that has not started")
	}
}

// Every event comes back from its JSON as it was.
func TestEventsSurviveJSON(t *testing.T) {
	head := Head{At: noon, Actor: clean.Line("mar")}
	res := Result{Verdict: Failed, Summary: clean.Line("no"), Facts: Facts{"a": "b"}, Denied: true,
		Evidence: []Evidence{{Name: clean.Line("n"), Value: clean.Line("v"), Source: clean.Line("s"), At: noon}}}
	all := []Event{
		Started{head, Practice, clean.Line("calm"), clean.Line("D"), "h", "/d", "/s", &Rollback{"v2"}, "# T\n\u202e", []document.StepID{"a#1+b"}},
		Resumed{head, "h", "# U", []document.StepID{"a#1"}, []document.StepID{"a#1+b"}}, ReleaseChosen{head, "v1"}, AccessSeen{head, true, clean.Line("t")},
		Checked{head, "a", res}, Ticked{head, "a", "h", clean.Line("n")}, Unticked{head, "a"}, Skipped{head, "a", clean.Line("r")},
		Filled{head, "<env>", "prod", []document.StepID{"a"}, clean.Line("prod")},
		DoneElsewhere{head, "a", clean.Line("kit"), clean.Line("r"), res.Evidence},
		Overridden{head, "a", clean.Line("r"), "x\ny"}, Judged{head, "a", "plan", "h"}, Confirmed{head, "a", "plan", "prod"},
		EffectStarted{head, "a", "plan", []string{"just", "plan"}, "/d", "7-plan", []string{"a", "b"}},
		EffectDid{head, "a", "pause", "d", true, clean.Line("t")},
		EffectFinished{head, "a", "plan", 1, clean.Line("p"), res, noon.Add(time.Second), true},
		StopAsked{head, "a", "plan", Killed},
		EffectDoubted{head, "a", "plan", clean.Line("t")}, EffectVoided{head, "a", "plan", clean.Line("t")}, Settled{head, "a", "plan", true, clean.Line("r")},
		Pretended{head, "a", "plan", []string{"just"}, "/d"},
	}
	if len(all) != len(decoders) {
		t.Errorf("%d events are tried, %d can be read", len(all), len(decoders))
	}
	for _, e := range all {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeEvent(e.Type(), data)
		if err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%s comes back as %+v (%v), want %+v", e.Type(), back, err, e)
		}
		if _, err := DecodeEvent(e.Type(), []byte(strings.Replace(string(data), "{", `{"newer":1,`, 1))); !errors.Is(err, ErrNewer) {
			t.Errorf("%s with a field that is not known: %v", e.Type(), err)
		}
		if _, err := DecodeEvent(e.Type(), []byte(`{"at":7}`)); err == nil || errors.Is(err, ErrNewer) {
			t.Errorf("a malformed %s: %v", e.Type(), err)
		}
	}
	if _, err := DecodeEvent("dreamt", []byte("{}")); !errors.Is(err, ErrNewer) {
		t.Errorf("an event that is not known: %v", err)
	}
}

// A plan is as old as its end, however late that was noticed.
func TestPlanThatIsNoticedLateIsOld(t *testing.T) {
	s := newScript(t, Live).choose("v2").access(true).checked().bumped()
	s.confirm("plan", "plan").start("plan", "plan")
	ended := s.now
	s.wait(40 * time.Minute)
	s.add(EffectFinished{Head: s.head(), Step: "plan", Effect: "plan", Ended: ended, Adopted: true, Result: Result{Verdict: Passed, Facts: Facts{factPlanHash: "p"}}})
	fresh := false
	for _, r := range reasons(t, s.run.May(Effect("apply"), "plan", s.now)) {
		fresh = fresh || r.Demand == DemandFresh && r.Step == "plan"
	}
	if !fresh {
		t.Error("an old plan may be applied because it was adopted just now")
	}
}

// Events that have no place any more count: commands are named by their number.
func TestEventsWithoutAPlaceCount(t *testing.T) {
	run, err := Replay(fiveSteps(), []Event{
		Started{Head: Head{At: noon}, Mode: Live},
		Ticked{Head: Head{At: noon}, Step: "gone"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := run.Events(); got != 2 {
		t.Errorf("there are %d events, want 2", got)
	}
}
