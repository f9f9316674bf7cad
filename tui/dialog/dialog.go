// Package dialog implements the dialogues of the checklist: a line of text, a choice, a
// decision by letter, and a notice. A dialogue knows nothing about its subject. Its
// answer is a message that the code that opened it has provided.
package dialog

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/say"
	"catalog-runbook/tui/text"
)

// Dialog is a dialogue above the footer. It handles all keys while it is shown.
type Dialog interface {
	// Update handles a key. It returns the answer, or nil, and whether the dialogue is
	// done. A dialogue can be done without an answer, and answer without being done.
	Update(tea.KeyMsg) (answer tea.Msg, done bool)
	// Height returns the number of lines that it needs at a width in cells.
	Height(w int) int
	// SetSize sets its size in cells and lines. If that is less than it needs, it shows
	// at least what a person needs to continue.
	SetSize(w, h int)
	View() []string
	// Cursor returns where the cursor of the terminal belongs: the column and the row of
	// the input, of the item that can be picked, or else of the title.
	Cursor() (x, y int, ok bool)
}

// Keys holds the keys that dialogues share with the checklist.
type Keys struct{ Up, Down, First, Last, PageUp, PageDown, Open, Back, Quit key.Binding }

// Config is the configuration of all dialogues.
type Config struct {
	Keys   Keys
	Styles *text.Styles
}

// frame holds what all dialogues share: the configuration, the size and the title.
type frame struct {
	Config
	title string
	w, h  int
}

// SetSize implements Dialog.
func (f *frame) SetSize(w, h int) { f.w, f.h = w, h }

// head returns the first lines: the title, wrapped if it doesn't fit into one.
func (f *frame) head(w int) []string {
	parts := text.Wrap(f.title, w-4)
	if w < 24 {
		parts = []string{f.title} // cut
	}
	lines := []string{text.Title(w, f.Styles, true, parts[0])}
	for _, p := range parts[1:] {
		lines = append(lines, "   "+f.Styles.Key.Render(p))
	}
	return lines
}

// dim styles a line that is less important than others.
func (f *frame) dim(s string) string { return f.Styles.Dim.Render(ansi.Truncate(s, f.w, "…")) }

// bad styles a line that says what is wrong.
func (f *frame) bad(s string) string { return f.Styles.Bad.Render(ansi.Truncate(s, f.w, "…")) }

// ended appends the last lines to the others, and truncates the result to the height.
func (f *frame) ended(lines []string, last ...string) []string {
	return text.Fill(append(lines, last...), min(len(lines)+len(last), f.h))
}

// leaves reports whether a key closes a dialogue without an answer.
func (f *frame) leaves(msg tea.KeyMsg) bool {
	return key.Matches(msg, f.Keys.Back, f.Keys.Quit) || msg.String() == "ctrl+c"
}

// reading is how far a person has seen lines of which not all fit.
type reading struct {
	lines     []string
	room      int
	top, seen int
}

// show returns the lines that are on the screen, of which there is room for so many.
func (r *reading) show(lines []string, room int) []string {
	if room != r.room || !slices.Equal(lines, r.lines) {
		*r = reading{lines: lines, room: room}
	}
	r.top = max(min(r.top, len(lines)-room), 0)
	end := min(r.top+max(room, 0), len(lines))
	if r.top <= r.seen {
		r.seen = max(r.seen, end)
	}
	return lines[r.top:end]
}

// scroll moves by so many lines.
func (r *reading) scroll(by int) { r.top = max(min(r.top+by, len(r.lines)-r.room), 0) }

// page is how far a key moves that scrolls by a screen.
func (r *reading) page() int { return max(r.room-1, 1) }

// hint says how to see the rest; "" if all has been seen. If nothing can be seen, it says what
// to do about that.
func (r *reading) hint() string {
	left := len(r.lines) - r.seen
	switch {
	case left <= 0:
		return ""
	case r.room < 1:
		return "enlarge the window to see all of it"
	}
	return "pgdn shows " + say.Count(left, "more line")
}

// wrapped breaks the lines that are wider than w cells.
func wrapped(lines []string, w int) []string {
	var out []string
	for _, l := range lines {
		out = append(out, text.Wrap(l, w)...)
	}
	return out
}
