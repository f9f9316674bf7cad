// Package outline is the part of the checklist that lists the sections of a runbook and
// their steps, with a cursor, a filter, and a sign for the status of each step. It is
// unfolded where the cursor is: another procedure takes one row, which unfolds when the
// cursor enters it.
package outline

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Outline is the list. Its cost depends on the height of the screen, except that of a
// new filter.
type Outline struct {
	Focused bool // set by the root

	keys   pager.KeyMap
	styles *text.Styles
	marks  func(document.StepID) string
	w, h   int            // cells
	strip  string         // see SetStrip
	all    []row          // every row of the runbook, unfolded
	counts map[string]int // the steps of each procedure
	walked string         // the procedure that is unfolded
	terse  bool           // see SetTerse
	rows   []row          // the rows that are not folded and pass the filter
	filter string

	lines   [][]string   // what is drawn of each step's title; nil if each has one line
	pager   *pager.Pager // its cursor is on a step if there is one
	current int          // the row of the cursor, while the rows are drawn
}

// row is a line of the outline: the heading of a section, a step, or a procedure that is
// folded.
type row struct {
	section   *document.Section
	step      *document.Step // nil for a section
	title     string         // of the step
	name      string         // of the step, in a word or two
	depth     int
	procedure string
	locked    bool
	bare      bool // a section without steps, whose subsections have none either
	folded    int  // how many steps are folded in it
}

// New returns the outline of a runbook, with the cursor on the first step. Of the keys,
// it uses Up, Down, First and Last.
func New(bound *steps.Bound, keys pager.KeyMap, styles *text.Styles) *Outline {
	o := &Outline{
		keys:   pager.KeyMap{Down: keys.Down, Up: keys.Up, First: keys.First, Last: keys.Last},
		styles: styles,
		marks:  func(document.StepID) string { return " " },
		counts: map[string]int{},
	}
	o.pager = pager.New(o, styles, pager.Options{Wrap: pager.Fitted, Cursor: true, Half: true, Whole: true})
	o.read(bound)
	if first := slices.IndexFunc(o.all, func(r row) bool { return r.step != nil }); first >= 0 {
		o.walked = o.all[first].procedure
	}
	o.SetFilter("")
	return o
}

// read lists the sections and steps of a runbook in their order.
func (o *Outline) read(bound *steps.Bound) {
	below := map[*document.Section]int{} // steps in it and in its subsections
	for i := range bound.Steps {
		for s := bound.Steps[i].Step.Section; s != nil; s = s.Parent {
			below[s]++
		}
	}
	inOrder, next := bound.InOrder(), 0
	o.all = make([]row, 0, len(inOrder)+len(bound.Document.Sections))
	for _, section := range bound.Document.Sections {
		switch {
		case section.Parent != nil && below[section] == 0 && below[section.Parent] > 0:
			o.all = append(o.all, row{section: section, bare: true})
		case below[section] == 0:
			continue
		}
		for first := true; next < len(inOrder) && inOrder[next].Step.Section == section; next++ {
			b := inOrder[next]
			if first && len(section.Path) > 0 {
				o.all = append(o.all, row{section: section, procedure: b.Procedure()})
			}
			first = false
			depth := 0
			for p := b.Step.Parent; p != nil; p = p.Parent {
				depth++
			}
			o.all = append(o.all, row{step: b.Step, title: b.Title().String(), name: short(b), depth: depth, procedure: b.Procedure(), locked: b.Locked()})
			o.counts[b.Procedure()]++
		}
	}
}

// SetSize sets the size of the outline, in cells.
func (o *Outline) SetSize(w, h int) {
	if w == o.w && h == o.h {
		return
	}
	o.w, o.h = w, h
	o.wrap()
}

// SetStrip sets whether the outline is drawn as a strip of one row, which ends with the
// words, instead of a list: it is unless they are empty.
func (o *Outline) SetStrip(last string) { o.strip = last }

// wrap gives the steps as many lines as their titles need, from the first on, for as long as
// there are rows for all of them.
func (o *Outline) wrap() {
	h := max(o.h-1, 0)
	o.lines = nil
	if room := h - len(o.rows); room > 0 {
		o.lines = make([][]string, len(o.rows))
		for i, r := range o.rows {
			if r.step == nil {
				continue
			}
			lines := o.titleLines(r)
			switch {
			case room == 0:
				lines = []string{r.title}
			case len(lines)-1 > room:
				lines = append(lines[:room], strings.Join(lines[room:], " "))
			}
			o.lines[i] = lines
			room -= len(lines) - 1
		}
	}
	o.pager.SetSize(o.w, h)
	o.pager.SetCursor(o.pager.At())
}

// SetMarks sets the function that returns the sign of a step, one cell wide. View calls
// it for the steps on the screen.
func (o *Outline) SetMarks(marks func(document.StepID) string) { o.marks = marks }

// Keys returns the keys that Update handles.
func (o *Outline) Keys() []key.Binding { return o.keys.Bindings() }

// Update handles the keys that move the cursor. A cursor that comes to a folded procedure
// goes on to its first step, or from below to its last.
func (o *Outline) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	before := o.pager.At().Item
	o.pager.Update(k, o.keys)
	at := o.pager.At().Item
	if at >= len(o.rows) || o.rows[at].folded == 0 {
		return nil
	}
	o.unfold(o.rows[at].procedure, o.rows[at].section, key.Matches(k, o.keys.Last) || at < before && !key.Matches(k, o.keys.First))
	return nil
}

// unfold shows the steps of another procedure and puts the cursor on the first or last one
// of those that a row stood for.
func (o *Outline) unfold(procedure string, section *document.Section, last bool) {
	o.walked = procedure
	o.fill()
	to := -1
	for i, r := range o.rows {
		if r.step != nil && r.procedure == procedure && (procedure != "" || r.step.Section == section) && (to < 0 || last) {
			to = i
		}
	}
	o.pager.SetCursor(pager.Position{Item: max(to, 0)})
}

// Click moves the cursor to what is drawn at a cell, counted from the top left of the
// outline. It reports whether there is a step, or a procedure to unfold.
func (o *Outline) Click(x, y int) bool {
	if o.strip != "" {
		return o.clickStrip(x)
	}
	at, ok := o.pager.OnRow(y - 1)
	if !ok || o.Heading(at.Item) {
		return false
	}
	if o.pager.SetCursor(pager.Position{Item: at.Item}); o.rows[at.Item].folded > 0 {
		o.unfold(o.rows[at.Item].procedure, o.rows[at.Item].section, false)
	}
	return true
}

// Filter returns the words of the filter, or "" if all steps are shown.
func (o *Outline) Filter() string { return o.filter }

// Wanted returns the number of rows up to the one that follows the walked procedure, and the
// title.
func (o *Outline) Wanted() int {
	for i, r := range slices.Backward(o.rows) {
		if r.folded == 0 && !r.bare {
			return min(i+2, len(o.rows)) + 1
		}
	}
	return len(o.rows) + 1
}

// Edges reports whether there is a step before the selected one, and one after it.
func (o *Outline) Edges() (before, after bool) {
	at := o.pager.At().Item
	step := func(r row) bool { return r.step != nil || r.folded > 0 }
	at = min(at, len(o.rows))
	return slices.ContainsFunc(o.rows[:at], step), slices.ContainsFunc(o.rows[min(at+1, len(o.rows)):], step)
}

// SetTerse sets whether sections without steps are left out, for want of room.
func (o *Outline) SetTerse(terse bool) {
	if terse == o.terse {
		return
	}
	o.terse = terse
	current := o.Selected()
	o.fill()
	o.pager.SetCursor(pager.Position{Item: max(o.find(current), 0)})
}

// SetFilter shows only the steps whose text contains the words, and their sections.
func (o *Outline) SetFilter(words string) {
	current := o.Selected()
	o.filter = words
	if i := slices.IndexFunc(o.all, func(r row) bool { return r.step != nil && r.step.ID == current }); i >= 0 {
		o.walked = o.all[i].procedure
	}
	o.fill()
	o.pager.SetCursor(pager.Position{Item: max(o.find(current), 0)})
}

// fill sets the rows.
func (o *Outline) fill() {
	o.rows = make([]row, 0, len(o.all))
	defer o.wrap()
	if o.filter != "" {
		o.match(strings.ToLower(o.filter))
		return
	}
	folded := map[string]bool{}
	for _, r := range o.all {
		switch {
		case r.bare && o.terse:
		case r.bare, r.procedure == o.walked, r.step != nil && len(r.step.Section.Path) == 0:
			o.rows = append(o.rows, r)
		case r.procedure == "" && r.section != nil: // one row for each of its sections
			r.folded = o.steps(r.section)
			o.rows = append(o.rows, r)
		case r.procedure != "" && !folded[r.procedure]:
			folded[r.procedure] = true
			r.section, r.folded = around(r), o.counts[r.procedure]
			o.rows = append(o.rows, row{section: r.section, procedure: r.procedure, folded: r.folded})
		}
	}
}

// steps returns how many steps of the document's own procedure are in a section itself.
func (o *Outline) steps(s *document.Section) (n int) {
	for _, r := range o.all {
		if r.step != nil && r.step.Section == s && r.procedure == "" {
			n++
		}
	}
	return n
}

// around returns the section that is walked with a row.
func around(r row) *document.Section {
	s := r.section
	if s == nil {
		s = r.step.Section
	}
	for s.ID != r.procedure && s.Parent != nil {
		s = s.Parent
	}
	return s
}

// match adds the rows whose title has the words, with their headings.
func (o *Outline) match(words string) {
	heading := -1
	for i, r := range o.all {
		if r.section != nil {
			heading = i
			continue
		}
		if !strings.Contains(strings.ToLower(r.title), words) {
			continue
		}
		if heading >= 0 && !o.all[heading].bare {
			o.rows = append(o.rows, o.all[heading])
		}
		heading = -1
		o.rows = append(o.rows, r)
	}
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

// Cursor returns where the selected step is drawn, counted from the top left of the outline,
// and false if there is none.
func (o *Outline) Cursor() (x, y int, ok bool) {
	if o.Selected() == "" {
		return 0, 0, false
	}
	if o.strip != "" {
		return o.stripColumn(), 0, true
	}
	y, ok = o.pager.CursorRow()
	return 0, y + 1, ok
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
	if i := slices.IndexFunc(o.all, func(r row) bool { return r.step != nil && r.step.ID == id }); i >= 0 && o.filter == "" && o.all[i].procedure != o.walked {
		o.walked = o.all[i].procedure
		o.fill()
	}
	if at := o.find(id); at >= 0 {
		o.pager.SetCursor(pager.Position{Item: at})
	}
}

// First implements pager.Source.
func (o *Outline) First() int { return 0 }

// End implements pager.Source.
func (o *Outline) End() int { return len(o.rows) }

// Lines implements pager.Source.
func (o *Outline) Lines(item int) int {
	if o.lines == nil {
		return 1
	}
	return max(1, len(o.lines[item]))
}

// Heading implements pager.Headings.
func (o *Outline) Heading(item int) bool {
	return o.rows[item].step == nil && o.rows[item].folded == 0
}
