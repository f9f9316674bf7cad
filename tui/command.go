package tui

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/questions"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/progress"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/output"
)

// command is a running effect, started by this process or by an earlier one.
type command struct {
	id     document.StepID
	effect runbook.EffectSpec
	label  string
	since  time.Time
	feed   *output.Feed
	typed  chan steps.Typed
	stop   chan steps.Stop
	before *output.Output // what was shown before

	interrupted time.Time // when it was interrupted; zero if it was not
}

// runner runs the commands of the steps.
type runner struct {
	*results
	checks  *checks
	effects sync.Mutex // held while a command runs
}

// preparedMsg reports whether an effect may run once it is confirmed.
type preparedMsg struct {
	id     document.StepID
	effect runbook.EffectSpec
	err    error
	plan   *steps.PlanReading // what the effect would carry out, or nil
	unread clean.Text         // why there is no plan
	asks   []clean.Text       // what the command asks, which the confirmation answers
}

// prepare checks what the step's next command relies on. In a dry run it shows what
// would be run.
func (rn *runner) prepare(b *steps.Binding) tea.Cmd {
	id := b.Step.ID
	effect := rn.advice(b).Effect
	switch {
	case rn.running != nil:
		rn.say(clean.Linef("`%s` is running.", rn.running.label), true)
		return nil
	case rn.filling: // the command isn't the one that is shown
		return nil
	case rn.run.Status(id, rn.cfg.Now()) == runbook.InProgress: // but could not be followed so far
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

// prepareEffect checks what a command relies on.
func (rn *runner) prepareEffect(id document.StepID, effect runbook.EffectSpec) tea.Cmd {
	rn.say(clean.Line("Asking again about everything that the command relies on…"), false)
	engine, ctx := rn.engine, rn.ctx
	plan := rn.planFor(id, effect)
	return func() tea.Msg {
		msg := preparedMsg{id: id, effect: effect, err: engine.Prepare(ctx, id, effect.Name)}
		if msg.err == nil {
			msg.plan, msg.unread = plan()
			msg.asks = engine.Asks(ctx, id, effect.Name)
		}
		return msg
	}
}

// prepared asks for confirmation, or shows why the command may not run.
func (rn *runner) prepared(msg preparedMsg) tea.Cmd {
	rn.message = message{}
	rn.refresh()
	if rn.dialog != nil || rn.outline.Selected() != msg.id {
		return nil // the person has moved on
	}
	if msg.err != nil {
		rn.blocked(msg)
		return nil
	}
	rn.confirm(msg)
	return nil
}

// blocked shows why a command may not run. If the gate would allow it, the error is
// about the plan that it would carry out, and the person can make that plan again.
func (rn *runner) blocked(msg preparedMsg) {
	title, lines := "Not now: "+msg.effect.Label.String(), questions.Reasons(msg.err)
	before, _, ok := rn.planEffect(msg.id)
	var refusal *runbook.Refusal
	if errors.As(msg.err, &refusal) || !ok || before.Name != msg.effect.After {
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, title, lines))
		return
	}
	rn.openGuarded(dialog.NewDecision(rn.dialogConfig, title, lines, dialog.Option{
		Text:   "Run `" + before.Label.String() + "` again, after you confirm it",
		Answer: do(func() tea.Cmd { return rn.prepareEffect(msg.id, before) }),
	}))
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

// attach shows a command that is starting or running, and its output.
func (rn *runner) attach(id document.StepID, effect runbook.EffectSpec, since time.Time) {
	before := rn.keptOutput()
	f := rn.replaceOutput(id, effect, since)
	rn.onEnd = func(err error) tea.Cmd { return rn.performed(rn.running, err) }
	rn.running = &command{
		id: id, effect: effect, label: effect.Label.String(), since: since, before: before,
		feed: f, typed: make(chan steps.Typed, 8), stop: make(chan steps.Stop, 2),
	}
	rn.resize()
}

// follow runs or rejoins the running command, and shows what it prints.
func (rn *runner) follow(run func(context.Context, steps.Session) error) tea.Cmd {
	c, ctx, effects := rn.running, rn.ctx, &rn.effects
	if c.effect.Judged {
		c.feed.Track(rn.cfg.Now)
	}
	session := steps.Session{Show: c.feed.Put, Typed: c.typed, Stop: c.stop}
	follow := func() tea.Msg {
		effects.Lock()
		defer effects.Unlock()
		c.feed.Close(run(ctx, session))
		return nil
	}
	return tea.Batch(follow, rn.expect(c), c.feed.Listen(ctx))
}

// expect reads what a command is to carry out, and how long that has taken before. Without
// either, only what is printed is shown.
func (rn *runner) expect(c *command) tea.Cmd {
	if !c.effect.Judged {
		return nil
	}
	engine, ctx := rn.engine, rn.ctx
	return func() tea.Msg {
		known := progress.NewDurations()
		for _, name := range engine.EarlierOutputs(c.effect.Name) {
			if printed, err := os.Open(name); err == nil {
				_ = known.Learn(printed) // what can't be read tells nothing
				printed.Close()
			}
		}
		var changes []terraform.Change
		if r, err := engine.Plan(ctx, c.id); err == nil && r != nil {
			changes = r.Plan.Changes
		}
		c.feed.Expect(changes, known)
		return nil
	}
}

// performed shows how a command ended.
func (rn *runner) performed(c *command, err error) tea.Cmd {
	rn.running = nil
	rn.refresh()
	if rn.concerns == c {
		rn.open(nil) // its command has ended
	}
	done := rn.run.Effect(c.id, c.effect.Name).Finished
	var refusal *runbook.Refusal
	var cmd tea.Cmd
	switch {
	case errors.As(err, &refusal):
		rn.output = c.before // it did not run, so the earlier output stays
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Not run: "+c.label, questions.Reasons(err)))
	case err != nil:
		rn.output = c.before
		rn.say(clean.Line(err.Error()), true)
	case done != nil:
		rn.output.Finish(done)
		rn.say(done.Result.Summary, done.Result.Verdict != runbook.Passed)
		cmd = rn.showNewPlan(c, done)
		if c.effect.Aside && c.effect.Undoes == "" {
			cmd = rn.checks.ask(c.id, false) // it may hold now
		}
		if c.effect.Undoes != "" {
			cmd = rn.askHeld()
		}
	default:
		rn.output.Finish(nil)
		if doubt := rn.run.Effect(c.id, c.effect.Name).Doubted; doubt != nil {
			rn.say(doubt.Text, true)
		}
	}
	rn.resize()
	return tea.Batch(cmd, rn.announceEnd(c, err))
}

// announceEnd tells how a command has ended. One that didn't run has not.
func (rn *runner) announceEnd(c *command, err error) tea.Cmd {
	effect := rn.run.Effect(c.id, c.effect.Name)
	switch {
	case err != nil:
		return nil
	case effect.Finished != nil:
		r := effect.Finished.Result
		return rn.announce(notify.CommandEnded, c.id, r.Verdict, clean.Linef("`%s` has ended: %s", c.label, r.Summary), c.since)
	case effect.Doubted != nil:
		return rn.announce(notify.CommandEnded, c.id, runbook.Unknown, clean.Linef("Nobody knows how `%s` ended: %s", c.label, effect.Doubted.Text), c.since)
	}
	return nil
}

// announceQuestion tells that the command seems to wait for an answer, after each message.
func (rn *runner) announceQuestion(msg tea.Msg) tea.Cmd {
	_, printed := msg.(output.PieceMsg)
	if !rn.attention.Asks(rn.takesInput() && rn.output.Asks(), printed, rn.cfg.Now()) {
		return nil
	}
	c := rn.running
	return rn.announce(notify.AnswerNeeded, c.id, runbook.Unknown, clean.Linef("`%s` may be waiting for an answer.", c.label), c.since)
}

// askHeld checks the steps again that nothing but what the run had changed kept from
// holding.
func (rn *runner) askHeld() tea.Cmd {
	var all []tea.Cmd
	for _, spec := range rn.run.Specs() {
		if rn.run.Step(spec.ID).Result.Facts[steps.FactHeld] != "" {
			all = append(all, rn.checks.ask(spec.ID, false))
		}
	}
	return tea.Batch(all...)
}

// showNewPlan shows the plan that a command has just made, and focuses it unless the
// person is doing something else.
func (rn *runner) showNewPlan(c *command, done *runbook.EffectFinished) tea.Cmd {
	if !rn.makesPlan(c.id, c.effect.Name) || done.Exit != 0 && done.Result.Facts[c.effect.Hash] == "" {
		return nil
	}
	at := rn.focus
	cmd := rn.showPlan(c.id)
	if rn.dialog != nil || rn.screens.covered() || rn.outline.Selected() != c.id {
		rn.setFocus(at)
	}
	rn.message = message{} // the plan shows the verdict
	return cmd
}

// pretendedMsg carries what a dry run shows of an effect.
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
	title, lines := questions.DryRun(rn.run, msg.id, msg.effect, msg.demands, rn.engine.World())
	rn.openGuarded(dialog.NewNotice(rn.dialogConfig, title, lines))
	return nil
}

// takesInput reports whether a command is running that a person may type into.
func (c *core) takesInput() bool {
	return c.running != nil && !c.running.effect.Aside && !(c.running.effect.Judged && c.engine.World().ApplyAsks)
}

// startTyping asks for a line of input for the running command. What is typed is hidden
// until it is known that it may be shown.
func (rn *runner) startTyping() tea.Cmd {
	if rn.running == nil {
		rn.say(clean.Line("No command is running."), true)
		return nil
	}
	if !rn.takesInput() {
		rn.say(clean.Linef("`%s` is answered by the program: yes to the plan that was reviewed, no to any other.", rn.running.label), true)
		return nil
	}
	typed, hidden := rn.running.typed, true
	p := dialog.NewPrompt(rn.dialogConfig, "Type into `"+rn.running.label+"`", nil, func(text string) (tea.Msg, string) {
		select {
		case typed <- steps.Typed{Line: text, Hidden: hidden}:
			return nil, ""
		default:
			return nil, "the command has not read what was typed before"
		}
	})
	p.Hide(true)
	rn.open(p)
	rn.concerns = rn.running
	engine := rn.engine
	return func() tea.Msg {
		_, secret := engine.Question()
		return do(func() tea.Cmd {
			hidden = secret
			p.Hide(secret)
			return nil
		})
	}
}
