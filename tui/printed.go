package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/output"
)

// results shows what commands have printed, and the plans that they have made.
type results struct {
	*panes
	plans planSource
	onEnd func(error) tea.Cmd // called when all of the output has come
}

// toggleOutput shows or hides the output. If the last command of the selected step has
// another output, that is fetched first; an earlier process may have run the command.
func (rs *results) toggleOutput() tea.Cmd {
	if rs.plan.Shown {
		return rs.showPrinted(rs.plan.Identity().Step)
	}
	b, ok := rs.selected()
	if rs.output.Shown && ok && rs.running == nil && rs.planAtHand(b) {
		rs.plan.Shown = true
		rs.setFocus(paneOutput)
		return nil
	}
	if ok && rs.running == nil {
		if effect, done := rs.lastCommand(b); done != nil && !rs.output.Of(b.Step.ID, effect.Name) {
			return rs.fetchPrinted(b.Step.ID, effect, done)
		}
	}
	rs.output.Shown = !rs.output.Shown && rs.output.Any()
	rs.resize()
	return nil
}

// planAtHand reports whether the output is that of the command that made the plan, so
// that one key can go back and forth between the two.
func (rs *results) planAtHand(b *steps.Binding) bool {
	effect, attempt, ok := rs.planEffect(b.Step.ID)
	return ok && rs.output.Of(b.Step.ID, effect.Name) && rs.plan.Doc() != nil && rs.plan.Of(b.Step.ID, attempt)
}

// lastCommand returns the command of a step that was started last, if it has ended.
func (rs *results) lastCommand(b *steps.Binding) (effect runbook.EffectSpec, done *runbook.EffectFinished) {
	spec := rs.spec(b.Step.ID)
	var newest *runbook.EffectStarted
	for i, e := range rs.run.Step(b.Step.ID).Effects {
		if e.Started != nil && !spec.Effects[i].Aside && (newest == nil || e.Started.At.After(newest.At)) {
			effect, done, newest = spec.Effects[i], e.Finished, e.Started
		}
	}
	return effect, done
}

// fetchPrinted shows the output of a command that has ended.
func (rs *results) fetchPrinted(id document.StepID, effect runbook.EffectSpec, done *runbook.EffectFinished) tea.Cmd {
	before := rs.keptOutput()
	f := rs.replaceOutput(id, effect, time.Time{})
	rs.onEnd = func(err error) tea.Cmd {
		if err != nil {
			rs.output = before
			rs.say(clean.Line(err.Error()), true)
		} else {
			rs.output.Finish(done)
		}
		rs.resize()
		return nil
	}
	engine, ctx := rs.engine, rs.ctx
	fetch := func() tea.Msg {
		f.Close(engine.Printed(ctx, id, effect.Name, f.Put))
		return nil
	}
	return tea.Batch(fetch, f.Listen(ctx))
}

// newOutput returns the output of a command.
func (rs *results) newOutput(c output.Command, f *output.Feed) *output.Output {
	return output.New(output.Config{Styles: rs.styles, Keys: rs.keys.scrolling(), Now: rs.cfg.Now}, c, f)
}

// keptOutput returns the output, so that it can be shown again later. It returns an
// empty one if the command has not ended, because the rest would never arrive.
func (rs *results) keptOutput() *output.Output {
	if rs.output.Ended() {
		return rs.output
	}
	return rs.newOutput(output.Command{}, nil)
}

// replaceOutput shows the output of another command, and returns the feed for it. Since
// is when the command was started, or zero if it has ended.
func (rs *results) replaceOutput(id document.StepID, effect runbook.EffectSpec, since time.Time) *output.Feed {
	engine, name := rs.engine, effect.Name
	f := output.NewFeed(func() string { return engine.OutputFile(id, name) })
	rs.output = rs.newOutput(output.Command{Step: id, Effect: name, Label: effect.Label.String(), Since: since, ToRead: rs.makesPlan(id, name), Bare: effect.Aside}, f)
	rs.plan.Shown = false
	rs.detail.Top()
	return f
}

// received adds a piece of output. The last piece says how the command ended.
func (rs *results) received(msg output.PieceMsg) tea.Cmd {
	if !rs.output.Takes(msg) {
		return nil // it belongs to an output that was replaced
	}
	cmd := rs.output.Update(msg)
	if msg.Last {
		return rs.onEnd(msg.Err)
	}
	return cmd
}
