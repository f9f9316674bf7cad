package runbook

import (
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Spec is what a run needs to know of a step. It is made when the step is bound
// to its kind and does not change during the run.
type Spec struct {
	ID        document.StepID
	Label     clean.Text // how reasons call the step: "step 3"
	Procedure string     // steps of other procedures do not stand before this one
	Hash      string     // of the step's text
	Locked    bool
	Checks    bool // somebody can be asked whether the step holds
	// Fresh is how long a passed verdict counts when an effect asks for it.
	// Zero: for the whole run.
	Fresh time.Duration
	// Override names the fact that an override accepts; "" where the step
	// cannot be overridden.
	Override string
	Effects  []EffectSpec
}

// Effect returns the effect of that name, nil where there is none.
func (s *Spec) Effect(name string) *EffectSpec {
	for i := range s.Effects {
		if s.Effects[i].Name == name {
			return &s.Effects[i]
		}
	}
	return nil
}

// EffectSpec is what the gate demands of one effect beyond the earlier steps.
type EffectSpec struct {
	Name    string
	Label   clean.Text // the command as it is shown: "just apply prod catalog-airflow"
	Confirm string     // what a person must type; "" where nothing need be typed
	// Number names a fact that is a number, which must be typed as well where it is
	// neither missing nor "0": how many resources a plan destroys. Run.Phrase says
	// what is to be typed in all.
	Number string
	// Needs names a fact that the step's own fresh check must have left.
	Needs     string
	NeedsText clean.Text
	// After names the effect of the same step that must have gone well before,
	// and whose outcome a person must have judged if Judged is true. The
	// outcome counts for MaxAge.
	After  string
	Judged bool
	MaxAge time.Duration
	// Same lists pairs of facts that must be equal: what the outcome was made
	// from, and what is there now.
	Same []FactPair
}

// FactPair names two facts that must have the same value, and what it means if
// they do not.
type FactPair struct {
	Then, Now string
	Text      clean.Text
}
