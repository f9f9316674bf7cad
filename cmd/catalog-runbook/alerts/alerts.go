// Package alerts tells a person, and a program of theirs, what happens in a run.
package alerts

import (
	"context"
	"slices"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	terminal "catalog-runbook/tui/notify"
)

// Alerts tells of events. Its methods may be called concurrently.
type Alerts struct {
	run      string
	title    string
	terminal *terminal.Terminal
	command  *notify.Command // nil if there is none
	events   []string        // that the command is told; all if empty

	ctx    context.Context
	cancel context.CancelFunc
	turn   sync.Mutex // events are told one after the other
}

// grace is how long the command may still take when the checklist is left.
const grace = 2 * time.Second

// New returns the alerts of a run. Send writes to the terminal between two frames. Environ are the variables of the command, without
// credentials. The command is told of live runs only: practice concerns nobody else, and
// a dry run has no effects.
func New(set steps.Settings, mode runbook.Mode, run string, send func(sequence string) error, environ []string, getenv func(string) string) *Alerts {
	a := &Alerts{run: run, title: "Deployment", events: set.Notify.Events}
	switch mode {
	case runbook.Practice:
		a.title = "Practice"
	case runbook.DryRun:
		a.title = "Dry run"
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.terminal = &terminal.Terminal{Send: send, Way: terminal.Way(set.Notify.Terminal), Bell: set.Notify.Bell, Getenv: getenv}
	if argv := set.Notify.Command; mode == runbook.Live && len(argv) > 0 {
		a.command = &notify.Command{Argv: argv, Environ: environ}
	}
	return a
}

// Tell tells of an event, and blocks until that is done. The terminal is used only if the
// person may be looking elsewhere.
func (a *Alerts) Tell(e notify.Event, elsewhere bool) error {
	a.turn.Lock()
	defer a.turn.Unlock()
	e.Run = a.run
	if elsewhere {
		title := a.title
		if env := e.Environment.String(); env != "" {
			title += " " + env
		}
		_ = a.terminal.Show(a.ctx, title, e.Text.String()) // fails while the terminal isn't ours: nobody would see it
	}
	if a.command != nil && (len(a.events) == 0 || slices.Contains(a.events, string(e.Event))) {
		return a.command.Tell(a.ctx, e)
	}
	return nil
}

// Close waits a little for the command, and kills it if it goes on.
func (a *Alerts) Close() {
	late := time.AfterFunc(grace, a.cancel)
	defer late.Stop()
	a.turn.Lock()
	defer a.turn.Unlock()
	a.cancel()
}
