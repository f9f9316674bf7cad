package main

import (
	"fmt"
	"io"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// leave prints what keeps running without the checklist, and how to resume the run. It
// removes a run in which nothing was done.
func (w walk) leave(talk io.Writer) error {
	run := w.engine.Run()
	if w.observe != nil || !w.engine.ReadOnly().Empty() {
		return nil
	}
	if _, _, running := run.RunningEffect(); !running && w.run.forgetPlans() {
		fmt.Fprintln(talk, "Its plan holds secrets and is not kept: who comes back makes it again, and reads it.")
	}
	if err := w.engine.Unwritable(); err != nil {
		return exitError{exitFailed, fmt.Errorf("the journal could not be written, so not all of this run is kept; a command that is running goes on by itself: %w; hint: mend that, then catalog-runbook resume %s", err, w.run.journal.ID())}
	}
	if !touched(run) {
		return w.run.discard()
	}
	back := "catalog-runbook resume " + w.run.journal.ID()
	for _, h := range run.Held() {
		fmt.Fprintf(talk, "%s. To %s: %s\n", h.Text(), h.Undo.Label, back)
	}
	if id, effect, ok := run.RunningEffect(); ok {
		fmt.Fprintf(talk, "`%s` goes on by itself. Come back to it with: %s\n", effectLabel(run, id, effect), back)
		return nil
	}
	if id, effect, ok := run.DoubtedEffect(); ok {
		return exitError{exitDoubt, fmt.Errorf("nobody knows how `%s` ended; hint: %s", effectLabel(run, id, effect), back)}
	}
	if !finished(run, w.engine.World().Now()) {
		fmt.Fprintf(talk, "This run can be gone on with: %s\n", back)
		return nil
	}
	fmt.Fprintf(talk, "What happened in it: catalog-runbook report %s\n", w.run.journal.ID())
	return nil
}

// effectLabel returns the command of an effect as the screen shows it.
func effectLabel(run *runbook.Run, id document.StepID, effect string) string {
	spec, _ := run.Spec(id)
	for _, e := range spec.Effects {
		if e.Name == effect {
			return e.Label.String()
		}
	}
	return effect
}

// touched reports whether a person has said or done anything in the run.
func touched(run *runbook.Run) bool {
	if run.Release() != "" || run.Resumed() != nil {
		return true // the steps that a resumed run was about may be gone from the document
	}
	for _, spec := range run.Specs() {
		s := run.Step(spec.ID)
		if s.Tick != nil || s.Skip != nil || s.Override != nil || s.Judgement != nil || s.Changed {
			return true
		}
		for _, e := range s.Effects {
			if e.StartCount > 0 || e.Pretended != nil {
				return true
			}
		}
	}
	return false
}

// finished reports whether every step holds.
func finished(run *runbook.Run, now time.Time) bool {
	for _, spec := range run.Specs() {
		if !run.Holds(spec.ID, now) {
			return false
		}
	}
	return true
}

// summarised is how many steps the summary at the end lists.
const summarised = 50

// summarise writes the steps' statuses, so that they stay in the terminal's history.
func summarise(w io.Writer, e *steps.Engine) error {
	run, now := e.Run(), e.World().Now()
	release := ""
	if tag := run.Release(); tag != "" {
		release = ", release " + clean.Line(tag).String()
	}
	if _, err := fmt.Fprintf(w, "%s (%s%s)\n", e.Bound().Document.Title, e.Mode(), release); err != nil {
		return err
	}
	for i := range e.Bound().Steps {
		if i == summarised {
			_, err := fmt.Fprintf(w, "  … and %d more\n", len(e.Bound().Steps)-i)
			return err
		}
		b := &e.Bound().Steps[i]
		if _, err := fmt.Fprintf(w, "  %-10s %-4s %s%s\n", run.Status(b.Step.ID, now), number(b), lockSign(b), ansi.Truncate(b.Step.Text.String(), 56, "…")); err != nil {
			return err
		}
	}
	return nil
}

func lockSign(b *steps.Binding) string {
	if b.Step.Locked {
		return "🔒 "
	}
	return ""
}
