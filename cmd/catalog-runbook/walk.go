package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/atotto/clipboard"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/tui"
	"catalog-runbook/tui/background"
)

type walkCommand struct {
	source
	DryRun  bool   `help:"Ask the real world, and change nothing: commands are shown instead of run."`
	Release string `help:"The release that the deployment is about." placeholder:"TAG"`
	look
}

// look is how the checklist is drawn.
type look struct {
	Theme string `enum:"auto,dark,light" default:"auto" help:"Draw for a dark or a light screen."`
}

// Run shows the checklist on the real world.
func (c walkCommand) Run(ctx context.Context, s streams) error {
	bound, settings, err := c.load()
	if err != nil {
		return err
	}
	if err := needTerminal(s); err != nil {
		return err
	}
	creds, err := credentials(ctx, settings, s.getenv)
	if err != nil {
		return exitError{exitCredentials, err}
	}
	world, err := steps.Connect(settings, creds, c.DryRun, commandEnvironment(s, ownVariables(settings)), nil)
	if err != nil {
		return err
	}
	mode := runbook.Live
	if c.DryRun {
		mode = runbook.DryRun
	}
	engine, err := steps.New(bound, world, steps.Options{Mode: mode, Environment: environment(bound), Actor: actor(s)})
	if err != nil {
		return err
	}
	if c.Release != "" {
		if err := engine.Choose(c.Release); err != nil {
			return err
		}
	}
	return show(ctx, s, engine, nil, c.look)
}

// needTerminal refuses to draw where nobody sees it.
func needTerminal(s streams) error {
	if s.terminal {
		return nil
	}
	return errors.New("the checklist needs a terminal; hint: `catalog-runbook check` asks about every step without one")
}

// environment names what is deployed to, as the document's commands do.
func environment(b *steps.Bound) string {
	for i := range b.Steps {
		if env := b.Steps[i].Params["environment"]; env != "" {
			return env
		}
	}
	return ""
}

// commandEnvironment is what commands see: all that the person has set but our
// own credentials for Airflow, and the wish for output without colours. What
// looks like a secret by its name is known as one from here on, because a
// command may print it.
func commandEnvironment(s streams, own []string) []string {
	var env []string
	for _, entry := range s.environ() {
		name, value, _ := strings.Cut(entry, "=")
		if secretName.MatchString(name) {
			clean.Secret(value)
		}
		if !slices.Contains(own, name) {
			env = append(env, entry)
		}
	}
	return append(env, "NO_COLOR=1")
}

// secretName matches the names under which secrets are commonly kept.
var secretName = regexp.MustCompile(`(?i)TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|(^|_)KEY$|_KEY_`)

// ownVariables are those that only this program reads.
func ownVariables(s steps.Settings) []string {
	own := []string{"AIRFLOW_PASSWORD", "AIRFLOW_TOKEN"}
	for _, value := range s.Airflow.Headers {
		if variable, ok := strings.CutPrefix(value, "env:"); ok {
			own = append(own, variable)
		}
	}
	return own
}

// actor is the name under which things are recorded.
func actor(s streams) string {
	name := s.getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}

// show runs the checklist until the person leaves it.
func show(ctx context.Context, s streams, engine *steps.Engine, world tui.Elsewhere, l look) error {
	model := tui.New(tui.Config{
		Engine: engine, World: world, Dark: background.Dark(l.Theme, s.getenv("COLORFGBG")),
		Plain: s.getenv("NO_COLOR") != "", Open: openLink, Copy: clipboard.WriteAll,
	})
	// Signals end the context, also the one of a closed window, which Bubble Tea
	// does not look for: the terminal is given back in every case.
	program := tea.NewProgram(model, tea.WithContext(ctx), tea.WithoutSignalHandler(),
		tea.WithAltScreen(), tea.WithInput(s.in), tea.WithOutput(s.out))
	_, err := program.Run()
	interrupted := model.Running()
	if interrupted != "" {
		fmt.Fprintf(s.err, "Interrupted `%s`; waiting until it has ended.\n", interrupted)
	}
	model.Close()
	if err != nil && interrupted != "" {
		fmt.Fprintf(s.err, "`%s` was interrupted: what it had begun may be half done; look at it before anything else.\n", interrupted)
	}
	if err != nil {
		return fmt.Errorf("drawing the checklist: %w", err)
	}
	if err := summarise(s.out, engine); err != nil || interrupted == "" {
		return err
	}
	return exitError{exitFailed, fmt.Errorf("`%s` was interrupted: what it had begun may be half done; look at it before anything else", interrupted)}
}

// summarised is how many steps are listed when the program ends.
const summarised = 50

// summarise says where the walk stands, for the terminal's history.
func summarise(w io.Writer, e *steps.Engine) error {
	run, now := e.Run(), e.World().Now()
	release := ""
	if tag := run.Release(); tag != "" {
		release = ", release " + clean.Line(tag).String()
	}
	if _, err := fmt.Fprintf(w, "%s (%s%s)\n", e.Bound().Document.Title, e.Mode(), release); err != nil {
		return err
	}
	for i := range e.Bound().Steps {
		if i == summarised {
			_, err := fmt.Fprintf(w, "  … and %d more\n", len(e.Bound().Steps)-i)
			return err
		}
		b := &e.Bound().Steps[i]
		if _, err := fmt.Fprintf(w, "  %-10s %-4s %s%s\n", run.Status(b.Step.ID, now), number(b), lockSign(b), ansi.Truncate(b.Step.Text.String(), 56, "…")); err != nil {
			return err
		}
	}
	return nil
}

func lockSign(b *steps.Binding) string {
	if b.Step.Locked {
		return "🔒 "
	}
	return ""
}

// openLink hands a link to the desktop. Its output is dropped, since it would
// be written over the screen.
func openLink(url string) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	path, err := exec.LookPath(opener)
	if err != nil {
		return fmt.Errorf("opening the link: there is no %s here", opener)
	}
	cmd := exec.Command(path, url)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("opening the link: %w", err)
	}
	go func() { _ = cmd.Wait() }() // a browser may stay open as long as it likes
	return nil
}
