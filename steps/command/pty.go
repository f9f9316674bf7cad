package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
)

// Size of the terminal that a command sees, in cells.
const (
	columns = 120
	rows    = 40
)

const (
	// groupInterval is how often to check whether other processes of the group are
	// still running after the command has ended.
	groupInterval = 20 * time.Millisecond
	// drainLimit is how long to wait for more output when no process of the group is
	// left. A daemon may keep the terminal open forever.
	drainLimit = time.Second
)

// PTY runs commands on a pseudo-terminal of 120 by 40 cells, so that they behave as
// they do for a person.
//
// The command leads a session and a process group of its own. The terminal is its
// standard input and output, but not its controlling terminal, so the kernel sends no
// SIGHUP when the command ends before its children or when this process ends. A
// program that opens /dev/tty to ask for a password fails to.
//
// A command is interrupted once, by a SIGINT to the whole group: on request, at its
// time limit or when the context ends, whichever comes first. Run then waits as long
// as it takes, because a second signal would make terraform exit without writing its
// state. For the same reason Run returns only when no process of the group is left.
// Only an explicit Kill kills.
//
// PTY keeps no records, so Rejoin always fails.
//
// The zero value is ready to use. It may be used for several commands concurrently.
type PTY struct{}

var _ Executor = PTY{}

// Run implements Executor. When ctx ends, it interrupts the command and still waits
// until the command has ended.
func (p PTY) Run(ctx context.Context, cmd Command, io Streams) (Outcome, error) {
	if show := io.Output; show != nil {
		masked := newMaskedOutput(output(show), func() {}) // it never fails
		defer masked.close()
		io.Output = masked.write
	}
	return p.run(ctx, cmd, io, func(int, *os.File) {})
}

// output is an io.Writer that calls a function.
type output func([]byte)

func (o output) Write(p []byte) (int, error) {
	o(p)
	return len(p), nil
}

// Rejoin implements Executor. It always returns an ErrLost.
func (PTY) Rejoin(context.Context, string, Streams) (Outcome, error) {
	return Outcome{}, &Lost{}
}

// run is Run without masking. It calls started with the command's process ID, which is
// that of its group too, and our side of its terminal, as soon as the command runs.
func (PTY) run(ctx context.Context, cmd Command, io Streams, started func(group int, terminal *os.File)) (Outcome, error) {
	path, err := cmd.lookup()
	if err != nil {
		return Outcome{}, notRun{err}
	}
	if err := ctx.Err(); err != nil {
		return Outcome{}, notRun{fmt.Errorf("starting %s: %w", cmd.Argv[0], err)}
	}
	env := cmd.Env
	if env == nil {
		env = []string{} // nil would mean this process's
	}
	child := &exec.Cmd{Path: path, Args: cmd.Argv, Dir: cmd.Dir, Env: env}
	terminal, err := pty.StartWithAttrs(child, &pty.Winsize{Rows: rows, Cols: columns}, &syscall.SysProcAttr{Setsid: true})
	if err != nil {
		return Outcome{}, notRun{fmt.Errorf("starting %s: %w", cmd.Argv[0], err)}
	}
	// Close it even if a daemon still has the other side open.
	defer terminal.Close()
	group := child.Process.Pid
	started(group, terminal)

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

// stop signals the group on request until the command has ended: at most one SIGINT,
// and a SIGKILL for each Kill. It reports whether the command was interrupted because
// of its limit.
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
			_ = syscall.Kill(-group, syscall.SIGINT) // fails if the group is gone already
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

// feed writes input to the terminal, and drops input whose ID it has seen before. It
// returns when the command has ended or a write fails.
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
			restore := func() {}
			if typed.Secret {
				clean.Secret(strings.TrimRight(string(typed.Data), "\r\n"))
				restore = stopEcho(terminal)
			}
			if _, err := terminal.Write(typed.Data); err != nil {
				return
			}
			if typed.Secret {
				select {
				case <-ended:
					return
				case <-time.After(echoLimit):
				}
				restore()
			}
		}
	}
}

// echo reports whether a terminal shows what is typed. It returns true if that can't be
// known.
func echo(terminal *os.File) bool {
	on := true
	withTermios(terminal, func(_ int, t *unix.Termios) { on = t.Lflag&unix.ECHO != 0 })
	return on
}

// echoLimit is how long the kernel may take to process what was written to a terminal,
// which nothing tells. It is shorter than silence, so that echo doesn't see the echo that
// is off for it.
const echoLimit = silence / 2

// stopEcho makes a terminal that shows what is written to it show no more than the line
// end, so that what is printed next begins on a line of its own. restore undoes that,
// unless the command has changed the terminal's state.
func stopEcho(terminal *os.File) (restore func()) {
	restore = func() {}
	withTermios(terminal, func(fd int, before *unix.Termios) {
		if before.Lflag&unix.ECHO == 0 {
			return
		}
		during := *before
		during.Lflag = before.Lflag&^unix.ECHO | unix.ECHONL
		_ = unix.IoctlSetTermios(fd, setTermios, &during) // what is typed is masked anyway
		restore = func() {
			withTermios(terminal, func(fd int, now *unix.Termios) {
				if *now == during {
					_ = unix.IoctlSetTermios(fd, setTermios, before)
				}
			})
		}
	})
	return restore
}

func withTermios(terminal *os.File, do func(fd int, t *unix.Termios)) {
	conn, err := terminal.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { // fails once the terminal is closed
		if t, err := unix.IoctlGetTermios(int(fd), getTermios); err == nil {
			do(int(fd), t)
		}
	})
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
