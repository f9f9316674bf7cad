package tui

import (
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// sheet is a dialogue above the footer. While it is shown it has all keys.
type sheet interface {
	// update takes a key; done closes the dialogue.
	update(msg tea.KeyMsg) (cmd tea.Cmd, done bool)
	// view draws it in at most height(w) lines.
	view(w int, s styles) []string
	height(w int) int
}

// openGuard is how long a dialogue that opened by itself ignores keys: what was
// typed before a person saw it was meant for something else.
const openGuard = 300 * time.Millisecond

// prompt asks for one line of text.
type prompt struct {
	title string
	about []string
	input textinput.Model
	wrong string
	// submit takes the text. It returns why it cannot be, or the command to run.
	submit func(string) (tea.Cmd, string)
	// changed is told of every change; may be nil.
	changed func(string)
	now     func() time.Time
	ignore  time.Time // keys before this moment are not for us
}

func newPrompt(m *Model, title string, about []string, submit func(string) (tea.Cmd, string)) *prompt {
	in := textinput.New()
	in.Prompt = "› "
	in.CharLimit = 500
	in.Focus()
	return &prompt{title: title, about: about, input: in, submit: submit, now: m.cfg.Now}
}

func (p *prompt) update(msg tea.KeyMsg) (tea.Cmd, bool) {
	if p.now().Before(p.ignore) {
		return nil, false
	}
	switch msg.String() {
	case "esc", "ctrl+c":
		if p.changed != nil {
			p.changed("")
		}
		return nil, true
	case "enter":
		cmd, wrong := p.submit(strings.TrimSpace(p.input.Value()))
		p.wrong = wrong
		return cmd, wrong == ""
	}
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	p.wrong = ""
	if p.changed != nil {
		p.changed(p.input.Value())
	}
	return cmd, false
}

func (p *prompt) height(w int) int { return len(p.lines(w, styles{})) }

func (p *prompt) view(w int, s styles) []string { return p.lines(w, s) }

func (p *prompt) lines(w int, s styles) []string {
	lines := []string{rule(w, s, p.title)}
	for _, a := range p.about {
		lines = append(lines, strings.Split(ansi.Wrap(a, max(w-2, 1), ""), "\n")...)
	}
	p.input.Width = max(w-6, 4)
	hint := s.dim.Render("enter does it, esc leaves it")
	if p.wrong != "" {
		hint = s.bad.Render(ansi.Truncate(p.wrong, w, "…"))
	}
	return append(lines, p.input.View(), hint)
}

// choice offers a few things to choose from.
type choice struct {
	title string
	about []string
	items []item
	at    int
	keys  keyMap
	pick  func(item) tea.Cmd
	// refill makes the items anew when the screen is drawn; may be nil.
	refill func() ([]item, []string)
	stay   bool // picking leaves the dialogue open
}

type item struct {
	id, text, hint string
	off            bool // shown, but cannot be picked now
}

func (c *choice) update(msg tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(msg, c.keys.Back, c.keys.Quit), msg.String() == "ctrl+c", c.stay && key.Matches(msg, c.keys.World):
		return nil, true
	case key.Matches(msg, c.keys.Down):
		c.at = min(c.at+1, len(c.items)-1)
	case key.Matches(msg, c.keys.Up):
		c.at = max(c.at-1, 0)
	case key.Matches(msg, c.keys.Open):
		if c.at < 0 || c.at >= len(c.items) || c.items[c.at].off {
			return nil, false
		}
		return c.pick(c.items[c.at]), !c.stay
	}
	return nil, false
}

func (c *choice) height(w int) int { return len(c.view(w, styles{})) }

func (c *choice) view(w int, s styles) []string {
	if c.refill != nil {
		c.items, c.about = c.refill()
	}
	c.at = max(min(c.at, len(c.items)-1), 0)
	lines := []string{rule(w, s, c.title)}
	for i, it := range c.items {
		cursor, text := "  ", it.text
		if it.hint != "" {
			text += "  " + s.dim.Render(it.hint)
		}
		if it.off {
			text = s.dim.Render(ansi.Strip(text))
		}
		if i == c.at {
			cursor = s.key.Render("› ")
		}
		lines = append(lines, ansi.Truncate(cursor+text, w, "…"))
	}
	for _, a := range c.about {
		lines = append(lines, s.dim.Render(ansi.Truncate("  "+a, w, "…")))
	}
	return append(lines, s.dim.Render(ansi.Truncate("enter does it, esc closes", w, "…")))
}

// paper shows some lines until a key is pressed.
type paper struct {
	title string
	lines []string
}

func (p *paper) update(tea.KeyMsg) (tea.Cmd, bool) { return nil, true }
func (p *paper) height(w int) int                  { return len(p.view(w, styles{})) }

func (p *paper) view(w int, s styles) []string {
	lines := []string{rule(w, s, p.title)}
	for _, l := range p.lines {
		lines = append(lines, strings.Split(ansi.Wrap(l, max(w, 1), ""), "\n")...)
	}
	return append(lines, s.dim.Render("any key closes"))
}

// rule draws a line across with a title in it.
func rule(w int, s styles, title string) string {
	if w < 1 {
		return ""
	}
	if title == "" {
		return s.rule.Render(strings.Repeat("─", w))
	}
	title = ansi.Truncate(" "+title+" ", max(w-2, 0), "… ")
	return s.rule.Render("──") + s.strong.Render(title) + s.rule.Render(strings.Repeat("─", max(w-2-ansi.StringWidth(title), 0)))
}
