package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
)

// inPlan reports whether the plan has the keys and is on the screen.
func (m *Model) inPlan() bool { return m.focus == paneOutput && m.plan.shown }

// planKey takes the keys that open and close resources, and says whether it did.
func (m *Model) planKey(msg tea.KeyMsg) bool {
	p := m.plan
	if !m.inPlan() || p.doc == nil {
		return false
	}
	p.goal = 0
	p.settle()
	switch k := m.keys; {
	case key.Matches(msg, k.Fold):
		if !p.fold() {
			m.say(clean.Line("The cursor is on no resource; j and k move it."), true)
		}
	case key.Matches(msg, k.Left):
		p.open(false)
	case key.Matches(msg, k.Right):
		p.open(true)
	case key.Matches(msg, k.FoldAll):
		p.openAll(false)
	case key.Matches(msg, k.UnfoldAll):
		p.openAll(true)
	default:
		return false
	}
	m.resize()
	return true
}

// fold opens what is closed below the cursor, and closes what is open: a
// resource, or those of a group. It returns false where there is nothing.
func (p *planPane) fold() bool {
	e := &p.doc.entries[p.cursor.entry]
	switch {
	case e.change >= 0:
		p.open(!e.open)
	case e.tone == toneTitle && e.group >= 0:
		n := len(p.doc.Groups[e.group].Changes)
		group := p.doc.entries[p.cursor.entry+1:][:n]
		closed := false
		for i := range group {
			closed = closed || !group[i].open
		}
		for i := range group {
			group[i].open = closed
		}
	default:
		return false
	}
	return true
}

// open opens or closes the resource that the cursor is on.
func (p *planPane) open(open bool) {
	e := &p.doc.entries[p.cursor.entry]
	if e.change < 0 || e.open == open {
		return
	}
	if e.open = open; !open {
		p.cursor.line, p.cursor.row = 0, 0
		p.reveal()
	}
}

// openAll opens or closes all resources.
func (p *planPane) openAll(open bool) {
	for i := range p.doc.entries {
		p.doc.entries[i].open = open && p.doc.entries[i].change >= 0
	}
	if p.cursor.line > 0 && !open {
		p.cursor = spot{entry: p.cursor.entry}
		p.reveal()
	}
}
