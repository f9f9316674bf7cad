package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/tui/dialog"
)

// openGuard is how long a dialogue that opened by itself ignores keys: what was
// typed before a person saw it was meant for something else.
const openGuard = 300 * time.Millisecond

// dialogs holds the dialogue that is shown.
type dialogs struct {
	dialogConfig dialog.Config
	now          func() time.Time
	dialog       dialog.Dialog // nil where there is none
	guard        time.Time     // it takes no key before
	concerns     *command      // the running command that it is about; it is closed when that ends
}

// do is what a dialogue answers: what is done then.
type do func() tea.Cmd

// open shows a dialogue; nil closes the one that is shown.
func (d *dialogs) open(shown dialog.Dialog) {
	d.dialog, d.guard, d.concerns = shown, time.Time{}, nil
}

// comeUp shows a dialogue that opens by itself: keys that were typed before a
// person could see it are kept from it.
func (d *dialogs) comeUp(shown dialog.Dialog) {
	d.open(shown)
	d.guard = d.now().Add(openGuard)
}

// dialogKey gives a key to the dialogue and returns its answer, nil for none.
func (d *dialogs) dialogKey(msg tea.KeyMsg) tea.Msg {
	if d.now().Before(d.guard) {
		return nil
	}
	answer, done := d.dialog.Update(msg)
	if done {
		d.open(nil)
	}
	return answer
}
