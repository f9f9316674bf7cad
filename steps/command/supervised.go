package command

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"catalog-runbook/runbook/failpoint"
)

// Supervised runs each command under a supervisor, a process of its own, which is this
// program started again with other arguments. The supervisor owns the command's
// pseudo-terminal, writes its output to a file, and records how it ended. It has a Unix
// session of its own, so that the command isn't affected when this process, its
// terminal or its session ends. It exits only after the command.
//
// This process only reads the folder and sends input. It may end at any time, and
// another process can then call Rejoin.
//
// A Supervised may be used concurrently. If several processes follow the same command,
// all of them can send input and ask it to stop.
type Supervised struct {
	// Executable is the path of this program, whose main must call Supervise first.
	// "" means the running program.
	Executable string
}

var _ Executor = Supervised{}

// Finds returns nil if the command's program can be found, else the error with which
// Run would refuse it.
func (Supervised) Finds(c Command) error { return PTY{}.Finds(c) }

// Run implements Executor. When ctx ends it returns at once, and the command keeps
// running under its supervisor.
func (s Supervised) Run(ctx context.Context, cmd Command, io Streams) (Outcome, error) {
	to, err := s.prepare(ctx, cmd)
	if err != nil {
		return Outcome{}, notRun{err}
	}
	failpoint.Reach("supervised:folder")
	supervisor, err := s.start(ctx, to, cmd)
	if err != nil {
		err = to.forgo(fmt.Errorf("starting %s: %w", cmd.Argv[0], err))
	}
	var outcome Outcome
	if err == nil {
		failpoint.Reach("supervised:ordered")
		f := follower{folder: to, unclaimed: func() error {
			if !supervisor.gone() {
				return nil
			}
			return to.forgo(fmt.Errorf("starting %s: its supervisor couldn't start; hint: check for free disk space at %s", cmd.Argv[0], to))
		}}
		outcome, err = f.follow(ctx, io)
	}
	if !errors.Is(err, ErrDetached) {
		supervisor.reap()
	}
	return outcome, err
}

// Rejoin implements Executor. If no supervisor has claimed the command yet, Rejoin
// claims it, so that it never runs.
func (Supervised) Rejoin(ctx context.Context, path string, io Streams) (Outcome, error) {
	at := folder(path)
	// Without a folder, the process that wanted to run the command died before making it.
	if err := at.create(); err != nil && !errors.Is(err, fs.ErrExist) {
		return Outcome{}, fmt.Errorf("reading the state of the command: %w", err)
	}
	if err := at.owned(); err != nil {
		return Outcome{}, fmt.Errorf("reading the state of the command: %w", err)
	}
	f := follower{folder: at, unclaimed: func() error {
		err := at.claim(byFrontEnd)
		if errors.Is(err, fs.ErrExist) {
			return nil // the supervisor was quicker
		}
		if err != nil {
			return fmt.Errorf("making sure the command isn't run: %w", err)
		}
		return notRun{errors.New("the command was not run: its supervisor never took it on")}
	}}
	return f.follow(ctx, io)
}

// prepare checks the command and makes its folder. If it returns an error, nothing was
// run.
func (Supervised) prepare(ctx context.Context, cmd Command) (folder, error) {
	if os.Getenv(supervisorVariable) != "" {
		// Otherwise it would start itself again and again.
		return "", errors.New("starting a command: this process should be a supervisor, but isn't; hint: call command.Supervise before anything else")
	}
	if _, err := cmd.lookup(); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("starting %s: %w", cmd.Argv[0], err)
	}
	if info, err := os.Stat(cmd.Dir); cmd.Dir != "" && (err != nil || !info.IsDir()) {
		return "", fmt.Errorf("starting %s: no folder %q", cmd.Argv[0], cmd.Dir)
	}
	if !filepath.IsAbs(cmd.Folder) {
		return "", fmt.Errorf("starting %s: want the full path of a folder for its record, not %q", cmd.Argv[0], cmd.Folder)
	}
	to := folder(cmd.Folder)
	if err := to.create(); err != nil {
		return "", fmt.Errorf("starting %s: making a folder for its record: %w", cmd.Argv[0], err)
	}
	return to, nil
}

// order is the command that a supervisor must run. It is sent through a pipe, because it
// contains secrets, and as a gob, because arguments and variables need not be UTF-8. A
// truncated order can't be decoded.
type order struct {
	Argv    []string
	Dir     string
	Env     []string
	Limit   time.Duration
	Secrets []string
}

// start starts a supervisor and sends it the order. If it returns an error, there may be
// a supervisor, but it hasn't got the whole order.
func (s Supervised) start(ctx context.Context, to folder, cmd Command) (child, error) {
	path, err := s.executable()
	if err != nil {
		return child{}, err
	}
	dir := cmd.Dir
	if dir != "" {
		if dir, err = filepath.Abs(dir); err != nil {
			return child{}, err
		}
	}
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(order{Argv: cmd.Argv, Dir: dir, Env: cmd.Env, Limit: cmd.Limit, Secrets: cmd.Secrets}); err != nil {
		return child{}, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return child{}, err
	}
	defer null.Close()
	theirs, ours, err := os.Pipe()
	if err != nil {
		return child{}, err
	}
	defer theirs.Close()
	defer ours.Close()
	process, err := os.StartProcess(path, []string{supervisorName, supervisorWord, string(to)}, &os.ProcAttr{
		Dir: "/", Env: supervisorEnvironment(), Files: []*os.File{theirs, null, null}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return child{}, fmt.Errorf("starting its supervisor: %w", err)
	}
	supervisor := child{process.Pid}
	_ = process.Release() // child waits for it by its ID, without a goroutine
	theirs.Close()
	failpoint.Reach("supervised:started")
	// The supervisor may stop before it has read everything.
	defer context.AfterFunc(ctx, func() { _ = ours.SetWriteDeadline(time.Unix(1, 0)) })()
	if _, err := ours.Write(text.Bytes()); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return supervisor, fmt.Errorf("telling its supervisor: %w", err)
	}
	return supervisor, nil
}

// executable returns the path of the program to start. On Linux it is the running
// program even if its file was replaced.
func (s Supervised) executable() (string, error) {
	switch {
	case s.Executable != "":
		return filepath.Abs(s.Executable)
	case runtime.GOOS == "linux":
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// supervisorVariable is set in a supervisor's environment.
const supervisorVariable = "CATALOG_RUNBOOK_SUPERVISOR"

// supervisorEnvironment returns a nearly empty environment. That of the command is in
// the order.
func supervisorEnvironment() []string {
	env := []string{supervisorVariable + "=1"}
	const failpoints = "CATALOG_RUNBOOK_FAILPOINT" // see runbook/failpoint
	if point, ok := os.LookupEnv(failpoints); ok {
		env = append(env, failpoints+"="+point)
	}
	return env
}

// forgo claims the command so that it never runs, and returns an ErrNeverRan with the
// reason. It returns nil if a supervisor has claimed it after all. It must be called
// only if the supervisor is gone or hasn't got the order, so that the command can't run
// even if the claim can't be written.
func (f folder) forgo(reason error) error {
	if err := f.claim(byFrontEnd); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return notRun{reason}
}
