// Package command runs the commands that change the world: on a pseudo-terminal,
// under a supervisor that outlives this process, with a record of each on disk. It
// also runs tools that only answer a question. It knows nothing about steps.
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

// waitDelay is how long the children of a program may keep its output open after
// it has exited.
const waitDelay = 2 * time.Second

// Ask is Query for a program whose standard error matters only when it fails: the
// error quotes the beginning of it, on one line.
func Ask(ctx context.Context, c Command, out io.Writer) error {
	var said head
	err := Query(ctx, c, out, &said)
	switch {
	case ctx.Err() != nil && err != nil:
		return fmt.Errorf("asking %s: %w", c.Argv[0], err)
	case err != nil:
		return fmt.Errorf("asking %s: %s", c.Argv[0], clean.Line(strings.TrimSpace(err.Error()+" "+oneLine(said.String()))))
	}
	return nil
}

// Query runs a program that changes nothing. It has no terminal and no input, and
// is killed with all that it has started when ctx is done. Query uses only the Argv,
// Dir and Env of c. It returns the error of ctx, or that of exec.Cmd.Run.
func Query(ctx context.Context, c Command, stdout, stderr io.Writer) error {
	path, err := c.lookup()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a process group of its own, and no terminal to prompt on
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = waitDelay
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // processes it left behind; usually none
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// head keeps the first toolOutput bytes written to it and drops the rest.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:max(0, min(len(p), toolOutput-h.Len()))])
	return len(p), nil
}

// oneLine joins the lines of a text, without the frame that Terraform draws
// around an error, and cuts it off after 300 bytes.
func oneLine(text string) string {
	const most = 300
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n│╷╵", r) }), " ")
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}

// Limit returns a writer to w that fails once more than n bytes are written.
func Limit(w io.Writer, n int) io.Writer { return &limited{w, n} }

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
