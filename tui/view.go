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
	"catalog-runbook/tui/text"
)

// View draws the screen, which it fills exactly.
func (m *Model) View() string {
	if m.w < 1 || m.h < 1 || m.quit {
		return ""
	}
	p := m.places
	lines := make([]string, 0, m.h)
	lines = append(lines, m.header()...)
	bottom := []string{}
	if m.dialog != nil {
		bottom = text.Fill(m.dialog.View(), p.dialog.h)
	}
	bottom = append(bottom, m.footer()...)
	room := max(m.h-len(lines)-len(bottom), 0)
	body := m.checklist
	if top, ok := m.screens.top(); ok {
		body = top.View
	}
	lines = append(lines, text.Fill(body(), room)...)
	return frame(append(lines, bottom...), m.w, m.h)
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

// checklist draws outline, detail and output.
func (m *Model) checklist() []string {
	p := m.places
	var lines []string
	switch {
	case p.columns:
		left, right := text.Fill(m.outline.View(), p.outline.h), text.Fill(m.detail.View(), p.detail.h)
		bar := m.styles.Rule.Render(" │ ")
		for i := range p.outline.h {
			lines = append(lines, text.Pad(left[i], p.outline.w)+bar+right[i])
		}
	case p.single && m.focus == paneDetail:
		lines = text.Fill(m.detail.View(), p.detail.h)
	case p.single:
		lines = text.Fill(m.outline.View(), p.outline.h)
	default:
		lines = text.Fill(m.outline.View(), p.outline.h)
		lines = append(lines, text.Rule(m.w, m.styles, ""))
		lines = append(lines, text.Fill(m.detail.View(), p.detail.h)...)
	}
	if p.output.h > 0 {
		below := m.output.View
		if m.plan.Shown {
			below = m.plan.View
		}
		lines = append(lines, text.Fill(below(), p.output.h)...)
	}
	return lines
}

// header draws the title, the release, the progress and above all the mode, in every
// frame.
func (m *Model) header() []string {
	s := m.styles
	mode := " " + modeName(m.engine.Mode()) + " " + m.run.Environment().String() + " "
	mode = ansi.Truncate(mode, m.w, "")
	title := " " + m.engine.Bound().Document.Title.String()
	room := m.w - ansi.StringWidth(mode)
	first := text.Pad(s.Title.Render(ansi.Truncate(title, max(room-1, 0), "…")), room) + s.Mode(m.engine.Mode()).Render(mode)
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
	for _, h := range m.run.Held() {
		second += " · " + say.Count(len(h.Names), h.Effect.Thing) + " " + h.Effect.Made
	}
	if m.outline.Filter() != "" {
		second += " · only " + clean.Line(m.outline.Filter()).String()
	}
	lines := []string{first}
	if banner := m.banner(); banner != "" {
		lines = append(lines, s.Bad.Render(ansi.Truncate(" "+banner, m.w, "…")))
	}
	return text.Fill(append(lines, s.Dim.Render(ansi.Truncate(second, m.w, "…"))), m.places.header)
}

// bar draws the progress in one cell per step, at most ten.
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

// footer draws the message or the hint, and the keys that are useful now.
func (m *Model) footer() []string {
	if m.places.footer == 0 {
		return nil
	}
	s := m.styles
	var first string
	switch b, ok := m.selected(); {
	case !m.message.text.Empty():
		return m.messageLines()
	case ok && !m.screens.covered():
		if next := m.guide.hint(b).text; next != "" {
			first = ansi.Truncate(s.Key.Render("→")+" "+next, m.w, "…")
		}
	}
	if m.places.footer == 1 {
		return []string{first}
	}
	return []string{first, m.hints()}
}

// messageLines draws the message. One that is too long for a line takes the line of the keys
// as well, because its end may say what to do.
func (m *Model) messageLines() []string {
	style := m.styles.Note
	if m.message.bad {
		style = m.styles.Bad
	}
	lines := strings.Split(ansi.Wrap(m.message.text.String(), m.w, ""), "\n")
	switch {
	case m.places.footer == 1 || len(lines) == 1:
		lines = []string{style.Render(ansi.Truncate(m.message.text.String(), m.w, "…")), m.hints()}
	case len(lines) == 2:
		lines = []string{style.Render(lines[0]), style.Render(lines[1])}
	default:
		rest := ansi.Truncate(strings.Join(lines[1:], " "), m.w, "…")
		lines = []string{style.Render(lines[0]), style.Render(rest)}
	}
	return lines[:m.places.footer]
}

// hints draws as many of the useful keys as fit.
func (m *Model) hints() string {
	k := m.keys
	var keys []key.Binding
	switch {
	case m.dialog != nil:
		return ""
	case m.screens.covered():
		top, _ := m.screens.top()
		keys = append(slices.Clone(top.ShortHelp()), k.Back)
	default:
		keys = m.useful()
	}
	return m.keyLine(keys, m.w)
}

// keyLine draws as many keys as fit, then those for help and for leaving.
func (c *core) keyLine(keys []key.Binding, w int) string {
	line := ""
	last := c.styles.Key.Render("?") + c.styles.Dim.Render(" help  ") + c.styles.Key.Render("q") + c.styles.Dim.Render(" quit")
	for _, b := range keys {
		part := c.styles.Key.Render(b.Help().Key) + c.styles.Dim.Render(" "+b.Help().Desc) + "  "
		if ansi.StringWidth(line)+ansi.StringWidth(part)+ansi.StringWidth(last) > w {
			break
		}
		line += part
	}
	return ansi.Truncate(line+last, w, "")
}

// useful returns the keys that do something for the selected step, with those of the
// hint first.
func (m *Model) useful() []key.Binding {
	k := m.keys
	b, ok := m.selected()
	if !ok {
		return []key.Binding{k.Down, k.Up, k.Filter, k.Document}
	}
	var keys []key.Binding
	if searching(m.searchable()) {
		keys = append(keys, k.Match, k.MatchBefore, k.Back)
	}
	keys = append(keys, m.guide.hint(b).keys...)
	if m.spec(b.Step.ID).Checks {
		keys = append(keys, k.Verify)
	}
	keys = append(keys, k.Next, k.Down, k.Up)
	if m.cfg.World != nil {
		keys = append(keys, k.World)
	}
	keys = append(keys, k.Focus)
	if m.inPlan() {
		keys = append(keys, k.Fold, k.UnfoldAll, k.FoldAll, k.Output)
	} else if m.results.hasPlan(b.Step.ID) {
		keys = append(keys, k.Plan)
	}
	if m.searchable() != nil {
		keys = append(keys, k.Search)
	}
	if len(m.run.Held()) > 0 {
		keys = append(keys, k.Pause)
	}
	keys = unique(append(keys, k.VerifyAll, k.Document, k.Skip, k.Filter))
	if !m.locked().Empty() {
		changes := k.changes()
		keys = slices.DeleteFunc(keys, func(b key.Binding) bool {
			return slices.ContainsFunc(changes, func(c key.Binding) bool { return c.Help() == b.Help() })
		})
	}
	return keys
}

// unique removes bindings whose key is in the list already.
func unique(keys []key.Binding) []key.Binding {
	var out []key.Binding
	for _, b := range keys {
		if slices.ContainsFunc(out, func(o key.Binding) bool { return o.Help().Key == b.Help().Key }) {
			continue
		}
		out = append(out, b)
	}
	return out
}
