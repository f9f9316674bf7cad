package runbook

import "time"

// Status is where a step stands, in one word that a screen can show.
type Status string

// The statuses. Done, Ticked, SkippedOver, Accepted and AsIfDone let later
// effects pass, as long as they are fresh; Stale did so once.
const (
	Pending     Status = "to do"
	Done        Status = "passed"   // sensed
	Rejected    Status = "failed"   // asked, the answer is no
	Unsure      Status = "unknown"  // could not ask
	Stale       Status = "stale"    // passed, but too long ago to rely on
	TickedOff   Status = "ticked"   // said by a person
	Changed     Status = "changed"  // ticked, but the text has changed since
	SkippedOver Status = "skipped"  // left out, with a reason
	Accepted    Status = "accepted" // failed, and overridden with a reason
	AsIfDone    Status = "as if done"
	InProgress  Status = "running"
	Planned     Status = "planned" // an earlier effect of the step went well
	Ready       Status = "ready"   // not done yet, and all is as its command needs it
)

// Status returns where the step stands at the given time. For a step that is
// not there it returns Pending.
func (r *Run) Status(id StepID, now time.Time) Status {
	i, ok := r.index[id]
	if !ok {
		return Pending
	}
	spec, s := &r.specs[i], &r.steps[i]
	for _, e := range s.Effects {
		if e.Running() {
			return InProgress
		}
	}
	switch {
	case r.pretended(i):
		return AsIfDone
	case s.Skip != nil && s.Result.Verdict != Failed:
		if s.Result.Verdict == Passed && fresh(spec, s, now) {
			return Done
		}
		return SkippedOver
	case r.accepted(i) && fresh(spec, s, now):
		return Accepted
	case s.Result.Verdict == Passed && !fresh(spec, s, now):
		return Stale
	case s.Result.Verdict == Passed:
		return Done
	case s.Result.Verdict == Failed && ready(spec, s):
		return Ready
	case s.Result.Verdict == Failed:
		return Rejected
	case s.Result.Verdict == Unknown:
		return Unsure
	}
	for _, e := range s.Effects {
		if e.Finished == nil {
			continue
		}
		switch e.Finished.Result.Verdict {
		case Passed:
			return Planned
		case Failed:
			return Rejected
		default:
			return Unsure
		}
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
func (r *Run) Holds(id StepID, now time.Time) bool {
	switch r.Status(id, now) {
	case Done, TickedOff, SkippedOver, Accepted:
		return true
	case AsIfDone:
		return r.Mode() == DryRun
	}
	return false
}

// manual reports whether nothing but a person can say that the step is done.
func manual(s *Spec) bool { return !s.Checks && len(s.Effects) == 0 }

// ready reports whether a check failed only because the step's command has not
// been run yet: that is no bad news.
func ready(spec *Spec, s *StepState) bool {
	if len(spec.Effects) == 0 || spec.Effects[0].Needs == "" {
		return false
	}
	return s.Effects[0].StartCount == 0 && s.Result.Facts[spec.Effects[0].Needs] != ""
}

func fresh(spec *Spec, s *StepState, now time.Time) bool {
	return spec.Fresh == 0 || !now.After(s.CheckedAt.Add(spec.Fresh))
}

// accepted reports whether the step was overridden for exactly what the newest
// check found.
func (r *Run) accepted(i int) bool {
	spec, s := &r.specs[i], &r.steps[i]
	return s.Override != nil && s.Result.Verdict == Failed &&
		s.Override.Names != "" && s.Override.Names == s.Result.Facts[spec.Override]
}

func (r *Run) pretended(i int) bool {
	if r.Mode() != DryRun || len(r.steps[i].Effects) == 0 {
		return false
	}
	for _, e := range r.steps[i].Effects {
		if e.Pretended == nil {
			return false
		}
	}
	return true
}
