package tui

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/text"
)

// core is what the components of the checklist share: the run, and the ways to ask
// and to tell a person something.
type core struct {
	dialogs
	cfg    Config
	engine *steps.Engine
	keys   keyMap
	styles text.Styles
	ctx    context.Context // of all checks and commands; ends with the program

	run     *runbook.Run
	done    []steps.Progress
	broken  error // why nothing can be recorded any more
	message message
	running *command // the command that this process runs, nil for none
	quit    bool     // the person has left
	ticker  ticker
}

// message is a short text in the footer, until the next key.
type message struct {
	text clean.Text
	bad  bool
}

// say shows a message in the footer.
func (c *core) say(text clean.Text, bad bool) { c.message = message{text, bad} }

// fail shows an error in the footer.
func (c *core) fail(err error) { c.say(clean.Line(err.Error()), true) }

// refresh takes over the newest state of the run.
func (c *core) refresh() {
	if run := c.engine.Run(); c.run == nil || run.Events() >= c.run.Events() {
		c.run = run
	}
	c.broken = c.engine.Unwritable()
	c.done = steps.Sections(c.engine.Bound(), c.run, c.cfg.Now())
}

// spec returns the spec of a step.
func (c *core) spec(id document.StepID) runbook.Spec {
	spec, _ := c.run.Spec(id)
	return spec
}

// may reports whether an action may be done to a step, and says why not.
func (c *core) may(a runbook.Action, id document.StepID) bool {
	err := c.run.May(a, id, c.cfg.Now())
	if err != nil {
		c.fail(err)
	}
	return err == nil
}

// advice says what is to be done next about a step.
func (c *core) advice(b *steps.Binding) steps.Advice { return steps.Next(c.run, b, c.cfg.Now()) }

// ages reports whether a step has a verdict that grows old.
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

// press names a key of the key map in a sentence: "v verifies it".
func (c *core) press(b key.Binding, does string) string {
	name := b.Keys()[0]
	if len(name) > 1 {
		name = b.Help().Key // "pgdn", as it is called everywhere
	}
	return c.styles.Key.Render(name) + " " + does
}

// saidMsg says that a person's statement was recorded, or why not.
type saidMsg struct {
	err    error
	notice clean.Text // shown if there is no error
}

// tell records a statement. The engine makes it durable before it returns, so
// that nothing is drawn which is not kept.
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

// locked says why nothing can be done in this run, the empty text where it can.
func (c *core) locked() clean.Text {
	if why := c.engine.ReadOnly(); !why.Empty() {
		return clean.Linef("This run is only looked at: %s", why)
	}
	if c.broken != nil {
		return clean.Linef("The journal cannot be written (%s), so nothing more can be done here: leave, mend that, and resume.", c.brokenBy())
	}
	return clean.Text{}
}

// brokenBy is why the journal cannot be written, without the long name of its file.
func (c *core) brokenBy() string {
	var path *fs.PathError
	if errors.As(c.broken, &path) {
		return clean.Line(path.Err.Error()).String()
	}
	return clean.Line(c.broken.Error()).String()
}

// banner is what stands in the header as long as it is so; "" for nothing.
func (c *core) banner() string {
	switch {
	case !c.engine.ReadOnly().Empty():
		return "LOOKING ON · " + c.engine.ReadOnly().String()
	case c.broken != nil:
		return "NOT KEPT · " + c.brokenBy() + ": nothing more can be done here; leave, mend that, and resume"
	}
	return ""
}

// refused says in one sentence why a key does nothing here, if it does.
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

// openGuard is how long a dialogue that opened by itself ignores keys: what was
// typed before a person saw it was meant for something else.
const openGuard = 300 * time.Millisecond

// dialogs holds the dialogue that is shown.
type dialogs struct {
	dialogConfig dialog.Config
	now          func() time.Time
	dialog       dialog.Dialog // nil where there is none
	guard        time.Time     // it takes no key before
	concerns     *command      // the running command that it is about; it is closed when that ends
}

// do is what a dialogue answers: what is done then.
type do func() tea.Cmd

// open shows a dialogue; nil closes the one that is shown.
func (d *dialogs) open(shown dialog.Dialog) {
	d.dialog, d.guard, d.concerns = shown, time.Time{}, nil
}

// comeUp shows a dialogue that opens by itself: keys that were typed before a
// person could see it are kept from it.
func (d *dialogs) comeUp(shown dialog.Dialog) {
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

// Ticks move what moves by itself: the spinner, count-downs and the age of verdicts.
const (
	quickTick = 120 * time.Millisecond
	slowTick  = time.Second
)

// frames are plain ASCII: a screen reader reads them, and every font has them.
var frames = [...]string{"|", "/", "-", "\\"}

// ticker asks for the next tick.
type ticker struct {
	generation int  // of the tick that is awaited
	awaited    bool // it is on its way
	frame      int
}

type tickMsg struct{ generation int }

// start asks for the next tick where none is on its way: a quick one while something
// is asked or run, a slow one while a verdict ages, else none.
func (t *ticker) start(tick func(time.Duration, func(time.Time) tea.Msg) tea.Cmd, busy bool, ages func() bool) tea.Cmd {
	every := quickTick
	if !busy {
		every = slowTick
	}
	if t.awaited || !busy && !ages() {
		return nil
	}
	t.awaited = true
	t.generation++
	generation := t.generation
	return tick(every, func(time.Time) tea.Msg { return tickMsg{generation} })
}

// take takes a tick, and reports whether it is the one that was asked for.
func (t *ticker) take(msg tickMsg) bool {
	if msg.generation != t.generation {
		return false
	}
	t.awaited = false
	t.frame = (t.frame + 1) % len(frames)
	return true
}

func (t *ticker) spinner() string { return frames[t.frame] }
