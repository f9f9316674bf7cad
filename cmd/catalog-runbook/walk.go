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
	"slices"
	"strings"
	"time"

	"github.com/atotto/clipboard"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui"
	"catalog-runbook/tui/background"
	"catalog-runbook/tui/terminal"
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
	return show(ctx, s, walk{engine: engine, run: k, look: c.look})
}

// realWorld connects to the real services.
func realWorld(ctx context.Context, s streams, set steps.Settings, mode runbook.Mode) (*steps.World, error) {
	creds, err := credentials(ctx, s, set)
	if err != nil {
		return nil, err
	}
	return steps.Connect(set, creds, mode == runbook.DryRun, commandEnvironment(s, ownVariables(set)), nil)
}

// credentials gathers what the services are asked with. Its error is the first
// problem.
func credentials(ctx context.Context, s streams, set steps.Settings) (steps.Credentials, error) {
	creds, problems := settings.Credentials(ctx, set, s.getenv)
	if len(problems) > 0 {
		return creds, exitError{exitCredentials, problems[0]}
	}
	return creds, nil
}

// needTerminal refuses to draw where nobody sees it.
func needTerminal(s streams) error {
	if s.terminal {
		return nil
	}
	return errors.New("the checklist needs a terminal; hint: without one, `catalog-runbook check` asks the real services about every step")
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
		if clean.SecretName(name) {
			clean.Secret(value)
		}
		if !slices.Contains(own, name) {
			env = append(env, entry)
		}
	}
	return append(env, "NO_COLOR=1")
}

// knownSecrets are the values that the guard of the terminal masks: those that
// the services are asked with, and those that commandEnvironment knows.
func knownSecrets(asked, environ []string) []string {
	secrets := slices.Clone(asked)
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); clean.SecretName(name) {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

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

// walk is what the checklist shows.
type walk struct {
	engine  *steps.Engine
	run     *openRun
	world   tui.Elsewhere // nil outside of practice
	observe func() error  // fetches what another process records; nil where this one does
	notice  clean.Text    // what to know of the run from the start
	look    look
}

// show runs the checklist until the person leaves it. A command that is running
// then goes on under its supervisor.
func show(ctx context.Context, s streams, w walk) error {
	model := tui.New(tui.Config{
		Engine: w.engine, World: w.world, Dark: background.Dark(w.look.Theme, s.getenv("COLORFGBG")),
		Plain: s.getenv("NO_COLOR") != "", Open: openLink, Copy: clipboard.WriteAll,
		Observe: w.observe, Notice: w.notice,
	})
	if w.run != nil {
		go w.run.runs.forgetOldPlans() // nobody waits for the disk
	}
	shown, input := breakable(model, s.in)
	// Signals end the context, also the one of a closed window, which Bubble Tea
	// does not look for: the terminal is given back in every case.
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithAltScreen(), tea.WithInput(input), tea.WithOutput(s.out),
	}
	// Without a guard, Bubble Tea gives the terminal back after those panics that
	// it can catch; it prints them as they are.
	guard, err := terminal.Protect(s.in, s.out, s.err, knownSecrets(w.engine.World().Secrets, s.environ()), w.advice())
	if err == nil {
		options = append(options, tea.WithoutCatchPanics())
	}
	_, err = tea.NewProgram(shown, options...).Run()
	guard.End()
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

// advice is how to go on after a crash, "" where there is nothing to go on with.
func (w walk) advice() string {
	if w.run == nil || w.observe != nil {
		return ""
	}
	return "This run is kept. Go on with it: catalog-runbook resume " + w.run.journal.ID()
}

// leave says what goes on, and how to come back. What nobody has done anything
// in is not kept.
func (w walk) leave(talk io.Writer) error {
	run := w.engine.Run()
	if w.observe != nil || !w.engine.ReadOnly().Empty() {
		return nil
	}
	if _, _, running := run.RunningEffect(); !running && w.run.forgetPlans() {
		fmt.Fprintln(talk, "Its plan holds secrets and is not kept: who comes back makes it again, and reads it.")
	}
	if err := w.engine.Unwritable(); err != nil {
		return exitError{exitFailed, fmt.Errorf("the journal could not be written, so not all of this run is kept; a command that is running goes on by itself: %w; hint: mend that, then catalog-runbook resume %s", err, w.run.journal.ID())}
	}
	if !touched(run) {
		return w.run.discard()
	}
	back := "catalog-runbook resume " + w.run.journal.ID()
	if id, effect, ok := run.RunningEffect(); ok {
		fmt.Fprintf(talk, "`%s` goes on by itself. Come back to it with: %s\n", effectLabel(run, id, effect), back)
		return nil
	}
	if id, effect, ok := run.DoubtedEffect(); ok {
		return exitError{exitDoubt, fmt.Errorf("nobody knows how `%s` ended; hint: %s", effectLabel(run, id, effect), back)}
	}
	if !finished(run, w.engine.World().Now()) {
		fmt.Fprintf(talk, "This run can be gone on with: %s\n", back)
		return nil
	}
	fmt.Fprintf(talk, "What happened in it: catalog-runbook report %s\n", w.run.journal.ID())
	return nil
}

// effectLabel is the command as it is shown.
func effectLabel(run *runbook.Run, id document.StepID, effect string) string {
	spec, _ := run.Spec(id)
	for _, e := range spec.Effects {
		if e.Name == effect {
			return e.Label.String()
		}
	}
	return effect
}

// touched reports whether anybody has said or done anything in the run.
func touched(run *runbook.Run) bool {
	if run.Release() != "" || run.Resumed() != nil {
		return true // what was said of a run that is gone on with may have no place any more
	}
	for _, spec := range run.Specs() {
		s := run.Step(spec.ID)
		if s.Tick != nil || s.Skip != nil || s.Override != nil || s.Judgement != nil || s.Changed {
			return true
		}
		for _, e := range s.Effects {
			if e.StartCount > 0 || e.Pretended != nil {
				return true
			}
		}
	}
	return false
}

// finished reports whether every step holds.
func finished(run *runbook.Run, now time.Time) bool {
	for _, spec := range run.Specs() {
		if !run.Holds(spec.ID, now) {
			return false
		}
	}
	return true
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
