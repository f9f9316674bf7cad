package tui

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/detail"
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
	case q != nil && q.waiting:
		return "waiting since " + q.began.Format("15:04") + g.until(id)
	case q != nil:
		asking := "asking for " + say.Duration(g.cfg.Now().Sub(q.since))
		if took, ok := g.checks.took[id]; ok {
			asking += ", last time " + say.Duration(took)
		}
		return asking
	}
	if s == runbook.Waiting {
		return s.String() + g.until(id)
	}
	spec, _ := g.run.Spec(id)
	if st := g.run.Step(id); spec.Fresh > 0 && s == runbook.Done {
		return fmt.Sprintf("%s %s", s, detail.Ago(g.cfg.Now(), st.CheckedAt, g.acted))
	}
	return s.String()
}

// until says when what a step waits for is likely to end, or "" if nobody knows.
func (g *guide) until(id document.StepID) string {
	if usually := questions.Until(g.run, id, g.cfg.Now()); usually != "" {
		return ", " + usually
	}
	return ""
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
		h.text = "Can't write to the journal. Commands are disabled. Press " + g.press(k.Quit, "to quit") + ", fix the disk, then resume."
	case a.Do == steps.TodoFollow && g.running != nil:
		h = g.whileRunning()
	case q == nil && b.Kind.Question:
		h = g.decide(b, h)
	case q == nil && a.Aside != nil:
		does := "to pause what is due"
		if a.Aside.Singly {
			does = "to turn one on"
		}
		if g.engine.Mode() == runbook.DryRun {
			does = "to see what would be " + a.Aside.Made
		}
		h.text = "Press " + g.press(k.Pause, does) + ". " + h.text
		h.keys = append([]key.Binding{k.Pause}, h.keys...)
	case q != nil && q.waiting:
		h = hint{"Waiting until this passes. Press " + g.press(k.Wait, "to stop waiting") + ".", []key.Binding{named(k.Wait, "stop waiting")}}
		if a.Acceptable {
			h.keys = append(h.keys, k.Accept)
		}
	case q != nil:
		h.text = "Waiting for the answer."
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
		return hint{text: "Changing them one at a time. Press " + g.press(g.keys.Quit, "to stop after this one") + "."}
	case g.takesInput() && g.output.Asks():
		return hint{text: "The command may be waiting for an answer. Press " + g.press(g.keys.Type, "to type it") + "."}
	case !g.running.effect.Judged:
		return hint{text: "The command is running. Press " + g.press(g.keys.Type, "to type into it") + "."}
	case g.engine.World().ApplyAsks:
		return hint{text: "The command is running. The program answers its question."}
	}
	return hint{text: "Applying the plan you read. Press " + g.press(g.keys.Quit, "to leave it running or to interrupt it") + "."}
}

// decide returns the hint for the question which procedure is to be walked. A person
// decides, whatever was found.
func (g *guide) decide(b *steps.Binding, h hint) hint {
	next := steps.NextStep(g.run, g.engine.Bound(), b, g.cfg.Now())
	if next == nil {
		return h
	}
	onward := g.press(g.keys.Next, "to go to "+next.Label().String())
	found := g.run.Step(b.Step.ID).Result
	if found.Verdict == runbook.NotAsked {
		return hint{"Press " + g.press(g.keys.Verify, "to ask what has changed") + ", or " + onward + ".", []key.Binding{g.keys.Next}}
	}
	return hint{"You decide. Press " + onward + ". " + found.Summary.String(), []key.Binding{g.keys.Next}}
}

// mend says what to do about a step whose check failed.
func mend(b *steps.Binding) string { return say.Capital(cmp.Or(b.Kind.Mend, "fix it")) }

// todo returns the hint for a step for which nothing is in progress.
func (g *guide) todo(b *steps.Binding, a steps.Advice) hint {
	k := g.keys
	switch a.Do {
	case steps.TodoFollow:
		if !g.locked().Empty() {
			return hint{text: "The command is running. The process that holds this run follows it."}
		}
		return hint{text: "The command may be running. Press " + g.press(k.Run, "to look at it again") + "."}
	case steps.TodoNothing:
		return g.onward(b)
	case steps.TodoSettle:
		return g.nextDoubt(a)
	case steps.TodoLookAgain:
		return hint{"It isn't known whether every change was made. Press " + g.press(k.Settle, "to look again") + ".", []key.Binding{k.Settle}}
	case steps.TodoUndo:
		return hint{"Press " + g.press(k.Pause, "to unpause them") + ": " + a.Undo.Text().String(), []key.Binding{k.Pause}}
	case steps.TodoChooseRelease:
		if g.run.Step(b.Step.ID).Result.Unasked {
			return hint{"GitHub gave no answer. Press " + g.press(k.Verify, "to ask again") + ".", []key.Binding{k.Verify, k.Choose}}
		}
		return g.nextRelease()
	case steps.TodoFill:
		return hint{"Press " + g.press(k.Fill, "to say what "+b.Asked(b.Gap()).String()+" is") + ".", []key.Binding{k.Fill}}
	case steps.TodoTick:
		if b.Check() != nil {
			return hint{"Press " + g.press(k.Tick, "to record that you did it") + ".", []key.Binding{k.Tick}}
		}
		return hint{"Do it, then press " + g.press(k.Tick, "to tick it") + ".", []key.Binding{k.Tick}}
	case steps.TodoVerify:
		return hint{text: "Press " + g.press(k.Verify, "to verify it") + "."}
	case steps.TodoVerifyAgain:
		return hint{text: "Press " + g.press(k.Verify, "to verify it again") + "."}
	case steps.TodoRetry:
		if a.Acceptable {
			return hint{"Press " + g.press(k.Verify, "to ask again") + ". If you know better, press " + g.press(k.Accept, "to accept it with a reason") + ".", []key.Binding{k.Verify, k.Accept}}
		}
		return hint{"Press " + g.press(k.Verify, "to ask again") + ", or " + g.press(k.Skip, "to skip it with a reason") + ".", []key.Binding{k.Verify, k.Skip}}
	case steps.TodoByHand, steps.TodoFix:
		if checked := g.run.Step(b.Step.ID).CheckedAt; !checked.IsZero() && !g.acted.IsZero() && !checked.After(g.acted) {
			return hint{"Press " + g.press(k.Verify, "to verify it") + ": what you did may have changed it.", []key.Binding{k.Verify}}
		}
		if a.Do == steps.TodoFix {
			return hint{text: mend(b) + ", then press " + g.press(k.Verify, "to verify it again") + "."}
		}
		h := hint{text: "Do by hand what it says below, then press " + g.press(k.Verify, "to verify it") + "."}
		if g.cfg.World != nil {
			h.text = "Press " + g.press(k.World, "to do by hand what it says below") + ", then " + g.press(k.Verify, "to verify it") + "."
			h.keys = []key.Binding{k.World}
		}
		return h
	case steps.TodoChooseOther:
		return hint{"Press " + g.press(k.Choose, "to choose another release") + ". If you mean this one, press " + g.press(k.Accept, "to accept it with a reason") + ".", []key.Binding{k.Choose, k.Accept}}
	case steps.TodoAccept:
		if b.Check().Harmless && b.Kind.Releases == nil {
			return hint{mend(b) + ", then press " + g.press(k.Verify, "to verify it again") + ". If you know better, press " + g.press(k.Accept, "to accept it with a reason") + ".", []key.Binding{k.Verify, k.Accept}}
		}
		if b.Kind.Releases == nil {
			return hint{"Press " + g.press(k.Accept, "to accept it with a reason") + ", or fix it and press " + g.press(k.Verify, "to verify it again") + ".", []key.Binding{k.Accept, k.Verify}}
		}
		return hint{"Press " + g.press(k.Choose, "to choose another release") + ". For a rollback, press " + g.press(k.Accept, "to accept it with a reason") + ".", []key.Binding{k.Choose, k.Accept}}
	case steps.TodoWait:
		h := hint{"Press " + g.press(k.Wait, "to wait for it"), []key.Binding{k.Wait}}
		if !g.run.Step(b.Step.ID).Result.Waiting { // it may change, but not by itself
			h.text = "Do what it says below. Press " + g.press(k.Wait, "to keep asking until it passes")
		}
		if a.Acceptable {
			h.text += ", or " + g.press(k.Accept, "to accept it with a reason")
			h.keys = append(h.keys, k.Accept)
		}
		h.text += "."
		return h
	}
	return g.nextCommand(b.Step.ID, a)
}

// nextRelease returns the hint if the run has no release yet.
func (g *guide) nextRelease() hint {
	k := g.keys
	if g.cfg.World == nil {
		return hint{"Publish the release (press " + g.press(k.Link, "to open the page") + "), then press " + g.press(k.Choose, "to choose it") + ".", []key.Binding{k.Choose, k.Link}}
	}
	h := hint{"The release is published. Press " + g.press(k.Choose, "to choose it") + ".", []key.Binding{k.World, k.Choose, k.Link}}
	if slices.ContainsFunc(g.cfg.World.Acts(), func(a elsewhere.Act) bool { return a.Enabled && a.Publishes }) {
		h.text = "Press " + g.press(k.World, "to act as GitHub and publish the release") + ", then " + g.press(k.Choose, "to choose it") + "."
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
		h.text = "Read the new " + d.Effect.After + ", then press " + g.press(k.Settle, "to say whether `"+d.Effect.Label.String()+"` was carried out") + "."
		return h
	}
	h.text = "The outcome of `" + d.Effect.Label.String() + "` is unknown. Look for yourself, then press " + g.press(k.Settle, "to resolve it")
	if a.Effect != nil && a.Effect.Name == d.Effect.After && len(a.Reasons) == 0 {
		h.text += ", or " + g.press(k.Run, "to run `"+a.Effect.Label.String()+"`, which shows what is left to do")
	}
	h.text += "."
	return h
}

// nextCommand returns the hint for the next command: what blocks it, or how to run it.
func (g *guide) nextCommand(id document.StepID, a steps.Advice) hint {
	k := g.keys
	h := hint{keys: []key.Binding{k.Run}}
	if a.Lacks(runbook.DemandJudgement) {
		h.keys = g.judgementKeys(id, *a.Effect)
	}
	run := func(then string) string {
		return "press " + g.press(k.Run, "to run `"+a.Effect.Label.String()+"`"+then) + "."
	}
	switch a.Do {
	case steps.TodoPretend:
		h.text = "Press " + g.press(k.Run, "to see what would be run") + "."
	case steps.TodoJudge:
		h.text = g.nextJudgement(id, *a.Effect)
	case steps.TodoVerifyFirst:
		h.text = "Press " + g.press(k.Verify, "to look at the checkout first") + "."
		h.keys = append([]key.Binding{k.Verify}, h.keys...)
	case steps.TodoEarlier:
		before, _ := g.run.Spec(a.Earlier)
		h.text = say.Capital(before.Label.String()) + " must be done first: press " + g.press(k.Next, "to go to what is open") + "."
		h.keys = append([]key.Binding{k.Next}, h.keys...)
	case steps.TodoElsewhere:
		h.text = "The plan deploys nothing. If it was deployed elsewhere, press " + g.press(k.Skip, "to say by whom") + "; to deploy another release, start a new run; or " + run(" again")
		h.keys = append(h.keys, k.Skip)
	case steps.TodoRunAgain:
		h.text = "Couldn't interpret the output. Read it, then " + run(" again")
		if a.Verdict == runbook.Failed {
			h.text = "Stop and read why it failed. Once that is fixed, " + run(" again")
		}
	default:
		h.text = say.Capital(run(" after you confirm it"))
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
	case g.inPlan() && g.plan.NextHidden():
		return []key.Binding{k.Tick, k.PageDown, k.Fold, k.Search, k.Output}
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
		return "Does the " + e.After + " look right? Press " + g.press(k.Tick, "to confirm") + "."
	case g.plan.Shown && g.plan.Reading():
		return "Loading the " + e.After + ". Then read it to its end."
	case g.inPlan() && g.plan.Doc() != nil:
		return "Read the " + e.After + " to its end: press " + g.readOn() + " (" + g.plan.Progress() + ")."
	case !g.plan.Shown && !g.cannotShow(id, e.After) && !(g.output.Shown && g.output.Of(id, e.After)):
		return "Press " + g.press(k.Plan, "to show the "+e.After) + ", and read it to its end."
	case !g.belowShown(), !g.plan.Shown && !g.output.Of(id, e.After):
		return "Press " + g.press(k.Output, "to show the "+e.After) + ", and read it to its end."
	case g.focus != paneOutput:
		return "Press " + g.press(k.Focus, "to go to the "+e.After) + ", and read it to its end."
	default:
		return "Read the " + e.After + " to its end: press " + g.press(k.PageDown, "to scroll") + "."
	}
}

// named returns a binding that the key bar calls what it does now.
func named(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
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
		h.text = g.ended(b) + ". Press " + g.press(g.keys.Quit, "to quit") + "."
	case next.Step.Section == b.Step.Section:
		done := "done"
		switch status := g.run.HeldBy(b.Step.ID, g.cfg.Now()); status {
		case runbook.Accepted, runbook.SkippedOver, runbook.ElsewhereDone, runbook.AsIfDone:
			done = status.String()
		}
		h.text = say.Capital(done) + ". Press " + g.press(g.keys.Next, "to go to "+next.Label().String()) + "."
		h.keys = append([]key.Binding{g.keys.Next}, h.keys...)
	default:
		h.text = "All steps of this section are done. Press " + g.press(g.keys.Next, "to go to "+next.Label().String()) + "."
		h.keys = append([]key.Binding{g.keys.Next}, h.keys...)
	}
	return h
}

// ended says how the walk through a step's procedure ended.
func (g *guide) ended(b *steps.Binding) string {
	return say.Capital(questions.Ended(g.run.Tally(g.spec(b.Step.ID).Procedure, g.cfg.Now())))
}
