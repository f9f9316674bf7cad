package plain

import (
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/questions"
)

// observeEvery is how often it is asked what another process has recorded.
const observeEvery = time.Second

// follow prints what another process records in the run, until none has it open or the person
// leaves. What they type meanwhile is answered.
func (w *walk) follow() {
	lines := w.in.lines
	if w.left = false; !w.Typed {
		lines = nil
	}
	w.out.line("Following: what the other process does is printed here; quit or ctrl+c ends it.")
	known := w.standing()
	for open := true; open && !w.left && w.out.err == nil; {
		select {
		case <-w.After(observeEvery):
			var err error
			open, err = w.Observe()
			now := w.standing()
			for _, line := range now {
				if !slices.Contains(known, line) {
					w.out.line("%s", line)
				}
			}
			known = now
			switch {
			case err != nil:
				w.out.line("Note: can't follow this run: %s", clean.Line(err.Error()))
				open = false
			case !open:
				w.out.line("Note: no process has this run open now.")
			}
		case line, ok := <-lines:
			if !ok {
				w.left = true
				break
			}
			w.do(line)
		case <-w.Interrupts:
			w.out.line("")
			w.left = true
		case <-w.ctx.Done():
			w.left = true
		}
	}
	w.left = true
}

// standing returns a line for each thing that a follower is told of once it is so.
func (w *walk) standing() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, clean.Linef(format, args...).String()) }
	run := w.run()
	if run.Release() != "" {
		add("Release: %s.", run.Release())
	}
	for _, b := range w.Engine.Bound().Steps {
		for _, name := range b.Placeholders() {
			if f := run.Filled(name); f != nil {
				add("Filled in: %s.", questions.Filled(f))
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all) // several steps have the same one
	running, effect, _ := run.RunningEffect()
	for _, b := range w.Engine.Bound().InOrder() {
		s, spec := run.Step(b.Step.ID), w.spec(b)
		for i, e := range s.Effects {
			switch label := spec.Effects[i].Label; {
			case b.Step.ID == running && spec.Effects[i].Name == effect:
				add("Running: %s, %s.", label, b.Label())
			case e.InDoubt():
				add("Outcome unknown: %s", e.Doubted.Text)
			case e.Finished != nil:
				add("%s: %s. %s", say.Capital(spec.Effects[i].Name), e.Finished.Result.Word(), e.Finished.Result.Summary)
			}
		}
		status := run.Status(b.Step.ID, w.Now())
		own := func(e runbook.EffectState) bool {
			return e.Finished != nil && e.Finished.Result.Summary == s.Result.Summary
		} // which is said already
		if summary := s.Result.Summary.String(); s.Result.Verdict != runbook.NotAsked && status != runbook.InProgress && !slices.ContainsFunc(s.Effects, own) {
			add("%s: %s. %s", name(b), status, summary)
		} else {
			add("%s: %s.", name(b), status)
		}
	}
	return all
}

// closing prints how the walk ends: every step of it, and how many are done.
func (w *walk) closing() {
	run := w.run()
	title := clean.Linef("%s (%s", w.Engine.Bound().Document.Title, w.Engine.Mode()).String()
	if run.Rollback() != nil {
		title += " rollback"
	}
	if run.Release() != "" {
		title += ", release " + clean.Line(run.Release()).String()
	}
	w.out.line("%s)", title)
	for _, b := range steps.Walked(run, w.Engine.Bound(), w.Now()) {
		w.out.line("%s.", w.head(b))
	}
	w.out.line("%s", questions.Closing(run.Walked(w.Now())))
}

// tellOf tells of an event of a step, without waiting for that. Began is when the person began to
// wait for it.
func (w *walk) tellOf(kind notify.Kind, id document.StepID, verdict runbook.Verdict, text clean.Text, began time.Time) {
	if w.Tell == nil {
		return
	}
	now := w.Now()
	e, elsewhere := notify.Of(w.Engine, kind, id, verdict, text, now), w.attention.Elsewhere(began, now)
	go func() {
		if err := w.Tell(e, elsewhere); err != nil {
			select {
			case w.told <- err:
			default: // those after the first say the same
			}
		}
	}()
}
