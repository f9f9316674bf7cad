package runbook

import (
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// long makes the tests that try many cases try all that .ci/run tries.
var long = flag.Bool("long", false, "try as many cases as .ci/run does")

// How many random runs the property is tried on; longSequences with -long.
const (
	sequences     = 1_000
	longSequences = 10_000
)

// TestNoEffectWithoutItsGate is the rule that everything else here serves: over
// random runs an effect starts exactly when the oracle below, which reads
// nothing but the raw events, says that it may.
func TestNoEffectWithoutItsGate(t *testing.T) {
	checks := sequences
	if *long {
		checks = longSequences
	}
	setRapidChecks(t, checks)
	accepted, refused := map[string]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		for range rapid.IntRange(20, 90).Draw(t, "events") {
			w.now = w.now.Add(w.pause())
			e := w.next()
			why := ""
			if start, ok := e.(EffectStarted); ok {
				why = forbids(w.specs, w.log, start)
			}
			compare := w.perhaps(25, "compare") // which is dear
			before, next := w.run, w.run.Clone()
			if compare {
				before = deepCopy(w.run)
			}
			err := next.Apply(e)
			if compare && !reflect.DeepEqual(before, w.run) {
				t.Fatalf("adding %+v to a clone changed the run it was made from", e)
			}
			if start, ok := e.(EffectStarted); ok {
				switch {
				case err == nil && why != "":
					t.Fatalf("%s started although %s\n%s", start.Effect, why, w)
				case err != nil && why == "":
					t.Fatalf("%s did not start (%v) although nothing forbids it\n%s", start.Effect, err, w)
				case err == nil:
					accepted[start.Effect]++
				default:
					refused[why]++
				}
			}
			if err != nil {
				if compare && !reflect.DeepEqual(before, next) {
					t.Fatalf("%+v was refused (%v), but changed the run", e, err)
				}
				continue
			}
			if _, judged := e.(Judged); !judged {
				for _, spec := range w.specs {
					if j := next.Step(spec.ID).Judgement; j != nil && j != w.run.Step(spec.ID).Judgement {
						t.Fatalf("%s made a judgement", e.Type())
					}
				}
			}
			w.run, w.log = next, append(w.log, e)
		}
		again, err := Replay(w.specs, w.log)
		if err != nil {
			t.Fatalf("replaying: %v\n%s", err, w)
		}
		if !reflect.DeepEqual(again, w.run) {
			t.Fatalf("replayed, the run is another one\n%s", w)
		}
	})
	t.Logf("accepted: %v", accepted)
	if !*long {
		return // too few sequences to count what they met
	}
	for _, effect := range []string{"bump", "plan", "apply"} {
		if accepted[effect] < checks/4 {
			t.Errorf("%s started in %d of %d runs only; the runs are not worth much", effect, accepted[effect], checks)
		}
	}
	for _, why := range everyReason {
		if refused[why] == 0 {
			t.Errorf("no run was refused because %s", why)
		}
	}
}

func setRapidChecks(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	old := f.Value.String()
	if err := flag.Set("rapid.checks", fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", old) })
}

// deepCopy copies what Apply could change in place.
func deepCopy(r *Run) *Run {
	c := r.Clone()
	for i := range c.steps {
		c.steps[i].Effects = slices.Clone(c.steps[i].Effects)
	}
	return c
}

// The oracle. It says in words why an effect may not start, "" if it may.
const (
	whyDryRun     = "this is a dry run"
	whyRunning    = "another command runs"
	whyDoubt      = "another command is in doubt"
	whyRelease    = "no release is chosen"
	whyEarlier    = "an earlier step does not hold"
	whyStale      = "a verdict that it relies on is stale"
	whyAccess     = "access is not granted"
	whyOwn        = "the step is not ready for it"
	whyNoPlan     = "there is no plan that went well"
	whyUsed       = "the plan was used before"
	whyOld        = "the plan is not younger than 30 minutes"
	whyRelease2   = "the plan is for another release"
	whyCheckout   = "the plan is from another checkout"
	whyJudgement  = "nobody has judged this very plan"
	whyUnasked    = "it has not been confirmed since"
	whyOldConfirm = "the confirmation is too old"
)

var everyReason = []string{
	whyDryRun, whyRunning, whyDoubt, whyRelease, whyEarlier, whyStale, whyAccess, whyOwn, whyNoPlan, whyUsed, whyOld,
	whyRelease2, whyCheckout, whyJudgement, whyUnasked, whyOldConfirm,
}

type oracle struct {
	specs []Spec
	log   []Event
	now   time.Time
	// since is the place in the log from which on the chosen release is the
	// present one: what was sensed before counts no more.
	since int
	// resumed is the place in the log where another process took over, before
	// which nothing that can be asked counts.
	resumed int
	tag     string
}

func forbids(specs []Spec, log []Event, start EffectStarted) string {
	o := oracle{specs: specs, log: log, now: start.At, resumed: -1}
	doubted := ""
	running, lastEffect := 0, -1
	granted := false
	for i, e := range log {
		switch e := e.(type) {
		case Started:
			if e.Mode == DryRun {
				return whyDryRun
			}
		case ReleaseChosen:
			if e.Tag != o.tag {
				o.tag, o.since = e.Tag, i
			}
		case AccessSeen:
			granted = e.Granted
		case EffectStarted:
			running, lastEffect = running+1, i
		case EffectFinished:
			running, lastEffect = running-1, i
		case EffectDoubted:
			running, lastEffect, doubted = running-1, i, e.Effect
		case EffectVoided:
			lastEffect = i
		case Settled:
			doubted = ""
		case Resumed:
			o.resumed, granted, lastEffect = i, false, i
		}
	}
	at := slices.IndexFunc(specs, func(s Spec) bool { return s.ID == start.Step })
	switch {
	case running > 0:
		return whyRunning
	case doubted != "" && (doubted != "apply" || start.Effect != "plan"):
		return whyDoubt
	case o.tag == "":
		return whyRelease
	}
	for k := range at {
		if why := o.holds(k); why != "" {
			return why
		}
	}
	if specs[at].Locked && !granted {
		return whyAccess
	}
	var why string
	switch start.Effect {
	case "bump":
		why = o.bumpable(at)
	case "apply":
		why = o.applicable(at)
	}
	if why != "" {
		return why
	}
	return o.confirmed(start, max(lastEffect, o.since))
}

// answer returns the newest answer about a step, with its place in the log.
func (o *oracle) answer(k int) (res Result, at time.Time, place int) {
	spec, since := o.specs[k], o.since
	if spec.Checks {
		since = max(since, o.resumed)
	}
	for i := len(o.log) - 1; i > since; i-- {
		switch e := o.log[i].(type) {
		case EffectDoubted:
			if e.Step == spec.ID && e.Effect == spec.Effects[len(spec.Effects)-1].Name {
				return Result{Verdict: Unknown}, e.At, i
			}
		case Checked:
			if e.Step == spec.ID {
				return e.Result, e.At, i
			}
		case EffectFinished:
			if e.Step == spec.ID && e.Effect == spec.Effects[len(spec.Effects)-1].Name {
				return e.Result, e.At, i
			}
		}
	}
	return Result{}, time.Time{}, -1
}

func (o *oracle) fresh(k int, at time.Time) bool {
	age := o.now.Sub(at)
	return age >= 0 && age <= o.specs[k].Fresh
}

func (o *oracle) holds(k int) string {
	res, at, _ := o.answer(k)
	said, place := o.said(k)
	switch {
	case res.Verdict == Passed && o.fresh(k, at):
		return ""
	case res.Verdict != Failed && said == "skipped" && !o.answeredSince(k, place, func(r Result) bool { return r.Verdict == Failed }):
		return ""
	case res.Verdict == Passed:
		return whyStale
	}
	if override, ok := o.overridden(k); ok && res.Verdict == Failed {
		names := o.log[override].(Overridden).Names
		within := func(r Result) bool { // no more than was accepted, and something
			found := r.Facts[o.specs[k].Override]
			for _, name := range strings.Split(found, "\n") {
				if !strings.Contains("\n"+names+"\n", "\n"+name+"\n") {
					return false
				}
			}
			return found != ""
		}
		other := func(r Result) bool { return (r.Verdict == Passed || r.Verdict == Failed) && !within(r) }
		if within(res) && !o.answeredSince(k, override, other) {
			if !o.fresh(k, at) {
				return whyStale
			}
			return ""
		}
	}
	return whyEarlier
}

// said returns whether the step is skipped, and since which event.
func (o *oracle) said(k int) (string, int) {
	for i := len(o.log) - 1; i >= 0; i-- {
		switch e := o.log[i].(type) {
		case Skipped:
			if e.Step == o.specs[k].ID {
				return "skipped", i
			}
		case Unticked:
			if e.Step == o.specs[k].ID {
				return "", i
			}
		case Resumed:
			if slices.Contains(e.Changed, o.specs[k].ID) {
				return "", i
			}
		}
	}
	return "", -1
}

func (o *oracle) overridden(k int) (int, bool) {
	for i := len(o.log) - 1; i > o.since; i-- {
		switch e := o.log[i].(type) {
		case Overridden:
			if e.Step == o.specs[k].ID {
				return i, true
			}
		case Unticked:
			if e.Step == o.specs[k].ID {
				return 0, false
			}
		case Resumed:
			if slices.Contains(e.Changed, o.specs[k].ID) {
				return 0, false
			}
		}
	}
	return 0, false
}

func (o *oracle) answeredSince(k, place int, is func(Result) bool) bool {
	for _, e := range o.log[place+1:] {
		switch e := e.(type) {
		case Checked:
			if e.Step == o.specs[k].ID && is(e.Result) {
				return true
			}
		case EffectFinished:
			if e.Step == o.specs[k].ID && is(e.Result) {
				return true
			}
		}
	}
	return false
}

func (o *oracle) bumpable(at int) string {
	res, when, _ := o.answer(at)
	switch {
	case res.Facts["bump.ready"] == "":
		return whyOwn
	case !o.fresh(at, when):
		return whyStale
	}
	return ""
}

func (o *oracle) applicable(at int) string {
	plan, place := EffectFinished{}, -1
	for i, e := range o.log {
		switch e := e.(type) {
		case EffectFinished:
			if e.Effect == "plan" {
				plan, place = e, i
			}
		}
	}
	if place < 0 || plan.Exit != 0 {
		return whyNoPlan
	}
	for _, e := range o.log[place:] {
		if _, gone := e.(EffectVoided); gone {
			return whyUsed
		}
		switch s, ok := e.(EffectStarted); {
		case ok && s.Effect == "apply":
			return whyUsed
		case ok && s.Effect == "plan": // nobody knows how that one ended
			return whyNoPlan
		}
	}
	if plan.Result.Verdict != Passed {
		return whyNoPlan
	}
	bump, _, _ := o.answer(at - 1)
	age := o.now.Sub(plan.At)
	switch {
	case age < 0 || age > 30*time.Minute:
		return whyOld
	case plan.Result.Facts[factPlanRelease] != o.tag:
		return whyRelease2
	case plan.Result.Facts[factPlanCheckout] == "" || plan.Result.Facts[factPlanCheckout] != bump.Facts[factBumpDiff]:
		return whyCheckout
	}
	for i := len(o.log) - 1; i > place; i-- {
		if r, ok := o.log[i].(Resumed); ok && (r.Actor != clean.Line("mar") || slices.Contains(r.Changed, "plan")) {
			break // what was judged was judged by someone else, or of another text
		}
		if j, ok := o.log[i].(Judged); ok {
			if j.Effect == "plan" && j.Hash != "" && j.Hash == plan.Result.Facts[factPlanHash] && !j.At.Before(plan.At) {
				return ""
			}
			break
		}
	}
	return whyJudgement
}

// confirmed looks for the newest confirmation after the given place.
func (o *oracle) confirmed(start EffectStarted, place int) string {
	for i := len(o.log) - 1; i > place; i-- {
		c, ok := o.log[i].(Confirmed)
		if !ok || c.Step != start.Step || c.Effect != start.Effect {
			continue
		}
		if age := o.now.Sub(c.At); c.Phrase != "prod" || age < 0 || age > 2*time.Minute {
			return whyOldConfirm
		}
		return ""
	}
	return whyUnasked
}

// A walk draws the events of a run. Most of them bring the run on, else nothing deep
// would ever be reached; what brings it on is asked of the gate, so that a gate that asks for too little lets too much through here.
type walk struct {
	t     *rapid.T
	specs []Spec
	run   *Run
	log   []Event
	now   time.Time
}

func newWalk(t *rapid.T) *walk {
	w := &walk{t: t, specs: fiveSteps(), now: noon}
	w.run = NewRun(w.specs)
	mode := Live
	switch rapid.IntRange(0, 19).Draw(t, "mode") {
	case 0:
		mode = DryRun
	case 1, 2:
		mode = Practice
	}
	started := Started{Head: Head{At: w.now}, Mode: mode}
	if err := w.run.Apply(started); err != nil {
		t.Fatal(err)
	}
	w.log = []Event{started}
	return w
}

// String lists the events, to help understand a failure.
func (w *walk) String() string {
	out := ""
	for _, e := range w.log {
		out += fmt.Sprintf("%s %s %+v\n", e.When().Format("15:04:05"), e.Type(), e)
	}
	return out + w.now.Format("15:04:05") + " now"
}

// pause draws how far the clock goes: most often little, at times beyond a
// limit, and now and then back.
func (w *walk) pause() time.Duration {
	switch {
	case w.perhaps(4, "long pause"):
		return time.Duration(rapid.IntRange(13, 32).Draw(w.t, "minutes")) * time.Minute
	case w.perhaps(5, "pause"):
		return time.Duration(rapid.IntRange(55, 125).Draw(w.t, "seconds")) * time.Second
	case w.perhaps(8, "back"):
		return -time.Duration(rapid.IntRange(1, 20).Draw(w.t, "seconds")) * time.Second
	default:
		return time.Duration(rapid.IntRange(0, 3).Draw(w.t, "seconds")) * time.Second
	}
}

// perhaps is true about as often as percent says, or less: rapid likes small
// numbers, so that the rare case must be a large one.
func (w *walk) perhaps(percent int, label string) bool {
	return rapid.IntRange(0, 99).Draw(w.t, label) >= 100-percent
}

func (w *walk) head() Head { return Head{At: w.now, Actor: clean.Line("mar")} }

func (w *walk) next() Event {
	if w.perhaps(30, "stray") {
		return w.stray()
	}
	bumped := w.run.Effect("bump", "bump").StartCount > 0
	switch {
	case !bumped && w.perhaps(10, "other release"):
		return ReleaseChosen{Head: w.head(), Tag: rapid.SampledFrom([]string{"v1", "v2"}).Draw(w.t, "tag")}
	case !bumped:
		return w.towards("bump", "bump")
	default:
		return w.towards("plan", "apply")
	}
}

// towards returns the event that the gate asks for first.
func (w *walk) towards(id document.StepID, effect string) Event {
	err := w.run.May(Effect(effect), id, w.now)
	if made := w.run.Effect("plan", "plan"); effect == "apply" && made.Finished != nil && made.Voided == nil && w.perhaps(3, "lapses") {
		return EffectVoided{Head: w.head(), Step: "plan", Effect: "plan", Text: clean.Line("It is gone.")}
	}
	if err == nil {
		return EffectStarted{Head: w.head(), Step: id, Effect: effect}
	}
	if runs, running, ok := w.run.RunningEffect(); ok && !w.perhaps(40, "go on") {
		if w.perhaps(8, "dies") {
			return EffectDoubted{Head: w.head(), Step: runs, Effect: running, Text: clean.Line("the supervisor is gone")}
		}
		return w.finished(runs, running)
	}
	if id, doubted, ok := w.run.DoubtedEffect(); ok && !w.perhaps(60, "in doubt") {
		return w.settled(id, doubted)
	}
	reasons := err.(*Refusal).Reasons
	mend := slices.IndexFunc(reasons, func(r Reason) bool { return r.Demand != DemandPossible })
	if mend < 0 {
		return EffectStarted{Head: w.head(), Step: id, Effect: effect} // in vain, one hopes
	}
	reason := reasons[mend]
	switch reason.Demand {
	case DemandRelease:
		return ReleaseChosen{Head: w.head(), Tag: "v2"}
	case DemandAccess:
		return AccessSeen{Head: w.head(), Granted: true}
	case DemandSame:
		if w.perhaps(25, "in vain") {
			return EffectStarted{Head: w.head(), Step: id, Effect: effect}
		}
	case DemandConfirmation:
		return Confirmed{Head: w.head(), Step: id, Effect: effect, Phrase: "prod"}
	case DemandJudgement:
		plan := w.run.Effect("plan", "plan").Finished
		return Judged{Head: w.head(), Step: "plan", Effect: "plan", Hash: plan.Result.Facts[factPlanHash]}
	case DemandEarlier, DemandFresh, DemandOwn:
		if names := w.run.Step("dags").Result.Facts[factActiveRuns]; reason.Step == "dags" && names != "" && !w.perhaps(30, "ask again") {
			return Overridden{Head: w.head(), Step: "dags", Reason: clean.Line("they may be killed"), Names: names}
		}
		if spec, _ := w.run.Spec(reason.Step); spec.Checks {
			return w.check(reason.Step, id == "bump" && reason.Step == "bump")
		}
	}
	if effect == "apply" {
		return w.towards("plan", "plan")
	}
	return w.stray()
}

// check draws a check's result, most often a good one.
func (w *walk) check(id document.StepID, ready bool) Event {
	res := Result{Verdict: Passed, Facts: Facts{}}
	switch {
	case w.perhaps(10, "fails"):
		res.Verdict = Failed
	case w.perhaps(10, "cannot be asked"):
		res.Verdict = rapid.SampledFrom([]Verdict{Unknown, NotAsked}).Draw(w.t, "verdict")
	case ready:
		res.Verdict = Failed
	}
	switch {
	case id == "dags" && res.Verdict == Failed:
		res.Facts[factActiveRuns] = rapid.SampledFrom([]string{"a", "b", "a\nb"}).Draw(w.t, "names")
	case id == "bump":
		if ready {
			res.Facts["bump.ready"] = "clean"
		}
		if !w.perhaps(5, "no difference") {
			res.Facts[factBumpDiff] = "d1"
		}
		if w.perhaps(10, "other difference") {
			res.Facts[factBumpDiff] = "d2"
		}
	}
	return Checked{Head: w.head(), Step: id, Result: res}
}

func (w *walk) finished(id document.StepID, effect string) Event {
	e := EffectFinished{Head: w.head(), Step: id, Effect: effect, Result: Result{Verdict: Passed, Facts: Facts{}}}
	switch {
	case w.perhaps(8, "fails"):
		e.Result.Verdict = Failed
	case w.perhaps(8, "not understood"):
		e.Result.Verdict = rapid.SampledFrom([]Verdict{Unknown, NotAsked}).Draw(w.t, "verdict")
	case w.perhaps(8, "exit"):
		e.Exit = 1
	}
	switch effect {
	case "bump":
		e.Result.Facts[factBumpDiff] = "d1"
	case "plan":
		e.Result.Facts = Facts{factPlanHash: "h1", factPlanRelease: w.run.Release(), factPlanCheckout: "d1"}
		switch {
		case w.perhaps(20, "other plan"):
			e.Result.Facts[factPlanHash] = "h2"
		case w.perhaps(8, "fact"):
			name := rapid.SampledFrom([]Fact{factPlanHash, factPlanRelease, factPlanCheckout}).Draw(w.t, "name")
			e.Result.Facts[name] = rapid.SampledFrom([]string{"", "v1", "d2"}).Draw(w.t, "value")
		}
	}
	return e
}

func (w *walk) settled(id document.StepID, effect string) Event {
	return Settled{Head: w.head(), Step: id, Effect: effect, Done: rapid.Bool().Draw(w.t, "done"), Reason: clean.Line("looked at the instance")}
}

func (w *walk) resumed(id document.StepID) Event {
	r := Resumed{Head: w.head()}
	if w.perhaps(30, "by another") {
		r.Actor = clean.Line("zed")
	}
	if w.perhaps(30, "with another text") {
		r.Changed = []document.StepID{id}
	}
	return r
}

// stray draws any event, sensible or not.
func (w *walk) stray() Event {
	id := rapid.SampledFrom([]document.StepID{"release", "image", "dags", "bump", "plan"}).Draw(w.t, "step")
	target, effect := id, "bump"
	switch rapid.IntRange(0, 4).Draw(w.t, "effect") {
	case 0:
		target = "bump"
	case 1, 2:
		target, effect = "plan", "plan"
	case 3, 4:
		target, effect = "plan", "apply"
	}
	switch rapid.IntRange(0, 20).Draw(w.t, "event") {
	case 0:
		return Started{Head: w.head(), Mode: Live}
	case 1:
		return ReleaseChosen{Head: w.head(), Tag: rapid.SampledFrom([]string{"v1", "v2", ""}).Draw(w.t, "tag")}
	case 2:
		return AccessSeen{Head: w.head(), Granted: rapid.IntRange(0, 3).Draw(w.t, "granted") > 0}
	case 3:
		return Ticked{Head: w.head(), Step: id}
	case 4:
		return Unticked{Head: w.head(), Step: id}
	case 5:
		if id == "plan" {
			return DoneElsewhere{Head: w.head(), Step: id, By: clean.Line("kit"), Reason: clean.Line("from her laptop")}
		}
		return Skipped{Head: w.head(), Step: id, Reason: clean.Line("the registry is down")}
	case 6, 7:
		return Overridden{Head: w.head(), Step: "dags", Reason: clean.Line("they may be killed"), Names: rapid.SampledFrom([]string{"a", "b", "a\nb"}).Draw(w.t, "names")}
	case 8:
		return Judged{Head: w.head(), Step: "plan", Effect: rapid.SampledFrom([]string{"plan", "apply"}).Draw(w.t, "of"), Hash: rapid.SampledFrom([]string{"h1", "h2", ""}).Draw(w.t, "hash")}
	case 9, 10:
		return Confirmed{Head: w.head(), Step: target, Effect: effect, Phrase: rapid.SampledFrom([]string{"prod", "prod", "prod", "production", ""}).Draw(w.t, "phrase")}
	case 11:
		return w.finished(target, effect)
	case 12:
		return Pretended{Head: w.head(), Step: target, Effect: effect}
	case 13:
		return w.check("dags", false)
	case 18:
		return w.resumed(id)
	case 19:
		return w.settled(target, effect)
	case 20:
		return EffectDoubted{Head: w.head(), Step: target, Effect: effect}
	case 14, 15:
		return w.check(id, rapid.Bool().Draw(w.t, "ready"))
	default:
		return EffectStarted{Head: w.head(), Step: target, Effect: effect}
	}
}
