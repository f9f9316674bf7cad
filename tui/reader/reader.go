// Package reader is the screen that shows the whole document, with the state of each
// step beside it. Its words can be searched, and its links followed.
package reader

import (
	"cmp"
	"slices"

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
	More   []key.Binding // of the one who shows it: they search and follow links
	Styles *text.Styles
	// Mark returns the sign of a step's status, one cell wide. View calls it for the
	// steps on the screen.
	Mark func(document.StepID) string
}

// Reader shows a document. It cuts the document into pieces at steps and blank lines,
// and renders only the pieces on the screen.
type Reader struct {
	*pager.Pager
	cfg    Config
	doc    *document.Document
	w, h   int
	pieces []piece
	drawn  map[int][]string // by piece
	theme  text.Theme       // that they are drawn with
}

// New returns a reader of a document.
func New(cfg Config, bound *steps.Bound) *Reader {
	// Pagers such as less have this key too.
	cfg.Keys.PageDown.SetKeys(append([]string{" "}, cfg.Keys.PageDown.Keys()...)...)
	r := &Reader{cfg: cfg, doc: bound.Document, pieces: cut(bound), drawn: map[int][]string{}}
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

// SetSection scrolls to the heading of a section.
func (r *Reader) SetSection(s *document.Section) {
	i, found := slices.BinarySearchFunc(r.pieces, s.Line, func(p piece, line int) int { return cmp.Compare(p.line, line) })
	if !found {
		i = max(i-1, 0) // the heading stands in a piece that begins above it
	}
	r.Place(pager.Position{Item: i}, 0)
}

// Links returns the links of what is on the screen, in their order.
func (r *Reader) Links() []document.Link {
	if len(r.pieces) == 0 {
		return nil
	}
	from, below := r.Top().Item, r.End()-r.Below()
	var links []document.Link
	for _, l := range r.doc.Links {
		if l.Line >= r.pieces[from].line && (below+1 >= len(r.pieces) || l.Line < r.pieces[below+1].line) {
			links = append(links, l)
		}
	}
	return links
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
	return append(slices.Clone(r.cfg.More), k.Down, k.Up, k.PageDown, k.PageUp)
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
	if theme := r.cfg.Styles.Theme(); theme != r.theme {
		r.theme = theme
		clear(r.drawn)
	}
	if l, ok := r.drawn[i]; ok {
		return l
	}
	l := append(text.Markdown(r.pieces[i].source, max(r.w-margin-1, 1), r.cfg.Styles.Theme()), "")
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
	shown := r.lines(i)[line]
	if r.Words() != "" {
		shown = r.Search().Mark(shown, r.cfg.Styles.Match)
	}
	return pager.Line{Text: text.Pad(side, margin) + shown}
}
