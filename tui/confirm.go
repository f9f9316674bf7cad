package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/changes"
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
	shown := rn.cfg.Now()
	p := dialog.NewPrompt(rn.dialogConfig, "Run `"+msg.effect.Label.String()+"`", rn.question(b, msg, phrase, named), func(text string) (tea.Msg, string) {
		switch {
		case msg.effect.Judged && rn.cfg.Now().Sub(shown) < minReadTime:
			return nil, "that was too quick to have read it: read it, then press enter"
		case strings.Join(strings.Fields(text), " ") != phrase:
			return nil, "that is not " + phrase
		}
		return do(func() tea.Cmd { return rn.perform(msg.id, msg.effect, phrase) }), ""
	})
	p.Brief = rn.question(b, msg, phrase, 0)
	p.Whole = true
	rn.openGuarded(p)
}

// named is the number of destroyed resources that a question lists.
const named = 3

// question returns what a person should know before a command runs: the folder and, for
// a plan, the verdict, the counts and the first destroyed resources, as many as names
// says. If names is 0, it returns only what a person must know.
func (rn *runner) question(b *steps.Binding, msg preparedMsg, phrase string, names int) []string {
	dir := clean.Line(rn.engine.World().Checkout.Dir).String()
	environment, number, _ := strings.Cut(phrase, " ")
	var about []string
	if msg.effect.After != "" {
		about = append(about, rn.reviewed(msg, names)...)
		release := clean.Line(rn.run.Release()).String()
		if names > 0 {
			release = "Release " + release
		}
		about = append(about, fmt.Sprintf("%s to %s, in %s", release, environment, dir))
	} else {
		about = append(about, "in "+dir)
	}
	if b.Step.Locked && (names > 0 || msg.effect.After == "") {
		about = append(about, "🔒 For maintainers with infrastructure access only.")
	}
	if len(msg.asks) > 0 {
		about = append(about, "It asks, and your confirmation answers yes: "+msg.asks[0].String()+andMore(len(msg.asks)-1))
	}
	switch {
	case number != "" && names > 0:
		about = append(about, fmt.Sprintf("Type %s to run it: the environment, and how many resources are destroyed.", phrase))
	case number != "":
		about = append(about, fmt.Sprintf("Type %s (so many are destroyed).", phrase))
	default:
		about = append(about, "Type "+phrase+" to run it.")
	}
	return about
}

// reviewed describes the plan that the person has reviewed.
func (rn *runner) reviewed(msg preparedMsg, names int) []string {
	r := msg.plan
	if r == nil { // what it destroys is unknown
		lines := []string{}
		if done := rn.run.Effect(msg.id, msg.effect.After).Finished; done != nil {
			lines = append(lines, done.Result.Summary.String())
		}
		return append(lines, "What is destroyed cannot be listed: "+msg.unread.String()+".")
	}
	verdict, n := say.Capital(r.Judgement.Verdict.String())+": ", r.Plan.Counts
	if names == 0 {
		counts := fmt.Sprintf("%d add, %d change, %d destroy", n.Add, n.Change, n.Destroy)
		if n.Forget+n.Import > 0 {
			counts += fmt.Sprintf(", %d forget, %d import", n.Forget, n.Import)
		}
		return append([]string{verdict + counts}, destructions(r.Plan, names)...)
	}
	summary := strings.TrimSuffix(r.Judgement.Summary.String(), ": "+n.String()) + "."
	counts := fmt.Sprintf("%d to add, %d to change, %d to destroy, %d to forget, %d to import.", n.Add, n.Change, n.Destroy, n.Forget, n.Import)
	return append([]string{verdict + summary, counts}, destructions(r.Plan, names)...)
}

// destructions lists what a plan destroys, replaces or forgets: as many of each as names
// says, and how many more there are.
func destructions(p terraform.Plan, names int) []string {
	var lines []string
	for _, kind := range []struct {
		action terraform.Action
		word   string
	}{{terraform.Delete, "Destroyed"}, {terraform.Replace, "Replaced"}, {terraform.Forget, "Forgotten"}} {
		var found []string
		n := 0
		for i := range p.Changes {
			if c := &p.Changes[i]; c.Action == kind.action {
				if n++; n <= max(names, 1) {
					found = append(found, clean.Line(c.Address).String())
				}
			}
		}
		if n == 0 {
			continue
		}
		line := kind.word + ": " + strings.Join(found, ", ")
		lines = append(lines, line+andMore(n-len(found)))
	}
	return lines
}

// andMore returns the end of a list from which n items are left out.
func andMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(", and %s more", say.Number(n))
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
	title, leaving := "`"+c.label+"` is running", "leave it running: it goes on by itself, and `catalog-runbook resume` comes back to it"
	if !begun {
		title, leaving = "`"+c.label+"` has not begun yet", "leave: it is not run then"
	}
	leave := do(func() tea.Cmd {
		if rn.begun(c) != begun {
			return rn.leave() // it has started meanwhile
		}
		rn.quit = true
		return nil
	})
	var about []string
	end := dialog.Option{Letter: "i", Text: "interrupt it once, as ctrl+c would, and stay: it may finish what it has begun", Answer: do(rn.interrupt)}
	if !c.interrupted.IsZero() {
		about = []string{"It was interrupted " + say.Duration(rn.cfg.Now().Sub(c.interrupted)) + " ago, and may take its time to finish what it has begun."}
		end = dialog.Option{Letter: "k", Text: "kill it: what it has begun stays half done, state that is not written yet is lost, and a lock stays locked", Answer: do(rn.confirmKill)}
	}
	// A letter that was typed before the question was shown was meant for something else.
	rn.openGuarded(dialog.NewDecision(rn.dialogConfig, title, about, dialog.Option{Letter: "d", Text: leaving, Answer: leave}, end))
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

// confirmKill asks the person to type a word before it kills the command.
func (rn *runner) confirmKill() tea.Cmd {
	c := rn.running
	if c == nil {
		return nil
	}
	about := []string{
		"What it has begun stays half done: resources may be there of which no state knows, and a state lock stays until somebody breaks it.",
		"Type kill to do so.",
	}
	p := dialog.NewPrompt(rn.dialogConfig, "Kill `"+c.label+"`", about, func(text string) (tea.Msg, string) {
		if text != "kill" {
			return nil, "type kill, or press esc to let it go on"
		}
		return do(func() tea.Cmd {
			if c.send(steps.Kill) {
				rn.say(clean.Linef("`%s` is killed.", c.label), true)
			}
			return nil
		}), ""
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
		dialog.Option{Letter: "u", Text: first.Undo.Label.String() + " now, after you confirm it", Answer: do(func() tea.Cmd { return rn.scope(first.Step, first.Undo) })},
		dialog.Option{Letter: "d", Text: "leave them so: `catalog-runbook resume` comes back to it", Answer: do(func() tea.Cmd {
			rn.quit = true
			return nil
		})}))
	return nil
}

// leaveChange asks whether to end what the program is changing.
func (rn *runner) leaveChange(c *command) {
	rn.openGuarded(dialog.NewDecision(rn.dialogConfig, "`"+c.label+"` is in progress", nil,
		dialog.Option{Letter: "i", Text: "end it after the present one, and stay", Answer: do(rn.interrupt)},
		dialog.Option{Letter: "d", Text: "end it after the present one, and leave", Answer: do(func() tea.Cmd {
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
		can = aside(&spec)
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
			dialog.Option{Letter: "u", Text: first.Undo.Label.String() + " that this run has " + first.Effect.Made, Answer: do(func() tea.Cmd { return rn.scope(first.Step, first.Undo) })},
			dialog.Option{Letter: "m", Text: "pause more", Answer: do(func() tea.Cmd { return rn.scope(b.Step.ID, *can) })}))
	}
	return nil
}

// aside returns the effect that pauses, nil if the step has none.
func aside(spec *runbook.Spec) *runbook.EffectSpec {
	for i := range spec.Effects {
		if e := &spec.Effects[i]; e.Aside && e.Undoes == "" {
			return e
		}
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
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Not now: "+label, reasons(msg.err)))
	case len(s.Things) == 0:
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Nothing to "+label, textsOf(s.About)))
	case rn.engine.Mode() == runbook.DryRun:
		lines := append([]string{"Would " + label + ": " + changes.List(s.Things, s.Urgent) + ".", "Nothing was sent."}, textsOf(s.About)...)
		rn.openGuarded(dialog.NewNotice(rn.dialogConfig, "Dry run", lines))
	case s.Urgent > 0 && s.Urgent < len(s.Things):
		urgent, all := changes.Choices(msg.effect, s)
		some := s
		some.Things = s.Things[:s.Urgent]
		rn.openGuarded(dialog.NewDecision(rn.dialogConfig, say.Capital(label), nil,
			dialog.Option{Letter: "d", Text: urgent, Answer: do(func() tea.Cmd { return rn.confirmChange(msg, some) })},
			dialog.Option{Letter: "a", Text: all, Answer: do(func() tea.Cmd { return rn.confirmChange(msg, s) })}))
	default:
		return rn.confirmChange(msg, s)
	}
	return nil
}

// confirmChange asks the person to type what confirms a change. A long list of what is
// changed is shown first.
func (rn *runner) confirmChange(msg scopeMsg, s steps.Scope) tea.Cmd {
	title := changes.Title(msg.effect, len(s.Things))
	ask := func() tea.Cmd {
		rn.openGuarded(rn.changePrompt(title, msg, s))
		return nil
	}
	if len(s.Things) <= changes.Most {
		return ask()
	}
	n := dialog.NewNotice(rn.dialogConfig, title, []string{changes.List(s.Things, s.Urgent) + "."})
	n.Then = do(ask)
	rn.openGuarded(n)
	return nil
}

func (rn *runner) changePrompt(title string, msg scopeMsg, s steps.Scope) *dialog.Prompt {
	phrase := rn.run.Phrase(msg.id, msg.effect.Name)
	b, _ := rn.engine.Bound().Step(msg.id)
	if msg.effect.Undoes != "" && !steps.LastHolds(rn.run, b, rn.cfg.Now()) {
		s.About = append([]clean.Text{clean.Line("The deployment is not over: what starts now may be cut off by it.")}, s.About...)
	}
	about, brief := changes.Question(msg.effect, s, phrase)
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
