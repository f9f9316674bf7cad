package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// results show what commands have printed, and the plans that they have made.
type results struct {
	*panes
	plans planSource
	over  func(error) tea.Cmd // called when all of the output has come
}

// toggleOutput shows or hides the output. Where the selected step has a command
// whose output is another one than the one at hand, it is fetched: it may be that
// of an earlier process.
func (rs *results) toggleOutput() tea.Cmd {
	if rs.plan.Shown {
		return rs.showPrinted(rs.plan.Identity().Step)
	}
	b, ok := rs.selected()
	if rs.output.Shown && ok && rs.running == nil && rs.behind(b) {
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

// behind reports whether the plan that the shown output is of can be shown as
// well, so that one key goes from one to the other and back.
func (rs *results) behind(b *steps.Binding) bool {
	effect, attempt, ok := rs.madePlan(b.Step.ID)
	return ok && rs.output.Of(b.Step.ID, effect.Name) && rs.plan.Doc() != nil && rs.plan.Of(b.Step.ID, attempt)
}

// lastCommand returns the step's command that was begun last, if it has ended.
func (rs *results) lastCommand(b *steps.Binding) (effect runbook.EffectSpec, done *runbook.EffectFinished) {
	spec := rs.spec(b.Step.ID)
	var newest *runbook.EffectStarted
	for i, e := range rs.run.Step(b.Step.ID).Effects {
		if e.Started != nil && (newest == nil || e.Started.At.After(newest.At)) {
			effect, done, newest = spec.Effects[i], e.Finished, e.Started
		}
	}
	return effect, done
}

// fetchPrinted shows what a command that has ended had printed.
func (rs *results) fetchPrinted(id document.StepID, effect runbook.EffectSpec, done *runbook.EffectFinished) tea.Cmd {
	before := rs.keptOutput()
	f := rs.makeRoom(id, effect, time.Time{})
	rs.over = func(err error) tea.Cmd {
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
