package dialog

import (
	"strconv"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Option is an answer of a Decision.
type Option struct {
	Text   string // what it does
	Answer tea.Msg
}

// Decision is a dialogue with a few answers, each with a sentence that says what it does.
// They are numbered: a letter would mean something else in the checklist.
type Decision struct {
	frame
	about   []string
	options []Option
	read    reading
}

// NewDecision returns a decision.
func NewDecision(c Config, title string, about []string, options ...Option) *Decision {
	return &Decision{frame: frame{Config: c, title: title}, about: about, options: options}
}

// Update implements Dialog. It accepts no number before all of the text has been on the screen:
// a person must have seen what it does.
func (d *Decision) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	if d.leaves(msg) {
		return nil, true
	}
	d.shown()
	for i, o := range d.options {
		if !msg.Paste && msg.String() == number(i) && d.read.hint() == "" {
			return o.Answer, true
		}
	}
	switch {
	case key.Matches(msg, d.Keys.Down):
		d.read.scroll(1)
	case key.Matches(msg, d.Keys.Up):
		d.read.scroll(-1)
	case key.Matches(msg, d.Keys.PageDown):
		d.read.scroll(d.read.page())
	case key.Matches(msg, d.Keys.PageUp):
		d.read.scroll(-d.read.page())
	}
	return nil, false
}

// Height implements Dialog.
func (d *Decision) Height(w int) int { return len(d.head(w)) + 1 + len(d.lines(w)) }

// number returns the key of the option with an index.
func number(i int) string { return strconv.Itoa(i + 1) }

// shown returns the lines between the first and the last that are on the screen.
func (d *Decision) shown() []string { return d.read.show(d.lines(d.w), max(d.h-len(d.head(d.w))-1, 0)) }

// lines returns all lines between the first and the last.
func (d *Decision) lines(w int) []string {
	lines := wrapped(d.about, w)
	for n, o := range d.options {
		for i, line := range wrapped([]string{o.Text}, w-3) {
			key := " "
			if i == 0 {
				key = d.Styles.Key.Render(number(n))
			}
			lines = append(lines, key+"  "+line)
		}
	}
	return lines
}

// hint says which keys there are.
func (d *Decision) hint() string {
	keys := number(0)
	for i := range d.options[1:] {
		keys += " or " + number(i+1)
	}
	return "press " + keys + ", esc goes back"
}

// View implements Dialog.
func (d *Decision) View() []string {
	lines := append(d.head(d.w), d.shown()...)
	hint := d.dim(d.hint())
	if left := d.read.hint(); left != "" {
		hint = d.bad(left + ", esc goes back")
	}
	return d.ended(lines, hint)
}

// Cursor implements Dialog.
func (d *Decision) Cursor() (x, y int, ok bool) {
	return 0, 0, d.h > 0
}
