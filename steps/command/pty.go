package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"

	"catalog-runbook/runbook/clean"
)

// Size of the terminal that a command sees, in cells.
const (
	columns = 120
	rows    = 40
)

const (
	// groupInterval is how often it is looked whether a command that has ended
	// has left others of its group behind.
	groupInterval = 20 * time.Millisecond
	// drainLimit is how long output is waited for when nobody of the group is
	// left: a daemon may hold the terminal for ever.
	drainLimit = time.Second
)

// PTY runs commands on a pseudo-terminal of 120 by 40 cells, so that they ask
// and answer as they do for a person.
//
// The command leads a session and a process group of its own. The terminal is
// its standard input and output, but does not control it: so the kernel hangs
// nobody up when the command ends before those that it started, or when we do.
// A program that opens /dev/tty to ask for a password does not find it.
//
// It is interrupted by one SIGINT to the whole group, when that is asked for,
// when its limit is up or when the context ends, whichever comes first; and then
// Run waits for as long as it takes: a second signal, or another, makes terraform
// give up without writing its state. For the same reason Run returns only when
// nobody of the group is left. Only an explicit Kill kills.
//
// Nothing is recorded of it, so that Rejoin knows nothing.
//
// The zero value is ready to use, for several commands at a time.
type PTY struct{}

var _ Executor = PTY{}

// Run implements Executor. When ctx ends the command is interrupted, and Run
// still waits until it has ended.
func (p PTY) Run(ctx context.Context, cmd Command, io Streams) (Outcome, error) {
	if show := io.Output; show != nil {
		masker := clean.NewMasker(output(show))
		defer masker.Close()
		io.Output = func(chunk []byte) { _, _ = masker.Write(chunk) } // it never fails
	}
	return p.run(ctx, cmd, io, func(int) {})
}

// output is a writer of what a command prints.
type output func([]byte)

func (o output) Write(p []byte) (int, error) {
	o(p)
	return len(p), nil
}

// Rejoin implements Executor: it is always ErrLost.
func (PTY) Rejoin(context.Context, string, Streams) (Outcome, error) {
	return Outcome{}, &Lost{}
}

// run tells started the process and group id of the command as soon as it runs.
func (PTY) run(ctx context.Context, cmd Command, io Streams, started func(group int)) (Outcome, error) {
	path, err := cmd.lookup()
	if err != nil {
		return Outcome{}, notRun{err}
	}
	if err := ctx.Err(); err != nil {
		return Outcome{}, notRun{fmt.Errorf("starting %s: %w", cmd.Argv[0], err)}
	}
	env := cmd.Env
	if env == nil {
		env = []string{} // nil would be ours
	}
	child := &exec.Cmd{Path: path, Args: cmd.Argv, Dir: cmd.Dir, Env: env}
	terminal, err := pty.StartWithAttrs(child, &pty.Winsize{Rows: rows, Cols: columns}, &syscall.SysProcAttr{Setsid: true})
	if err != nil {
		return Outcome{}, notRun{fmt.Errorf("starting %s: %w", cmd.Argv[0], err)}
	}
	// Closed at the end even if a daemon still holds the other side.
	defer terminal.Close()
	group := child.Process.Pid
	started(group)

	ended := make(chan struct{})
	var watchers sync.WaitGroup
	overran := false
	watchers.Go(func() { overran = stop(ctx, group, cmd.Limit, io.Stop, ended) })
	go feed(terminal, io.Input, ended)
	reader := newOutputReader(io.Output)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		reader.copy(terminal)
	}()

	err = child.Wait()
	waitForGroup(group)
	at := time.Now()
	close(ended)
	watchers.Wait()
	outcome := Outcome{Ended: at, Whole: reader.settle(drained, drainLimit), Overran: overran}

	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return Outcome{}, fmt.Errorf("waiting for %s: %w", cmd.Argv[0], err)
	}
	outcome.Exit = child.ProcessState.ExitCode()
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		outcome.Exit = 128 + int(status.Signal())
	}
	return outcome, nil
}

// stop signals the group until the command has ended: one SIGINT at most, and a
// SIGKILL each time that it is asked for. It reports whether the limit was what
// interrupted it.
func stop(ctx context.Context, group int, limit time.Duration, asked <-chan Stop, ended <-chan struct{}) (overran bool) {
	var up <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		up = timer.C
	}
	interrupted := false
	interrupt := func() {
		if !interrupted {
			_ = syscall.Kill(-group, syscall.SIGINT) // it may be gone already, which is as good
		}
		interrupted = true
	}
	over := ctx.Done()
	for {
		select {
		case <-ended:
			return overran
		case <-over:
			interrupt()
			over = nil
		case <-up:
			overran = !interrupted
			interrupt()
		case way, ok := <-asked:
			switch {
			case !ok:
				asked = nil
			case way == Interrupt:
				interrupt()
			case way == Kill:
				_ = syscall.Kill(-group, syscall.SIGKILL)
			}
		}
	}
}

// feed writes what is typed to the terminal, what has an ID once. A write fails
// when nobody is left to read it.
func feed(terminal *os.File, input <-chan Input, ended <-chan struct{}) {
	served := map[string]bool{}
	for {
		select {
		case <-ended:
			return
		case typed, ok := <-input:
			if !ok {
				return
			}
			if typed.ID != "" && served[typed.ID] {
				continue
			}
			served[typed.ID] = true
			if _, err := terminal.Write(typed.Data); err != nil {
				return
			}
		}
	}
}

// waitForGroup returns when no process of the group is running.
func waitForGroup(group int) {
	if !running(group) {
		return
	}
	tick := time.NewTicker(groupInterval)
	defer tick.Stop()
	for range tick.C {
		if !running(group) {
			return
		}
	}
}
