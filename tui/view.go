package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// View draws the screen: exactly as many lines and cells as there are.
func (m *Model) View() string {
	if m.w < 1 || m.h < 1 || m.quit {
		return ""
	}
	p := m.places
	lines := make([]string, 0, m.h)
	lines = append(lines, m.header()[:min(p.header, 2)]...)
	bottom := []string{}
	if m.sheet != nil {
		bottom = fill(m.sheet.view(m.w, m.styles), p.sheet.h)
	}
	bottom = append(bottom, m.footer()...)
	room := max(m.h-len(lines)-len(bottom), 0)
	switch {
	case m.help:
		lines = append(lines, fill(m.helpView(), room)...)
	case m.reader != nil:
		lines = append(lines, fill(m.reader.view(), room)...)
	default:
		lines = append(lines, fill(m.checklist(), room)...)
	}
	lines = fill(append(lines, bottom...), m.h)
	for i, l := range lines {
		if ansi.StringWidth(l) > m.w {
			lines[i] = ansi.Truncate(l, m.w, "")
		}
	}
	return strings.Join(lines, "\n")
}

// fill makes exactly n lines of them.
func fill(lines []string, n int) []string {
	if len(lines) > n {
		return lines[:n]
	}
	for len(lines) < n {
		lines = append(lines, "")
	}
	return lines
}

// checklist draws outline, detail and output.
func (m *Model) checklist() []string {
	p := m.places
	var lines []string
	switch {
	case p.columns:
		left, right := fill(m.outline.view(), p.outline.h), fill(m.detail.view(), p.detail.h)
		bar := m.styles.rule.Render(" │ ")
		for i := range p.outline.h {
			lines = append(lines, pad(left[i], p.outline.w)+bar+right[i])
		}
	case p.single && m.focus == paneDetail:
		lines = fill(m.detail.view(), p.detail.h)
	case p.single:
		lines = fill(m.outline.view(), p.outline.h)
	default:
		lines = fill(m.outline.view(), p.outline.h)
		lines = append(lines, rule(m.w, m.styles, ""))
		lines = append(lines, fill(m.detail.view(), p.detail.h)...)
	}
	if p.output.h > 0 {
		lines = append(lines, fill(m.output.view(), p.output.h)...)
	}
	return lines
}

func pad(s string, w int) string {
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}

// header tells on every frame what is walked, for which release, how far, and
// above all in which mode.
func (m *Model) header() []string {
	s := m.styles
	mode := " " + modeName(m.engine.Mode()) + " " + m.run.Environment().String() + " "
	mode = ansi.Truncate(mode, m.w, "")
	title := " " + m.engine.Bound().Document.Title.String()
	room := m.w - ansi.StringWidth(mode)
	first := pad(s.title.Render(ansi.Truncate(title, max(room-1, 0), "…")), room) + s.mode(m.engine.Mode()).Render(mode)
	release := "no release chosen"
	if tag := m.run.Release(); tag != "" {
		release = "release " + clean.Line(tag).String()
	}
	second := " " + release
	if b, ok := m.selected(); ok {
		for _, p := range m.done {
			if p.Section != b.Step.Section {
				continue
			}
			name := ""
			if n := len(p.Section.Path); n > 0 && m.w >= 60 {
				name = " of " + p.Section.Path[n-1].String()
			}
			second += fmt.Sprintf(" · %s %d of %d done%s", bar(p.Done, p.Steps), p.Done, p.Steps, name)
		}
	}
	if m.outline.filter != "" {
		second += " · only " + clean.Line(m.outline.filter).String()
	}
	return []string{first, s.dim.Render(ansi.Truncate(second, m.w, "…"))}
}

// bar draws the progress in as many cells as there are steps, ten at the most.
func bar(done, all int) string {
	cells := min(all, 10)
	if cells == 0 {
		return ""
	}
	full := done * cells / all
	return strings.Repeat("■", full) + strings.Repeat("□", cells-full)
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

// footer says what has just happened or what to do next, and names the keys
// that are of use now.
func (m *Model) footer() []string {
	if m.places.footer == 0 {
		return nil
	}
	s := m.styles
	var first string
	switch b, ok := m.selected(); {
	case !m.notice.text.Empty() && m.notice.bad:
		first = s.bad.Render(ansi.Truncate(m.notice.text.String(), m.w, "…"))
	case !m.notice.text.Empty():
		first = s.note.Render(ansi.Truncate(m.notice.text.String(), m.w, "…"))
	case ok && m.reader == nil && !m.help:
		if next := m.next(b); next != "" {
			first = ansi.Truncate(s.key.Render("→")+" "+next, m.w, "…")
		}
	}
	if m.places.footer == 1 {
		return []string{first}
	}
	return []string{first, m.hints()}
}

// hints names the keys for what can be done now, as many as fit.
func (m *Model) hints() string {
	k := m.keys
	var keys []key.Binding
	switch {
	case m.sheet != nil:
		return ""
	case m.help:
		keys = []key.Binding{k.Back}
	case m.reader != nil:
		keys = []key.Binding{k.Down, k.Up, k.PageDown, k.Open, k.Back, k.Help}
	default:
		keys = m.useful()
	}
	line := ""
	last := m.styles.key.Render("?") + m.styles.dim.Render(" help  ") + m.styles.key.Render("q") + m.styles.dim.Render(" quit")
	for _, b := range keys {
		part := m.styles.key.Render(b.Help().Key) + m.styles.dim.Render(" "+b.Help().Desc) + "  "
		if ansi.StringWidth(line)+ansi.StringWidth(part)+ansi.StringWidth(last) > m.w {
			break
		}
		line += part
	}
	return ansi.Truncate(line+last, m.w, "")
}

// useful lists the keys that do something for the selected step, the most
// useful first.
func (m *Model) useful() []key.Binding {
	k := m.keys
	keys := []key.Binding{k.Down, k.Up}
	b, ok := m.selected()
	if !ok {
		return append(keys, k.Filter, k.Document)
	}
	spec, _ := m.run.Spec(b.Step.ID)
	if spec.Checks {
		keys = append(keys, k.Verify)
	}
	if _, _, ok := m.nextEffect(b.Step.ID); ok {
		keys = append(keys, k.Run)
	}
	if b.Kind.Name() == "manual" {
		keys = append(keys, k.Tick)
	}
	if b.Kind.Name() == "release" {
		keys = append(keys, k.Choose)
	}
	if m.cfg.World != nil {
		world := k.World
		world.SetHelp("W", "the world")
		keys = append(keys, world)
	}
	if m.places.single {
		keys = append(keys, k.Focus)
	}
	return append(keys, k.VerifyAll, k.Document, k.Skip, k.Filter, k.Focus)
}

// helpView lists every key of the key map.
func (m *Model) helpView() []string {
	s := m.styles
	var columns [][]string
	for _, g := range m.keys.groups() {
		column := []string{s.strong.Render(g.title)}
		for _, b := range g.keys {
			column = append(column, pad(s.key.Render(b.Help().Key), 7)+b.Help().Desc)
		}
		columns = append(columns, column)
	}
	intro := []string{"", " " + modeWords(m.engine.Mode()), ""}
	var lines []string
	if m.w < 90 {
		for _, c := range columns {
			lines = append(lines, c...)
		}
		if m.w >= 60 && m.h < len(lines)+4 {
			lines = beside(columns[:2], m.w/2-1)
			lines = append(lines, columns[2]...)
		}
		if m.h < len(lines)+8 {
			intro = nil
		}
	} else {
		lines = beside(columns, (m.w-2)/3)
	}
	for i, l := range lines {
		lines[i] = ansi.Truncate(" "+l, m.w, "…")
	}
	return append(intro, lines...)
}

// beside sets columns next to each other.
func beside(columns [][]string, w int) []string {
	var lines []string
	for i := 0; ; i++ {
		line, any := "", false
		for _, c := range columns {
			cell := ""
			if i < len(c) {
				cell, any = ansi.Truncate(c[i], w-1, "…"), true
			}
			line += pad(cell, w)
		}
		if !any {
			return lines
		}
		lines = append(lines, line)
	}
}

func modeWords(mode runbook.Mode) string {
	switch mode {
	case runbook.Practice:
		return "PRACTICE: a small world on this machine. Nothing outside of it is asked or changed."
	case runbook.DryRun:
		return "DRY RUN: the real world is asked, and nothing is changed."
	default:
		return "LIVE: commands change the real world, after you confirm each of them."
	}
}
