package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"catalog-runbook/runbook/say"
)

// Command is a program and its arguments. It is never given to a shell.
type Command struct {
	Argv []string
	Dir  string   // where it runs
	Env  []string // the whole environment, "NAME=value"

	// Folder is the folder for the record of this command. Run makes it. It must not
	// exist, but its parent must.
	Folder string
	// Limit is how long the command may run before it is interrupted, once. Zero means
	// no limit.
	Limit time.Duration
	// Secrets are values to mask in the record of the output. They are never passed on
	// a command line or written to disk.
	Secrets []string
}

// Input is input for a running command. A line ends with "\n". Input with an ID reaches
// the command at most once, even if several processes send it; without an ID it is
// passed on each time. The terminal doesn't echo Secret input, and the record of
// the output has it masked.
type Input struct {
	ID     string
	Data   []byte
	Secret bool
}

// Stop is a way to end a running command.
type Stop int

const (
	// Interrupt sends a SIGINT to the command's whole group and lets it take the time
	// it needs. It has an effect only once, because a second signal would make
	// terraform exit without writing its state.
	Interrupt Stop = iota + 1
	// Kill sends a SIGKILL to the whole group, which can't finish anything.
	Kill
)

// Streams connect a running command to this program.
type Streams struct {
	// Output is called with the output, known secrets masked (clean.Masker), in order
	// and by one goroutine at a time. It must not retain the slice. It may be nil.
	Output func(chunk []byte)
	// Input carries what a person types and what the program answers. Closing the
	// channel doesn't end the command's input. It may be nil.
	Input <-chan Input
	// Stop carries requests to end the command. It may be nil.
	Stop <-chan Stop
}

// Outcome is how a command ended.
type Outcome struct {
	Exit    int // its exit code, or 128 plus the number of the signal that ended it
	Ended   time.Time
	Whole   bool // all output was passed on
	Overran bool // it was interrupted because of its limit
}

// Executor runs commands.
type Executor interface {
	// Run starts a command and waits until it has ended. If the error is ErrNeverRan,
	// ErrDetached or ErrLost, that says what is known about the command. After any
	// other error the command may be running, and Rejoin can find out.
	Run(ctx context.Context, cmd Command, io Streams) (Outcome, error)
	// Rejoin follows a command that was started by Run with the same folder, possibly
	// by another process. It passes on all output from the beginning, and returns the
	// errors of Run.
	Rejoin(ctx context.Context, folder string, io Streams) (Outcome, error)
}

var (
	// ErrDetached is returned if the context ended before the command did. The command
	// keeps running.
	ErrDetached = errors.New("the command keeps running")
	// ErrNeverRan is returned for a command that did not run and never will.
	ErrNeverRan = errors.New("the command was not run")
	// ErrLost is returned if it can't be known whether and how the command ended. The
	// error may be a *Lost, which says more.
	ErrLost = errors.New("the outcome of the command is unknown")
)

// notRun is an ErrNeverRan. Its text is only the reason.
type notRun struct{ error }

func (notRun) Is(target error) bool { return target == ErrNeverRan }
func (e notRun) Unwrap() error      { return e.error }

// Finds returns nil if the command's program can be found, else the error with which
// Run would refuse it.
func (PTY) Finds(c Command) error {
	_, err := c.lookup()
	return err
}

// lookup finds the program on the PATH of the command's own environment. It ignores
// relative folders, so that a file in a checkout is never run instead of a tool.
func (c Command) lookup() (string, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return "", fmt.Errorf("starting a command: empty command")
	}
	name := c.Argv[0]
	if filepath.IsAbs(name) {
		return name, nil
	}
	if strings.ContainsRune(name, os.PathSeparator) {
		return "", fmt.Errorf("starting %q: not the name of a program on the PATH, nor a full path", name)
	}
	for _, dir := range filepath.SplitList(c.variable("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return path, nil
		}
	}
	return "", say.Hint(fmt.Errorf("starting %q: not found", name), "install %s, or put it on the PATH", name)
}

// variable returns the value of a variable in the command's environment. If it occurs
// twice, the last one counts.
func (c Command) variable(name string) string {
	value := ""
	for _, entry := range c.Env {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
