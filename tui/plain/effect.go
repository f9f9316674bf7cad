package plain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/questions"
)

// minReadTime is the least time that it takes to read the question about a plan. An answer
// that a person gives sooner is refused.
const minReadTime = time.Second

// prepare checks what the step's next command relies on, and asks for the confirmation. In a
// dry run it says what a live run would do.
func (w *walk) prepare(b *steps.Binding) {
	b, ok := w.filled(b)
	if !ok {
		return
	}
	a := steps.Next(w.run(), b, w.Now())
	switch {
	case w.run().Status(b.Step.ID, w.Now()) == runbook.InProgress:
		w.rejoin()
	case a.Effect == nil && a.Aside != nil:
		w.pause(b)
	case a.Effect == nil:
		w.out.line("Not done: this step has no command to run now.")
		w.tellNext()
	case w.Engine.Mode() == runbook.DryRun:
		w.pretend(b, *a.Effect)
	default:
		w.prepareEffect(b, *a.Effect)
	}
}

// pretend says what a live run would do.
func (w *walk) pretend(b *steps.Binding, effect runbook.EffectSpec) {
	var demands []runbook.Reason
	var err error
	if !w.during("asking what a live run would do", func(ctx context.Context) {
		demands, err = w.Engine.Pretend(ctx, b.Step.ID, effect.Name)
	}) {
		return
	}
	if err != nil {
		w.fail(err)
		return
	}
	demands = slices.DeleteFunc(demands, func(r runbook.Reason) bool { return r.Demand == runbook.DemandConfirmation })
	if len(demands) > 0 {
		w.out.line("Dry run: a live run would refuse %s, for %s:", effect.Label, say.Count(len(demands), "reason"))
		for _, d := range demands {
			w.out.line("  - %s", d.Text)
		}
	} else {
		w.out.line("Dry run: a live run would run %s, after you confirm it.", effect.Label)
	}
	w.out.line("  In %s. Nothing was executed. Continuing as if this command had run.", questions.Where(w.Engine.World()))
	w.onward()
}

// prepareEffect checks what a command relies on, and asks for the confirmation.
func (w *walk) prepareEffect(b *steps.Binding, effect runbook.EffectSpec) {
	if !w.mayConfirm() {
		return
	}
	id := b.Step.ID
	q := questions.Command{Step: b, Effect: effect, Phrase: w.run().Phrase(id, effect.Name), Dir: w.Engine.World().Checkout.Dir}
	var err error
	if !w.during("checking everything the command relies on", func(ctx context.Context) {
		if err = w.Engine.Prepare(ctx, id, effect.Name); err != nil {
			return
		}
		if effect.After != "" {
			if q.Plan, err = w.Engine.Plan(ctx, id); err != nil || q.Plan == nil {
				q.Unread, err = clean.Line("it can't be read again"), nil
			}
		}
		q.Asks = w.Engine.Asks(ctx, id, effect.Name)
	}) {
		return
	}
	if err != nil {
		w.blocked(b, effect, err)
		return
	}
	q.Phrase = w.run().Phrase(id, effect.Name) // what was asked again may have changed it
	w.confirm(q)
}

// confirm asks the person to type what confirms a command, and runs it.
func (w *walk) confirm(q questions.Command) {
	about := q.Question(w.run(), questions.Named)
	w.out.line("Confirm: run %s.", q.Effect.Label)
	w.out.lines(about[:len(about)-1])
	shown := w.Now()
	if _, ok := w.question("Confirm", about[len(about)-1], func(text string) string {
		switch {
		case w.Typed && q.Effect.Judged && w.Now().Sub(shown) < minReadTime:
			return "that was too quick to have read it"
		case strings.Join(strings.Fields(text), " ") != q.Phrase:
			return "that is not " + q.Phrase
		}
		return ""
	}); !ok {
		return
	}
	id, effect := q.Step.Step.ID, q.Effect.Name
	w.attach(q.Step, q.Effect, func(ctx context.Context, s steps.Session) error {
		return w.Engine.Perform(ctx, id, effect, q.Phrase, s)
	})
}

// blocked says why a command may not run. If the gate would allow it, the error is about the
// plan that it would carry out, and the person can make that plan again.
func (w *walk) blocked(b *steps.Binding, effect runbook.EffectSpec, err error) {
	w.out.line("Not now: %s.", effect.Label)
	w.out.lines(questions.Reasons(err))
	spec := w.spec(b)
	before := questions.Planner(&spec)
	var refusal *runbook.Refusal
	if errors.As(err, &refusal) || before == nil || before.Name != effect.After {
		w.tellNext()
		return
	}
	again := *before
	if _, ok := w.question("Again", "Type again to run "+again.Label.String()+" again.", func(text string) string {
		if text != "again" {
			return "type again"
		}
		return ""
	}); ok {
		w.prepareEffect(b, again)
	}
}

// rejoin follows the command that an earlier process has left running, and looks again at
// what it was changing.
func (w *walk) rejoin() {
	if !w.Engine.ReadOnly().Empty() || w.Engine.Unwritable() != nil {
		return
	}
	id, name, ok := w.run().RunningEffect()
	if !ok {
		if id, name, ok = w.run().DoubtedEffect(); !ok {
			return
		}
		if spec, _ := w.run().Spec(id); spec.Effect(name) == nil || !spec.Effect(name).Aside {
			return
		}
	}
	b, known := w.Engine.Bound().Step(id)
	if !known {
		return
	}
	spec := w.spec(b)
	if effect := spec.Effect(name); effect != nil {
		w.at = b
		w.attach(b, *effect, w.Engine.Rejoin)
	}
}

// ended says how a command ended.
func (w *walk) ended(c *running, err error) {
	label := c.effect.Label.String()
	done := w.run().Effect(c.step.Step.ID, c.effect.Name).Finished
	var refusal *runbook.Refusal
	switch {
	case errors.As(err, &refusal):
		w.out.line("Not run: %s.", label)
		w.out.lines(questions.Reasons(err))
	case err != nil:
		w.fail(err)
	case done != nil:
		w.out.line("%s: %s. %s", say.Capital(c.effect.Name), done.Result.Word(), done.Result.Summary)
		if n := c.printed(); n > 0 && !c.effect.Aside {
			w.out.line("Output: %s, not shown. Type output to read.", say.Count(n, "line"))
		}
		w.out.line("Took: %s.", say.Duration(w.Now().Sub(c.since)))
		r := done.Result
		w.tellOf(notify.CommandEnded, c.step.Step.ID, r.Verdict, clean.Linef("`%s` has ended: %s", label, r.Summary), c.since)
		w.checkAgain(c)
	default:
		if doubt := w.run().Effect(c.step.Step.ID, c.effect.Name).Doubted; doubt != nil {
			w.out.line("Outcome unknown: %s", doubt.Text)
			w.tellOf(notify.CommandEnded, c.step.Step.ID, runbook.Unknown, clean.Linef("Nobody knows how `%s` ended: %s", label, doubt.Text), c.since)
		}
	}
	w.onward()
}

// checkAgain checks what may hold now that the program has changed something itself.
func (w *walk) checkAgain(c *running) {
	var ids []document.StepID
	switch {
	case c.effect.Aside && c.effect.Undoes == "":
		ids = append(ids, c.step.Step.ID)
	case c.effect.Undoes != "":
		for _, spec := range w.run().Specs() {
			if w.run().Step(spec.ID).Result.Facts[steps.FactHeld] != "" {
				ids = append(ids, spec.ID)
			}
		}
	}
	if len(ids) == 0 || !w.during("verifying again", func(ctx context.Context) { w.Engine.CheckAll(ctx, ids) }) {
		return
	}
	for _, id := range ids {
		if b, ok := w.Engine.Bound().Step(id); ok {
			w.result(b)
		}
	}
}
