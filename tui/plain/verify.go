package plain

import (
	"context"
	"fmt"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/questions"
)

// verify checks a step, or all of them.
func (w *walk) verify(rest string) {
	if rest == "all" {
		w.verifyAll()
		return
	}
	onStep((*walk).check)(w, rest)
}

// check checks a step once.
func (w *walk) check(b *steps.Binding) {
	if !w.may(runbook.Check, b.Step.ID) {
		return
	}
	b, ok := w.filled(b)
	if !ok {
		return
	}
	var err error
	if !w.during("verifying "+b.Label().String(), func(ctx context.Context) { _, err = w.Engine.Check(ctx, b.Step.ID) }) {
		return
	}
	if err != nil {
		w.fail(err)
		return
	}
	w.result(b)
	w.onward()
}

// result prints what a check has found.
func (w *walk) result(b *steps.Binding) {
	res := w.run().Step(b.Step.ID).Result
	w.out.line("%s: %s. %s", name(b), w.run().Status(b.Step.ID, w.Now()), res.Summary)
	if res.Verdict != runbook.Passed {
		for _, e := range res.Evidence {
			w.evidence(e)
		}
	}
	w.lapsed(b)
}

// lapsed says that what was accepted no longer counts, and why.
func (w *walk) lapsed(b *steps.Binding) {
	if s := w.run().Step(b.Step.ID); s.Lapsed != nil {
		w.out.line("No longer accepted: %s It was accepted because: %s", questions.Lapsed(w.run(), b.Step.ID), s.Lapsed.Reason)
	}
}

// verifyAll checks every step of the procedure.
func (w *walk) verifyAll() {
	var ids []document.StepID
	for _, s := range w.run().Specs() {
		if s.Checks && s.Procedure == w.at.Procedure() {
			ids = append(ids, s.ID)
		}
	}
	if !w.during("verifying "+say.Count(len(ids), "step"), func(ctx context.Context) { w.Engine.CheckAll(ctx, ids) }) {
		return
	}
	for _, id := range ids {
		if b, ok := w.Engine.Bound().Step(id); ok && w.run().Step(id).Result.Verdict != runbook.NotAsked {
			w.out.line("%s: %s. %s", name(b), w.run().Status(id, w.Now()), w.run().Step(id).Result.Summary)
			w.lapsed(b)
		}
	}
	w.tellProgress()
	w.onward()
}

// wait checks a step again and again until it holds or waiting wouldn't change anything, and
// prints each change of what it waits for. ctrl+c, or stop typed on a terminal, ends it.
func (w *walk) wait(b *steps.Binding) {
	if !w.may(runbook.Check, b.Step.ID) {
		return
	}
	id := b.Step.ID
	began, told := w.Now(), ""
	w.out.line("Waiting: for %s; stop or ctrl+c ends it.", b.Label())
	var err error
	changes := make(chan string)
	over := w.quietly("still waiting for "+b.Label().String(), func(ctx context.Context) {
		for err == nil {
			if _, err = w.Engine.Check(ctx, id); err != nil {
				return
			}
			again := w.Engine.Again(id)
			if again == 0 || w.run().Holds(id, w.Now()) {
				return
			}
			res := w.run().Step(id).Result
			if now := timeless(res.Summary.String()); now != told {
				told = now
				select {
				case changes <- fmt.Sprintf("Now: %s%s", res.Summary, w.until(id)):
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-w.After(again):
			}
		}
	}, changes)
	switch {
	case !over:
		w.out.line("Stopped waiting for %s.", b.Label())
	case err != nil:
		w.fail(err)
	default:
		w.result(b)
		w.out.line("Waited: %s.", say.Duration(w.Now().Sub(began)))
		res := w.run().Step(id).Result
		w.tellOf(notify.WaitEnded, id, res.Verdict, clean.Linef("%s: %s", name(b), res.Summary), began)
		w.onward()
	}
}

// timeless returns a sentence without the durations in it, which change all the time.
func timeless(sentence string) string { return durations().ReplaceAllString(sentence, "") }

var durations = pattern.Lazy(`[0-9]+ (s|min|h|days)\b`)

// until says when what a step waits for is likely to end, as a sentence.
func (w *walk) until(id document.StepID) string {
	if usually := questions.Until(w.run(), id, w.Now()); usually != "" {
		return " It is " + usually + "."
	}
	return ""
}

// during does something that may take long and says so. It returns false if a person ended
// it.
func (w *walk) during(what string, f func(context.Context)) bool {
	return w.quietly("still "+what, f, nil)
}

// quietly does something, says every Pause that it goes on, and prints the news of it. It returns
// false if a person ended it, or the walk has ended.
func (w *walk) quietly(still string, f func(context.Context), news <-chan string) bool {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	began, lines := w.Now(), w.in.lines
	if !w.Typed {
		lines = nil // a script's lines answer prompts
	}
	stopped := false
	for tick := w.After(w.Pause); ; {
		select {
		case <-done:
			return !stopped && w.ctx.Err() == nil
		case line := <-news:
			w.out.line("%s", line)
		case <-tick:
			w.out.line("%s, %s.", say.Capital(still), say.Duration(w.Now().Sub(began).Round(time.Second)))
			tick = w.After(w.Pause)
		case line, ok := <-lines:
			switch {
			case !ok:
				w.left, lines, stopped = true, nil, true
				cancel()
			case line == "stop" || line == "quit" || line == "q":
				stopped = true
				cancel()
			default:
				w.out.line("%s. Type stop to end that.", say.Capital(still))
			}
		case <-w.Interrupts:
			w.out.line("")
			stopped = true
			cancel()
		}
	}
}
