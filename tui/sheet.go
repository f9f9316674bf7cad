package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// sheet is a dialogue above the footer. While it is shown it has all keys.
type sheet interface {
	// update takes a key; done closes the dialogue.
	update(msg tea.KeyMsg) (cmd tea.Cmd, done bool)
	// view draws it in at most h lines; where that is not enough, what a person
	// needs to go on is left.
	view(w, h int, s text.Styles) []string
}

// openGuard is how long a dialogue that opened by itself ignores keys: what was
// typed before a person saw it was meant for something else.
const openGuard = 300 * time.Millisecond

// sheetMost is more lines than any dialogue has.
const sheetMost = 1 << 10

// prompt asks for one line of text.
type prompt struct {
	title string
	about []string
	brief []string // shown instead where not all of about fits; nil for none
	input textinput.Model
	wrong string
	// submit takes the text. It returns why it cannot be, or the command to run.
	submit func(string) (tea.Cmd, string)
	// changed is told of every change; may be nil.
	changed func(string) tea.Cmd
	whole   bool     // it may only be answered when all of it is on the screen
	cut     bool     // some of it was not when it was last drawn
	of      *command // the command that it is about; closed when that ends
}

func newPrompt(m *Model, title string, about []string, submit func(string) (tea.Cmd, string)) *prompt {
	in := textinput.New()
	in.Prompt = "› "
	in.CharLimit = 500
	in.Cursor.SetMode(cursor.CursorStatic) // a blinking one draws the screen for nothing
	in.KeyMap.Paste.SetEnabled(false)      // it would run a program; terminals paste by themselves
	in.Focus()
	return &prompt{title: title, about: about, input: in, submit: submit}
}

func (p *prompt) update(msg tea.KeyMsg) (tea.Cmd, bool) {
	if msg.Alt { // esc and a key that came in one read
		msg = tea.KeyMsg{Type: tea.KeyEsc}
	}
	switch msg.Type { // by type: letters that come in one read can spell "enter"
	case tea.KeyEsc, tea.KeyCtrlC:
		if p.changed != nil {
			return p.changed(""), true
		}
		return nil, true
	case tea.KeyEnter:
		if p.whole && p.cut {
			p.wrong = "not all of the question fits: enlarge the window"
			return nil, false
		}
		cmd, wrong := p.submit(strings.TrimSpace(p.input.Value()))
		p.wrong = wrong
		return cmd, wrong == ""
	}
	// What is pasted may hold characters that steer the terminal; the input
	// would show them as they are.
	msg.Runes = slices.DeleteFunc(slices.Clone(msg.Runes), func(r rune) bool { return !text.Harmless(r) })
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	p.wrong = ""
	if p.changed != nil {
		cmd = tea.Batch(cmd, p.changed(p.input.Value()))
	}
	return cmd, false
}

func (p *prompt) view(w, h int, s text.Styles) []string {
	room := max(h-2, 0)
	lines := []string{text.Rule(w, s, p.title)}
	for _, a := range p.about {
		lines = append(lines, strings.Split(ansi.Wrap(a, max(w-2, 1), ""), "\n")...)
	}
	if len(lines) > room && p.brief != nil {
		lines = lines[:1]
		for _, b := range p.brief {
			starts := append(text.WordStarts(b, max(w, 1), max(w, 1)), len(b))
			for i := range len(starts) - 1 {
				lines = append(lines, strings.TrimRight(b[starts[i]:starts[i+1]], " "))
			}
		}
	}
	if p.cut = len(lines) > room; p.cut { // the input and what it is for are always there
		last := lines[len(lines)-1]
		if lines = lines[:room]; room > 0 {
			lines[room-1] = last
		}
	}
	p.input.Width = max(w-6, 4)
	hint := s.Dim.Render("enter does it, esc cancels")
	if p.wrong != "" {
		hint = s.Bad.Render(ansi.Truncate(p.wrong, w, "…"))
	}
	return text.Fill(append(lines, p.input.View(), hint), min(len(lines)+2, h))
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

func (c *choice) view(w, h int, s text.Styles) []string {
	if c.refill != nil {
		c.items, c.about = c.refill()
	}
	c.at = max(min(c.at, len(c.items)-1), 0)
	lines := []string{text.Rule(w, s, c.title)}
	room := max(min(len(c.items), h-len(lines)-1), 1)
	first := max(min(c.at-room/2, len(c.items)-room), 0)
	for i, it := range c.items[first:min(first+room, len(c.items))] {
		cursor, text := "  ", it.text
		if it.hint != "" {
			text += "  " + s.Dim.Render(it.hint)
		}
		if it.off {
			text = s.Dim.Render(ansi.Strip(text))
		}
		if first+i == c.at {
			cursor = s.Key.Render("› ")
		}
		lines = append(lines, ansi.Truncate(cursor+text, w, "…"))
	}
	for _, a := range c.about[:max(min(len(c.about), h-len(lines)-1), 0)] {
		lines = append(lines, s.Dim.Render(ansi.Truncate("  "+a, w, "…")))
	}
	return text.Fill(append(lines, s.Dim.Render(ansi.Truncate("enter does it, esc closes", w, "…"))), min(len(lines)+1, h))
}

// paper shows some lines until a key is pressed that does not scroll them.
type paper struct {
	title string
	lines []string
	keys  keyMap
	top   int
	last  int // the top that shows the end
}

func (p *paper) update(msg tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case p.last == 0:
		return nil, true
	case key.Matches(msg, p.keys.Down):
		p.top++
	case key.Matches(msg, p.keys.Up):
		p.top--
	case key.Matches(msg, p.keys.PageDown):
		p.top += 4
	case key.Matches(msg, p.keys.PageUp):
		p.top -= 4
	default:
		return nil, true
	}
	return nil, false
}

func (p *paper) view(w, h int, s text.Styles) []string {
	var lines []string
	for _, l := range p.lines {
		lines = append(lines, strings.Split(ansi.Wrap(l, max(w, 1), ""), "\n")...)
	}
	room := max(h-2, 0)
	p.last = max(len(lines)-room, 0)
	p.top = max(min(p.top, p.last), 0)
	hint := "any key closes"
	if p.last > 0 {
		hint = fmt.Sprintf("%s and %s scroll, any other key closes", p.keys.Down.Keys()[0], p.keys.Up.Keys()[0])
	}
	shown := lines[p.top:min(p.top+room, len(lines))]
	all := append([]string{text.Rule(w, s, p.title)}, shown...)
	return text.Fill(append(all, s.Dim.Render(ansi.Truncate(hint, w, "…"))), min(len(all)+1, h))
}
