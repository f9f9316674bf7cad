package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/steps"
	"catalog-runbook/tui/detail"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/layout"
	"catalog-runbook/tui/outline"
	"catalog-runbook/tui/output"
	"catalog-runbook/tui/plan"
)

// The panes by the names that the checklist uses.
const (
	paneOutline = layout.Outline
	paneDetail  = layout.Detail
	paneOutput  = layout.Below
)

// panes holds the parts of the screen, their places and the focus.
type panes struct {
	*core
	w, h   int
	places layout.Places
	focus  layout.Pane
	zoomed bool     // the focused pane has the room of all
	top    []string // the header

	outline *outline.Outline
	detail  *detail.Detail
	output  *output.Output
	plan    *plan.Plan
	screens screens
}

// resize lays out the screen again.
func (ps *panes) resize() {
	if ps.focus == paneOutput && !ps.belowShown() {
		ps.focus, ps.zoomed = paneOutline, false
	}
	ps.outline.SetTerse(ps.w < layout.TwoColumns && !ps.zoomed)
	ps.top = ps.header()
	wants := layout.Wants{
		W: ps.w, H: ps.h, Header: len(ps.top), Message: len(ps.messageLines()), Outline: ps.outline.Wanted(),
		Head: ps.detail.Head, Below: ps.below(), Focus: ps.focus, Zoomed: ps.zoomed,
	}
	if ps.dialog != nil {
		wants.Dialog = ps.dialog.Height(ps.w)
	}
	p := layout.Divide(wants)
	ps.places = p
	if ps.dialog != nil {
		ps.dialog.SetSize(ps.w, p.Dialog.H)
	}
	strip := ""
	if p.Strip {
		strip = ps.press(ps.keys.Map, ps.keys.Map.Help().Desc)
	}
	ps.outline.SetStrip(strip)
	if p.Outline.H > 0 {
		ps.outline.SetSize(p.Outline.W, p.Outline.H)
	}
	if p.Detail.H > 0 {
		ps.detail.SetSize(p.Detail.W, p.Detail.H)
	}
	if p.Below.H > 0 {
		ps.output.SetSize(p.Below.W, p.Below.H)
		ps.plan.SetSize(p.Below.W, p.Below.H)
	}
	ps.outline.Focused, ps.output.Focused, ps.plan.Focused = ps.focused(paneOutline), ps.focused(paneOutput), ps.focused(paneOutput)
	ps.screens.resize(p.Body().W, p.Body().H)
}

// focused reports whether a pane has the keys.
func (ps *panes) focused(p layout.Pane) bool { return ps.focus == p && ps.dialog == nil }

// below returns the number of rows wanted by the plan or the output, whichever is
// shown below the checklist, or 0.
func (ps *panes) below() int {
	if ps.plan.Shown {
		return ps.plan.Wanted()
	}
	return ps.output.Wanted()
}

// selected returns the binding of the step under the cursor, and false if the filter
// hides all steps.
func (ps *panes) selected() (*steps.Binding, bool) {
	return ps.engine.Bound().Step(ps.outline.Selected())
}

// walked returns the procedure of the step under the cursor.
func (ps *panes) walked() string {
	if b, ok := ps.selected(); ok {
		return b.Procedure()
	}
	return ""
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

func (ps *panes) setFocus(p layout.Pane) {
	if p == paneOutput && !ps.belowShown() {
		p = paneOutline
	}
	if p != ps.focus {
		ps.focus, ps.zoomed = p, false
	}
	ps.resize() // a focused output gets more room
	ps.detail.Invalidate()
}

// zoom gives the focused pane the room of all, or takes it back.
func (ps *panes) zoom(zoomed bool) {
	ps.zoomed = zoomed
	ps.resize()
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

// wheelRows is how many rows a notch of the wheel scrolls.
const wheelRows = 3

// mouse handles the wheel, which scrolls what is under the pointer, and a click, which gives
// the focus to a pane and selects the step or the line there. Everything else is ignored.
func (ps *panes) mouse(msg tea.MouseMsg) tea.Cmd {
	wheel := msg.Button == tea.MouseButtonWheelUp || msg.Button == tea.MouseButtonWheelDown
	if msg.Action != tea.MouseActionPress || !wheel && msg.Button != tea.MouseButtonLeft {
		return nil
	}
	turn := tea.KeyMsg{Type: tea.KeyDown}
	if msg.Button == tea.MouseButtonWheelUp {
		turn.Type = tea.KeyUp
	}
	scroll := func(update func(tea.Msg) tea.Cmd) tea.Cmd {
		var all []tea.Cmd
		for range wheelRows {
			all = append(all, update(turn))
		}
		return tea.Batch(all...)
	}
	p := ps.places
	top, covered := ps.screens.top()
	switch at := func(r layout.Rect) bool { return r.Has(msg.X, msg.Y) }; {
	case ps.dialog != nil:
		if _, any := ps.dialog.(*dialog.Notice); !any && wheel && at(p.Dialog) { // any key closes a notice
			ps.dialog.Update(turn)
		}
	case covered && wheel:
		return scroll(top.Update)
	case covered:
	case at(p.Outline) && wheel && !p.Strip:
		return tea.Batch(ps.outline.Update(turn), ps.showSelected())
	case at(p.Outline) && !wheel:
		ps.setFocus(paneOutline)
		if ps.outline.Click(msg.X-p.Outline.X, msg.Y-p.Outline.Y) {
			return ps.showSelected()
		}
	case at(p.Detail) && wheel:
		return scroll(ps.detail.Update)
	case at(p.Detail):
		ps.setFocus(paneDetail)
	case at(p.Below) && wheel && ps.plan.Shown:
		return scroll(ps.plan.Update)
	case at(p.Below) && wheel:
		return scroll(ps.output.Update)
	case at(p.Below):
		if ps.plan.Shown {
			ps.plan.Click(msg.Y - p.Below.Y)
		}
		ps.setFocus(paneOutput)
	}
	return nil
}
