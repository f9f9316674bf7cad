// Package reader is the screen that shows the whole document, with the state of each
// step beside it.
package reader

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Config is the configuration of a Reader.
type Config struct {
	Keys   pager.KeyMap
	Styles text.Styles
	Theme  text.Theme
	// Mark returns the sign of a step's status, one cell wide. View calls it for the
	// steps on the screen.
	Mark func(document.StepID) string
}

// Reader shows a document. It cuts the document into pieces at steps and blank lines,
// and renders only the pieces on the screen.
type Reader struct {
	*pager.Pager
	cfg    Config
	w, h   int
	pieces []piece
	drawn  map[int][]string // by piece
}

// New returns a reader of a document.
func New(cfg Config, bound *steps.Bound) *Reader {
	// Pagers such as less have this key too.
	cfg.Keys.PageDown.SetKeys(append([]string{" "}, cfg.Keys.PageDown.Keys()...)...)
	r := &Reader{cfg: cfg, pieces: cut(bound), drawn: map[int][]string{}}
	r.Pager = pager.New(r, cfg.Styles, pager.Options{Overlap: 2})
	return r
}

// SetStep scrolls to a step, a few rows below the top of the screen.
func (r *Reader) SetStep(id document.StepID) {
	for i, p := range r.pieces {
		if p.step != nil && p.step.ID == id {
			r.Place(pager.Position{Item: i}, min(3, r.h/4))
		}
	}
}

// SetSize sets the size of the reader, in cells.
func (r *Reader) SetSize(w, h int) {
	resized := w != r.w
	r.w, r.h = w, h
	r.Pager.SetSize(w, h)
	if resized { // the lines have changed
		at := pager.Position{Item: r.Top().Item}
		clear(r.drawn)
		r.SetTop(at)
	}
}

// Keys returns the keys that Update handles.
func (r *Reader) Keys() []key.Binding { return r.cfg.Keys.Bindings() }

// ShortHelp returns the keys for the footer.
func (r *Reader) ShortHelp() []key.Binding {
	k := r.cfg.Keys
	return []key.Binding{k.Down, k.Up, k.PageDown, k.PageUp}
}

// Update handles the keys that scroll.
func (r *Reader) Update(msg tea.Msg) tea.Cmd {
	pressed, ok := msg.(tea.KeyMsg)
	switch {
	case !ok:
	case key.Matches(pressed, r.cfg.Keys.Last): // to the first line of the last piece
		r.Place(pager.Position{Item: r.End() - 1}, max(r.h-2, 0))
	default:
		r.Pager.Update(pressed, r.cfg.Keys)
	}
	return nil
}

// margin is the width of the column of signs and numbers, in cells.
const margin = 6

// lines returns the rendered lines of a piece, from the cache if possible.
func (r *Reader) lines(i int) []string {
	if l, ok := r.drawn[i]; ok {
		return l
	}
	l := append(text.Markdown(r.pieces[i].source, max(r.w-margin-1, 1), r.cfg.Theme), "")
	r.drawn[i] = l
	return l
}

// First returns 0: the items of a document are its pieces.
func (r *Reader) First() int { return 0 }

// End returns the number of pieces.
func (r *Reader) End() int { return len(r.pieces) }

// Lines returns the number of lines of a piece.
func (r *Reader) Lines(i int) int { return len(r.lines(i)) }

// Line returns a line of a piece. The first line of a step has its sign and its number
// in the margin.
func (r *Reader) Line(i, line int) pager.Line {
	side := ""
	if step := r.pieces[i].step; step != nil && line == 0 {
		side = " " + r.cfg.Mark(step.ID) + " " + ansi.Truncate(step.Number, margin-4, "…")
	}
	return pager.Line{Text: text.Pad(side, margin) + r.lines(i)[line]}
}
