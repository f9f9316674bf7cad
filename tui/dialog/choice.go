package dialog

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// Item is an item of a Choice.
type Item struct {
	ID, Text, Hint string
	Off            bool // shown, but cannot be picked
}

// Choice is a dialogue with a list of items, of which a person chooses one.
type Choice struct {
	frame
	items []Item
	about []string
	pick  func(Item) tea.Msg
	at    int

	// Refill returns the items and the lines below them whenever they are drawn. It
	// is nil if they do not change.
	Refill func() ([]Item, []string)
	// Close holds more keys that close the choice, such as the one that has opened it.
	Close []key.Binding
}

// NewChoice returns a choice with the cursor on the first item that can be picked. The
// lines of about are shown below the items. Pick returns the answer for an item.
func NewChoice(config Config, title string, items []Item, about []string, pick func(Item) tea.Msg) *Choice {
	c := &Choice{frame: frame{Config: config, title: title}, items: items, about: about, pick: pick}
	c.start()
	return c
}

// start puts the cursor on the first item that can be picked.
func (c *Choice) start() {
	c.at = max(slices.IndexFunc(c.items, func(it Item) bool { return !it.Off }), 0)
}

// Update implements Dialog.
func (c *Choice) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	switch {
	case c.leaves(msg), key.Matches(msg, c.Close...):
		return nil, true
	case key.Matches(msg, c.Keys.Down):
		c.at = min(c.at+1, len(c.items)-1)
	case key.Matches(msg, c.Keys.Up):
		c.at = max(c.at-1, 0)
	case key.Matches(msg, c.Keys.First):
		c.at = 0
	case key.Matches(msg, c.Keys.Last):
		c.at = len(c.items) - 1
	case key.Matches(msg, c.Keys.PageDown):
		c.at = min(c.at+max(c.h-3, 1), len(c.items)-1)
	case key.Matches(msg, c.Keys.PageUp):
		c.at = max(c.at-max(c.h-3, 1), 0)
	case key.Matches(msg, c.Keys.Open):
		if c.at < 0 || c.at >= len(c.items) || c.items[c.at].Off {
			return nil, false
		}
		return c.pick(c.items[c.at]), true
	}
	return nil, false
}

// Height implements Dialog.
func (c *Choice) Height(w int) int {
	c.refill()
	lines, _, _ := c.list(w, true)
	return len(c.head(w)) + 1 + len(lines) + len(wrapped(c.about, w-2))
}

func (c *Choice) refill() {
	if c.Refill != nil {
		opened := c.items == nil
		if c.items, c.about = c.Refill(); opened {
			c.start()
		}
	}
	c.at = max(min(c.at, len(c.items)-1), 0)
}

// View implements Dialog.
func (c *Choice) View() []string {
	c.refill()
	shown, _ := c.shown()
	lines := append(c.head(c.w), shown...)
	about, room := wrapped(c.about, c.w-2), max(c.h-len(lines)-1, 0)
	for i, a := range about[:min(len(about), room)] {
		if i == room-1 && i < len(about)-1 {
			a += " …"
		}
		lines = append(lines, c.dim("  "+a))
	}
	return c.ended(lines, c.dim("enter does it, esc closes"))
}

// shown returns the lines of the items that fit, and the first one of the item that can be
// picked. Where not all lines fit, only that item is shown with all that there is to say.
func (c *Choice) shown() (lines []string, at int) {
	room := max(c.h-len(c.head(c.w))-1, 1)
	lines, at, end := c.list(c.w, true)
	if len(lines) > room {
		lines, at, end = c.list(c.w, false)
	}
	first := max(min((at+end)/2-room/2, len(lines)-room), 0)
	first = min(max(first, end-room), at)
	return lines[first:min(first+room, len(lines))], at - first
}

// list returns the lines of all items, and from where to where those of the item that can be
// picked go. The others have one line each if whole is false.
func (c *Choice) list(w int, whole bool) (lines []string, from, to int) {
	for i, it := range c.items {
		if i == c.at {
			from = len(lines)
		}
		lines = append(lines, c.row(it, w, i == c.at, whole || i == c.at)...)
		if i == c.at {
			to = len(lines)
		}
	}
	return lines, from, to
}

// row draws an item. If all of it is to be shown, words are wrapped, and a hint that doesn't fit
// beside it goes below. An address that is too long is cut in the middle.
func (c *Choice) row(it Item, w int, current, whole bool) []string {
	items := []string{text.Middle(it.Text, max(w-2, 0))}
	if whole && w > 12 && strings.Contains(it.Text, " ") {
		items = text.Wrap(it.Text, w-2)
	}
	room := w - 4 - ansi.StringWidth(items[len(items)-1])
	var lines []string
	for i, item := range items {
		cursor := "  "
		if it.Off {
			item = c.Styles.Dim.Render(item)
		}
		if i == 0 && current {
			cursor = c.Styles.Key.Render("› ")
		}
		lines = append(lines, ansi.Truncate(cursor+item, w, ""))
	}
	switch {
	case it.Hint == "":
	case ansi.StringWidth(it.Hint) <= room, !whole && room > 3:
		lines[len(lines)-1] += "  " + c.Styles.Dim.Render(ansi.Truncate(it.Hint, room, "…"))
	case whole && w > 12:
		for _, l := range text.Wrap(it.Hint, w-5) {
			lines = append(lines, "    "+c.Styles.Dim.Render(l))
		}
	}
	return lines
}

// Cursor implements Dialog.
func (c *Choice) Cursor() (x, y int, ok bool) {
	if len(c.items) == 0 {
		return 0, 0, false
	}
	_, at := c.shown()
	y = len(c.head(c.w)) + at
	return 0, y, y < c.h
}
