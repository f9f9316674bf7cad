package runbook

import (
	"fmt"
	"slices"

	"catalog-runbook/runbook/document"
)

// effect applies change to a copy of an effect's state. It copies the slice too,
// because clones share it.
func (r *Run) effect(e Event, id document.StepID, name string, change func(*EffectState, EffectSpec) error) error {
	return r.with(e, id, func(s *StepState, spec Spec) error {
		j := spec.effectIndex(name)
		if j < 0 {
			return fmt.Errorf("%s has no effect %q", spec.Label, name)
		}
		effects := slices.Clone(s.Effects)
		if err := change(&effects[j], spec.Effects[j]); err != nil {
			return err
		}
		s.Effects = effects
		return nil
	})
}

// OutcomeHash returns what identifies the latest outcome of an effect, or "" if
// there is no outcome or nothing identifies it.
func (r *Run) OutcomeHash(id document.StepID, effect string) string {
	spec, _ := r.Spec(id)
	done, e := r.Effect(id, effect).Finished, spec.Effect(effect)
	if done == nil || e == nil || e.Hash == "" {
		return ""
	}
	return done.Result.Facts[e.Hash]
}

func (r *Run) judge(e Judged) error {
	return r.with(e, e.Step, func(s *StepState, spec Spec) error {
		if e.Hash == "" || r.OutcomeHash(e.Step, e.Effect) != e.Hash {
			return fmt.Errorf("what was judged is not what %s showed last", spec.Label)
		}
		if gone := r.Effect(e.Step, e.Effect).Voided; gone != nil && !r.history {
			return fmt.Errorf("the %s no longer counts: %s", e.Effect, gone.Text)
		}
		s.Judgement = &e
		return nil
	})
}

// start records the start of an effect, which the gate must allow.
func (r *Run) start(e EffectStarted) error {
	if err := r.permit(Effect(e.Effect), e.Step, e.At); err != nil {
		return err
	}
	r.dropConfirmations()
	relied := r.Facts(e.Step)
	err := r.with(e, e.Step, func(s *StepState, spec Spec) error {
		j := spec.effectIndex(e.Effect)
		if j < 0 {
			return fmt.Errorf("%s has no effect %q", spec.Label, e.Effect)
		}
		s.Effects, s.Elsewhere = slices.Clone(s.Effects), nil // this run does it after all
		if k := spec.effectIndex(spec.Effects[j].After); k >= 0 {
			s.Effects[k].used = true
		}
		s.Effects[j] = EffectState{Started: &e, StartCount: s.Effects[j].StartCount + 1, Relied: relied, Held: s.Effects[j].Held, Open: e.On}
		if s.Judgement != nil && s.Judgement.Effect == e.Effect {
			s.Judgement = nil // it was about the previous outcome
		}
		return nil
	})
	if err == nil {
		r.beginFollowers(e.Step)
	}
	return err
}

func (r *Run) finish(e EffectFinished) error {
	if e.Result.Verdict == NotAsked {
		e.Result.Verdict = Unknown // nothing interpreted the outcome
	}
	return r.end(e, e.Step, e.Effect, e.Result, func(s *EffectState) { s.Finished, s.Doubted, s.Open = &e, nil, nil })
}

// doubt records that a command's outcome is unknown.
func (r *Run) doubt(e EffectDoubted) error {
	return r.end(e, e.Step, e.Effect, Result{Verdict: Unknown, Summary: e.Text}, func(s *EffectState) { s.Doubted = &e })
}

// end records the end of a running effect, as set does in its state.
func (r *Run) end(e Event, id document.StepID, name string, res Result, set func(*EffectState)) error {
	err := r.effect(e, id, name, func(s *EffectState, spec EffectSpec) error {
		if !s.Running() && !(spec.Aside && s.InDoubt()) {
			return fmt.Errorf("the effect %q does not run", name)
		}
		set(s)
		return nil
	})
	if err != nil {
		return err
	}
	// A confirmation typed while the command ran doesn't cover its outcome.
	r.dropConfirmations()
	return r.with(e, id, func(s *StepState, spec Spec) error {
		// Only the last effect decides whether the step is done: a good plan is
		// not yet a deployment.
		switch j := spec.effectIndex(name); {
		case spec.Effects[j].Aside:
		case j == spec.Course()-1:
			s.setResult(&spec, res, e.When())
		case res.Verdict == Failed:
			s.Skip = nil
		}
		return nil
	})
}

// void makes the outcome of an effect unusable, and discards the judgement of it.
func (r *Run) void(e EffectVoided) error {
	err := r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
		if s.Finished == nil {
			return fmt.Errorf("the effect %q has no outcome", e.Effect)
		}
		s.Voided, s.used = &e, true
		return nil
	})
	if err != nil {
		return err
	}
	r.dropConfirmations()
	return r.with(e, e.Step, func(s *StepState, _ Spec) error {
		if s.Judgement != nil && s.Judgement.Effect == e.Effect {
			s.Judgement = nil
		}
		return nil
	})
}

// Phrase returns what a person must type to confirm an effect now: the
// environment's name, followed by the number that the effect asks for. It returns
// "" if nothing needs to be typed or the effect doesn't exist.
func (r *Run) Phrase(id document.StepID, effect string) string {
	i, ok := r.index[id]
	if !ok {
		return ""
	}
	j := r.specs[i].effectIndex(effect)
	if j < 0 {
		return ""
	}
	return r.phrase(i, j)
}

func (r *Run) phrase(i, j int) string {
	e := &r.specs[i].Effects[j]
	if e.Confirm == "" || e.Number == "" {
		return e.Confirm
	}
	if n := r.Facts(r.specs[i].ID)[e.Number]; n != "" && n != "0" {
		return e.Confirm + " " + n
	}
	return e.Confirm
}

// dropConfirmations discards all confirmations: each is good for one effect.
func (r *Run) dropConfirmations() {
	for i := range r.steps {
		for j := range r.steps[i].Effects {
			if r.steps[i].Effects[j].Confirmed == nil {
				continue
			}
			effects := slices.Clone(r.steps[i].Effects)
			effects[j].Confirmed = nil
			r.steps[i].Effects = effects
		}
	}
}
