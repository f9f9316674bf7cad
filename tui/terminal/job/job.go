// Package job stops the program for a while, as ctrl+z does with others, and goes on when the
// shell says so.
//
// Bubble Tea v1 can do so too, but waits forever where nobody can wake the program, and
// takes the terminal away from the shell if it is woken in the background.
package job

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/sys/unix"
)

// NoShell tells a model that the program can't be stopped, since no shell would wake it.
type NoShell struct{}

// Terminal is what a tea.Program does with the terminal.
type Terminal interface {
	ReleaseTerminal() error
	RestoreTerminal() error
	Send(tea.Msg)
}

// A Job stops the program.
type Job struct {
	fd        int             // the terminal
	ctx       context.Context // ends when a signal asks the program to end
	program   Terminal
	suspended func(bool) // told when the terminal is the shell's, and when it is ours again
	left      chan struct{}
	asked     chan os.Signal
}

// New returns a Job for the terminal fd.
func New(ctx context.Context, fd int, suspended func(bool)) *Job {
	return &Job{fd: fd, ctx: ctx, suspended: suspended, left: make(chan struct{}), asked: make(chan os.Signal, 1)}
}

// Watch says which program is stopped, before it runs, and makes a SIGTSTP from outside do
// what ctrl+z does. The caller must call the function that it returns once the program ends.
func (j *Job) Watch(program Terminal) (end func()) {
	j.program = program
	signal.Notify(j.asked, syscall.SIGTSTP)
	go func() {
		for range j.asked {
			program.Send(tea.SuspendMsg{})
		}
	}()
	return func() {
		signal.Stop(j.asked)
		close(j.asked)
	}
}

// Left is closed when a signal has asked the stopped program to end. The terminal is the
// shell's then: the program must neither draw nor restore anything, and Filter never returns.
func (j *Job) Left() <-chan struct{} { return j.left }

// Filter is for tea.WithFilter: it stops the program at a tea.SuspendMsg and returns a
// tea.ResumeMsg when it goes on, or NoShell at once. Clocks go on meanwhile: the time limit of
// what was under way has passed.
func (j *Job) Filter(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.SuspendMsg); !ok {
		return msg
	}
	if !shell() {
		return NoShell{}
	}
	if j.program.ReleaseTerminal() != nil {
		return nil
	}
	j.suspended(true)
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(ends)
	for stopped := true; stopped; stopped = !j.inForeground() {
		stop()
		select { // what is to end the program comes before CONT, and is looked at by others first
		case <-ends:
			<-j.ctx.Done()
			j.goAway()
		case <-j.ctx.Done():
			j.goAway()
		case <-time.After(settles):
		}
	}
	j.suspended(false)
	_ = j.program.RestoreTerminal() // Bubble Tea ignores its error too: reading the terminal fails then
	return tea.ResumeMsg{}
}

// settles is how long it may take until a signal is known that came before CONT.
const settles = 50 * time.Millisecond

// goAway lets the program end without the terminal. It doesn't return.
func (j *Job) goAway() {
	signal.Ignore(syscall.SIGTTOU) // what is said in the end isn't held back
	close(j.left)
	select {}
}

// stop stops the process group, and returns when it goes on. A SIGTSTP would do nothing: once
// it has been watched, the Go runtime drops it.
func stop() {
	goes := make(chan os.Signal, 1)
	signal.Notify(goes, syscall.SIGCONT)
	defer signal.Stop(goes)
	_ = syscall.Kill(0, syscall.SIGSTOP) // can't fail: we are in the group
	<-goes
}

// inForeground reports whether the terminal is ours. In the background, after the shell's bg,
// whatever touches it would stop the program anyway.
func (j *Job) inForeground() bool {
	group, err := unix.IoctlGetInt(j.fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// shell reports whether a process is there that can wake this one: the kernel doesn't stop a
// group in which nobody has a parent in another group of the session. See "orphaned process
// group" in the General Terminal Interface of POSIX.
func shell() bool {
	group, err := unix.Getpgid(0)
	if err != nil {
		return false
	}
	session, err := unix.Getsid(0)
	if err != nil {
		return false
	}
	for pid := os.Getppid(); pid > 0; {
		switch its, err := unix.Getpgid(pid); {
		case err != nil:
			return false
		case its != group:
			its, err := unix.Getsid(pid)
			return err == nil && its == session
		}
		if pid, err = parent(pid); err != nil {
			return false
		}
	}
	return false
}
