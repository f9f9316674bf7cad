package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/text"
)

// View draws the screen, which it fills exactly.
func (m *Model) View() string {
	if m.w < 1 || m.h < 1 || m.quit {
		return ""
	}
	p := m.places
	lines := text.Fill(slices.Clone(m.top), p.Header.H)
	body := m.checklist
	if top, ok := m.screens.top(); ok {
		body = top.View
	}
	lines = append(lines, text.Fill(body(), p.Body().H)...)
	if m.dialog != nil {
		lines = append(lines, text.Fill(m.dialog.View(), p.Dialog.H)...)
	}
	lines = append(lines, m.footer()...)
	return frame(lines, m.w, m.h)
}

// Cursor returns the column and the row, counted from 0, where the cursor of the terminal
// belongs in the frame of View: on the input or the item of a dialogue, or else on the
// selected row of the focused pane. It returns false if there is no such place.
func (m *Model) Cursor() (x, y int, ok bool) {
	p := m.places
	place := p.Outline
	switch {
	case m.w < 1 || m.h < 1 || m.quit:
		return 0, 0, false
	case m.dialog != nil:
		place = p.Dialog
		x, y, ok = m.dialog.Cursor()
	case m.screens.covered():
		place, ok = p.Body(), true
	case m.focus == paneDetail:
		place, ok = p.Detail, true
	case m.focus == paneOutput && m.plan.Shown:
		place, ok = p.Below, true
		if row, on := m.plan.CursorRow(); on {
			y = row + 1
		}
	case m.focus == paneOutput:
		place, ok = p.Below, true
	default:
		x, y, ok = m.outline.Cursor()
	}
	return place.X + x, place.Y + y, ok && y < place.H
}

// frame joins lines to a screen of w by h cells.
func frame(lines []string, w, h int) string {
	lines = text.Fill(lines, h)
	for i, l := range lines {
		if ansi.StringWidth(l) > w {
			lines[i] = ansi.Truncate(l, w, "")
		}
	}
	return strings.Join(lines, "\n")
}

// checklist draws the panes.
func (m *Model) checklist() []string {
	p := m.places
	lines := make([]string, 0, p.Body().H)
	beside := m.detail.View()
	if _, ok := m.selected(); !ok {
		beside = text.Wrap(m.nothing(), max(p.Detail.W, 1))
	}
	if p.Columns {
		left, right := text.Fill(m.outline.View(), p.Outline.H), text.Fill(beside, p.Detail.H)
		bar := m.styles.Rule.Render(" │ ")
		for i := range p.Outline.H {
			lines = append(lines, text.Pad(left[i], p.Outline.W)+bar+right[i])
		}
	} else {
		lines = text.Fill(m.outline.View(), p.Outline.H)
		lines = append(lines, text.Fill(beside, p.Detail.H)...)
	}
	below := m.output.View
	if m.plan.Shown {
		below = m.plan.View
	}
	if p.Below.H > 0 {
		lines = append(lines, text.Fill(below(), p.Below.H)...)
	}
	return lines
}

// nothing says why no step is selected, and what to do.
func (ps *panes) nothing() string {
	if words := ps.outline.Filter(); words != "" {
		return fmt.Sprintf("No step matches %q. Press %s.", clean.Line(words), ps.press(ps.keys.Back, "to show all steps"))
	}
	return "This document has no steps. Press " + ps.press(ps.keys.Document, "to read it") + "."
}

// header draws the title, the release, the progress and above all the mode, in every frame.
// It takes one row if all of that fits.
func (ps *panes) header() []string {
	s, back := ps.styles, ps.run.Rollback()
	mode := " " + modeName(ps.engine.Mode()) + " "
	if back != nil {
		mode += "ROLLBACK "
	}
	if where := ps.run.Environment().String(); back == nil || where != "rollback" { // that is a scenario
		mode += where + " "
	}
	mode = ansi.Truncate(mode, ps.w, "")
	title := " " + ps.engine.Bound().Document.Title.String()
	room := max(ps.w-ansi.StringWidth(mode)-1, 0)
	badge := s.Mode(ps.engine.Mode()).Render(mode)
	first, second := s.Title.Render(ansi.Truncate(title, room, "…")), ""
	full, brief := ps.progress(true), ps.progress(false)
	for _, p := range []string{full, brief} {
		if second = full; ansi.StringWidth(title+"  "+p) <= room {
			first, second = s.Title.Render(title)+"  "+s.Dim.Render(p), ""
			break
		}
	}
	lines := []string{text.Pad(first, room+1) + badge}
	if banner := ps.banner(); banner != "" && (ps.h >= 6 || ps.h == 0) {
		for line := range strings.SplitSeq(ansi.Wrap(banner, max(ps.w-1, 1), ""), "\n") {
			lines = append(lines, s.Bad.Render(ansi.Truncate(" "+line, ps.w, "…")))
		}
	}
	if second != "" && ps.h >= 10 {
		lines = append(lines, s.Dim.Render(ansi.Truncate(" "+second, ps.w, "…")))
	}
	return lines
}

// progress says which release is deployed, how far the run is, what it has to undo, and which
// steps are shown.
func (ps *panes) progress(named bool) string {
	var parts []string
	back := ps.run.Rollback()
	switch tag := clean.Line(ps.run.Release()).String(); {
	case tag != "" && back != nil && back.From != "":
		parts = append(parts, "release "+tag+", back from "+clean.Line(back.From).String())
	case tag != "":
		parts = append(parts, "release "+tag)
	case slices.ContainsFunc(ps.engine.Bound().Steps, func(b steps.Binding) bool { return b.Kind.Releases != nil }):
		parts = append(parts, "no release chosen")
	}
	b, ok := ps.selected()
	for _, p := range ps.done {
		if !ok || p.Section != b.Step.Section {
			continue
		}
		part, name := fmt.Sprintf("%s %s", bar(p.Tally), p.Tally), ""
		if n := len(p.Section.Path); n > 0 && ps.w >= 60 && named {
			name = p.Section.Path[n-1].String()
		}
		if name != "" && name != ps.engine.Bound().Document.Title.String() {
			part = name + " " + part
		}
		parts = append(parts, part)
	}
	for _, h := range ps.run.Held() {
		parts = append(parts, say.Count(len(h.Names), h.Effect.Thing)+" "+h.Effect.Made)
	}
	if words := ps.outline.Filter(); words != "" {
		parts = append(parts, "only "+clean.Line(words).String())
	}
	return strings.Join(parts, " · ")
}

// bar draws the progress in one cell per step, at most ten: the steps that are done, those
// that hold in another way, such as the skipped ones, and those that are left.
func bar(t runbook.Tally) string {
	cells := min(t.Steps, 10)
	if cells == 0 {
		return ""
	}
	done, held := t.Done*cells/t.Steps, t.Held()*cells/t.Steps
	return strings.Repeat("■", done) + strings.Repeat("▧", held-done) + strings.Repeat("□", cells-held)
}

func modeName(mode runbook.Mode) string {
	switch mode {
	case runbook.Practice:
		return "PRACTICE"
	case runbook.DryRun:
		return "DRY RUN"
	default:
		return "LIVE"
	}
}

// footer draws the message, and the keys that do something now.
func (m *Model) footer() []string {
	p := m.places
	lines := m.messageLines()
	if n := p.Message.H; n > 0 && len(lines) > n {
		lines = append(lines[:n-1], strings.Join(lines[n-1:], " "))
	}
	lines = text.Fill(lines, p.Message.H)
	for i, line := range lines {
		style := m.styles.Note
		if m.message.bad {
			style = m.styles.Bad
		}
		lines[i] = style.Render(ansi.Truncate(line, m.w, "…"))
	}
	if p.Footer.H == 0 {
		return lines
	}
	if top, covered := m.screens.top(); covered { // q closes it, as esc does
		return append(lines, m.keyLine(top.ShortHelp(), m.w, nil, m.keys.Back))
	}
	last := []key.Binding{m.keys.Quit, m.keys.Help}
	if m.w < narrow && (m.focus != paneOutline || m.zoomed) {
		last = last[1:] // there is room for one; esc comes before q, which the help names
	}
	return append(lines, m.keyLine(m.useful(), m.w, m.works, last...))
}

// narrow is the width in cells below which only the most needed keys fit in the footer.
const narrow = 60

// messageLines returns the message in all the rows that it needs: its end may say what to do.
func (ps *panes) messageLines() []string {
	if ps.message.text.Empty() {
		return nil
	}
	return strings.Split(ansi.Wrap(ps.message.text.String(), max(ps.w, 1), ""), "\n")
}

// keyLine draws as many of the keys that work as fit, then the last ones, for which there is
// always room. All work if works is nil.
func (c *core) keyLine(keys []key.Binding, w int, works func(*key.Binding) bool, last ...key.Binding) string {
	one := func(b key.Binding) string {
		h := b.Help()
		if c.drawn[h] == "" {
			c.drawn[h] = c.styles.Key.Render(h.Key) + c.styles.Dim.Render(" "+h.Desc)
		}
		return c.drawn[h]
	}
	width := func(b key.Binding) int { return ansi.StringWidth(b.Help().Key) + 1 + ansi.StringWidth(b.Help().Desc) }
	room := w + 2
	for _, b := range last {
		room -= width(b) + 2
	}
	var line strings.Builder
	for i := range keys {
		if slices.ContainsFunc(keys[:i], func(o key.Binding) bool { return o.Keys()[0] == keys[i].Keys()[0] }) || works != nil && !works(&keys[i]) {
			continue
		}
		if w := width(keys[i]) + 2; w <= room {
			line.WriteString(one(keys[i]) + "  ")
			room -= w
		}
		if room < briefest {
			break
		}
	}
	for _, b := range last {
		line.WriteString(one(b) + "  ")
	}
	return ansi.Truncate(strings.TrimSuffix(line.String(), "  "), w, "")
}

// briefest is the width that a key in the footer has at least, in cells.
const briefest = 8

// useful returns the keys that may do something where the person is, the most useful first.
func (m *Model) useful() []key.Binding {
	k := m.keys
	var keys []key.Binding
	if searching(m.searchable()) {
		keys = append(keys, k.Match, k.MatchBefore, k.Back)
	}
	if _, ok := m.selected(); !ok { // a filter hides all steps
		keys = append(keys, k.Back, k.Filter)
	}
	keys = append(keys, m.hint.keys...)
	if m.w < narrow && (m.focus != paneOutline || m.zoomed) { // few fit, and these must
		other := k.Zoom
		if m.focus == paneOutline { // the map, which enter leaves for a step
			other = k.Open
		}
		keys = slices.Insert(keys, min(1, len(keys)), k.Back, other)
	}
	switch m.focus {
	case paneOutline:
		return append(keys, k.Verify, k.World, k.Open, k.Focus, k.Plan, k.Output, k.Pause, k.Back, k.Explain, k.Link, k.Document,
			k.PageDown, k.PageUp, k.VerifyAll, k.Skip, k.Filter, k.Map, k.Next, k.Down, k.Up)
	case paneDetail:
		return append(keys, k.Back, k.PageDown, k.PageUp, k.Explain, k.Verify, k.Next, k.World, k.Zoom, k.Focus, k.Link, k.Plan, k.Output, k.Pause, k.Document, k.Skip)
	}
	return append(keys, k.PageDown, k.Back, k.Zoom, k.Fold, k.UnfoldAll, k.FoldAll, k.Output, k.Search, k.PageUp, k.Focus, k.Verify, k.Next, k.World)
}

// rename gives a key the words for what it does now.
func (m *Model) rename(b *key.Binding) {
	k, does := m.keys, ""
	switch selected, _ := m.selected(); {
	case same(*b, k.Skip) && selected != nil && m.spec(selected.Step.ID).Deploys:
		does = "done elsewhere"
	case same(*b, k.Skip):
		does = "skip"
	case same(*b, k.Pause):
		does = m.pauses(selected)
	case same(*b, k.Zoom) && m.zoomed:
		does = "all panes"
	case same(*b, k.Next) && m.w < narrow:
		does = "next step"
	case same(*b, k.Open):
		does = "read the step"
	case same(*b, k.Tick) && m.results.plan.Shown && m.results.plan.NextHidden():
		does = "continue reading"
	case same(*b, k.PageDown):
		does = "scroll"
	case same(*b, k.Tick) && selected != nil && m.results.hasPlan(selected.Step.ID):
		does = "plan looks right"
	case same(*b, k.Tick):
		does = "done"
	default:
		return
	}
	b.SetHelp(b.Help().Key, does)
}

// pauses says what the key that pauses DAGs does now. This run unpauses only what it has paused.
func (m *Model) pauses(selected *steps.Binding) string {
	var can *runbook.EffectSpec
	if selected != nil {
		spec := m.spec(selected.Step.ID)
		can = questions.Pausing(&spec)
	}
	switch held := m.run.Held(); {
	case can != nil && len(held) == 0:
		return can.Label.String()
	case can == nil && len(held) > 0:
		return held[0].Undo.Label.String()
	}
	return m.keys.Pause.Help().Desc
}

// same reports whether two bindings are the same one.
func same(a, b key.Binding) bool { return a.Keys()[0] == b.Keys()[0] && a.Help().Desc == b.Help().Desc }
