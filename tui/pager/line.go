package pager

import (
	"strings"

	"catalog-runbook/tui/text"
)

// Line is a line of a Source. Mark, Indent and Hang apply to Words only.
type Line struct {
	Text   string // without control characters
	Mark   string // before the text, or ""
	Indent int    // cells before the mark
	Hang   int    // more cells before the rows after the first
	Tone   text.Tone
	// Lead is the length in bytes of the beginning of the text that has LeadTone.
	Lead     uint8
	LeadTone text.Tone
}

// head returns the indentation and the mark of the first row, and the indentation of the
// other rows, at a width of w cells.
func (l Line) head(w int) (indent int, mark string, hang int) {
	if indent = min(l.Indent, w/3); l.Mark != "" && w > 4 {
		mark = l.Mark + " "
	}
	if hang = indent + text.Width(mark); w >= Narrow {
		hang += l.Hang
	}
	return indent, mark, hang
}

// wrapped caches the line that was wrapped last, since its rows are drawn one by one.
type wrapped struct {
	line   Line
	wrap   Wrap
	width  int
	bounds []int
}

// bounds returns the byte offsets at which the rows of a line begin, followed by the
// length of its text.
func (p *Pager) bounds(l Line) []int {
	w := p.width()
	if c := &p.cached; c.bounds == nil || c.line != l || c.wrap != p.Wrap || c.width != w {
		starts := []int{0}
		switch p.Wrap {
		case Cells:
			starts = text.RowStarts(l.Text, w)
		case Words:
			indent, mark, hang := l.head(w)
			starts = text.WordStarts(l.Text, max(w-indent-text.Width(mark), 1), max(w-hang, 1))
		}
		*c = wrapped{l, p.Wrap, w, append(starts, len(l.Text))}
	}
	return p.cached.bounds
}

// rows returns the number of rows of the line at a position.
func (p *Pager) rows(at Position) int {
	if p.Wrap < Cells {
		return 1
	}
	return len(p.bounds(p.source.Line(at.Item, at.Line))) - 1
}

// part returns the part of a line's text that a row shows, and the marks for what is cut
// off on either side.
func (p *Pager) part(l Line, row int) (before string, from, to int, after string) {
	if p.Wrap == Cut {
		return text.Window(l.Text, p.left, p.width())
	}
	bounds := p.bounds(l)
	from, to = bounds[row], bounds[row+1]
	if p.Wrap == Words {
		to = from + len(strings.TrimRight(l.Text[from:to], " "))
	}
	return "", from, to, ""
}
