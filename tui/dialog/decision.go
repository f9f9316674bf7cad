package dialog

import (
	tea "github.com/charmbracelet/bubbletea"
)

// Option is an answer of a Decision.
type Option struct {
	Letter, Text string
	Answer       tea.Msg
}

// Decision is a dialogue with a few answers, each with a letter and a sentence that says
// what it does.
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
// letter: a person must have seen what it does.
func (d *Decision) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	if d.leaves(msg) {
		return nil, true
	}
	for _, o := range d.options {
		if !msg.Paste && msg.String() == o.Letter && !d.cut() {
			return o.Answer, true
		}
	}
	return nil, false
}

// Height implements Dialog.
func (d *Decision) Height(w int) int { return 1 + len(d.lines(w)) }

func (d *Decision) cut() bool { return d.Height(d.w) > d.h }

// lines returns all lines but the last.
func (d *Decision) lines(w int) []string {
	lines := append([]string{d.rule()}, wrapped(d.about, w)...)
	for _, o := range d.options {
		for i, line := range wrapped([]string{o.Text}, w-3) {
			letter := " "
			if i == 0 {
				letter = d.Styles.Key.Render(o.Letter)
			}
			lines = append(lines, letter+"  "+line)
		}
	}
	return lines
}

// View implements Dialog.
func (d *Decision) View() []string {
	lines, hint := d.lines(d.w), d.dim("a letter decides, esc goes back")
	if d.cut() {
		lines, hint = lines[:min(max(d.h-1, 0), len(lines))], d.bad("not all of it fits: enlarge the window")
	}
	return d.ended(lines, hint)
}
