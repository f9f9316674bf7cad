// Package command runs the commands that change the world: on a pseudo-terminal,
// under a supervisor that outlives this process, with a record of each on disk. It
// also asks tools that change nothing. It knows nothing about steps.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"catalog-runbook/runbook/clean"
)

// killDelay is how long the children of a program that was asked something may
// hold its output after it ended.
const killDelay = 2 * time.Second

// Ask runs a program that is only asked something: it has no terminal and no
// input, what it prints on its standard output goes to out, and it is ended with
// all that it has started when the context ends. Of the command, only Argv, Dir
// and Env count. An error says on one line what the program printed on its
// standard error.
func Ask(ctx context.Context, c Command, out io.Writer) error {
	var said head
	err := ask(ctx, c, out, &said)
	switch {
	case ctx.Err() != nil && err != nil:
		return fmt.Errorf("asking %s: %w", c.Argv[0], err)
	case err != nil:
		return fmt.Errorf("asking %s: %s", c.Argv[0], clean.Line(strings.TrimSpace(err.Error()+" "+oneLine(said.String()))))
	}
	return nil
}

// ask is Ask with the program's own words apart, and the bare error.
func ask(ctx context.Context, c Command, out, said io.Writer) error {
	path, err := c.lookup()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a group of its own, and no terminal to ask anything on
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killDelay
	cmd.Stdout, cmd.Stderr = out, said
	err = cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind; mostly nothing
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// head keeps the beginning of what is written to it, and takes the rest.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:max(0, min(len(p), toolOutput-h.Len()))])
	return len(p), nil
}

// oneLine takes line ends, and the frame that Terraform draws, out of a text.
func oneLine(text string) string {
	const most = 300
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n│╷╵", r) }), " ")
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}

// Limit returns a writer to w that refuses to write more than n bytes.
func Limit(w io.Writer, n int) io.Writer { return &limited{w, n} }

// limited refuses to hold more than it should.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("more output than is read")
	}
	return l.w.Write(p)
}
