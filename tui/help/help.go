// Package help is the screen that lists the keys, and says what the signs and the mode
// mean.
package help

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Group is a titled column of keys.
type Group struct {
	Title string
	Keys  []key.Binding
}

// Help is the help screen.
type Help struct {
	keys   pager.KeyMap
	styles text.Styles
	groups []Group
	words  []string
	lines  pager.Lines
	pager  *pager.Pager
}

// New returns a help screen, with paragraphs below its groups and the keys that scroll it.
func New(groups []Group, words []string, keys pager.KeyMap, styles text.Styles) *Help {
	h := &Help{keys: keys, styles: styles, groups: groups, words: words}
	h.pager = pager.New(&h.lines, styles, pager.Options{Overlap: 1})
	return h
}

// SetSize sets the size of the screen, in cells.
func (h *Help) SetSize(w, height int) {
	h.lines.Rows = h.rows(w)
	h.pager.SetSize(w, height)
}

// Keys returns the keys that Update handles.
func (h *Help) Keys() []key.Binding {
	return []key.Binding{h.keys.Down, h.keys.Up, h.keys.PageDown, h.keys.PageUp}
}

// ShortHelp returns the keys for the footer.
func (h *Help) ShortHelp() []key.Binding { return []key.Binding{h.keys.Down, h.keys.Up} }

// Update handles the keys that scroll.
func (h *Help) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok {
		h.pager.Update(k, h.keys)
	}
	return nil
}

// View draws the rows on the screen.
func (h *Help) View() []string { return h.pager.View() }

func (h *Help) rows(w int) []string {
	var columns [][]string
	for _, g := range h.groups {
		column := []string{h.styles.Strong.Render(g.Title)}
		for _, b := range g.Keys {
			column = append(column, text.Pad(h.styles.Key.Render(b.Help().Key), 7)+b.Help().Desc)
		}
		columns = append(columns, append(column, ""))
	}
	var rows []string
	switch {
	case w >= 114 && len(columns) > 3:
		rows = beside([][]string{columns[0], columns[1], append(columns[2], columns[3]...)}, (w-2)/3)
	case w >= 76 && len(columns) > 2:
		rows = append(beside(columns[:2], (w-2)/2), beside(columns[2:], (w-2)/2)...)
	default:
		for _, c := range columns {
			rows = append(rows, c...)
		}
	}
	for i, words := range h.words {
		if i > 0 {
			rows = append(rows, "")
		}
		rows = append(rows, strings.Split(ansi.Wrap(words, max(w-2, 1), ""), "\n")...)
	}
	for i, row := range rows {
		rows[i] = ansi.Truncate(" "+row, w, "…")
	}
	return rows
}

// beside joins columns side by side.
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

// Signs explains the signs of the steps.
func Signs(s text.Styles) string {
	var words []string
	for _, status := range []runbook.Status{
		runbook.Pending, runbook.Done, runbook.Rejected, runbook.Unsure, runbook.Stale, runbook.Planned,
		runbook.InProgress, runbook.Doubtful, runbook.TickedOff, runbook.SkippedOver, runbook.AsIfDone,
	} {
		words = append(words, s.Status(status).Render(text.Sign(status))+" "+string(status))
	}
	return strings.Join(words, "   ")
}

// Mode explains the mode.
func Mode(mode runbook.Mode) string {
	switch mode {
	case runbook.Practice:
		return "PRACTICE: a small world on this machine. Nothing outside of it is asked or changed."
	case runbook.DryRun:
		return "DRY RUN: the real world is asked, and nothing is changed."
	default:
		return "LIVE: commands change the real world, after you confirm each of them."
	}
}
