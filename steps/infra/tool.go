package infra

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"syscall"

	"catalog-runbook/runbook/clean"
)

// Tool is a program that commands need.
type Tool struct {
	Path    string // "" where it is not there
	Version string // the first number with dots that it prints; "" where it prints none
}

// toolOutput is how much of what a tool says of itself is read, in bytes.
const toolOutput = 64 << 10

var versionNumber = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+(?:-[A-Za-z][A-Za-z0-9.]{0,20})?`)

// FindTool looks for a program where a command of that environment would find it,
// and runs it in dir with arguments that make it say which version it is. An error
// with a Path means that it is there and does not say. The tool is ended with the
// context, has no terminal and no input, and of what it prints nothing but the
// version is returned.
func FindTool(ctx context.Context, env []string, dir, name string, args ...string) (Tool, error) {
	path, err := Command{Argv: []string{name}, Env: env}.lookup()
	if err != nil {
		return Tool{}, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a group of its own, and no terminal to ask anything on
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killDelay
	var out bytes.Buffer
	cmd.Stdout = &limited{w: &out, left: toolOutput}
	err = cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind; mostly nothing
	}
	switch {
	case ctx.Err() != nil:
		return Tool{Path: path}, fmt.Errorf("asking %s for its version: %w", name, ctx.Err())
	case err != nil:
		return Tool{Path: path}, fmt.Errorf("asking %s for its version: %s", name, clean.Line(err.Error()))
	}
	version := versionNumber.FindString(out.String())
	if version == "" {
		return Tool{Path: path}, errors.New("asking " + name + " for its version: it names none")
	}
	return Tool{Path: path, Version: version}, nil
}
