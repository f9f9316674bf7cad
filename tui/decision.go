package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// decision asks for one of a few letters, each with a sentence that says what
// it does.
type decision struct {
	title   string
	about   []string
	options []option
	keys    keyMap
	of      *command // the command that it is about; closed when that ends
	cut     bool     // some of it was not on the screen when it was last drawn
}

// option is one way to decide.
type option struct {
	letter, text string
	act          func() tea.Cmd
}

// concerns is a dialogue about a running command.
type concerns interface{ command() *command }

func (d *decision) command() *command { return d.of }
func (p *prompt) command() *command   { return p.of }

func (d *decision) update(msg tea.KeyMsg) (tea.Cmd, bool) {
	if key.Matches(msg, d.keys.Back, d.keys.Quit) || msg.String() == "ctrl+c" {
		return nil, true
	}
	for _, o := range d.options {
		// What has not been read is not decided.
		if !d.cut && !msg.Paste && msg.String() == o.letter {
			return o.act(), true
		}
	}
	return nil, false
}

func (d *decision) view(w, h int, s text.Styles) []string {
	lines := []string{text.Rule(w, s, d.title)}
	for _, a := range d.about {
		lines = append(lines, strings.Split(ansi.Wrap(a, max(w, 1), ""), "\n")...)
	}
	for _, o := range d.options {
		for i, line := range strings.Split(ansi.Wrap(o.text, max(w-3, 1), ""), "\n") {
			letter := " "
			if i == 0 {
				letter = s.Key.Render(o.letter)
			}
			lines = append(lines, letter+"  "+line)
		}
	}
	hint := s.Dim.Render(ansi.Truncate("a letter decides, esc goes back", w, "…"))
	if d.cut = len(lines) > max(h-1, 0); d.cut {
		lines, hint = lines[:max(h-1, 0)], s.Bad.Render(ansi.Truncate("not all of it fits: enlarge the window", w, "…"))
	}
	return text.Fill(append(lines, hint), min(len(lines)+1, h))
}
