package report

import (
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// command updates the list of executions.
func (t *tracker) command(rec Record, a about) {
	switch e := rec.Event.(type) {
	case runbook.EffectStarted:
		t.commands = append(t.commands, t.begun(a, e.Argv, e.Dir))
	case runbook.Pretended:
		c := t.begun(a, e.Argv, e.Dir)
		c.Pretended = true
		t.commands = append(t.commands, c)
	case runbook.EffectFinished:
		c := t.newestCommand(a)
		if c == nil {
			return
		}
		exit := e.Exit
		c.Exit, c.EndedAt = &exit, a.at
		if !e.Ended.IsZero() {
			c.EndedAt = e.Ended.UTC()
		}
		c.Seconds = seconds(c.BegunAt, c.EndedAt)
		c.Doubted = false // what became of it was found out
		c.Problem, c.Summary, c.Adopted = oneLine(e.Problem), oneLine(e.Result.Summary), e.Adopted
	case runbook.EffectDoubted:
		if c := t.newestCommand(a); c != nil {
			c.Doubted, c.Summary = true, oneLine(e.Text)
		}
	case runbook.Settled:
		if c := t.newestCommand(a); c != nil {
			c.Settled = clean.Line(carriedOut(e.Done))
		}
	}
}

func (t *tracker) begun(a about, argv []string, dir string) Command {
	return Command{
		Step: a.step, Label: t.label(a.step), Effect: clean.Line(a.effect), Argv: cleaned(argv), Line: say.CommandLine(argv),
		Dir: clean.Line(dir), By: a.actor, Host: a.host, BegunAt: a.at,
	}
}

// newestCommand returns the execution that an outcome belongs to, or nil if its
// start is not on record.
func (t *tracker) newestCommand(a about) *Command {
	for k := len(t.commands) - 1; k >= 0; k-- {
		if c := &t.commands[k]; c.Step == a.step && c.Effect == clean.Line(a.effect) && c.Exit == nil && !c.Pretended {
			return c
		}
	}
	return nil
}
