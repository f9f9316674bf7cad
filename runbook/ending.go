package runbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook/document"
)

// Ending says how a walk through a procedure ended, or that it hasn't.
type Ending string

// The endings.
const (
	StillOpen   Ending = "open"                 // a step is left to do
	AllDone     Ending = "done"                 // every step was observed or ticked, the deployment among them
	Excepting   Ending = "done with exceptions" // deployed, and some steps were skipped or accepted
	ByOthers    Ending = "done elsewhere"       // someone has deployed, and not by this run
	Undeployed  Ending = "nothing deployed"     // all steps are dealt with, and none of them has deployed
	NothingDone Ending = "nothing done"         // every step of a procedure that deploys nothing was skipped
)

// Tally counts the steps of a procedure by how they hold.
type Tally struct {
	Steps     int // all steps
	Done      int // observed, ticked, or decided by a person
	Skipped   int
	Accepted  int
	Elsewhere int
	AsIf      int // pretended in a dry run

	deploys, deployed, elsewhere int // of the steps that deploy
}

// Add counts a step with the status with which it holds, or held last; any other status
// leaves it to do.
func (t *Tally) Add(deploys bool, s Status) {
	t.Steps++
	if deploys {
		t.deploys++
	}
	switch s {
	case Done, TickedOff, Decided:
		if t.Done++; deploys {
			t.deployed++
		}
	case SkippedOver:
		t.Skipped++
	case Accepted:
		t.Accepted++
	case ElsewhereDone:
		if t.Elsewhere++; deploys {
			t.elsewhere++
		}
	case AsIfDone:
		t.AsIf++
	}
}

// Held returns how many steps hold, in whatever way.
func (t Tally) Held() int { return t.Done + t.Skipped + t.Accepted + t.Elsewhere + t.AsIf }

// Ending returns how it ended.
func (t Tally) Ending() Ending {
	switch {
	case t.Held() < t.Steps || t.Steps == 0:
		return StillOpen
	case t.deploys > 0 && t.deployed+t.elsewhere == 0:
		return Undeployed
	case t.Skipped == t.Steps:
		return NothingDone
	case t.elsewhere > 0:
		return ByOthers
	case t.Done < t.Steps:
		return Excepting
	}
	return AllDone
}

// String returns "3 of 5 done, 1 skipped, 1 accepted".
func (t Tally) String() string {
	text := fmt.Sprintf("%d of %d done", t.Done, t.Steps)
	if others := t.Others(); others != "" {
		text += ", " + others
	}
	return text
}

// Ways is like String, but doesn't count the steps that are done if none is.
func (t Tally) Ways() string {
	if t.Done == 0 && t.Others() != "" {
		return t.Others()
	}
	return t.String()
}

// Others says how the steps hold that aren't done: "1 skipped, 1 accepted"; "" if there
// are none.
func (t Tally) Others() string {
	var parts []string
	for _, way := range []struct {
		n    int
		word Status
	}{{t.Skipped, SkippedOver}, {t.Accepted, Accepted}, {t.Elsewhere, ElsewhereDone}, {t.AsIf, AsIfDone}} {
		if way.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", way.n, way.word))
		}
	}
	return strings.Join(parts, ", ")
}

// HeldBy returns the status with which a step holds, or held when it was last seen. Any
// other status means that it is to be done.
func (r *Run) HeldBy(id document.StepID, now time.Time) Status {
	status := r.Status(id, now)
	if status != Stale {
		return status
	}
	if r.accepted(r.index[id]) {
		return Accepted
	}
	return Done
}

// Tally counts the steps of a procedure.
func (r *Run) Tally(procedure string, now time.Time) Tally {
	var t Tally
	for i := range r.specs {
		if s := &r.specs[i]; s.Procedure == procedure && !s.Question {
			t.Add(s.Deploys, r.HeldBy(s.ID, now))
		}
	}
	return t
}

// Walked counts the steps of the procedures in which a person has said or done something,
// or if there are none those of the first.
func (r *Run) Walked(now time.Time) Tally {
	walked := map[string]bool{}
	for i := range r.specs {
		if r.touched(i) {
			walked[r.specs[i].Procedure] = true
		}
	}
	if len(walked) == 0 && len(r.specs) > 0 {
		walked[r.specs[0].Procedure] = true
	}
	var t Tally
	for i := range r.specs {
		if s := &r.specs[i]; walked[s.Procedure] && !s.Question {
			t.Add(s.Deploys, r.HeldBy(s.ID, now))
		}
	}
	return t
}

// Begun reports whether a command was started on which others rely.
func (r *Run) Begun() bool {
	for i := range r.steps {
		for _, e := range r.steps[i].Effects[:r.specs[i].Course()] {
			if e.StartCount > 0 {
				return true
			}
		}
	}
	return false
}

// Touched reports whether a person has said or done anything about a step, or filled in a
// placeholder.
func (r *Run) Touched() bool {
	if len(r.filled) > 0 {
		return true
	}
	for i := range r.specs {
		if r.touched(i) {
			return true
		}
	}
	return false
}

func (r *Run) touched(i int) bool {
	s := &r.steps[i]
	return s.Tick != nil || s.Skip != nil || s.Elsewhere != nil || s.Override != nil || s.Judgement != nil || s.Changed ||
		slices.ContainsFunc(s.Effects, func(e EffectState) bool { return e.StartCount > 0 || e.Pretended != nil })
}
