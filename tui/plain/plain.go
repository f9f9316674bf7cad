// Package plain walks a run line by line. It prints one event after the other, never
// changes what it has printed, and takes typed commands, so that the walk works with a
// screen reader, over a serial line, in a log and under expect. The engine and the gates are
// those of the checklist, and the questions have the same words.
package plain

import (
	"context"
	"io"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/practice/elsewhere"
)

// Config is the configuration of a walk.
type Config struct {
	Engine *steps.Engine
	World  elsewhere.World // nil except in practice
	In     io.Reader
	Out    io.Writer
	// Typed says that a person types In on a terminal. Otherwise In is a script, which may
	// confirm effects and judge plans in practice only.
	Typed bool
	// Hide turns the terminal's echo off, or on again. It may be nil.
	Hide func(bool)
	// Interrupts is sent to for each ctrl+c. It may be nil.
	Interrupts <-chan struct{}
	// Plan returns the lines of a plan, without what is folded at first unless all is set. An
	// error says that some of what must be read can't be shown.
	Plan func(r *steps.PlanReading, all bool) ([]string, error)
	// Tell tells of an event, and on the terminal too if the person may be looking elsewhere. It
	// may block, and is nil if nobody is told.
	Tell func(e notify.Event, elsewhere bool) error
	// Observe fetches what another process has recorded in the run, and reports whether one has
	// it open still. It is nil if there is no other.
	Observe func() (open bool, err error)
	Notice  clean.Text // shown at the start
	// Width returns the width of the terminal in cells, or 0 if Out isn't one or it isn't known.
	// It is asked for each line. It is nil if lines aren't wrapped.
	Width func() int
	Page  int           // rows that are read at a time; 0 is 20
	Pause time.Duration // between two lines that say that a wait goes on; 0 is 30 s
	After func(time.Duration) <-chan time.Time
	Now   func() time.Time
}

// walk is a walk in progress. Its methods are called by one goroutine.
type walk struct {
	Config
	ctx       context.Context
	in        *input
	out       *printer
	at        *steps.Binding
	read      map[string]bool // executions whose plan or output was read to its end
	news      int             // lines of the world's news that were shown
	acted     time.Time       // when the person last did something in the practice world
	told      chan error      // the first problem with telling of an event
	attention notify.Attention
	left      bool // the person has left, or the input has ended
}

// Run walks the run of the engine until the person leaves, the input ends or ctx does. A
// running command goes on under its supervisor. Run returns an error only if it cannot write.
func Run(ctx context.Context, c Config) error {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Page <= 0 {
		c.Page = 20
	}
	if c.Pause <= 0 {
		c.Pause = 30 * time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &walk{Config: c, ctx: ctx, in: newInput(c.In, c.Typed), out: &printer{w: c.Out, width: c.Width}, read: map[string]bool{}, told: make(chan error, 1)}
	w.out.whole = whole(c.Engine)
	defer w.in.end()
	w.greet()
	follows := c.Observe != nil
	if follows && c.Typed {
		w.follow()
	}
	for !w.left && w.out.err == nil && ctx.Err() == nil {
		w.tellNews()
		line, ok := w.prompt(">")
		if !ok {
			break
		}
		w.do(line)
	}
	if follows && !c.Typed { // what a script asked for is answered
		w.follow()
	}
	w.closing()
	return w.out.err
}

// run returns the state of the run.
func (w *walk) run() *runbook.Run { return w.Engine.Run() }

// spec returns the spec of a step.
func (w *walk) spec(b *steps.Binding) runbook.Spec {
	spec, _ := w.run().Spec(b.Step.ID)
	return spec
}

// may reports whether the run allows an action on a step. If not, it says why.
func (w *walk) may(a runbook.Action, id document.StepID) bool {
	err := w.run().May(a, id, w.Now())
	if err != nil {
		w.fail(err)
	}
	return err == nil
}

// greet says what is walked, and goes to the first step that is open.
func (w *walk) greet() {
	run, doc := w.run(), w.Engine.Bound().Document
	mode := map[runbook.Mode]string{runbook.Practice: "Practice", runbook.DryRun: "Dry run", runbook.Live: "Live"}[w.Engine.Mode()]
	if run.Rollback() != nil {
		mode += ", rollback"
	}
	if name := run.Environment().String(); name != "" && (run.Rollback() == nil || name != "rollback") { // that is a scenario
		mode += ", " + name
	}
	w.out.line("%s. %s. Line-by-line mode: type a command and press enter; help lists the commands.", doc.Title, mode)
	if w.Engine.Mode() == runbook.Live && !w.Typed {
		w.out.line("Note: input is not a terminal, so no command is run and no plan is judged.")
	}
	if !w.Notice.Empty() {
		w.out.line("Note: %s", w.Notice)
	}
	if why := w.Engine.ReadOnly(); !why.Empty() {
		w.out.line("Note: this run is read-only: %s", why)
	}
	if run.Release() != "" {
		w.out.line("Release: %s.", clean.Line(run.Release()))
	}
	w.tellNews()
	w.at = w.first()
	w.rejoin()
	if run.Resumed() != nil && w.Engine.ReadOnly().Empty() && !w.left {
		w.verifyAll()
		return
	}
	w.tellProgress()
	w.tellStep()
}

// first returns the step to begin with: one whose command runs or is in doubt, or the first
// that is open.
func (w *walk) first() *steps.Binding {
	bound := w.Engine.Bound()
	if id, _, ok := w.run().RunningEffect(); ok {
		if b, ok := bound.Step(id); ok {
			return b
		}
	}
	if first := bound.InOrder()[0]; first.Kind.Question && w.run().Release() == "" && w.run().Resumed() == nil {
		return first
	}
	if next := steps.NextStep(w.run(), bound, nil, w.Now()); next != nil && !next.Kind.Question {
		return next
	}
	return &bound.Steps[0]
}

// tellNews prints what has happened in the practice world, and why nobody could be told.
func (w *walk) tellNews() {
	select {
	case err := <-w.told:
		w.out.line("Note: %s", clean.Line(err.Error()))
	default:
	}
	if w.World == nil {
		return
	}
	news := w.World.News()
	for _, line := range news[min(w.news, len(news)):] {
		w.out.line("World: %s", clean.Line(line))
	}
	w.news = len(news)
}

// tellProgress says how many steps of the walk are done.
func (w *walk) tellProgress() {
	w.out.line("Progress: %s.", w.run().Walked(w.Now()))
}

// fail prints an error, with its hint as a sentence of its own.
func (w *walk) fail(err error) {
	text, hint := say.HintOf(err)
	w.out.line("Not done: %s", clean.Line(text))
	if hint != "" {
		w.out.line("Hint: %s", clean.Line(hint))
	}
}
