package runbook

import "catalog-runbook/runbook/document"

// Unsettled searches the events of a run for commands that were started in a
// directory for which in returns true. It returns the oldest whose outcome isn't
// known, nil if there is none, and whether any was started there at all. A command
// in doubt stays unsettled until a person settles it.
func Unsettled(events []Event, in func(dir string) bool) (oldest *EffectStarted, any bool) {
	type effect struct {
		step document.StepID
		name string
	}
	open := map[effect]*EffectStarted{}
	for _, e := range events {
		switch e := e.(type) {
		case EffectStarted:
			if in(e.Dir) {
				open[effect{e.Step, e.Effect}], any = &e, true
			}
		case EffectFinished:
			delete(open, effect{e.Step, e.Effect})
		case Settled:
			delete(open, effect{e.Step, e.Effect})
		}
	}
	for _, e := range open {
		if oldest == nil || e.At.Before(oldest.At) {
			oldest = e
		}
	}
	return oldest, any
}
