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

// Config is what a Reader needs.
type Config struct {
	Keys   pager.KeyMap
	Styles text.Styles
	Theme  text.Theme
	// Mark returns the sign of a step's status, one cell wide. It is called for the
	// steps on the screen.
	Mark func(document.StepID) string
}

// Reader shows a document. It is cut into pieces at its steps and blank lines, and
// only the pieces on the screen are drawn.
type Reader struct {
	*pager.Pager
	cfg    Config
	w, h   int
	pieces []piece
	drawn  map[int][]string // by piece
}

// New returns a reader of a document.
func New(cfg Config, bound *steps.Bound) *Reader {
	// Many pagers have this key as well.
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

// SetSize gives the reader its room in cells.
func (r *Reader) SetSize(w, h int) {
	resized := w != r.w
	r.w, r.h = w, h
	r.Pager.SetSize(w, h)
	if resized { // the lines are others now
		at := pager.Position{Item: r.Top().Item}
		clear(r.drawn)
		r.SetTop(at)
	}
}

// Keys returns the keys that Update takes.
func (r *Reader) Keys() []key.Binding { return r.cfg.Keys.Bindings() }

// ShortHelp returns the keys that the footer names.
func (r *Reader) ShortHelp() []key.Binding {
	k := r.cfg.Keys
	return []key.Binding{k.Down, k.Up, k.PageDown, k.PageUp}
}

// Update takes the keys that scroll.
func (r *Reader) Update(msg tea.Msg) tea.Cmd {
	pressed, ok := msg.(tea.KeyMsg)
	switch {
	case !ok:
	case key.Matches(pressed, r.cfg.Keys.Last): // the last piece from its first line on
		r.Place(pager.Position{Item: r.End() - 1}, max(r.h-2, 0))
	default:
		r.Pager.Update(pressed, r.cfg.Keys)
	}
	return nil
}

// margin is the column of the states and numbers, left of the text.
const margin = 6

// lines draws a piece, or returns it as it was drawn before.
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

// Line returns a line of a piece. Beside the first of a step stand its state and its
// number.
func (r *Reader) Line(i, line int) pager.Line {
	side := ""
	if step := r.pieces[i].step; step != nil && line == 0 {
		side = " " + r.cfg.Mark(step.ID) + " " + ansi.Truncate(step.Number, margin-4, "…")
	}
	return pager.Line{Text: text.Pad(side, margin) + r.lines(i)[line]}
}
