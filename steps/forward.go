package steps

import "catalog-runbook/steps/command"

// repliesAhead is how many of the program's answers may wait for the command to
// read them. Commands ask one question at a time, so one would do.
const repliesAhead = 8

// forward passes the program's answers and what a person types on to a running
// command.
type forward struct {
	input   chan command.Input
	replies chan command.Input
	typed   <-chan []byte
	// withheld, if not nil, is called instead of passing on what a person typed.
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
