package report

import (
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// decision records a decision, and which earlier decisions the event ended. The
// run has applied the event already.
func (t *tracker) decision(rec Record, a about) {
	t.lapse(rec, a)
	d := Decision{At: a.at, By: a.actor, Kind: rec.Event.Type(), Step: a.step, Label: t.label(a.step)}
	switch e := rec.Event.(type) {
	case runbook.Skipped:
		d.Reason, d.words = oneLine(e.Reason), said("skipped %s", d.Label)
	case runbook.DoneElsewhere:
		d.Reason, d.words = oneLine(e.Reason), said("stated that %s was done elsewhere, by %s", d.Label, oneLine(e.By))
	case runbook.Overridden:
		d.Reason, d.words = oneLine(e.Reason), said("accepted what %s found: %s", d.Label, names(e.Names))
	case runbook.Judged:
		d.words = said("said that what ").code(t.line(e.Step, e.Effect)).say(" showed looks correct")
	case runbook.Settled:
		d.Reason, d.words = oneLine(e.Reason), said("decided that ").code(t.line(e.Step, e.Effect)).say(" %s", carriedOut(e.Done))
	default:
		return
	}
	d.Text = d.words.plain()
	if t.misplaced == nil && !t.stands(&d) {
		d.EndedAt, d.EndedBy = a.at, clean.Line("it didn't match what had been found")
	}
	t.decisions = append(t.decisions, d)
}

func carriedOut(done bool) string {
	if done {
		return "was carried out"
	}
	return "was not carried out"
}

// names returns the things that an override names, one per line, on one line.
func names(s string) clean.Text {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' })
	return clean.Line(strings.Join(lines, ", "))
}

// lapse ends the skips, overrides, judgements and what was said to be done elsewhere that no longer count in the run,
// or that newer ones have replaced.
func (t *tracker) lapse(rec Record, a about) {
	if t.misplaced != nil {
		return
	}
	for k := range t.decisions {
		if d := &t.decisions[k]; d.EndedAt.IsZero() && !t.stands(d) {
			d.EndedAt, d.EndedBy = a.at, endedBy(d.Kind, rec.Event, a)
		}
	}
}

func (t *tracker) stands(d *Decision) bool {
	s := t.run.Step(d.Step)
	switch d.Kind {
	case runbook.Skipped{}.Type():
		return s.Skip != nil && s.Skip.At.Equal(d.At)
	case runbook.DoneElsewhere{}.Type():
		return s.Elsewhere != nil && s.Elsewhere.At.Equal(d.At)
	case runbook.Overridden{}.Type():
		return s.Override != nil && s.Override.At.Equal(d.At)
	case runbook.Judged{}.Type():
		return s.Judgement != nil && s.Judgement.At.Equal(d.At)
	}
	return true
}

// endedBy says how an event ended a decision.
func endedBy(kind string, e runbook.Event, a about) clean.Text {
	switch e := e.(type) {
	case runbook.Unticked:
		return clean.Linef("%s undid it", a.actor)
	case runbook.ReleaseChosen:
		return clean.Line("another release was chosen")
	case runbook.Filled:
		return clean.Linef("%s was filled in", clean.Line(e.Name))
	case runbook.EffectVoided:
		return clean.Line("it no longer counted")
	case runbook.Checked, runbook.EffectFinished, runbook.EffectDoubted:
		return clean.Line("the check found something else")
	case runbook.EffectStarted:
		return clean.Line("the command was started again")
	case runbook.Resumed:
		if kind == (runbook.Judged{}).Type() {
			return clean.Linef("%s resumed the run", a.actor)
		}
		return clean.Line("the text of the step had changed")
	}
	return clean.Line("it was said again")
}
