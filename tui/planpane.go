package tui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// planPane shows the plan of a step, in the place where the output of commands
// stands. What a plan says of a resource is fetched when it comes near the
// screen, so that the size of the plan costs no key anything.
type planPane struct {
	m     *Model
	size  rect
	shown bool

	step    document.StepID
	attempt string // the execution that made the plan
	label   string // the command
	reading bool   // it is being read from its files
	failed  error  // why it cannot be shown
	doc     *planDoc
	cancel  context.CancelFunc // of the reading
	// generation numbers the readings: an answer to an older one is dropped.
	generation int

	bodies   map[int]*planBody // by resource
	held     int               // lines of them
	fetching bool

	top     spot // of the screen
	cursor  spot
	read    spot // all before it has been on the screen without a gap
	whole   bool // all of it has
	wrapped int  // the width that rows are counted for
	search  search
	hunt    hunt
	goal    int // the line that the person is led to when it has been fetched, 0 for none
}

func newPlanPane(m *Model) *planPane {
	return &planPane{m: m, cancel: func() {}, bodies: map[int]*planBody{}}
}

// planReadMsg brings a plan that was read.
type planReadMsg struct {
	generation int
	doc        *planDoc
	err        error
}

// errNoPlan says that a step has no plan to show.
var errNoPlan = errors.New("there is no plan of this step")

// madePlan returns the effect of the step that makes a plan, and the execution
// that made the newest one, "" where there is none.
func (m *Model) madePlan(id document.StepID) (effect runbook.EffectSpec, attempt string, ok bool) {
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

// togglePlan shows the plan of the selected step, or hides the one that is shown.
func (m *Model) togglePlan() tea.Cmd {
	b, ok := m.selected()
	p := m.plan
	if p.shown && (!ok || p.step == b.Step.ID || !m.makesPlan(b)) {
		p.shown = false
		m.setFocus(m.focus)
		return nil
	}
	if !ok || !m.makesPlan(b) {
		if p.doc == nil {
			m.say(clean.Line("This step makes no plan."), true)
			return nil
		}
		p.shown = true
		m.setFocus(paneOutput)
		return nil
	}
	return m.showPlan(b.Step.ID)
}

func (m *Model) makesPlan(b *steps.Binding) bool {
	_, _, ok := m.madePlan(b.Step.ID)
	return ok
}

// showPlan shows the newest plan of a step and gives it the keys. It is read if
// it is another one than the one at hand.
func (m *Model) showPlan(id document.StepID) tea.Cmd {
	p := m.plan
	effect, _, _ := m.madePlan(id)
	if m.running != nil {
		m.say(clean.Linef("`%s` is running; its output is shown.", m.running.label), true)
		return nil
	}
	started, finished := m.run.Effect(id, effect.Name).Started, m.run.Effect(id, effect.Name).Finished
	if started == nil || finished == nil {
		m.say(clean.Linef("There is no %s yet.", effect.Name), true)
		return nil
	}
	p.shown = true
	if p.of(id, started.Attempt) && (p.doc != nil || p.reading) {
		m.setFocus(paneOutput)
		return nil
	}
	cmd := p.begin(id, started.Attempt, effect.Label.String())
	m.setFocus(paneOutput)
	return cmd
}

// of reports whether the pane is about what an execution of a step's command has
// made.
func (p *planPane) of(id document.StepID, attempt string) bool {
	return p.step == id && p.attempt == attempt && (p.doc != nil || p.reading || p.failed != nil)
}

// begin reads a plan.
func (p *planPane) begin(id document.StepID, attempt, label string) tea.Cmd {
	p.cancel()
	ctx, cancel := context.WithCancel(p.m.ctx)
	*p = planPane{
		m: p.m, size: p.size, shown: true, step: id, attempt: attempt, label: label, reading: true, cancel: cancel,
		generation: p.generation + 1, bodies: map[int]*planBody{},
	}
	generation, source := p.generation, p.m.plans
	return func() tea.Msg {
		defer cancel()
		doc, err := source(ctx, id)
		switch {
		case err != nil:
			return planReadMsg{generation, nil, err}
		case doc == nil:
			return planReadMsg{generation, nil, errNoPlan}
		}
		return planReadMsg{generation, doc, nil}
	}
}

// planRead shows a plan that was read. Where there is none to show, what was
// printed is left to read.
func (m *Model) planRead(msg planReadMsg) tea.Cmd {
	p := m.plan
	if msg.generation != p.generation || !p.reading {
		return nil
	}
	p.reading = false
	if msg.err == nil {
		p.doc = msg.doc
		p.rewrap()
		m.resize()
		m.detail.Invalidate()
		return nil
	}
	p.failed = msg.err
	shown := p.shown
	p.shown = false
	if p.m.ctx.Err() != nil {
		return nil
	}
	m.say(clean.Linef("The plan cannot be shown: %s. What was printed is left to read.", msg.err), true)
	if !shown {
		m.detail.Invalidate()
		return nil
	}
	return m.showPrinted(p.step)
}

// showPrinted shows what the command that made a step's plan had printed.
func (m *Model) showPrinted(id document.StepID) tea.Cmd {
	effect, _, _ := m.madePlan(id)
	done := m.run.Effect(id, effect.Name).Finished
	m.plan.shown = false
	var cmd tea.Cmd
	if m.running == nil && done != nil && !m.output.Of(id, effect.Name) {
		cmd = m.fetchPrinted(id, effect, done)
	}
	m.output.Shown = m.output.Any()
	m.setFocus(m.focus)
	return cmd
}

// setSize gives the pane its room.
func (p *planPane) setSize(r rect) {
	p.size = r
	p.rewrap()
}

// rewrap notes that rows have another width: lines are at their beginnings again,
// so that nothing of them counts as read.
func (p *planPane) rewrap() {
	if w := p.width(); p.doc != nil && w > 0 && w != p.wrapped {
		p.top.row, p.cursor.row, p.read.row, p.wrapped = 0, 0, 0, w
	}
}

// notice takes note of what is on the screen, and fetches what is missing there.
func (p *planPane) notice() tea.Cmd {
	if p.doc == nil || !p.shown || p.room() == 0 {
		return nil
	}
	p.settle()
	if !p.m.screens.covered() { // they cover it
		p.note()
	}
	return p.fetch()
}

// renewPlan reads the plan that is shown anew where there is a newer one.
func (m *Model) renewPlan() tea.Cmd {
	p := m.plan
	effect, attempt, ok := m.madePlan(p.step)
	if !ok || !p.shown || attempt == "" || attempt == p.attempt {
		return nil
	}
	cmd := p.begin(p.step, attempt, effect.Label.String())
	m.resize()
	return cmd
}
