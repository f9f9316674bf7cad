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

// askAgainMsg says that the pause between two looks is over.
type askAgainMsg struct {
	id         document.StepID
	generation int
}

// ask begins to verify a step. What was being asked about it before is dropped.
func (m *Model) ask(id document.StepID, waiting bool) tea.Cmd {
	var q question
	if old := m.asking[id]; old != nil {
		q = *old
		old.cancel()
	}
	ctx, cancel := context.WithCancel(m.ctx)
	began := q.began
	if !waiting || began.IsZero() {
		began = m.cfg.Now()
	}
	m.beat.questions++
	q = question{generation: m.beat.questions, since: m.cfg.Now(), cancel: cancel, waiting: waiting, began: began}
	m.asking[id] = &q
	m.detail.Invalidate()
	engine, generation := m.engine, q.generation
	return func() tea.Msg {
		defer cancel()
		_, err := engine.Check(ctx, id)
		return checkedMsg{id, generation, err}
	}
}

// checked takes the answer in. A waiting question is asked again as long as
// the kind says that the answer may change.
func (m *Model) checked(msg checkedMsg) tea.Cmd {
	q := m.asking[msg.id]
	if q == nil || q.generation != msg.generation {
		return nil
	}
	m.refresh()
	m.took[msg.id] = m.cfg.Now().Sub(q.since)
	again := m.engine.Again(msg.id)
	if q.waiting && again > 0 && msg.err == nil && !m.run.Holds(msg.id, m.cfg.Now()) {
		q.next = m.cfg.Now().Add(again)
		id, generation := msg.id, msg.generation
		return m.cfg.Tick(again, func(time.Time) tea.Msg { return askAgainMsg{id, generation} })
	}
	q.cancel()
	delete(m.asking, msg.id)
	switch b, _ := m.engine.Bound().Step(msg.id); {
	case msg.err != nil:
		m.say(clean.Line(msg.err.Error()), true)
	case q.waiting && m.run.Step(msg.id).Result.Verdict == runbook.Passed:
		m.say(clean.Linef("%s holds now, after %s.", b.Label(), say.Duration(m.cfg.Now().Sub(q.began))), false)
	case q.waiting && m.run.Step(msg.id).Result.Verdict == runbook.Unknown:
		m.say(clean.Linef("Stopped waiting for %s: it cannot be asked any more.", b.Label()), true)
	}
	return nil
}

func (m *Model) askAgain(msg askAgainMsg) tea.Cmd {
	q := m.asking[msg.id]
	if q == nil || q.generation != msg.generation {
		return nil
	}
	return m.ask(msg.id, true)
}

// stopAsking gives up waiting for a step.
func (m *Model) stopAsking(id document.StepID) {
	if q := m.asking[id]; q != nil {
		q.cancel()
		delete(m.asking, id)
		m.detail.Invalidate()
	}
}

// askAll verifies every step that can be asked about. The engine decides the
// order; the cursor stays.
func (m *Model) askAll() tea.Cmd {
	var ids []document.StepID
	for _, s := range m.run.Specs() {
		if s.Checks {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		m.say(clean.Line("No step of this runbook can be asked about."), true)
		return nil
	}
	m.beat.questions++
	generation, now := m.beat.questions, m.cfg.Now()
	if m.endRound != nil {
		m.endRound()
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.endRound = cancel
	for _, id := range ids {
		m.stopAsking(id)
		// Giving up on one step must not end the questions about the others.
		m.asking[id] = &question{generation: generation, since: now, cancel: func() {}}
	}
	m.detail.Invalidate()
	engine := m.engine
	return func() tea.Msg {
		defer cancel()
		engine.CheckAll(ctx, ids)
		return allCheckedMsg{generation}
	}
}

// allCheckedMsg says that every step has been asked about.
type allCheckedMsg struct{ generation int }

func (m *Model) allChecked(msg allCheckedMsg) tea.Cmd {
	m.refresh()
	for id, q := range m.asking {
		if q.generation == msg.generation {
			delete(m.asking, id)
		}
	}
	return nil
}
