package runbook

import (
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// MinReason is the minimum length in bytes of the reason for a skip, an override
// or a settlement. A shorter one is useless in the report.
const MinReason = 10

// Action is something that a person can do to a step.
type Action struct{ verb, effect string }

// The actions.
var (
	Check    = Action{verb: "check"}
	tick     = Action{verb: "tick"}
	untick   = Action{verb: "untick"} // undo any statement
	Skip     = Action{verb: "skip"}
	Override = Action{verb: "override"}
	// MarkElsewhere says that a step that deploys was done elsewhere, instead of Skip.
	MarkElsewhere = Action{verb: "done elsewhere"}
	Choose        = Action{verb: "choose"} // choose the release; the step is ignored
	settle        = Action{verb: "settle"} // decide the outcome of a command in doubt
)

// Effect returns the action of running the named effect.
func Effect(name string) Action { return Action{verb: "run", effect: name} }

// Demand is a kind of condition that a gate checks.
type Demand string

// The demands.
const (
	DemandEarlier      Demand = "earlier step" // does not hold
	DemandFresh        Demand = "fresh verdict"
	DemandRelease      Demand = "release"
	DemandAccess       Demand = "access"
	DemandOwn          Demand = "own check"
	DemandBefore       Demand = "earlier effect"
	DemandSame         Demand = "unchanged"
	DemandJudgement    Demand = "judgement"
	DemandConfirmation Demand = "confirmation"
	DemandDoubt        Demand = "doubt"    // the outcome of another effect is unknown
	DemandPossible     Demand = "possible" // the action makes no sense now
)

// Reason is one condition that doesn't hold.
type Reason struct {
	Demand Demand
	Step   document.StepID // the step concerned, "" for the one in question
	Text   clean.Text      // a sentence for the screen
}

// Refusal is the error of an action that is not allowed. It lists every condition
// that doesn't hold, in the order in which a person would fix them.
type Refusal struct{ Reasons []Reason }

// Error returns all reasons on one line.
func (r *Refusal) Error() string {
	parts := make([]string, len(r.Reasons))
	for i, reason := range r.Reasons {
		parts[i] = reason.Text.String()
	}
	return strings.Join(parts, " ")
}

// Only reports whether every reason is one of the given demands.
func (r *Refusal) Only(demands ...Demand) bool {
	for _, reason := range r.Reasons {
		if !slices.Contains(demands, reason.Demand) {
			return false
		}
	}
	return true
}

// May returns nil if the action is allowed on the step at the given time, and
// otherwise a *Refusal with every reason. It changes nothing. In a dry run it
// answers for effects as in a live run, and adds that nothing is run.
func (r *Run) May(a Action, id document.StepID, now time.Time) error {
	g := gate{run: r, now: now}
	i, ok := r.index[id]
	switch {
	case r.started == nil:
		g.add(DemandPossible, "", "The run has not started.")
	case a == Choose:
		g.choose()
	case !ok:
		g.add(DemandPossible, "", "There is no such step.")
	case r.ahead(i) && (a == tick || a == Skip || a == Override):
		lead, _ := r.Spec(r.specs[i].Follows)
		g.add(DemandEarlier, lead.ID, "%s must be done first.", say.Capital(lead.Label.String()))
	case a == Check && r.Past(id):
		g.add(DemandPossible, id, "What this step was for is done; what it found then stays.")
	case a == Check:
		if r.specs[i].Course() > 0 && !r.specs[i].Checks {
			if verdict, partly := newest(&r.specs[i], &r.steps[i]); verdict == Passed && !partly {
				g.add(DemandPossible, id, "This step is done: its command was carried out, and nothing else can be checked.")
			} else {
				g.add(DemandPossible, id, "This step is checked by its own command: run it.")
			}
		} else if !r.specs[i].Checks {
			g.add(DemandPossible, id, "No service can be asked about this step; do it and tick it.")
		}
	case a == tick:
		g.tick(i)
	case a == untick:
		switch {
		case r.Past(id):
			g.add(DemandPossible, id, "Can't undo this: %s relied on it and has been carried out.", r.specs[r.leads[i]].Label)
		case !r.steps[i].undoable() && r.steps[i].Judgement != nil:
			g.add(DemandPossible, id, "Can't undo this: a command has relied on it.")
		case !r.steps[i].undoable():
			g.add(DemandPossible, id, "There is nothing to undo: %s is not ticked, skipped, accepted or marked as done elsewhere.", r.specs[i].Label)
		}
	case a == Skip:
		g.skip(i)
	case a == MarkElsewhere:
		g.elsewhere(i)
	case a == Override:
		g.override(i)
	case a == settle:
		g.settle(i)
	case a.verb == "run":
		g.effect(i, a.effect)
	default:
		g.add(DemandPossible, id, "There is no such action.")
	}
	if len(g.reasons) == 0 {
		return nil
	}
	return &Refusal{Reasons: g.reasons}
}

type gate struct {
	run     *Run
	now     time.Time
	reasons []Reason
}

func (g *gate) add(d Demand, id document.StepID, format string, args ...any) {
	g.reasons = append(g.reasons, Reason{Demand: d, Step: id, Text: clean.Linef(format, args...)})
}

func (g *gate) choose() {
	for i := range g.run.steps {
		for _, e := range g.run.steps[i].Effects[:g.run.specs[i].Course()] {
			if e.StartCount > 0 {
				g.add(DemandPossible, g.run.specs[i].ID, "The release can't be changed: %s has been run for %s. Begin a new run.", g.run.specs[i].Label, clean.Line(g.run.Release()))
				return
			}
		}
	}
}

// mayFill refuses to change what a command was run with.
func (r *Run) mayFill(e Filled) error {
	g := gate{run: r, now: e.At}
	for _, id := range e.Steps {
		if i, ok := r.index[id]; ok && slices.ContainsFunc(r.steps[i].Effects, func(s EffectState) bool { return s.StartCount > 0 }) {
			g.add(DemandPossible, id, "%s can't be changed: %s has been run with it. Begin a new run.", clean.Line(e.Name), r.specs[i].Label)
			return &Refusal{Reasons: g.reasons}
		}
	}
	return nil
}

func (g *gate) tick(i int) {
	if spec := &g.run.specs[i]; !manual(spec) && !spec.Stated {
		g.add(DemandPossible, spec.ID, "This step is not ticked by hand: the program sees for itself whether it is done. Verify it instead.")
	}
}

func (g *gate) skip(i int) {
	spec, s := &g.run.specs[i], &g.run.steps[i]
	switch verdict, partly := newest(spec, s); {
	case spec.Deploys:
		g.add(DemandPossible, spec.ID, "This step deploys, so it isn't skipped. If it was deployed elsewhere, say by whom.")
	case verdict == NotAsked && spec.Checks:
		g.add(DemandPossible, spec.ID, "Verify it first: a step is skipped only if its check can't tell.")
	case verdict == Passed && !partly:
		g.add(DemandPossible, spec.ID, "This step has passed; there is nothing to skip.")
	case verdict == Failed && ready(spec, s):
		g.add(DemandPossible, spec.ID, "This step can be done now, so it is not skipped: do it.")
	case verdict == Failed && s.Result.Waiting:
		g.add(DemandPossible, spec.ID, "This step is waiting for what may still come, so it isn't skipped.")
	case verdict == Failed:
		accept := ""
		if spec.Acceptable(s.Result) != "" {
			accept = ", or accept with a reason what was found"
		}
		g.add(DemandPossible, spec.ID, "A failed step can't be skipped: the answer was no. Fix it and verify it again%s.", accept)
	}
	g.idle(i)
}

// idle refuses what can't be said of a step while a command of it runs or is in doubt.
func (g *gate) idle(i int) {
	spec := &g.run.specs[i]
	for _, e := range g.run.steps[i].Effects {
		switch {
		case e.Running():
			g.add(DemandPossible, spec.ID, "A command of this step is running.")
		case e.InDoubt():
			g.add(DemandDoubt, spec.ID, "The outcome of a command of this step is unknown: resolve it first.")
		}
	}
}

// elsewhere asks for the release, because what was done elsewhere is a deployment of it.
// What this run found, such as a plan without changes, doesn't speak against it.
func (g *gate) elsewhere(i int) {
	spec, s := &g.run.specs[i], &g.run.steps[i]
	switch verdict, partly := newest(spec, s); {
	case !spec.Deploys:
		g.add(DemandPossible, spec.ID, "Only a step that deploys is marked as done elsewhere.")
	case verdict == Passed && !partly, decided(spec, s):
		g.add(DemandPossible, spec.ID, "This run has done this step already.")
	case g.run.Release() == "":
		g.add(DemandRelease, "", "Choose a release first: it isn't known what was deployed elsewhere.")
	}
	g.idle(i)
}

func (g *gate) settle(i int) {
	if !slices.ContainsFunc(g.run.steps[i].Effects, EffectState.InDoubt) {
		g.add(DemandPossible, g.run.specs[i].ID, "No command of this step has an unknown outcome.")
	}
}

// doubt refuses every command while another one is in doubt, except the effect
// that comes before the doubted one and shows what is left to do.
func (g *gate) doubt(i int, e *EffectSpec) {
	for k := range g.run.specs {
		spec := &g.run.specs[k]
		for j := range spec.Effects {
			if !g.run.steps[k].Effects[j].InDoubt() || (k == i && spec.Effects[j].After == e.Name) {
				continue
			}
			g.add(DemandDoubt, spec.ID, "The outcome of `%s` of %s is unknown: resolve it first.", spec.Effects[j].Label, spec.Label)
		}
	}
}

func (g *gate) override(i int) {
	spec, s := &g.run.specs[i], &g.run.steps[i]
	switch {
	case spec.Override == "" && spec.Found == "":
		g.add(DemandPossible, spec.ID, "What this step finds can't be accepted.")
	case s.Result.Verdict == NotAsked:
		g.add(DemandPossible, spec.ID, "There is nothing to accept yet: verify the step first.")
	case spec.Acceptable(s.Result) == "":
		g.add(DemandPossible, spec.ID, "There is nothing to accept: only what was found against the step can be.")
	case ready(spec, s):
		g.add(DemandPossible, spec.ID, "This step can be done now, so there is nothing to accept: do it.")
	case !fresh(spec, s, g.now):
		g.add(DemandFresh, spec.ID, "What the step found is too old to accept; verify it again.")
	}
}

// effect collects every reason why the effect may not run.
func (g *gate) effect(i int, name string) {
	r, spec := g.run, &g.run.specs[i]
	j := spec.effectIndex(name)
	if j < 0 {
		g.add(DemandPossible, spec.ID, "This step has no command %q.", clean.Line(name))
		return
	}
	e := &spec.Effects[j]
	if id, running, ok := r.RunningEffect(); ok {
		other, _ := r.Spec(id)
		g.add(DemandPossible, id, "A command is running: %s of %s.", running, other.Label)
	}
	g.doubt(i, e)
	if r.Mode() == DryRun {
		g.add(DemandPossible, spec.ID, "This is a dry run: the command is shown, not run.")
	}
	if e.Undoes != "" {
		g.held(i, e)
		g.confirmed(i, j)
		return
	}
	if r.Release() == "" && !e.Releaseless {
		g.add(DemandRelease, "", "Choose a release first.")
	}
	g.earlier(i)
	g.access(spec)
	g.own(i, e)
	g.before(i, e)
	g.confirmed(i, j)
}

// held refuses to undo what hasn't been done. Nothing else holds that back: who gives up
// a deployment must be able to undo it too.
func (g *gate) held(i int, e *EffectSpec) {
	spec := &g.run.specs[i]
	if done := g.run.Effect(spec.ID, e.Undoes); len(done.Held) == 0 {
		g.add(DemandPossible, spec.ID, "No %s is %s by this run.", spec.Effect(e.Undoes).Thing, spec.Effect(e.Undoes).Made)
	}
}

func (g *gate) earlier(i int) {
	r, spec := g.run, &g.run.specs[i]
	first := r.index[spec.Follows] // 0 for most
	for k := first; k < i; k++ {
		before := &r.specs[k]
		// A command relies on nothing that was found for an earlier one.
		status := r.status(k, g.now, false)
		if before.Procedure != spec.Procedure || before.Question || r.counts(status) {
			continue
		}
		label, summary := say.Capital(before.Label.String()), quoted(r.steps[k].Result.Summary.String())
		switch status {
		case Stale:
			g.add(DemandFresh, before.ID, "%s was seen %s ago, too long to rely on; verify it again.", label, say.Duration(g.now.Sub(r.steps[k].CheckedAt)))
		case Waiting:
			g.add(DemandEarlier, before.ID, "%s is not done yet: %s", label, summary)
		case Rejected:
			g.add(DemandEarlier, before.ID, "%s failed: %s", label, summary)
		case Unsure:
			g.add(DemandEarlier, before.ID, "%s is unknown: %s", label, summary)
		case Changed:
			g.add(DemandEarlier, before.ID, "%s was ticked before its text changed; read and tick it again.", label)
		default:
			g.add(DemandEarlier, before.ID, "%s is not done yet.", label)
		}
	}
}

func (g *gate) access(spec *Spec) {
	if !spec.Locked {
		return
	}
	switch a := g.run.access; {
	case a == nil:
		g.add(DemandAccess, spec.ID, "Your infrastructure access hasn't been checked yet.")
	case !a.Granted:
		g.add(DemandAccess, spec.ID, "Only maintainers with infrastructure access may do this: %s", a.Text)
	}
}

func (g *gate) own(i int, e *EffectSpec) {
	if e.Needs == "" {
		return
	}
	spec, s := &g.run.specs[i], &g.run.steps[i]
	switch {
	case s.Result.Facts[ByHand] != "":
		g.add(DemandOwn, spec.ID, "%s", s.Result.Summary)
	case s.Result.Facts[e.Needs] == "" && s.Result.Verdict == NotAsked:
		g.add(DemandOwn, spec.ID, "%s has not been verified yet: %s", say.Capital(spec.Label.String()), e.NeedsText)
	case s.Result.Facts[e.Needs] == "":
		g.add(DemandOwn, spec.ID, "%s %s", e.NeedsText, s.Result.Summary)
	case !fresh(spec, s, g.now):
		g.add(DemandFresh, spec.ID, "%s was looked at %s ago; verify it again.", say.Capital(spec.Label.String()), say.Duration(g.now.Sub(s.CheckedAt)))
	}
}

func (g *gate) before(i int, e *EffectSpec) {
	if e.After == "" {
		return
	}
	r, spec := g.run, &g.run.specs[i]
	state := r.Effect(spec.ID, e.After)
	done := state.Finished
	if done == nil || done.Exit != 0 && !slices.Contains(spec.Effect(e.After).Ends, done.Exit) {
		g.add(DemandBefore, spec.ID, "There is no %s to rely on; run it first.", e.After)
		return
	}
	if state.Voided != nil {
		g.add(DemandBefore, spec.ID, "The %s no longer counts; run it again: %s", e.After, state.Voided.Text)
		return
	}
	if state.used {
		g.add(DemandBefore, spec.ID, "The %s has been used already; run it again.", e.After)
		return
	}
	switch done.Result.Verdict {
	case Passed:
	case Failed:
		g.add(DemandBefore, spec.ID, "The %s failed: %s", e.After, done.Result.Summary)
	default:
		g.add(DemandBefore, spec.ID, "The %s can't be judged: %s", e.After, done.Result.Summary)
	}
	ended := done.At
	if !done.Ended.IsZero() && done.Ended.Before(ended) {
		ended = done.Ended // At may be much later, when the end was noticed
	}
	switch old := g.now.Sub(ended); {
	case e.MaxAge == 0:
	case old < 0:
		g.add(DemandFresh, spec.ID, "The %s is dated in the future, so its age is unknown; check the clock, and run it again.", e.After)
	case old > e.MaxAge:
		g.add(DemandFresh, spec.ID, "The %s is %s old, more than %s; run it again.", e.After, say.Duration(old), say.Duration(e.MaxAge))
	}
	g.same(spec.ID, e)
	if !e.Judged {
		return
	}
	j := r.Step(spec.ID).Judgement
	if j == nil || j.Effect != e.After || j.Hash != r.OutcomeHash(spec.ID, e.After) || j.At.Before(done.At) {
		g.add(DemandJudgement, spec.ID, "Nobody has said yet that the %s looks correct.", e.After)
	}
}

func (g *gate) same(id document.StepID, e *EffectSpec) {
	facts := g.run.Facts(id)
	for _, pair := range e.Same {
		if then, now := facts[pair.Then], facts[pair.Now]; then == "" || then != now {
			g.add(DemandSame, "", "%s", pair.Text)
		}
	}
}

// quoted returns the first sentence of another step's summary, which says what is wrong.
// What to do about it stands with that step.
func quoted(summary string) string {
	const most = 300 // characters of a sentence that has no end
	if end := strings.Index(summary, ". "); end >= 0 {
		summary = summary[:end+1]
	}
	return say.Shorten(summary, most)
}

func (g *gate) confirmed(i, j int) {
	spec := &g.run.specs[i]
	phrase := g.run.phrase(i, j)
	if phrase == "" {
		return
	}
	c := g.run.steps[i].Effects[j].Confirmed
	if c == nil || c.Phrase != phrase || g.now.Sub(c.At) > confirmationLife || c.At.After(g.now) {
		g.add(DemandConfirmation, spec.ID, "It has not been confirmed by typing %q.", clean.Line(phrase))
	}
}
