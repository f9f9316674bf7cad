package runbook

import (
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// leads returns for each step the next one of its procedure that others follow, or -1.
func leads(specs []Spec, index map[document.StepID]int) []int {
	followed := map[int]bool{}
	for _, s := range specs {
		if i, ok := index[s.Follows]; ok {
			followed[i] = true
		}
	}
	all, next := make([]int, len(specs)), map[string]int{}
	for i := len(specs) - 1; i >= 0; i-- {
		all[i] = -1
		if lead, ok := next[specs[i].Procedure]; ok {
			all[i] = lead
		}
		if followed[i] {
			next[specs[i].Procedure] = i
		}
	}
	return all
}

// carriedOut reports whether the last command of a step has done its work.
func (r *Run) carriedOut(i int) bool {
	spec, s := &r.specs[i], &r.steps[i]
	verdict, partly := newest(spec, s)
	return verdict == Passed && !partly || decided(spec, s) || s.Elsewhere != nil
}

// past reports whether a step was for a command that has done its work, such as a
// deployment: what was found then is not asked again, because the world has moved on.
func (r *Run) past(i int) bool { return r.leads[i] >= 0 && r.carriedOut(r.leads[i]) }

// Past reports whether a step holds for good, because the command that it was for has done
// its work. DAG runs that begin after a deployment don't matter to it any more.
func (r *Run) Past(id document.StepID) bool {
	i, ok := r.index[id]
	return ok && r.past(i) && r.Holds(id, time.Time{})
}

// ahead reports whether the command that a step sees to the end has not done its work yet.
func (r *Run) ahead(i int) bool {
	lead, ok := r.index[r.specs[i].Follows]
	return ok && !r.carriedOut(lead)
}

// beginFollowers drops what the steps that follow one have found, because a command of it
// starts, or was carried out elsewhere: they tell what it is like after that. The command keeps what they found before in
// EffectState.Relied.
func (r *Run) beginFollowers(id document.StepID) {
	for i := range r.specs {
		if r.specs[i].Follows == id {
			s := &r.steps[i]
			s.Result, s.CheckedAt, s.Known, s.Skip, s.Override, s.Lapsed = Result{}, time.Time{}, nil, nil, nil, nil
		}
	}
}

// Carried is how the command that a step follows was carried out.
type Carried struct {
	By    clean.Text
	Argv  []string  // nil if someone else did it, and not by this run
	Begun time.Time // zero then
	// Ended is when it ended at the latest, or when it was said to have been carried out.
	Ended time.Time
	// Before are the facts with which it was begun, nil if it wasn't by this run.
	Before Facts
}

// Followed returns how the command that a step follows was carried out, nil if the step
// follows none or that command hasn't done its work yet.
func (r *Run) Followed(id document.StepID) *Carried {
	i, ok := r.index[id]
	if !ok || r.ahead(i) {
		return nil
	}
	lead, ok := r.index[r.specs[i].Follows]
	if !ok {
		return nil
	}
	spec, s := &r.specs[lead], &r.steps[lead]
	e := EffectState{}
	if course := spec.Course(); course > 0 {
		e = s.Effects[course-1]
	}
	switch {
	case e.Started == nil && s.Elsewhere != nil:
		return &Carried{By: s.Elsewhere.Actor, Ended: s.Elsewhere.At}
	case e.Started == nil:
		return &Carried{Ended: s.CheckedAt}
	}
	c := &Carried{By: e.Started.Actor, Argv: e.Started.Argv, Begun: e.Started.At, Ended: e.Started.At, Before: e.Relied}
	switch done := e.Finished; {
	case done != nil && !done.Ended.IsZero() && done.Ended.Before(done.At):
		c.Ended = done.Ended // At may be much later, when the end was noticed
	case done != nil:
		c.Ended = done.At
	case e.Doubted != nil:
		c.Ended = e.Doubted.At
	}
	return c
}
