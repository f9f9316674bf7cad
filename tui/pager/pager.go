// Package pager implements the virtual list behind everything that scrolls: the outline,
// the details of a step, the output of a command, a plan, the document and the help.
//
// A Pager pulls lines from a Source and draws only the rows on the screen. Its cost
// depends on the height of the screen, not on the length of the source.
package pager

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// Source is what a pager shows: items, each of which has one or more lines. The numbers
// of the items run from First up to, but not including, End. Both may grow while the
// source is shown, but an item keeps its number.
type Source interface {
	First() int
	End() int
	// Lines returns the number of lines of an item, at least 1.
	Lines(item int) int
	Line(item, line int) Line
}

// Bars is a Source with items that cannot count as read as they are, because they are
// closed or not in memory yet.
type Bars interface {
	Barred(item int) bool
}

// Headings is a Source with items that the cursor passes. A heading stays on the screen
// with the first item below it.
type Headings interface {
	Heading(item int) bool
}

// Opener is a Source whose lines may be hidden.
type Opener interface {
	// Open makes a line visible. It returns false if the line is not in memory yet;
	// then the source calls Resume once it is.
	Open(item, line int) bool
}

// Wrap says how lines become rows.
type Wrap int

const (
	Drawn  Wrap = iota // one row each, of styled text
	Fitted             // Drawn, and no wider than the screen
	Cut                // one row each, shifted by Left and cut off at both edges
	Cells              // wrapped at any cell
	Words              // wrapped after words
)

// Options are the options of a pager.
type Options struct {
	Wrap      Wrap
	Cursor    bool // the keys move a cursor, and the screen only where necessary
	Whole     bool // the cursor is on whole items, not on their rows
	Half      bool // a cursor that leaves the screen scrolls it by half its height; most keys then change two rows
	Tail      bool // at the end of a growing source, the pager follows it
	Overlap   int  // rows that stay on the screen in paging
	ReadWidth int  // cells; on a narrower screen nothing counts as read
}

// Narrow is the width in cells below which rows have no marks before them.
const Narrow = 20

// Pager shows a part of a Source. Its methods must be called from one goroutine.
type Pager struct {
	Options
	Styles  *text.Styles
	Focused bool // the cursor is drawn

	source Source
	w, h   int
	top    Position // the first row on the screen
	cursor Position
	left   int // cells that are cut off at the left, for Cut
	follow bool
	read   Position // everything before it has been on the screen
	whole  bool     // everything has been on the screen
	search Search
	goal   *Position // the hit to go to when Resume is called
	cached wrapped
}

// New returns a pager at the beginning of a source, or following it with Tail.
func New(source Source, styles *text.Styles, o Options) *Pager {
	return &Pager{Options: o, Styles: styles, source: source, follow: o.Tail}
}

// SetSize sets the width in cells and the height in rows. Since a new width changes the
// rows of a line, it moves positions to the beginning of their line, so that nothing
// counts as read that was not shown.
func (p *Pager) SetSize(w, h int) {
	before, shrinks := p.width(), h < p.h
	p.w, p.h = w, max(h, 0)
	if p.width() != before {
		p.rewrap()
	}
	if p.Half || p.Cursor && shrinks && p.h > 0 { // the cursor stays where it is
		p.reveal()
	}
}

// SetWrap changes how lines become rows.
func (p *Pager) SetWrap(w Wrap) {
	p.Wrap, p.left = w, 0
	p.rewrap()
}

// rewrap moves positions to the beginning of their line.
func (p *Pager) rewrap() {
	p.top.Row, p.cursor.Row, p.read.Row = 0, 0, 0
	if p.Wrap != Cut {
		p.left = 0
	}
}

// gutter returns the width of the marks of the cursor and of hits, in cells.
func (p *Pager) gutter() int {
	if p.w >= Narrow && p.Wrap > Fitted && (p.Cursor || p.search.on()) {
		return 2
	}
	return 0
}

// width returns the width of a row without its mark, in cells.
func (p *Pager) width() int { return p.w - p.gutter() }

// View draws the rows on the screen.
func (p *Pager) View() []string {
	p.settle()
	var rows []string
	for at := p.top; at.Item < p.source.End() && len(rows) < p.h; at = p.down(at, 1) {
		rows = append(rows, p.row(at))
	}
	return rows
}

// row draws one row. The cursor, or else the current hit, has a mark, so that it can be
// told without colours.
func (p *Pager) row(at Position) string {
	l, s := p.source.Line(at.Item, at.Line), p.Styles
	switch p.Wrap {
	case Drawn:
		return ansi.Truncate(l.Text, p.width(), "")
	case Fitted:
		return l.Text
	}
	before, from, to, after := p.part(l, at.Row)
	var found []span
	if p.search.on() {
		found = p.search.found(l.Text, from, to)
	}
	var b strings.Builder
	b.WriteString(p.mark(at, len(found) > 0))
	switch indent, mark, hang := l.head(p.width()); {
	case p.Wrap != Words:
		b.WriteString(s.Render(l.Tone, before))
	case at.Row > 0:
		b.WriteString(strings.Repeat(" ", hang))
	default:
		b.WriteString(strings.Repeat(" ", indent) + s.Render(l.Tone, mark))
	}
	if lead := min(int(l.Lead), to); at.Row == 0 && len(found) == 0 && lead > from {
		b.WriteString(s.Render(l.LeadTone, l.Text[from:lead]))
		from = lead
	}
	for _, f := range found {
		b.WriteString(s.Render(l.Tone, l.Text[from:f.from]))
		b.WriteString(s.Match.Render(l.Text[f.from:f.to]))
		from = f.to
	}
	b.WriteString(s.Render(l.Tone, l.Text[from:to]+after))
	return b.String()
}

// mark returns the mark before a row.
func (p *Pager) mark(at Position, found bool) string {
	hit := p.search.has(at)
	switch {
	case p.gutter() == 0:
		return ""
	case p.Cursor && p.Focused && at == p.cursor:
		return p.Styles.Key.Render("›") + " "
	case !hit, !found && p.Wrap != Cut: // the hit is in another row of the line
		return "  "
	case !p.Cursor && p.search.led && at.line() == p.search.at:
		return p.Styles.Key.Render("›") + " "
	}
	return p.Styles.Dim.Render("·") + " "
}
