package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/atotto/clipboard"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/tui"
	"catalog-runbook/tui/background"
	"catalog-runbook/tui/terminal"
	"catalog-runbook/tui/terminal/shorten"
)

type walkCommand struct {
	source
	DryRun  bool   `help:"Ask the real world, and change nothing: commands are shown instead of run."`
	Release string `help:"The release that the deployment is about." placeholder:"TAG"`
	appearance
}

// appearance is how to draw the checklist.
type appearance struct {
	Theme string `enum:"auto,dark,light" default:"auto" help:"Draw for a dark or a light screen."`
}

// Run shows the checklist on the real world.
func (c walkCommand) Run(ctx context.Context, s streams) error {
	collect := collectLater(startMemory)
	defer collect()
	l, err := c.load()
	if err != nil {
		return err
	}
	if err := needTerminal(s); err != nil {
		return err
	}
	mode := runbook.Live
	if c.DryRun {
		mode = runbook.DryRun
	}
	world, err := realWorld(ctx, s, l.settings, mode)
	if err != nil {
		return err
	}
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	if mode == runbook.Live {
		if err := runs.unsettled(world.Checkout.Dir, ""); err != nil {
			return err
		}
	}
	k, err := runs.begin()
	if err != nil {
		return err
	}
	defer k.close()
	engine, err := steps.New(l.bound, world, k.options(steps.Options{
		Mode: mode, Environment: environment(l.bound), Source: l.document, Settings: l.settingsFile,
	}))
	if err == nil && c.Release != "" {
		err = engine.Choose(c.Release)
	}
	if err != nil {
		return errors.Join(err, k.discard())
	}
	return show(ctx, s, walk{engine: engine, run: k, collect: collect, appearance: c.appearance})
}

// startMemory is how much memory may be used before the checklist is drawn without
// collecting garbage. A runbook of 10,000 steps needs a quarter of it.
const startMemory = 256 << 20

// collectsLater says that collectLater is in effect: it changes settings of the process.
var collectsLater atomic.Bool

// collectLater keeps the garbage collector from running before this many bytes are in
// use, and returns a function that lets it run again. Until the checklist is drawn, nearly
// all that is allocated stays in use, and marking it took a third of the time.
func collectLater(bytes int64) func() {
	if !collectsLater.CompareAndSwap(false, true) {
		return func() {}
	}
	limit := debug.SetMemoryLimit(-1) // only reads it
	percent := debug.SetGCPercent(-1)
	debug.SetMemoryLimit(min(limit, bytes))
	return sync.OnceFunc(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
		collectsLater.Store(false)
	})
}

// realWorld connects to the real services.
func realWorld(ctx context.Context, s streams, set steps.Settings, mode runbook.Mode) (*steps.World, error) {
	creds, err := credentials(ctx, s, set)
	if err != nil {
		return nil, err
	}
	world, err := steps.Connect(set, creds, mode == runbook.DryRun, commandEnvironment(s, ownVariables(set)), nil)
	if err == nil {
		world.Earlier = earlierRuns(s)
	}
	return world, err
}

// credentials returns the credentials for the services. Its error is the first problem.
func credentials(ctx context.Context, s streams, set steps.Settings) (steps.Credentials, error) {
	creds, problems := settings.Credentials(ctx, set, s.getenv)
	if len(problems) > 0 {
		return creds, exitError{exitCredentials, problems[0]}
	}
	return creds, nil
}

// needTerminal returns an error if there is no terminal to draw on.
func needTerminal(s streams) error {
	if s.terminal {
		return nil
	}
	return errors.New("the checklist needs a terminal; hint: without one, `catalog-runbook check` asks the real services about every step")
}

// environment returns the name of the environment that the document's commands
// deploy to, "" if they name none.
func environment(b *steps.Bound) string {
	for i := range b.Steps {
		if env := b.Steps[i].Params["environment"]; env != "" {
			return env
		}
	}
	return ""
}

// A walk is what the checklist shows.
type walk struct {
	engine  *steps.Engine
	run     *openRun
	world   tui.Elsewhere // nil outside of practice
	observe func() error  // fetches what another process records; nil if this one records
	notice  clean.Text    // what a person must know about the run
	collect func()        // lets garbage be collected again; may be nil
	appearance
}

// show runs the checklist until the person leaves it or ctx ends. A running command
// continues under its supervisor.
func show(ctx context.Context, s streams, w walk) error {
	model := tui.New(tui.Config{
		Engine: w.engine, World: w.world, Dark: background.Dark(w.Theme, s.getenv("COLORFGBG")),
		Plain: s.getenv("NO_COLOR") != "", Open: openLink, Copy: clipboard.WriteAll,
		Observe: w.observe, Notice: w.notice,
	})
	if w.run != nil {
		go w.run.runs.forgetOldPlans() // the checklist doesn't wait for the disk
	}
	err := drawUntil(ctx, s, s.in, model, w.engine.World().Secrets(), w.advice(), w.collect)
	model.Close()
	if err != nil {
		w.leave(s.err)
		return fmt.Errorf("drawing the checklist: %w", err)
	}
	if err := summarise(s.out, w.engine); err != nil {
		return err
	}
	return w.leave(s.err)
}

// drawUntil shows a model until it quits or ctx ends. in is the terminal that keys come from,
// advice how to go on after a crash, and ready, which may be nil, is called once the
// model is about to be drawn.
func drawUntil(ctx context.Context, s streams, in *os.File, model tea.Model, secrets []string, advice string, ready func()) error {
	shown, input := breakable(model, in)
	// Signals end ctx, also SIGHUP, which Bubble Tea doesn't handle. So the terminal
	// is restored in every case.
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithAltScreen(), tea.WithInput(input), tea.WithOutput(screen(s)),
	}
	// Without a guard, Bubble Tea restores the terminal after the panics that it can
	// catch, and prints them unmasked.
	guard, err := terminal.Protect(in, s.out, s.err, knownSecrets(secrets, s.environ()), advice)
	if err == nil {
		options = append(options, tea.WithoutCatchPanics())
	}
	program := tea.NewProgram(shown, options...)
	if ready != nil {
		ready()
	}
	_, err = program.Run()
	guard.End()
	return err
}

// screen returns what to draw on.
func screen(s streams) io.Writer {
	if file, ok := s.out.(shorten.File); ok {
		return shorten.New(file, shorten.Narrow(s.getenv))
	}
	return s.out
}

// advice says how to resume the run after a crash, "" if there is nothing to resume.
func (w walk) advice() string {
	if w.run == nil || w.observe != nil {
		return ""
	}
	return "This run is kept. Go on with it: catalog-runbook resume " + w.run.journal.ID()
}

// openLink opens a link in the desktop's browser. It drops the browser's output,
// which would be written over the screen.
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
