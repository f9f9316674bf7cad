package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/text"
)

// outline lists the steps below their sections, with the state of each.
type outline struct {
	m      *Model
	size   rect
	all    []row // every row of the runbook
	rows   []row // those that pass the filter
	cursor int   // an index into rows, always on a step if there is one
	top    int   // the first row that is shown
	filter string
}

// row is a line of the outline: the heading of a section, or a step.
type row struct {
	section *document.Section
	step    *steps.Binding
	depth   int
	lower   string // the text in lower case, for the filter
}

func newOutline(m *Model) *outline {
	o := &outline{m: m}
	var section *document.Section
	for i := range m.engine.Bound().Steps {
		b := &m.engine.Bound().Steps[i]
		if b.Step.Section != section {
			section = b.Step.Section
			if section != nil && len(section.Path) > 0 {
				o.all = append(o.all, row{section: section})
			}
		}
		depth := 0
		for p := b.Step.Parent; p != nil; p = p.Parent {
			depth++
		}
		o.all = append(o.all, row{step: b, depth: depth, lower: strings.ToLower(b.Step.Text.String())})
	}
	o.setFilter("")
	return o
}

func (o *outline) setSize(r rect) {
	o.size = r
	o.follow()
}

// setFilter shows the steps whose text holds the words, with their sections.
func (o *outline) setFilter(words string) {
	current := o.selected()
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
		if r.step != nil && r.step.Step.ID == current {
			o.cursor = i
		}
	}
	o.settle(1)
}

// selected returns the id of the step under the cursor, "" where there is none.
func (o *outline) selected() document.StepID {
	if o.cursor < len(o.rows) && o.rows[o.cursor].step != nil {
		return o.rows[o.cursor].step.Step.ID
	}
	return ""
}

// turnTo puts the cursor on a step, if the filter shows it.
func (o *outline) turnTo(id document.StepID) {
	for i, r := range o.rows {
		if r.step != nil && r.step.Step.ID == id {
			o.cursor = i
		}
	}
	o.follow()
}

// move puts the cursor on the n-th step further down, or up for a negative n.
func (o *outline) move(n int) {
	direction := 1
	if n < 0 {
		direction, n = -1, -n
	}
	for ; n > 0; n-- {
		next := o.cursor + direction
		for next >= 0 && next < len(o.rows) && o.rows[next].step == nil {
			next += direction
		}
		if next < 0 || next >= len(o.rows) {
			break
		}
		o.cursor = next
	}
	o.follow()
}

// jump puts the cursor on the first step, or on the last.
func (o *outline) jump(last bool) {
	o.cursor = 0
	direction := 1
	if last {
		o.cursor, direction = max(len(o.rows)-1, 0), -1
	}
	o.settle(direction)
}

// settle moves the cursor from a heading to the next step.
func (o *outline) settle(direction int) {
	for o.cursor >= 0 && o.cursor < len(o.rows) && o.rows[o.cursor].step == nil {
		o.cursor += direction
	}
	o.cursor = max(min(o.cursor, len(o.rows)-1), 0)
	o.follow()
}

// follow scrolls when the cursor leaves the screen, by half of it: scrolling by
// one line would draw every line anew for every key. The heading of the first
// step comes along.
func (o *outline) follow() {
	if o.size.h <= 0 {
		return
	}
	if o.cursor < o.top {
		o.top = o.cursor - o.size.h/2
	}
	if o.cursor >= o.top+o.size.h {
		o.top = o.cursor - o.size.h + 1 + o.size.h/2
	}
	if o.top > 0 && o.size.h > 1 && o.top == o.cursor && o.rows[o.top-1].section != nil {
		o.top--
	}
	o.top = max(min(o.top, len(o.rows)-o.size.h), 0)
}

// view draws the rows that are on the screen, and only those.
func (o *outline) view() []string {
	lines := make([]string, 0, o.size.h)
	for i := o.top; i < len(o.rows) && len(lines) < o.size.h; i++ {
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
		lines = append(lines, o.m.styles.Dim.Render(ansi.Truncate(" "+text, o.size.w, "…")))
	}
	return lines
}

// heading draws the path of a section from its end, which tells more.
func (o *outline) heading(s *document.Section) string {
	parts := make([]string, len(s.Path))
	for i, p := range s.Path {
		parts[i] = p.String()
	}
	for len(parts) > 1 && ansi.StringWidth(strings.Join(parts, " › ")) > o.size.w-2 {
		parts = parts[1:]
	}
	return o.m.styles.Section.Render(ansi.Truncate(" "+strings.Join(parts, " › "), o.size.w, "…"))
}

// step draws "▌✓ 4 🔒 Update the catalog version…". The lock has a column of two
// cells of its own, so that texts stand in line.
func (o *outline) step(r row, current bool) string {
	m, id := o.m, r.step.Step.ID
	status := m.run.Status(id, m.cfg.Now())
	mark := m.styles.Status(status).Render(text.Sign(status))
	if m.asking[id] != nil || status == runbook.InProgress && (m.running != nil || m.cfg.Observe != nil) {
		mark = m.styles.Note.Render(m.beat.spinner())
	}
	cursor := " "
	if current {
		cursor = m.styles.Key.Render("›")
	}
	lock := "  "
	if r.step.Step.Locked {
		lock = "🔒"
	}
	number := r.step.Step.Number
	if number == "" {
		number = "·"
	}
	head := cursor + mark + strings.Repeat(" ", 1+2*r.depth) + number + " " + lock + " "
	room := o.size.w - ansi.StringWidth(head)
	if room < 1 {
		return ansi.Truncate(head, o.size.w, "")
	}
	text := ansi.Truncate(r.step.Step.Text.String(), room, "…")
	if current {
		text = m.styles.Selected.Render(text)
	}
	return head + text
}
