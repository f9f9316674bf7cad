package report

import (
	"maps"
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// tracker follows a run event by event and keeps what the run itself discards:
// since when each step holds, and what its last command relied on. A resumed run
// checks everything again, but in the report what was done stays done.
type tracker struct {
	run       *runbook.Run
	specs     []runbook.Spec
	index     map[document.StepID]int
	steps     []track
	commands  []Command
	decisions []Decision
	entered   map[string]bool // procedures in which something was done or stated
	misplaced error           // why the run's state is unknown
}

// track is what is kept about a step.
type track struct {
	touched bool      // there was an event about it
	acted   time.Time // when something was first done or stated about it
	holds   holding
	newest  answers
	relied  *reliance         // on this step, by the latest last command of a later step
	used    []*runbook.Result // outcomes of earlier effects that the step's last command used
}

// holding says since when a step holds. At is zero if it doesn't.
type holding struct {
	at     time.Time
	by     clean.Text
	status runbook.Status
}

// answers are the latest results about a step: of its check and of its effects, in
// the order of the spec. Last is the latest of them all.
type answers struct {
	check   *runbook.Result
	effects []*runbook.Result
	last    *runbook.Result
}

// reliance is what a command relied on when it started.
type reliance struct {
	step    int // whose command it was
	holds   holding
	answers answers
}

func newTracker(specs []runbook.Spec) *tracker {
	t := &tracker{
		run: runbook.NewRun(specs), specs: specs, index: make(map[document.StepID]int, len(specs)),
		steps: make([]track, len(specs)), entered: map[string]bool{}, commands: []Command{}, decisions: []Decision{},
	}
	for i := range specs {
		t.index[specs[i].ID] = i
		t.steps[i].newest.effects = make([]*runbook.Result, len(specs[i].Effects))
	}
	return t
}

// add adds the next event.
func (t *tracker) add(rec Record) {
	a := aboutOf(rec)
	t.command(rec, a)
	before := t.run.Release()
	if t.misplaced == nil {
		t.misplaced = t.run.Follow([]runbook.Event{rec.Event})
	}
	t.decision(rec, a)
	if e, ok := rec.Event.(runbook.ReleaseChosen); ok && e.Tag != before {
		for i := range t.steps {
			t.forget(i, a)
		}
	}
	if e, ok := rec.Event.(runbook.Filled); ok {
		for _, id := range e.Steps {
			if i, ok := t.index[id]; ok {
				t.forget(i, a)
			}
		}
	}
	if e, ok := rec.Event.(runbook.Resumed); ok {
		for _, id := range e.Changed {
			if i, ok := t.index[id]; ok {
				t.update(i, a)
			}
		}
	}
	i, ok := t.index[a.step]
	if !ok {
		return
	}
	t.steps[i].touched = true
	if t.steps[i].acted.IsZero() && acts(rec.Event) {
		t.steps[i].acted = a.at
	}
	t.keep(i, a, rec.Event)
	t.update(i, a)
}

// forget drops what was found about a step, because it was about something else.
func (t *tracker) forget(i int, a about) {
	t.steps[i].newest, t.steps[i].used = answers{effects: make([]*runbook.Result, len(t.specs[i].Effects))}, nil
	t.update(i, a)
}

// keep records results, and what a command relied on.
func (t *tracker) keep(i int, a about, e runbook.Event) {
	s, spec := &t.steps[i], &t.specs[i]
	j := slices.IndexFunc(spec.Effects, func(es runbook.EffectSpec) bool { return es.Name == a.effect })
	switch e := e.(type) {
	case runbook.Checked:
		s.newest.check, s.newest.last = &e.Result, &e.Result
	case runbook.EffectFinished:
		if j >= 0 && j < spec.Course() {
			s.newest.effects = slices.Clone(s.newest.effects)
			s.newest.effects[j], s.newest.last = &e.Result, &e.Result
		}
	case runbook.EffectStarted, runbook.Pretended:
		t.entered[spec.Procedure] = true
		if j >= 0 && j == spec.Course()-1 {
			s.used = s.newest.effects[:j]
			t.rely(i)
		}
	case runbook.Unticked: // earlier versions let a statement be undone that a command had relied on
		if s.relied != nil && s.relied.holds.status != runbook.Done {
			s.relied = nil
		}
	case runbook.Ticked, runbook.Skipped, runbook.DoneElsewhere, runbook.Overridden, runbook.Judged:
		t.entered[spec.Procedure] = true
	}
}

// rely records what the last command of step i relies on: all earlier steps that
// hold.
func (t *tracker) rely(i int) {
	for k := range i {
		if s := &t.steps[k]; t.specs[k].Procedure == t.specs[i].Procedure && !s.holds.at.IsZero() {
			s.relied = &reliance{step: i, holds: s.holds, answers: s.newest}
		}
	}
}

// update records whether a step holds after an event about it. A running command
// or a stale result doesn't undo what was done.
func (t *tracker) update(i int, a about) {
	h := &t.steps[i].holds
	switch st := t.run.Status(t.specs[i].ID, a.at); st {
	case runbook.Done, runbook.TickedOff, runbook.SkippedOver, runbook.ElsewhereDone, runbook.Accepted, runbook.Decided, runbook.AsIfDone:
		if h.at.IsZero() || h.status != st {
			*h = holding{at: a.at, by: a.actor, status: st}
		}
	case runbook.InProgress, runbook.Stale:
	default:
		*h = holding{}
	}
}

// outcome returns since when a step holds and the results that count for it: those
// that the last command of its procedure relied on, once that was carried out, and
// the latest until then. A plan made after the apply says nothing about what was
// applied.
func (t *tracker) outcome(i int) (holding, answers) {
	s := &t.steps[i]
	if s.relied != nil && s.relied.step == t.lastCommand(i) && !t.steps[s.relied.step].holds.at.IsZero() {
		return s.relied.holds, s.relied.answers
	}
	if n := len(s.used); n > 0 && !s.holds.at.IsZero() {
		a := s.newest
		a.effects = slices.Concat(s.used, a.effects[n:])
		return s.holds, a
	}
	return s.holds, s.newest
}

// lastCommand returns the last step of the same procedure that has a command.
func (t *tracker) lastCommand(i int) int {
	for k := len(t.specs) - 1; k > i; k-- {
		if t.specs[k].Procedure == t.specs[i].Procedure && t.specs[k].Course() > 0 {
			return k
		}
	}
	return i
}

// status returns the status of a step: its outcome, unless something is running or
// in doubt.
func (t *tracker) status(i int, now time.Time) runbook.Status {
	st := t.run.Status(t.specs[i].ID, now)
	if h, _ := t.outcome(i); !h.at.IsZero() && st != runbook.InProgress && st != runbook.Doubtful {
		return h.status
	}
	return st
}

// counted returns the steps that count as to do: those of the procedures in which
// something was done or stated, because a deployment needs no rollback, and those
// of the first procedure if nothing was. A question counts nowhere.
func (t *tracker) counted() []int {
	procedures := t.entered
	if len(procedures) == 0 && len(t.specs) > 0 {
		procedures = map[string]bool{t.specs[0].Procedure: true}
	}
	var all []int
	for i := range t.specs {
		if procedures[t.specs[i].Procedure] && !t.specs[i].Question {
			all = append(all, i)
		}
	}
	return all
}

// facts returns the facts of the results that count.
func (t *tracker) facts() runbook.Facts {
	all := runbook.Facts{}
	for i := range t.steps {
		_, a := t.outcome(i)
		for _, res := range a.effects {
			if res != nil {
				maps.Copy(all, res.Facts)
			}
		}
		if a.check != nil {
			maps.Copy(all, a.check.Facts)
		}
	}
	return all
}

// label returns the label of a step, or its ID if the document no longer has it.
func (t *tracker) label(id document.StepID) clean.Text {
	if i, ok := t.index[id]; ok {
		return oneLine(t.specs[i].Label)
	}
	return clean.Line(string(id))
}

// line returns the command line of an effect: that of its latest start, or else
// that of the step.
func (t *tracker) line(id document.StepID, effect string) clean.Text {
	for k := len(t.commands) - 1; k >= 0; k-- {
		if c := &t.commands[k]; c.Step == id && c.Effect == clean.Line(effect) {
			return c.Line
		}
	}
	if i, ok := t.index[id]; ok {
		for _, e := range t.specs[i].Effects {
			if e.Name == effect {
				return oneLine(e.Label)
			}
		}
	}
	return clean.Line(effect)
}
