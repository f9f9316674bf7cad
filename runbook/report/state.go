package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// setState sets the state of the run, and describes it.
func (r *Report) setState(in Input, t *tracker, now time.Time) {
	next := -1
	var tally runbook.Tally
	if t.misplaced == nil && t.run.Started() != nil {
		for _, i := range t.counted() {
			h, _ := t.outcome(i)
			if tally.Add(t.specs[i].Deploys, h.status); h.at.IsZero() && next < 0 {
				next = i
			}
		}
	}
	r.Done, r.Of, r.Skipped, r.Accepted, r.DoneElsewhere, r.AsIfDone = tally.Done, tally.Steps, tally.Skipped, tally.Accepted, tally.Elsewhere, tally.AsIf
	r.describeState(in, t, tally)
	if in.Damaged || in.Newer {
		why := clean.Line("the journal can't be read to its end")
		if in.Damaged {
			why = clean.Line("the journal is damaged")
		}
		before := r.Standing
		r.State, r.Standing = NotKnown, clean.Linef("%s; before that: %s", why, before)
		r.summary = said("How it ended is unknown, because %s. Before that: %s.", why, before)
		return
	}
	r.stuck(t, next, now)
	r.down(t)
	r.hold(t)
}

// down adds what a command that ended early may have left down.
func (r *Report) down(t *tracker) {
	if t.misplaced != nil {
		return
	}
	if text := oneLine(t.run.Down()); !text.Empty() {
		r.Standing = clean.Linef("%s; %s", r.Standing, text)
		r.summary = r.summary.say(" %s.", say.Capital(text.String()))
	}
}

// hold adds what the run has changed and not undone.
func (r *Report) hold(t *tracker) {
	if t.misplaced != nil {
		return
	}
	for _, h := range t.run.Held() {
		text := oneLine(h.Text())
		r.Standing = clean.Linef("%s; %s", r.Standing, text)
		r.summary = r.summary.say(" %s.", text)
		r.Paused = append(r.Paused, cleaned(h.Names)...)
	}
}

// describeState sets the state that the journal shows, and its sentences.
func (r *Report) describeState(in Input, t *tracker, tally runbook.Tally) {
	id, effect, doubted := t.run.DoubtedEffect()
	running := false
	if !doubted {
		id, effect, running = t.run.RunningEffect()
	}
	switch {
	case len(t.specs) == 0 && t.run.Started() != nil:
		r.State, r.Standing = NotKnown, clean.Line("no steps")
		r.summary = said("Its steps are unknown.")
	case t.run.Started() == nil:
		r.State, r.Standing = NotKnown, clean.Line("nothing recorded")
		r.summary = said("Nothing was recorded.")
	case t.misplaced != nil:
		r.State, r.Standing = NotKnown, clean.Line("unknown")
		r.summary = said("How far it got is unknown.")
	case doubted:
		r.State, r.Standing = Doubtful, said("outcome of ").code(t.line(id, effect)).say(" unknown").plain()
		r.summary = said("Nobody knows how ").code(t.line(id, effect)).say(" of %s ended. %s", t.label(id), oneLine(t.run.Effect(id, effect).Doubted.Text))
	case running:
		r.State, r.Standing = Running, prose{}.code(t.line(id, effect)).say(" running").plain()
		r.summary = prose{}.code(t.line(id, effect)).say(" of %s was begun, and its end is not recorded yet.", t.label(id))
		if r.HeldBy == nil {
			if in.Gone != nil && in.Gone(t.run.Effect(id, effect).Started.Attempt) {
				r.Standing = prose{}.code(t.line(id, effect)).say(" no longer runs: resume the run to see how it ended").plain()
				r.summary = r.summary.say(" It no longer runs.")
			}
			r.summary = r.summary.say(" Nobody has the run open. Run ").code(clean.Linef("catalog-runbook resume %s", r.Run)).say(" to find out how it ended.")
		}
	default:
		r.ended(t, tally)
	}
}

// ended describes how the run has ended, or how far it is.
func (r *Report) ended(t *tracker, tally runbook.Tally) {
	ending := tally.Ending()
	r.State = State(ending)
	r.Standing = clean.Linef("%s: %s", ending, tally.Ways())
	switch ending {
	case runbook.StillOpen:
		r.Standing = t.standing(tally)
		r.summary = said("%d of %d steps are done%s.", tally.Done, tally.Steps, and(tally.Others()))
	case runbook.AllDone:
		r.Standing = clean.Line(string(ending))
		r.summary = said("All %d steps%s.", tally.Steps, cmp.Or(t.ways(), " passed"))
	case runbook.Excepting:
		r.Standing = clean.Linef("%s: %s", ending, tally.Others())
		r.summary = said("All %d steps are dealt with%s.", tally.Steps, t.ways())
	case runbook.ByOthers:
		who := t.elsewhere()
		r.Standing = clean.Linef("%s, by %s", ending, who)
		r.summary = said("%s has deployed, not this run, as was stated. All %d steps are dealt with%s.", who, tally.Steps, t.ways())
	case runbook.Undeployed:
		r.summary = said("All %d steps are dealt with%s. None of them has deployed.", tally.Steps, t.ways())
	case runbook.NothingDone:
		r.summary = said("All %d steps are skipped.", tally.Steps)
	}
}

// and returns the end of a sentence.
func and(others string) string {
	if others == "" {
		return ""
	}
	return ", " + others
}

// elsewhere returns who has deployed elsewhere, as was stated.
func (t *tracker) elsewhere() clean.Text {
	for i := range t.specs {
		if e := t.run.Step(t.specs[i].ID).Elsewhere; e != nil {
			return oneLine(e.By)
		}
	}
	return clean.Line("someone")
}

// standing returns how many steps are done, and which commands failed.
func (t *tracker) standing(tally runbook.Tally) clean.Text {
	w := said("%s", tally)
	for _, spec := range t.run.Specs() {
		for i, e := range t.run.Step(spec.ID).Effects {
			if !spec.Effects[i].Aside && e.Finished != nil && e.Finished.Exit > 0 && e.Finished.Result.Verdict != runbook.Passed {
				w = w.say(", ").code(t.line(spec.ID, spec.Effects[i].Name)).say(" ended with %d", e.Finished.Exit)
			}
		}
	}
	return w.plain()
}

// ways says in which ways the steps hold, unless all of them have passed.
func (t *tracker) ways() string {
	var ways []string
	passed := true
	for _, i := range t.counted() {
		h, _ := t.outcome(i)
		if h.at.IsZero() {
			continue
		}
		way := h.status.String()
		if h.status == runbook.Decided {
			way += " by a person"
		}
		ways, passed = append(ways, way), passed && h.status == runbook.Done
	}
	if passed {
		return ""
	}
	return ": " + countEach(ways)
}

// countEach says how often each word occurs, in the order of their first occurrence:
// "2 passed, 1 failed".
func countEach(words []string) string {
	var order []string
	count := map[string]int{}
	for _, w := range words {
		if count[w]++; count[w] == 1 {
			order = append(order, w)
		}
	}
	for i, w := range order {
		order[i] = fmt.Sprintf("%d %s", count[w], w)
	}
	return strings.Join(order, ", ")
}

// stuck adds at which step an open run is, and what keeps it there.
func (r *Report) stuck(t *tracker, next int, now time.Time) {
	if r.State != State(runbook.StillOpen) {
		return
	}
	r.summary = r.summary.say(" It is at %s", t.label(t.specs[next].ID))
	summary := clean.Text{}
	if last := t.steps[next].newest.last; last != nil {
		summary = oneLine(last.Summary)
	}
	switch st := t.status(next, now); st {
	case runbook.Rejected:
		r.summary = r.summary.say(", which failed: %s", summary)
	case runbook.Waiting:
		r.summary = r.summary.say(", which is waiting: %s", summary)
	case runbook.Unsure:
		r.summary = r.summary.say(", which is unknown: %s", summary)
	case runbook.Pending:
		r.summary = r.summary.say(".")
	default:
		r.summary = r.summary.say(", which is %s.", st)
	}
}
