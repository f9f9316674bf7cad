package text

import (
	"github.com/charmbracelet/lipgloss"

	"catalog-runbook/runbook"
)

// Styles holds the styles of the screen for a dark or a light background. Colour is
// never the only way to tell a status: each has a sign and a word.
type Styles struct {
	Title, Dim, Rule, Key, Strong, Section lipgloss.Style
	Selected                               lipgloss.Style
	Match                                  lipgloss.Style
	Good, Bad, Warn, Note                  lipgloss.Style
	practice, dry, live                    lipgloss.Style
}

// NewStyles returns the styles for a dark or a light background. The colours have
// a contrast of at least 4.5 to 1 on black and on white.
func NewStyles(dark bool) Styles {
	pick := func(onDark, onLight string) lipgloss.Color {
		if dark {
			return lipgloss.Color(onDark)
		}
		return lipgloss.Color(onLight)
	}
	plain := lipgloss.NewStyle()
	badge := plain.Bold(true)
	return Styles{
		Title:    plain.Bold(true),
		Dim:      plain.Foreground(pick("#9aa0a6", "#5f6368")),
		Rule:     plain.Foreground(pick("#5f6368", "#9aa0a6")),
		Key:      plain.Bold(true).Foreground(pick("#8ab4f8", "#174ea6")),
		Strong:   plain.Bold(true),
		Section:  plain.Foreground(pick("#9aa0a6", "#5f6368")),
		Selected: plain.Bold(true).Background(pick("#303a4a", "#d6e4ff")),
		Match:    plain.Reverse(true),
		Good:     plain.Foreground(pick("#81c995", "#0d652d")),
		Bad:      plain.Bold(true).Foreground(pick("#f28b82", "#a50e0e")),
		Warn:     plain.Foreground(pick("#fdd663", "#7a4f01")),
		Note:     plain.Foreground(pick("#8ab4f8", "#174ea6")),
		practice: badge.Foreground(pick("#8ab4f8", "#174ea6")),
		dry:      badge.Foreground(pick("#fdd663", "#7a4f01")),
		live:     badge.Foreground(pick("#202124", "#ffffff")).Background(pick("#f28b82", "#a50e0e")),
	}
}

// Sign returns the one-cell mark of a status.
func Sign(s runbook.Status) string {
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

// Status returns the style of a status.
func (s Styles) Status(st runbook.Status) lipgloss.Style {
	switch st {
	case runbook.Done, runbook.TickedOff, runbook.Decided:
		return s.Good
	case runbook.Rejected, runbook.Doubtful:
		return s.Bad
	case runbook.Unsure, runbook.Stale, runbook.Changed, runbook.Accepted:
		return s.Warn
	case runbook.InProgress, runbook.Planned, runbook.AsIfDone, runbook.Ready:
		return s.Note
	default:
		return s.Dim
	}
}

// Mode returns the style of the mode's name.
func (s Styles) Mode(m runbook.Mode) lipgloss.Style {
	switch m {
	case runbook.Live:
		return s.live
	case runbook.DryRun:
		return s.dry
	default:
		return s.practice
	}
}

// Tone is the meaning of a piece of text, which decides its style.
type Tone uint8

// The tones. ToneText has no style of its own.
const (
	ToneText Tone = iota
	ToneTitle
	ToneGood
	ToneBad
	ToneWarn
	ToneDim
	ToneNote
)

// Render draws a text in the style of a tone.
func (s Styles) Render(t Tone, text string) string {
	if text == "" {
		return ""
	}
	switch t {
	case ToneTitle:
		return s.Strong.Render(text)
	case ToneGood:
		return s.Good.Render(text)
	case ToneBad:
		return s.Bad.Render(text)
	case ToneWarn:
		return s.Warn.Render(text)
	case ToneDim:
		return s.Dim.Render(text)
	case ToneNote:
		return s.Note.Render(text)
	}
	return text
}
