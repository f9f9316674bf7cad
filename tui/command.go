package tui

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/output"
)

// command is the effect that is being run, by this process or by an earlier one.
type command struct {
	id     document.StepID
	effect runbook.EffectSpec
	label  string
	since  time.Time
	feed   *output.Feed
	typed  chan []byte
	stop   chan steps.Stop
	before *output.Output // what was shown before it

	interrupted time.Time // when it was asked to end; zero while it was not
}

// runner runs the commands of the runbook's steps.
type runner struct {
	*results
	effects sync.Mutex // held while a command runs
}

// preparedMsg says whether an effect may be run once it is confirmed.
type preparedMsg struct {
	id     document.StepID
	effect runbook.EffectSpec
	err    error
	plan   *steps.PlanReading // that the effect would carry out, nil where there is none
	unread clean.Text         // why there is none
}

// prepare asks again what the step's next command relies on. In a dry run it
// shows what would be run.
func (m *runner) prepare(b *steps.Binding) tea.Cmd {
	id := b.Step.ID
	effect := m.advice(b).Effect
	switch {
	case m.running != nil:
		m.say(clean.Linef("`%s` is running.", m.running.label), true)
		return nil
	case m.run.Status(id, m.cfg.Now()) == runbook.InProgress: // and could not be looked at
		m.findRunning()
		return m.rejoin()
	case effect == nil:
		m.say(clean.Line("This step has no command to run now."), true)
		return nil
	}
	engine, ctx := m.engine, m.ctx
	if m.engine.Mode() == runbook.DryRun {
		return func() tea.Msg {
			demands, err := engine.Pretend(ctx, id, effect.Name)
			return pretendedMsg{id, *effect, demands, err}
		}
	}
	return m.prepareEffect(id, *effect)
}

// prepareEffect asks again what a command relies on.
func (m *runner) prepareEffect(id document.StepID, effect runbook.EffectSpec) tea.Cmd {
	m.say(clean.Line("Asking again about everything that the command relies on…"), false)
	engine, ctx := m.engine, m.ctx
	plan := m.planFor(id, effect)
	return func() tea.Msg {
		msg := preparedMsg{id: id, effect: effect, err: engine.Prepare(ctx, id, effect.Name)}
		if msg.err == nil {
			msg.plan, msg.unread = plan()
		}
		return msg
	}
}

// prepared asks for the confirmation, or shows what stands before the command.
func (m *runner) prepared(msg preparedMsg) tea.Cmd {
	m.message = message{}
	m.refresh()
	if m.dialog != nil || m.outline.Selected() != msg.id {
		return nil // the person has gone on to something else
	}
	if msg.err != nil {
		m.notNow(msg)
		return nil
	}
	m.confirm(msg)
	return nil
}

// notNow says why a command cannot be run. Where the gate would let it, what is
// wrong is what it builds on, which the run knows nothing of: that can be made anew
// from here.
func (m *runner) notNow(msg preparedMsg) {
	title, lines := "Not now: "+msg.effect.Label.String(), reasons(msg.err)
	before, _, ok := m.madePlan(msg.id)
	var refusal *runbook.Refusal
	if errors.As(msg.err, &refusal) || !ok || before.Name != msg.effect.After {
		m.comeUp(dialog.NewNotice(m.dialogConfig, title, lines))
		return
	}
	m.comeUp(dialog.NewDecision(m.dialogConfig, title, lines, dialog.Option{
		Letter: "r", Text: "run `" + before.Label.String() + "` again, after you confirm it",
		Answer: do(func() tea.Cmd { return m.prepareEffect(msg.id, before) }),
	}))
}

// reasons returns what a refusal lists, one a line.
func reasons(err error) []string {
	var refusal *runbook.Refusal
	if !errors.As(err, &refusal) {
		return []string{clean.Line(err.Error()).String()}
	}
	var lines []string
	for _, r := range refusal.Reasons {
		if r.Demand != runbook.DemandConfirmation {
			lines = append(lines, "- "+r.Text.String())
		}
	}
	return lines
}

// perform runs a confirmed effect.
func (m *runner) perform(id document.StepID, effect runbook.EffectSpec, phrase string) tea.Cmd {
	m.attach(id, effect, m.cfg.Now())
	engine := m.engine
	return m.follow(func(ctx context.Context, s steps.Session) error {
		return engine.Perform(ctx, id, effect.Name, phrase, s)
	})
}

// findRunning shows the command that an earlier process has left running.
func (m *runner) findRunning() {
	id, name, ok := m.run.RunningEffect()
	spec, _ := m.run.Spec(id)
	effect := spec.Effect(name)
	if !ok || effect == nil || !m.locked().Empty() {
		return
	}
	m.outline.Select(id)
	m.attach(id, *effect, m.run.Effect(id, name).Started.At)
}

// rejoin follows the command that findRunning has found.
func (m *runner) rejoin() tea.Cmd {
	if m.running == nil {
		return nil
	}
	return m.follow(m.engine.Rejoin)
}

// attach makes room for a command and what it prints.
func (m *runner) attach(id document.StepID, effect runbook.EffectSpec, since time.Time) {
	before := m.keptOutput()
	f := m.makeRoom(id, effect, since)
	m.over = func(err error) tea.Cmd { return m.performed(m.running, err) }
	m.running = &command{
		id: id, effect: effect, label: effect.Label.String(), since: since, before: before,
		feed: f, typed: make(chan []byte, 8), stop: make(chan steps.Stop, 2),
	}
	m.resize()
}

// newOutput returns the output of a command.
func (m *results) newOutput(c output.Command, f *output.Feed) *output.Output {
	return output.New(output.Config{Styles: m.styles, Keys: m.keys.scrolling(), Now: m.cfg.Now}, c, f)
}

// keptOutput returns the output that can be shown again later: an empty one where
// more was to come, because nobody will be listening for it.
func (m *results) keptOutput() *output.Output {
	if m.output.Ended() {
		return m.output
	}
	return m.newOutput(output.Command{}, nil)
}

// makeRoom shows the output of another command, which comes through the feed. Since
// is when the command was started, zero if it has ended.
func (m *results) makeRoom(id document.StepID, effect runbook.EffectSpec, since time.Time) *output.Feed {
	engine, name := m.engine, effect.Name
	f := output.NewFeed(func() string { return engine.OutputFile(id, name) })
	spec, _ := m.run.Spec(id)
	toRead := slices.ContainsFunc(spec.Effects, func(e runbook.EffectSpec) bool { return e.Judged && e.After == effect.Name })
	m.output = m.newOutput(output.Command{Step: id, Effect: name, Label: effect.Label.String(), Since: since, ToRead: toRead}, f)
	m.plan.Shown = false
	m.detail.Top()
	return f
}

// follow ties the running command to the screen.
func (m *runner) follow(run func(context.Context, steps.Session) error) tea.Cmd {
	c, ctx, effects := m.running, m.ctx, &m.effects
	session := steps.Session{Show: c.feed.Put, Typed: c.typed, Stop: c.stop}
	follow := func() tea.Msg {
		effects.Lock()
		defer effects.Unlock()
		c.feed.Close(run(ctx, session))
		return nil
	}
	return tea.Batch(follow, c.feed.Listen(ctx))
}

// performed shows what came of a command.
func (m *runner) performed(c *command, err error) tea.Cmd {
	m.running = nil
	m.refresh()
	if m.concerns == c {
		m.open(nil) // it asked about a command that has ended
	}
	done := m.run.Effect(c.id, c.effect.Name).Finished
	var refusal *runbook.Refusal
	var cmd tea.Cmd
	switch {
	case errors.As(err, &refusal):
		m.output = c.before // it was not run: what was there can be read on
		m.comeUp(dialog.NewNotice(m.dialogConfig, "Not run: "+c.label, reasons(err)))
	case err != nil:
		m.output = c.before
		m.say(clean.Line(err.Error()), true)
	case done != nil:
		m.output.Finish(done)
		m.say(done.Result.Summary, done.Result.Verdict != runbook.Passed)
		cmd = m.comePlan(c, done)
	default:
		m.output.Finish(nil)
		if doubt := m.run.Effect(c.id, c.effect.Name).Doubted; doubt != nil {
			m.say(doubt.Text, true)
		}
	}
	m.resize()
	return cmd
}

// comePlan shows the plan that a command has just made, and gives it the keys
// unless the person is at something else.
func (m *runner) comePlan(c *command, done *runbook.EffectFinished) tea.Cmd {
	effect, _, ok := m.madePlan(c.id)
	if !ok || effect.Name != c.effect.Name || done.Exit != 0 {
		return nil
	}
	at := m.focus
	cmd := m.showPlan(c.id)
	if m.dialog != nil || m.screens.covered() || m.outline.Selected() != c.id {
		m.setFocus(at)
	}
	m.message = message{} // the verdict stands in the plan
	return cmd
}

// pretendedMsg brings what a dry run shows of an effect.
type pretendedMsg struct {
	id      document.StepID
	effect  runbook.EffectSpec
	demands []runbook.Reason
	err     error
}

func (m *runner) pretended(msg pretendedMsg) tea.Cmd {
	m.refresh()
	if msg.err != nil {
		m.say(clean.Line(msg.err.Error()), true)
		return nil
	}
	dir := clean.Line(m.engine.World().Checkout.Dir).String()
	if dir == "" {
		dir = "the infrastructure checkout, which is not set"
	}
	lines := []string{"Would run: " + msg.effect.Label.String(), "in:        " + dir, "Nothing was run. The walk goes on as if it had been done."}
	if len(msg.demands) > 0 {
		lines = append(lines, "In a live run, the gate would demand first:")
	}
	for _, d := range msg.demands {
		lines = append(lines, "- "+d.Text.String())
	}
	m.comeUp(dialog.NewNotice(m.dialogConfig, "Dry run", lines))
	return nil
}

// startTyping sends a line to the running command.
func (m *runner) startTyping() {
	if m.running == nil {
		m.say(clean.Line("No command is running."), true)
		return
	}
	if m.running.effect.Judged {
		m.say(clean.Linef("`%s` is answered by the program: yes to the plan that was reviewed, no to any other.", m.running.label), true)
		return
	}
	typed := m.running.typed
	m.open(dialog.NewPrompt(m.dialogConfig, "Type into `"+m.running.label+"`", nil, func(text string) (tea.Msg, string) {
		select {
		case typed <- []byte(text + "\n"):
			return nil, ""
		default:
			return nil, "the command has not read what was typed before"
		}
	}))
	m.concerns = m.running
}

// received takes output of a command. With its last piece comes the end of the
// command.
func (m *results) received(msg output.PieceMsg) tea.Cmd {
	if !m.output.Takes(msg) {
		return nil // another output has taken its place
	}
	cmd := m.output.Update(msg)
	if msg.Last {
		return m.over(msg.Err)
	}
	return cmd
}
