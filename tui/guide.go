package tui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// guide puts into words and keys what a person can do next.
type guide struct {
	*results
	checks *checks
}

// statusWords returns the status of a step, and what is in progress.
func (g *guide) statusWords(id document.StepID, s runbook.Status) string {
	q := g.checks.asking[id]
	switch {
	case s == runbook.InProgress && g.running != nil:
		return "running for " + say.Duration(g.cfg.Now().Sub(g.running.since))
	case q != nil && q.waiting && !q.next.IsZero():
		return fmt.Sprintf("waiting, asks again in %d s", max(int(q.next.Sub(g.cfg.Now()).Seconds()+0.99), 0))
	case q != nil:
		asking := "asking for " + say.Duration(g.cfg.Now().Sub(q.since))
		if took, ok := g.checks.took[id]; ok {
			asking += ", last time " + say.Duration(took)
		}
		return asking
	}
	spec, _ := g.run.Spec(id)
	if st := g.run.Step(id); spec.Fresh > 0 && s == runbook.Done {
		return fmt.Sprintf("%s %s ago", s, say.Duration(g.cfg.Now().Sub(st.CheckedAt)))
	}
	return string(s)
}

// hint is what a person can do next about a step: a sentence, and the keys that it
// names.
type hint struct {
	text string
	keys []key.Binding
}

// hint returns what to do next about a step. Checks and commands in progress take
// precedence over what the run has recorded.
func (g *guide) hint(b *steps.Binding) hint {
	a, k := g.advice(b), g.keys
	h := g.todo(b, a)
	q := g.checks.asking[b.Step.ID]
	switch {
	case g.broken != nil && g.engine.ReadOnly().Empty():
		h.text = "nothing can be kept any more: " + g.press(k.Quit, "leaves") + "; mend the disk, then resume"
	case a.Do == steps.TodoFollow && g.running != nil:
		h = g.whileRunning()
	case q == nil && a.Aside != nil:
		does := "pauses what is due"
		if g.engine.Mode() == runbook.DryRun {
			does = "shows what would be paused"
		}
		h.text = g.press(k.Pause, does) + ", " + h.text
		h.keys = append([]key.Binding{k.Pause}, h.keys...)
	case q != nil && q.waiting:
		h = hint{"waiting for it to hold; " + g.press(k.Wait, "stops waiting"), []key.Binding{k.Wait}}
		if a.Acceptable {
			h.keys = append(h.keys, k.Accept)
		}
	case q != nil:
		h.text = "the answer is on its way"
	}
	if g.takesInput() {
		h.keys = []key.Binding{k.Type} // even if another step is selected
	}
	return h
}

// whileRunning returns the hint for the step whose command is running.
func (g *guide) whileRunning() hint {
	switch {
	case g.running.effect.Aside:
		return hint{text: "one after the other is asked for; " + g.press(g.keys.Quit, "ends it after the present one")}
	case g.takesInput() && g.output.Asks():
		return hint{text: "the command may be waiting for an answer; " + g.press(g.keys.Type, "types it")}
	case !g.running.effect.Judged:
		return hint{text: "the command is running; " + g.press(g.keys.Type, "types into it")}
	case g.engine.World().ApplyAsks:
		return hint{text: "the command is running; the program answers its question"}
	}
	return hint{text: "the plan that was read is being applied; " + g.press(g.keys.Quit, "leaves it running, or interrupts it")}
}

// todo returns the hint for a step for which nothing is in progress.
func (g *guide) todo(b *steps.Binding, a steps.Advice) hint {
	k := g.keys
	switch a.Do {
	case steps.TodoFollow:
		if !g.locked().Empty() {
			return hint{text: "the command is running; who has this run follows it"}
		}
		return hint{text: "the command may be running; " + g.press(k.Run, "looks at it again")}
	case steps.TodoNothing:
		return g.onward(b)
	case steps.TodoSettle:
		return g.nextDoubt(a)
	case steps.TodoLookAgain:
		return hint{"it is not known what became of all that was changed: " + g.press(k.Settle, "looks again"), []key.Binding{k.Settle}}
	case steps.TodoUndo:
		return hint{g.press(k.Pause, "unpauses them") + ": " + a.Undo.Text().String(), []key.Binding{k.Pause}}
	case steps.TodoChooseRelease:
		return g.nextRelease()
	case steps.TodoTick:
		return hint{"do it, then " + g.press(k.Tick, "ticks it"), []key.Binding{k.Tick}}
	case steps.TodoVerify:
		return hint{text: g.press(k.Verify, "verifies it")}
	case steps.TodoVerifyAgain:
		return hint{text: g.press(k.Verify, "verifies it again")}
	case steps.TodoRetry:
		return hint{text: g.press(k.Verify, "asks again") + ", " + g.press(k.Skip, "skips it with a reason")}
	case steps.TodoFix:
		return hint{text: "mend it, then " + g.press(k.Verify, "verifies it again")}
	case steps.TodoAccept:
		if b.Kind.Check.Harmless && b.Kind.Releases == nil {
			return hint{"mend it, then " + g.press(k.Verify, "verifies it again") + "; if you know better, " + g.press(k.Accept, "accepts it with a reason"), []key.Binding{k.Verify, k.Accept}}
		}
		if b.Kind.Releases == nil {
			return hint{g.press(k.Accept, "accepts what was found, with a reason") + "; " + g.press(k.Verify, "verifies again once it is mended"), []key.Binding{k.Accept, k.Verify}}
		}
		return hint{text: g.press(k.Choose, "chooses another release") + "; for a rollback, " + g.press(k.Accept, "accepts it with a reason")}
	case steps.TodoWait:
		h := hint{g.press(k.Wait, "waits for it"), []key.Binding{k.Wait}}
		if a.Acceptable {
			h.text += ", " + g.press(k.Accept, "accepts what was found, with a reason")
			h.keys = append(h.keys, k.Accept)
		}
		return h
	}
	return g.nextCommand(b.Step.ID, a)
}

// nextRelease returns the hint if the run has no release yet.
func (g *guide) nextRelease() hint {
	k := g.keys
	if g.cfg.World == nil {
		return hint{"publish the release (" + g.press(k.Link, "opens the page") + "), then " + g.press(k.Choose, "chooses it"), []key.Binding{k.Choose, k.Link}}
	}
	h := hint{"the release is published: " + g.press(k.Choose, "chooses it"), []key.Binding{k.World, k.Choose, k.Link}}
	if slices.ContainsFunc(g.cfg.World.Acts(), func(a Act) bool { return a.Enabled && a.Publishes }) {
		h.text = g.press(k.World, "plays the others: publish the release there") + "; then " + g.press(k.Choose, "chooses it")
	}
	return h
}

// nextDoubt returns the hint for a command whose outcome is unknown.
func (g *guide) nextDoubt(a steps.Advice) hint {
	k, d := g.keys, a.Doubt
	h := hint{keys: []key.Binding{k.Settle}}
	if a.Effect != nil {
		h.keys = append(h.keys, k.Run)
	}
	if d.Since != nil {
		h.text = "compare what the new " + d.Effect.After + " says, then " + g.press(k.Settle, "decides what became of `"+d.Effect.Label.String()+"`")
		return h
	}
	h.text = "nobody knows how `" + d.Effect.Label.String() + "` ended: look for yourself, then " + g.press(k.Settle, "decides it")
	if a.Effect != nil && a.Effect.Name == d.Effect.After && len(a.Reasons) == 0 {
		h.text += "; " + g.press(k.Run, "runs `"+a.Effect.Label.String()+"`, which shows what is left to do")
	}
	return h
}

// nextCommand returns the hint for the next command: what blocks it, or how to run it.
func (g *guide) nextCommand(id document.StepID, a steps.Advice) hint {
	k := g.keys
	h := hint{keys: []key.Binding{k.Run}}
	if a.Lacks(runbook.DemandJudgement) {
		h.keys = g.judgementKeys(id, *a.Effect)
	}
	run := func(then string) string { return g.press(k.Run, "runs `"+a.Effect.Label.String()+"`"+then) }
	switch a.Do {
	case steps.TodoPretend:
		h.text = g.press(k.Run, "shows what would be run")
	case steps.TodoJudge:
		h.text = g.nextJudgement(id, *a.Effect)
	case steps.TodoVerifyFirst:
		h.text = g.press(k.Verify, "looks at the checkout first")
	case steps.TodoEarlier:
		before, _ := g.run.Spec(a.Earlier)
		h.text = before.Label.String() + " must be done first: " + g.press(k.Next, "goes to what is open")
	case steps.TodoRunAgain:
		h.text = "read the output: what it means is not understood; " + run(" again")
		if a.Verdict == runbook.Failed {
			h.text = "stop and read why it failed; when that is mended, " + run(" again")
		}
	default:
		h.text = run(", after you confirm it")
	}
	return h
}

// judgementKeys returns the keys for reading and judging a plan.
func (g *guide) judgementKeys(id document.StepID, e runbook.EffectSpec) []key.Binding {
	k := g.keys
	switch read := g.hasRead(id, e.After); {
	case read && g.inPlan():
		return []key.Binding{k.Tick, k.Fold, k.Output, k.Search}
	case read:
		return []key.Binding{k.Tick}
	case g.inPlan():
		return []key.Binding{k.PageDown, k.Fold, k.Search, k.Output, k.Tick}
	case g.belowShown():
		return []key.Binding{k.Focus, k.PageDown, k.Plan, k.Tick}
	}
	return []key.Binding{k.Plan, k.Output, k.Tick}
}

// nextJudgement returns what to do next to read a plan and call it correct, which only a
// person can do.
func (g *guide) nextJudgement(id document.StepID, e runbook.EffectSpec) string {
	k := g.keys
	switch {
	case g.hasRead(id, e.After):
		return "if the " + e.After + " looks correct to you, " + g.press(k.Tick, "says so")
	case g.plan.Shown && g.plan.Reading():
		return "the " + e.After + " is being read; then you read it to its end"
	case g.inPlan() && g.plan.Doc() != nil:
		return "read the " + e.After + " to its end: " + g.readOn() + " (" + g.plan.Progress() + ")"
	case !g.plan.Shown && !g.cannotShow(id, e.After) && !(g.output.Shown && g.output.Of(id, e.After)):
		return g.press(k.Plan, "shows the "+e.After+": read it to its end")
	case !g.belowShown(), !g.plan.Shown && !g.output.Of(id, e.After):
		return g.press(k.Output, "shows the "+e.After+": read it to its end")
	case g.focus != paneOutput:
		return g.press(k.Focus, "goes to the "+e.After+": read it to its end")
	default:
		return "read the " + e.After + " to its end: " + g.press(k.PageDown, "scrolls")
	}
}

// onward returns the hint for a step that is done: the next step, and how to untick
// this one.
func (g *guide) onward(b *steps.Binding) hint {
	var h hint
	if spec := g.spec(b.Step.ID); !spec.Checks && spec.Course() == 0 {
		h.keys = []key.Binding{g.keys.Tick}
	}
	switch next := steps.NextStep(g.run, g.engine.Bound(), b, g.cfg.Now()); {
	case next == nil:
		h.text = "nothing is left: every step is done; " + g.press(g.keys.Quit, "leaves")
	case next.Step.Section == b.Step.Section:
		done := "done"
		if status := g.run.Status(b.Step.ID, g.cfg.Now()); status == runbook.Accepted {
			done = string(status)
		}
		h.text = done + "; " + g.press(g.keys.Next, "goes to "+next.Label().String())
	default:
		h.text = "every step of this section is done; " + g.press(g.keys.Quit, "leaves")
	}
	return h
}
