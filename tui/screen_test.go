package tui

import (
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
)

// tally is a screen that counts.
type tally struct {
	up      key.Binding
	n, w, h int
}

func (t *tally) Keys() []key.Binding      { return []key.Binding{t.up} }
func (t *tally) ShortHelp() []key.Binding { return t.Keys() }
func (t *tally) SetSize(w, h int)         { t.w, t.h = w, h }
func (t *tally) View() []string           { return []string{"counted to " + string(rune('0'+t.n))} }

func (t *tally) Update(tea.Msg) tea.Cmd {
	t.n++
	return nil
}

// TestAnotherScreen: a screen is one line of the table.
func TestAnotherScreen(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	made := &tally{up: key.NewBinding(key.WithKeys("+"), key.WithHelp("+", "count"))}
	d.m.screens.kinds = append(d.m.screens.kinds, screenKind{key: key.NewBinding(key.WithKeys("Z")), new: func(*Model) screen { return made }})
	d.do("Z", "+", "+")
	d.sees("counted to 2", "+ count  esc back")
	if made.w != 80 || made.h != 22 {
		t.Errorf("its room is %dx%d", made.w, made.h)
	}
	d.do("?")
	d.missing("counted")
	d.do("x", "v") // closes the help, and does nothing
	d.sees("counted to 2")
	d.resize(100, 30)
	if made.w != 100 || made.h != 28 {
		t.Errorf("its room is %dx%d", made.w, made.h)
	}
	for _, closes := range []string{"Z", "esc", "q", "enter"} {
		d.do(closes)
		d.missing("counted")
		d.sees("Publish a new release")
		d.do("Z")
	}
}
