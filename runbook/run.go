// Package runbook holds a run: one walk through a document's steps, as the state
// that its events add up to, and the gates that decide which event may come next.
// It does no I/O and knows nothing of services or screens.
package runbook

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// confirmationLife is how long a typed confirmation may wait for its effect.
// Between the two, the volatile checks are asked again.
const confirmationLife = 2 * time.Minute

// StepState is what is known of a step. Sensed and said things are kept apart:
// Result is what a check found, Tick what a person said.
type StepState struct {
	Result    Result // of the newest check or final effect
	CheckedAt time.Time
	Tick      *Ticked
	Skip      *Skipped
	Override  *Overridden
	Judgement *Judged
	Effects   []EffectState // in the order of the Spec
	// Changed says that the step's text is not the one of which something was
	// said, which therefore counts no more.
	Changed bool
}

// EffectState is what is known of one effect of a step.
type EffectState struct {
	Started    *EffectStarted
	Finished   *EffectFinished
	Pretended  *Pretended
	Confirmed  *Confirmed
	Stopped    *StopAsked // the newest wish to end it
	Doubted    *EffectDoubted
	Voided     *EffectVoided // why its outcome cannot be relied on, nil where it can
	Settled    *Settled
	StartCount int
	// Relied are the facts that stood when the effect was started: whoever comes
	// back to it later has forgotten what was sensed.
	Relied Facts
	used   bool // another effect has relied on this outcome
}

// Running reports whether the effect was started and has not ended, as far as is
// known.
func (e EffectState) Running() bool {
	return e.Started != nil && e.Finished == nil && e.Doubted == nil
}

// InDoubt reports whether nobody knows how the effect ended, and nobody has
// decided it yet.
func (e EffectState) InDoubt() bool { return e.Doubted != nil && e.Settled == nil }

// Run is one walk through a runbook: the state that its events add up to. It
// does no input or output and takes the time from its events and its callers.
// It is not safe for concurrent use; Clone it to hand it on.
type Run struct {
	specs   []Spec
	index   map[document.StepID]int
	steps   []StepState
	started *Started
	resumed *Resumed // the newest time
	release *ReleaseChosen
	access  *AccessSeen
	events  int
	history bool // events are of the past: nobody asks any more whether they may happen
}

// NewRun returns a run over the given steps, in the order of the document, in
// which nothing has happened.
func NewRun(specs []Spec) *Run {
	r := &Run{specs: specs, index: make(map[document.StepID]int, len(specs)), steps: make([]StepState, len(specs))}
	for i, s := range specs {
		r.index[s.ID] = i
		r.steps[i].Effects = make([]EffectState, len(s.Effects))
	}
	return r
}

// Clone returns a copy that later events on r do not change.
func (r *Run) Clone() *Run {
	c := *r
	c.steps = slices.Clone(r.steps)
	return &c
}

// Mode returns the mode of the run, "" before it started.
func (r *Run) Mode() Mode {
	if r.started == nil {
		return ""
	}
	return r.started.Mode
}

// Started returns the event that the run began with, nil before it.
func (r *Run) Started() *Started { return r.started }

// Resumed returns when the run was gone on with last, nil for a run that was not.
func (r *Run) Resumed() *Resumed { return r.resumed }

// Environment returns the name of the environment, empty before the run started.
func (r *Run) Environment() clean.Text {
	if r.started == nil {
		return clean.Text{}
	}
	return r.started.Environment
}

// Release returns the tag of the chosen release, "" where none is chosen yet.
func (r *Run) Release() string {
	if r.release == nil {
		return ""
	}
	return r.release.Tag
}

// Access returns what is known of the person's access to locked steps, nil
// where nobody has looked.
func (r *Run) Access() *AccessSeen { return r.access }

// Specs returns the steps of the run. The slice must not be changed.
func (r *Run) Specs() []Spec { return r.specs }

// Spec returns the spec of a step and whether there is such a step.
func (r *Run) Spec(id document.StepID) (Spec, bool) {
	i, ok := r.index[id]
	if !ok {
		return Spec{}, false
	}
	return r.specs[i], true
}

// Step returns the state of a step, the zero state for a step that is not there.
func (r *Run) Step(id document.StepID) StepState {
	i, ok := r.index[id]
	if !ok {
		return StepState{}
	}
	return r.steps[i]
}

// Effect returns the state of an effect of a step, the zero state where there
// is none of that name.
func (r *Run) Effect(id document.StepID, name string) EffectState {
	i, ok := r.index[id]
	if !ok {
		return EffectState{}
	}
	for j, e := range r.specs[i].Effects {
		if e.Name == name {
			return r.steps[i].Effects[j]
		}
	}
	return EffectState{}
}

// Facts returns the facts that stand for a step: the chosen release, and what
// the newest result of each step and effect left. Of two steps that left the
// same fact, one of the step's own procedure up to itself wins, and of these the
// later one: a second bump or plan further down, or in another procedure, says
// nothing about this step's. For a step that is not there, the later one wins.
func (r *Run) Facts(id document.StepID) Facts {
	own, ok := r.index[id]
	before := func(i int) bool { return ok && i <= own && r.specs[i].Procedure == r.specs[own].Procedure }
	all := Facts{}
	for i := range r.steps {
		if !before(i) {
			r.leave(all, i)
		}
	}
	for i := range r.steps {
		if before(i) {
			r.leave(all, i)
		}
	}
	if tag := r.Release(); tag != "" {
		all[FactReleaseTag] = tag
	}
	return all
}

// leave adds the facts that the step and its effects left.
func (r *Run) leave(all Facts, i int) {
	for j, e := range r.steps[i].Effects {
		// The outcome of the last effect is the step's result until a check
		// finds something newer, and then its facts are of the past.
		if e.Finished != nil && j < len(r.steps[i].Effects)-1 {
			maps.Copy(all, e.Finished.Result.Facts)
		}
	}
	maps.Copy(all, r.steps[i].Result.Facts)
}

// RunningEffect returns the step and the name of the effect that runs now.
func (r *Run) RunningEffect() (document.StepID, string, bool) {
	return r.findEffect(EffectState.Running)
}

// DoubtedEffect returns the step and the name of the first effect that is in
// doubt.
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

// Apply adds an event. It is pure in the sense that the outcome depends on the
// state and the event alone. An event that the state does not allow changes
// nothing and is returned as an error: an effect, above all, can only start
// when May would have allowed it at the event's time.
func (r *Run) Apply(e Event) error {
	if err := r.apply(e); err != nil {
		return err
	}
	r.events++
	return nil
}

// Events returns how many events there have been, with those of the past that the
// document has no place for any more. Of two copies of a run the one with more
// events is the newer.
func (r *Run) Events() int { return r.events }

func (r *Run) apply(e Event) error {
	if _, first := e.(Started); r.started == nil && !first {
		return fmt.Errorf("adding %s: the run has not started", e.Type())
	}
	switch e := e.(type) {
	case Started:
		if r.started != nil {
			return fmt.Errorf("adding %s: the run has started already", e.Type())
		}
		if e.Mode != Live && e.Mode != DryRun && e.Mode != Practice {
			return fmt.Errorf("adding %s: there is no mode %q", e.Type(), e.Mode)
		}
		r.started = &e
		return nil
	case Resumed:
		r.resume(e)
		return nil
	case ReleaseChosen:
		return r.choose(e)
	case AccessSeen:
		r.access = &e
		return nil
	case Checked:
		return r.with(e, e.Step, func(s *StepState, spec Spec) error {
			if !spec.Checks {
				return fmt.Errorf("%s cannot be checked", spec.Label)
			}
			s.sense(&spec, e.Result, e.At)
			return nil
		})
	case Ticked:
		return r.allowed(e, Tick, e.Step, func(s *StepState, _ Spec) { s.Tick, s.Changed = &e, false })
	case Unticked:
		return r.with(e, e.Step, func(s *StepState, _ Spec) error {
			s.Tick, s.Skip, s.Override = nil, nil, nil
			return nil
		})
	case Skipped:
		if len(e.Reason.String()) < MinReason {
			return fmt.Errorf("skipping: a reason of at least %d characters is needed", MinReason)
		}
		return r.allowed(e, Skip, e.Step, func(s *StepState, _ Spec) { s.Skip = &e })
	case Overridden:
		return r.override(e)
	case Judged:
		return r.judge(e)
	case Confirmed:
		phrase := r.Phrase(e.Step, e.Effect)
		return r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
			if e.Phrase != phrase && !r.history {
				return fmt.Errorf("%q was typed where %q was asked for", e.Phrase, phrase)
			}
			s.Confirmed = &e
			return nil
		})
	case EffectStarted:
		return r.start(e)
	case EffectFinished:
		return r.finish(e)
	case StopAsked:
		return r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
			if !s.Running() {
				return fmt.Errorf("the effect %q does not run", e.Effect)
			}
			s.Stopped = &e
			return nil
		})
	case EffectDoubted:
		return r.doubt(e)
	case EffectVoided:
		return r.void(e)
	case Settled:
		return r.settle(e)
	case Pretended:
		if r.Mode() != DryRun {
			return fmt.Errorf("adding %s: only a dry run pretends", e.Type())
		}
		return r.effect(e, e.Step, e.Effect, func(s *EffectState, _ EffectSpec) error {
			s.Pretended = &e
			return nil
		})
	}
	return fmt.Errorf("adding %s: unknown event", e.Type())
}

// with changes a copy of a step's state and keeps it if change succeeds.
func (r *Run) with(e Event, id document.StepID, change func(*StepState, Spec) error) error {
	i, ok := r.index[id]
	if !ok {
		return fmt.Errorf("adding %s: there is no step %q", e.Type(), id)
	}
	s := r.steps[i]
	if err := change(&s, r.specs[i]); err != nil {
		return fmt.Errorf("adding %s: %w", e.Type(), err)
	}
	r.steps[i] = s
	return nil
}

// permit is May for what happens now, and nil for what has happened.
func (r *Run) permit(a Action, id document.StepID, at time.Time) error {
	if r.history {
		return nil
	}
	return r.May(a, id, at)
}

func (r *Run) allowed(e Event, a Action, id document.StepID, change func(*StepState, Spec)) error {
	if err := r.permit(a, id, e.When()); err != nil {
		return err
	}
	return r.with(e, id, func(s *StepState, spec Spec) error {
		change(s, spec)
		return nil
	})
}

func (r *Run) choose(e ReleaseChosen) error {
	if err := r.permit(Choose, "", e.At); err != nil {
		return err
	}
	switch {
	case e.Tag == "":
		return fmt.Errorf("adding %s: no tag is named", e.Type())
	case e.Tag == r.Release():
		return nil
	}
	r.release = &e
	for i := range r.steps {
		s := &r.steps[i]
		s.Result, s.CheckedAt, s.Override = Result{}, time.Time{}, nil
		s.Effects = make([]EffectState, len(s.Effects)) // none was run, but some pretended or confirmed
	}
	return nil
}

func (r *Run) override(e Overridden) error {
	if len(e.Reason.String()) < MinReason {
		return fmt.Errorf("overriding: a reason of at least %d characters is needed", MinReason)
	}
	if err := r.permit(Override, e.Step, e.At); err != nil {
		return err
	}
	return r.with(e, e.Step, func(s *StepState, spec Spec) error {
		if e.Names == "" || e.Names != s.Result.Facts[spec.Override] {
			return fmt.Errorf("what is accepted is not what %s found last", spec.Label)
		}
		s.Override = &e
		return nil
	})
}

// sense takes the newest answer. An answer of no ends a skip, which was for a
// reason given before it; an answer that is not what was accepted ends an
// override. That nobody could be asked ends neither. No answer is no green one.
func (s *StepState) sense(spec *Spec, res Result, at time.Time) {
	if res.Verdict == NotAsked {
		res.Verdict = Unknown
	}
	s.Result, s.CheckedAt = res, at
	if res.Verdict == Failed {
		s.Skip = nil
	}
	if s.Override != nil && res.Verdict != Unknown && s.Override.Names != res.Facts[spec.Override] {
		s.Override = nil
	}
}
