package tui

import (
	"context"
	"errors"
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
func (rn *runner) prepare(b *steps.Binding) tea.Cmd {
	id := b.Step.ID
	effect := rn.advice(b).Effect
	switch {
	case rn.running != nil:
		rn.say(clean.Linef("`%s` is running.", rn.running.label), true)
		return nil
	case rn.run.Status(id, rn.cfg.Now()) == runbook.InProgress: // and could not be looked at
		rn.findRunning()
		return rn.rejoin()
	case effect == nil:
		rn.say(clean.Line("This step has no command to run now."), true)
		return nil
	}
	engine, ctx := rn.engine, rn.ctx
	if rn.engine.Mode() == runbook.DryRun {
		return func() tea.Msg {
			demands, err := engine.Pretend(ctx, id, effect.Name)
			return pretendedMsg{id, *effect, demands, err}
		}
	}
	return rn.prepareEffect(id, *effect)
}

// prepareEffect asks again what a command relies on.
func (rn *runner) prepareEffect(id document.StepID, effect runbook.EffectSpec) tea.Cmd {
	rn.say(clean.Line("Asking again about everything that the command relies on…"), false)
	engine, ctx := rn.engine, rn.ctx
	plan := rn.planFor(id, effect)
	return func() tea.Msg {
		msg := preparedMsg{id: id, effect: effect, err: engine.Prepare(ctx, id, effect.Name)}
		if msg.err == nil {
			msg.plan, msg.unread = plan()
		}
		return msg
	}
}

// prepared asks for the confirmation, or shows what stands before the command.
func (rn *runner) prepared(msg preparedMsg) tea.Cmd {
	rn.message = message{}
	rn.refresh()
	if rn.dialog != nil || rn.outline.Selected() != msg.id {
		return nil // the person has gone on to something else
	}
	if msg.err != nil {
		rn.blocked(msg)
		return nil
	}
	rn.confirm(msg)
	return nil
}

// blocked says why a command cannot be run. Where the gate would let it, what is
// wrong is what it builds on, which the run knows nothing of: that can be made anew
// from here.
func (rn *runner) blocked(msg preparedMsg) {
	title, lines := "Not now: "+msg.effect.Label.String(), reasons(msg.err)
	before, _, ok := rn.planEffect(msg.id)
	var refusal *runbook.Refusal
	if errors.As(msg.err, &refusal) || !ok || before.Name != msg.effect.After {
		rn.comeUp(dialog.NewNotice(rn.dialogConfig, title, lines))
		return
	}
	rn.comeUp(dialog.NewDecision(rn.dialogConfig, title, lines, dialog.Option{
		Letter: "r", Text: "run `" + before.Label.String() + "` again, after you confirm it",
		Answer: do(func() tea.Cmd { return rn.prepareEffect(msg.id, before) }),
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
func (rn *runner) perform(id document.StepID, effect runbook.EffectSpec, phrase string) tea.Cmd {
	rn.attach(id, effect, rn.cfg.Now())
	engine := rn.engine
	return rn.follow(func(ctx context.Context, s steps.Session) error {
		return engine.Perform(ctx, id, effect.Name, phrase, s)
	})
}

// findRunning shows the command that an earlier process has left running.
func (rn *runner) findRunning() {
	id, name, ok := rn.run.RunningEffect()
	spec, _ := rn.run.Spec(id)
	effect := spec.Effect(name)
	if !ok || effect == nil || !rn.locked().Empty() {
		return
	}
	rn.outline.Select(id)
	rn.attach(id, *effect, rn.run.Effect(id, name).Started.At)
}

// rejoin follows the command that findRunning has found.
func (rn *runner) rejoin() tea.Cmd {
	if rn.running == nil {
		return nil
	}
	return rn.follow(rn.engine.Rejoin)
}

// attach makes room for a command and what it prints.
func (rn *runner) attach(id document.StepID, effect runbook.EffectSpec, since time.Time) {
	before := rn.keptOutput()
	f := rn.replaceOutput(id, effect, since)
	rn.over = func(err error) tea.Cmd { return rn.performed(rn.running, err) }
	rn.running = &command{
		id: id, effect: effect, label: effect.Label.String(), since: since, before: before,
		feed: f, typed: make(chan []byte, 8), stop: make(chan steps.Stop, 2),
	}
	rn.resize()
}

// follow ties the running command to the screen.
func (rn *runner) follow(run func(context.Context, steps.Session) error) tea.Cmd {
	c, ctx, effects := rn.running, rn.ctx, &rn.effects
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
func (rn *runner) performed(c *command, err error) tea.Cmd {
	rn.running = nil
	rn.refresh()
	if rn.concerns == c {
		rn.open(nil) // it asked about a command that has ended
	}
	done := rn.run.Effect(c.id, c.effect.Name).Finished
	var refusal *runbook.Refusal
	var cmd tea.Cmd
	switch {
	case errors.As(err, &refusal):
		rn.output = c.before // it was not run: what was there can be read on
		rn.comeUp(dialog.NewNotice(rn.dialogConfig, "Not run: "+c.label, reasons(err)))
	case err != nil:
		rn.output = c.before
		rn.say(clean.Line(err.Error()), true)
	case done != nil:
		rn.output.Finish(done)
		rn.say(done.Result.Summary, done.Result.Verdict != runbook.Passed)
		cmd = rn.showNewPlan(c, done)
	default:
		rn.output.Finish(nil)
		if doubt := rn.run.Effect(c.id, c.effect.Name).Doubted; doubt != nil {
			rn.say(doubt.Text, true)
		}
	}
	rn.resize()
	return cmd
}

// showNewPlan shows the plan that a command has just made, and gives it the keys
// unless the person is at something else.
func (rn *runner) showNewPlan(c *command, done *runbook.EffectFinished) tea.Cmd {
	if !rn.makesPlan(c.id, c.effect.Name) || done.Exit != 0 {
		return nil
	}
	at := rn.focus
	cmd := rn.showPlan(c.id)
	if rn.dialog != nil || rn.screens.covered() || rn.outline.Selected() != c.id {
		rn.setFocus(at)
	}
	rn.message = message{} // the verdict stands in the plan
	return cmd
}

// pretendedMsg brings what a dry run shows of an effect.
type pretendedMsg struct {
	id      document.StepID
	effect  runbook.EffectSpec
	demands []runbook.Reason
	err     error
}

func (rn *runner) pretended(msg pretendedMsg) tea.Cmd {
	rn.refresh()
	if msg.err != nil {
		rn.say(clean.Line(msg.err.Error()), true)
		return nil
	}
	dir := clean.Line(rn.engine.World().Checkout.Dir).String()
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
	rn.comeUp(dialog.NewNotice(rn.dialogConfig, "Dry run", lines))
	return nil
}

// startTyping sends a line to the running command.
func (rn *runner) startTyping() {
	if rn.running == nil {
		rn.say(clean.Line("No command is running."), true)
		return
	}
	if rn.running.effect.Judged {
		rn.say(clean.Linef("`%s` is answered by the program: yes to the plan that was reviewed, no to any other.", rn.running.label), true)
		return
	}
	typed := rn.running.typed
	rn.open(dialog.NewPrompt(rn.dialogConfig, "Type into `"+rn.running.label+"`", nil, func(text string) (tea.Msg, string) {
		select {
		case typed <- []byte(text + "\n"):
			return nil, ""
		default:
			return nil, "the command has not read what was typed before"
		}
	}))
	rn.concerns = rn.running
}
