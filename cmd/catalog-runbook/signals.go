package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// signalError is why a context ended: somebody asked the program to.
type signalError struct{ signal syscall.Signal }

func (e signalError) Error() string { return e.signal.String() }

// untilSignal returns a context that ends when the program is asked to: by
// ctrl+c, by TERM, or by HUP, which the closing of the terminal's window sends.
func untilSignal() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case s := <-asked:
			signal.Stop(asked) // a second one ends the program at once
			cancel(signalError{s.(syscall.Signal)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(asked)
		cancel(nil)
	}
}

// signalled is the exit code of a program that a signal has ended, as shells
// write it: 128 and the signal's number.
func signalled(ctx context.Context) int {
	var s signalError
	if errors.As(context.Cause(ctx), &s) {
		return 128 + int(s.signal)
	}
	return exitInterrupted
}
