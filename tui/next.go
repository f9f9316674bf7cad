package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// statusWords says where a step stands, with what goes on about it.
func (m *Model) statusWords(id document.StepID, s runbook.Status) string {
	q := m.asking[id]
	switch {
	case s == runbook.InProgress && m.running != nil:
		return "running for " + spell(m.cfg.Now().Sub(m.running.since))
	case q != nil && q.waiting && !q.next.IsZero():
		return fmt.Sprintf("waiting, asks again in %d s", max(int(q.next.Sub(m.cfg.Now()).Seconds()+0.99), 0))
	case q != nil:
		text := "asking for " + spell(m.cfg.Now().Sub(q.since))
		if took, ok := m.took[id]; ok {
			text += ", last time " + spell(took)
		}
		return text
	}
	spec, _ := m.run.Spec(id)
	if st := m.run.Step(id); spec.Fresh > 0 && s == runbook.Done {
		return fmt.Sprintf("%s %s ago", s, spell(m.cfg.Now().Sub(st.CheckedAt)))
	}
	return string(s)
}

// nextEffect returns the command of the step that comes next, and what stands
// before it other than its typed confirmation; false where none is left.
func (m *Model) nextEffect(id document.StepID) (runbook.EffectSpec, []runbook.Reason, bool) {
	spec, ok := m.run.Spec(id)
	if !ok || len(spec.Effects) == 0 {
		return runbook.EffectSpec{}, nil, false
	}
	switch m.run.Status(id, m.cfg.Now()) {
	case runbook.Done, runbook.Stale, runbook.AsIfDone, runbook.InProgress, runbook.SkippedOver, runbook.Decided:
		return runbook.EffectSpec{}, nil, false
	}
	if m.run.Mode() == runbook.DryRun {
		for i, e := range spec.Effects {
			if m.run.Step(id).Effects[i].Pretended == nil {
				return e, m.missing(id, e), true
			}
		}
	}
	e := spec.Effects[len(spec.Effects)-1]
	for e.After != "" && m.again(id, e) {
		i := slices.IndexFunc(spec.Effects, func(other runbook.EffectSpec) bool { return other.Name == e.After })
		if i < 0 {
			break
		}
		e = spec.Effects[i]
	}
	return e, m.missing(id, e), true
}

// again reports whether what the effect builds on must be made anew.
func (m *Model) again(id document.StepID, e runbook.EffectSpec) bool {
	return slices.ContainsFunc(m.missing(id, e), func(r runbook.Reason) bool {
		return r.Demand == runbook.DemandBefore || r.Demand == runbook.DemandSame || (r.Demand == runbook.DemandFresh && r.Step == id)
	})
}

// missing returns what the gate of an effect demands beside the confirmation.
func (m *Model) missing(id document.StepID, e runbook.EffectSpec) []runbook.Reason {
	var refusal *runbook.Refusal
	if !errors.As(m.run.May(runbook.Effect(e.Name), id, m.cfg.Now()), &refusal) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(refusal.Reasons), func(r runbook.Reason) bool {
		if r.Demand == runbook.DemandAccess && m.run.Access() == nil {
			return true // it is looked for before the command is run
		}
		return r.Demand == runbook.DemandConfirmation || (r.Demand == runbook.DemandPossible && m.run.Mode() == runbook.DryRun)
	})
}

// press names a key of the key map in a sentence: "v verifies it".
func (m *Model) press(b key.Binding, does string) string {
	name := b.Keys()[0]
	if len(name) > 1 {
		name = b.Help().Key // "pgdn", as it is called everywhere
	}
	return m.styles.key.Render(name) + " " + does
}

// next says in one sentence what a person does now about the step.
func (m *Model) next(b *steps.Binding) string {
	id, k := b.Step.ID, m.keys
	status := m.run.Status(id, m.cfg.Now())
	spec, _ := m.run.Spec(id)
	if m.broken != nil && m.engine.ReadOnly().Empty() {
		return "nothing can be kept any more: " + m.press(k.Quit, "leaves") + "; mend the disk, then resume"
	}
	switch q := m.asking[id]; {
	case status == runbook.InProgress && m.running != nil && m.running.effect.Judged && m.engine.World().ApplyAsks:
		return "the command is running; the program answers its question"
	case status == runbook.InProgress && m.running != nil && m.running.effect.Judged:
		return "the plan that was read is being applied; " + m.press(k.Quit, "leaves it running, or interrupts it")
	case status == runbook.InProgress && m.running != nil:
		return "the command is running; " + m.press(k.Type, "types into it")
	case q != nil && q.waiting:
		return "waiting for it to hold; " + m.press(k.Wait, "stops waiting")
	case q != nil:
		return "the answer is on its way"
	case status == runbook.InProgress && !m.locked().Empty():
		return "the command is running; who has this run follows it"
	case status == runbook.InProgress:
		return "the command may be running; " + m.press(k.Run, "looks at it again")
	}
	switch status {
	case runbook.Done, runbook.TickedOff, runbook.SkippedOver, runbook.Accepted, runbook.AsIfDone, runbook.Decided:
		return m.onward(b)
	case runbook.Doubtful:
		return m.nextDoubt(id)
	}
	if b.Kind.Name() == "release" && m.run.Release() == "" {
		return m.nextRelease()
	}
	if effect, reasons, ok := m.nextEffect(id); ok {
		return m.nextCommand(id, spec, effect, reasons)
	}
	switch {
	case spec.Checks && status == runbook.Rejected && m.engine.Again(id) > 0:
		text := m.press(k.Wait, "waits for it")
		if spec.Override != "" && m.run.Step(id).Result.Facts[spec.Override] != "" {
			text += ", " + m.press(k.Accept, "accepts what was found, with a reason")
		}
		return text
	case spec.Checks && status == runbook.Rejected && spec.Override != "" && m.run.Step(id).Result.Facts[spec.Override] != "":
		return m.press(k.Choose, "chooses another release") + "; for a rollback, " + m.press(k.Accept, "accepts it with a reason")
	case spec.Checks && status == runbook.Rejected:
		return "mend it, then " + m.press(k.Verify, "verifies it again")
	case spec.Checks && status == runbook.Unsure:
		return m.press(k.Verify, "asks again") + ", " + m.press(k.Skip, "skips it with a reason")
	case spec.Checks && status == runbook.Stale:
		return m.press(k.Verify, "verifies it again")
	case spec.Checks:
		return m.press(k.Verify, "verifies it")
	}
	return "do it, then " + m.press(k.Tick, "ticks it")
}

func (m *Model) nextRelease() string {
	if w := m.cfg.World; w != nil {
		for _, act := range w.Acts() {
			if act.Enabled && strings.HasPrefix(act.ID, "publish") {
				return m.press(m.keys.World, "plays the others: publish the release there") + "; then " + m.press(m.keys.Choose, "chooses it")
			}
		}
		return "the release is published: " + m.press(m.keys.Choose, "chooses it")
	}
	return "publish the release (" + m.press(m.keys.Link, "opens the page") + "), then " + m.press(m.keys.Choose, "chooses it")
}

// nextCommand speaks of the effect that is next: what keeps it, or how to run it.
func (m *Model) nextCommand(id document.StepID, spec runbook.Spec, e runbook.EffectSpec, reasons []runbook.Reason) string {
	k := m.keys
	if m.run.Mode() == runbook.DryRun {
		return m.press(k.Run, "shows what would be run")
	}
	for _, r := range reasons {
		switch {
		case r.Demand == runbook.DemandJudgement:
			return m.nextJudgement(id, e)
		case r.Demand == runbook.DemandOwn && r.Step == id && m.run.Step(id).Result.Verdict == runbook.NotAsked:
			return m.press(k.Verify, "looks at the checkout first")
		case r.Demand == runbook.DemandFresh, r.Demand == runbook.DemandAccess:
			// running asks again by itself
		case r.Step != id && r.Step != "":
			if before, ok := m.run.Spec(r.Step); ok {
				return before.Label.String() + " must be done first: " + m.press(k.Next, "goes to what is open")
			}
		}
	}
	if st := m.run.Effect(id, e.Name); st.Finished != nil && st.Finished.Result.Verdict == runbook.Failed {
		return "stop and read why it failed; when that is mended, " + m.press(k.Run, "runs `"+e.Label.String()+"` again")
	}
	if st := m.run.Effect(id, e.Name); st.Finished != nil && st.Finished.Result.Verdict != runbook.Passed {
		return "read the output: what it means is not understood; " + m.press(k.Run, "runs `"+e.Label.String()+"` again")
	}
	return m.press(k.Run, "runs `"+e.Label.String()+"`, after you confirm it")
}

// nextJudgement leads through the reading of a plan to the word that it is
// right, which only a person can say.
func (m *Model) nextJudgement(id document.StepID, e runbook.EffectSpec) string {
	k := m.keys
	switch {
	case m.hasRead(id, e.After):
		return "if the " + e.After + " looks correct to you, " + m.press(k.Tick, "says so")
	case m.plan.shown && m.plan.reading:
		return "the " + e.After + " is being read; then you read it to its end"
	case m.inPlan() && m.plan.doc != nil:
		return "read the " + e.After + " to its end: " + m.plan.readOn() + " (" + m.plan.progress() + ")"
	case !m.plan.shown && !m.unshown(id, e.After) && !(m.output.shown && m.output.of(id, e.After)):
		return m.press(k.Plan, "shows the "+e.After+": read it to its end")
	case !m.belowShown(), !m.plan.shown && !m.output.of(id, e.After):
		return m.press(k.Output, "shows the "+e.After+": read it to its end")
	case m.focus != paneOutput:
		return m.press(k.Focus, "goes to the "+e.After+": read it to its end")
	default:
		return "read the " + e.After + " to its end: " + m.press(k.PageDown, "scrolls")
	}
}

// openStep returns the first step of the selected step's section that does not
// hold, else the first of the runbook; "" where all hold.
func (m *Model) openStep() document.StepID {
	b, ok := m.selected()
	now := m.cfg.Now()
	var first document.StepID
	for i := range m.engine.Bound().Steps {
		other := &m.engine.Bound().Steps[i]
		if m.run.Holds(other.Step.ID, now) || m.run.Status(other.Step.ID, now) == runbook.Stale {
			continue
		}
		if _, _, doubt := m.doubted(other.Step.ID); doubt {
			return other.Step.ID // before all else
		}
		if ok && other.Step.Section == b.Step.Section {
			return other.Step.ID
		}
		if first == "" {
			first = other.Step.ID
		}
	}
	return first
}

// onward says what comes after a step that is done.
func (m *Model) onward(b *steps.Binding) string {
	id := m.openStep()
	next, ok := m.engine.Bound().Step(id)
	switch {
	case !ok:
		return "nothing is left: every step is done; " + m.press(m.keys.Quit, "leaves")
	case next.Step.Section == b.Step.Section:
		return "done; " + m.press(m.keys.Next, "goes to "+next.Label().String())
	default:
		return "every step of this section is done; " + m.press(m.keys.Quit, "leaves")
	}
}
