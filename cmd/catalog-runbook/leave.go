package main

import (
	"fmt"
	"io"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
)

// leave prints what keeps running without the checklist, and how to resume the run. It
// removes a run in which nothing was done.
func (w walk) leave(talk io.Writer) error {
	run := w.engine.Run()
	if w.observe != nil || !w.engine.ReadOnly().Empty() {
		return nil
	}
	if _, _, running := run.RunningEffect(); !running && w.run.forgetPlans() {
		fmt.Fprintln(talk, "The plan holds secrets and isn't kept: after resuming, run the plan again and read it.")
	}
	if err := w.engine.Unwritable(); err != nil {
		return exitError{exitFailed, fmt.Errorf("can't write to the journal, so this run is not fully recorded; a command that is running keeps running: %w; hint: fix that, then catalog-runbook resume %s", err, w.run.journal.ID())}
	}
	if acted, ok := w.world.(*acting); !touched(run) && !(ok && acted.did.Load()) {
		return w.run.discard()
	}
	back := "catalog-runbook resume " + w.run.journal.ID()
	for _, h := range run.Held() {
		fmt.Fprintf(talk, "%s. To %s: %s\n", h.Text(), h.Undo.Label, back)
	}
	if id, effect, ok := run.RunningEffect(); ok {
		fmt.Fprintf(talk, "`%s` keeps running. To reattach: %s\n", effectLabel(run, id, effect), back)
		return asError(exitOpen)
	}
	if id, effect, ok := run.DoubtedEffect(); ok {
		down := run.Down().String()
		if down != "" {
			down = ", and " + down
		}
		return exitError{exitDoubt, fmt.Errorf("the outcome of `%s` is unknown%s; hint: %s", effectLabel(run, id, effect), down, back)}
	}
	if down := run.Down(); !down.Empty() {
		fmt.Fprintf(talk, "Warning: %s, since a command ended early. Read what it printed, then run the plan again.\n", down)
	}
	ending := run.Walked(w.engine.World().Now()).Ending()
	if ending == runbook.StillOpen {
		fmt.Fprintf(talk, "To resume this run: %s\n", back)
	} else {
		fmt.Fprintf(talk, "To see what happened: catalog-runbook report %s\n", w.run.journal.ID())
	}
	return asError(endingCodes[ending])
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
	return run.Touched()
}

// summarized is how many steps the summary at the end lists.
const summarized = 50

// summarize writes the steps' statuses, so that they stay in the terminal's history, in lines no
// wider than width.
func summarize(w io.Writer, e *steps.Engine, width int) error {
	run, now := e.Run(), e.World().Now()
	release := ""
	if tag := run.Release(); tag != "" {
		release = ", release " + clean.Line(tag).String()
	}
	mode := string(e.Mode())
	if run.Rollback() != nil {
		mode += " rollback"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s%s)\n", e.Bound().Document.Title, mode, release)
	shown := steps.Walked(run, e.Bound(), now)
	for i, b := range shown {
		if i == summarized {
			fmt.Fprintf(&text, "  … and %d more\n", len(shown)-i)
			break
		}
		wrapped(&text, fmt.Sprintf("  %-15s %-4s ", run.Status(b.Step.ID, now), number(b)), lockSign(b)+b.Title().String(), width)
	}
	fmt.Fprintln(&text, questions.Closing(run.Walked(now)))
	_, err := io.WriteString(w, text.String())
	return err
}

func lockSign(b *steps.Binding) string {
	if b.Locked() {
		return "🔒 "
	}
	return ""
}
