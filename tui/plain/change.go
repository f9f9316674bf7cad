package plain

import (
	"context"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
)

// pause carries out the effect beside the course of a step, such as pausing DAGs.
func (w *walk) pause(b *steps.Binding) {
	spec := w.spec(b)
	if can := questions.Pausing(&spec); can != nil {
		w.change(b, *can)
		return
	}
	w.out.line("Not done: this step has nothing to pause.")
}

// unpause undoes what the run has changed.
func (w *walk) unpause() {
	held := w.run().Held()
	if len(held) == 0 {
		w.out.line("Not done: nothing is paused by this run.")
		return
	}
	if b, ok := w.Engine.Bound().Step(held[0].Step); ok {
		w.change(b, held[0].Undo)
	}
}

// change asks what an effect would change, lets the person choose and confirm that, and
// carries it out.
func (w *walk) change(b *steps.Binding, effect runbook.EffectSpec) {
	if !w.mayConfirm() {
		return
	}
	var s steps.Scope
	var err error
	label := effect.Label.String()
	if !w.during("asking what there is to "+label, func(ctx context.Context) { s, err = w.Engine.Scope(ctx, b.Step.ID, effect.Name) }) {
		return
	}
	switch {
	case err != nil:
		w.out.line("Not now: %s.", label)
		w.out.lines(questions.Reasons(err))
	case len(s.Things) == 0:
		w.out.line("Nothing to %s.", label)
		w.about(s)
	case w.Engine.Mode() == runbook.DryRun:
		w.out.line("Dry run: a live run would %s: %s. Nothing was sent.", label, questions.ListThings(s.Things, s.Urgent))
		w.about(s)
	default:
		if s, ok := w.scope(effect, s); ok {
			w.confirmChange(b, effect, s)
		}
	}
}

func (w *walk) about(s steps.Scope) {
	for _, a := range s.About {
		w.out.line("  %s", a)
	}
}

// scope lets a person choose what is changed, if there is a choice.
func (w *walk) scope(effect runbook.EffectSpec, s steps.Scope) (steps.Scope, bool) {
	var options []string
	switch {
	case effect.Singly && len(s.Things) > 1:
		w.about(s)
		for _, t := range s.Things {
			options = append(options, clean.Linef("%s, %s", t.Name, t.Note).String())
		}
	case s.Urgent > 0 && s.Urgent < len(s.Things):
		urgent, all := questions.ChangeChoices(effect, s)
		options = []string{urgent, all}
	default:
		return s, true
	}
	w.out.line("Choose: %s.", say.Capital(effect.Label.String()))
	i, ok := w.pick(options)
	switch {
	case ok && effect.Singly:
		s.Things = s.Things[i : i+1]
	case ok && i == 0:
		s.Things = s.Things[:s.Urgent]
	}
	return s, ok
}

// confirmChange asks the person to type what confirms a change, and carries it out.
func (w *walk) confirmChange(b *steps.Binding, effect runbook.EffectSpec, s steps.Scope) {
	id := b.Step.ID
	phrase := w.run().Phrase(id, effect.Name)
	if early := questions.Unpause(w.run(), b, effect, w.Now()); !early.Empty() {
		s.About = append([]clean.Text{early}, s.About...)
	}
	w.out.line("Confirm: %s.", questions.ChangeTitle(effect, len(s.Things)))
	if len(s.Things) > questions.MostThings {
		w.out.line("  %s.", questions.ListThings(s.Things, s.Urgent))
	}
	about, _ := questions.ChangeQuestion(effect, s, phrase)
	w.out.lines(about[:len(about)-1])
	if _, ok := w.question("Confirm", about[len(about)-1], func(text string) string {
		if text != phrase {
			return "that is not " + phrase
		}
		return ""
	}); !ok {
		return
	}
	var names []string
	for _, t := range s.Things {
		names = append(names, t.Name)
	}
	w.attach(b, effect, func(ctx context.Context, session steps.Session) error {
		return w.Engine.Change(ctx, id, effect.Name, phrase, names, session)
	})
}
