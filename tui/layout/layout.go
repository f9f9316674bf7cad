// Package layout divides the screen of the checklist among its panes.
package layout

// Pane is a part of the screen that can have the focus.
type Pane int

// The panes. Below is the plan or the output of a command.
const (
	Outline Pane = iota
	Detail
	Below
)

// The sizes at which the layout changes.
const (
	TwoColumns = 100 // cells: from here on, outline and detail are side by side
	listHeight = 28  // rows: from here on, one column shows the outline as a list
	outlineMin = 36  // cells
	outlineMax = 80  // cells
	belowMost  = 18  // rows: the most that a pane below gets without the focus
)

// Rect is a place on the screen, in cells.
type Rect struct{ X, Y, W, H int }

// Has reports whether a cell is in the place.
func (r Rect) Has(x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }

// Wants is what the screen is divided by: its size, and what its parts ask for, in rows.
type Wants struct {
	W, H    int
	Header  int
	Message int
	Outline int             // the list, with its title
	Head    func(w int) int // what the detail needs to say what to do next, at a width
	Below   int             // 0 if there is neither a plan nor an output
	Dialog  int             // 0 if there is none
	Focus   Pane
	Zoomed  bool // the focused pane gets the room of all
}

// Places holds the places of all parts. A part without a place has a height of 0.
type Places struct {
	Header, Outline, Detail, Below, Dialog, Message, Footer Rect

	Columns bool // outline and detail are side by side
	Strip   bool // the outline is one row, without a title
}

// Body returns the place of all panes together.
func (p Places) Body() Rect {
	top := p.Header.Y + p.Header.H
	return Rect{0, top, p.Header.W, max(p.Dialog.Y-top, 0)}
}

// Divide divides the screen. It is pure, and no place leaves the screen. A message takes its
// rows from the bottom of the lowest pane, so that nothing else moves when it comes and goes.
func Divide(w Wants) Places {
	var p Places
	header, footer, message := w.Header, 1, w.Message
	if w.H < 10 {
		header, message = min(header, 1), min(message, 1)
	}
	if w.H < 4 {
		header, footer, message = min(w.H, header), 0, 0
	}
	if w.Dialog > 0 { // a dialogue names its keys itself
		footer = 0
	}
	message = max(min(message, w.H-header-footer-2, max(w.H/3, 2)), 0)
	room := max(w.H-header-footer-message, 0)
	dialog := min(w.Dialog, room)
	body := room - dialog
	p.Header = Rect{0, 0, w.W, header}
	p.Dialog = Rect{0, header + body, w.W, dialog}
	p.Message = Rect{0, header + room, w.W, message}
	p.Footer = Rect{0, header + room + message, w.W, footer}
	place := Rect{0, header, w.W, body}
	if dialog == 0 {
		place.H += message
	}
	p.panes(w, place)
	for _, pane := range []*Rect{&p.Outline, &p.Detail, &p.Below} { // the message lies over their last rows
		pane.H = max(min(pane.H, header+body-pane.Y), 0)
	}
	return p
}

// panes divides the room between header and dialogue.
func (p *Places) panes(w Wants, all Rect) {
	p.Columns = w.W >= TwoColumns
	if w.Zoomed {
		p.Columns = false
		*map[Pane]*Rect{Outline: &p.Outline, Detail: &p.Detail, Below: &p.Below}[w.Focus] = all
		return
	}
	top := all
	if w.Below > 0 {
		top.H = max(all.H-below(w, all.H), 0)
		p.Below = Rect{0, all.Y + top.H, w.W, all.H - top.H}
	}
	switch {
	case p.Columns:
		left := min(max(w.W*2/5, outlineMin), outlineMax)
		p.Outline = Rect{0, top.Y, left, top.H}
		p.Detail = Rect{left + 3, top.Y, max(w.W-left-3, 0), top.H} // a rule and a space on each side
		return
	case top.H >= listHeight:
		p.Outline = Rect{0, top.Y, w.W, min(w.Outline, top.H/3)}
	case top.H >= 5:
		p.Strip, p.Outline = true, Rect{0, top.Y, w.W, 1}
	case w.Focus == Outline && top.H > 1:
		p.Strip, p.Outline = true, Rect{0, top.Y, w.W, 1}
	}
	p.Detail = Rect{0, top.Y + p.Outline.H, w.W, max(top.H-p.Outline.H, 0)}
}

// below returns how many of the rows go to the plan or the output: about half of them, or
// with the focus all but those that say what to do next.
func below(w Wants, rows int) int {
	most := min(rows/2, belowMost)
	if w.Focus == Below {
		left := w.W
		if w.W >= TwoColumns {
			left = w.W - min(max(w.W*2/5, outlineMin), outlineMax) - 3
		}
		head := w.Head(left)
		switch {
		case rows >= 30:
			head = max(head+4, rows/3)
		case rows >= 16:
			head += 3 // the strip, and the beginning of the step
		}
		most = rows - min(head, rows/2)
	}
	return min(most, max(w.Below, 4)+w.Message) // a message does not hide a short output
}
