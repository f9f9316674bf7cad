package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/plan"
)

// planSource reads the newest plan of a step. It returns nil if there is none.
type planSource func(context.Context, document.StepID) (*plan.Doc, error)

// plansOf returns a source that reads the plans that the engine keeps.
func plansOf(e *steps.Engine) planSource {
	return func(ctx context.Context, id document.StepID) (*plan.Doc, error) {
		r, err := e.Plan(ctx, id)
		if err != nil || r == nil {
			return nil, err
		}
		return plan.LayOut(r, r.Lines), nil
	}
}

// newPlan returns the part that shows a plan, or nothing for the zero identity.
func (rs *results) newPlan(id plan.Identity) *plan.Plan {
	return plan.New(plan.Config{Styles: rs.styles, Keys: rs.keys.plan(), Context: rs.ctx}, id)
}

// planEffect returns the effect of a step that makes a plan, and the attempt that made
// the newest plan, "" if there is none.
func (rs *results) planEffect(id document.StepID) (effect runbook.EffectSpec, attempt string, ok bool) {
	spec, _ := rs.run.Spec(id)
	made := questions.Planner(&spec)
	if made == nil {
		return runbook.EffectSpec{}, "", false
	}
	if s := rs.run.Effect(id, made.Name); s.Started != nil && s.Finished != nil {
		attempt = s.Started.Attempt
	}
	return *made, attempt, true
}

// hasPlan reports whether a step makes a plan.
func (rs *results) hasPlan(id document.StepID) bool {
	_, _, ok := rs.planEffect(id)
	return ok
}

// makesPlan reports whether an effect of the step makes its plan.
func (rs *results) makesPlan(id document.StepID, effect string) bool {
	made, _, ok := rs.planEffect(id)
	return ok && made.Name == effect
}

// inPlan reports whether the plan is shown and focused.
func (ps *panes) inPlan() bool { return ps.focus == paneOutput && ps.plan.Shown }

// togglePlan shows the plan of the selected step, or hides the shown one.
func (rs *results) togglePlan() tea.Cmd {
	id := rs.outline.Selected()
	has := rs.hasPlan(id)
	switch {
	case rs.plan.Shown && (!has || rs.plan.Identity().Step == id):
		rs.plan.Shown = false
		rs.setFocus(rs.focus)
	case has:
		return rs.showPlan(id)
	case rs.plan.Doc() == nil:
		rs.say(clean.Line("This step makes no plan."), true)
	default:
		rs.plan.Shown = true
		rs.setFocus(paneOutput)
	}
	return nil
}

// showPlan shows and focuses the newest plan of a step. It reads the plan unless it has
// been read before.
func (rs *results) showPlan(id document.StepID) tea.Cmd {
	effect, _, _ := rs.planEffect(id)
	if rs.running != nil {
		rs.say(clean.Linef("`%s` is running; its output is shown.", rs.running.label), true)
		return nil
	}
	state := rs.run.Effect(id, effect.Name)
	if state.Started == nil || state.Finished == nil {
		rs.say(clean.Linef("There is no %s yet.", effect.Name), true)
		return nil
	}
	var cmd tea.Cmd
	if rs.plan.Shown = true; !rs.plan.Of(id, state.Started.Attempt) || rs.plan.Failed() != nil {
		cmd = rs.beginPlan(plan.Identity{Step: id, Attempt: state.Started.Attempt, Label: effect.Label.String()})
	}
	rs.setFocus(paneOutput)
	return cmd
}

// beginPlan reads a plan and shows it.
func (rs *results) beginPlan(id plan.Identity) tea.Cmd {
	rs.plan.Close()
	rs.plan = rs.newPlan(id)
	rs.plan.Shown = true
	source := rs.plans
	return rs.plan.Load(func(ctx context.Context) (*plan.Doc, error) { return source(ctx, id.Step) })
}

// planned passes a message on to the plan. If that tells that the plan cannot be shown,
// the output of the command that made it is shown instead.
func (rs *results) planned(msg plan.Msg) tea.Cmd {
	was := rs.plan.Reading()
	cmd := rs.plan.Update(msg)
	if !was || rs.plan.Reading() {
		return cmd
	}
	err := rs.plan.Failed()
	if err == nil || rs.ctx.Err() != nil {
		return cmd
	}
	rs.say(clean.Linef("Can't show the plan: %s. Read what was printed instead.", err), true)
	if !rs.plan.Shown {
		return cmd
	}
	return rs.showPrinted(rs.plan.Identity().Step)
}

// showPrinted shows the output of the command that made a step's plan.
func (rs *results) showPrinted(id document.StepID) tea.Cmd {
	effect, _, _ := rs.planEffect(id)
	done := rs.run.Effect(id, effect.Name).Finished
	rs.plan.Shown = false
	var cmd tea.Cmd
	if rs.running == nil && done != nil && !rs.output.Of(id, effect.Name) {
		cmd = rs.fetchPrinted(id, effect, done)
	}
	rs.output.Shown = rs.output.Any()
	rs.setFocus(rs.focus)
	return cmd
}

// reloadPlan replaces the shown plan if there is a newer one.
func (rs *results) reloadPlan() tea.Cmd {
	id := rs.plan.Identity()
	effect, attempt, ok := rs.planEffect(id.Step)
	if !ok || !rs.plan.Shown || attempt == "" || attempt == id.Attempt {
		return nil
	}
	return rs.beginPlan(plan.Identity{Step: id.Step, Attempt: attempt, Label: effect.Label.String()})
}

// standing returns what has become of the shown plan.
func (rs *results) standing() plan.Standing {
	id := rs.plan.Identity()
	made, attempt, _ := rs.planEffect(id.Step)
	switch {
	case attempt != id.Attempt:
		return plan.Superseded
	case rs.run.Effect(id.Step, made.Name).Voided != nil:
		return plan.Lapsed
	case rs.calledCorrect(id.Step):
		return plan.Correct
	}
	return plan.Current
}

// calledCorrect reports whether a person has said that the newest plan of a step looks
// correct.
func (rs *results) calledCorrect(id document.StepID) bool {
	j := rs.run.Step(id).Judgement
	if j == nil {
		return false
	}
	return rs.run.OutcomeHash(id, j.Effect) == j.Hash
}

// hasRead reports whether the newest plan of an effect was read to its end, either as
// the command printed it or in the plan's pane.
func (rs *results) hasRead(id document.StepID, effect string) bool {
	started := rs.run.Effect(id, effect).Started
	return rs.output.ReadToEnd(id, effect) || started != nil && rs.plan.ReadToEnd(id, started.Attempt)
}

// cannotShow reports whether the plan of an effect cannot be shown, so that a person has
// to read what the command printed.
func (rs *results) cannotShow(id document.StepID, effect string) bool {
	started := rs.run.Effect(id, effect).Started
	return started == nil || rs.plan.Failed() != nil && rs.plan.Of(id, started.Attempt)
}

// readFirst shows what a person must read before calling a plan correct.
func (rs *results) readFirst(id document.StepID, effect string) tea.Cmd {
	page := rs.keys.PageDown.Help().Key
	if rs.cannotShow(id, effect) || rs.inOutput() && rs.output.Of(id, effect) {
		cmd := rs.showPrinted(id)
		rs.setFocus(paneOutput)
		if rs.output.Dropped() > 0 {
			rs.say(clean.Linef("The %s is too long to be kept here in full (%s are gone), so it can't be judged here.", effect, say.Count(rs.output.Dropped(), "line")), true)
		} else {
			rs.say(clean.Linef("Read the %s from its beginning to its end first; %s pages through it.", effect, page), true)
		}
		return cmd
	}
	cmd := rs.showPlan(id)
	switch p := rs.plan; {
	case !p.Shown:
	case p.Reading():
		rs.say(clean.Linef("The %s is still loading. Read it first.", effect), true)
	default:
		p.GoBack()
		rs.say(clean.Linef("Read the %s from its beginning to its end first: %s pages through it (%s).", effect, page, p.Progress()), true)
	}
	return cmd
}

// readOn returns how to continue reading the plan.
func (rs *results) readOn() string {
	k := rs.keys
	switch {
	case rs.plan.TooNarrow():
		return "the window is too narrow for it"
	case rs.plan.Unreadable():
		return rs.press(k.Output, "to show what was printed, and read that, since some of this can't be shown")
	case rs.plan.NextHidden():
		return rs.press(k.Tick, "to go back to where you left off")
	}
	return rs.press(k.PageDown, "to scroll")
}

// tick records that a manual step is done, or that the plan of a step looks correct.
func (rs *results) tick(b *steps.Binding) tea.Cmd {
	id, engine := b.Step.ID, rs.engine
	if made, _, ok := rs.planEffect(id); ok {
		return rs.judge(id, made.Name)
	}
	if rs.run.Status(id, rs.cfg.Now()) == runbook.TickedOff {
		return rs.tell(func() error { return engine.Untick(id) })
	}
	return rs.tell(func() error { return engine.Tick(id, "") })
}

// judge records that the plan that an effect has made looks correct, or shows why that
// cannot be said yet.
func (rs *results) judge(id document.StepID, effect string) tea.Cmd {
	engine := rs.engine
	switch why := questions.NotJudged(rs.run, id, effect, rs.cfg.Now()); {
	case !why.Empty():
		rs.say(why, true)
	case !rs.hasRead(id, effect):
		return rs.readFirst(id, effect)
	default:
		rs.setFocus(paneOutline) // where the next hint is
		hash := rs.run.OutcomeHash(id, effect)
		return func() tea.Msg {
			return saidMsg{engine.Judge(id, effect, hash), clean.Linef("Noted: you say that the %s looks correct.", effect)}
		}
	}
	return nil
}
