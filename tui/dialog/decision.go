package dialog

import (
	"strconv"

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
}

// NewDecision returns a decision.
func NewDecision(c Config, title string, about []string, options ...Option) *Decision {
	return &Decision{frame: frame{Config: c, title: title}, about: about, options: options}
}

// Update implements Dialog. If some of the text is not on the screen, it accepts no
// number: a person must have seen what it does.
func (d *Decision) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	if d.leaves(msg) {
		return nil, true
	}
	for i, o := range d.options {
		if !msg.Paste && msg.String() == number(i) && !d.cut() {
			return o.Answer, true
		}
	}
	return nil, false
}

// Height implements Dialog.
func (d *Decision) Height(w int) int { return 1 + len(d.lines(w)) }

// number returns the key of the option with an index.
func number(i int) string { return strconv.Itoa(i + 1) }

func (d *Decision) cut() bool { return d.Height(d.w) > d.h }

// lines returns all lines but the last.
func (d *Decision) lines(w int) []string {
	lines := append([]string{d.rule()}, wrapped(d.about, w)...)
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
	lines, hint := d.lines(d.w), d.dim(d.hint())
	if d.cut() {
		lines, hint = lines[:min(max(d.h-1, 0), len(lines))], d.bad("not all of it fits: enlarge the window")
	}
	return d.ended(lines, hint)
}

// Cursor implements Dialog.
func (d *Decision) Cursor() (x, y int, ok bool) {
	return 0, 0, d.h > 0
}
