package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// question is a check that is on its way, or that waits to be asked again.
type question struct {
	generation int
	since      time.Time
	cancel     context.CancelFunc // of this question alone
	waiting    bool               // goes on until the step holds
	began      time.Time          // of the waiting
	next       time.Time          // when it is asked again; zero while it is being asked
}

// checkedMsg says that a check has come back.
type checkedMsg struct {
	id         document.StepID
	generation int
	err        error
}

// askAgainMsg says that the pause before a question is repeated is over.
type askAgainMsg struct {
	id         document.StepID
	generation int
}

// checks are the questions that are on their way.
type checks struct {
	*core
	asking     map[document.StepID]*question
	endRound   context.CancelFunc                // of the newest "verify all"; nil before the first
	took       map[document.StepID]time.Duration // by the newest check of a step
	generation int                               // numbers the questions
}

// ask begins to verify a step. What was being asked about it before is dropped.
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

// checked takes the answer in. A waiting question is asked again as long as
// the kind says that the answer may change.
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
	switch b, _ := c.engine.Bound().Step(msg.id); {
	case msg.err != nil:
		c.fail(msg.err)
	case q.waiting && c.run.Step(msg.id).Result.Verdict == runbook.Passed:
		c.say(clean.Linef("%s holds now, after %s.", b.Label(), say.Duration(c.cfg.Now().Sub(q.began))), false)
	case q.waiting && c.run.Step(msg.id).Result.Verdict == runbook.Unknown:
		c.say(clean.Linef("Stopped waiting for %s: it cannot be asked any more.", b.Label()), true)
	}
	return nil
}

func (c *checks) askAgain(msg askAgainMsg) tea.Cmd {
	q := c.asking[msg.id]
	if q == nil || q.generation != msg.generation {
		return nil
	}
	return c.ask(msg.id, true)
}

// stop gives up waiting for a step.
func (c *checks) stop(id document.StepID) {
	if q := c.asking[id]; q != nil {
		q.cancel()
		delete(c.asking, id)
	}
}

// askAll verifies every step that can be asked about. The engine decides the
// order; the cursor stays.
func (c *checks) askAll() tea.Cmd {
	var ids []document.StepID
	for _, s := range c.run.Specs() {
		if s.Checks {
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
		// Giving up on one step must not end the questions about the others.
		c.asking[id] = &question{generation: generation, since: now, cancel: func() {}}
	}
	engine := c.engine
	return func() tea.Msg {
		defer cancel()
		engine.CheckAll(ctx, ids)
		return allCheckedMsg{generation}
	}
}

// allCheckedMsg says that every step has been asked about.
type allCheckedMsg struct{ generation int }

func (c *checks) allChecked(msg allCheckedMsg) {
	c.refresh()
	for id, q := range c.asking {
		if q.generation == msg.generation {
			delete(c.asking, id)
		}
	}
}

// wait asks until the step holds, or stops doing so.
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

// settle drops the questions of "verify all" that have been answered already,
// so that each step shows its answer as it comes.
func (c *checks) settle() {
	for id, q := range c.asking {
		if !q.waiting && !c.run.Step(id).CheckedAt.Before(q.since) {
			c.took[id] = c.run.Step(id).CheckedAt.Sub(q.since)
			delete(c.asking, id)
		}
	}
}
