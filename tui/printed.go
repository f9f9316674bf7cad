package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/output"
)

// results show what commands have printed, and the plans that they have made.
type results struct {
	*panes
	plans planSource
	over  func(error) tea.Cmd // called when all of the output has come
}

// toggleOutput shows or hides the output. Where the selected step has a command
// whose output is another one than the one at hand, it is fetched: it may be that
// of an earlier process.
func (rs *results) toggleOutput() tea.Cmd {
	if rs.plan.Shown {
		return rs.showPrinted(rs.plan.Identity().Step)
	}
	b, ok := rs.selected()
	if rs.output.Shown && ok && rs.running == nil && rs.planAtHand(b) {
		rs.plan.Shown = true
		rs.setFocus(paneOutput)
		return nil
	}
	if ok && rs.running == nil {
		if effect, done := rs.lastCommand(b); done != nil && !rs.output.Of(b.Step.ID, effect.Name) {
			return rs.fetchPrinted(b.Step.ID, effect, done)
		}
	}
	rs.output.Shown = !rs.output.Shown && rs.output.Any()
	rs.resize()
	return nil
}

// planAtHand reports whether the plan that the shown output is of can be shown as
// well, so that one key goes from one to the other and back.
func (rs *results) planAtHand(b *steps.Binding) bool {
	effect, attempt, ok := rs.planEffect(b.Step.ID)
	return ok && rs.output.Of(b.Step.ID, effect.Name) && rs.plan.Doc() != nil && rs.plan.Of(b.Step.ID, attempt)
}

// lastCommand returns the step's command that was begun last, if it has ended.
func (rs *results) lastCommand(b *steps.Binding) (effect runbook.EffectSpec, done *runbook.EffectFinished) {
	spec := rs.spec(b.Step.ID)
	var newest *runbook.EffectStarted
	for i, e := range rs.run.Step(b.Step.ID).Effects {
		if e.Started != nil && (newest == nil || e.Started.At.After(newest.At)) {
			effect, done, newest = spec.Effects[i], e.Finished, e.Started
		}
	}
	return effect, done
}

// fetchPrinted shows what a command that has ended had printed.
func (rs *results) fetchPrinted(id document.StepID, effect runbook.EffectSpec, done *runbook.EffectFinished) tea.Cmd {
	before := rs.keptOutput()
	f := rs.replaceOutput(id, effect, time.Time{})
	rs.over = func(err error) tea.Cmd {
		if err != nil {
			rs.output = before
			rs.say(clean.Line(err.Error()), true)
		} else {
			rs.output.Finish(done)
		}
		rs.resize()
		return nil
	}
	engine, ctx := rs.engine, rs.ctx
	fetch := func() tea.Msg {
		f.Close(engine.Printed(ctx, id, effect.Name, f.Put))
		return nil
	}
	return tea.Batch(fetch, f.Listen(ctx))
}

// newOutput returns the output of a command.
func (rs *results) newOutput(c output.Command, f *output.Feed) *output.Output {
	return output.New(output.Config{Styles: rs.styles, Keys: rs.keys.scrolling(), Now: rs.cfg.Now}, c, f)
}

// keptOutput returns the output that can be shown again later: an empty one where
// more was to come, because nobody will be listening for it.
func (rs *results) keptOutput() *output.Output {
	if rs.output.Ended() {
		return rs.output
	}
	return rs.newOutput(output.Command{}, nil)
}

// replaceOutput shows the output of another command, which comes through the feed. Since
// is when the command was started, zero if it has ended.
func (rs *results) replaceOutput(id document.StepID, effect runbook.EffectSpec, since time.Time) *output.Feed {
	engine, name := rs.engine, effect.Name
	f := output.NewFeed(func() string { return engine.OutputFile(id, name) })
	rs.output = rs.newOutput(output.Command{Step: id, Effect: name, Label: effect.Label.String(), Since: since, ToRead: rs.makesPlan(id, name)}, f)
	rs.plan.Shown = false
	rs.detail.Top()
	return f
}

// received takes output of a command. With its last piece comes the end of the
// command.
func (rs *results) received(msg output.PieceMsg) tea.Cmd {
	if !rs.output.Takes(msg) {
		return nil // another output has taken its place
	}
	cmd := rs.output.Update(msg)
	if msg.Last {
		return rs.over(msg.Err)
	}
	return cmd
}
