package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// readToEnd reports whether the plan that an execution of the step has made has
// been on the screen from its beginning to its end, open as it was at first.
func (p *planPane) readToEnd(id document.StepID, attempt string) bool {
	return p.step == id && p.attempt == attempt && p.doc != nil && p.whole
}

// left is how many resources are not read yet; 0 where only other lines are left.
func (p *planPane) left() int {
	switch {
	case p.doc == nil:
		return 0
	case p.whole || p.read.entry >= len(p.doc.entries):
		return 0
	}
	return p.doc.resources - p.doc.entries[p.read.entry].before
}

// hasRead reports whether the plan that an effect of the step has made last was
// read, as it was printed or in the plan's pane.
func (m *Model) hasRead(id document.StepID, effect string) bool {
	started := m.run.Effect(id, effect).Started
	return m.output.ReadToEnd(id, effect) || started != nil && m.plan.readToEnd(id, started.Attempt)
}

// unshown reports whether a plan could not be shown, so that what was printed is
// what is left to read.
func (m *Model) unshown(id document.StepID, effect string) bool {
	started := m.run.Effect(id, effect).Started
	return started == nil || m.plan.failed != nil && m.plan.of(id, started.Attempt)
}

// readFirst shows what must be read before it can be called correct, and says so.
func (m *Model) readFirst(id document.StepID, effect string) tea.Cmd {
	page := m.keys.PageDown.Help().Key
	if m.unshown(id, effect) || m.inOutput() && m.output.Of(id, effect) {
		cmd := m.showPrinted(id)
		m.setFocus(paneOutput)
		if m.output.Dropped() > 0 {
			m.say(clean.Linef("The %s is longer than what is kept of it here (%s are gone), so it cannot be judged here.", effect, say.Count(m.output.Dropped(), "line")), true)
		} else {
			m.say(clean.Linef("Read the %s from its beginning to its end first; %s pages through it.", effect, page), true)
		}
		return cmd
	}
	cmd := m.showPlan(id)
	switch p := m.plan; {
	case !p.shown:
	case p.reading:
		m.say(clean.Linef("Read the %s first: it is coming.", effect), true)
	default:
		p.goBack()
		m.say(clean.Linef("Read the %s from its beginning to its end first: %s pages through it (%s).", effect, page, p.progress()), true)
	}
	return cmd
}

// readOn says how to go on reading, in words.
func (p *planPane) readOn() string {
	k := p.m.keys
	switch {
	case p.size.w < planReadable:
		return "the window is too narrow for it"
	case p.unreadable():
		return p.m.press(k.Output, "shows what was printed; read that, since some of this cannot be shown")
	case p.astray():
		return p.m.press(k.Tick, "goes back to where you have left it")
	}
	return p.m.press(k.PageDown, "scrolls")
}

// unreadable reports whether what is to be read next could not be fetched.
func (p *planPane) unreadable() bool {
	if p.read.entry >= len(p.doc.entries) {
		return false
	}
	e := &p.doc.entries[p.read.entry]
	return e.must && p.bodies[e.change] != nil && p.bodies[e.change].err != nil
}

// astray reports whether what is to be read next is above the screen, or closed.
func (p *planPane) astray() bool {
	if p.read.entry >= len(p.doc.entries) {
		return false
	}
	e := &p.doc.entries[p.read.entry]
	return p.read.before(p.top) || e.must && !e.open && p.onScreen(spot{entry: p.read.entry})
}

// goBack goes to what is to be read next.
func (p *planPane) goBack() {
	if p.astray() {
		e := &p.doc.entries[p.read.entry]
		e.open = e.open || e.must
		p.top = p.read
		p.settle()
		p.cursor = p.top
	}
}

// calledCorrect reports whether somebody has said that the newest plan of a step
// looks correct.
func (m *Model) calledCorrect(id document.StepID) bool {
	j := m.run.Step(id).Judgement
	if j == nil {
		return false
	}
	done := m.run.Effect(id, j.Effect).Finished
	return done != nil && done.Result.Facts[runbook.FactPlanHash] == j.Hash
}

// tick says that a manual step is done, or that the plan that was shown looks
// correct.
func (m *Model) tick(b *steps.Binding) tea.Cmd {
	id, engine := b.Step.ID, m.engine
	spec, _ := m.run.Spec(id)
	for _, e := range spec.Effects {
		if !e.Judged {
			continue
		}
		done := m.run.Effect(id, e.After).Finished
		switch {
		case m.run.Status(id, m.cfg.Now()) == runbook.Done:
			m.say(clean.Linef("The %s was carried out; nothing is left to judge.", e.After), true)
			return nil
		case done == nil:
			m.say(clean.Linef("There is no %s to judge yet.", e.After), true)
			return nil
		}
		if gone := m.run.Effect(id, e.After).Voided; gone != nil {
			m.say(clean.Linef("The %s counts no more: %s", e.After, gone.Text), true)
			return nil
		}
		if done.Result.Verdict != runbook.Passed {
			m.say(clean.Linef("The %s cannot be called correct: %s", e.After, done.Result.Summary), true)
			return nil
		}
		if !m.hasRead(id, e.After) {
			return m.readFirst(id, e.After)
		}
		m.setFocus(paneOutline) // it is read; what comes next stands beside the step
		hash := done.Result.Facts[runbook.FactPlanHash]
		return func() tea.Msg {
			return saidMsg{engine.Judge(id, e.After, hash), clean.Linef("Noted: you say that the %s looks correct.", e.After)}
		}
	}
	if m.run.Status(id, m.cfg.Now()) == runbook.TickedOff {
		return m.tell(func() error { return engine.Untick(id) })
	}
	return m.tell(func() error { return engine.Tick(id, "") })
}
