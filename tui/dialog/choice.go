package dialog

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Item is an item of a Choice.
type Item struct {
	ID, Text, Hint string
	Off            bool // shown, but cannot be picked
}

// Choice is a dialogue with a list of items, of which a person picks one.
type Choice struct {
	frame
	items []Item
	about []string
	pick  func(Item) tea.Msg
	at    int

	// Refill returns the items and the lines below them whenever they are drawn. It
	// is nil if they do not change.
	Refill func() ([]Item, []string)
	// Stay holds keys that close the choice. If there are any, picking an item does not
	// close it.
	Stay []key.Binding
}

// NewChoice returns a choice with the cursor on the first item that can be picked. The
// lines of about are shown below the items. Pick returns the answer for an item.
func NewChoice(config Config, title string, items []Item, about []string, pick func(Item) tea.Msg) *Choice {
	c := &Choice{frame: frame{Config: config, title: title}, items: items, about: about, pick: pick}
	for c.at < len(items)-1 && items[c.at].Off {
		c.at++
	}
	return c
}

// Update implements Dialog.
func (c *Choice) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	switch {
	case c.leaves(msg), key.Matches(msg, c.Stay...):
		return nil, true
	case key.Matches(msg, c.Keys.Down):
		c.at = min(c.at+1, len(c.items)-1)
	case key.Matches(msg, c.Keys.Up):
		c.at = max(c.at-1, 0)
	case key.Matches(msg, c.Keys.Open):
		if c.at < 0 || c.at >= len(c.items) || c.items[c.at].Off {
			return nil, false
		}
		return c.pick(c.items[c.at]), c.Stay == nil
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
		c.items, c.about = c.Refill()
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
		lines = append(lines, ansi.Truncate(c.row(it, first+i == c.at), c.w, "…"))
	}
	for _, a := range c.about[:max(min(len(c.about), c.h-len(lines)-1), 0)] {
		lines = append(lines, c.dim("  "+a))
	}
	return c.ended(lines, c.dim("enter does it, esc closes"))
}

func (c *Choice) row(it Item, current bool) string {
	cursor, text := "  ", it.Text
	if it.Hint != "" {
		text += "  " + c.Styles.Dim.Render(it.Hint)
	}
	if it.Off {
		text = c.Styles.Dim.Render(ansi.Strip(text))
	}
	if current {
		cursor = c.Styles.Key.Render("› ")
	}
	return cursor + text
}
