// Package just is the `just` of a practice world and its `terraform`. It does what the
// three recipes of the practice justfile do, and prints what the real programs would
// print. It supports nothing else of the two programs.
package just

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"catalog-runbook/steps/practice/state"
)

// The variables that make our own binary the practice `just` and `terraform`.
const (
	ControlVariable = "CATALOG_RUNBOOK_PRACTICE" // the world's folder
	// PaceVariable stretches the pauses in the output of the practice `just`:
	// 1 is the usual pace, 0 prints everything at once.
	PaceVariable = "CATALOG_RUNBOOK_PRACTICE_PACE"
)

// Programs are the names under which our own binary acts as another program in a
// practice world.
var Programs = []string{"just", "terraform"}

// Main acts as the practice `just` or `terraform` if the program was started under that
// name and with a world's environment, and returns the exit code and true. Else it does
// nothing and returns false.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int, ran bool) {
	if len(args) == 0 || os.Getenv(ControlVariable) == "" {
		return 0, false
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	if !slices.Contains(Programs, name) {
		return 0, false
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if name == "terraform" {
		err = terraformMain(args[1:], stdout)
	} else {
		c := command{stdin: stdin, stdout: stdout, stderr: stderr, pace: paceFromEnviron(), world: state.Folder(os.Getenv(ControlVariable))}
		err = c.run(ctx, args[1:])
	}
	var exit *exitError
	switch {
	case err == nil:
		return 0, true
	case errors.As(err, &exit):
		if exit.text != "" {
			fmt.Fprintln(stderr, exit.text)
		}
		return exit.code, true
	default:
		fmt.Fprintln(stderr, "error: "+err.Error())
		return 1, true
	}
}

// exitError ends the program with an exit code. Its text is printed as it is, without
// "error: " before it.
type exitError struct {
	code int
	text string
}

func (e *exitError) Error() string { return e.text }

// command is one invocation of `just`.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	pace           pace
	world          state.Folder
}

func (c *command) run(ctx context.Context, args []string) error {
	if slices.Equal(args, []string{"--version"}) {
		_, err := fmt.Fprintln(c.stdout, "just 1.57.0")
		return err
	}
	if len(args) != 3 {
		return &exitError{code: 2, text: "error: this is the just of a practice world; usage: just bump|plan|apply ENVIRONMENT SERVICE"}
	}
	root, err := c.openCheckout()
	if err != nil {
		return err
	}
	defer root.Close()
	if args[0] == "--dump" {
		return dump(root, c.stdout)
	}
	r, err := readRecipe(root, args[0], args[1], args[2])
	if err != nil {
		return err
	}
	s, err := findService(root, args[1], args[2])
	if err != nil {
		r.echo(c.stderr, 1) // the line that looks for the file is the first
		return r.failed(0)
	}
	r.echo(c.stderr, len(r.body))
	err = c.call(ctx, r, s)
	var exit *exitError
	if errors.As(err, &exit) {
		// The tool that the recipe calls has failed: just adds its own line.
		if exit.text != "" {
			fmt.Fprintln(c.stderr, exit.text)
		}
		return r.failed(len(r.body) - 1)
	}
	return err
}

// call does what the recipe would do.
func (c *command) call(ctx context.Context, r recipe, s service) error {
	switch r.name {
	case "bump":
		return c.bump(s)
	case "plan":
		flags, err := readFlags(r)
		if err != nil {
			return err
		}
		return c.plan(ctx, s, flags.out)
	case "apply":
		flags, err := readFlags(r)
		if err != nil {
			return err
		}
		return c.apply(ctx, s, flags.saved)
	}
	return fmt.Errorf("recipe `%s` is not one that the practice can run; hint: it knows bump, plan and apply", r.name)
}

// openCheckout returns the world's checkout. It fails if that is not the current
// directory, because a practice must not change a real checkout. Nothing outside of the
// checkout can be reached through the returned root.
func (c *command) openCheckout() (*os.Root, error) {
	root, err := os.OpenRoot(c.world.Checkout())
	if err != nil {
		return nil, fmt.Errorf("opening the practice world: %w; hint: its folder is removed when its practice is over; begin another practice", err)
	}
	own, err := root.Stat(".")
	here, errHere := os.Stat(".")
	switch {
	case err != nil || errHere != nil:
		err = errors.Join(err, errHere)
	case !os.SameFile(own, here):
		err = fmt.Errorf("this is the just of a practice world, which works in %s and nowhere else", c.world.Checkout())
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}
