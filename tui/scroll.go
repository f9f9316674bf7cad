package tui

import "catalog-runbook/tui/text"

// rows is how many rows of the screen a line takes.
func (o *output) rows(number int) int {
	if o.ended == "" {
		return 1
	}
	return len(text.RowStarts(o.line(number).text.String(), o.width()))
}

// down returns the place that is n rows further down, the end at the most.
func (o *output) down(p place, n int) place {
	for p.line < o.until() {
		rows := o.rows(p.line) - p.row // to the next line
		if n < rows {
			return place{p.line, p.row + n}
		}
		n -= rows
		p = place{p.line + 1, 0}
	}
	return p
}

// up returns the place that is n rows further up, the oldest line at the most.
func (o *output) up(p place, n int) place {
	for n > p.row {
		if p.line <= o.lines.first {
			return place{o.lines.first, 0}
		}
		n -= p.row
		p = place{p.line - 1, o.rows(p.line - 1)}
	}
	return place{p.line, p.row - n}
}

// lowest is the top that shows the end.
func (o *output) lowest() place { return o.up(place{o.until(), 0}, o.room()) }

// settle puts the top where there is something to show.
func (o *output) settle() {
	lowest := o.lowest()
	if o.follow || lowest.before(o.top) {
		o.top = lowest
	}
	if oldest := (place{o.lines.first, 0}); o.top.before(oldest) {
		o.top = oldest
	}
}

// scroll moves by n rows. Up is to stay where one is; at the end it follows again.
func (o *output) scroll(n int) {
	o.settle()
	if n < 0 {
		o.top, o.follow = o.up(o.top, -n), false
		return
	}
	o.top = o.down(o.top, n)
	o.follow = !o.top.before(o.lowest())
}

// jump goes to the oldest line, or to the end and follows it.
func (o *output) jump(last bool) {
	if o.follow = last; !last {
		o.top = place{}
	}
}

// shift moves long lines by n cells, so that their ends can be read. Lines that
// are wrapped have no ends that are cut off.
func (o *output) shift(n int) {
	if o.ended == "" {
		o.left = max(o.left+n, 0)
	}
}

// look notes what of an ended command's output is on the screen, as far as it
// follows on what was there before: a jump to the end reads nothing.
func (o *output) look() {
	if o.m.screens.covered() || o.m.plan.shown {
		return // they cover it
	}
	if o.ended == "" || !o.shown || o.room() == 0 {
		return
	}
	o.settle()
	if o.read.before(o.top) {
		return
	}
	if seen := o.down(o.top, o.room()); o.read.before(seen) {
		o.read = seen
		o.whole = o.whole || o.dropped() == 0 && seen.line >= o.until()
		o.m.detail.Invalidate() // what to do next may be another thing now
	}
}

// turnTo brings a line on the screen, where the words that are looked for stand
// first in it. What is on the screen already does not move.
func (o *output) turnTo(number int) {
	o.settle()
	o.follow = false
	line := o.line(number).text.String()
	start, end := o.search.find(line, 0)
	at := place{line: number}
	if o.ended != "" {
		starts := text.RowStarts(line, o.width())
		for at.row+1 < len(starts) && starts[at.row+1] <= start {
			at.row++
		}
	} else {
		o.reveal(line, start, end)
	}
	if !o.onScreen(at) {
		o.top = o.up(at, o.room()/3)
	}
}

// onScreen reports whether a row is shown.
func (o *output) onScreen(p place) bool {
	return !p.before(o.top) && p.before(o.down(o.top, o.room()))
}

// partly reports whether any of a line is shown.
func (o *output) partly(number int) bool {
	return number >= o.top.line && place{number, 0}.before(o.down(o.top, o.room()))
}

// reveal shifts long lines so that a part of one is seen.
func (o *output) reveal(line string, start, end int) {
	_, from, to, _ := text.Window(line, o.left, o.width())
	if from <= start && end <= to {
		return
	}
	o.left = 0
	if _, _, to, _ := text.Window(line, 0, o.width()); end > to {
		o.left = max(text.Width(line[:start])-o.width()/3, 0)
	}
}
