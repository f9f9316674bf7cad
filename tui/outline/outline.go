// Package outline lists the steps of a runbook below their sections, with a cursor, a
// filter, and a mark before each step that says where it stands.
package outline

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/text"
)

// Keys move the cursor.
type Keys struct{ Down, Up, First, Last key.Binding }

// Outline is the list. Its cost depends on the height of the screen, but for the
// filter.
type Outline struct {
	keys   Keys
	styles text.Styles
	marks  func(document.StepID) string
	w, h   int
	all    []row // every row of the runbook
	rows   []row // those that pass the filter
	cursor int   // an index into rows, always on a step if there is one
	top    int   // the first row that is shown
	filter string
}

// row is a line of the outline: the heading of a section, or a step.
type row struct {
	section *document.Section
	step    *document.Step
	depth   int
	lower   string // the text in lower case, for the filter
}

// New returns the outline of a runbook, with the cursor on its first step.
func New(bound *steps.Bound, keys Keys, styles text.Styles) *Outline {
	o := &Outline{keys: keys, styles: styles, marks: func(document.StepID) string { return " " }}
	var section *document.Section
	for i := range bound.Steps {
		step := bound.Steps[i].Step
		if step.Section != section {
			section = step.Section
			if section != nil && len(section.Path) > 0 {
				o.all = append(o.all, row{section: section})
			}
		}
		depth := 0
		for p := step.Parent; p != nil; p = p.Parent {
			depth++
		}
		o.all = append(o.all, row{step: step, depth: depth, lower: strings.ToLower(step.Text.String())})
	}
	o.SetFilter("")
	return o
}

// SetSize gives the outline its room in cells.
func (o *Outline) SetSize(w, h int) {
	o.w, o.h = w, h
	o.follow()
}

// SetMarks sets what makes the mark of a step, one cell wide. It is called for the
// steps on the screen whenever they are drawn.
func (o *Outline) SetMarks(marks func(document.StepID) string) { o.marks = marks }

// Keys returns the keys that Update takes.
func (o *Outline) Keys() []key.Binding {
	return []key.Binding{o.keys.Down, o.keys.Up, o.keys.First, o.keys.Last}
}

// Update takes the keys that move the cursor.
func (o *Outline) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	switch {
	case !ok:
	case key.Matches(k, o.keys.Down):
		o.move(1)
	case key.Matches(k, o.keys.Up):
		o.move(-1)
	case key.Matches(k, o.keys.First):
		o.cursor = 0
		o.settle(1)
	case key.Matches(k, o.keys.Last):
		o.cursor = max(len(o.rows)-1, 0)
		o.settle(-1)
	}
	return nil
}

// Filter returns the words that the shown steps have, "" where all are shown.
func (o *Outline) Filter() string { return o.filter }

// Rows returns how many rows pass the filter.
func (o *Outline) Rows() int { return len(o.rows) }

// SetFilter shows the steps whose text holds the words, with their sections.
func (o *Outline) SetFilter(words string) {
	current := o.Selected()
	o.filter = words
	words = strings.ToLower(words)
	o.rows = o.rows[:0:0]
	heading := -1
	for i, r := range o.all {
		if r.section != nil {
			heading = i
			continue
		}
		if !strings.Contains(r.lower, words) {
			continue
		}
		if heading >= 0 {
			o.rows = append(o.rows, o.all[heading])
			heading = -1
		}
		o.rows = append(o.rows, r)
	}
	o.cursor = 0
	for i, r := range o.rows {
		if r.step != nil && r.step.ID == current {
			o.cursor = i
		}
	}
	o.settle(1)
}

// Selected returns the id of the step under the cursor, "" where there is none.
func (o *Outline) Selected() document.StepID {
	if o.cursor < len(o.rows) && o.rows[o.cursor].step != nil {
		return o.rows[o.cursor].step.ID
	}
	return ""
}

// Select puts the cursor on a step, if the filter shows it.
func (o *Outline) Select(id document.StepID) {
	for i, r := range o.rows {
		if r.step != nil && r.step.ID == id {
			o.cursor = i
		}
	}
	o.follow()
}

// move puts the cursor on the next step for 1, and on the one before for -1.
func (o *Outline) move(direction int) {
	next := o.cursor + direction
	for next >= 0 && next < len(o.rows) && o.rows[next].step == nil {
		next += direction
	}
	if next >= 0 && next < len(o.rows) {
		o.cursor = next
	}
	o.follow()
}

// settle moves the cursor from a heading to the next step.
func (o *Outline) settle(direction int) {
	for o.cursor >= 0 && o.cursor < len(o.rows) && o.rows[o.cursor].step == nil {
		o.cursor += direction
	}
	o.cursor = max(min(o.cursor, len(o.rows)-1), 0)
	o.follow()
}

// follow scrolls when the cursor leaves the screen, by half of it: scrolling by
// one line would draw every line anew for every key. The heading of the first
// step comes along.
func (o *Outline) follow() {
	if o.h <= 0 {
		return
	}
	if o.cursor < o.top {
		o.top = o.cursor - o.h/2
	}
	if o.cursor >= o.top+o.h {
		o.top = o.cursor - o.h + 1 + o.h/2
	}
	if o.top > 0 && o.h > 1 && o.top == o.cursor && o.rows[o.top-1].section != nil {
		o.top--
	}
	o.top = max(min(o.top, len(o.rows)-o.h), 0)
}

// View draws the rows that are on the screen, and only those.
func (o *Outline) View() []string {
	lines := make([]string, 0, o.h)
	for i := o.top; i < len(o.rows) && len(lines) < o.h; i++ {
		if r := o.rows[i]; r.step == nil {
			lines = append(lines, o.heading(r.section))
		} else {
			lines = append(lines, o.step(r, i == o.cursor))
		}
	}
	if len(o.rows) == 0 {
		text := "This document has no steps."
		if o.filter != "" {
			text = "No step has these words."
		}
		lines = append(lines, o.styles.Dim.Render(ansi.Truncate(" "+text, o.w, "…")))
	}
	return lines
}

// heading draws the path of a section from its end, which tells more.
func (o *Outline) heading(s *document.Section) string {
	parts := make([]string, len(s.Path))
	for i, p := range s.Path {
		parts[i] = p.String()
	}
	for len(parts) > 1 && ansi.StringWidth(strings.Join(parts, " › ")) > o.w-2 {
		parts = parts[1:]
	}
	return o.styles.Section.Render(ansi.Truncate(" "+strings.Join(parts, " › "), o.w, "…"))
}

// step draws "▌✓ 4 🔒 Update the catalog version…". The lock has a column of two
// cells of its own, so that texts stand in line.
func (o *Outline) step(r row, current bool) string {
	cursor := " "
	if current {
		cursor = o.styles.Key.Render("›")
	}
	lock := "  "
	if r.step.Locked {
		lock = "🔒"
	}
	number := r.step.Number
	if number == "" {
		number = "·"
	}
	head := cursor + o.marks(r.step.ID) + strings.Repeat(" ", 1+2*r.depth) + number + " " + lock + " "
	room := o.w - ansi.StringWidth(head)
	if room < 1 {
		return ansi.Truncate(head, o.w, "")
	}
	text := ansi.Truncate(r.step.Text.String(), room, "…")
	if current {
		text = o.styles.Selected.Render(text)
	}
	return head + text
}
