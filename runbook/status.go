package runbook

import (
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Status is the state of a step, in a word or two for the screen.
type Status string

// The statuses. With Done, TickedOff, SkippedOver, ElsewhereDone, Accepted, Decided and
// AsIfDone a step holds: later effects may rely on it. A Stale step has held.
const (
	Pending     Status = "to do"
	Done        Status = "passed"  // observed by a check
	Rejected    Status = "failed"  // checked: the answer is no
	Waiting     Status = "waiting" // checked: not yet
	Unsure      Status = "unknown" // couldn't be checked
	Stale       Status = "stale"   // passed or accepted too long ago to rely on
	TickedOff   Status = "ticked"  // stated by a person
	Changed     Status = "changed" // ticked, but the text has changed since
	SkippedOver Status = "skipped" // skipped, with a reason
	// ElsewhereDone is what a person states about a step that deploys: someone did it, and
	// not by this run.
	ElsewhereDone Status = "done elsewhere"
	Accepted      Status = "accepted" // failed or unknown, and overridden with a reason
	AsIfDone      Status = "as if done"
	InProgress    Status = "running"
	Planned       Status = "planned"  // an earlier effect of the step passed
	Ready         Status = "ready"    // not done yet, and its command can run
	Doubtful      Status = "in doubt" // a command of the step has an unknown outcome
	Decided       Status = "decided"  // was in doubt, and a person said it was carried out
)

// String returns the status as people read it. In JSON it is the value itself.
func (s Status) String() string {
	if s == Doubtful {
		return "outcome unknown"
	}
	return string(s)
}

// Status returns the status of a step at the given time, or Pending if the step
// doesn't exist.
func (r *Run) Status(id document.StepID, now time.Time) Status {
	i, ok := r.index[id]
	if !ok {
		return Pending
	}
	return r.status(i, now, r.past(i))
}

// status is Status where a step that is past holds however long ago it was checked.
func (r *Run) status(i int, now time.Time, past bool) Status {
	spec, s := &r.specs[i], &r.steps[i]
	fresh := past || fresh(spec, s, now)
	for _, e := range s.Effects {
		if e.Running() {
			return InProgress
		}
	}
	if slices.ContainsFunc(s.Effects, EffectState.InDoubt) {
		return Doubtful
	}
	verdict, partly := newest(spec, s)
	switch {
	case decided(spec, s):
		return Decided
	case r.pretended(i):
		return AsIfDone
	case r.ahead(i):
		return Pending
	case verdict == Passed && spec.Stated && s.Tick != nil && s.Tick.Hash != spec.Hash:
		return Changed
	case verdict == Passed && spec.Stated && s.Tick == nil:
		return Pending
	case verdict == Passed && !partly && fresh:
		return Done
	case s.Elsewhere != nil:
		return ElsewhereDone
	case s.Skip != nil && verdict != Failed:
		return SkippedOver
	case verdict == Passed && partly:
		return Planned
	case verdict == Passed:
		return Stale
	case r.accepted(i) && fresh:
		return Accepted
	case r.accepted(i):
		return Stale
	case verdict == Failed && ready(spec, s):
		return Ready
	case verdict == Failed && s.Result.Waiting:
		return Waiting
	case verdict == Failed:
		return Rejected
	case verdict == Unknown:
		return Unsure
	}
	if s.Changed && manual(spec) {
		return Changed
	}
	if s.Tick != nil {
		switch {
		case s.Tick.Hash != spec.Hash:
			return Changed
		case manual(spec):
			return TickedOff
		}
	}
	return Pending
}

// Holds reports whether later effects may rely on the step at the given time.
func (r *Run) Holds(id document.StepID, now time.Time) bool {
	return r.counts(r.Status(id, now))
}

// counts reports whether a step with this status holds.
func (r *Run) counts(s Status) bool {
	switch s {
	case Done, TickedOff, SkippedOver, ElsewhereDone, Accepted, Decided:
		return true
	case AsIfDone:
		return r.Mode() == DryRun
	}
	return false
}

// decided reports whether the step is done because a person said so about its
// last command, which was in doubt. If the step can be checked, the check counts
// instead.
func decided(spec *Spec, s *StepState) bool {
	course := spec.Course()
	if spec.Checks || course == 0 {
		return false
	}
	last := s.Effects[course-1]
	return last.Settled != nil && last.Settled.Done
}

// manual reports whether only a person can say that the step is done.
func manual(s *Spec) bool { return !s.Checks && s.Course() == 0 }

// newest returns the latest verdict about the step, or NotAsked if there is none.
// Partly reports whether it comes from an effect before the last one, after which
// the step is not done yet. Such an outcome counts until the next effect has used
// it or a check has answered. A step that is done stays done.
func newest(spec *Spec, s *StepState) (v Verdict, partly bool) {
	v = s.Result.Verdict
	if v == Passed || (v != NotAsked && spec.Checks) {
		return v, false
	}
	for _, e := range s.Effects[:max(0, spec.Course()-1)] {
		if e.Finished != nil && !e.used {
			v, partly = e.Finished.Result.Verdict, true
		}
	}
	return v, partly
}

// Down says what may be down because the newest execution of a command that carries out a plan
// ended early, or nobody knows how it ended: a clause, empty if there is none.
func (r *Run) Down() clean.Text {
	for i := range r.specs {
		for j, e := range r.steps[i].Effects {
			switch {
			case !r.specs[i].Effects[j].Judged || r.steps[i].Elsewhere != nil:
			case e.InDoubt():
				return clean.Line("the service may be down")
			case e.Finished != nil && e.Settled == nil:
				if text := e.Finished.Result.Facts[MayBeDown]; text != "" {
					return clean.Line(text)
				}
			}
		}
	}
	return clean.Text{}
}

// ready reports whether a check failed only because the step's command hasn't run
// yet, or what a person does instead, or because a person decided that it wasn't carried out.
func ready(spec *Spec, s *StepState) bool {
	if s.Result.Facts[ByHand] != "" {
		return true
	}
	if spec.Course() == 0 || spec.Effects[0].Needs == "" {
		return false
	}
	first := s.Effects[0]
	undone := first.StartCount == 0 || first.Settled != nil && !first.Settled.Done
	return undone && s.Result.Facts[spec.Effects[0].Needs] != ""
}

// fresh reports whether the latest result still counts. A result from the future,
// because the clock was set back, has an unknown age and doesn't count.
func fresh(spec *Spec, s *StepState, now time.Time) bool {
	return spec.Fresh == 0 || (!now.Before(s.CheckedAt) && !now.After(s.CheckedAt.Add(spec.Fresh)))
}

// accepted reports whether a person has accepted all that the latest check found.
func (r *Run) accepted(i int) bool {
	spec, s := &r.specs[i], &r.steps[i]
	return s.Override != nil && s.Override.covers(spec.Acceptable(s.Result))
}

// covers reports whether names are not empty and all among the accepted ones.
func (o *Overridden) covers(names string) bool { return names != "" && len(o.Beyond(names)) == 0 }

// Beyond returns those of the names, one per line, that were not accepted.
func (o *Overridden) Beyond(names string) []string {
	accepted := strings.Split(o.Names, "\n")
	return slices.DeleteFunc(strings.Split(names, "\n"), func(name string) bool { return slices.Contains(accepted, name) })
}

func (r *Run) pretended(i int) bool {
	if r.Mode() != DryRun {
		return false
	}
	if lead, ok := r.index[r.specs[i].Follows]; ok {
		return r.pretended(lead) // nothing will come of what was not run
	}
	course := r.specs[i].Course()
	if course == 0 {
		return false
	}
	for _, e := range r.steps[i].Effects[:course] {
		if e.Pretended == nil {
			return false
		}
	}
	return true
}
