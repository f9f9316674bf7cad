// Package tui is the interactive checklist. It shows the state of a run and passes on
// what a person wants to do; the engine decides whether that is allowed.
package tui

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	_ "catalog-runbook/tui/background" // initialised before Bubble Tea, which would query the terminal
	"catalog-runbook/tui/detail"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/outline"
	"catalog-runbook/tui/output"
	"catalog-runbook/tui/plan"
	"catalog-runbook/tui/text"
)

// Act is something that a person would do outside of the program. In the practice
// world they do it in a pane.
type Act struct {
	ID, Label, Hint string
	Enabled         bool
	Publishes       bool // publishes the release that the run can deploy
}

// Elsewhere is what the checklist shows of the practice world. Its methods must not
// block.
type Elsewhere interface {
	Acts() []Act
	Do(id string) error
	News() []string // what happened there, the newest last
}

// Config is the configuration of a checklist.
type Config struct {
	Engine *steps.Engine
	World  Elsewhere // nil except in practice
	Dark   bool
	Plain  bool                    // no colours in Markdown
	Open   func(url string) error  // shows a link in a browser; may block
	Copy   func(text string) error // puts text on the clipboard; may block
	Now    func() time.Time        // nil is time.Now
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
	if cfg.Tick == nil {
		cfg.Tick = func(d time.Duration, f func(time.Time) tea.Msg) tea.Cmd { return tea.Tick(d, f) }
	}
	c := &core{cfg: cfg, engine: cfg.Engine, keys: newKeyMap(), styles: text.NewStyles(cfg.Dark)}
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
	m.detail = detail.New(detail.Config{Keys: m.keys.pager(), Styles: m.styles, Theme: m.theme(), Tick: cfg.Tick})
	m.detail.SetContent(m.content)
	m.output = m.results.newOutput(output.Command{}, nil)
	m.plan = m.results.newPlan(plan.Identity{})
	m.refresh()
	m.say(cfg.Notice, true)
	m.runner.findRunning()
	if id, _, ok := m.run.DoubtedEffect(); ok {
		m.outline.Select(id)
	}
	m.showSelected()
	return m
}

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
	return tea.Batch(m.runner.rejoin(), m.runner.lookAgain(), m.checks.askAll())
}

// Update handles one message. It never blocks: whatever has to wait is a command.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.handle(msg)
	m.resize()
	m.detail.Invalidate()
	m.output.SetSpinner(m.ticker.spinner())
	m.plan.SetStanding(m.results.standing())
	switch {
	case m.screens.covered(): // nothing below it is read
	case m.plan.Shown:
		m.plan.MarkRead()
	default:
		m.output.MarkRead()
	}
	cmd = tea.Batch(cmd, m.plan.Fetch())
	if m.quit {
		return m, tea.Quit
	}
	busy := len(m.checks.asking) > 0 || m.running != nil
	return m, tea.Batch(cmd, m.ticker.start(m.cfg.Tick, busy, func() bool { return m.ages(m.outline.Selected()) }))
}

// handle routes a message to the component that it is for.
func (m *Model) handle(msg tea.Msg) (cmd tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.resize()
		cmd = m.detail.Update(msg)
	case tea.KeyMsg:
		cmd = m.key(msg)
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
	case observedMsg:
		cmd = m.observed(msg)
	case observeDueMsg:
		cmd = m.observe()
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
	c := detail.Content{
		Binding: b, Run: m.run, Now: m.cfg.Now(), State: m.guide.statusWords(id, m.run.Status(id, m.cfg.Now())),
		Next: m.guide.hint(b).text, Focused: m.focus == paneDetail && !m.places.single,
	}
	if a := m.advice(b); a.Effect != nil {
		_, c.Dir, _ = m.engine.Command(id, a.Effect.Name) // an error is shown when it is run
	}
	return c
}

// theme returns the theme for Markdown.
func (m *Model) theme() text.Theme {
	switch {
	case m.cfg.Plain:
		return text.Plain
	case m.cfg.Dark:
		return text.Dark
	}
	return text.Light
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
		m.say(clean.Line(fmt.Sprintf("What happens in this run cannot be followed any more: %s", msg.err)), true)
		return nil
	}
	again := m.cfg.Tick(observeEvery, func(time.Time) tea.Msg { return observeDueMsg{} })
	return tea.Batch(m.results.reloadPlan(), again)
}
