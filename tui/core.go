package tui

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/spinner"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/background" // initialized before Bubble Tea, which would query the terminal
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/terminal/input"
	"catalog-runbook/tui/text"
)

// core holds what the components of the checklist share: the run, its settings, and
// the ways to show a person a message or a dialogue.
type core struct {
	dialogs
	cfg    Config
	engine *steps.Engine
	keys   keyMap
	styles *text.Styles
	ctx    context.Context // for all checks and commands; canceled when the program ends

	run     *runbook.Run
	done    []steps.Progress
	broken  error // why the journal cannot be written, or nil
	message message
	running *command            // the command that this process runs, or nil
	filling bool                // what a placeholder stands for is being recorded
	quit    bool                // the person has quit
	clocks  bool                // moments are shown as times of day
	acted   time.Time           // when the person last did something in the practice world
	drawn   map[key.Help]string // keys of the footer
	ticker  ticker

	attention  notify.Attention
	background background.Question
}

// message is a short text that the footer shows until the next key.
type message struct {
	text clean.Text
	bad  bool
}

// say shows a message in the footer.
func (c *core) say(text clean.Text, bad bool) { c.message = message{text, bad} }

// fail shows an error in the footer.
func (c *core) fail(err error) { c.say(clean.Line(err.Error()), true) }

// stays says why ctrl+z has stopped nothing.
func (c *core) stays() {
	c.say(clean.Linef("Can't suspend: there's no shell to go back to. Press %s to quit.", c.keys.Quit.Help().Key), true)
}

// refresh loads the newest state of the run from the engine.
func (c *core) refresh() {
	if run := c.engine.Run(); c.run == nil || run.Events() >= c.run.Events() {
		before := c.run
		c.run = run
		if before != nil && run.Events() > before.Events() {
			c.sayLapsed(before)
		}
	}
	c.broken = c.engine.Unwritable()
	c.done = steps.Sections(c.engine.Bound(), c.run, c.cfg.Now())
}

// sayLapsed says which acceptance has lapsed since before: a step that was left as done is open
// again.
func (c *core) sayLapsed(before *runbook.Run) {
	for _, s := range c.run.Specs() {
		if s.Checks && c.run.Step(s.ID).Lapsed != nil && before.Step(s.ID).Lapsed == nil {
			c.say(clean.Linef("What was accepted of %s no longer counts: %s", s.Label, questions.Lapsed(c.run, s.ID)), true)
		}
	}
}

// spec returns the spec of a step.
func (c *core) spec(id document.StepID) runbook.Spec {
	spec, _ := c.run.Spec(id)
	return spec
}

// may reports whether the run allows an action on a step. If not, it shows why.
func (c *core) may(a runbook.Action, id document.StepID) bool {
	err := c.run.May(a, id, c.cfg.Now())
	if err != nil {
		c.fail(err)
	}
	return err == nil
}

// advice returns what to do next about a step.
func (c *core) advice(b *steps.Binding) steps.Advice { return steps.Next(c.run, b, c.cfg.Now()) }

// ages reports whether a step has a verdict or a plan that expires.
func (c *core) ages(id document.StepID) bool {
	spec, ok := c.run.Spec(id)
	if !ok {
		return false
	}
	s := c.run.Step(id)
	if spec.Fresh > 0 && s.Result.Verdict == runbook.Passed {
		return true
	}
	for i, e := range spec.Effects {
		if e.MaxAge > 0 && s.Effects[i].Finished == nil && c.run.Effect(id, e.After).Finished != nil {
			return true
		}
	}
	return false
}

// press returns a clause that names a key: "v verifies it".
func (c *core) press(b key.Binding, does string) string {
	name := b.Keys()[0]
	if len(name) > 1 {
		name = b.Help().Key // "pgdn", as the help calls it
	}
	return c.styles.Key.Render(name) + " " + does
}

// saidMsg reports that a person's statement was recorded, or why it was not.
type saidMsg struct {
	err    error
	notice clean.Text // shown if there is no error
}

// tell records a statement. The engine makes it durable before f returns, so the
// screen never shows a statement that is not in the journal.
func (c *core) tell(f func() error) tea.Cmd {
	return func() tea.Msg { return saidMsg{err: f()} }
}

func (c *core) said(msg saidMsg) {
	c.refresh()
	if msg.err != nil {
		c.fail(msg.err)
	} else if !msg.notice.Empty() {
		c.say(msg.notice, false)
	}
}

// askPause is how long after the first frame the terminal is asked for its background, so
// that nothing waits for that.
const askPause = 100 * time.Millisecond

// askBackground asks the terminal for its background, unless that was known from the start.
func (c *core) askBackground() tea.Cmd {
	send := c.cfg.Send
	if send == nil || c.cfg.Theme.Background != text.BackgroundUnknown || c.cfg.Theme.Profile == termenv.Ascii {
		return nil
	}
	c.background.Asked()
	return c.cfg.Tick(askPause, func(time.Time) tea.Msg {
		_ = send(background.Query) // fails while the terminal isn't ours; it is asked again then
		return nil
	})
}

// answered takes in what the terminal says, and reports whether that changes the colours.
func (c *core) answered(reply input.Reply) bool {
	dark, ok := c.background.Answer(reply.Kind, reply.Body)
	switch {
	case !ok:
		return false
	}
	clear(c.drawn)
	if dark {
		return c.styles.SetBackground(text.BackgroundDark)
	}
	return c.styles.SetBackground(text.BackgroundLight)
}

// toldMsg reports how telling of an event has ended.
type toldMsg struct{ err error }

// announce tells of an event of a step. Began is when the person began to wait for it.
func (c *core) announce(kind notify.Kind, id document.StepID, verdict runbook.Verdict, text clean.Text, began time.Time) tea.Cmd {
	tell, now := c.cfg.Tell, c.cfg.Now()
	if tell == nil {
		return nil
	}
	e := notify.Of(c.engine, kind, id, verdict, text, now)
	elsewhere := c.attention.Elsewhere(began, now)
	return func() tea.Msg { return toldMsg{tell(e, elsewhere)} }
}

// locked returns why the run cannot be changed, or the empty text if it can.
func (c *core) locked() clean.Text {
	if why := c.engine.ReadOnly(); !why.Empty() {
		return clean.Linef("This run is open for reading only: %s", why)
	}
	if c.broken != nil {
		return clean.Linef("Can't write to the journal: %s. Commands are disabled. Quit, fix that, then resume.", c.brokenBy())
	}
	return clean.Text{}
}

// brokenBy returns why the journal cannot be written, without the path of its file.
func (c *core) brokenBy() string {
	var path *fs.PathError
	if errors.As(c.broken, &path) {
		return clean.Line(path.Err.Error()).String()
	}
	return clean.Line(c.broken.Error()).String()
}

// banner returns a warning that the header shows for as long as it applies, or "".
func (c *core) banner() string {
	switch {
	case !c.engine.ReadOnly().Empty():
		return "LOOKING ON · " + c.engine.ReadOnly().String()
	case c.broken != nil:
		return "NOT KEPT · " + c.brokenBy() + ": commands are disabled; quit, fix that, then resume"
	}
	return ""
}

// refused reports whether the run is locked against what a key does. If so, it shows
// why.
func (c *core) refused(msg tea.KeyMsg) bool {
	if !key.Matches(msg, c.keys.changes()...) {
		return false
	}
	why := c.locked()
	if why.Empty() {
		return false
	}
	c.say(why, true)
	return true
}

// openGuard is how long a dialogue that opens by itself ignores keys: what a person
// typed before seeing it was meant for something else.
const openGuard = 300 * time.Millisecond

// dialogs holds the open dialogue.
type dialogs struct {
	dialogConfig dialog.Config
	now          func() time.Time
	dialog       dialog.Dialog // nil if there is none
	guard        time.Time     // keys are ignored until then
	concerns     *command      // the running command that it is about; the end of the command closes it
}

// do is the answer of a dialogue: what to do next.
type do func() tea.Cmd

// open shows a dialogue, or closes the open one if shown is nil.
func (d *dialogs) open(shown dialog.Dialog) {
	d.dialog, d.guard, d.concerns = shown, time.Time{}, nil
}

// openGuarded shows a dialogue that no key has asked for. It ignores keys for openGuard.
func (d *dialogs) openGuarded(shown dialog.Dialog) {
	d.open(shown)
	d.guard = d.now().Add(openGuard)
}

// dialogKey gives a key to the dialogue and returns its answer, nil for none.
func (d *dialogs) dialogKey(msg tea.KeyMsg) tea.Msg {
	if d.now().Before(d.guard) {
		return nil
	}
	answer, done := d.dialog.Update(msg)
	if done {
		d.open(nil)
	}
	return answer
}

// Ticks redraw what changes with time: the spinner, countdowns and what expires, and how
// long ago something was.
const (
	quickTick = 120 * time.Millisecond
	slowTick  = time.Second
	lazyTick  = 20 * time.Second
)

// frames are the frames of the spinner, none of which is a sign of a step or a border.
var frames = spinner.MiniDot.Frames

// ticker requests ticks, one at a time.
type ticker struct {
	generation int           // of the newest request
	awaited    time.Duration // after which its tick arrives; 0 if it has arrived
	frame      int
}

type tickMsg struct{ generation int }

// start requests the next tick, unless one that comes as soon is on its way: a quick one
// while a check or a command is running, a slow one while something expires, else a lazy
// one.
func (t *ticker) start(tick func(time.Duration, func(time.Time) tea.Msg) tea.Cmd, busy bool, expires func() bool) tea.Cmd {
	every := lazyTick
	switch {
	case busy:
		every = quickTick
	case t.awaited > 0 && t.awaited <= slowTick:
		return nil // asks less often what expires
	case expires():
		every = slowTick
	}
	if t.awaited > 0 && t.awaited <= every {
		return nil
	}
	t.awaited = every
	t.generation++
	generation := t.generation
	return tick(every, func(time.Time) tea.Msg { return tickMsg{generation} })
}

// take handles a tick, and reports whether it is the one that was requested.
func (t *ticker) take(msg tickMsg) bool {
	if msg.generation != t.generation {
		return false
	}
	t.awaited = 0
	t.frame = (t.frame + 1) % len(frames)
	return true
}

func (t *ticker) spinner() string { return frames[t.frame] }
