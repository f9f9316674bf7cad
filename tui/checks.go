package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
)

// question is a check in progress, or one that is waiting to be repeated.
type question struct {
	generation int
	since      time.Time
	cancel     context.CancelFunc // ends this check only
	waiting    bool               // repeated until the step holds
	began      time.Time          // when the waiting began
	next       time.Time          // when it is repeated; zero while it is running
}

// checkedMsg reports that a check has ended.
type checkedMsg struct {
	id         document.StepID
	generation int
	err        error
}

// askAgainMsg reports that it is time to repeat a check.
type askAgainMsg struct {
	id         document.StepID
	generation int
}

// checks runs the checks of the steps, and tracks those in progress.
type checks struct {
	*core
	asking     map[document.StepID]*question
	endRound   context.CancelFunc                // cancels the newest "verify all"; nil before the first
	took       map[document.StepID]time.Duration // how long the last check of a step took
	generation int                               // of the newest check; results of older ones are dropped
}

// ask starts a check of a step, and cancels the one in progress. With waiting, the
// check is repeated until the step holds.
func (c *checks) ask(id document.StepID, waiting bool) tea.Cmd {
	var q question
	if old := c.asking[id]; old != nil {
		q = *old
		old.cancel()
	}
	ctx, cancel := context.WithCancel(c.ctx)
	began := q.began
	if !waiting || began.IsZero() {
		began = c.cfg.Now()
	}
	c.generation++
	q = question{generation: c.generation, since: c.cfg.Now(), cancel: cancel, waiting: waiting, began: began}
	c.asking[id] = &q
	engine, generation := c.engine, q.generation
	return func() tea.Msg {
		defer cancel()
		_, err := engine.Check(ctx, id)
		return checkedMsg{id, generation, err}
	}
}

// checked handles the result of a check. A waiting check is repeated for as long as
// the kind says that the result may change.
func (c *checks) checked(msg checkedMsg) tea.Cmd {
	q := c.asking[msg.id]
	if q == nil || q.generation != msg.generation {
		return nil
	}
	c.refresh()
	c.took[msg.id] = c.cfg.Now().Sub(q.since)
	again := c.engine.Again(msg.id)
	if q.waiting && again > 0 && msg.err == nil && !c.run.Holds(msg.id, c.cfg.Now()) {
		q.next = c.cfg.Now().Add(again)
		id, generation := msg.id, msg.generation
		return c.cfg.Tick(again, func(time.Time) tea.Msg { return askAgainMsg{id, generation} })
	}
	q.cancel()
	delete(c.asking, msg.id)
	b, _ := c.engine.Bound().Step(msg.id)
	found := c.run.Step(msg.id).Result
	switch {
	case msg.err != nil:
		c.fail(msg.err)
		return nil
	case !q.waiting:
		return nil
	case found.Verdict == runbook.Passed:
		after := ""
		if d := c.cfg.Now().Sub(q.began); d >= time.Second {
			after = ", after " + say.Duration(d)
		}
		c.say(clean.Linef("%s holds now%s.", say.Capital(b.Label().String()), after), false)
	case found.Verdict == runbook.Unknown, again == 0 && !c.run.Holds(msg.id, c.cfg.Now()):
		c.say(clean.Linef("Stopped waiting for %s: %s", b.Label(), found.Summary), true)
	default:
		return nil
	}
	return c.announce(notify.WaitEnded, msg.id, found.Verdict, c.message.text, q.began)
}

func (c *checks) askAgain(msg askAgainMsg) tea.Cmd {
	q := c.asking[msg.id]
	if q == nil || q.generation != msg.generation {
		return nil
	}
	return c.ask(msg.id, true)
}

// askLost checks a step, if it isn't nil, and those whose results don't count since before. It
// reports whether there are such.
func (c *checks) askLost(before *runbook.Run, step *steps.Binding) (cmd tea.Cmd, again bool) {
	var all []tea.Cmd
	for _, b := range c.engine.Bound().InOrder() {
		id := b.Step.ID
		lost := before.Step(id).Result.Verdict != runbook.NotAsked && c.run.Step(id).Result.Verdict == runbook.NotAsked
		again = again || lost
		if lost || step != nil && id == step.Step.ID {
			all = append(all, c.ask(id, false))
		}
	}
	return tea.Batch(all...), again
}

// longest returns the step that has been waited for the longest, or "".
func (c *checks) longest() document.StepID {
	var first document.StepID
	for id, q := range c.asking {
		if q.waiting && (first == "" || q.began.Before(c.asking[first].began)) {
			first = id
		}
	}
	return first
}

// stop cancels the check of a step.
func (c *checks) stop(id document.StepID) {
	if q := c.asking[id]; q != nil {
		q.cancel()
		delete(c.asking, id)
	}
}

// askAll checks every step of a procedure that has a check. The engine decides the order. The
// cursor does not move.
func (c *checks) askAll(procedure string) tea.Cmd {
	var ids []document.StepID
	for _, s := range c.run.Specs() {
		if s.Checks && s.Procedure == procedure {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		c.say(clean.Line("No step of this runbook can be asked about."), true)
		return nil
	}
	c.generation++
	generation, now := c.generation, c.cfg.Now()
	if c.endRound != nil {
		c.endRound()
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.endRound = cancel
	for _, id := range ids {
		c.stop(id)
		// Stopping one check must not cancel the others.
		c.asking[id] = &question{generation: generation, since: now, cancel: func() {}}
	}
	engine := c.engine
	return func() tea.Msg {
		defer cancel()
		engine.CheckAll(ctx, ids)
		return allCheckedMsg{generation}
	}
}

// allCheckedMsg reports that every step has been checked.
type allCheckedMsg struct{ generation int }

func (c *checks) allChecked(msg allCheckedMsg) {
	c.refresh()
	for id, q := range c.asking {
		if q.generation == msg.generation {
			delete(c.asking, id)
		}
	}
}

// repeat repeats the checks in progress: the program was stopped, and their time limits have
// passed meanwhile.
func (c *checks) repeat() tea.Cmd {
	if c.endRound != nil {
		c.endRound()
	}
	var all []tea.Cmd
	for id, q := range c.asking {
		if q.next.IsZero() {
			all = append(all, c.ask(id, q.waiting))
		}
	}
	return tea.Batch(all...)
}

// wait repeats the check of a step until it holds, or stops doing that.
func (c *checks) wait(id document.StepID) tea.Cmd {
	if q := c.asking[id]; q != nil && q.waiting {
		c.stop(id)
		c.say(clean.Line("Stopped waiting."), false)
		return nil
	}
	if !c.may(runbook.Check, id) {
		return nil
	}
	return c.ask(id, true)
}

// settle removes the checks of "verify all" that have ended, so that each step shows
// its result as it arrives.
func (c *checks) settle() {
	for id, q := range c.asking {
		if !q.waiting && !c.run.Step(id).CheckedAt.Before(q.since) {
			c.took[id] = c.run.Step(id).CheckedAt.Sub(q.since)
			delete(c.asking, id)
		}
	}
}
