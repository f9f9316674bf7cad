package dialog

import (
	"slices"

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
func (c *Choice) Height(int) int {
	c.refill()
	return 2 + len(c.items) + len(c.about)
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
	lines := []string{c.rule()}
	room := max(min(len(c.items), c.h-2), 1)
	first := max(min(c.at-room/2, len(c.items)-room), 0)
	for i, it := range c.items[first:min(first+room, len(c.items))] {
		lines = append(lines, c.row(it, first+i == c.at))
	}
	for _, a := range c.about[:max(min(len(c.about), c.h-len(lines)-1), 0)] {
		lines = append(lines, c.dim("  "+a))
	}
	return c.ended(lines, c.dim("enter does it, esc closes"))
}

// row draws an item. If it is too long, the hint goes first, and then the middle of the text,
// which may be an address.
func (c *Choice) row(it Item, current bool) string {
	cursor, item, hint := "  ", text.Middle(it.Text, max(c.w-2, 0)), ""
	if room := c.w - 4 - ansi.StringWidth(item); it.Hint != "" && room > 3 {
		hint = "  " + c.Styles.Dim.Render(ansi.Truncate(it.Hint, room, "…"))
	}
	if it.Off {
		item = c.Styles.Dim.Render(item)
	}
	if current {
		cursor = c.Styles.Key.Render("› ")
	}
	return ansi.Truncate(cursor+item+hint, c.w, "")
}

// Cursor implements Dialog.
func (c *Choice) Cursor() (x, y int, ok bool) {
	if len(c.items) == 0 {
		return 0, 0, false
	}
	room := max(min(len(c.items), c.h-2), 1)
	return 0, 1 + c.at - max(min(c.at-room/2, len(c.items)-room), 0), c.h > 1
}
