package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"

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
	c := Command{Argv: append([]string{name}, args...), Dir: dir, Env: env}
	path, err := c.lookup()
	if err != nil {
		return Tool{}, err
	}
	var out bytes.Buffer
	if err := ask(ctx, c, Limit(&out, toolOutput), io.Discard); err != nil {
		if ctx.Err() != nil {
			return Tool{Path: path}, fmt.Errorf("asking %s for its version: %w", name, err)
		}
		return Tool{Path: path}, fmt.Errorf("asking %s for its version: %s", name, clean.Line(err.Error()))
	}
	version := versionNumber.FindString(out.String())
	if version == "" {
		return Tool{Path: path}, errors.New("asking " + name + " for its version: it names none")
	}
	return Tool{Path: path, Version: version}, nil
}
