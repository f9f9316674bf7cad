package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/plan"
)

// planSource reads the newest plan of a step, nil where there is none.
type planSource func(context.Context, document.StepID) (*plan.Doc, error)

// plansOf reads plans as the engine keeps them.
func plansOf(e *steps.Engine) planSource {
	return func(ctx context.Context, id document.StepID) (*plan.Doc, error) {
		r, err := e.Plan(ctx, id)
		if err != nil || r == nil {
			return nil, err
		}
		return plan.LayOut(r, r.Lines), nil
	}
}

// newPlan returns the part that shows a plan; the zero identity is no plan.
func (m *results) newPlan(id plan.Identity) *plan.Plan {
	return plan.New(plan.Config{Styles: m.styles, Keys: m.keys.plan(), Context: m.ctx}, id)
}

// madePlan returns the effect of the step that makes a plan, and the execution
// that made the newest one, "" where there is none.
func (m *results) madePlan(id document.StepID) (effect runbook.EffectSpec, attempt string, ok bool) {
	spec, _ := m.run.Spec(id)
	for _, e := range spec.Effects {
		if !e.Judged {
			continue
		}
		made := spec.Effect(e.After)
		if made == nil {
			continue
		}
		if s := m.run.Effect(id, e.After); s.Started != nil && s.Finished != nil {
			attempt = s.Started.Attempt
		}
		return *made, attempt, true
	}
	return runbook.EffectSpec{}, "", false
}

func (m *results) makesPlan(b *steps.Binding) bool {
	_, _, ok := m.madePlan(b.Step.ID)
	return ok
}

// inPlan reports whether the plan has the keys and is on the screen.
func (m *panes) inPlan() bool { return m.focus == paneOutput && m.plan.Shown }

// togglePlan shows the plan of the selected step, or hides the one that is shown.
func (m *results) togglePlan() tea.Cmd {
	b, ok := m.selected()
	makes := ok && m.makesPlan(b)
	switch {
	case m.plan.Shown && (!makes || m.plan.Identity().Step == b.Step.ID):
		m.plan.Shown = false
		m.setFocus(m.focus)
	case makes:
		return m.showPlan(b.Step.ID)
	case m.plan.Doc() == nil:
		m.say(clean.Line("This step makes no plan."), true)
	default:
		m.plan.Shown = true
		m.setFocus(paneOutput)
	}
	return nil
}

// showPlan shows the newest plan of a step and gives it the keys. It is read if
// it is another one than the one at hand.
func (m *results) showPlan(id document.StepID) tea.Cmd {
	effect, _, _ := m.madePlan(id)
	if m.running != nil {
		m.say(clean.Linef("`%s` is running; its output is shown.", m.running.label), true)
		return nil
	}
	state := m.run.Effect(id, effect.Name)
	if state.Started == nil || state.Finished == nil {
		m.say(clean.Linef("There is no %s yet.", effect.Name), true)
		return nil
	}
	var cmd tea.Cmd
	if m.plan.Shown = true; !m.plan.Of(id, state.Started.Attempt) || m.plan.Failed() != nil {
		cmd = m.beginPlan(plan.Identity{Step: id, Attempt: state.Started.Attempt, Label: effect.Label.String()})
	}
	m.setFocus(paneOutput)
	return cmd
}

// beginPlan reads a plan and shows it.
func (m *results) beginPlan(id plan.Identity) tea.Cmd {
	m.plan.Close()
	m.plan = m.newPlan(id)
	m.plan.Shown = true
	source := m.plans
	return m.plan.Load(func(ctx context.Context) (*plan.Doc, error) { return source(ctx, id.Step) })
}

// planned takes what the plan has asked for. Where there is no plan to show, what
// was printed is left to read.
func (m *results) planned(msg plan.Msg) tea.Cmd {
	was := m.plan.Reading()
	cmd := m.plan.Update(msg)
	if !was || m.plan.Reading() {
		return cmd
	}
	err := m.plan.Failed()
	if err == nil || m.ctx.Err() != nil {
		return cmd
	}
	m.say(clean.Linef("The plan cannot be shown: %s. What was printed is left to read.", err), true)
	if !m.plan.Shown {
		return cmd
	}
	return m.showPrinted(m.plan.Identity().Step)
}

// showPrinted shows what the command that made a step's plan had printed.
func (m *results) showPrinted(id document.StepID) tea.Cmd {
	effect, _, _ := m.madePlan(id)
	done := m.run.Effect(id, effect.Name).Finished
	m.plan.Shown = false
	var cmd tea.Cmd
	if m.running == nil && done != nil && !m.output.Of(id, effect.Name) {
		cmd = m.fetchPrinted(id, effect, done)
	}
	m.output.Shown = m.output.Any()
	m.setFocus(m.focus)
	return cmd
}

// renewPlan reads the plan that is shown anew where there is a newer one.
func (m *results) renewPlan() tea.Cmd {
	id := m.plan.Identity()
	effect, attempt, ok := m.madePlan(id.Step)
	if !ok || !m.plan.Shown || attempt == "" || attempt == id.Attempt {
		return nil
	}
	return m.beginPlan(plan.Identity{Step: id.Step, Attempt: attempt, Label: effect.Label.String()})
}

// standing is what became of the plan that is shown.
func (m *results) standing() plan.Standing {
	id := m.plan.Identity()
	made, attempt, _ := m.madePlan(id.Step)
	switch {
	case attempt != id.Attempt:
		return plan.Superseded
	case m.run.Effect(id.Step, made.Name).Voided != nil:
		return plan.Lapsed
	case m.calledCorrect(id.Step):
		return plan.Correct
	}
	return plan.Current
}

// calledCorrect reports whether somebody has said that the newest plan of a step
// looks correct.
func (m *results) calledCorrect(id document.StepID) bool {
	j := m.run.Step(id).Judgement
	if j == nil {
		return false
	}
	done := m.run.Effect(id, j.Effect).Finished
	return done != nil && done.Result.Facts[runbook.FactPlanHash] == j.Hash
}

// hasRead reports whether the plan that an effect of the step has made last was
// read, as it was printed or in the plan's pane.
func (m *results) hasRead(id document.StepID, effect string) bool {
	started := m.run.Effect(id, effect).Started
	return m.output.ReadToEnd(id, effect) || started != nil && m.plan.ReadToEnd(id, started.Attempt)
}

// unshown reports whether a plan could not be shown, so that what was printed is
// what is left to read.
func (m *results) unshown(id document.StepID, effect string) bool {
	started := m.run.Effect(id, effect).Started
	return started == nil || m.plan.Failed() != nil && m.plan.Of(id, started.Attempt)
}

// readFirst shows what must be read before it can be called correct, and says so.
func (m *results) readFirst(id document.StepID, effect string) tea.Cmd {
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
	case !p.Shown:
	case p.Reading():
		m.say(clean.Linef("Read the %s first: it is coming.", effect), true)
	default:
		p.GoBack()
		m.say(clean.Linef("Read the %s from its beginning to its end first: %s pages through it (%s).", effect, page, p.Progress()), true)
	}
	return cmd
}

// readOn says how to go on reading the plan.
func (m *results) readOn() string {
	k := m.keys
	switch {
	case m.plan.TooNarrow():
		return "the window is too narrow for it"
	case m.plan.Unreadable():
		return m.press(k.Output, "shows what was printed; read that, since some of this cannot be shown")
	case m.plan.Astray():
		return m.press(k.Tick, "goes back to where you have left it")
	}
	return m.press(k.PageDown, "scrolls")
}

// tick says that a manual step is done, or that the plan that was shown looks
// correct.
func (m *results) tick(b *steps.Binding) tea.Cmd {
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
