package plain

import (
	"context"
	"errors"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
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

// fill asks what the placeholders of a step stand for: those that aren't filled in, or else
// all of them again.
func (w *walk) fill(b *steps.Binding) {
	names := b.Placeholders()
	switch {
	case len(names) == 0:
		w.out.line("Not done: this step has no placeholder to fill in.")
		return
	case b.Gap() == "":
		for _, name := range names {
			if !w.askFill(b, name) {
				return
			}
		}
	}
	b, ok := w.filled(b)
	switch {
	case !ok:
	case b.Check() != nil:
		w.check(b)
	default:
		w.onward()
	}
}

// filled returns the step with its placeholders filled in. It asks for those that aren't.
func (w *walk) filled(b *steps.Binding) (*steps.Binding, bool) {
	for id := b.Step.ID; b.Gap() != ""; b, _ = w.Engine.Bound().Step(id) {
		if w.locked() || !w.askFill(b, b.Gap()) {
			return b, false
		}
	}
	b, _ = w.Engine.Bound().Step(b.Step.ID)
	w.at = b
	return b, true
}

// askFill asks what a placeholder of a step stands for, and lists what it can be.
func (w *walk) askFill(b *steps.Binding, name string) bool {
	if b.Question(name) != nil && !w.offer(b, name) {
		return false
	}
	q := questions.Fill(w.run(), w.Engine.Bound(), name)
	value, ok := w.question("Fill in", q.Title+" "+strings.Join(q.About, " "), func(value string) string {
		if _, _, err := w.Engine.Bound().Fill(name, value); err != nil {
			return clean.Line(err.Error()).String()
		}
		return ""
	})
	if !ok {
		return false
	}
	if err := w.Engine.Fill(name, value); err != nil {
		w.fail(err)
		return false
	}
	w.out.line("Filled in: %s.", questions.Filled(w.run().Filled(name)))
	return true
}

// offer prints what a placeholder of a step can stand for. It returns false if the person has
// stopped it.
func (w *walk) offer(b *steps.Binding, name string) bool {
	var offers []steps.Offer
	var err error
	if !w.during("asking for what it can be", func(ctx context.Context) { offers, err = w.Engine.Offers(ctx, b.Step.ID, name) }) {
		return false
	}
	if err != nil {
		w.out.line("Note: what it can be can't be listed: %s", clean.Line(err.Error()))
	}
	for _, o := range offers {
		w.out.line("  %s, %s", o.Shown, o.Hint)
	}
	return true
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

// accept accepts what a check has found. What is too old by then is asked for again, and so is
// the reason if something else is found.
func (w *walk) accept(b *steps.Binding) {
	id := b.Step.ID
	if w.actedSince(b) {
		w.out.line("Note: something was done elsewhere since this was found, so it is verified again.")
		if !w.foundAgain(b) {
			return
		}
	}
	reason, given := "", ""
	for {
		err := w.run().May(runbook.Override, id, w.Now())
		if err == nil {
			q, names := questions.AcceptEach(w.run(), b)
			if names != given {
				var ok bool
				if reason, ok = w.reason(q); !ok {
					return
				}
				given = names
			}
			err = w.Engine.Override(id, reason, names)
		}
		var refusal *runbook.Refusal
		if !errors.As(err, &refusal) || !refusal.Only(runbook.DemandFresh) {
			w.tell(b, err)
			return
		}
		w.out.line("Note: what was found is too old to accept, so it is verified again.")
		if !w.foundAgain(b) {
			return
		}
	}
}

// foundAgain verifies what a person is about to accept, and says what is found. It returns
// false if that failed, or the step holds now.
func (w *walk) foundAgain(b *steps.Binding) bool {
	id := b.Step.ID
	var err error
	if !w.during("verifying "+b.Label().String(), func(ctx context.Context) { _, err = w.Engine.Check(ctx, id) }) {
		return false
	}
	if err != nil {
		w.fail(err)
		return false
	}
	w.out.line("%s: %s. %s", name(b), w.run().Status(id, w.Now()), w.run().Step(id).Result.Summary)
	if w.run().Holds(id, w.Now()) {
		w.out.line("Not done: it holds now, so there is nothing to accept.")
		w.onward()
		return false
	}
	return true
}

// undo takes a statement back: about the step that is named, or one of a list of all.
func (w *walk) undo(rest string) {
	if rest != "" {
		if b, ok := w.named(rest); ok {
			w.undoOf(b)
		}
		return
	}
	var stated []*steps.Binding
	var options []string
	for _, b := range w.Engine.Bound().InOrder() {
		if what := w.stated(b); what != "" {
			stated, options = append(stated, b), append(options, name(b)+", "+what)
		}
	}
	if len(stated) == 0 {
		w.out.line("Not done: no step is ticked, skipped, accepted or marked as done elsewhere.")
		return
	}
	w.out.line("Choose: what is undone.")
	if i, ok := w.pick(options); ok {
		w.undoOf(stated[i])
	}
}

func (w *walk) undoOf(b *steps.Binding) {
	what := w.stated(b)
	if what == "" {
		w.fail(w.Engine.Untick(b.Step.ID)) // which says why
		return
	}
	w.at = b
	if err := w.Engine.Untick(b.Step.ID); err != nil {
		w.fail(err)
		return
	}
	w.out.line("Undone: %s, %s.", b.Label(), what)
	w.tell(b, nil)
}

// stated returns what people have stated about a step and can undo, "" if there is none.
func (w *walk) stated(b *steps.Binding) string {
	var all []string
	s := w.run().Step(b.Step.ID)
	if s.Tick != nil {
		all = append(all, "ticked")
	}
	if s.Skip != nil {
		all = append(all, "skipped: "+s.Skip.Reason.String())
	}
	if s.Elsewhere != nil {
		all = append(all, "done elsewhere by "+s.Elsewhere.By.String())
	}
	if s.Override != nil {
		all = append(all, "accepted: "+s.Override.Reason.String())
	}
	if s.Judges() {
		all = append(all, "the "+s.Judgement.Effect+" looks correct")
	}
	return strings.Join(all, "; ")
}

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
