// Catalog-runbook turns a DEPLOYMENT.md into a checklist that verifies each step.
// The README says how to use it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/tui/terminal"
)

func main() { os.Exit(run(os.Args, system())) }

// streams are what a command reads and writes: data goes to out, messages to err.
type streams struct {
	in       *os.File
	out, err io.Writer
	terminal bool // out is a terminal
	environ  func() []string
	getenv   func(string) string
}

func system() streams {
	return streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: term.IsTerminal(int(os.Stdout.Fd())) && term.IsTerminal(int(os.Stdin.Fd())),
		environ: os.Environ, getenv: os.Getenv,
	}
}

// cli is the command line, from which kong makes the help and the errors.
type cli struct {
	Walk     walkCommand     `cmd:"" default:"withargs" help:"Walk a runbook as a checklist (this is what is done when no command is named)."`
	Practice practiceCommand `cmd:"" help:"Walk the same runbook in a practice world on this machine."`
	Check    checkCommand    `cmd:"" help:"Ask about every step once, without a terminal."`
	Lint     lintCommand     `cmd:"" help:"Show what each step is bound to, and why."`
	Verdict  verdictCommand  `cmd:"" help:"Judge a plan of Terraform or OpenTofu."`
	Plan     planCommand     `cmd:"" help:"Read a plan of Terraform or OpenTofu in its pane, without a run."`
	Doctor   doctorCommand   `cmd:"" help:"Say what this machine has of what a runbook needs, and what is missing."`
	Runs     runsCommand     `cmd:"" help:"List the runs that were begun on this machine."`
	Resume   resumeCommand   `cmd:"" help:"Go on with a run."`
	Report   reportCommand   `cmd:"" help:"Write what happened in a run."`
	Version  versionCommand  `cmd:"" help:"Print the version, the commit and the version of Go."`

	ShowVersion bool `name:"version" help:"Print the version, the commit and the version of Go."`
}

// run runs the program and returns its exit code.
func run(argv []string, s streams) int {
	if code, ran := command.Supervise(argv, s.in); ran {
		return code
	}
	if code, ran := just.Main(argv, s.in, s.out, s.err); ran {
		return code
	}
	if ran, err := terminal.GuardMain(); ran {
		if err != nil {
			return exitUsage
		}
		return 0
	}
	if len(argv) == 2 && (argv[1] == "--version" || argv[1] == "version") {
		_ = versionCommand{}.Run(s) // without the parser, which takes longer
		return 0
	}
	var c cli
	code := -1
	parser, err := kong.New(&c,
		kong.Name("catalog-runbook"),
		kong.Description("A DEPLOYMENT.md as a checklist that looks for itself whether each step is done."),
		kong.UsageOnError(),
		kong.Writers(s.out, s.err),
		kong.Exit(func(n int) { code = n }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		fmt.Fprintln(s.err, "catalog-runbook:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(argv[1:])
	switch {
	case code >= 0: // --help has been answered
		return code
	case err != nil:
		fmt.Fprintf(s.err, "catalog-runbook: %s\nhint: catalog-runbook --help\n", clean.Line(err.Error()))
		return exitUsage
	}
	if c.ShowVersion { // among other arguments
		_ = versionCommand{}.Run(s)
		return 0
	}
	ctx, stop := untilSignal()
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(s)
	var exit exitError
	switch {
	case ctx.Err() != nil && err != nil:
		return signalled(ctx)
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintln(s.err, "catalog-runbook:", message(exit.err))
		}
		return exit.code
	case err != nil:
		fmt.Fprintln(s.err, "catalog-runbook:", message(err))
		return exitUsage
	}
	return 0
}

// message formats an error for a terminal, with its hint on a line of its own.
func message(err error) string {
	return strings.Replace(clean.Block(err.Error()).String(), "; hint:", "\nhint:", 1)
}
