package plan

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// key handles a key that opens, closes or moves.
func (p *Plan) key(msg tea.KeyMsg) tea.Cmd {
	switch k := p.cfg.Keys; {
	case key.Matches(msg, k.Fold):
		p.Stay()
		if !p.fold() {
			return tell("The cursor is on no resource; j and k move it.")
		}
	case key.Matches(msg, k.Left, k.Right):
		p.Stay()
		p.open(key.Matches(msg, k.Right))
	case key.Matches(msg, k.FoldAll, k.UnfoldAll):
		p.Stay()
		p.openAll(key.Matches(msg, k.UnfoldAll))
	default:
		p.Pager.Update(msg, k.KeyMap)
	}
	return nil
}

// Click moves the cursor to a row of the plan, counted from its title.
func (p *Plan) Click(row int) {
	if at, ok := p.OnRow(row - 1); ok {
		p.Stay()
		p.SetCursor(at)
	}
}

// Foldable reports whether there is something to open or close under the cursor, something
// that is closed anywhere, and something that is open.
func (p *Plan) Foldable() (here, closed, open bool) {
	if p.doc == nil || len(p.doc.entries) == 0 {
		return false, false, false
	}
	e := &p.doc.entries[p.At().Item]
	here = e.change >= 0 || e.tone == text.ToneTitle && e.group >= 0
	for i := range p.doc.entries {
		if e := &p.doc.entries[i]; e.change >= 0 {
			closed, open = closed || !e.open, open || e.open
		}
		if closed && open {
			break
		}
	}
	return here, closed, open
}

// fold opens or closes the resource under the cursor, or all resources of the group
// under it. It returns false if there is neither.
func (p *Plan) fold() bool {
	at := p.At().Item
	e := &p.doc.entries[at]
	switch {
	case e.change >= 0:
		p.open(!e.open)
	case e.tone == text.ToneTitle && e.group >= 0:
		group := p.doc.entries[at+1:][:len(p.doc.Groups[e.group].Changes)]
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

// open opens or closes the resource under the cursor.
func (p *Plan) open(open bool) {
	e := &p.doc.entries[p.At().Item]
	if e.change < 0 || e.open == open {
		return
	}
	if e.open = open; !open {
		p.SetCursor(pager.Position{Item: p.At().Item})
	}
}

// openAll opens or closes all resources.
func (p *Plan) openAll(open bool) {
	for i := range p.doc.entries {
		p.doc.entries[i].open = open && p.doc.entries[i].change >= 0
	}
	if p.At().Line > 0 && !open {
		p.SetCursor(pager.Position{Item: p.At().Item})
	}
}
