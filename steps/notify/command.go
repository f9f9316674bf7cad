package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"catalog-runbook/runbook/clean"
)

// mostTime is how long the command may take for one event.
const mostTime = 10 * time.Second

// talkLimit is how much of what the command prints as an error is kept, in bytes.
const talkLimit = 4 << 10

// Command is the program that is told. It gets an event as one line of JSON on its
// standard input, and what it prints is shown only if it fails.
type Command struct {
	Argv    []string
	Environ []string      // without credentials
	Limit   time.Duration // at most; 0 is 10 seconds
}

// Tell runs the command for one event, in a process group of its own, which is killed
// when ctx ends or the time is over. It may be called concurrently.
func (c Command) Tell(ctx context.Context, e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return c.failed(err.Error())
	}
	limit := c.Limit
	if limit == 0 {
		limit = mostTime
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it did not end within %s", limit))
	defer cancel()
	path, err := exec.LookPath(c.Argv[0])
	if err != nil {
		return c.failed(err.Error())
	}
	cmd := exec.CommandContext(ctx, path, c.Argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that killing it kills its children, and no key reaches it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	cmd.Env = c.Environ
	cmd.Stdin = bytes.NewReader(append(line, '\n'))
	talk := &head{}
	cmd.Stderr = talk
	if err = cmd.Run(); err == nil {
		return nil
	}
	why := err.Error()
	if ctx.Err() != nil {
		why = context.Cause(ctx).Error()
	}
	if said := strings.TrimSpace(talk.String()); said != "" {
		why += ": " + said
	}
	return c.failed(why)
}

// failed returns an error that says which command it was. Its arguments aren't shown:
// they may hold an address that is a secret.
func (c Command) failed(why string) error {
	return fmt.Errorf("[notify] command failed: %s: %s", clean.Line(c.Argv[0]), clean.Line(why))
}

// head keeps the first talkLimit bytes of what is written.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	if room := talkLimit - h.Len(); room > 0 {
		h.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// Environ returns the variables of environ that hold no credentials: none of those in
// own, and none whose name is that of a secret.
func Environ(environ, own []string) []string {
	without := map[string]bool{}
	for _, name := range own {
		without[name] = true
	}
	var kept []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !without[name] && !clean.SecretName(name) && clean.Masked(value) == value {
			kept = append(kept, entry)
		}
	}
	return kept
}
