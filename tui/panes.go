package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/steps"
	"catalog-runbook/tui/detail"
	"catalog-runbook/tui/outline"
	"catalog-runbook/tui/output"
	"catalog-runbook/tui/plan"
)

// pane is a part of the screen that can have the focus.
type pane int

const (
	paneOutline pane = iota
	paneDetail
	paneOutput
)

// panes holds the parts of the screen, their places and the focus.
type panes struct {
	*core
	w, h   int
	places places
	focus  pane

	outline *outline.Outline
	detail  *detail.Detail
	output  *output.Output
	plan    *plan.Plan
	screens screens
}

// resize lays out the screen again.
func (ps *panes) resize() {
	height := 0
	if ps.dialog != nil {
		height = ps.dialog.Height(ps.w)
	}
	ps.places = layout(ps.w, ps.h, ps.banner() != "", ps.focus == paneOutput, ps.outline.Rows(), ps.below(), height)
	if ps.dialog != nil {
		ps.dialog.SetSize(ps.w, ps.places.dialog.h)
	}
	ps.outline.SetSize(ps.places.outline.w, ps.places.outline.h)
	ps.detail.SetSize(ps.places.detail.w, ps.places.detail.h)
	ps.output.SetSize(ps.places.output.w, ps.places.output.h)
	ps.output.Focused = ps.focus == paneOutput
	ps.plan.SetSize(ps.places.output.w, ps.places.output.h)
	ps.plan.Focused = ps.focus == paneOutput
	ps.screens.resize(ps.body())
}

// below returns the number of rows wanted by the plan or the output, whichever is
// shown below the checklist, or 0.
func (ps *panes) below() int {
	if ps.plan.Shown {
		return ps.plan.Wanted()
	}
	return ps.output.Wanted()
}

// body returns the size of the room between header and footer, less a dialogue.
func (ps *panes) body() (w, h int) {
	return ps.w, max(ps.h-ps.places.header-ps.places.footer-ps.places.dialog.h, 0)
}

// selected returns the binding of the step under the cursor, and false if the filter
// hides all steps.
func (ps *panes) selected() (*steps.Binding, bool) {
	return ps.engine.Bound().Step(ps.outline.Selected())
}

// showSelected shows the details of the step under the cursor.
func (ps *panes) showSelected() tea.Cmd {
	if b, ok := ps.selected(); ok {
		return ps.detail.SetStep(b.Step, ps.outline.Neighbours()...)
	}
	return ps.detail.SetStep(nil)
}

// scroll routes a key that moves or scrolls to the focused part. The outline has no
// paging: while it is focused, the keys that page scroll the details.
func (ps *panes) scroll(msg tea.KeyMsg) tea.Cmd {
	switch {
	case ps.focus == paneOutput:
		if ps.plan.Shown {
			return ps.plan.Update(msg)
		}
		return ps.output.Update(msg)
	case ps.focus == paneDetail || !key.Matches(msg, ps.outline.Keys()...):
		return ps.detail.Update(msg)
	}
	return tea.Batch(ps.outline.Update(msg), ps.showSelected())
}

func (ps *panes) setFocus(p pane) {
	if p == paneOutput && !ps.belowShown() {
		p = paneOutline
	}
	ps.focus = p
	ps.resize() // a focused output gets more room
	ps.detail.Invalidate()
}

// nextPane moves the focus to the next pane. From the outline it goes to the output
// first, if that is shown, because it was printed most recently.
func (ps *panes) nextPane() {
	switch {
	case ps.focus == paneOutline && ps.belowShown():
		ps.setFocus(paneOutput)
	case ps.focus == paneOutline, ps.focus == paneOutput:
		ps.setFocus(paneDetail)
	default:
		ps.setFocus(paneOutline)
	}
}

// belowShown reports whether the output or the plan is shown.
func (ps *panes) belowShown() bool { return ps.output.Shown || ps.plan.Shown }

// The sizes at which the layout changes.
const (
	twoColumns  = 100 // cells: from here on, outline and detail are side by side
	stackHeight = 20  // lines: from here on, one column shows both, one above the other
	outlineMin  = 36
	outlineMax  = 52
	outputMost  = 18  // lines: the most that an output without the focus gets
	tallest     = 200 // lines: more than any screen has
)

// rect is the size of a part, in cells.
type rect struct{ w, h int }

// places holds the sizes of all parts.
type places struct {
	w, h    int
	header  int // lines
	footer  int // lines
	outline rect
	detail  rect
	output  rect // below the others; zero if there is no output
	dialog  rect // above the footer; zero if there is no dialogue
	columns bool // outline and detail are side by side
	single  bool // only the focused one of outline and detail is shown
}

// layout divides a screen of w by h cells. It is pure: the same arguments always give
// the same places, and no place is larger than the screen. A banner takes one more line
// of the header. Reading means that the output has the focus, and so gets most of the
// room. Rows is the number of rows of the outline, which gets no more than that in one
// column. Output is the number of lines that the output wants, dialog the number that
// the dialogue needs.
func layout(w, h int, banner, reading bool, rows, output, dialog int) places {
	p := places{w: w, h: h, header: 2, footer: 2}
	if h < 10 {
		p.header, p.footer = 1, 1
	}
	if h < 4 {
		p.header, p.footer = min(h, 1), 0
	}
	if banner && h >= 6 {
		p.header++
	}
	body := max(h-p.header-p.footer, 0)
	if dialog > body { // a dialogue names its keys itself
		body += p.footer
		p.footer = 0
	}
	if dialog > 0 {
		p.dialog = rect{w, min(dialog, body)}
		body -= p.dialog.h
	}
	p.columns = w >= twoColumns
	p.single = !p.columns && body < stackHeight-4
	if output > 0 {
		p.output = rect{w, min(outputHeight(body, reading), max(output, 4))}
		body -= p.output.h
	}
	switch {
	case p.columns:
		left := min(max(w*2/5, outlineMin), outlineMax)
		p.outline = rect{left, body}
		p.detail = rect{max(w-left-3, 0), body} // a rule and a space on each side
	case p.single || body < 10:
		p.single = true
		p.outline, p.detail = rect{w, body}, rect{w, body}
	default:
		top := min(max(body/2, body-5), 11, max(rows, 1))
		p.outline = rect{w, top}
		p.detail = rect{w, max(body-top-1, 0)} // a rule between them
	}
	return p
}

// outputHeight returns how much of the body the output of a command gets: half of it,
// or all but a few lines if it has the focus.
func outputHeight(body int, reading bool) int {
	switch {
	case reading && body >= 12:
		return body - max(body/5, 3)
	case reading && body >= 8:
		return body - 1
	case body < 8:
		return body / 2
	}
	return min(body/2, outputMost)
}

// inOutput reports whether the output is shown and focused.
func (ps *panes) inOutput() bool {
	return ps.focus == paneOutput && ps.output.Shown && !ps.plan.Shown
}

// searchable returns the focused part if it can be searched, or nil.
func (ps *panes) searchable() searched {
	switch {
	case ps.inPlan() && ps.plan.Doc() != nil:
		return ps.plan
	case ps.inOutput():
		return ps.output
	}
	return nil
}
