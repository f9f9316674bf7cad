package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"catalog-runbook/runbook"
)

// The exit codes. They are part of the command line and never change.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnknown     = 3
	exitCredentials = 4
	exitHeld        = 5  // the run is held by another process
	exitDoubt       = 6  // the outcome of a command is unknown
	exitDamaged     = 7  // the journal is damaged
	exitExcepting   = 8  // the walk deployed, and some of its steps were skipped or accepted
	exitElsewhere   = 9  // a person stated that someone has deployed elsewhere
	exitUndeployed  = 10 // the walk is over, and nothing was deployed or done
	exitOpen        = 11 // the walk was left with steps to do
	exitInterrupted = 130
)

// endingCodes are the exit codes of a walk, by its ending. Done is 0.
var endingCodes = map[runbook.Ending]int{
	runbook.Excepting: exitExcepting, runbook.ByOthers: exitElsewhere, runbook.Undeployed: exitUndeployed,
	runbook.NothingDone: exitUndeployed, runbook.StillOpen: exitOpen,
}

// exitError ends the program with a code, after the error's text if there is one.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// exitCode sums up results: a failed one outweighs all else, then missing
// credentials, then anything else that is unknown.
func exitCode(results []runbook.Result) int {
	code := 0
	for _, r := range results {
		switch {
		case r.Verdict == runbook.Failed:
			return exitFailed
		case r.Verdict == runbook.Unknown && r.Denied:
			code = exitCredentials
		case r.Verdict != runbook.Passed && code == 0:
			code = exitUnknown
		}
	}
	return code
}

// asError returns an error with the exit code, nil for 0.
func asError(code int) error {
	if code == 0 {
		return nil
	}
	return exitError{code: code}
}

// signalError is the cause of a context that a signal has canceled.
type signalError struct{ signal syscall.Signal }

func (e signalError) Error() string { return e.signal.String() }

// signals are those that end a command. ctrl+c can be passed on to the command instead.
type signals struct{ ctrlC atomic.Pointer[chan struct{}] }

type signalsKey struct{}

// interrupts returns a channel that gets each ctrl+c from now on, which then no longer ends
// ctx. ctx is one of untilSignal, else the channel is nil.
func interrupts(ctx context.Context) <-chan struct{} {
	s, ok := ctx.Value(signalsKey{}).(*signals)
	if !ok {
		return nil
	}
	c := make(chan struct{}, 1)
	s.ctrlC.Store(&c)
	return c
}

// untilSignal returns a context that SIGINT, SIGTERM or SIGHUP cancels. Closing a
// terminal's window sends SIGHUP.
func untilSignal() (context.Context, func()) {
	s := &signals{}
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), signalsKey{}, s))
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for ctx.Err() == nil {
			select {
			case got := <-asked:
				if c := s.ctrlC.Load(); c != nil && got == syscall.SIGINT {
					select {
					case *c <- struct{}{}:
					default:
					}
					continue
				}
				signal.Stop(asked) // a second signal kills the program
				cancel(signalError{got.(syscall.Signal)})
			case <-ctx.Done():
			}
		}
	}()
	return ctx, func() {
		signal.Stop(asked)
		cancel(nil)
	}
}

// signalled returns the exit code of a program that a signal has ended: 128 plus the
// signal's number, as in a shell.
func signalled(ctx context.Context) int {
	var s signalError
	if errors.As(context.Cause(ctx), &s) {
		return 128 + int(s.signal)
	}
	return exitInterrupted
}
