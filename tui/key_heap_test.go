//go:build !race

package tui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/testdata/heap"
	"catalog-runbook/tui/text"
)

// TestHeapPerKey limits what a key that moves the cursor allocates until its frame is
// drawn. The steps' Markdown isn't rendered yet. The limits are a fifth above what a
// key takes today, which is beside them.
func TestHeapPerKey(t *testing.T) {
	const moves = 8 // as many down and then up again
	for _, c := range []struct {
		what  string
		steps int
		most  heap.Use
	}{
		{"a key with 10 steps", 10, heap.Use{Allocations: 440, Bytes: 27 << 10}},       // 369, 22 KiB
		{"a key with 1,000 steps", 1_000, heap.Use{Allocations: 740, Bytes: 35 << 10}}, // 617, 29 KiB
	} {
		m := longRunbook(t, c.steps)
		press(m, tea.WindowSizeMsg{Width: 120, Height: 40})
		down, up := keyMsg("j"), keyMsg("k")
		u := heap.Of(func() {
			for range moves {
				press(m, down)
			}
			for range moves {
				press(m, up)
			}
		})
		perMove(u, 2*moves).Check(t, c.what, c.most)
	}
}

// TestHeapPerNewStep limits what a key allocates that moves the cursor to a step that
// hasn't been shown before, with all that follows from it: the Markdown of one step more
// is rendered, and the screen is drawn again. The limit is a fifth above what it takes
// today.
func TestHeapPerNewStep(t *testing.T) {
	m := New(Config{Engine: longRunbook(t, 100).engine, Theme: text.Plain, Tick: func(d time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
		if d > 100*time.Millisecond {
			return nil // what a person would see later
		}
		return func() tea.Msg { return f(time.Now()) }
	}})
	defer m.Close()
	toEnd(m, tea.WindowSizeMsg{Width: 120, Height: 40})
	const moves = 8
	u := heap.Of(func() {
		for range moves {
			toEnd(m, keyMsg("j"))
		}
	})
	perMove(u, moves).Check(t, "a key to a new step", heap.Use{Allocations: 2_730, Bytes: 188 << 10}) // 2,274, 157 KiB
}

func perMove(u heap.Use, moves uint64) heap.Use {
	return heap.Use{Allocations: u.Allocations / moves, Bytes: u.Bytes / moves}
}

// toEnd handles a message and all that its commands bring, and draws the screen after
// each.
func toEnd(m *Model, msg tea.Msg) {
	for all := []tea.Msg{msg}; len(all) > 0; all = all[1:] {
		_, cmd := m.Update(all[0])
		m.View()
		all = append(all, messages(cmd)...)
	}
}

// messages runs a command, and all those of a batch.
func messages(cmd tea.Cmd) (all []tea.Msg) {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, c := range batch {
			all = append(all, messages(c)...)
		}
		return all
	}
	return []tea.Msg{msg}
}
