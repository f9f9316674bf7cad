package report

import (
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// describe says in a few words what an event was. Its subject, who did it, is
// left out.
func (l *timeline) describe(e runbook.Event, a about) prose {
	label := l.tracker.label(a.step)
	switch e := e.(type) {
	case runbook.Started:
		return said("began the run (%s)", where(e))
	case runbook.Resumed:
		return l.resumed(e)
	case runbook.ReleaseChosen:
		return said("chose the release %s", e.Tag)
	case runbook.Filled:
		return said("said that %s is '%s'", clean.Line(e.Name), clean.Line(e.Value))
	case runbook.Ticked:
		return said("ticked %s%s", label, after(e.Note))
	case runbook.Unticked:
		return said("undid what was said about %s", label)
	case runbook.Skipped:
		return said("skipped %s%s", label, after(e.Reason))
	case runbook.DoneElsewhere:
		return said("stated that %s was done elsewhere, by %s%s", label, oneLine(e.By), after(e.Reason))
	case runbook.Overridden:
		return said("accepted what %s found (%s)%s", label, names(e.Names), after(e.Reason))
	case runbook.Judged:
		return said("said that what ").code(l.line(e.Step, e.Effect)).say(" showed looks correct")
	case runbook.Confirmed:
		return said("confirmed ").code(l.line(e.Step, e.Effect)).say(" by typing %q", clean.Line(e.Phrase))
	case runbook.EffectStarted:
		return said("began ").code(say.CommandLine(e.Argv)).say(" of %s", label)
	case runbook.EffectDid:
		return said("found that %s", oneLine(e.Text))
	case runbook.EffectFinished:
		return l.finished(e)
	case runbook.StopAsked:
		did := "interrupted "
		if e.How == runbook.Killed {
			did = "killed "
		}
		return said("%s", did).code(l.line(e.Step, e.Effect)).say(" of %s", label)
	case runbook.EffectDoubted:
		return said("couldn't tell how ").code(l.line(e.Step, e.Effect)).say(" ended%s", after(e.Text))
	case runbook.EffectVoided:
		return said("found that ").code(l.line(e.Step, e.Effect)).say(" no longer counts%s", after(e.Text))
	case runbook.Settled:
		return said("decided that ").code(l.line(e.Step, e.Effect)).say(" %s%s", carriedOut(e.Done), after(e.Reason))
	case runbook.Pretended:
		return said("continued as if ").code(say.CommandLine(e.Argv)).say(" had been run")
	}
	return said("%s", e.Type())
}

func (l *timeline) line(id document.StepID, effect string) clean.Text {
	return l.tracker.line(id, effect)
}

func where(e runbook.Started) string {
	text := string(e.Mode)
	if !e.Environment.Empty() {
		text += ", " + oneLine(e.Environment).String()
	}
	if e.Rollback != nil {
		text += ", a rollback"
	}
	return text
}

// after returns a remark, to be appended to a sentence.
func after(t clean.Text) string {
	if t.Empty() {
		return ""
	}
	return ": " + oneLine(t).String()
}

func (l *timeline) resumed(e runbook.Resumed) prose {
	w := said("resumed the run")
	if len(e.Changed) == 0 {
		return w
	}
	labels := make([]string, len(e.Changed))
	for i, id := range e.Changed {
		labels[i] = l.tracker.label(id).String()
	}
	return w.say("; the text of %s had changed", strings.Join(labels, ", "))
}

func (l *timeline) finished(e runbook.EffectFinished) prose {
	w := said("saw ").code(l.line(e.Step, e.Effect))
	if e.Exit == -1 && !e.Problem.Empty() {
		w = w.say(" not run to its end")
	} else {
		w = w.say(" end with exit code %d", e.Exit)
	}
	if e.Adopted {
		w = w.say(", which an earlier process had started")
	}
	return w.say("%s", after(e.Result.Summary))
}
