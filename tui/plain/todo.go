package plain

import (
	"cmp"
	"slices"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/steps/questions"
)

// todo returns what to do next about a step, as a clause that names the command to type.
func (w *walk) todo(b *steps.Binding) string {
	a := steps.Next(w.run(), b, w.Now())
	mend := cmp.Or(b.Kind.Mend, "fix it")
	accept := ""
	if a.Acceptable {
		accept = "; or accept it with a reason: type accept"
	}
	pause := ""
	if a.Aside != nil {
		pause = "type pause to " + a.Aside.Label.String() + ", or "
	}
	return pause + w.action(b, a, mend, accept)
}

func (w *walk) action(b *steps.Binding, a steps.Advice, mend, accept string) string {
	switch a.Do {
	case steps.TodoNothing:
		return w.over(b)
	case steps.TodoFollow:
		return "the command is running; type run to look at it again"
	case steps.TodoSettle:
		look := ""
		if a.Effect != nil && a.Effect.Name == a.Doubt.Effect.After && len(a.Reasons) == 0 {
			look = "type run to run " + a.Effect.Label.String() + ", which shows what is left to do; then "
		}
		return "nobody knows how " + a.Doubt.Effect.Label.String() + " ended. Look yourself; " + look + "type resolve"
	case steps.TodoLookAgain:
		return "the outcome of " + a.Doubt.Effect.Label.String() + " is unknown; type resolve to look again"
	case steps.TodoUndo:
		return a.Undo.Text().String() + "; type unpause"
	case steps.TodoChooseRelease:
		return w.publish()
	case steps.TodoFill:
		return "type fill to say what " + b.Asked(b.Gap()).String() + " is"
	case steps.TodoTick:
		return "do it, then type tick"
	case steps.TodoVerify, steps.TodoVerifyFirst:
		return "type verify"
	case steps.TodoVerifyAgain:
		return "type verify; the last result is too old"
	case steps.TodoRetry:
		if accept == "" {
			accept = "; or skip it with a reason: type skip"
		}
		return "type verify to ask again" + accept
	case steps.TodoByHand:
		if w.actedSince(b) {
			return "type verify: what you did may have changed it"
		}
		by := "do it by hand as said above"
		if w.World != nil {
			by += " (type world)"
		}
		return by + ", then type verify"
	case steps.TodoChooseOther:
		return "choose another release: type choose" + accept
	case steps.TodoFix:
		if w.actedSince(b) {
			return "type verify: what you did may have changed it"
		}
		return mend + ", then type verify"
	case steps.TodoAccept:
		if b.Kind.Releases != nil {
			mend = "choose another release with choose"
		}
		return mend + ", then type verify" + accept
	case steps.TodoWait:
		return "type wait to wait for it" + accept
	case steps.TodoEarlier:
		before, _ := w.run().Spec(a.Earlier)
		return before.Label.String() + " must be done first: type next"
	}
	return w.commandTodo(a)
}

// commandTodo is todo for a step whose next command is named in the advice.
func (w *walk) commandTodo(a steps.Advice) string {
	label := a.Effect.Label.String()
	switch a.Do {
	case steps.TodoPretend:
		return "type run to see what " + label + " would do; nothing is run"
	case steps.TodoJudge:
		if w.hasRead(w.at, a.Effect.After) {
			return "does the " + a.Effect.After + " look right? Type tick to confirm"
		}
		return "type plan and read the " + a.Effect.After + " to its end; then say whether it looks correct"
	case steps.TodoElsewhere:
		return "nothing would be deployed. If someone else has deployed it already, type skip and say who; or run it again: type run"
	case steps.TodoRunAgain:
		if a.Verdict == runbook.Failed {
			return "read why it failed: type output. When that is fixed, type run to run " + label + " again"
		}
		return "its output couldn't be interpreted: type output to read it; type run to run it again"
	}
	return "type run to run " + label + "; you confirm it first"
}

// actedSince reports whether the person has done something in the practice world since a step
// was checked.
func (w *walk) actedSince(b *steps.Binding) bool {
	checked := w.run().Step(b.Step.ID).CheckedAt
	return !w.acted.IsZero() && !checked.IsZero() && !checked.After(w.acted)
}

// publish says how the run gets its release.
func (w *walk) publish() string {
	if w.World == nil {
		return "publish the release on GitHub (links prints the page), then type choose"
	}
	if slices.ContainsFunc(w.World.Acts(), func(a elsewhere.Act) bool { return a.Enabled && a.Publishes }) {
		return "publish the release as GitHub: type world; then type choose"
	}
	return "the release is published: type choose"
}

// over says what comes after a step that is done.
func (w *walk) over(b *steps.Binding) string {
	next := steps.NextStep(w.run(), w.Engine.Bound(), b, w.Now())
	if next != nil {
		return "type next for " + next.Label().String()
	}
	return questions.Ended(w.run().Tally(b.Procedure(), w.Now())) + ". Type quit to leave"
}
