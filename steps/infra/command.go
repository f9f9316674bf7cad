package infra

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Command is a program and its arguments. It is never given to a shell.
type Command struct {
	Argv []string
	Dir  string   // where it runs
	Env  []string // the whole environment, "NAME=value"
}

// Streams are what a running command prints and reads.
type Streams struct {
	// Output takes what is printed, as it is, in order and from one goroutine
	// at a time. It must not keep the slice. Nil drops what is printed.
	Output func(chunk []byte)
	// Input gives what a person types or the program answers. A line ends with
	// "\n"; closing the channel does not end the command's input. It may be nil.
	Input <-chan []byte
}

// Executor runs commands to their end.
type Executor interface {
	// Run returns the command's exit code, or 128 and the number of the signal
	// that ended it. The error is for a command that could not be started or
	// waited for. When ctx ends the command is asked to stop, and Run still
	// waits until it has.
	Run(ctx context.Context, cmd Command, io Streams) (exit int, err error)
}

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
