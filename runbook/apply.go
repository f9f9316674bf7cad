package runbook

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"catalog-runbook/runbook/document"
)

// Apply adds an event to the run. The outcome depends on the state and the event
// alone. If the state doesn't allow the event, Apply returns an error and changes
// nothing. In particular, an effect can start only if May allows it at the
// event's time.
func (r *Run) Apply(e Event) error {
	if err := r.apply(e); err != nil {
		return err
	}
	r.events++
	return nil
}

// Events returns the number of events so far, including replayed ones whose step
// the document no longer has. Of two copies of a run, the one with more events is
// newer.
func (r *Run) Events() int { return r.events }

func (r *Run) apply(e Event) error {
	if _, first := e.(Started); r.started == nil && !first {
		return fmt.Errorf("adding %s: the run has not started", e.Type())
	}
	switch e := e.(type) {
	case Started:
		if r.started != nil {
			return fmt.Errorf("adding %s: the run has started already", e.Type())
		}
		if e.Mode != Live && e.Mode != DryRun && e.Mode != Practice {
			return fmt.Errorf("adding %s: there is no mode %q", e.Type(), e.Mode)
		}
		r.started, r.environment = &e, e.Environment
		return nil
	case Resumed:
		r.resume(e)
		return nil
	case ReleaseChosen:
		return r.choose(e)
	case Filled:
		return r.fill(e)
	case AccessSeen:
		r.access = &e
		return nil
	case Checked:
		return r.with(e, e.Step, func(s *StepState, spec Spec) error {
			if !spec.Checks {
				return fmt.Errorf("%s can't be checked", spec.Label)
			}
			s.setResult(&spec, e.Result, e.At)
			return nil
		})
	case Ticked:
		return r.allowed(e, tick, e.Step, func(s *StepState, _ Spec) { s.Tick, s.Changed = &e, false })
	case Unticked:
		return r.allowed(e, untick, e.Step, func(s *StepState, _ Spec) {
			s.Tick, s.Skip, s.Elsewhere, s.Override, s.Lapsed = nil, nil, nil, nil, nil
			if s.Judges() {
				s.Judgement = nil
			}
		})
	case Skipped:
		if len(e.Reason.String()) < MinReason {
			return fmt.Errorf("skipping: a reason of at least %d characters is needed", MinReason)
		}
		return r.allowed(e, Skip, e.Step, func(s *StepState, _ Spec) { s.Skip = &e })
	case DoneElsewhere:
		return r.elsewhere(e)
	case Overridden:
		return r.override(e)
	case Judged:
		return r.judge(e)
	case Confirmed:
		phrase := r.Phrase(e.Step, e.Effect)
		return r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
			if e.Phrase != phrase && !r.history {
				return fmt.Errorf("%q was typed where %q was asked for", e.Phrase, phrase)
			}
			s.Confirmed = &e
			return nil
		})
	case EffectStarted:
		return r.start(e)
	case EffectDid:
		return r.did(e)
	case EffectFinished:
		return r.finish(e)
	case StopAsked:
		return r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
			if !s.Running() {
				return fmt.Errorf("the effect %q does not run", e.Effect)
			}
			s.Stopped = &e
			return nil
		})
	case EffectDoubted:
		return r.doubt(e)
	case EffectVoided:
		return r.void(e)
	case Settled:
		return r.settle(e)
	case Pretended:
		if r.Mode() != DryRun {
			return fmt.Errorf("adding %s: only a dry run pretends", e.Type())
		}
		return r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
			s.Pretended = &e
			return nil
		})
	}
	return fmt.Errorf("adding %s: unknown event", e.Type())
}

// with applies change to a copy of a step's state and keeps the copy if change
// succeeds.
func (r *Run) with(e Event, id document.StepID, change func(*StepState, Spec) error) error {
	i, ok := r.index[id]
	if !ok {
		return fmt.Errorf("adding %s: there is no step %q", e.Type(), id)
	}
	s := r.steps[i]
	if err := change(&s, r.specs[i]); err != nil {
		return fmt.Errorf("adding %s: %w", e.Type(), err)
	}
	r.steps[i] = s
	return nil
}

// permit is May, except that it allows replayed events, which have happened.
func (r *Run) permit(a Action, id document.StepID, at time.Time) error {
	if r.history {
		return nil
	}
	return r.May(a, id, at)
}

func (r *Run) allowed(e Event, a Action, id document.StepID, change func(*StepState, Spec)) error {
	if err := r.permit(a, id, e.When()); err != nil {
		return err
	}
	return r.with(e, id, func(s *StepState, spec Spec) error {
		change(s, spec)
		return nil
	})
}

func (r *Run) choose(e ReleaseChosen) error {
	if err := r.permit(Choose, "", e.At); err != nil {
		return err
	}
	switch {
	case e.Tag == "":
		return fmt.Errorf("adding %s: no tag is named", e.Type())
	case e.Tag == r.Release():
		return nil
	}
	r.release = &e
	for i := range r.steps {
		r.forget(i)
	}
	return nil
}

// forget drops what was found about a step of which no command was run, because it was
// about something else.
func (r *Run) forget(i int) {
	s := &r.steps[i]
	s.Result, s.CheckedAt, s.Known, s.Elsewhere, s.Override, s.Lapsed = Result{}, time.Time{}, nil, nil, nil, nil
	effects := slices.Clone(s.Effects)
	clear(effects[:r.specs[i].Course()]) // none was run, but some pretended or confirmed
	s.Effects = effects
}

// fill records what a placeholder stands for.
func (r *Run) fill(e Filled) error {
	if e.Name == "" || e.Value == "" {
		return fmt.Errorf("adding %s: no placeholder or no value is named", e.Type())
	}
	if err := r.mayFill(e); err != nil && !r.history {
		return err
	}
	r.filled = slices.DeleteFunc(slices.Clone(r.filled), func(f Filled) bool { return f.Name == e.Name })
	r.filled = append(r.filled, e)
	if !e.Environment.Empty() {
		r.environment = e.Environment
	}
	for _, id := range e.Steps {
		if i, ok := r.index[id]; ok {
			r.forget(i)
		}
	}
	return nil
}

func (r *Run) override(e Overridden) error {
	if len(e.Reason.String()) < MinReason {
		return fmt.Errorf("accepting: a reason of at least %d characters is needed", MinReason)
	}
	if err := r.permit(Override, e.Step, e.At); err != nil {
		return err
	}
	return r.with(e, e.Step, func(s *StepState, spec Spec) error {
		if e.Names == "" || e.Names != spec.Acceptable(s.Result) {
			return fmt.Errorf("what is accepted is not what %s found last", spec.Label)
		}
		s.Override, s.Lapsed = &e, nil
		return nil
	})
}

// elsewhere records that a step was done elsewhere, as a person states.
func (r *Run) elsewhere(e DoneElsewhere) error {
	switch {
	case e.By.Empty():
		return errors.New("marking as done elsewhere: it isn't said who did it")
	case len(e.Reason.String()) < MinReason:
		return fmt.Errorf("marking as done elsewhere: a reason of at least %d characters is needed", MinReason)
	}
	err := r.allowed(e, MarkElsewhere, e.Step, func(s *StepState, _ Spec) { s.Elsewhere, s.Skip = &e, nil })
	if err == nil {
		r.beginFollowers(e.Step)
	}
	return err
}

// setResult records the latest result. A failed result ends a skip and that the step was
// done elsewhere, whose reasons were given before it, and a result that names more than was accepted, or nothing, ends
// an override. An unknown result ends neither. A missing verdict counts as unknown.
func (s *StepState) setResult(spec *Spec, res Result, at time.Time) {
	if res.Verdict == NotAsked {
		res.Verdict = Unknown
	}
	switch {
	case !res.Unasked:
		s.Known = nil
	case s.Known == nil && s.Result.Verdict != NotAsked && !s.Result.Unasked:
		s.Known = &Known{s.Result, s.CheckedAt}
	}
	s.Result, s.CheckedAt = res, at
	if res.Verdict == Failed {
		s.Skip, s.Elsewhere = nil, nil
	}
	if res.Verdict == Passed {
		s.Lapsed = nil
	}
	if s.Override != nil && res.Verdict != Unknown && !s.Override.covers(spec.Acceptable(res)) {
		if res.Verdict == Failed {
			s.Lapsed = s.Override
		}
		s.Override = nil
	}
}
