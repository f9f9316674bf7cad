package saved

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
)

// programs are those that may have made a plan.
var programs = []string{"terraform", "tofu"}

// mostTried is how many folders with the same configuration are tried. One is enough
// if Terraform was initialized there.
const mostTried = 3

// Shown says how a saved plan was read: by which program and version, and in which
// folder, relative to the checkout and with slashes.
type Shown struct {
	Program, Version, Dir string
	// Configuration is the hash of the folder's configuration if the plan is encrypted,
	// so that its own can't be read; else "".
	Configuration string
}

// Made is what is known about how a plan was made.
type Made struct {
	Checkout string
	Folders  []string // in which it may have been made; nil if that isn't known
	Environ  []string
	Through  []string // begins a command that runs another one in the recipe's environment, or nil
}

// Show writes the JSON of the saved plan into a file beside it. The program must run
// where the providers are: in the folder in which the plan was made, which Show finds
// in the checkout by the plan's configuration. A recipe may use either program; the
// wrong one refuses the file.
func (f Folder) Show(ctx context.Context, how Made) (Shown, error) {
	_ = os.Chmod(f.Plan(), 0o600) // its folder is private already
	root, err := filepath.EvalSymlinks(how.Checkout)
	if err != nil {
		return Shown{}, err
	}
	if encrypted(f.Plan()) {
		return f.showEncrypted(ctx, root, how)
	}
	environ := how.Environ
	made, err := ReadConfiguration(f.Plan())
	if err != nil {
		return Shown{}, err
	}
	dirs, err := made.Find(root)
	if err != nil {
		return Shown{}, fmt.Errorf("looking for its configuration: %w", err)
	}
	if len(dirs) == 0 {
		return Shown{}, fmt.Errorf("its configuration is not in %s", clean.Line(how.Checkout))
	}
	var first error
	for _, dir := range dirs[:min(len(dirs), mostTried)] {
		for _, program := range programs {
			version, err := f.showIn(ctx, program, dir, environ)
			if err == nil {
				below, err := filepath.Rel(root, dir)
				return Shown{Program: program, Version: version, Dir: filepath.ToSlash(below)}, err
			}
			first = cmp.Or(first, err)
			if ctx.Err() != nil {
				break
			}
		}
	}
	_ = os.Remove(f.json()) // at most half of it
	return Shown{}, first
}

func (f Folder) showIn(ctx context.Context, program, dir string, environ []string) (version string, err error) {
	if err := f.write(ctx, []string{program, "show", "-json", f.Plan()}, dir, environ); err != nil {
		return "", err
	}
	return Version(ctx, environ, program, dir)
}

// write writes what a command prints as the JSON of the plan.
func (f Folder) write(ctx context.Context, argv []string, dir string, environ []string) error {
	return writePrivate(f.json(), func(to *os.File) error {
		return command.Ask(ctx, command.Command{Argv: argv, Dir: dir, Env: queryEnviron(environ)}, to)
	})
}

// Version asks a program for its version in a folder.
func Version(ctx context.Context, environ []string, program, dir string) (string, error) {
	tool, err := command.FindTool(ctx, queryEnviron(environ), dir, program, "version", "-json")
	return tool.Version, err
}

// queryEnviron is the environment for queries to Terraform: that of commands, without
// what would add arguments, logs or a search for a newer version.
func queryEnviron(environ []string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "TF_CLI_ARGS") || strings.HasPrefix(entry, "TF_LOG")
	})
	return append(env, "CHECKPOINT_DISABLE=1")
}

// Variable returns the name of the variable whose words Terraform adds to the arguments
// of a command.
func Variable(command string) string { return "TF_CLI_ARGS_" + command }

// Arguments returns the Variable of a command with words after those that environ has
// already.
func Arguments(environ []string, command string, words ...string) ([]string, error) {
	name := Variable(command) + "="
	value := ""
	for _, entry := range environ {
		if rest, ok := strings.CutPrefix(entry, name); ok {
			value = rest + " "
		}
	}
	for _, w := range words {
		if strings.ContainsAny(w, "'\n") {
			return nil, fmt.Errorf("the folder of the run has a quotation mark in its name (%s), so Terraform can't be given a plan in it; hint: set XDG_STATE_HOME to another folder", clean.Line(w))
		}
		value += "'" + w + "' "
	}
	return []string{name + strings.TrimSpace(value)}, nil
}
