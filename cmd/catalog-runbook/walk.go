package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/cmd/catalog-runbook/alerts"
	"catalog-runbook/cmd/catalog-runbook/appearance"
	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/tui"
	"catalog-runbook/tui/terminal"
	"catalog-runbook/tui/terminal/clip"
	"catalog-runbook/tui/terminal/display"
	"catalog-runbook/tui/terminal/input"
	"catalog-runbook/tui/terminal/job"
	"catalog-runbook/tui/terminal/shorten"
)

type walkCommand struct {
	source
	DryRun  bool   `env:"CATALOG_RUNBOOK_DRY_RUN" help:"Check the real services, but only show the commands instead of running them."`
	Live    bool   `help:"Deploy for real. This is also what is done where a document or a release is named; else a person at a terminal is asked."`
	Release string `help:"The release to deploy." placeholder:"TAG"`
	filling
	manner
}

// manner is how to show a walk.
type manner struct {
	Plain bool `env:"CATALOG_RUNBOOK_PLAIN" help:"Walk line by line: for screen readers, serial lines, logs and expect. Also if TERM is dumb, ACCESSIBLE is set, or output is not a terminal but input is."`
	appearance.Flags
}

// rollbackCommand walks the same steps, back to an older release.
type rollbackCommand struct{ walkCommand }

// Run shows the checklist on the real world.
func (c rollbackCommand) Run(ctx context.Context, s streams) error { return c.walk(ctx, s, true) }

// Run shows the checklist on the real world. Where nobody has said what to do, it asks.
func (c walkCommand) Run(ctx context.Context, s streams) error {
	switch {
	case c.Live && c.DryRun:
		return errors.New("--live and --dry-run exclude each other")
	case c.undecided() && s.typed():
		return c.start(ctx, s)
	}
	return c.walk(ctx, s, false)
}

func (c walkCommand) walk(ctx context.Context, s streams, rollback bool) error {
	collect := collectLater(startMemory)
	defer collect()
	l, err := c.load()
	if err != nil {
		return err
	}
	if err := c.needTerminal(s); err != nil {
		return err
	}
	if err := l.someSteps(); err != nil {
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
	world.SettingsFile = l.settingsFile
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	if mode == runbook.Live {
		if err := runs.unsettled(world.Checkout.Dir, ""); err != nil {
			return err
		}
	}
	w := walk{collect: collect, plainly: c.plain(s), settings: l.settings, Flags: c.Flags}
	var back *runbook.Rollback
	if rollback {
		fmt.Fprintln(s.err, "Finding what is deployed now, and what was deployed before.")
		bound, err := c.bound(l.bound)
		if err != nil {
			return err
		}
		if back, c.Release, w.notice, err = goBack(ctx, bound, *world, runs.deployments(mode, bound.Environment()), c.Release); err != nil {
			return err
		}
	}
	if w.run, err = runs.begin(); err != nil {
		return err
	}
	defer w.run.close()
	w.engine, err = steps.New(l.bound, world, w.run.options(steps.Options{
		Mode: mode, Environment: l.bound.Environment(), Source: l.document, Settings: l.settingsFile, Rollback: back,
	}))
	if err == nil {
		err = c.fill(w.engine)
	}
	if err == nil && c.Release != "" {
		err = w.engine.Choose(c.Release)
	}
	if err != nil {
		return errors.Join(err, w.run.discard())
	}
	return show(ctx, s, w)
}

// goBack finds out what a rollback goes back from and to, and says so. It changes nothing.
func goBack(ctx context.Context, bound *steps.Bound, world steps.World, runs iter.Seq[[]runbook.Event], release string) (*runbook.Rollback, string, clean.Text, error) {
	world.Executor = nil
	engine, err := steps.New(bound, &world, steps.Options{Mode: runbook.DryRun})
	if err != nil {
		return nil, "", clean.Text{}, err
	}
	from, to, why, err := engine.Back(ctx, runs, release)
	if err != nil {
		return nil, "", clean.Text{}, err
	}
	text := "Going back"
	if from != "" {
		text += " from " + from
	}
	text += " to " + to
	if !why.Empty() {
		text += ": " + why.String()
	}
	return &runbook.Rollback{From: from}, to, clean.Line(text + "."), nil
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
	world, err := steps.Connect(set, settings.Credentials(ctx, set, s.getenv), mode == runbook.DryRun, commandEnvironment(s, ownVariables(set)), nil)
	if err == nil {
		world.Earlier = earlierRuns(s)
	}
	return world, err
}

// A walk is what the checklist shows.
type walk struct {
	engine  *steps.Engine
	run     *openRun
	world   elsewhere.World                      // nil outside of practice
	observe func() error                         // fetches what another process records; nil if this one records
	holder  func() (journal.Holder, bool, error) // that process, if observe is set
	notice  clean.Text                           // what a person must know about the run
	collect func()                               // lets garbage be collected again; may be nil
	plainly bool                                 // line by line

	settings steps.Settings // of the screen, and of who is told what
	appearance.Flags
}

// show runs the checklist until the person leaves it or ctx ends. A running command
// continues under its supervisor.
func show(ctx context.Context, s streams, w walk) error {
	if missing := w.engine.World().Airflow.Missing; missing != nil && w.notice.Empty() {
		text, hint := say.HintOf(missing)
		w.notice = clean.Linef("Airflow is not asked: %s. %s, and start again.", text, say.Capital(hint))
	}
	if w.plainly {
		return showPlain(ctx, s, w)
	}
	out := screenOf(s, w.Features(w.settings, s.getenv))
	copies := clip.Clipboard{Getenv: s.getenv, Send: out.Send}
	config := tui.Config{
		Engine: w.engine, World: w.world, Theme: w.Flags.Decide(w.settings, s.getenv), Open: browser{s.getenv}.open, Copy: copies.Copy, Send: out.Send,
		Observe: w.observe, Notice: w.notice,
	}
	if w.run != nil && w.observe == nil {
		told := w.alerts(s, out.Send)
		defer told.Close()
		config.Tell = told.Tell
	}
	model := tui.New(config)
	if w.run != nil {
		go w.run.runs.forgetOldPlans() // the checklist doesn't wait for the disk
	}
	err := drawUntil(ctx, s, out, s.in, model, w.engine.World().Secrets(), w.advice(), w.collect)
	model.Close()
	if err != nil {
		w.leave(s.err)
		return fmt.Errorf("drawing the checklist: %w", err)
	}
	if err := summarize(s.out, w.engine, textWidth(s)); err != nil {
		return err
	}
	return w.leave(s.err)
}

// alerts returns who is told of what happens in the run. send writes to the terminal.
func (w walk) alerts(s streams, send func(string) error) *alerts.Alerts {
	return alerts.New(w.settings, w.engine.Mode(), w.run.journal.ID(), send, notify.Environ(s.environ(), ownVariables(w.settings)), s.getenv)
}

// drawUntil shows a model on the screen out until it quits or ctx ends. in is the terminal that keys come from,
// advice how to go on after a crash, and ready, which may be nil, is called once the
// model is about to be drawn.
func drawUntil(ctx context.Context, s streams, out *display.Screen, in *os.File, model tea.Model, secrets []string, advice string, ready func()) error {
	if m, ok := model.(display.Shown); ok {
		model = display.Follow(m, out)
	}
	shown, keyboard := breakable(model, in)
	var program *tea.Program
	keys := input.New(keyboard, func(msg tea.Msg) { program.Send(msg) })
	// Without a guard, Bubble Tea restores the terminal after the panics that it can
	// catch, and prints them unmasked.
	guard, unguarded := terminal.Protect(in, s.out, s.err, out.Undo(), knownSecrets(secrets, s.environ()), advice)
	jobs := job.New(ctx, int(in.Fd()), guard.Suspended)
	// Signals end ctx, also SIGHUP, which Bubble Tea doesn't handle. So the terminal
	// is restored in every case.
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithAltScreen(), tea.WithInput(keys), tea.WithOutput(shorten.New(out, shorten.Narrow(s.getenv))), tea.WithReportFocus(), tea.WithFilter(jobs.Filter),
	}
	if unguarded == nil {
		options = append(options, tea.WithoutCatchPanics())
	}
	program = tea.NewProgram(shown, options...)
	if ready != nil {
		ready()
	}
	endJobs := jobs.Watch(program)
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run()
		ended <- err
	}()
	var err error
	select {
	case err = <-ended:
	case <-jobs.Left():
		err = context.Cause(ctx)
	}
	endJobs()
	guard.End()
	return err
}

// screenOf returns the terminal to draw on.
func screenOf(s streams, features display.Features) *display.Screen {
	file, _ := s.out.(display.File) // needTerminal has seen that it is one
	return display.New(file, features)
}

// withoutMouse returns the features for a screen on which a click means nothing.
func withoutMouse(f display.Features) display.Features {
	f.Mouse = false
	return f
}

// advice says how to resume the run after a crash, "" if there is nothing to resume.
func (w walk) advice() string {
	if w.run == nil || w.observe != nil {
		return ""
	}
	return "This run is saved. To resume it: catalog-runbook resume " + w.run.journal.ID()
}

// browser is the desktop's browser.
type browser struct{ getenv func(string) string }

// open opens a link. It drops the browser's output, which would be written over the screen.
func (b browser) open(url string) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	if b.getenv("SSH_CONNECTION") != "" && b.getenv("DISPLAY") == "" && b.getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("there's no browser at this end of ssh")
	}
	path, err := exec.LookPath(opener)
	if err != nil {
		return fmt.Errorf("there's no browser here: %s isn't installed", opener)
	}
	cmd := exec.Command(path, url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // not stopped with us
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("opening the link: %w", err)
	}
	go func() { _ = cmd.Wait() }() // a browser may stay open as long as it likes
	return nil
}
