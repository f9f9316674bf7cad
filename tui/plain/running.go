package plain

import (
	"context"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
)

// askedFor is how long a command must have printed nothing after an unfinished line before
// that line counts as a question.
const askedFor = 2 * time.Second

// running is a command in progress.
type running struct {
	step   *steps.Binding
	effect runbook.EffectSpec
	since  time.Time
	typed  chan steps.Typed
	stop   chan steps.Stop

	interrupted bool

	mu      sync.Mutex
	lines   int
	partial clean.Text
	tell    []clean.Text // lines to be shown: the program's notes, or what became of each thing
	more    chan struct{}
}

// show takes output. Only the program's notes and what it changes itself are told at once.
func (c *running) show(o steps.Output) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.Note || c.effect.Aside {
		c.tell = append(c.tell, o.Lines...)
	} else {
		c.lines += len(o.Lines)
	}
	c.partial = o.Partial
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// printed returns how many lines the command has printed.
func (c *running) printed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines
}

// take returns what is to be told, and the unfinished line.
func (c *running) take() (tell []clean.Text, partial clean.Text) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tell, c.tell = c.tell, nil
	return tell, c.partial
}

// attach runs or rejoins a command, and tells how it goes until it ends or the person leaves.
func (w *walk) attach(b *steps.Binding, effect runbook.EffectSpec, run func(context.Context, steps.Session) error) {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	c := &running{step: b, effect: effect, since: w.Now(), typed: make(chan steps.Typed, 8), stop: make(chan steps.Stop, 2), more: make(chan struct{}, 1)}
	w.out.line("Running: %s, %s.", effect.Label, b.Label())
	done := make(chan error, 1)
	go func() { done <- run(ctx, steps.Session{Show: c.show, Typed: c.typed, Stop: c.stop}) }()
	lines := w.in.lines
	if !w.Typed {
		lines = nil
	}
	var asks <-chan time.Time
	var asked clean.Text
	for tick := w.After(w.Pause); ; {
		select {
		case err := <-done:
			w.tellOutput(c)
			if w.left || w.ctx.Err() != nil {
				return // what is left running is said by who has called Run
			}
			w.ended(c, err)
			return
		case <-c.more:
			if partial := w.tellOutput(c); !partial.Empty() && partial != asked && w.takesInput(c) {
				asks = w.After(askedFor)
			}
		case <-asks:
			asks = nil
			if _, partial := c.take(); !partial.Empty() && partial != asked {
				asked = partial
				w.out.line("Output: it may be waiting for an answer: %s", partial)
				w.out.line("Hint: type type to answer it.")
				w.tellOf(notify.AnswerNeeded, b.Step.ID, runbook.Unknown, clean.Linef("`%s` may be waiting for an answer.", effect.Label), c.since)
			}
		case <-tick:
			w.out.line("Still running: %s, %s.", effect.Label, say.Duration(w.Now().Sub(c.since).Round(time.Second)))
			tick = w.After(w.Pause)
		case line, ok := <-lines:
			if !ok { // the terminal is gone: the command goes on
				w.left, lines = true, nil
				cancel()
				continue
			}
			w.meanwhile(c, line, cancel)
		case <-w.Interrupts:
			w.out.line("")
			w.end(c, cancel)
		}
	}
}

// tellOutput prints what is to be told, and returns the unfinished line.
func (w *walk) tellOutput(c *running) clean.Text {
	tell, partial := c.take()
	for _, line := range tell {
		w.out.line("Note: %s", line)
	}
	return partial
}

// takesInput reports whether a person may type into a command.
func (w *walk) takesInput(c *running) bool {
	return !c.effect.Aside && !(c.effect.Judged && w.Engine.World().ApplyAsks)
}

// meanwhile handles what is typed while a command runs.
func (w *walk) meanwhile(c *running, line string, leave func()) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
		w.out.line("Running: %s, for %s.", c.effect.Label, say.Duration(w.Now().Sub(c.since).Round(time.Second)))
	case "status":
		w.out.line("Running: %s, for %s; %s so far.", c.effect.Label, say.Duration(w.Now().Sub(c.since).Round(time.Second)), say.Count(c.printed(), "line"))
	case "output", "o":
		w.readPrinted(c.step, c.effect)
	case "type", "i":
		w.typeInto(c, rest)
	case "leave", "quit", "q", "interrupt", "stop":
		w.end(c, leave)
	default:
		w.out.line("Running: %s. Now you can type output, type, status, leave or interrupt.", c.effect.Label)
	}
}

// typeInto passes a line on to the command. What may be a secret is typed without echo.
func (w *walk) typeInto(c *running, line string) {
	if !w.takesInput(c) {
		w.out.line("Not done: the program answers %s itself: yes to the plan that was reviewed, no to any other.", c.effect.Label)
		return
	}
	_, secret := w.Engine.Question()
	if line == "" {
		if secret && w.Hide != nil {
			w.Hide(true)
			defer w.Hide(false)
		}
		w.out.line("Input: type what the command gets.")
		var ok bool
		if line, ok = w.prompt("input>"); !ok {
			return
		}
	}
	select {
	case c.typed <- steps.Typed{Line: line, Hidden: secret}:
	default:
		w.out.line("Not done: the command has not read what was typed before.")
	}
}

// end asks whether a running command is left running, or ended.
func (w *walk) end(c *running, leave func()) {
	label := c.effect.Label.String()
	e := w.run().Effect(c.step.Step.ID, c.effect.Name)
	begun := e.Running() || e.Started != nil && !e.Started.At.Before(c.since)
	leaving := "Leave it running (reattach later with catalog-runbook resume)"
	word, consequence := "interrupt", "Interrupt it once, as ctrl+c would, and stay; it may finish what it has begun"
	switch {
	case c.effect.Aside:
		leaving, consequence = "End it after the present one, and leave", "End it after the present one, and stay"
	case !begun:
		leaving = "Leave; it has not begun yet, so it is not run"
	case c.interrupted:
		word, consequence = "kill", "Kill it: what it has begun stays half done, state that is not written yet is lost, and a lock stays locked"
	}
	w.out.line("Confirm: %s is running.", label)
	switch i, ok := w.pick([]string{leaving, consequence, "Keep following it"}); {
	case w.left:
		leave()
	case !ok || i == 2:
		w.out.line("Running: %s.", label)
	case i == 0:
		w.left = true
		leave()
	default:
		w.stop(c, word)
	}
}

// stop interrupts or kills a command, once each. An apply and a kill take a typed word.
func (w *walk) stop(c *running, word string) {
	how := steps.Interrupt
	if word == "kill" {
		how = steps.Kill
	}
	if c.effect.Judged || how == steps.Kill {
		if _, ok := w.question("Confirm", "Type "+word+" to "+word+" "+c.effect.Label.String()+".", func(text string) string {
			if text != word {
				return "that is not " + word
			}
			return ""
		}); !ok {
			return
		}
	}
	select {
	case c.stop <- how:
		c.interrupted = true
		if how == steps.Kill {
			w.out.line("Killed: %s.", c.effect.Label)
			return
		}
		w.out.line("Interrupted: %s. It finishes what it has begun.", c.effect.Label)
		if c.effect.Judged {
			w.out.line("Note: the service may be down now. Read the output before anything else.")
		}
	default:
	}
}

// leave leaves the walk. It asks first about what the run has changed and not undone.
func (w *walk) leave() {
	held := w.run().Held()
	if len(held) == 0 || w.locked() || !w.mayConfirm() {
		w.left = true
		return
	}
	for _, h := range held {
		w.out.line("Confirm: %s.", h.Text())
	}
	switch i, ok := w.pick([]string{say.Capital(held[0].Undo.Label.String()) + " now, after you confirm it", "Leave them so; catalog-runbook resume comes back to it"}); {
	case !ok:
	case i == 0:
		w.unpause()
	default:
		w.left = true
	}
}
