package plan

import (
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// First returns 0: the items of a plan are its entries.
func (p *Plan) First() int { return 0 }

// End returns the number of entries.
func (p *Plan) End() int {
	if p.doc == nil {
		return 0
	}
	return len(p.doc.entries)
}

// Lines returns the number of lines of an entry.
func (p *Plan) Lines(item int) int {
	e := &p.doc.entries[item]
	switch {
	case e.change < 0 || !e.open:
		return 1
	case p.missing(e):
		return 2 // and a line that says that it is being read
	}
	return 1 + len(p.bodies[e.change].lines)
}

// Line returns a line of an entry.
func (p *Plan) Line(item, line int) pager.Line {
	e := &p.doc.entries[item]
	switch {
	case line == 0 && e.change < 0:
		return pager.Line{Mark: e.mark, Text: e.text, Tone: e.tone}
	case line == 0:
		mark := "▸"
		if e.open {
			mark = "▾"
		}
		action := p.doc.Plan.Changes[e.change].Action
		return pager.Line{Mark: mark, Hang: signCells + 1, Text: e.text, Tone: e.tone, Lead: signCells, LeadTone: signTone(action)}
	case p.missing(e):
		return pager.Line{Indent: indent, Text: "reading…", Tone: text.ToneDim}
	}
	return p.bodies[e.change].lines[line-1]
}

// Barred reports whether an entry cannot count as read as it is. A resource that was
// open at first must be open.
func (p *Plan) Barred(item int) bool {
	e := &p.doc.entries[item]
	return e.must && (!e.open || p.missing(e) || p.bodies[e.change].err != nil)
}

// Open opens the entry of a line, and reports whether the line is in memory.
func (p *Plan) Open(item, line int) bool {
	e := &p.doc.entries[item]
	if line == 0 {
		return true
	}
	e.open = true
	return !p.missing(e)
}

// signCells is the width of a sign, in cells.
const signCells = 3

// signTone returns the tone for the sign of an action.
func signTone(a terraform.Action) text.Tone {
	switch a {
	case terraform.Delete, terraform.Replace, terraform.Forget, terraform.Unclear:
		return text.ToneBad
	case terraform.Update:
		return text.ToneWarn
	case terraform.Create:
		return text.ToneGood
	default:
		return text.ToneDim
	}
}
