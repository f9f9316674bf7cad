package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"runtime"

	"github.com/atotto/clipboard"
	tea "github.com/charmbracelet/bubbletea"

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
	world, err := steps.Connect(settings, creds, c.DryRun, commandEnvironment(s), nil)
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

// commandEnvironment is what commands see: all that the person has set, and the
// wish for output without colours.
func commandEnvironment(s streams) []string { return append(s.environ(), "NO_COLOR=1") }

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
	defer model.Close()
	// Signals end the context, also the one of a closed window, which Bubble Tea
	// does not look for: the terminal is given back in every case.
	program := tea.NewProgram(model, tea.WithContext(ctx), tea.WithoutSignalHandler(),
		tea.WithAltScreen(), tea.WithInput(s.in), tea.WithOutput(s.out))
	_, err := program.Run()
	if err != nil {
		return fmt.Errorf("drawing the checklist: %w", err)
	}
	return summarise(s.out, engine)
}

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
		b := &e.Bound().Steps[i]
		if _, err := fmt.Fprintf(w, "  %-10s %-4s %s\n", run.Status(b.Step.ID, now), number(b), b.Step.Text); err != nil {
			return err
		}
		if i == 50 {
			_, err := fmt.Fprintf(w, "  … and %d more\n", len(e.Bound().Steps)-i-1)
			return err
		}
	}
	return nil
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
	return exec.Command(path, url).Start()
}
