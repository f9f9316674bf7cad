package steps

import (
	"errors"
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
)

// Todo is what a person does next about a step.
type Todo int

// What there is to do. The comments say which fields of Advice go with it.
const (
	TodoNothing       Todo = iota // the step holds, was left out, was accepted or was done elsewhere
	TodoTick                      // do it by hand, then tick it
	TodoVerify                    // check it for the first time
	TodoVerifyAgain               // check it again: the verdict is too old to rely on
	TodoRetry                     // the check was unknown: check again, or skip the step; Acceptable
	TodoFix                       // the check failed: change something, then check again
	TodoWait                      // the check failed, and will pass by itself; Acceptable
	TodoAccept                    // the check failed: accept it with a reason, or choose another release
	TodoChooseRelease             // publish a release and choose it
	TodoFill                      // say what a placeholder of the step stands for
	TodoRun                       // run Effect
	TodoRunAgain                  // run Effect again, after reading why it failed or what it printed; Verdict
	TodoByHand                    // do by hand what the check says, then check again
	TodoChooseOther               // the chosen release is deployed already: choose another, or accept that with a reason
	TodoElsewhere                 // nothing would be deployed by Effect: say who has deployed, or choose another release
	TodoPretend                   // see what a dry run would run; Effect
	TodoJudge                     // read what Effect.After made and say whether it is right; Effect
	TodoVerifyFirst               // check the step itself, on which Effect depends
	TodoEarlier                   // Earlier must be done before Effect
	TodoFollow                    // a command of the step may be running: rejoin it
	TodoSettle                    // decide how the command in Doubt ended; Effect may show what is left to do
	TodoLookAgain                 // find out what became of the changes in Doubt
	TodoUndo                      // the last step is done: take back what Undo names
)

// Advice says what to do next about a step, and why.
type Advice struct {
	Do Todo
	// Effect is the next command, nil if none is left to run. Reasons are the demands
	// of its gate, except for the typed confirmation.
	Effect  *runbook.EffectSpec
	Reasons []runbook.Reason
	// Verdict is that of the newest execution of Effect.
	Verdict runbook.Verdict
	// Earlier is the first step before this one that must be done.
	Earlier document.StepID
	// Doubt is the command whose outcome is unknown, nil if there is none.
	Doubt *Doubt
	// Aside is an effect beside the course of the step that is a way to make it hold, nil
	// if there is none now.
	Aside *runbook.EffectSpec
	// Undo is what the run has changed and must undo, once its last step is done.
	Undo *runbook.Held
	// Acceptable reports whether what the check found may be accepted with a reason.
	Acceptable bool
}

// Lacks reports whether the gate of the next command has an unmet demand of that
// kind.
func (a Advice) Lacks(d runbook.Demand) bool {
	return slices.ContainsFunc(a.Reasons, func(r runbook.Reason) bool { return r.Demand == d })
}

// Doubt is a command whose outcome is unknown.
type Doubt struct {
	Effect runbook.EffectSpec
	Event  *runbook.EffectDoubted
	// Since is the newer outcome of the effect that it comes after, nil if that
	// wasn't run again.
	Since *runbook.EffectFinished
}

// Next returns what to do next about a step, given the recorded run and the time.
// It runs no checks.
func Next(run *runbook.Run, b *Binding, now time.Time) Advice {
	id := b.Step.ID
	spec, _ := run.Spec(id)
	state, status := run.Step(id), run.Status(id, now)
	a := Advice{Doubt: FindDoubt(run, id)}
	a.Effect, a.Reasons = nextEffect(run, spec, now)
	changes := b.again(state.Result) > 0
	named := spec.Override != "" && state.Result.Facts[spec.Override] != ""
	a.Acceptable = spec.Acceptable(state.Result) != "" && (named || (rejected(status) || status == runbook.Unsure) && !changes)
	switch {
	case status == runbook.InProgress:
		a.Do = TodoFollow
	case a.Doubt != nil && a.Doubt.Effect.Aside:
		a.Do = TodoLookAgain
	case a.Doubt != nil:
		a.Do = TodoSettle
	case holds(status):
		a.Do = TodoNothing
	case spec.Follows != "" && run.Followed(id) == nil:
		a.Do, a.Earlier = TodoEarlier, spec.Follows
	case b.Gap() != "":
		a.Do = TodoFill
	case b.choosesRelease() && run.Release() == "":
		a.Do = TodoChooseRelease
	case state.Result.Facts[runbook.ByHand] != "":
		a.Do = TodoByHand
	case state.Result.Facts[FactDeployed] != "" && a.Acceptable:
		a.Do = TodoChooseOther
	case a.Effect != nil:
		a.command(run, id)
	case !spec.Checks, spec.Stated && state.Result.Verdict == runbook.Passed:
		a.Do = TodoTick
	default:
		a.check(status, changes)
		if a.Do == TodoRetry && !a.Acceptable && b.relies != "" && !holds(run.Status(b.relies, now)) {
			a.Do, a.Earlier = TodoEarlier, b.relies
		}
	}
	if state.Result.Verdict == runbook.Failed && !holds(status) && a.Do != TodoFollow && a.Doubt == nil {
		a.Aside = offered(&spec, state.Result.Facts)
	}
	lasts := (a.Do == TodoNothing || a.Do == TodoVerifyAgain) && lastHolds(run, b, now)
	if held := run.Held(); len(held) > 0 && (lasts || state.Result.Facts[FactHeld] != "" && rejected(status)) {
		a.Do, a.Undo = TodoUndo, &held[0]
	}
	return a
}

// offered returns the effect beside the course that a fact of the check offers, or nil.
func offered(spec *runbook.Spec, facts runbook.Facts) *runbook.EffectSpec {
	for i := range spec.Effects {
		if e := &spec.Effects[i]; e.Offered != "" && facts[e.Offered] != "" {
			return e
		}
	}
	return nil
}

// FactHeld is left by a check that fails for nothing but what the run has changed and not
// undone.
const FactHeld runbook.Fact = "held"

// lastHolds reports whether the last step of the same procedure holds, or held when it was
// last checked.
func lastHolds(run *runbook.Run, b *Binding, now time.Time) bool {
	own, _ := run.Spec(b.Step.ID)
	for _, spec := range slices.Backward(run.Specs()) {
		if spec.Procedure == own.Procedure {
			return run.Holds(spec.ID, now) || run.Status(spec.ID, now) == runbook.Stale
		}
	}
	return false
}

// Deployed reports whether the command that others see to the end, such as a deployment, has
// done its work in the procedure of a step, or, without one, whether the last step holds.
func Deployed(run *runbook.Run, b *Binding, now time.Time) bool {
	own, _ := run.Spec(b.Step.ID)
	for _, spec := range slices.Backward(run.Specs()) {
		if spec.Procedure == own.Procedure && spec.Follows != "" {
			return run.Followed(spec.ID) != nil
		}
	}
	return lastHolds(run, b, now)
}

// holds reports whether nothing is left to do about a step with this status.
func holds(s runbook.Status) bool {
	switch s {
	case runbook.Done, runbook.TickedOff, runbook.SkippedOver, runbook.ElsewhereDone, runbook.Accepted, runbook.AsIfDone, runbook.Decided:
		return true
	}
	return false
}

// command sets Do for a step with a next command: to meet the demands of its gate,
// or to run it.
func (a *Advice) command(run *runbook.Run, id document.StepID) {
	if run.Mode() == runbook.DryRun {
		a.Do = TodoPretend
		return
	}
	for _, r := range a.Reasons {
		_, known := run.Spec(r.Step)
		switch {
		case r.Demand == runbook.DemandJudgement:
			a.Do = TodoJudge
			return
		case r.Demand == runbook.DemandOwn && r.Step == id && run.Step(id).Result.Verdict == runbook.NotAsked:
			a.Do = TodoVerifyFirst
			return
		case r.Demand == runbook.DemandFresh, r.Demand == runbook.DemandAccess:
			// Engine.Prepare asks again.
		case r.Step != id && known:
			a.Do, a.Earlier = TodoEarlier, r.Step
			return
		}
	}
	if own := run.Step(id).Result; a.Acceptable && a.Lacks(runbook.DemandOwn) && own.Verdict != runbook.Passed {
		a.Do = TodoAccept
		return
	}
	a.Do = TodoRun
	if done := run.Effect(id, a.Effect.Name).Finished; done != nil && done.Result.Verdict != runbook.Passed {
		a.Do, a.Verdict = TodoRunAgain, done.Result.Verdict
		if done.Result.Facts[FactNothingToDo] != "" && a.Verdict == runbook.Failed {
			a.Do = TodoElsewhere
		}
	}
}

// check sets Do for a step that has a check and doesn't hold. changes reports
// whether the result may change by itself.
func (a *Advice) check(s runbook.Status, changes bool) {
	switch {
	case rejected(s) && changes:
		a.Do = TodoWait
	case rejected(s) && a.Acceptable:
		a.Do = TodoAccept
	case rejected(s):
		a.Do = TodoFix
	case s == runbook.Unsure:
		a.Do = TodoRetry
	case s == runbook.Stale:
		a.Do = TodoVerifyAgain
	default:
		a.Do = TodoVerify
	}
}

// rejected reports whether a check has said no.
func rejected(s runbook.Status) bool { return s == runbook.Rejected || s == runbook.Waiting }

// nextEffect returns the next command of the step, nil if none is left, and the
// demands of its gate except for the confirmation.
func nextEffect(run *runbook.Run, spec runbook.Spec, now time.Time) (*runbook.EffectSpec, []runbook.Reason) {
	course := spec.Course()
	if course == 0 {
		return nil, nil
	}
	switch run.Status(spec.ID, now) {
	case runbook.Done, runbook.Stale, runbook.AsIfDone, runbook.InProgress, runbook.SkippedOver, runbook.ElsewhereDone, runbook.Decided:
		return nil, nil
	}
	e := &spec.Effects[course-1]
	reasons := demands(run, spec.ID, e, now)
	if run.Mode() == runbook.DryRun {
		for i, state := range run.Step(spec.ID).Effects[:course] {
			if state.Pretended == nil {
				return &spec.Effects[i], demands(run, spec.ID, &spec.Effects[i], now)
			}
		}
	}
	for e.After != "" && needsNew(reasons, spec.ID) {
		before := spec.Effect(e.After)
		if before == nil {
			break
		}
		e, reasons = before, demands(run, spec.ID, before, now)
	}
	return e, reasons
}

// needsNew reports whether the outcome that an effect relies on must be made again.
func needsNew(reasons []runbook.Reason, id document.StepID) bool {
	return slices.ContainsFunc(reasons, func(r runbook.Reason) bool {
		return r.Demand == runbook.DemandBefore || r.Demand == runbook.DemandSame || (r.Demand == runbook.DemandFresh && r.Step == id)
	})
}

// demands returns the demands of an effect's gate, except for the confirmation and
// those that Engine.Prepare checks.
func demands(run *runbook.Run, id document.StepID, e *runbook.EffectSpec, now time.Time) []runbook.Reason {
	var refusal *runbook.Refusal
	if !errors.As(run.May(runbook.Effect(e.Name), id, now), &refusal) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(refusal.Reasons), func(r runbook.Reason) bool {
		switch r.Demand {
		case runbook.DemandConfirmation:
			return true
		case runbook.DemandAccess:
			return run.Access() == nil
		case runbook.DemandPossible:
			return run.Mode() == runbook.DryRun
		case runbook.DemandBefore: // a dry run goes on as if it had been made
			return run.Effect(id, e.After).Pretended != nil
		}
		return false
	})
}

// FindDoubt returns the command of the step whose outcome is unknown, nil if there
// is none.
func FindDoubt(run *runbook.Run, id document.StepID) *Doubt {
	spec, _ := run.Spec(id)
	s := run.Step(id)
	i := slices.IndexFunc(s.Effects, runbook.EffectState.InDoubt)
	if i < 0 {
		return nil
	}
	d := &Doubt{Effect: spec.Effects[i], Event: s.Effects[i].Doubted}
	if done := run.Effect(id, d.Effect.After).Finished; done != nil && done.At.After(d.Event.At) {
		d.Since = done
	}
	return d
}

// NextStep returns the step to go to after from, which may be nil: the first that
// doesn't hold and is in the same section or has a command in doubt, else the first
// of the same procedure that doesn't hold, else nil. A rollback isn't next after a
// deployment.
//
// After a question comes the procedure that its answer leads to.
func NextStep(run *runbook.Run, bound *Bound, from *Binding, now time.Time) *Binding {
	if from != nil && from.Kind.Leads != nil {
		kind := from.Kind.Leads(run.Step(from.Step.ID).Result)
		if i := slices.IndexFunc(bound.Steps, func(b Binding) bool { return b.Kind.Name == kind }); i >= 0 && !run.Holds(from.Step.ID, now) {
			from = &bound.Steps[i]
		}
	}
	var first *Binding
	for i := range bound.Steps {
		b := &bound.Steps[i]
		if run.Holds(b.Step.ID, now) || run.Status(b.Step.ID, now) == runbook.Stale || b.Kind.Question && from != nil {
			continue
		}
		if FindDoubt(run, b.Step.ID) != nil || from != nil && b.Step.Section == from.Step.Section {
			return b
		}
		if first == nil && (from == nil || b.procedure == from.procedure) {
			first = b
		}
	}
	return first
}
