package text

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
)

// Styles holds the styles of the screen. Colour is never the only way to tell a status:
// each has a sign and a word. Dim, Rule and Section have no meaning at all: a theme may
// draw them like any other text.
//
// The whole screen shares one, so that all of it follows when the background becomes
// known. It must be used from the goroutine that sets that.
type Styles struct {
	Title, Dim, Rule, Key, Strong, Section lipgloss.Style
	Accent                                 lipgloss.Style // what has the focus
	Selected                               lipgloss.Style
	Match                                  lipgloss.Style
	Good, Bad, Warn, Note                  lipgloss.Style
	Waiting, Unknown, Lock                 lipgloss.Style
	practice, dry, live                    lipgloss.Style

	renderer *lipgloss.Renderer // nil draws plain text
	theme    Theme
}

// NewStyles returns the styles of a theme.
func NewStyles(t Theme) *Styles {
	r, p := lipgloss.NewRenderer(io.Discard), t.palette()
	plain := r.NewStyle()
	bold := plain.Bold(true)
	s := &Styles{
		Title:    bold,
		Dim:      plain.Foreground(p.dim),
		Rule:     plain.Foreground(p.rule),
		Key:      bold.Foreground(p.accent),
		Strong:   bold,
		Section:  plain.Bold(true).Foreground(p.dim),
		Accent:   bold.Foreground(p.accent),
		Selected: bold.Foreground(p.onSelected).Background(p.selected),
		Match:    plain.Reverse(true),
		Good:     plain.Foreground(p.ok),
		Bad:      bold.Foreground(p.bad),
		Warn:     plain.Foreground(p.waiting),
		Note:     plain.Foreground(p.accent),
		Waiting:  plain.Foreground(p.waiting),
		Unknown:  plain.Foreground(p.unknown),
		Lock:     plain.Foreground(p.lock),
		practice: bold.Foreground(p.accent),
		dry:      bold.Foreground(p.waiting),
		live:     bold.Foreground(p.onLive).Background(p.live),
		renderer: r,
	}
	if t.Contrast || t.Profile == termenv.ANSI {
		s.Selected = bold.Reverse(true)
		s.live = bold.Reverse(true).Foreground(p.bad)
	}
	s.set(t)
	return s
}

// Theme returns the theme of the styles.
func (s *Styles) Theme() Theme {
	if s.renderer == nil {
		return Plain
	}
	return s.theme
}

// Sign returns the one-cell mark of a status. No two statuses have the same.
func Sign(s runbook.Status) string {
	switch s {
	case runbook.Done:
		return "✓"
	case runbook.TickedOff:
		return "✎"
	case runbook.Decided:
		return "§"
	case runbook.Doubtful:
		return "¿"
	case runbook.Rejected:
		return "✗"
	case runbook.Waiting:
		return "◷"
	case runbook.Unsure:
		return "?"
	case runbook.Stale:
		return "~"
	case runbook.Changed:
		return "≠"
	case runbook.SkippedOver:
		return "-"
	case runbook.ElsewhereDone:
		return "@"
	case runbook.Accepted:
		return "!"
	case runbook.AsIfDone:
		return "»"
	case runbook.InProgress:
		return "▶"
	case runbook.Planned:
		return "◐"
	case runbook.Ready:
		return "▷"
	default:
		return "○"
	}
}

// Status returns the style of a status.
func (s *Styles) Status(st runbook.Status) lipgloss.Style {
	switch st {
	case runbook.Done, runbook.TickedOff, runbook.Decided:
		return s.Good
	case runbook.Rejected, runbook.Doubtful:
		return s.Bad
	case runbook.Waiting:
		return s.Waiting
	case runbook.Unsure:
		return s.Unknown
	case runbook.Stale, runbook.Changed, runbook.Accepted, runbook.ElsewhereDone:
		return s.Warn
	case runbook.InProgress, runbook.Planned, runbook.AsIfDone, runbook.Ready:
		return s.Note
	default:
		return s.Dim
	}
}

// Mode returns the style of the mode's name.
func (s *Styles) Mode(m runbook.Mode) lipgloss.Style {
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
func (s *Styles) Render(t Tone, text string) string {
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
