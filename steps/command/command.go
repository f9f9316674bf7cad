package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Command is a program and its arguments. It is never given to a shell.
type Command struct {
	Argv []string
	Dir  string   // where it runs
	Env  []string // the whole environment, "NAME=value"

	// Folder is where a supervisor keeps the record of this one command. Run
	// makes it; it must not exist, and the folder that it lies in must.
	Folder string
	// Limit is how long the command may take until it is interrupted once, as by
	// a person. Zero means for ever.
	Limit time.Duration
	// Secrets must not stand in the record of what is printed. They never stand
	// on a command line or on the disk.
	Secrets []string
}

// Input is something for a running command to read. A line ends with "\n". One
// with an ID reaches the command at most once, however often and by whomever it
// is sent; without one it is passed on each time.
type Input struct {
	ID   string
	Data []byte
}

// Stop is a way to end a running command.
type Stop int

const (
	// Interrupt sends one SIGINT to the command's whole group and leaves it the
	// time it needs. A command is interrupted once: a second signal makes
	// terraform give up without writing its state, so that it is dropped.
	Interrupt Stop = iota + 1
	// Kill ends the whole group at once, and leaves behind whatever it had begun.
	Kill
)

// Streams are what a running command prints and reads.
type Streams struct {
	// Output takes what is printed, with known secrets masked (clean.Masker), in
	// order and from one goroutine at a time. It must not keep the slice. Nil drops
	// what is printed.
	Output func(chunk []byte)
	// Input gives what a person types or the program answers. Closing the channel
	// does not end the command's input. It may be nil.
	Input <-chan Input
	// Stop asks the command to end. It may be nil.
	Stop <-chan Stop
}

// Outcome is how a command ended.
type Outcome struct {
	Exit    int // its exit code, or 128 and the number of the signal that ended it
	Ended   time.Time
	Whole   bool // all that it printed has been passed on
	Overran bool // it was interrupted because its limit was up
}

// Executor runs commands.
type Executor interface {
	// Run begins a command and follows it to its end. An error that is
	// ErrNeverRan, ErrDetached or ErrLost says what is known of the command; after
	// any other it is not known whether it runs, and Rejoin finds out.
	Run(ctx context.Context, cmd Command, io Streams) (Outcome, error)
	// Rejoin follows a command that Run began earlier, perhaps in a process that
	// is gone, with the same folder. Output is given all that was printed from the
	// beginning. The errors are those of Run.
	Rejoin(ctx context.Context, folder string, io Streams) (Outcome, error)
}

var (
	// ErrDetached is returned when the context ended before the command did. The
	// command goes on.
	ErrDetached = errors.New("the command goes on by itself")
	// ErrNeverRan is returned for a command that was certainly not run, and that
	// nobody will run any more.
	ErrNeverRan = errors.New("the command was not run")
	// ErrLost is returned when nobody knows how the command ended, or whether. It
	// comes as a *Lost where more is known.
	ErrLost = errors.New("nobody knows how the command ended")
)

// notRun is an error that means that a command was not run. Its text is the
// reason alone.
type notRun struct{ error }

func (notRun) Is(target error) bool { return target == ErrNeverRan }
func (e notRun) Unwrap() error      { return e.error }

// Finds returns nil if the command's program is there to be started, else the
// error with which Run would refuse it.
func (PTY) Finds(c Command) error {
	_, err := c.lookup()
	return err
}

// lookup finds the program on the PATH of the command's own environment. It
// looks in absolute folders only, so that a file in a checkout is never taken
// for a tool.
func (c Command) lookup() (string, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return "", fmt.Errorf("starting a command: it is empty")
	}
	name := c.Argv[0]
	if filepath.IsAbs(name) {
		return name, nil
	}
	if strings.ContainsRune(name, os.PathSeparator) {
		return "", fmt.Errorf("starting %q: want the name of a program on the PATH, or its full path", name)
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
	return "", fmt.Errorf("starting %q: it is not found; hint: install %s, or put it on the PATH", name, name)
}

// variable returns the value that the command would see; the last one counts.
func (c Command) variable(name string) string {
	value := ""
	for _, entry := range c.Env {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
