package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/document"
	"catalog-runbook/tui/text"
)

// pieceLimit is the most bytes of the document that are drawn in one piece.
const pieceLimit = 8 << 10

// reader shows the whole document, with the state of each step beside it. The
// document is cut into pieces at its steps and blank lines, and only the pieces
// on the screen are drawn.
type reader struct {
	m      *Model
	size   rect
	pieces []piece
	at     int // the piece at the top of the screen
	line   int // and the line of it
	drawn  map[int][]string
}

// piece is a part of the document, of a step or of prose.
type piece struct {
	source string
	step   *document.Step // nil for prose
}

// newReader returns the reading view at the selected step.
func newReader(m *Model) screen {
	r := &reader{m: m, pieces: cutDocument(m), drawn: map[int][]string{}}
	r.SetSize(m.body())
	for i, p := range r.pieces {
		if p.step != nil && p.step.ID == m.outline.Selected() {
			r.at = i
			r.scroll(-min(3, r.size.h/4))
		}
	}
	return r
}

// cutDocument cuts the source at the steps, and prose at blank lines.
func cutDocument(m *Model) []piece {
	doc := m.engine.Bound().Document
	var pieces []piece
	from := 0
	for i := range m.engine.Bound().Steps {
		s := m.engine.Bound().Steps[i].Step
		if s.Start < from || s.End <= s.Start || s.End > len(doc.Source) {
			continue // nested in the step before
		}
		pieces = append(pieces, cutProse(doc.Source[from:s.Start])...)
		pieces = append(pieces, piece{source: s.Markdown(), step: s})
		from = s.End
	}
	return append(pieces, cutProse(doc.Source[from:])...)
}

// cutProse cuts long prose at blank lines outside of fences.
func cutProse(source string) []piece {
	var pieces []piece
	var b strings.Builder
	fenced := false
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			pieces = append(pieces, piece{source: b.String()})
		}
		b.Reset()
	}
	for line := range strings.SplitAfterSeq(source, "\n") {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "```") || strings.HasPrefix(t, "~~~") {
			fenced = !fenced
		} else if t == "" && !fenced || b.Len() > pieceLimit {
			flush()
			continue
		}
		b.WriteString(line)
	}
	flush()
	return pieces
}

// SetSize gives the reader its room in cells.
func (r *reader) SetSize(w, h int) {
	if w != r.size.w {
		r.drawn, r.line = map[int][]string{}, 0
	}
	r.size = rect{w, h}
}

// margin is the column of the states and numbers, left of the text.
const margin = 6

// lines draws a piece, or returns it as it was drawn before.
func (r *reader) lines(i int) []string {
	if l, ok := r.drawn[i]; ok {
		return l
	}
	l := append(text.Markdown(r.pieces[i].source, max(r.size.w-margin-1, 1), r.m.theme()), "")
	r.drawn[i] = l
	return l
}

// Keys returns the keys that Update takes.
func (r *reader) Keys() []key.Binding {
	k := r.m.keys
	return []key.Binding{k.Down, k.Up, k.PageDown, k.PageUp, k.First, k.Last, space}
}

// ShortHelp returns the keys that the footer names.
func (r *reader) ShortHelp() []key.Binding { return r.Keys()[:4] }

// space pages down, as it does in pagers.
var space = key.NewBinding(key.WithKeys(" "))

// Update takes the keys that scroll.
func (r *reader) Update(msg tea.Msg) tea.Cmd {
	pressed, ok := msg.(tea.KeyMsg)
	switch k := r.m.keys; {
	case !ok:
	case key.Matches(pressed, k.Down):
		r.scroll(1)
	case key.Matches(pressed, k.Up):
		r.scroll(-1)
	case key.Matches(pressed, k.PageDown, space):
		r.scroll(max(r.size.h-2, 1))
	case key.Matches(pressed, k.PageUp):
		r.scroll(-max(r.size.h-2, 1))
	case key.Matches(pressed, k.First):
		r.at, r.line = 0, 0
	case key.Matches(pressed, k.Last):
		r.at, r.line = max(len(r.pieces)-1, 0), 0
		r.scroll(-max(r.size.h-2, 0))
	}
	return nil
}

func (r *reader) scroll(n int) {
	r.line += n
	for r.line < 0 && r.at > 0 {
		r.at--
		r.line += len(r.lines(r.at))
	}
	r.line = max(r.line, 0)
	for r.at < len(r.pieces)-1 && r.line >= len(r.lines(r.at)) {
		r.line -= len(r.lines(r.at))
		r.at++
	}
	if r.at < len(r.pieces) {
		r.line = min(r.line, max(len(r.lines(r.at))-1, 0))
	}
}

// View draws what is on the screen.
func (r *reader) View() []string {
	var out []string
	skip := r.line
	for i := r.at; i < len(r.pieces) && len(out) < r.size.h; i++ {
		lines := r.lines(i)
		for j := skip; j < len(lines) && len(out) < r.size.h; j++ {
			side := ""
			if step := r.pieces[i].step; step != nil && j == 0 {
				status := r.m.run.Status(step.ID, r.m.cfg.Now())
				side = " " + r.m.styles.Status(status).Render(text.Sign(status)) + " " + ansi.Truncate(step.Number, margin-4, "…")
			}
			out = append(out, ansi.Truncate(text.Pad(side, margin)+lines[j], r.size.w, ""))
		}
		skip = 0
	}
	return out
}
