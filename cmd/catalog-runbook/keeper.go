package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// keeper is a small process of ours that gives the terminal back where we no
// longer can: after a panic in whatever goroutine, a fatal error of the runtime,
// a SIGKILL. It holds the end of a socket whose other end only we hold, and to
// which the runtime writes what it says in a crash (runtime/debug.SetCrashOutput).
// While it is there, our own standard error leads nowhere: the runtime would
// write the same there, over the checklist and with the secrets in it.
//
// It leads a process group of its own, so that no key reaches it, knows nothing
// of our environment, and ends with us. A nil keeper keeps nothing.
type keeper struct {
	process *exec.Cmd
	stderr  int // the real standard error
}

// keepsake is what the keeper is told at its start, over a pipe that is closed
// then: neither the arguments nor the environment of a process are secret.
type keepsake struct {
	Terminal unix.Termios
	Secrets  [][]byte // masked in what is printed of a crash; bytes, because JSON would mend broken text
	Advice   string   // how to go on: printed last, "" for nothing
}

// How a keeper is told from a checklist: by both of them.
const (
	keeperArgument = "keep-terminal"
	keeperVariable = "CATALOG_RUNBOOK_KEEPER"
)

// keepTerminal starts the keeper of the terminal in s, which must be as it is to
// be given back. It does not wait for the keeper: whatever happens to us before
// it looks is still there when it does.
func keepTerminal(s streams, secrets []string, advice string) (*keeper, error) {
	out, ok := s.out.(*os.File)
	if !ok {
		return nil, errors.New("keeping the terminal: the output is no file")
	}
	talk, ok := s.err.(*os.File)
	if !ok {
		return nil, errors.New("keeping the terminal: the standard error is no file")
	}
	state, err := unix.IoctlGetTermios(int(s.in.Fd()), getTermios)
	if err != nil {
		return nil, fmt.Errorf("keeping the terminal: reading its state: %w", err)
	}
	told := keepsake{Terminal: *state, Advice: advice}
	for _, secret := range secrets {
		told.Secrets = append(told.Secrets, []byte(secret))
	}
	ours, theirs, err := crashSocket()
	if err != nil {
		return nil, fmt.Errorf("keeping the terminal: %w", err)
	}
	defer ours.Close() // the runtime has one of its own
	defer theirs.Close()
	k := &keeper{}
	if k.process, err = startKeeper(told, theirs, s.in, out, talk); err != nil {
		return nil, fmt.Errorf("keeping the terminal: %w", err)
	}
	if err := k.listen(ours); err != nil {
		k.end()
		return nil, fmt.Errorf("keeping the terminal: %w", err)
	}
	return k, nil
}

// startKeeper starts the process and tells it what it needs.
func startKeeper(told keepsake, crash, in, out, talk *os.File) (*exec.Cmd, error) {
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
		Path: executable, Args: []string{"catalog-runbook", keeperArgument}, Dir: "/",
		Env:   []string{keeperVariable + "=1"},
		Stdin: listens, ExtraFiles: []*os.File{crash, in, out, talk},
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	listens.Close() // so that telling fails where nobody listens any more
	if err := json.NewEncoder(tells).Encode(told); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		return nil, err
	}
	return cmd, nil
}

// crashSocket returns the two ends of what a crash is told through. It is a
// socket with as small a buffer as there may be, and no pipe: so the runtime has
// to wait for the keeper, and the shell cannot take the terminal over before the
// keeper has put it right.
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

// listen makes the keeper the only one who hears a crash.
func (k *keeper) listen(crash *os.File) error {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer nowhere.Close()
	if k.stderr, err = unix.FcntlInt(uintptr(syscall.Stderr), unix.F_DUPFD_CLOEXEC, 3); err != nil {
		return err
	}
	if err := debug.SetCrashOutput(crash, debug.CrashOptions{}); err != nil {
		return err
	}
	// The stacks of the others tell the keeper where the first one ends, while we
	// still wait for it.
	debug.SetTraceback("all")
	return unix.Dup2(int(nowhere.Fd()), syscall.Stderr)
}

// end sends the keeper away, once the terminal has been given back. It must not
// be deferred: a panic that passes by needs the keeper.
func (k *keeper) end() {
	if k == nil {
		return
	}
	if k.stderr > 0 {
		_ = unix.Dup2(k.stderr, syscall.Stderr)
		_ = unix.Close(k.stderr)
	}
	// Killing needs no answer: the keeper has nothing to do, and may be so new
	// that it has not looked yet, or be stopped. Only then may its socket be
	// closed, which it would take for our end.
	_ = k.process.Process.Kill()
	_ = k.process.Wait() // it was killed
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	debug.SetTraceback("single")
}
