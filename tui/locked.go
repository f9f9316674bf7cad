package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
)

// observeEvery is how often a run that another process goes on with is looked at.
const observeEvery = time.Second

// locked says why nothing can be done in this run, the empty text where it can.
func (m *Model) locked() clean.Text {
	if why := m.engine.ReadOnly(); !why.Empty() {
		return clean.Linef("This run is only looked at: %s", why)
	}
	if m.broken != nil {
		return clean.Linef("The journal cannot be written (%s), so nothing more can be done here: leave, mend that, and resume.", m.brokenBy())
	}
	return clean.Text{}
}

// brokenBy is why the journal cannot be written, without the long name of its file.
func (m *Model) brokenBy() string {
	var path *fs.PathError
	if errors.As(m.broken, &path) {
		return clean.Line(path.Err.Error()).String()
	}
	return clean.Line(m.broken.Error()).String()
}

// banner is what stands in the header as long as it is so; "" for nothing.
func (m *Model) banner() string {
	switch {
	case !m.engine.ReadOnly().Empty():
		return "LOOKING ON · " + m.engine.ReadOnly().String()
	case m.broken != nil:
		return "NOT KEPT · " + m.brokenBy() + ": nothing more can be done here; leave, mend that, and resume"
	}
	return ""
}

// changes are the keys that a run must be written for. What is typed into a
// command is not recorded, and a command may wait for it.
func (k keyMap) changes() []key.Binding {
	return []key.Binding{k.Verify, k.VerifyAll, k.Wait, k.Tick, k.Untick, k.Skip, k.Accept, k.Run, k.Choose, k.Settle, k.World}
}

// refused says in one sentence why a key does nothing here, if it does.
func (m *Model) refused(msg tea.KeyMsg) bool {
	if !key.Matches(msg, m.keys.changes()...) {
		return false
	}
	why := m.locked()
	if why.Empty() {
		return false
	}
	m.say(why, true)
	return true
}

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
