package pager

import "cmp"

// Position identifies a row of a line of an item.
type Position struct{ Item, Line, Row int }

func (p Position) before(q Position) bool { return p.compare(q) < 0 }

func (p Position) compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Item, q.Item), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Row, q.Row))
}

// line returns the first row of the position's line.
func (p Position) line() Position { return Position{Item: p.Item, Line: p.Line} }

// end returns the position after the last row.
func (p *Pager) end() Position { return Position{Item: p.source.End()} }

// down returns the position n rows below, or the end.
func (p *Pager) down(at Position, n int) Position {
	for at.Item < p.source.End() {
		rows := p.rows(at) - at.Row // to the next line
		if n < rows {
			at.Row += n
			return at
		}
		n -= rows
		if at.Line, at.Row = at.Line+1, 0; at.Line >= p.source.Lines(at.Item) {
			at.Item, at.Line = at.Item+1, 0
		}
	}
	return p.end()
}

// up returns the position n rows above, or the beginning.
func (p *Pager) up(at Position, n int) Position {
	for n > at.Row {
		n -= at.Row
		switch {
		case at.Line > 0:
			at.Line--
		case at.Item > p.source.First():
			at.Item--
			at.Line = p.source.Lines(at.Item) - 1
		default:
			return Position{Item: p.source.First()}
		}
		at.Row = p.rows(at)
	}
	at.Row -= n
	return at
}

// lowest returns the top at which the last row is at the bottom of the screen.
func (p *Pager) lowest() Position { return p.up(p.end(), p.h) }

// within returns the nearest position that exists.
func (p *Pager) within(at Position) Position {
	switch {
	case at.Item >= p.source.End():
		return p.up(p.end(), 1)
	case at.Item < p.source.First():
		return Position{Item: p.source.First()}
	}
	if n := p.source.Lines(at.Item); at.Line >= n {
		at.Line, at.Row = n-1, p.rows(Position{Item: at.Item, Line: n - 1})
	}
	at.Row = min(at.Row, p.rows(at)-1)
	return at
}

// settle moves the top to where there are rows to show, and the cursor to the screen.
// Rows that arrive above the screen do not move it.
func (p *Pager) settle() {
	lowest := p.lowest()
	if p.top = p.within(p.top); p.follow || lowest.before(p.top) {
		p.top = lowest
	}
	if !p.Cursor || p.h == 0 {
		return
	}
	p.cursor = p.within(p.cursor)
	if p.cursor.before(p.top) {
		p.cursor = p.top
	}
	if last := p.up(p.down(p.top, max(p.h, 1)), 1); last.before(p.cursor) {
		p.cursor = last
	}
	if p.Whole {
		p.cursor = Position{Item: p.cursor.Item}
	}
}

// reveal scrolls so that the cursor is on the screen.
func (p *Pager) reveal() {
	p.top, p.cursor = p.within(p.top), p.within(p.cursor)
	if p.h == 0 {
		return
	}
	more := 0 // rows to scroll further than necessary
	if p.Half {
		more = p.h / 2
	}
	if p.cursor.before(p.top) {
		p.top = p.up(p.cursor, more)
	}
	end := p.cursor
	if p.Whole && end.Item < p.source.End() {
		end.Line = p.source.Lines(end.Item) - 1
	}
	if !end.before(p.down(p.top, p.h)) {
		p.top = p.up(end, p.h-1-more)
	}
	if h, ok := p.source.(Headings); ok && p.h > 1 && p.top == p.cursor && p.top.Item > p.source.First() && h.Heading(p.top.Item-1) {
		p.top.Item--
	}
	p.settle()
}

// OnScreen reports whether a row is on the screen.
func (p *Pager) OnScreen(at Position) bool {
	return !at.before(p.top) && at.before(p.down(p.top, p.h))
}

// OnRow returns the position that a row of the screen shows, and false if it shows none.
func (p *Pager) OnRow(row int) (Position, bool) {
	p.settle()
	at := p.down(p.top, row)
	return at, row >= 0 && row < p.h && at.Item < p.source.End()
}

// CursorRow returns how many rows below the top of the screen the cursor is, and false if it
// is not on the screen.
func (p *Pager) CursorRow() (row int, ok bool) {
	p.settle()
	for at := p.top; row < p.h && at.Item < p.source.End(); at = p.down(at, 1) {
		if at == p.cursor {
			return row, true
		}
		row++
	}
	return 0, false
}

// partly reports whether any row of the position's line is on the screen.
func (p *Pager) partly(at Position) bool {
	return !at.line().before(p.top.line()) && at.line().before(p.down(p.top, p.h))
}

// Below returns the number of items below the screen.
func (p *Pager) Below() int { return p.source.End() - p.down(p.top, p.h).Item }

// Tallest is a number of rows that no screen exceeds.
const Tallest = 200

// Wanted returns the number of rows of the whole source, at most Tallest.
func (p *Pager) Wanted() int {
	rows := 0
	for item := p.source.First(); item < p.source.End() && rows < Tallest; item++ {
		for line := 0; line < p.source.Lines(item) && rows < Tallest; line++ {
			rows += p.rows(Position{Item: item, Line: line})
		}
	}
	return min(rows, Tallest)
}

// Scrolls reports whether there are rows above the screen or the cursor, and below them.
func (p *Pager) Scrolls() (above, below bool) {
	p.settle()
	at := p.top
	if p.Cursor {
		at = p.cursor
	}
	return p.up(at, 1).before(at), p.down(p.top, p.h).before(p.end()) || p.Cursor && p.down(at, 1).before(p.end())
}
