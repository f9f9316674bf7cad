package runbook

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"catalog-runbook/runbook/clean"
)

// pausing has a step like that of the kind idle-dags.
var pausing = []Spec{
	{ID: "release", Label: clean.Line("step 1"), Checks: true},
	{ID: "idle", Label: clean.Line("step 2"), Checks: true, Fresh: time.Minute, Override: "runs", Effects: []EffectSpec{
		{Name: "pause", Label: clean.Line("pause DAGs"), Confirm: "pause", Aside: true, Offered: "due", Thing: "DAG", Made: "paused"},
		{Name: "unpause", Label: clean.Line("unpause DAGs"), Confirm: "unpause", Aside: true, Undoes: "pause"},
	}},
}

type holding struct {
	t   interface{ Fatalf(string, ...any) }
	now time.Time
	run *Run
	log []Event
}

func beginHolding(t interface{ Fatalf(string, ...any) }) *holding {
	h := &holding{t: t, now: noon, run: NewRun(pausing)}
	h.add(Started{Head: h.head(), Mode: Live})
	h.add(ReleaseChosen{Head: h.head(), Tag: "v1"})
	h.add(Checked{Head: h.head(), Step: "release", Result: Result{Verdict: Passed}})
	return h
}

func (h *holding) head() Head { return Head{At: h.now, Actor: clean.Line("mar")} }

func (h *holding) add(e Event) {
	if err := h.run.Apply(e); err != nil {
		h.t.Fatalf("%+v: %v", e, err)
	}
	h.log = append(h.log, e)
}

func (h *holding) begin(effect string, on ...string) {
	h.add(Confirmed{Head: h.head(), Step: "idle", Effect: effect, Phrase: effect})
	h.add(EffectStarted{Head: h.head(), Step: "idle", Effect: effect, On: on})
}

func (h *holding) did(effect, name string, done bool) {
	h.add(EffectDid{Head: h.head(), Step: "idle", Effect: effect, Name: name, Done: done})
}

func (h *holding) finish(effect string, v Verdict) {
	h.add(EffectFinished{Head: h.head(), Step: "idle", Effect: effect, Result: Result{Verdict: v}})
}

func (h *holding) names() []string {
	var all []string
	for _, held := range h.run.Held() {
		all = append(all, held.Names...)
	}
	return all
}

// replayed fails unless the events add up to the same run.
func (h *holding) replayed() {
	again, err := Replay(pausing, h.log)
	if err != nil || !reflect.DeepEqual(again, h.run) {
		h.t.Fatalf("replayed, the run is another one: %v\n%+v\n%+v", err, again, h.run)
	}
}

// TestAnAsideEffectSaysNothingOfItsStep: it holds because of its check alone, before and
// after, and the release may still be changed.
func TestAnAsideEffectSaysNothingOfItsStep(t *testing.T) {
	h := beginHolding(t)
	due := Result{Verdict: Failed, Summary: clean.Line("a is due"), Facts: Facts{"due": "a", "runs": "due: a"}}
	h.add(Checked{Head: h.head(), Step: "idle", Result: due})
	is := func(want Status) {
		t.Helper()
		if got := h.run.Status("idle", h.now); got != want {
			t.Errorf("the step is %s, want %s", got, want)
		}
	}
	is(Rejected)
	h.begin("pause", "a", "b")
	is(InProgress)
	h.did("pause", "a", true)
	h.did("pause", "b", false)
	h.finish("pause", Failed)
	is(Rejected)
	if got := h.run.Step("idle").Result; !reflect.DeepEqual(got, due) {
		t.Errorf("its result is %+v", got)
	}
	if got, want := h.names(), []string{"a"}; !slices.Equal(got, want) {
		t.Errorf("held are %q, want %q", got, want)
	}
	if got := h.run.Held()[0].Text().String(); got != "1 DAG is still paused by this run: a" {
		t.Errorf("it says %q", got)
	}
	h.add(Checked{Head: h.head(), Step: "idle", Result: Result{Verdict: Passed}})
	is(Done)
	h.begin("pause", "b", "a") // a was unpaused by someone, and is paused again
	h.did("pause", "b", true)
	h.did("pause", "a", true)
	h.finish("pause", Passed)
	is(Done)
	h.add(ReleaseChosen{Head: h.head(), Tag: "v2"})
	h.add(Resumed{Head: h.head()})
	if got := h.names(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("held are %q", got)
	}
	h.begin("unpause", "a", "b")
	h.did("unpause", "a", true)
	h.did("unpause", "b", false)
	h.finish("unpause", Failed)
	if got := h.names(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("held are %q", got)
	}
	h.replayed()
}

// TestWhatEndsADoubt: the outcome is found out, or a person decides it.
func TestWhatEndsADoubt(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*holding)
		held []string
	}{
		"found out": {func(h *holding) { h.did("pause", "b", true); h.finish("pause", Passed) }, []string{"a", "b"}},
		"carried out": {func(h *holding) {
			h.add(Settled{Head: h.head(), Step: "idle", Effect: "pause", Done: true, Reason: clean.Line("seen in Airflow")})
		}, []string{"a", "b", "c"}},
		"not carried out": {func(h *holding) {
			h.add(Settled{Head: h.head(), Step: "idle", Effect: "pause", Reason: clean.Line("seen in Airflow")})
		}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := beginHolding(t)
			h.begin("pause", "a", "b", "c")
			h.did("pause", "a", true)
			for range 2 { // it is looked for in vain once more
				h.add(EffectDoubted{Head: h.head(), Step: "idle", Effect: "pause", Text: clean.Line("lost")})
			}
			if got := h.run.Status("idle", h.now); got != Doubtful {
				t.Errorf("the step is %s", got)
			}
			for _, effect := range []string{"pause", "unpause"} {
				var refusal *Refusal
				if err := h.run.May(Effect(effect), "idle", h.now); !errors.As(err, &refusal) || refusal.Only(DemandConfirmation) {
					t.Errorf("%s is allowed in doubt: %v", effect, err)
				}
			}
			c.end(h)
			if got := h.names(); !slices.Equal(got, c.held) {
				t.Errorf("held are %q, want %q", got, c.held)
			}
			if _, _, doubted := h.run.DoubtedEffect(); doubted {
				t.Error("it is in doubt")
			}
			h.replayed()
		})
	}
}

// TestUndoingWaitsForNothing but for something to undo, nor for a release or earlier steps.
func TestUndoingWaitsForNothing(t *testing.T) {
	h := beginHolding(t)
	why := func(effect string) string {
		err := h.run.May(Effect(effect), "idle", h.now)
		if err == nil {
			return ""
		}
		return err.Error()
	}
	if got := why("unpause"); !strings.Contains(got, "No DAG is paused by this run.") || !strings.Contains(got, `typing "unpause"`) {
		t.Errorf("got %q", got)
	}
	h.begin("pause", "a")
	h.did("pause", "a", true)
	h.finish("pause", Passed)
	h.add(Checked{Head: h.head(), Step: "release", Result: Result{Verdict: Failed, Summary: clean.Line("withdrawn.")}})
	if got := why("unpause"); got != `It has not been confirmed by typing "unpause".` {
		t.Errorf("got %q", got)
	}
	if got := why("pause"); !strings.HasPrefix(got, "Step 1 failed: withdrawn.") {
		t.Errorf("got %q", got)
	}
	if err := h.run.Apply(EffectDid{Head: h.head(), Step: "idle", Effect: "pause", Name: "b", Done: true}); err == nil {
		t.Error("something is changed without an intent")
	}
}

// TestHeldIsWhatWasDone over random executions that end anywhere.
func TestHeldIsWhatWasDone(t *testing.T) {
	setRapidChecks(t, sequences)
	rapid.Check(t, func(t *rapid.T) {
		h := beginHolding(t)
		held := map[string]bool{}
		all := []string{"a", "b", "c", "d"}
		for range rapid.IntRange(1, 8).Draw(t, "executions") {
			effect := rapid.SampledFrom([]string{"pause", "unpause"}).Draw(t, "effect")
			if effect == "unpause" && len(held) == 0 {
				continue
			}
			on := rapid.Permutation(all).Draw(t, "order")[:rapid.IntRange(1, len(all)).Draw(t, "on")]
			h.begin(effect, on...)
			for _, name := range on[:rapid.IntRange(0, len(on)).Draw(t, "reached")] {
				done := rapid.Bool().Draw(t, "done")
				before := h.run.Clone()
				frozen := fmt.Sprint(before.Held())
				h.did(effect, name, done)
				if fmt.Sprint(before.Held()) != frozen {
					t.Fatalf("a clone was changed")
				}
				if done && effect == "pause" {
					held[name] = true
				} else if done {
					delete(held, name)
				}
			}
			h.finish(effect, Unknown)
			names := h.names()
			slices.Sort(names)
			var want []string
			for _, name := range all {
				if held[name] {
					want = append(want, name)
				}
			}
			if !slices.Equal(names, want) {
				t.Fatalf("held are %q, want %q", names, want)
			}
		}
		h.replayed()
	})
}
