package dialog

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Notice is a dialogue that shows lines until a person presses a key that doesn't scroll
// them.
type Notice struct {
	frame
	lines []string
	top   int

	// Then is the answer of any key but those that scroll or cancel. It is nil if there
	// is none.
	Then tea.Msg
}

// NewNotice returns a notice.
func NewNotice(c Config, title string, lines []string) *Notice {
	return &Notice{frame: frame{Config: c, title: title}, lines: lines}
}

// Update implements Dialog.
func (n *Notice) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	last := n.last()
	switch {
	case n.Then != nil && n.leaves(msg):
		return nil, true
	case last == 0:
		return n.Then, true
	case key.Matches(msg, n.Keys.Down):
		n.top++
	case key.Matches(msg, n.Keys.Up):
		n.top--
	case key.Matches(msg, n.Keys.PageDown):
		n.top += 4
	case key.Matches(msg, n.Keys.PageUp):
		n.top -= 4
	case n.Then != nil && n.top < last:
		n.top = last // all of it is to be seen first
	default:
		return n.Then, true
	}
	n.top = max(min(n.top, last), 0)
	return nil, false
}

// last returns the top at which the end is visible.
func (n *Notice) last() int { return max(len(wrapped(n.lines, n.w))-n.room(), 0) }

func (n *Notice) room() int { return max(n.h-len(n.head(n.w))-1, 0) }

// Height implements Dialog.
func (n *Notice) Height(w int) int { return len(n.head(w)) + 1 + len(wrapped(n.lines, w)) }

// View implements Dialog.
func (n *Notice) View() []string {
	lines, last := wrapped(n.lines, n.w), n.last()
	n.top = min(n.top, last)
	does, also := "closes", ""
	if n.Then != nil {
		does, also = "continues", ", esc cancels"
	}
	hint := "any key " + does + also
	if last > 0 {
		hint = fmt.Sprintf("%s and %s scroll, any other key %s%s", n.Keys.Down.Keys()[0], n.Keys.Up.Keys()[0], does, also)
	}
	shown := lines[n.top:min(n.top+n.room(), len(lines))]
	return n.ended(append(n.head(n.w), shown...), n.dim(hint))
}

// Cursor implements Dialog.
func (n *Notice) Cursor() (x, y int, ok bool) {
	return 0, 0, n.h > 0
}
