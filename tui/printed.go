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
func (m *results) toggleOutput() tea.Cmd {
	if m.plan.Shown {
		return m.showPrinted(m.plan.Identity().Step)
	}
	b, ok := m.selected()
	if m.output.Shown && ok && m.running == nil && m.behind(b) {
		m.plan.Shown = true
		m.setFocus(paneOutput)
		return nil
	}
	if ok && m.running == nil {
		if effect, done := m.lastCommand(b); done != nil && !m.output.Of(b.Step.ID, effect.Name) {
			return m.fetchPrinted(b.Step.ID, effect, done)
		}
	}
	m.output.Shown = !m.output.Shown && m.output.Any()
	m.resize()
	return nil
}

// behind reports whether the plan that the shown output is of can be shown as
// well, so that one key goes from one to the other and back.
func (m *results) behind(b *steps.Binding) bool {
	effect, attempt, ok := m.madePlan(b.Step.ID)
	return ok && m.output.Of(b.Step.ID, effect.Name) && m.plan.Doc() != nil && m.plan.Of(b.Step.ID, attempt)
}

// lastCommand returns the step's command that was begun last, if it has ended.
func (m *results) lastCommand(b *steps.Binding) (effect runbook.EffectSpec, done *runbook.EffectFinished) {
	spec := m.spec(b.Step.ID)
	var newest *runbook.EffectStarted
	for i, e := range m.run.Step(b.Step.ID).Effects {
		if e.Started != nil && (newest == nil || e.Started.At.After(newest.At)) {
			effect, done, newest = spec.Effects[i], e.Finished, e.Started
		}
	}
	return effect, done
}

// fetchPrinted shows what a command that has ended had printed.
func (m *results) fetchPrinted(id document.StepID, effect runbook.EffectSpec, done *runbook.EffectFinished) tea.Cmd {
	before := m.keptOutput()
	f := m.makeRoom(id, effect, time.Time{})
	m.over = func(err error) tea.Cmd {
		if err != nil {
			m.output = before
			m.say(clean.Line(err.Error()), true)
		} else {
			m.output.Finish(done)
		}
		m.resize()
		return nil
	}
	engine, ctx := m.engine, m.ctx
	fetch := func() tea.Msg {
		f.Close(engine.Printed(ctx, id, effect.Name, f.Put))
		return nil
	}
	return tea.Batch(fetch, f.Listen(ctx))
}
