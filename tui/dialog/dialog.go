// Package dialog holds the dialogues of the checklist: a line of text, a choice, a
// decision by letter, a notice. A dialogue knows nothing of what it is about; it
// answers with a message that whoever opened it has given to it.
package dialog

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// Dialog is a dialogue above the footer. It has all keys while it is shown.
type Dialog interface {
	// Update takes a key. It returns the answer, nil for none yet, and whether the
	// dialogue is done. Both may be so: not every dialogue has to be answered.
	Update(tea.KeyMsg) (answer tea.Msg, done bool)
	// Height returns how many lines it needs at that width.
	Height(w int) int
	// SetSize gives it its room. Where that is less than it needs, it shows what a
	// person needs to go on.
	SetSize(w, h int)
	View() []string
}

// Keys are the keys that dialogues share with the screen around them.
type Keys struct{ Up, Down, PageUp, PageDown, Open, Back, Quit key.Binding }

// Config is what all dialogues of a program have in common.
type Config struct {
	Keys   Keys
	Styles text.Styles
}

// frame is what every dialogue consists of: its configuration, size and title.
type frame struct {
	Config
	title string
	w, h  int
}

// SetSize implements Dialog.
func (f *frame) SetSize(w, h int) { f.w, f.h = w, h }

// rule is the first line.
func (f *frame) rule() string { return text.Rule(f.w, f.Styles, f.title) }

// dim writes a line that is less important than others.
func (f *frame) dim(s string) string { return f.Styles.Dim.Render(ansi.Truncate(s, f.w, "…")) }

// bad writes a line that says what is wrong.
func (f *frame) bad(s string) string { return f.Styles.Bad.Render(ansi.Truncate(s, f.w, "…")) }

// ended puts the last lines below the others, in no more lines than there are.
func (f *frame) ended(lines []string, last ...string) []string {
	return text.Fill(append(lines, last...), min(len(lines)+len(last), f.h))
}

// leaves reports whether a key closes a dialogue without an answer.
func (f *frame) leaves(msg tea.KeyMsg) bool {
	return key.Matches(msg, f.Keys.Back, f.Keys.Quit) || msg.String() == "ctrl+c"
}

// wrapped breaks the lines that are wider than w cells.
func wrapped(lines []string, w int) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.Split(ansi.Wrap(l, max(w, 1), ""), "\n")...)
	}
	return out
}
