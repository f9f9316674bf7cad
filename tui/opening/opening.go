// Package opening is the first screen of the program where nobody has said what it is to do: a
// list of which a person chooses one.
package opening

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// Option is something that the program can do.
type Option struct {
	Name  string // "Practice"
	About string // a clause
}

// Line returns the option on one line.
func (o Option) Line() string { return o.Name + ": " + o.About }

// Screen is the screen.
type Screen struct {
	title, question string
	options         []Option
	styles          *text.Styles
	w, h, at        int
	picked          int
}

// New returns a screen with the cursor on the first option.
func New(title, question string, options []Option, styles *text.Styles) *Screen {
	return &Screen{title: title, question: question, options: options, styles: styles, picked: -1}
}

// Picked returns the index of the option that the person has picked, -1 for none.
func (s *Screen) Picked() int { return s.picked }

// Init does nothing.
func (s *Screen) Init() tea.Cmd { return nil }

// Update handles a message. A number or enter picks an option; q, esc and ctrl+c leave.
func (s *Screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.w, s.h = msg.Width, msg.Height
	case tea.KeyMsg:
		switch k := msg.String(); k {
		case "q", "esc", "ctrl+c":
			return s, tea.Quit
		case "j", "down", "tab":
			s.at = min(s.at+1, len(s.options)-1)
		case "k", "up", "shift+tab":
			s.at = max(s.at-1, 0)
		case "g", "home":
			s.at = 0
		case "G", "end":
			s.at = len(s.options) - 1
		case "enter":
			s.picked = s.at
			return s, tea.Quit
		default:
			if len(k) == 1 && k[0] >= '1' && int(k[0]-'1') < len(s.options) {
				s.at = int(k[0] - '1') // and enter picks it
			}
		}
	}
	return s, nil
}

// View draws the screen.
func (s *Screen) View() string {
	if s.w < 1 || s.h < 1 {
		return ""
	}
	lines := s.lines(true)
	if len(lines) >= s.h { // only what the option with the cursor is about
		lines = s.lines(false)
	}
	lines = append(text.Fill(lines, max(s.h-1, 0)), " "+s.styles.Key.Render("enter")+" start  "+s.styles.Key.Render("j k")+" move  "+s.styles.Key.Render("q")+" quit")
	for i, l := range lines {
		lines[i] = ansi.Truncate(l, s.w, "…")
	}
	return strings.Join(text.Fill(lines, s.h), "\n")
}

// lines returns the lines above the keys, with what every option is about if all is set.
func (s *Screen) lines(all bool) []string {
	lines := []string{" " + s.styles.Title.Render(s.title), "  " + s.question}
	if all {
		lines = []string{lines[0], "", lines[1]}
	}
	width := 0
	for _, o := range s.options {
		width = max(width, ansi.StringWidth(o.Name))
	}
	for i, o := range s.options {
		name := fmt.Sprintf("%d  %s", i+1, text.Pad(o.Name, width))
		mark := "  "
		if i == s.at {
			mark, name = s.styles.Key.Render("› "), s.styles.Strong.Render(name)
		}
		if all || i == s.at {
			lines = append(lines, s.option(mark+name, o.About, width+7)...)
		} else {
			lines = append(lines, mark+name)
		}
	}
	return lines
}

// option returns the lines of an option: its text is beside its name, or below it where
// there is no room.
func (s *Screen) option(head, about string, indent int) []string {
	if s.w-indent < 24 {
		lines := []string{head}
		for part := range strings.SplitSeq(ansi.Wrap(about, max(s.w-6, 10), ""), "\n") {
			lines = append(lines, "     "+s.styles.Dim.Render(part))
		}
		return lines
	}
	var lines []string
	for part := range strings.SplitSeq(ansi.Wrap(about, s.w-indent-1, ""), "\n") {
		lines = append(lines, text.Pad(head, indent)+s.styles.Dim.Render(part))
		head = ""
	}
	return lines
}
