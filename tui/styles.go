package tui

import (
	"github.com/charmbracelet/lipgloss"

	"catalog-runbook/runbook"
)

// styles are all looks of the program, made once for a dark or a light screen.
// State is never told by colour alone: every state has a sign and a word.
type styles struct {
	title, dim, rule, key, strong, section lipgloss.Style
	selected                               lipgloss.Style
	match                                  lipgloss.Style
	good, bad, warn, note                  lipgloss.Style
	practice, dry, live                    lipgloss.Style
}

// newStyles returns the looks. The colours keep a contrast of at least 4.5 to 1
// on black and on white.
func newStyles(dark bool) styles {
	pick := func(onDark, onLight string) lipgloss.Color {
		if dark {
			return lipgloss.Color(onDark)
		}
		return lipgloss.Color(onLight)
	}
	plain := lipgloss.NewStyle()
	badge := plain.Bold(true)
	return styles{
		title:    plain.Bold(true),
		dim:      plain.Foreground(pick("#9aa0a6", "#5f6368")),
		rule:     plain.Foreground(pick("#5f6368", "#9aa0a6")),
		key:      plain.Bold(true).Foreground(pick("#8ab4f8", "#174ea6")),
		strong:   plain.Bold(true),
		section:  plain.Foreground(pick("#9aa0a6", "#5f6368")),
		selected: plain.Bold(true).Background(pick("#303a4a", "#d6e4ff")),
		match:    plain.Reverse(true),
		good:     plain.Foreground(pick("#81c995", "#0d652d")),
		bad:      plain.Bold(true).Foreground(pick("#f28b82", "#a50e0e")),
		warn:     plain.Foreground(pick("#fdd663", "#7a4f01")),
		note:     plain.Foreground(pick("#8ab4f8", "#174ea6")),
		practice: badge.Foreground(pick("#8ab4f8", "#174ea6")),
		dry:      badge.Foreground(pick("#fdd663", "#7a4f01")),
		live:     badge.Foreground(pick("#202124", "#ffffff")).Background(pick("#f28b82", "#a50e0e")),
	}
}

// sign is the one-cell mark of a status, for the outline.
func sign(s runbook.Status) string {
	switch s {
	case runbook.Done, runbook.TickedOff, runbook.Decided:
		return "✓"
	case runbook.Doubtful:
		return "¿"
	case runbook.Rejected:
		return "✗"
	case runbook.Unsure:
		return "?"
	case runbook.Stale, runbook.Changed:
		return "~"
	case runbook.SkippedOver:
		return "-"
	case runbook.Accepted:
		return "!"
	case runbook.AsIfDone:
		return "»"
	case runbook.InProgress:
		return "▶"
	case runbook.Planned:
		return "◐"
	default:
		return "○"
	}
}

func (s styles) status(st runbook.Status) lipgloss.Style {
	switch st {
	case runbook.Done, runbook.TickedOff, runbook.Decided:
		return s.good
	case runbook.Rejected, runbook.Doubtful:
		return s.bad
	case runbook.Unsure, runbook.Stale, runbook.Changed, runbook.Accepted:
		return s.warn
	case runbook.InProgress, runbook.Planned, runbook.AsIfDone, runbook.Ready:
		return s.note
	default:
		return s.dim
	}
}

// mode is the look of the mode's name.
func (s styles) mode(m runbook.Mode) lipgloss.Style {
	switch m {
	case runbook.Live:
		return s.live
	case runbook.DryRun:
		return s.dry
	default:
		return s.practice
	}
}
