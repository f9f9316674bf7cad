package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/text"
)

// helpView lists every key of the key map, and says what the mode means.
type helpView struct {
	m    *Model
	top  int
	room int // lines that it was last given
}

// update takes the keys that scroll, and says whether it did; any other key
// closes the help.
func (h *helpView) update(msg tea.KeyMsg) bool {
	switch k := h.m.keys; {
	case key.Matches(msg, k.Down):
		h.top++
	case key.Matches(msg, k.Up):
		h.top--
	case key.Matches(msg, k.PageDown):
		h.top += max(h.room-1, 1)
	case key.Matches(msg, k.PageUp):
		h.top -= max(h.room-1, 1)
	default:
		return false
	}
	h.top = max(min(h.top, len(h.lines())-h.room), 0)
	return true
}

func (h *helpView) view(room int) []string {
	h.room = room
	lines := h.lines()
	h.top = max(min(h.top, len(lines)-room), 0)
	return lines[h.top:]
}

func (h *helpView) lines() []string {
	m, s := h.m, h.m.styles
	var columns [][]string
	for _, g := range m.keys.groups() {
		column := []string{s.Strong.Render(g.title)}
		for _, b := range g.keys {
			column = append(column, text.Pad(s.Key.Render(b.Help().Key), 7)+b.Help().Desc)
		}
		columns = append(columns, append(column, ""))
	}
	var lines []string
	switch {
	case m.w >= 114:
		lines = beside([][]string{columns[0], columns[1], append(columns[2], columns[3]...)}, (m.w-2)/3)
	case m.w >= 76:
		lines = append(beside(columns[:2], (m.w-2)/2), beside(columns[2:], (m.w-2)/2)...)
	default:
		for _, c := range columns {
			lines = append(lines, c...)
		}
	}
	lines = append(lines, strings.Split(ansi.Wrap(signWords(s), max(m.w-2, 1), ""), "\n")...)
	lines = append(lines, "")
	lines = append(lines, strings.Split(ansi.Wrap(modeWords(m.engine.Mode()), max(m.w-2, 1), ""), "\n")...)
	for i, l := range lines {
		lines[i] = ansi.Truncate(" "+l, m.w, "…")
	}
	return lines
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
			line += text.Pad(cell, w)
		}
		if !any {
			return lines
		}
		lines = append(lines, line)
	}
}

// signWords says what the signs before the steps mean.
func signWords(s text.Styles) string {
	var words []string
	for _, status := range []runbook.Status{
		runbook.Pending, runbook.Done, runbook.Rejected, runbook.Unsure, runbook.Stale, runbook.Planned,
		runbook.InProgress, runbook.Doubtful, runbook.TickedOff, runbook.SkippedOver, runbook.AsIfDone,
	} {
		words = append(words, s.Status(status).Render(text.Sign(status))+" "+string(status))
	}
	return strings.Join(words, "   ")
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
