package runbook

import (
	"fmt"
	"slices"
	"time"
)

// Replay returns the run that the events of a journal add up to. As they have
// happened, no gate is asked; gates apply again to events after the replay.
// Events of a step that the document no longer has are left out, except commands:
// an unknown step is an error there, because the run would not know that the
// command was started.
func Replay(specs []Spec, events []Event) (*Run, error) {
	r := NewRun(specs)
	if err := r.Follow(events); err != nil {
		return nil, err
	}
	if r.started == nil {
		return nil, fmt.Errorf("replaying %d events: the run has not started", len(events))
	}
	return r, nil
}

// Follow adds events that have happened in another process, as Replay does.
func (r *Run) Follow(events []Event) error {
	r.history = true
	defer func() { r.history = false }()
	for i, e := range events {
		err := r.Apply(e)
		switch e.(type) {
		case Started, EffectStarted, EffectDid, EffectFinished, EffectDoubted, Settled:
			if err != nil {
				return fmt.Errorf("replaying event %d of %d: %w", i+1, len(events), err)
			}
		}
		if err != nil {
			r.events++ // because the journal has it
		}
	}
	return nil
}

// resume discards the results of checks, except for those that a command has relied on
// which has done its work, and statements about steps whose text
// has changed. The outcomes of commands stay, because they can't be queried
// again, and so do ticks, skips and overrides with their actor and time. A
// judgement stays only if the person who made it resumes the run.
func (r *Run) resume(e Resumed) {
	r.resumed, r.access = &e, nil
	r.dropConfirmations()
	for i := range r.steps {
		s := &r.steps[i]
		if r.specs[i].Checks && !(r.past(i) && r.counts(r.status(i, e.At, true))) {
			s.Result, s.CheckedAt, s.Known = Result{}, time.Time{}, nil
		}
		if s.Judgement != nil && s.Judgement.Actor != e.Actor {
			s.Judgement = nil
		}
		if slices.Contains(e.Changed, r.specs[i].ID) {
			s.Tick, s.Skip, s.Elsewhere, s.Override, s.Lapsed, s.Judgement, s.Changed = nil, nil, nil, nil, nil, nil, true
		}
	}
}

// settle records a person's decision about a command in doubt. It can't be
// settled as carried out if a newer outcome of the effect that shows what is left
// to do, such as a plan, says otherwise.
func (r *Run) settle(e Settled) error {
	if len(e.Reason.String()) < MinReason {
		return fmt.Errorf("resolving an outcome: a reason of at least %d characters is needed", MinReason)
	}
	if err := r.permit(settle, e.Step, e.At); err != nil {
		return err
	}
	err := r.effect(e, e.Step, e.Effect, func(s *EffectState, spec EffectSpec) error {
		if !s.InDoubt() {
			return fmt.Errorf("the outcome of the effect %q is not unknown", e.Effect)
		}
		if shows := r.Effect(e.Step, spec.After).Finished; e.Done && spec.After != "" && shows != nil &&
			shows.At.After(s.Doubted.At) && shows.Result.Verdict == Passed && !r.history {
			return fmt.Errorf("the %s that was made since then shows something left to do, so it was not carried out to its end: decide that it was not", spec.After)
		}
		s.Settled = &e
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range r.Effect(e.Step, e.Effect).Open {
		if err := r.did(EffectDid{Head: e.Head, Step: e.Step, Effect: e.Effect, Name: name, Done: e.Done}); err != nil {
			return err
		}
	}
	return nil
}
