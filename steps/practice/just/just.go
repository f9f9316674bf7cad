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

// Programs are the names under which our own program is another one in a practice
// world.
var Programs = []string{"just", "terraform"}

// Main is called first thing in main and in a TestMain, with os.Args. When the
// program was started as the `just` or the `terraform` of a practice world - under
// that name, and with the world's environment - it does what they would, and
// returns the exit code and true. Else it does nothing and returns false.
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
		j := &justCommand{
			stdin: stdin, stdout: stdout, stderr: stderr,
			pace: paceFromEnviron(), world: state.Folder(os.Getenv(ControlVariable)),
		}
		err = j.run(ctx, args[1:])
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

// exitError ends the command with a code, and with a text that is complete as
// it stands.
type exitError struct {
	code int
	text string
}

func (e *exitError) Error() string { return e.text }

type justCommand struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	pace           pace
	world          state.Folder
}

func (j *justCommand) run(ctx context.Context, args []string) error {
	o, err := parseJustArgs(args)
	if err != nil {
		return err
	}
	if o.version {
		fmt.Fprintln(j.stdout, "just 1.57.0")
		return nil
	}
	file, err := readJustfile(o.justfile)
	if err != nil {
		return err
	}
	switch {
	case o.list:
		file.list(j.stdout)
		return nil
	case o.summary:
		fmt.Fprintln(j.stdout, file.summary())
		return nil
	case o.show != "":
		r, err := file.find(o.show)
		if err != nil {
			return err
		}
		fmt.Fprintln(j.stdout, r.source())
		return nil
	}
	dir := o.directory
	if dir == "" {
		dir = filepath.Dir(file.path)
	}
	calls, err := file.calls(o.rest)
	if err != nil {
		return err
	}
	for _, c := range calls {
		if o.dryRun {
			c.echoAll(j.stderr)
			continue
		}
		if err := j.call(ctx, file, dir, c); err != nil {
			return err
		}
	}
	return nil
}

// call does what a recipe of the practice justfile stands for.
func (j *justCommand) call(ctx context.Context, file justfile, dir string, c call) error {
	if c.recipe.name == "default" {
		file.list(j.stdout)
		return nil
	}
	run := map[string]func(context.Context, service, terraformCall) error{
		"bump": j.bump, "plan": j.plan, "apply": j.apply,
	}[c.recipe.name]
	if run == nil {
		return fmt.Errorf("recipe `%s` is not one that the practice can run; hint: it knows bump, plan and apply", c.recipe.name)
	}
	root, err := j.openCheckout(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	at, err := findService(root, c.args[0], c.args[1])
	if err != nil {
		c.echo(j.stderr, 1) // the line that looks for the file is the first
		return c.recipe.failed(0)
	}
	c.echo(j.stderr, len(c.recipe.body))
	how, err := c.terraform(dir)
	if err == nil {
		err = run(ctx, at, how)
	}
	var exit *exitError
	if errors.As(err, &exit) {
		// The tool that the recipe calls has failed: just adds its own line.
		if exit.text != "" {
			fmt.Fprintln(j.stderr, exit.text)
		}
		return c.recipe.failed(len(c.recipe.body) - 1)
	}
	return err
}

// openCheckout fails for every folder but the world's own checkout: a practice
// must not change a real one. Nothing outside of it can be reached through what
// is returned.
func (j *justCommand) openCheckout(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(j.world.Checkout())
	if err != nil {
		return nil, fmt.Errorf("opening the practice world: %w; hint: its folder is removed when its practice is over, begin another one", err)
	}
	own, err := root.Stat(".")
	asked, errAsked := os.Stat(dir)
	switch {
	case err != nil || errAsked != nil:
		err = errors.Join(err, errAsked)
	case !os.SameFile(own, asked):
		err = fmt.Errorf("this is the just of a practice world, which works in %s and not in %s", j.world.Checkout(), dir)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}
