package infra

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
// When the context ends, one SIGINT goes to the whole group, and then Run waits
// for as long as it takes: a second signal, or another, makes terraform give up
// without writing its state. For the same reason Run returns only when nobody of
// the group is left. Nothing is ever killed.
//
// The zero value is ready to use, for several commands at a time.
type PTY struct{}

var _ Executor = PTY{}

// Run implements Executor.
func (PTY) Run(ctx context.Context, cmd Command, io Streams) (exit int, err error) {
	path, err := cmd.lookup()
	if err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("starting %s: %w", cmd.Argv[0], err)
	}
	env := cmd.Env
	if env == nil {
		env = []string{} // nil would be ours
	}
	child := &exec.Cmd{Path: path, Args: cmd.Argv, Dir: cmd.Dir, Env: env}
	terminal, err := pty.StartWithAttrs(child, &pty.Winsize{Rows: rows, Cols: columns}, &syscall.SysProcAttr{Setsid: true})
	if err != nil {
		return 0, fmt.Errorf("starting %s: %w", cmd.Argv[0], err)
	}
	// Closed at the end even if a daemon still holds the other side.
	defer terminal.Close()

	ended := make(chan struct{})
	var watchers sync.WaitGroup
	watchers.Go(func() { interrupt(ctx, child.Process.Pid, ended) })
	go feed(terminal, io.Input, ended)
	output := newTap(io.Output)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		output.copy(terminal)
	}()

	err = child.Wait()
	waitForGroup(child.Process.Pid)
	close(ended)
	watchers.Wait()
	output.settle(drained, drainLimit)

	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return 0, fmt.Errorf("waiting for %s: %w", cmd.Argv[0], err)
	}
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return child.ProcessState.ExitCode(), nil
}

// interrupt sends one SIGINT to the group when ctx ends before the command.
func interrupt(ctx context.Context, group int, ended <-chan struct{}) {
	select {
	case <-ended:
	case <-ctx.Done():
		// It may be gone already, which is as good.
		_ = syscall.Kill(-group, syscall.SIGINT)
	}
}

// feed writes what is typed to the terminal. A write fails when nobody is left
// to read it.
func feed(terminal *os.File, input <-chan []byte, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case typed, ok := <-input:
			if !ok {
				return
			}
			if _, err := terminal.Write(typed); err != nil {
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
