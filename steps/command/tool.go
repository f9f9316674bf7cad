package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// Tool is a program that commands need.
type Tool struct {
	Path    string // "" if it isn't installed
	Version string // the first number with dots that it prints; "" if it prints none
}

// toolOutput is how many bytes of a tool's output are read.
const toolOutput = 64 << 10

var versionNumber = pattern.Lazy(`[0-9]+(?:\.[0-9]+)+(?:-[A-Za-z][A-Za-z0-9.]{0,20})?`)

// Installed reports whether a program is on the PATH of env.
func Installed(env []string, name string) bool {
	c := Command{Argv: []string{name}, Env: env}
	_, err := c.lookup()
	return err == nil
}

// FindTool looks up a program on the PATH of env, and runs it in dir with args,
// which must make it print its version; see Query for how. If it is installed but
// its version can't be read, FindTool returns its path along with the error.
func FindTool(ctx context.Context, env []string, dir, name string, args ...string) (Tool, error) {
	c := Command{Argv: append([]string{name}, args...), Dir: dir, Env: env}
	path, err := c.lookup()
	if err != nil {
		return Tool{}, err
	}
	var out bytes.Buffer
	if err := Query(ctx, c, Limit(&out, toolOutput), io.Discard); err != nil {
		if ctx.Err() != nil {
			return Tool{Path: path}, fmt.Errorf("asking %s for its version: %w", name, err)
		}
		return Tool{Path: path}, fmt.Errorf("asking %s for its version: %s", name, clean.Line(err.Error()))
	}
	version := versionNumber().FindString(out.String())
	if version == "" {
		return Tool{Path: path}, errors.New("asking " + name + " for its version: it printed none")
	}
	return Tool{Path: path, Version: version}, nil
}
