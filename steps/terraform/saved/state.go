package saved

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform/state"
)

// CompareState compares the state that a program finds in a folder with what the plan
// said that it would hold. through begins a command that runs another one in the recipe's
// environment, such as `just --command`; if it is empty, or the state can't be read so,
// the program is started by itself. CompareState changes nothing. It returns an error if
// the plan or the state can't be read.
func (f Folder) CompareState(ctx context.Context, program, dir string, environ, through []string) (state.Comparison, error) {
	if len(through) > 0 {
		argv := append(slices.Clone(through), program, "-chdir="+dir, "show", "-json")
		if c, err := f.compareState(ctx, argv, dir, environ); err == nil || ctx.Err() != nil {
			return c, err
		}
	}
	return f.compareState(ctx, []string{program, "show", "-json"}, dir, environ)
}

func (f Folder) compareState(ctx context.Context, argv []string, dir string, environ []string) (state.Comparison, error) {
	plan, err := os.Open(f.json())
	if err != nil {
		return state.Comparison{}, fmt.Errorf("the plan is gone: %s", clean.Line(err.Error()))
	}
	defer plan.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, w := io.Pipe()
	asked := make(chan error, 1)
	go func() {
		err := command.Ask(ctx, command.Command{Argv: argv, Dir: dir, Env: queryEnviron(environ)}, w)
		w.CloseWithError(err)
		asked <- err
	}()
	c, err := state.Compare(bufio.NewReader(reader{ctx, plan}), bufio.NewReader(r))
	if err == nil {
		_, err = io.Copy(io.Discard, r) // what follows the state, and the program's end
	}
	r.CloseWithError(err)
	cancel()
	if failed := <-asked; failed != nil && err != nil {
		err = failed // not what was missing from its output
	}
	return c, err
}
