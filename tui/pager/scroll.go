package pager

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/tui/text"
)

// KeyMap holds the keys that move a pager.
type KeyMap struct {
	Up, Down, PageUp, PageDown, First, Last, Left, Right key.Binding
}

// Bindings returns the keys as a list.
func (k KeyMap) Bindings() []key.Binding {
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last, k.Left, k.Right}
}

// Update handles a key, and reports whether it is in the key map.
func (p *Pager) Update(msg tea.KeyMsg, k KeyMap) bool {
	switch {
	case key.Matches(msg, k.Down):
		p.scroll(1)
	case key.Matches(msg, k.Up):
		p.scroll(-1)
	case key.Matches(msg, k.PageDown):
		p.page(1)
	case key.Matches(msg, k.PageUp):
		p.page(-1)
	case key.Matches(msg, k.First):
		p.Jump(false)
	case key.Matches(msg, k.Last):
		p.Jump(true)
	case key.Matches(msg, k.Left):
		p.shift(-8)
	case key.Matches(msg, k.Right):
		p.shift(8)
	default:
		return false
	}
	return true
}

// scroll moves the cursor by n rows, or the screen if there is no cursor.
func (p *Pager) scroll(n int) {
	p.goal = nil
	p.settle()
	if p.Cursor {
		to := p.by(p.cursor, n)
		if p.Whole {
			to = p.within(Position{Item: p.cursor.Item + n})
		}
		p.cursor = p.passHeadings(to, n < 0)
		p.reveal()
		return
	}
	p.follow = false
	p.top = p.by(p.top, n)
	p.follow = p.Tail && n > 0 && !p.top.before(p.lowest())
	p.settle()
}

// page moves the screen and the cursor by n times the height.
func (p *Pager) page(n int) {
	n *= max(p.h-p.Overlap, 1)
	if !p.Cursor {
		p.scroll(n)
		return
	}
	p.goal = nil
	p.settle()
	p.top, p.cursor = p.by(p.top, n), p.by(p.cursor, n)
	p.settle()
}

// by returns the position n rows below, or above for a negative n.
func (p *Pager) by(at Position, n int) Position {
	if n < 0 {
		return p.up(at, -n)
	}
	return p.down(at, n)
}

// Jump goes to the beginning or to the end.
func (p *Pager) Jump(last bool) {
	p.goal, p.follow = nil, last && p.Tail
	to := Position{Item: p.source.First()}
	if last {
		to = p.end()
	}
	if p.Cursor {
		p.cursor = p.passHeadings(to, last)
		p.reveal()
		return
	}
	p.top = to
	p.settle()
}

// passHeadings returns the position of the next item above or below that is not a
// heading, or at if that is not on one. If there is no such item, it returns the cursor.
func (p *Pager) passHeadings(at Position, up bool) Position {
	h, ok := p.source.(Headings)
	if !ok {
		return at
	}
	if last := p.source.End() - 1; up && at.Item > last {
		at.Item = last
	}
	step := 1
	if up {
		step = -1
	}
	for at.Item >= p.source.First() && at.Item < p.source.End() {
		if !h.Heading(at.Item) {
			return at
		}
		at = Position{Item: at.Item + step}
	}
	return p.cursor
}

// Following reports whether the pager follows a growing source.
func (p *Pager) Following() bool { return p.follow }

// shift scrolls lines that are cut off by n cells to the right.
func (p *Pager) shift(n int) {
	if p.Wrap == Cut {
		p.left = max(p.left+n, 0)
	}
}

// bring scrolls lines that are cut off so that a part of one is visible.
func (p *Pager) bring(line string, start, end int) {
	_, from, to, _ := text.Window(line, p.left, p.width())
	if from <= start && end <= to {
		return
	}
	p.left = 0
	if _, _, to, _ := text.Window(line, 0, p.width()); end > to {
		p.left = max(text.Width(line[:start])-p.width()/3, 0)
	}
}

// Top returns the first row on the screen.
func (p *Pager) Top() Position {
	p.settle()
	return p.top
}

// SetTop scrolls to a row.
func (p *Pager) SetTop(at Position) {
	p.top = at
	p.settle()
}

// Place scrolls so that a position is row rows below the top of the screen.
func (p *Pager) Place(at Position, row int) {
	p.top = p.up(p.within(at), row)
	p.settle()
}

// At returns the row of the cursor.
func (p *Pager) At() Position {
	p.settle()
	return p.cursor
}

// Stay cancels going to a hit whose line is not in memory yet.
func (p *Pager) Stay() { p.goal = nil }

// SetCursor moves the cursor to a row, or below it if that is a heading, and scrolls to
// it.
func (p *Pager) SetCursor(at Position) {
	p.cursor = p.passHeadings(at, false)
	p.reveal()
}
