// Package outline is the part of the checklist that lists the steps of a runbook below
// their sections, with a cursor, a filter, and a sign for the status of each step.
package outline

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Outline is the list. Its cost depends on the height of the screen, except that of a
// new filter.
type Outline struct {
	keys   pager.KeyMap
	styles text.Styles
	marks  func(document.StepID) string
	w      int   // cells
	all    []row // every row of the runbook
	rows   []row // the rows that pass the filter
	filter string

	pager   *pager.Pager // its cursor is on a step if there is one
	current int          // the row of the cursor, while the rows are drawn
}

// row is a line of the outline: the heading of a section, or a step.
type row struct {
	section *document.Section
	step    *document.Step
	depth   int
	lower   string // the text in lower case, for the filter
}

// New returns the outline of a runbook, with the cursor on the first step. Of the keys,
// it uses Up, Down, First and Last.
func New(bound *steps.Bound, keys pager.KeyMap, styles text.Styles) *Outline {
	o := &Outline{
		keys:   pager.KeyMap{Down: keys.Down, Up: keys.Up, First: keys.First, Last: keys.Last},
		styles: styles,
		marks:  func(document.StepID) string { return " " },
	}
	o.pager = pager.New(o, styles, pager.Options{Wrap: pager.Fitted, Cursor: true, Half: true})
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

// SetSize sets the size of the outline, in cells.
func (o *Outline) SetSize(w, h int) {
	o.w = w
	o.pager.SetSize(w, h)
}

// SetMarks sets the function that returns the sign of a step, one cell wide. View calls
// it for the steps on the screen.
func (o *Outline) SetMarks(marks func(document.StepID) string) { o.marks = marks }

// Keys returns the keys that Update handles.
func (o *Outline) Keys() []key.Binding { return o.keys.Bindings() }

// Update handles the keys that move the cursor.
func (o *Outline) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok {
		o.pager.Update(k, o.keys)
	}
	return nil
}

// Filter returns the words of the filter, or "" if all steps are shown.
func (o *Outline) Filter() string { return o.filter }

// Rows returns the number of rows that pass the filter.
func (o *Outline) Rows() int { return len(o.rows) }

// SetFilter shows only the steps whose text contains the words, and their sections.
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
	o.pager.SetCursor(pager.Position{Item: max(o.find(current), 0)})
}

// find returns the row of a step, or -1 if the filter hides it.
func (o *Outline) find(id document.StepID) int {
	return slices.IndexFunc(o.rows, func(r row) bool { return r.step != nil && r.step.ID == id })
}

// Selected returns the ID of the step under the cursor, or "" if there is none.
func (o *Outline) Selected() document.StepID {
	if at := o.pager.At().Item; at < len(o.rows) && o.rows[at].step != nil {
		return o.rows[at].step.ID
	}
	return ""
}

// Neighbours returns the steps that the cursor reaches when it moves by one: the next and
// the previous one, if there are any.
func (o *Outline) Neighbours() []*document.Step {
	var steps []*document.Step
	for _, by := range []int{1, -1} {
		for at := o.pager.At().Item + by; at >= 0 && at < len(o.rows); at += by {
			if step := o.rows[at].step; step != nil {
				steps = append(steps, step)
				break
			}
		}
	}
	return steps
}

// Select moves the cursor to a step, unless the filter hides it.
func (o *Outline) Select(id document.StepID) {
	if at := o.find(id); at >= 0 {
		o.pager.SetCursor(pager.Position{Item: at})
	}
}

// First implements pager.Source.
func (o *Outline) First() int { return 0 }

// End implements pager.Source.
func (o *Outline) End() int { return len(o.rows) }

// Lines implements pager.Source.
func (o *Outline) Lines(int) int { return 1 }

// Heading implements pager.Headings.
func (o *Outline) Heading(item int) bool { return o.rows[item].step == nil }

// Line implements pager.Source.
func (o *Outline) Line(item, _ int) pager.Line {
	r := o.rows[item]
	if r.step == nil {
		return pager.Line{Text: o.heading(r.section)}
	}
	return pager.Line{Text: o.step(r, item == o.current)}
}

// View draws the rows on the screen.
func (o *Outline) View() []string {
	if len(o.rows) > 0 {
		o.current = o.pager.At().Item
		return o.pager.View()
	}
	text := "This document has no steps."
	if o.filter != "" {
		text = "No step has these words."
	}
	return []string{o.styles.Dim.Render(ansi.Truncate(" "+text, o.w, "…"))}
}

// heading draws the path of a section. If it is too long, its end is kept, which tells
// more.
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
// cells, so that the texts are aligned.
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
