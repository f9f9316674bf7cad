package plain

import (
	"context"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
)

// tell records a statement and says what it leads to.
func (w *walk) tell(b *steps.Binding, err error) {
	if err != nil {
		w.fail(err)
		return
	}
	w.out.line("%s: %s.", name(b), w.run().Status(b.Step.ID, w.Now()))
	w.onward()
}

// reason asks for a reason.
func (w *walk) reason(q questions.Statement) (string, bool) {
	w.out.line("%s.", q.Title)
	w.out.lines(q.About)
	return w.question("Reason", "Type the reason.", questions.ShortReason)
}

// tick states that a step is done by hand, or that its plan looks correct.
func (w *walk) tick(b *steps.Binding) {
	spec := w.spec(b)
	made := questions.Planner(&spec)
	if made == nil {
		w.tell(b, w.Engine.Tick(b.Step.ID, ""))
		return
	}
	switch why := questions.NotJudged(w.run(), b.Step.ID, made.Name, w.Now()); {
	case !why.Empty():
		w.out.line("Not done: %s", why)
	case !w.mayConfirm():
	case !w.hasRead(b, made.Name):
		w.out.line("Not done: read the %s to its end first. Type plan.", made.Name)
	default:
		if err := w.Engine.Judge(b.Step.ID, made.Name, w.run().OutcomeHash(b.Step.ID, made.Name)); err != nil {
			w.fail(err)
			return
		}
		w.out.line("Noted: you say that the %s looks correct.", made.Name)
		w.tellNext()
	}
}

// mayConfirm reports whether the input may confirm effects and judge plans. If not, it says
// why.
func (w *walk) mayConfirm() bool {
	if w.Typed || w.Engine.Mode() != runbook.Live {
		return true
	}
	w.out.line("Not done: only a person at a terminal may do this, and the input is not a terminal.")
	return false
}

// skip leaves a step out. One that deploys is marked as done elsewhere instead.
func (w *walk) skip(b *steps.Binding) {
	if w.spec(b).Deploys {
		w.elsewhere(b)
		return
	}
	if !w.may(runbook.Skip, b.Step.ID) {
		return
	}
	if reason, ok := w.reason(questions.Skip(b)); ok {
		w.tell(b, w.Engine.Skip(b.Step.ID, reason))
	}
}

func (w *walk) elsewhere(b *steps.Binding) {
	id := b.Step.ID
	if !w.may(runbook.MarkElsewhere, id) {
		return
	}
	var evidence []runbook.Evidence
	if !w.during("asking what is deployed", func(ctx context.Context) { evidence = w.Engine.Elsewhere(ctx, id) }) {
		return
	}
	q := questions.Elsewhere(w.run(), b, evidence)
	w.out.line("%s.", q.Title)
	w.out.lines(q.About)
	by, ok := w.question("Who", "Type the name.", func(string) string { return "" })
	if !ok {
		return
	}
	if reason, ok := w.reason(questions.ElsewhereHow(w.run(), b, by)); ok {
		w.tell(b, w.Engine.DoneElsewhere(id, by, reason, evidence))
	}
}

// accept accepts what a check has found.
func (w *walk) accept(b *steps.Binding) {
	if !w.may(runbook.Override, b.Step.ID) {
		return
	}
	q, names := questions.Accept(w.run(), b)
	if reason, ok := w.reason(q); ok {
		w.tell(b, w.Engine.Override(b.Step.ID, reason, names))
	}
}

// undo takes a statement back.
func (w *walk) undo(b *steps.Binding) { w.tell(b, w.Engine.Untick(b.Step.ID)) }

// settle asks what became of a command whose outcome is unknown.
func (w *walk) settle(b *steps.Binding) {
	doubt := steps.FindDoubt(w.run(), b.Step.ID)
	if doubt == nil {
		w.out.line("Not done: no command of this step has an unknown outcome.")
		return
	}
	q := questions.Doubt(doubt)
	w.out.line("Confirm: %s", q.Title)
	w.out.lines(q.About)
	options := []string{questions.CarriedOut, questions.NotCarriedOut}
	if doubt.Effect.Aside {
		options = append(options, questions.LookAgain)
	}
	i, ok := w.pick(options)
	switch {
	case !ok:
		return
	case i == 2:
		w.attach(b, doubt.Effect, w.Engine.Rejoin)
		return
	}
	reason, ok := w.reason(questions.Outcome(doubt, i == 0))
	if !ok {
		return
	}
	if err := w.Engine.Settle(b.Step.ID, doubt.Effect.Name, i == 0, reason); err != nil {
		w.fail(err)
		return
	}
	if b.Check() != nil { // the earlier result is out of date
		w.check(b)
		return
	}
	w.tell(b, nil)
}
