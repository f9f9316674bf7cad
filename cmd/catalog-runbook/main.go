// Catalog-runbook turns a DEPLOYMENT.md into a checklist that verifies each step.
// The README says how to use it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"catalog-runbook/cmd/catalog-runbook/help"
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
	Walk     walkCommand     `cmd:"" default:"withargs" help:"Walk a runbook as a checklist (the default command)."`
	Rollback rollbackCommand `cmd:"" help:"Roll back to the previously deployed release, with the same steps and gates."`
	Practice practiceCommand `cmd:"" help:"Practice a deployment on this machine; nothing real is touched."`
	Check    checkCommand    `cmd:"" help:"Check the steps of a procedure once and exit (no terminal needed)."`
	Lint     lintCommand     `cmd:"" help:"Show what each step is bound to and why, and what is missing."`
	Verdict  verdictCommand  `cmd:"" help:"Judge a Terraform or OpenTofu plan."`
	Plan     planCommand     `cmd:"" help:"Browse a Terraform or OpenTofu plan without starting a run."`
	Triage   triageCommand   `cmd:"" help:"Show which deployment the changes between two versions need."`
	Doctor   doctorCommand   `cmd:"" help:"Check that this machine has what the runbook needs."`
	Init     initCommand     `cmd:"" help:"Write a settings file for a runbook."`
	Runs     runsCommand     `cmd:"" help:"List the runs on this machine."`
	Resume   resumeCommand   `cmd:"" help:"Resume a run."`
	Tick     tickCommand     `cmd:"" help:"State in a run that a manual step is done."`
	Skip     skipCommand     `cmd:"" help:"Skip a step of a run with a reason, or say who did it elsewhere."`
	Verify   verifyCommand   `cmd:"" help:"Verify steps of a run and record what was found."`
	Report   reportCommand   `cmd:"" help:"Print a report of a run."`
	Version  versionCommand  `cmd:"" help:"Print the version, the commit and the Go version."`

	Help helpCommand `cmd:"" help:"Read about a command or a topic."`
	Man  manCommand  `cmd:"" help:"Write the man pages."`

	Completion completionCommand `cmd:"" help:"Print the script that completes commands in a shell."`

	ShowVersion bool `name:"version" help:"Print the version, the commit and the Go version."`
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
	parser, err := newParser(&c, s, func(n int) { code = n })
	if err != nil {
		fmt.Fprintln(s.err, "catalog-runbook:", err)
		return exitUsage
	}
	if err := help.Unknown(parser.Model, argv[1:]); err != nil {
		fmt.Fprintln(s.err, "catalog-runbook:", message(err))
		return exitUsage
	}
	parsed, err := parser.Parse(argv[1:])
	switch {
	case code >= 0: // --help has been answered
		return code
	case err != nil:
		fmt.Fprintf(s.err, "catalog-runbook: %s\nhint: %s\n", clean.Line(wrongUsage(err, argv[1:], s.getenv)), usageHint(err))
		return exitUsage
	}
	if c.ShowVersion { // among other arguments
		_ = versionCommand{}.Run(s)
		return 0
	}
	ctx, stop := untilSignal()
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(s, parser)
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

// newParser returns the parser of the command line, whose model completion and the man
// pages read too. exit is called once it has answered --help.
func newParser(c *cli, s streams, exit func(int)) (*kong.Kong, error) {
	for _, entry := range os.Environ() { // an empty default is none
		if name, value, _ := strings.Cut(entry, "="); value == "" && strings.HasPrefix(name, "CATALOG_RUNBOOK_") {
			_ = os.Unsetenv(name)
		}
	}
	parser, err := kong.New(c,
		kong.Name("catalog-runbook"),
		kong.Description("Turn a DEPLOYMENT.md into a checklist that verifies each step for you."),
		kong.UsageOnError(),
		kong.Writers(s.out, s.err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		return nil, err
	}
	for _, n := range parser.Model.Children {
		n.Detail = help.Detail(n.Name)
	}
	return parser, nil
}

// wrongUsage returns what is wrong with the command line. A value that a variable gave a flag is
// said to be that variable's.
func wrongUsage(err error, argv []string, getenv func(string) string) string {
	text := err.Error()
	var wrong *kong.ParseError
	if !errors.As(err, &wrong) || wrong.Context == nil {
		return text
	}
	for _, f := range wrong.Context.Flags() {
		flag := "--" + f.Name
		typed := slices.ContainsFunc(argv, func(arg string) bool { return arg == flag || strings.HasPrefix(arg, flag+"=") })
		if rest, is := strings.CutPrefix(text, flag+" must be"); is && !typed && len(f.Envs) > 0 && getenv(f.Envs[0]) != "" {
			return "the variable " + f.Envs[0] + " must be" + rest
		}
	}
	return text
}

// usageHint says what to type instead: an example of the command, and where its help is.
func usageHint(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil {
		if n := wrong.Context.Selected(); n != nil {
			if example := help.Example(n.Name); example != "" {
				return fmt.Sprintf("for example `%s`; `catalog-runbook %s --help` says more", example, n.Name)
			}
		}
	}
	return "`catalog-runbook --help` lists the commands"
}

// message formats an error for a terminal, with its hint on a line of its own.
func message(err error) string {
	text := err.Error()
	var file *fs.PathError
	if errors.As(err, &file) {
		text = strings.Replace(text, file.Error(), fileProblem(file), 1)
	}
	return strings.Replace(clean.Block(text).String(), "; hint:", "\nhint:", 1)
}

// fileProblem says as a sentence what is wrong with a file, without the system call that failed.
func fileProblem(err *fs.PathError) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return err.Path + " doesn't exist"
	case errors.Is(err, fs.ErrPermission):
		return "you have no permission for " + err.Path
	case errors.Is(err, syscall.EISDIR):
		return err.Path + " is a folder"
	case errors.Is(err, syscall.ENOTDIR):
		return "something in " + err.Path + " is a file and not a folder"
	}
	return err.Path + ": " + err.Err.Error()
}
