package tui

import "catalog-runbook/tui/text"

// spot is a row of the plan: an entry, a line of it, and a row of that.
type spot struct{ entry, line, row int }

func (s spot) before(t spot) bool {
	switch {
	case s.entry != t.entry:
		return s.entry < t.entry
	case s.line != t.line:
		return s.line < t.line
	}
	return s.row < t.row
}

// room is how many rows of the plan are on the screen.
func (p *planPane) room() int { return max(p.size.h-1, 0) }

// planReadable is how wide the screen must be for anything to count as read.
const planReadable = 20

// gutter is the room for the cursor and the marks of what is looked for.
func (p *planPane) gutter() int {
	if p.size.w >= planReadable {
		return 2
	}
	return 0
}

// width is how many cells a row has.
func (p *planPane) width() int { return max(p.size.w-p.gutter(), 1) }

// end is the spot after the last one.
func (p *planPane) end() spot { return spot{entry: len(p.doc.entries)} }

// lines is how many lines an entry has.
func (p *planPane) lines(entry int) int {
	e := &p.doc.entries[entry]
	switch {
	case e.change < 0 || !e.open:
		return 1
	case p.bodies[e.change] == nil:
		return 2 // a word that it is being read
	}
	return 1 + len(p.bodies[e.change].lines)
}

// line returns a line of an entry, without marks.
func (p *planPane) line(entry, line int) planLine {
	e := &p.doc.entries[entry]
	switch {
	case line == 0 && e.change < 0:
		return planLine{mark: e.mark, text: e.text, tone: e.tone}
	case line == 0:
		mark, text := "▸", e.text
		if e.open {
			mark = "▾"
		}
		return planLine{mark: mark, hang: signCells + 1, text: text, tone: e.tone}
	case p.bodies[e.change] == nil:
		return planLine{indent: bodyIndent, text: "reading…", tone: toneDim}
	}
	if body := p.bodies[e.change]; line <= len(body.lines) {
		return body.lines[line-1]
	}
	return planLine{}
}

// head is what stands before the first row of a line, and how many cells are
// free before its other rows.
func (l planLine) head(w int) (indent int, mark string, rest int) {
	if indent = min(l.indent, w/3); l.mark != "" && w > 4 {
		mark = l.mark + " "
	}
	if rest = indent + text.Width(mark); w >= planReadable {
		rest += l.hang
	}
	return indent, mark, rest
}

// starts returns where in a line's text each of its rows begins at a width.
func (l planLine) starts(w int) []int {
	indent, mark, rest := l.head(w)
	return text.WordStarts(l.text, max(w-indent-text.Width(mark), 1), max(w-rest, 1))
}

// rows is how many rows a line takes.
func (p *planPane) rows(s spot) int { return len(p.line(s.entry, s.line).starts(p.width())) }

// down returns the spot n rows further down, the end at the most.
func (p *planPane) down(s spot, n int) spot {
	for s.entry < len(p.doc.entries) {
		rows := p.rows(s) - s.row
		if n < rows {
			s.row += n
			return s
		}
		n -= rows
		if s.line++; s.line >= p.lines(s.entry) {
			s.entry, s.line = s.entry+1, 0
		}
		s.row = 0
	}
	return p.end()
}

// up returns the spot n rows further up, the beginning at the most.
func (p *planPane) up(s spot, n int) spot {
	for n > s.row {
		n -= s.row
		switch {
		case s.line > 0:
			s.line--
		case s.entry > 0:
			s.entry--
			s.line = p.lines(s.entry) - 1
		default:
			return spot{}
		}
		s.row = p.rows(s)
	}
	s.row -= n
	return s
}

// lowest is the top that shows the end.
func (p *planPane) lowest() spot { return p.up(p.end(), p.room()) }

// within moves a spot that is no more to the nearest that is.
func (p *planPane) within(s spot) spot {
	last := len(p.doc.entries) - 1
	if s.entry > last {
		return p.up(p.end(), 1)
	}
	if n := p.lines(s.entry); s.line >= n {
		s = spot{s.entry, n - 1, 1 << 30}
	}
	s.row = min(s.row, p.rows(s)-1)
	return s
}

// settle puts the top where there is something to show, and the cursor on the
// screen: what is fetched above it must not move what is being read.
func (p *planPane) settle() {
	p.top = p.within(p.top)
	if lowest := p.lowest(); lowest.before(p.top) {
		p.top = lowest
	}
	p.cursor = p.within(p.cursor)
	if p.cursor.before(p.top) {
		p.cursor = p.top
	}
	if last := p.up(p.down(p.top, max(p.room(), 1)), 1); last.before(p.cursor) {
		p.cursor = last
	}
}

// reveal moves the screen so that the cursor is on it.
func (p *planPane) reveal() {
	p.cursor = p.within(p.cursor)
	if p.cursor.before(p.top) {
		p.top = p.cursor
	}
	if room := max(p.room(), 1); !p.cursor.before(p.down(p.top, room)) {
		p.top = p.up(p.cursor, room-1)
	}
	p.settle()
}

// onScreen reports whether a spot is shown.
func (p *planPane) onScreen(s spot) bool {
	return !s.before(p.top) && s.before(p.down(p.top, p.room()))
}

// scroll moves the cursor by n rows, and the screen where it leaves it.
func (p *planPane) scroll(n int) {
	if p.doc == nil {
		return
	}
	p.goal = 0
	p.settle()
	if n < 0 {
		p.cursor = p.up(p.cursor, -n)
	} else {
		p.cursor = p.down(p.cursor, n)
	}
	p.reveal()
}

// page moves the screen by most of its height, and the cursor with it.
func (p *planPane) page(n int) {
	if p.doc == nil {
		return
	}
	p.goal = 0
	p.settle()
	n *= max(p.room()-1, 1)
	if n < 0 {
		p.top, p.cursor = p.up(p.top, -n), p.up(p.cursor, -n)
	} else {
		p.top, p.cursor = p.down(p.top, n), p.down(p.cursor, n)
	}
	p.settle()
}

// jump goes to the beginning or to the end.
func (p *planPane) jump(last bool) {
	if p.doc == nil {
		return
	}
	p.goal, p.cursor = 0, spot{}
	if last {
		p.cursor = p.end()
	}
	p.reveal()
}

// note notes what has been on the screen, as far as it follows on what was there
// before: a jump to the end reads nothing. A resource that was open at first must
// be read as it was then: closed, or not fetched, it ends what is read.
func (p *planPane) note() {
	if p.size.w < planReadable || p.whole {
		return
	}
	for p.read.entry < len(p.doc.entries) && p.read.line >= p.lines(p.read.entry) && !p.barred(p.read.entry) {
		p.read = spot{entry: p.read.entry + 1} // it was closed after it had been read in part
	}
	if p.read.before(p.top) {
		return
	}
	seen := p.down(p.top, p.room())
	for e := p.read.entry; e <= seen.entry && e < len(p.doc.entries); e++ {
		if p.barred(e) {
			if bar := (spot{entry: e}); bar.before(seen) {
				seen = bar
			}
			break
		}
	}
	if p.read.before(seen) {
		p.read = seen
		p.whole = seen.entry >= len(p.doc.entries)
		p.m.detail.Invalidate() // what to do next may be another thing now
	}
}

// barred reports whether an entry cannot be read as it stands.
func (p *planPane) barred(entry int) bool {
	e := &p.doc.entries[entry]
	if !e.must {
		return false
	}
	body := p.bodies[e.change]
	return !e.open || body == nil || body.err != nil
}

// wanted is how many rows of the screen the plan would like to have.
func (p *planPane) wanted() int {
	if p.doc == nil {
		return 2
	}
	rows := 1
	for s := (spot{}); s.entry < len(p.doc.entries) && rows < tallest; s = p.down(s, p.rows(s)) {
		e := &p.doc.entries[s.entry]
		if e.change >= 0 && e.open && p.bodies[e.change] == nil {
			return tallest // it is not known yet
		}
		rows += p.rows(s)
	}
	return rows
}
