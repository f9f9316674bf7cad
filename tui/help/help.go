// Package help has the screens that explain: the help, which lists keys, signs and terms,
// and the page that says why a step is there.
package help

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Page is a screen of text that scrolls and can be searched.
type Page struct {
	*pager.Pager
	keys  pager.KeyMap
	more  []key.Binding
	lines source
	rows  func(width int) []string
	w     int
	theme text.Theme
}

// source is the lines of a page. It marks what is searched for.
type source struct {
	rows []string
	page *Page
}

// First implements pager.Source.
func (s *source) First() int { return 0 }

// End implements pager.Source.
func (s *source) End() int { return len(s.rows) }

// Lines implements pager.Source.
func (s *source) Lines(int) int { return 1 }

// Line implements pager.Source.
func (s *source) Line(item, _ int) pager.Line {
	return pager.Line{Text: s.page.Search().Mark(s.rows[item], s.page.Styles.Match)}
}

// newPage returns a page of rows of a width, with the keys that scroll it and more keys for
// the footer.
func newPage(rows func(width int) []string, keys pager.KeyMap, more []key.Binding, styles *text.Styles) *Page {
	p := &Page{keys: keys, more: more, rows: rows, w: -1}
	p.lines.page = p
	p.Pager = pager.New(&p.lines, styles, pager.Options{Overlap: 1})
	return p
}

// SetSize sets the size of the screen, in cells.
func (p *Page) SetSize(w, height int) {
	if theme := p.Styles.Theme(); w != p.w || theme != p.theme {
		p.w, p.theme = w, theme
		p.lines.rows = p.rows(w)
		for i, row := range p.lines.rows {
			p.lines.rows[i] = ansi.Truncate(row, w, "…")
		}
		p.StartSearch(p.Words()) // the lines have changed
	}
	p.Pager.SetSize(w, height)
}

// Keys returns the keys that Update handles.
func (p *Page) Keys() []key.Binding { return p.keys.Bindings() }

// ShortHelp returns the keys for the footer.
func (p *Page) ShortHelp() []key.Binding {
	keys := slices.Clone(p.more)
	above, below := p.Scrolls()
	if below {
		keys = append(keys, p.keys.Down)
	}
	if above {
		keys = append(keys, p.keys.Up)
	}
	return keys
}

// Update handles the keys that scroll.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok {
		p.Pager.Update(k, p.keys)
	}
	return nil
}

// StartSearch looks for words in the lines. No words end the search.
func (p *Page) StartSearch(words string) (clean.Text, tea.Cmd) {
	p.Pager.StartSearch(words)
	if words == "" {
		return clean.Text{}, nil
	}
	var hits []pager.Position
	search := pager.NewSearch(words)
	for i, row := range p.lines.rows {
		if start, _ := search.Find(ansi.Strip(row), 0); start >= 0 {
			hits = append(hits, pager.Position{Item: i})
		}
	}
	if len(hits) > 0 {
		p.AddHits(hits)
	}
	return clean.Text{}, nil
}

// Final returns true: the text doesn't change.
func (p *Page) Final() bool { return true }

// Term is a sign or a word, and what it means.
type Term struct{ Name, Means string }

// Group is a titled list of keys or terms.
type Group struct {
	Title string
	Keys  []key.Binding
	Terms []Term
}

// New returns the help: groups of keys, which stand beside each other where there is room,
// then groups of terms. The first group comes first at every width. More are keys for the
// footer.
func New(groups []Group, keys pager.KeyMap, more []key.Binding, styles *text.Styles) *Page {
	return newPage(func(w int) []string { return rows(groups, w, styles) }, keys, more, styles)
}

// Explain returns the page that explains a step: a title, and Markdown.
func Explain(title, markdown string, keys pager.KeyMap, more []key.Binding, styles *text.Styles) *Page {
	return newPage(func(w int) []string {
		wide := min(w-2, readable)
		var rows []string
		for _, line := range text.Wrap(title, wide) {
			rows = append(rows, " "+styles.Strong.Render(line))
		}
		rows = append(rows, "")
		for _, line := range text.Markdown(markdown, max(wide, 1), styles.Theme()) {
			rows = append(rows, " "+line)
		}
		return rows
	}, keys, more, styles)
}

// readable is the width in cells beyond which lines of prose are hard to read.
const readable = 96

// columnWidth is the least width of a column of keys, in cells.
const columnWidth = 38

func rows(groups []Group, w int, styles *text.Styles) []string {
	var columns [][]string
	var below []string
	for _, g := range groups {
		title := styles.Strong.Render(g.Title)
		if len(g.Terms) > 0 {
			below = append(append(below, title), terms(g.Terms, w-2, styles)...)
			below = append(below, "")
			continue
		}
		column := []string{title}
		for _, b := range g.Keys {
			column = append(column, text.Pad(styles.Key.Render(b.Help().Key), 8)+b.Help().Desc)
		}
		columns = append(columns, append(column, ""))
	}
	n := min(max((w-2)/columnWidth, 1), 3)
	var rows []string
	for len(columns) > 0 {
		n := min(n, len(columns))
		rows = append(rows, beside(columns[:n], (w-2)/n)...)
		columns = columns[n:]
	}
	rows = append(rows, below...)
	for i, row := range rows {
		rows[i] = " " + row
	}
	return rows
}

// terms lists terms, each with its meaning beside it, or below it on a narrow screen.
func terms(all []Term, w int, styles *text.Styles) []string {
	widest := 0
	for _, t := range all {
		widest = max(widest, ansi.StringWidth(t.Name))
	}
	var rows []string
	for _, t := range all {
		indent := widest + 2
		if w < indent+16 {
			indent = 2
			rows = append(rows, styles.Key.Render(t.Name))
		}
		for i, line := range text.Wrap(t.Means, min(w, readable)-indent) {
			head := strings.Repeat(" ", indent)
			if i == 0 && indent > 2 {
				head = text.Pad(styles.Key.Render(t.Name), indent)
			}
			rows = append(rows, head+line)
		}
	}
	return rows
}

// beside joins columns side by side.
func beside(columns [][]string, w int) []string {
	var lines []string
	for i := 0; ; i++ {
		line, any := "", false
		for _, c := range columns {
			cell := ""
			if i < len(c) {
				cell, any = ansi.Truncate(c[i], w-1, "…"), true
			}
			line += text.Pad(cell, w)
		}
		if !any {
			return lines
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
}
