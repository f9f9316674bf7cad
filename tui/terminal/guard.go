// Package terminal gives the terminal back when the checklist can't.
package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/terminal/restore"
)

// Guard is a small process of ours that restores the terminal after an end that
// the checklist can't handle: a panic in any goroutine, a fatal error of the
// runtime, a SIGKILL. It holds one end of a socket whose other end only we hold, and
// to which the runtime writes its crash report (runtime/debug.SetCrashOutput).
// Meanwhile our own standard error leads nowhere: the runtime would write the same
// there, over the checklist and with the secrets in it.
//
// It leads a process group of its own, so that no key reaches it, knows nothing
// of our environment, and ends with us. A nil Guard guards nothing.
type Guard struct {
	process *exec.Cmd
	stderr  int      // the real standard error
	socket  *os.File // to which the runtime writes its crash report
}

// Protect starts a guard for the terminal, which must be in the state that is to be
// restored: in is what the checklist reads, out and talk are its standard output and
// error. The guard writes undo first, which ends what is begun besides the modes that it knows,
// masks secrets in a crash report and prints advice after it.
// Protect doesn't wait until the guard runs: what happens before is still there then.
func Protect(in *os.File, out, talk io.Writer, undo string, secrets []string, advice string) (*Guard, error) {
	outFile, ok := out.(*os.File)
	if !ok {
		return nil, errors.New("protecting the terminal: the output isn't a file")
	}
	talkFile, ok := talk.(*os.File)
	if !ok {
		return nil, errors.New("protecting the terminal: the standard error isn't a file")
	}
	state, err := restore.Terminal(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("protecting the terminal: reading its state: %w", err)
	}
	o := restore.Orders{Terminal: *state, Undo: undo, Advice: advice}
	for _, secret := range secrets {
		o.Secrets = append(o.Secrets, []byte(secret))
	}
	ours, theirs, err := crashSocket()
	if err != nil {
		return nil, fmt.Errorf("protecting the terminal: %w", err)
	}
	defer theirs.Close()
	g := &Guard{socket: ours}
	if g.process, err = start(o, theirs, in, outFile, talkFile); err != nil {
		ours.Close()
		return nil, fmt.Errorf("protecting the terminal: %w", err)
	}
	if err := g.redirect(ours); err != nil {
		g.End()
		return nil, fmt.Errorf("protecting the terminal: %w", err)
	}
	return g, nil
}

// start starts the process and gives it its orders.
func start(o restore.Orders, crash, in, out, talk *os.File) (*exec.Cmd, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	listens, tells, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer listens.Close()
	defer tells.Close()
	cmd := &exec.Cmd{
		Path: executable, Args: []string{"catalog-runbook", restore.Argument}, Dir: "/",
		Env:   []string{restore.Variable + "=1"},
		Stdin: listens, ExtraFiles: []*os.File{crash, in, out, talk},
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	listens.Close() // so that writing fails once the guard has ended
	if err := json.NewEncoder(tells).Encode(o); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		return nil, err
	}
	return cmd, nil
}

// crashSocket returns the two ends of the socket for the crash report. A socket can
// have a much smaller buffer than a pipe: so the runtime has
// to wait for the guard, and the shell can't take the terminal over before the
// guard has restored it.
func crashSocket() (ours, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	_ = syscall.SetsockoptInt(ends[0], syscall.SOL_SOCKET, syscall.SO_SNDBUF, 1) // more is only less strict
	return os.NewFile(uintptr(ends[0]), "crash"), os.NewFile(uintptr(ends[1]), "crash"), nil
}

// redirect sends crash reports to the guard only.
func (g *Guard) redirect(crash *os.File) error {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer nowhere.Close()
	if g.stderr, err = unix.FcntlInt(uintptr(syscall.Stderr), unix.F_DUPFD_CLOEXEC, 3); err != nil {
		return err
	}
	if err := debug.SetCrashOutput(crash, debug.CrashOptions{}); err != nil {
		return err
	}
	// The other stacks tell the guard where the first one ends, while we still wait
	// for it.
	debug.SetTraceback("all")
	return unix.Dup2(int(nowhere.Fd()), syscall.Stderr)
}

// Suspended tells the guard that the terminal is the shell's from now on, or ours again: if
// the checklist ends while it is the shell's, the guard must only say so. A guard that is gone
// isn't told.
func (g *Guard) Suspended(suspended bool) {
	if g == nil {
		return
	}
	said := byte(restore.Resumed)
	if suspended {
		said = restore.Suspended
	}
	_, _ = g.socket.Write([]byte{said}) // nobody guards the terminal if it can't be written
}

// End stops the guard, once the terminal has been restored. It must not be deferred:
// a panic that passes by needs the guard.
func (g *Guard) End() {
	if g == nil {
		return
	}
	if g.stderr > 0 {
		_ = unix.Dup2(g.stderr, syscall.Stderr)
		_ = unix.Close(g.stderr)
	}
	// Killing needs no answer: the guard has nothing to do, and may not have started
	// yet, or be stopped. Only then may its socket be closed, which it would take for
	// our end.
	_ = g.process.Process.Kill()
	_ = g.process.Wait() // it was killed
	_ = g.socket.Close() // the runtime has one of its own
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	debug.SetTraceback("single")
}

// GuardMain is the main function of a guard: it says how the checklist ended, once the
// terminal has been restored. Where the program wasn't started as a guard, it does
// nothing and returns false.
func GuardMain() (ran bool, err error) {
	end := restore.Ended
	switch {
	case end == nil:
		return false, nil
	case end.Err != nil:
		return true, end.Err
	}
	buffer := make([]byte, 4<<10)
	for n := 0; err == nil && !complete(end.Said); {
		n, err = end.Crash.Read(buffer)
		end.Said = append(end.Said, buffer[:n]...)
	}
	for _, secret := range end.Orders.Secrets {
		clean.Secret(secretForms(string(secret))...)
	}
	_, _ = io.WriteString(end.Talk, crashMessage(end.Said, end.Orders.Advice)) // an error has nowhere to go
	_, _ = io.Copy(io.Discard, end.Crash)
	return true, nil
}
