package steps

import "catalog-runbook/steps/command"

// repliesAhead is how many answers of the program may wait for the command to
// read them. It asks one question at a time, so one would do.
const repliesAhead = 8

// forward brings a running command what it is to read: the program's answers,
// and what a person types.
type forward struct {
	input   chan command.Input
	replies chan command.Input
	typed   <-chan []byte
	// withheld is called for what a person typed if that must not reach the
	// command; nil where it may.
	withheld func()
}

// run forwards until done is closed.
func (f *forward) run(done <-chan struct{}) {
	typed := f.typed
	for {
		var next command.Input
		select {
		case <-done:
			return
		case next = <-f.replies:
		case chunk, ok := <-typed:
			switch {
			case !ok:
				typed = nil
				continue
			case f.withheld != nil:
				f.withheld()
				continue
			}
			next = command.Input{Data: chunk}
		}
		select {
		case f.input <- next:
		case <-done:
			return
		}
	}
}
