package tui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/plan"
)

// minReadTime is the least time that it takes to read the question about a plan. An answer
// that comes sooner is refused.
const minReadTime = time.Second

// confirm asks the person to type what confirms an effect.
func (rn *runner) confirm(msg preparedMsg) {
	b, _ := rn.engine.Bound().Step(msg.id)
	phrase := rn.run.Phrase(msg.id, msg.effect.Name)
	q := questions.Command{Step: b, Effect: msg.effect, Phrase: phrase, Dir: rn.engine.World().Checkout.Dir, Plan: msg.plan, Unread: msg.unread, Asks: msg.asks}
	shown := rn.cfg.Now()
	p := dialog.NewPrompt(rn.dialogConfig, "Run `"+msg.effect.Label.String()+"`", q.Question(rn.run, questions.Named), func(text string) (tea.Msg, string) {
		switch {
		case msg.effect.Judged && rn.cfg.Now().Sub(shown) < minReadTime:
			return nil, "that was too quick to have read it: read it, then press enter"
		case strings.Join(strings.Fields(text), " ") != phrase:
			return nil, "that is not " + phrase
		}
		return do(func() tea.Cmd { return rn.perform(msg.id, msg.effect, phrase) }), ""
	})
	p.Brief = q.Question(rn.run, 0)
	p.Whole = true
	rn.openGuarded(p)
}

// planFor returns a function that returns the plan that an effect would carry out: the
// one that is shown, or else read again. The function may block and run concurrently
// with Update.
func (rn *runner) planFor(id document.StepID, effect runbook.EffectSpec) func() (*steps.PlanReading, clean.Text) {
	if effect.After == "" {
		return func() (*steps.PlanReading, clean.Text) { return nil, clean.Text{} }
	}
	if started := rn.run.Effect(id, effect.After).Started; started != nil && rn.plan.Of(id, started.Attempt) && rn.plan.Doc() != nil {
		r := rn.plan.Doc().PlanReading
		return func() (*steps.PlanReading, clean.Text) { return r, clean.Text{} }
	}
	source, ctx := rn.plans, rn.ctx
	return func() (*steps.PlanReading, clean.Text) {
		doc, err := source(ctx, id)
		switch {
		case err != nil:
			return nil, clean.Line(err.Error())
		case doc == nil:
			return nil, clean.Line(plan.ErrNone.Error())
		}
		return doc.PlanReading, clean.Text{}
	}
}

// leave quits. If a command is running, it asks first: the command can be left running,
// be interrupted, and after that be killed.
func (rn *runner) leave() tea.Cmd {
	c := rn.running
	switch held := rn.run.Held(); {
	case c == nil && len(held) > 0 && rn.locked().Empty():
		return rn.leaveHeld(held)
	case c == nil:
		rn.quit = true
		return nil
	case c.effect.Aside:
		rn.leaveChange(c)
		return nil
	}
	// The engine checks the gate before it starts a command, so one that has not
	// started cannot be left running.
	begun := rn.begun(c)
	title, leaving := "`"+c.label+"` is running", "Leave it running (reattach later with `catalog-runbook resume`)"
	if !begun {
		title, leaving = "`"+c.label+"` has not started yet", "Quit: it will not be run"
	}
	leave := do(func() tea.Cmd {
		if rn.begun(c) != begun {
			return rn.leave() // it has started meanwhile
		}
		rn.quit = true
		return nil
	})
	var about []string
	end := dialog.Option{Text: "Interrupt it once, as ctrl+c would: it may finish what it has begun", Answer: do(rn.interrupt)}
	switch {
	case !c.interrupted.IsZero():
		about = []string{"It was interrupted " + say.Duration(rn.cfg.Now().Sub(c.interrupted)) + " ago, and may take its time to finish what it has begun."}
		end = dialog.Option{Text: "Kill it (type a word): what it has begun stays half done, state not yet written is lost, and a lock stays locked", Answer: do(rn.confirmKill)}
	case c.effect.Judged:
		end = dialog.Option{Text: "Interrupt it (type a word): what it has destroyed stays destroyed, and the service may stay down", Answer: do(rn.confirmInterrupt)}
	}
	// What was typed before the question was shown was meant for something else.
	rn.openGuarded(dialog.NewDecision(rn.dialogConfig, title, about, dialog.Option{Text: leaving, Answer: leave}, end))
	rn.concerns = c
	return nil
}

// begun reports whether the run has recorded that a command started.
func (rn *runner) begun(c *command) bool {
	e := rn.engine.Run().Effect(c.id, c.effect.Name)
	return e.Running() || e.Started != nil && !e.Started.At.Before(c.since)
}

// interrupt interrupts the command, but only once: Terraform gives up without cleaning
// up after a second interrupt.
func (rn *runner) interrupt() tea.Cmd {
	c := rn.running
	if c == nil || !c.interrupted.IsZero() || !c.send(steps.Interrupt) {
		return nil
	}
	c.interrupted = rn.cfg.Now()
	rn.output.SetInterrupted()
	rn.say(clean.Linef("`%s` is interrupted: it finishes what it has begun.", c.label), false)
	return nil
}

// confirmInterrupt asks the person to type a word before it interrupts a command that
// carries out a plan.
func (rn *runner) confirmInterrupt() tea.Cmd {
	about := []string{
		"Terraform finishes the resources that it is working on, and begins no other. If the old instance is gone by then and the new one isn't there, the service stays down until you apply a new plan.",
		"Type interrupt to do so.",
	}
	return rn.confirmStop("Interrupt", "interrupt", about, rn.interrupt)
}

// confirmKill asks the person to type a word before it kills the command.
func (rn *runner) confirmKill() tea.Cmd {
	about := []string{
		"What it has begun stays half done: resources may exist that no state knows of, and a state lock stays until someone breaks it.",
		"Type kill to do so.",
	}
	return rn.confirmStop("Kill", "kill", about, func() tea.Cmd {
		if c := rn.running; c != nil && c.send(steps.Kill) {
			rn.say(clean.Linef("`%s` is killed.", c.label), true)
		}
		return nil
	})
}

// confirmStop asks the person to type a word before the running command is stopped.
func (rn *runner) confirmStop(title, word string, about []string, stop func() tea.Cmd) tea.Cmd {
	c := rn.running
	if c == nil {
		return nil
	}
	p := dialog.NewPrompt(rn.dialogConfig, title+" `"+c.label+"`", about, func(text string) (tea.Msg, string) {
		if text != word {
			return nil, "type " + word + ", or press esc to let it continue"
		}
		return do(stop), ""
	})
	p.Whole = true
	rn.open(p)
	rn.concerns = c
	return nil
}

// send passes on how the command should be stopped. It reports whether that was
// possible, and never blocks: the channel has room for each way once.
func (c *command) send(s steps.Stop) bool {
	select {
	case c.stop <- s:
		return true
	default:
		return false
	}
}

// leaveHeld asks whether what the run has changed is to be undone before the checklist is
// left.
func (rn *runner) leaveHeld(held []runbook.Held) tea.Cmd {
	var about []string
	for _, h := range held {
		about = append(about, h.Text().String()+".")
	}
	first := held[0]
	rn.openGuarded(dialog.NewDecision(rn.dialogConfig, first.Effect.Thing+"s are still "+first.Effect.Made, about,
		dialog.Option{Text: say.Capital(first.Undo.Label.String()) + " now, after you confirm it", Answer: do(func() tea.Cmd { return rn.scope(first.Step, first.Undo) })},
		dialog.Option{Text: "Leave them " + first.Effect.Made + ", and quit: `catalog-runbook resume` comes back to it", Answer: do(func() tea.Cmd {
			rn.quit = true
			return nil
		})}))
	return nil
}

// leaveChange asks whether to end what the program is changing.
func (rn *runner) leaveChange(c *command) {
	rn.openGuarded(dialog.NewDecision(rn.dialogConfig, "`"+c.label+"` is in progress", nil,
		dialog.Option{Text: "Stop after the present one, and stay", Answer: do(rn.interrupt)},
		dialog.Option{Text: "Stop after the present one, and quit", Answer: do(func() tea.Cmd {
			rn.quit = true
			return nil
		})}))
	rn.concerns = c
}

// scopeMsg says what an effect would change, or why that isn't known or allowed.
type scopeMsg struct {
	id     document.StepID
	effect runbook.EffectSpec
	scope  steps.Scope
	err    error
}

// pause offers to pause DAGs for the selected step, and to unpause those that the run
// has paused.
func (rn *runner) pause() tea.Cmd {
	held := rn.run.Held()
	var can *runbook.EffectSpec
	b, ok := rn.selected()
	if ok {
		spec := rn.spec(b.Step.ID)
		can = questions.Pausing(&spec)
	}
	switch {
	case rn.running != nil:
		rn.say(clean.Linef("`%s` is running.", rn.running.label), true)
	case can == nil && len(held) == 0:
		rn.say(clean.Line("Nothing is paused by this run, and this step has nothing to pause."), true)
	case can == nil:
		return rn.scope(held[0].Step, held[0].Undo)
	case len(held) == 0:
		return rn.scope(b.Step.ID, *can)
	default:
		first := held[0]
		rn.openGuarded(dialog.NewDecision(rn.dialogConfig, first.Text().String(), nil,
			dialog.Option{Text: say.Capital(first.Undo.Label.String()) + " that this run has " + first.Effect.Made, Answer: do(func() tea.Cmd { return rn.scope(first.Step, first.Undo) })},
			dialog.Option{Text: "Pause more", Answer: do(func() tea.Cmd { return rn.scope(b.Step.ID, *can) })}))
	}
	return nil
}

// scope asks what an effect would change.
func (rn *runner) scope(id document.StepID, effect runbook.EffectSpec) tea.Cmd {
	rn.say(clean.Linef("Asking what there is to %s…", effect.Label), false)
	engine, ctx := rn.engine, rn.ctx
	return func() tea.Msg {
		s, err := engine.Scope(ctx, id, effect.Name)
		return scopeMsg{id, effect, s, err}
	}
}

// scoped lets a person choose what is changed, if there is a choice, and confirm it.
func (rn *runner) scoped(msg scopeMsg) tea.Cmd {
	rn.message = message{}
	rn.refresh()
	s, label := msg.scope, msg.effect.Label.String()
	switch {
	case rn.dialog != nil:
		return nil // the person has moved on
	case msg.err != nil:
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Not now: "+label, questions.Reasons(msg.err)))
	case len(s.Things) == 0:
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Nothing to "+label, textsOf(s.About)))
	case rn.engine.Mode() == runbook.DryRun:
		lines := append([]string{"Would " + label + ": " + questions.ListThings(s.Things, s.Urgent) + ".", "Nothing was sent."}, textsOf(s.About)...)
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Dry run", lines))
	case msg.effect.Singly && len(s.Things) > 1:
		rn.chooseThing(msg)
	case s.Urgent > 0 && s.Urgent < len(s.Things):
		urgent, all := questions.ChangeChoices(msg.effect, s)
		some := s
		some.Things = s.Things[:s.Urgent]
		rn.openGuarded(dialog.NewDecision(rn.dialogConfig, say.Capital(label), nil,
			dialog.Option{Text: urgent, Answer: do(func() tea.Cmd { return rn.confirmChange(msg, some) })},
			dialog.Option{Text: all, Answer: do(func() tea.Cmd { return rn.confirmChange(msg, s) })}))
	default:
		return rn.confirmChange(msg, s)
	}
	return nil
}

// chooseThing lets a person choose the one thing that is changed now.
func (rn *runner) chooseThing(msg scopeMsg) {
	items := make([]dialog.Item, len(msg.scope.Things))
	for i, t := range msg.scope.Things {
		items[i] = dialog.Item{ID: t.Name, Text: clean.Line(t.Name).String(), Hint: t.Note.String()}
	}
	rn.openGuarded(dialog.NewChoice(rn.dialogConfig, say.Capital(msg.effect.Label.String())+": which?", items, textsOf(msg.scope.About), func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd {
			one := msg.scope
			one.Things = slices.DeleteFunc(slices.Clone(one.Things), func(t steps.Thing) bool { return t.Name != it.ID })
			return rn.confirmChange(msg, one)
		})
	}))
}

// confirmChange asks the person to type what confirms a change. A long list of what is
// changed is shown first.
func (rn *runner) confirmChange(msg scopeMsg, s steps.Scope) tea.Cmd {
	title := questions.ChangeTitle(msg.effect, len(s.Things))
	ask := func() tea.Cmd {
		rn.openGuarded(rn.changePrompt(title, msg, s))
		return nil
	}
	if len(s.Things) <= questions.MostThings {
		return ask()
	}
	n := dialog.NewNotice(rn.dialogConfig, title, []string{questions.ListThings(s.Things, s.Urgent) + "."})
	n.Then = do(ask)
	rn.openGuarded(n)
	return nil
}

func (rn *runner) changePrompt(title string, msg scopeMsg, s steps.Scope) *dialog.Prompt {
	phrase := rn.run.Phrase(msg.id, msg.effect.Name)
	b, _ := rn.engine.Bound().Step(msg.id)
	if early := questions.Unpause(rn.run, b, msg.effect, rn.cfg.Now()); !early.Empty() {
		s.About = append([]clean.Text{early}, s.About...)
	}
	about, brief := questions.ChangeQuestion(msg.effect, s, phrase)
	p := dialog.NewPrompt(rn.dialogConfig, title, about, func(text string) (tea.Msg, string) {
		if text != phrase {
			return nil, "that is not " + phrase
		}
		return do(func() tea.Cmd { return rn.change(msg.id, msg.effect, phrase, s) }), ""
	})
	p.Brief, p.Whole = brief, true
	return p
}

// change carries out a confirmed change.
func (rn *runner) change(id document.StepID, effect runbook.EffectSpec, phrase string, s steps.Scope) tea.Cmd {
	var names []string
	for _, t := range s.Things {
		names = append(names, t.Name)
	}
	rn.attach(id, effect, rn.cfg.Now())
	engine := rn.engine
	return rn.follow(func(ctx context.Context, session steps.Session) error {
		return engine.Change(ctx, id, effect.Name, phrase, names, session)
	})
}

// lookAgain finds out what became of a change that is in doubt. It does nothing if there
// is none.
func (rn *runner) lookAgain() tea.Cmd {
	id, name, ok := rn.run.DoubtedEffect()
	spec, _ := rn.run.Spec(id)
	effect := spec.Effect(name)
	if !ok || effect == nil || !effect.Aside || rn.running != nil {
		return nil
	}
	rn.attach(id, *effect, rn.cfg.Now())
	return rn.follow(rn.engine.Rejoin)
}

func textsOf(all []clean.Text) []string {
	var lines []string
	for _, t := range all {
		lines = append(lines, t.String())
	}
	return lines
}
