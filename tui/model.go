// Package tui is the interactive checklist. It shows the state of a run and passes on
// what a person wants to do; the engine decides whether that is allowed.
package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/tui/detail"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/outline"
	"catalog-runbook/tui/output"
	"catalog-runbook/tui/plan"
	"catalog-runbook/tui/reader"
	"catalog-runbook/tui/terminal/display"
	"catalog-runbook/tui/terminal/input"
	"catalog-runbook/tui/terminal/job"
	"catalog-runbook/tui/text"
)

// Config is the configuration of a checklist.
type Config struct {
	Engine *steps.Engine
	World  elsewhere.World // nil except in practice
	Theme  text.Theme
	Open   func(url string) error // shows a link in a browser; may block. Nil is one that is not there
	// Copy puts text on a clipboard and says which one; it may block. Nil is one that is not
	// there.
	Copy func(text string) (said string, err error)
	Now  func() time.Time // nil is time.Now
	// Tell tells of an event, and on the terminal too if the person may be looking
	// elsewhere. It may block. It is nil if nobody is told.
	Tell func(e notify.Event, elsewhere bool) error
	// Send writes to the terminal between two frames; nil if it can't be asked anything.
	Send func(sequence string) error
	// Observe fetches what another process has recorded in the run. It may block. It
	// is nil if this process owns the run.
	Observe func() error
	Notice  clean.Text                                           // shown at the start
	Tick    func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // nil is tea.Tick
}

// Model is the checklist, and the only tea.Model. It routes messages and keys to its
// parts and components, and draws the frame around them. A part is a package of its
// own; components share the run with each other, and know nothing of Model.
type Model struct {
	*panes
	cancel context.CancelFunc // ends all checks and commands
	hint   hint               // for the selected step, as of the last message

	checks     *checks
	statements *statements
	releases   *releases
	outside    *outside
	results    *results
	runner     *runner
	guide      *guide
}

// New returns a checklist for the run of the engine.
func New(cfg Config) *Model {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Open == nil {
		cfg.Open = func(string) error { return errors.New("there's no browser here") }
	}
	if cfg.Copy == nil {
		cfg.Copy = func(string) (string, error) { return "", errors.New("there's no clipboard here") }
	}
	if cfg.Tick == nil {
		cfg.Tick = tick
	}
	c := &core{cfg: cfg, engine: cfg.Engine, keys: newKeyMap(), styles: text.NewStyles(cfg.Theme), drawn: map[key.Help]string{}}
	c.dialogs = dialogs{dialogConfig: dialog.Config{Styles: c.styles, Keys: c.keys.dialog()}, now: cfg.Now}
	m := &Model{panes: &panes{core: c}, outside: &outside{c}}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.results = &results{panes: m.panes, plans: plansOf(cfg.Engine)}
	m.checks = &checks{core: c, asking: map[document.StepID]*question{}, took: map[document.StepID]time.Duration{}}
	m.runner = &runner{results: m.results, checks: m.checks}
	m.statements, m.releases = &statements{c, m.checks, m.runner.lookAgain}, &releases{c, m.checks}
	m.guide = &guide{m.results, m.checks}
	m.screens.kinds = screenKinds(m.keys)
	m.outline = outline.New(m.engine.Bound(), m.keys.pager(), m.styles)
	m.outline.SetMarks(m.mark)
	m.detail = detail.New(detail.Config{Keys: m.keys.pager(), Styles: m.styles, Tick: cfg.Tick})
	m.detail.SetContent(m.content)
	m.output = m.results.newOutput(output.Command{}, nil)
	m.plan = m.results.newPlan(plan.Identity{})
	m.refresh()
	m.say(cfg.Notice, true)
	m.runner.findRunning()
	if id, _, ok := m.run.DoubtedEffect(); ok {
		m.outline.Select(id)
	} else if b, ok := m.selected(); ok && b.Kind.Question && (m.run.Release() != "" || m.run.Resumed() != nil) {
		m.outline.Select(m.engine.Bound().Steps[0].Step.ID) // which deployment it is has been decided
	}
	m.showSelected()
	return m
}

// tick is tea.Tick, of which the type of f has a name.
func tick(d time.Duration, f func(time.Time) tea.Msg) tea.Cmd { return tea.Tick(d, f) }

// Close cancels the checks in progress, and returns when their results are recorded. A
// running command continues under its supervisor. One without a supervisor is
// interrupted once, and Close waits for it.
func (m *Model) Close() {
	m.cancel()
	m.runner.effects.Lock() // a command that starts after this finds its context canceled
	defer m.runner.effects.Unlock()
}

// Init does nothing for a new run: the first frame is drawn from what is in memory. In
// a resumed run it repeats all checks, and follows the command that an earlier process
// has left running.
func (m *Model) Init() tea.Cmd {
	switch {
	case m.cfg.Observe != nil:
		return m.observe()
	case m.run.Resumed() == nil || !m.locked().Empty():
		return nil
	}
	return tea.Batch(m.runner.rejoin(), m.runner.lookAgain(), m.checks.askAll(m.walked()))
}

// Update handles one message. It never blocks: whatever has to wait is a command.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.handle(msg)
	cmd = tea.Batch(cmd, m.runner.announceQuestion(msg))
	m.advise()
	m.resize()
	m.detail.Invalidate()
	m.output.SetSpinner(m.ticker.spinner())
	m.plan.SetStanding(m.results.standing())
	switch {
	case m.screens.covered(), m.places.Below.H == 0: // nothing of it is read
	case m.plan.Shown && m.plan.MarkRead(), !m.plan.Shown && m.output.MarkRead():
		m.advise() // there is less to read
	}
	cmd = tea.Batch(cmd, m.plan.Fetch())
	if m.quit {
		return m, tea.Quit
	}
	busy := len(m.checks.asking) > 0 || m.running != nil
	return m, tea.Batch(cmd, m.ticker.start(m.cfg.Tick, busy, func() bool { return m.ages(m.outline.Selected()) }))
}

// advise finds out what to do next about the selected step.
func (m *Model) advise() {
	m.hint = hint{}
	if b, ok := m.selected(); ok {
		m.hint = m.guide.hint(b)
	}
}

// handle routes a message to the component that it is for.
func (m *Model) handle(msg tea.Msg) (cmd tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		first := m.w == 0
		m.w, m.h = msg.Width, msg.Height
		m.resize()
		cmd = m.detail.Update(msg)
		if first {
			cmd = tea.Batch(cmd, m.askBackground())
		}
	case tea.KeyMsg:
		cmd = m.key(msg)
	case tea.MouseMsg:
		cmd = m.mouse(msg)
	case do:
		cmd = msg()
	case checkedMsg:
		cmd = m.checks.checked(msg)
	case allCheckedMsg:
		m.checks.allChecked(msg)
	case askAgainMsg:
		cmd = m.checks.askAgain(msg)
	case saidMsg:
		m.said(msg)
	case elsewhereMsg:
		m.statements.elsewhere(msg)
	case acceptMsg:
		m.statements.foundAgain(msg)
	case offersMsg:
		m.statements.offer(msg)
	case filledMsg:
		cmd = m.statements.filled(msg)
	case chosenMsg:
		cmd = m.releases.chosen(msg)
	case preparedMsg:
		cmd = m.runner.prepared(msg)
	case scopeMsg:
		cmd = m.runner.scoped(msg)
	case pretendedMsg:
		cmd = m.runner.pretended(msg)
	case releasesMsg:
		m.releases.offer(msg)
	case output.PieceMsg:
		cmd = m.results.received(msg)
	case plan.Msg:
		cmd = m.results.planned(msg)
	case plan.SayMsg:
		m.say(msg.Text, true)
	case job.NoShell:
		m.stays()
	case tea.ResumeMsg:
		cmd = tea.Batch(m.checks.repeat(), m.askBackground())
	case input.Reply:
		if m.answered(msg) {
			cmd = m.detail.Update(tea.WindowSizeMsg{}) // renders the step's Markdown again
		}
	case observedMsg:
		cmd = m.observed(msg)
	case observeDueMsg:
		cmd = m.observe()
	case tea.FocusMsg:
		m.attention.Away = false
	case tea.BlurMsg:
		m.attention.Away = true
	case toldMsg:
		if m.attention.First(msg.err) {
			m.say(clean.Linef("%s. Later failures aren't shown.", msg.err), true)
		}
	case tickMsg:
		if m.ticker.take(msg) {
			m.refresh()
			m.checks.settle()
		}
	default:
		cmd = m.detail.Update(msg)
	}
	return cmd
}

// mark returns the sign of a step in the outline.
func (m *Model) mark(id document.StepID) string {
	status := m.run.Status(id, m.cfg.Now())
	if m.checks.asking[id] != nil || status == runbook.InProgress && (m.running != nil || m.cfg.Observe != nil) {
		return m.styles.Note.Render(m.ticker.spinner())
	}
	return m.styles.Status(status).Render(text.Sign(status))
}

// content returns what the detail pane shows of the selected step beside its text.
func (m *Model) content() detail.Content {
	b, _ := m.selected()
	id := b.Step.ID
	status := m.run.Status(id, m.cfg.Now())
	state := m.guide.statusWords(id, status)
	if q := m.checks.asking[id]; q != nil && q.waiting {
		status = runbook.Waiting
	}
	c := detail.Content{
		Binding: b, Run: m.run, Now: m.cfg.Now(), Acted: m.acted, Status: status, State: state,
		Focused: m.focused(paneDetail), TimeOfDay: m.clocks,
	}
	if m.dialog == nil { // else its keys are the dialogue's
		c.Next = m.hint.text
	}
	if a := m.advice(b); a.Effect != nil {
		_, c.Dir, _ = m.engine.Command(id, a.Effect.Name) // an error is shown when it is run
	}
	return c
}

// Beside implements display.Shown.
func (m *Model) Beside() display.State {
	s := display.State{Title: m.windowTitle(), Links: m.links()}
	if m.running != nil || m.checks.longest() != "" {
		s.Progress.Phase = display.Running
	}
	return s
}

// links returns the addresses that the frame may show as links.
func (m *Model) links() []string {
	if top, covered := m.screens.top(); covered {
		if doc, ok := top.screen.(*reader.Reader); ok {
			return m.outside.clickable(m.outside.destinations(doc.Links()))
		}
	}
	b, ok := m.selected()
	if !ok {
		return nil
	}
	return m.outside.clickable(m.outside.linksOf(b))
}

// windowTitle says in a few words how far the walk is, and what it waits for.
func (m *Model) windowTitle() clean.Text {
	var tally runbook.Tally
	if b, ok := m.selected(); ok {
		for _, p := range m.done {
			if p.Section == b.Step.Section {
				tally = p.Tally
			}
		}
	}
	stand := "waiting for you"
	if id := m.checks.longest(); m.running != nil {
		stand = "running " + m.running.label
	} else if b, ok := m.engine.Bound().Step(id); ok {
		stand = "waiting for " + b.Label().String()
	} else if e := tally.Ending(); e != runbook.StillOpen {
		stand = string(e)
	}
	if tag := m.run.Release(); tag != "" {
		stand += " · release " + tag
	}
	if tally.Steps > 0 {
		stand = fmt.Sprintf("%d/%d · %s", tally.Held(), tally.Steps, stand)
	}
	return clean.Line(stand + " · " + modeName(m.engine.Mode()))
}

// observeEvery is the interval at which the run of another process is fetched.
const observeEvery = time.Second

// observedMsg reports that the run has been fetched, or why it could not be.
type observedMsg struct{ err error }

// observeDueMsg reports that it is time to fetch the run again.
type observeDueMsg struct{}

// observe fetches what another process has recorded in the run.
func (m *Model) observe() tea.Cmd {
	fetch := m.cfg.Observe
	if fetch == nil {
		return nil
	}
	return func() tea.Msg { return observedMsg{fetch()} }
}

// observed shows what another process has recorded. It stops observing after an error.
func (m *Model) observed(msg observedMsg) tea.Cmd {
	before, _, _ := m.run.RunningEffect()
	m.refresh()
	if id, _, ok := m.run.RunningEffect(); ok && id != before { // a command has started
		m.outline.Select(id)
		m.showSelected()
	}
	if msg.err != nil {
		m.say(clean.Line(fmt.Sprintf("Can't follow what happens in this run: %s", msg.err)), true)
		return nil
	}
	again := m.cfg.Tick(observeEvery, func(time.Time) tea.Msg { return observeDueMsg{} })
	return tea.Batch(m.results.reloadPlan(), again)
}
