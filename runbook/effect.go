package runbook

import (
	"fmt"
	"slices"

	"catalog-runbook/runbook/document"
)

// effect changes a copy of an effect's state. The slice is copied as well,
// because clones share it.
func (r *Run) effect(e Event, id document.StepID, name string, change func(*EffectState, EffectSpec) error) error {
	return r.with(e, id, func(s *StepState, spec Spec) error {
		for j, es := range spec.Effects {
			if es.Name == name {
				effects := slices.Clone(s.Effects)
				if err := change(&effects[j], es); err != nil {
					return err
				}
				s.Effects = effects
				return nil
			}
		}
		return fmt.Errorf("%s has no effect %q", spec.Label, name)
	})
}

func (r *Run) judge(e Judged) error {
	return r.with(e, e.Step, func(s *StepState, spec Spec) error {
		done := r.Effect(e.Step, e.Effect).Finished
		if done == nil || e.Hash == "" || done.Result.Facts[FactPlanHash] != e.Hash {
			return fmt.Errorf("what was judged is not what %s showed last", spec.Label)
		}
		if gone := r.Effect(e.Step, e.Effect).Voided; gone != nil && !r.history {
			return fmt.Errorf("the %s counts no more: %s", e.Effect, gone.Text)
		}
		s.Judgement = &e
		return nil
	})
}

// start records the intent to run an effect, which the gate must allow.
func (r *Run) start(e EffectStarted) error {
	if err := r.permit(Effect(e.Effect), e.Step, e.At); err != nil {
		return err
	}
	r.dropConfirmations()
	relied := r.Facts(e.Step)
	return r.with(e, e.Step, func(s *StepState, spec Spec) error {
		j := slices.IndexFunc(spec.Effects, func(es EffectSpec) bool { return es.Name == e.Effect })
		if j < 0 {
			return fmt.Errorf("%s has no effect %q", spec.Label, e.Effect)
		}
		s.Effects = slices.Clone(s.Effects)
		for k := range spec.Effects {
			if spec.Effects[k].Name == spec.Effects[j].After {
				s.Effects[k].used = true
			}
		}
		s.Effects[j] = EffectState{Started: &e, StartCount: s.Effects[j].StartCount + 1, Relied: relied}
		if s.Judgement != nil && s.Judgement.Effect == e.Effect {
			s.Judgement = nil // it was of the outcome before
		}
		return nil
	})
}

func (r *Run) finish(e EffectFinished) error {
	if e.Result.Verdict == NotAsked {
		e.Result.Verdict = Unknown // a command whose outcome nobody judged
	}
	err := r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
		if !s.Running() {
			return fmt.Errorf("the effect %q does not run", e.Effect)
		}
		s.Finished = &e
		return nil
	})
	if err != nil {
		return err
	}
	// What was typed while the command ran confirms nothing that came of it.
	r.dropConfirmations()
	return r.with(e, e.Step, func(s *StepState, spec Spec) error {
		// Only the last effect says whether the step is done: a good plan is
		// not yet a deployment.
		if last := spec.Effects[len(spec.Effects)-1]; last.Name == e.Effect {
			s.sense(&spec, e.Result, e.At)
		} else if e.Result.Verdict == Failed {
			s.Skip = nil
		}
		return nil
	})
}

// void takes what came of an effect away from those that would rely on it, and
// what was said of it.
func (r *Run) void(e EffectVoided) error {
	err := r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
		if s.Finished == nil {
			return fmt.Errorf("nothing came of the effect %q", e.Effect)
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

// Phrase returns what a person must type to confirm an effect as things stand:
// the environment's name, and after it the number that the effect asks for. It
// returns "" where nothing need be typed, and for an effect that is not there.
func (r *Run) Phrase(id document.StepID, effect string) string {
	i, ok := r.index[id]
	if !ok {
		return ""
	}
	j := slices.IndexFunc(r.specs[i].Effects, func(e EffectSpec) bool { return e.Name == effect })
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

// dropConfirmations makes every confirmation serve once.
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
