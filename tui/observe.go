package tui

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
)

// observeEvery is how often a run that another process goes on with is fetched.
const observeEvery = time.Second

// observedMsg brings what another process has recorded.
type observedMsg struct{ err error }

// observeDueMsg says that it is time to look again.
type observeDueMsg struct{}

// observe fetches what another process has recorded in the run.
func (m *Model) observe() tea.Cmd {
	fetch := m.cfg.Observe
	if fetch == nil {
		return nil
	}
	return func() tea.Msg { return observedMsg{fetch()} }
}

// observed shows it. Who can be followed no more is not asked again.
func (m *Model) observed(msg observedMsg) tea.Cmd {
	before, _, _ := m.run.RunningEffect()
	m.refresh()
	if id, _, ok := m.run.RunningEffect(); ok && id != before { // there is something to see
		m.outline.Select(id)
		m.showSelected()
	}
	if msg.err != nil {
		m.say(clean.Line(fmt.Sprintf("What happens in this run cannot be followed any more: %s", msg.err)), true)
		return nil
	}
	again := m.cfg.Tick(observeEvery, func(time.Time) tea.Msg { return observeDueMsg{} })
	return tea.Batch(m.renewPlan(), again)
}
