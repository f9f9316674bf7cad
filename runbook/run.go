// Package runbook implements a run: one walk through a document's steps. A run's
// state is the sum of its events, and its gates decide which event may come next.
// The package does no I/O and knows nothing about services or screens.
package runbook

import (
	"errors"
	"maps"
	"slices"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// confirmationLife is how long a typed confirmation is valid. Between the
// confirmation and its effect, volatile checks run again.
const confirmationLife = 2 * time.Minute

// StepState is what is known about a step. What a check observed (Result) and
// what a person stated (Tick) are kept apart.
type StepState struct {
	Result    Result // of the latest check or final effect
	CheckedAt time.Time
	// Known is the answer before Result, while that is of a check that got none; else nil.
	// It is only shown: the step is as Result says.
	Known     *Known
	Tick      *Ticked
	Skip      *Skipped
	Elsewhere *DoneElsewhere
	Override  *Overridden
	Judgement *Judged
	// Lapsed is the override that the latest failed result ended, which names more than
	// was accepted; nil if there is none.
	Lapsed  *Overridden
	Effects []EffectState // in the order of the Spec
	// Changed reports that the step's text has changed since a person's last
	// statement about it, which therefore no longer counts.
	Changed bool
}

// Judges reports whether a person has said that the outcome of an effect looks correct, and no
// effect has relied on that yet, so that it can be taken back.
func (s *StepState) Judges() bool {
	return s.Judgement != nil && slices.ContainsFunc(s.Effects, func(e EffectState) bool {
		return e.Finished != nil && !e.used && e.Started.Effect == s.Judgement.Effect
	})
}

// undoable reports whether a person has stated something about the step that they can take back.
func (s *StepState) undoable() bool {
	return s.Tick != nil || s.Skip != nil || s.Elsewhere != nil || s.Override != nil || s.Judges()
}

// Known is an earlier result of a step.
type Known struct {
	Result Result
	At     time.Time
}

// EffectState is what is known about one effect of a step.
type EffectState struct {
	Started    *EffectStarted
	Finished   *EffectFinished
	Pretended  *Pretended
	Confirmed  *Confirmed
	Stopped    *StopAsked // the latest request to end it
	Doubted    *EffectDoubted
	Voided     *EffectVoided // why its outcome can't be relied on, or nil
	Settled    *Settled
	StartCount int
	// Held are the things that the effect has changed and that no other effect has
	// undone, in the order of the changes.
	Held []string
	// Open are the things of the latest execution of which it isn't known yet whether
	// it has changed them. Did is what became of the others.
	Open []string
	Did  []EffectDid
	// Relied holds the facts at the time the effect started. They are still
	// needed after a resume, which discards the results of checks.
	Relied Facts
	used   bool // another effect has relied on this outcome
}

// Running reports whether the effect has started and, as far as is known, has
// not ended.
func (e EffectState) Running() bool {
	return e.Started != nil && e.Finished == nil && e.Doubted == nil
}

// InDoubt reports whether the effect's outcome is unknown and no person has
// settled it yet.
func (e EffectState) InDoubt() bool { return e.Doubted != nil && e.Settled == nil }

// Run is one walk through a runbook, as the state that its events add up to. It
// does no I/O and takes the time from its events and its callers. It is not safe
// for concurrent use; pass a Clone to other goroutines.
type Run struct {
	specs   []Spec
	index   map[document.StepID]int
	steps   []StepState
	started *Started
	resumed *Resumed // the latest
	release *ReleaseChosen
	filled  []Filled // what placeholders stand for, the newest last
	access  *AccessSeen
	leads   []int // for each step, the next one of its procedure that others follow, or -1
	events  int

	environment clean.Text
	history     bool // events are replayed: they have happened, so no gate is asked
}

// NewRun returns a run without events over the given steps, which are in the
// order of the document.
func NewRun(specs []Spec) *Run {
	r := &Run{specs: specs, index: make(map[document.StepID]int, len(specs)), steps: make([]StepState, len(specs))}
	for i, s := range specs {
		r.index[s.ID] = i
		r.steps[i].Effects = make([]EffectState, len(s.Effects))
	}
	r.leads = leads(specs, r.index)
	return r
}

// Clone returns a copy of r that later events on r don't change.
func (r *Run) Clone() *Run {
	c := *r
	c.steps = slices.Clone(r.steps)
	return &c
}

// Mode returns the mode of the run, or "" if it hasn't started.
func (r *Run) Mode() Mode {
	if r.started == nil {
		return ""
	}
	return r.started.Mode
}

// Started returns the first event of the run, or nil if it hasn't started.
func (r *Run) Started() *Started { return r.started }

// Resumed returns the latest resumption of the run, or nil if there was none.
func (r *Run) Resumed() *Resumed { return r.resumed }

// Rollback returns what the run goes back from, or nil if it deploys something new.
func (r *Run) Rollback() *Rollback {
	if r.started == nil {
		return nil
	}
	return r.started.Rollback
}

// Environment returns the name of the environment, empty if the run hasn't
// started.
func (r *Run) Environment() clean.Text { return r.environment }

// EnvironmentOf returns the name of the environment of the run with these events, empty if
// it isn't known.
func EnvironmentOf(events []Event) clean.Text {
	var name clean.Text
	for _, e := range events {
		switch e := e.(type) {
		case Started:
			name = e.Environment
		case Filled:
			if !e.Environment.Empty() {
				name = e.Environment
			}
		}
	}
	return name
}

// Filled returns who has said what a placeholder stands for, and what, or nil if nobody has.
func (r *Run) Filled(name string) *Filled {
	i := slices.IndexFunc(r.filled, func(f Filled) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &r.filled[i]
}

// Refit replaces what is known about the steps by the same of the same steps, of which a
// placeholder was filled in. It returns an error if they aren't the same.
func (r *Run) Refit(specs []Spec) error {
	same := func(a, b Spec) bool { return a.ID == b.ID && len(a.Effects) == len(b.Effects) }
	if !slices.EqualFunc(r.specs, specs, same) {
		return errors.New("filling in a placeholder: the runbook has other steps then; hint: set it in the settings, or annotate the step")
	}
	r.specs = specs
	return nil
}

// Release returns the tag of the chosen release, or "" if none is chosen yet.
func (r *Run) Release() string {
	if r.release == nil {
		return ""
	}
	return r.release.Tag
}

// Access returns what is known about the person's access to locked steps, or nil
// if that hasn't been checked.
func (r *Run) Access() *AccessSeen { return r.access }

// Specs returns the steps of the run. The slice must not be changed.
func (r *Run) Specs() []Spec { return r.specs }

// Spec returns the spec of a step and whether the step exists.
func (r *Run) Spec(id document.StepID) (Spec, bool) {
	i, ok := r.index[id]
	if !ok {
		return Spec{}, false
	}
	return r.specs[i], true
}

// Step returns the state of a step, or the zero state if the step doesn't exist.
func (r *Run) Step(id document.StepID) StepState {
	i, ok := r.index[id]
	if !ok {
		return StepState{}
	}
	return r.steps[i]
}

// Effect returns the state of an effect of a step, or the zero state if there is
// no such effect.
func (r *Run) Effect(id document.StepID, name string) EffectState {
	i, ok := r.index[id]
	if !ok {
		return EffectState{}
	}
	j := r.specs[i].effectIndex(name)
	if j < 0 {
		return EffectState{}
	}
	return r.steps[i].Effects[j]
}

// Facts returns the facts that apply to a step: the chosen release, and those of
// the latest result of each step and effect. If two steps have left the same
// fact, a step of the same procedure up to and including this one wins, and among
// those the later one: a second bump or plan further down, or in another
// procedure, says nothing about this step's. If the step doesn't exist, the later
// one wins.
func (r *Run) Facts(id document.StepID) Facts {
	own, ok := r.index[id]
	before := func(i int) bool { return ok && i <= own && r.specs[i].Procedure == r.specs[own].Procedure }
	all := Facts{}
	for i := range r.steps {
		if !before(i) {
			r.addFacts(all, i)
		}
	}
	for i := range r.steps {
		if before(i) {
			r.addFacts(all, i)
		}
	}
	if tag := r.Release(); tag != "" {
		all[ReleaseTag] = tag
	}
	return all
}

// addFacts adds the facts of a step and its effects to all.
func (r *Run) addFacts(all Facts, i int) {
	for _, e := range r.steps[i].Effects[:max(0, r.specs[i].Course()-1)] {
		// The outcome of the last effect is the step's Result until a check
		// replaces it, which makes its facts obsolete.
		if e.Finished != nil {
			maps.Copy(all, e.Finished.Result.Facts)
		}
	}
	maps.Copy(all, r.steps[i].Result.Facts)
}

// RunningEffect returns the step and the name of the running effect, if any.
func (r *Run) RunningEffect() (document.StepID, string, bool) {
	return r.findEffect(EffectState.Running)
}

// DoubtedEffect returns the step and the name of the first effect in doubt, if
// any.
func (r *Run) DoubtedEffect() (document.StepID, string, bool) {
	return r.findEffect(EffectState.InDoubt)
}

func (r *Run) findEffect(is func(EffectState) bool) (document.StepID, string, bool) {
	for i := range r.steps {
		for j, e := range r.steps[i].Effects {
			if is(e) {
				return r.specs[i].ID, r.specs[i].Effects[j].Name, true
			}
		}
	}
	return "", "", false
}
