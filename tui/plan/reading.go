package plan

import (
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/tui/pager"
)

// MarkRead marks what is on the screen as read, and reports whether any of that was
// unread. It must not be called while something covers the plan.
func (p *Plan) MarkRead() bool { return p.doc != nil && p.Shown && p.Pager.MarkRead() }

// ReadToEnd reports whether all of the plan that an execution of the step made has been
// on the screen, with everything open that was open at first.
func (p *Plan) ReadToEnd(id document.StepID, attempt string) bool {
	return p.Of(id, attempt) && p.doc != nil && p.Pager.Read()
}

// Left returns the number of unread resources. It is 0 if only other lines are left.
func (p *Plan) Left() int {
	if p.doc == nil || p.Pager.Read() || p.Unread().Item >= len(p.doc.entries) {
		return 0
	}
	return p.doc.resources - p.doc.entries[p.Unread().Item].before
}

// Progress returns how much is left to read, in words.
func (p *Plan) Progress() string {
	if left := p.Left(); left > 0 {
		return say.Number(left) + " of " + say.Count(p.doc.resources, "resource") + " left"
	}
	return "a few lines left"
}

// TooNarrow reports whether the screen is too narrow for anything to count as read.
func (p *Plan) TooNarrow() bool { return p.w < pager.Narrow }

// Unreadable reports whether reading the next unread resource has failed.
func (p *Plan) Unreadable() bool {
	e := p.next()
	return e != nil && e.must && p.bodies[e.change] != nil && p.bodies[e.change].err != nil
}

// NextHidden reports whether the next unread row is above the screen, or closed.
func (p *Plan) NextHidden() bool {
	e := p.next()
	return e != nil && (p.Behind() || e.must && !e.open && p.OnScreen(pager.Position{Item: p.Unread().Item}))
}

// GoBack scrolls to the next unread row, and opens it.
func (p *Plan) GoBack() {
	if p.NextHidden() {
		e := p.next()
		e.open = e.open || e.must
		p.SetTop(p.Unread())
		p.SetCursor(p.Top())
	}
}

// next returns the next unread entry, or nil.
func (p *Plan) next() *entry {
	if p.doc == nil || p.Unread().Item >= len(p.doc.entries) {
		return nil
	}
	return &p.doc.entries[p.Unread().Item]
}
