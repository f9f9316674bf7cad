package runbook

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// Held is what an effect of the run has changed and what nobody has undone: the DAGs that
// the run has paused.
type Held struct {
	Step   document.StepID
	Effect EffectSpec
	Undo   EffectSpec // the effect that undoes it
	Names  []string   // in the order of the changes; not clean
}

// Text returns a sentence without its period: "2 DAGs are still paused by this run: a, b".
func (h Held) Text() clean.Text {
	return clean.Linef("%s still %s by this run: %s", say.Plural(len(h.Names), h.Effect.Thing+" is", h.Effect.Thing+"s are"), h.Effect.Made, strings.Join(h.Names, ", "))
}

// Outcome returns the names of the things that the latest execution has changed, those of
// the others, and what became of the first of these.
func (e EffectState) Outcome() (done, not []string, first clean.Text) {
	for _, d := range e.Did {
		switch {
		case d.Done:
			done = append(done, d.Name)
		default:
			if not = append(not, d.Name); len(not) == 1 {
				first = d.Text
			}
		}
	}
	return done, not, first
}

// Held returns what the run has changed and not undone, in the order of the steps.
func (r *Run) Held() []Held {
	var all []Held
	for i := range r.specs {
		spec := &r.specs[i]
		for _, undo := range spec.Effects {
			if undo.Undoes == "" {
				continue
			}
			if names := r.Effect(spec.ID, undo.Undoes).Held; len(names) > 0 {
				all = append(all, Held{Step: spec.ID, Effect: *spec.Effect(undo.Undoes), Undo: undo, Names: names})
			}
		}
	}
	return all
}

// did records what became of one thing that an effect changes.
func (r *Run) did(e EffectDid) error {
	undoes := ""
	err := r.effect(e, e.Step, e.Effect, func(s *EffectState, spec EffectSpec) error {
		if !slices.Contains(s.Open, e.Name) {
			return fmt.Errorf("the effect %q does not change %q", e.Effect, clean.Line(e.Name))
		}
		s.Open, s.Did = without(s.Open, e.Name), append(slices.Clone(s.Did), e)
		if undoes = spec.Undoes; e.Done && undoes == "" {
			s.Held = union(s.Held, []string{e.Name})
		}
		return nil
	})
	if err != nil || !e.Done || undoes == "" {
		return err
	}
	return r.effect(e, e.Step, undoes, func(s *EffectState, _ EffectSpec) error {
		s.Held = without(s.Held, e.Name)
		return nil
	})
}

// without returns names without one, in a slice of its own, because clones share them.
func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// union returns names, and those of more that aren't among them, in a slice of its own.
func union(names, more []string) []string {
	all := slices.Clone(names)
	for _, name := range more {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
