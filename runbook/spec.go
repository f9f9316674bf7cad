package runbook

import (
	"slices"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Spec is what a run needs to know about a step. It is made when the step is
// bound to its kind, and doesn't change during the run.
type Spec struct {
	ID        document.StepID
	Label     clean.Text // the step's name in sentences: "step 3"
	Procedure string     // effects wait only for earlier steps of the same procedure
	Question  bool       // it asks which procedure to walk: nothing waits for it
	Hash      string     // of the step's text
	Locked    bool
	Checks    bool // a check can tell whether the step holds
	// Deploys says that the step is what the procedure is for. It can't be skipped: a run
	// without it has deployed nothing.
	Deploys bool
	Stated  bool // it holds only once a person has ticked it too, to say who did it
	// Fresh is how long a passed verdict counts for later effects. Zero means for
	// the whole run.
	Fresh time.Duration
	// Override names the fact that an override accepts. It is "" if the step
	// can't be overridden.
	Override Fact
	// Found names the fact that an override accepts where a failed or unknown result has no
	// other: all that was found. It is "" unless nothing is destroyed by going on without the
	// step.
	Found    Fact
	Mentions []Mention
	Effects  []EffectSpec
	// Follows is the step whose command this one sees to the end, such as a deployment; ""
	// for most. Its own commands need that step and those between, and not what had to hold
	// before.
	Follows document.StepID
	Added   clean.Text // the text of a step that the program has added; empty for one of the document
}

// Acceptable returns what an override of a result accepts, one per line, "" if the result
// can't be accepted.
func (s *Spec) Acceptable(res Result) string {
	switch {
	case res.Verdict == Failed && s.Override != "" && res.Facts[s.Override] != "":
		return res.Facts[s.Override]
	case (res.Verdict == Failed || res.Verdict == Unknown) && s.Found != "":
		return res.Facts[s.Found]
	}
	return ""
}

// Mention is a fact that says what the run is about, such as an image's digest.
// The report names it beside the release, by Name.
type Mention struct {
	Fact Fact
	Name string
}

// Effect returns the effect with the given name, or nil if there is none.
func (s *Spec) Effect(name string) *EffectSpec {
	if i := s.effectIndex(name); i >= 0 {
		return &s.Effects[i]
	}
	return nil
}

// Course returns how many of the effects, which are the first, the step is done by.
func (s *Spec) Course() int {
	if i := slices.IndexFunc(s.Effects, func(e EffectSpec) bool { return e.Aside }); i >= 0 {
		return i
	}
	return len(s.Effects)
}

// effectIndex returns the index of the named effect, or -1.
func (s *Spec) effectIndex(name string) int {
	return slices.IndexFunc(s.Effects, func(e EffectSpec) bool { return e.Name == name })
}

// EffectSpec is what the gate demands for one effect, in addition to the earlier
// steps.
type EffectSpec struct {
	Name    string
	Label   clean.Text // the command as shown: "just apply prod catalog-airflow"
	Confirm string     // what a person must type; "" if nothing
	// Number names a numeric fact, such as how many resources a plan destroys,
	// that must be typed too unless it is missing or "0". Run.Phrase returns all
	// that must be typed.
	Number Fact
	// Needs names a fact that the step's own check must have left. The check must
	// be fresh.
	Needs     Fact
	NeedsText clean.Text
	// Hash names the fact that identifies the effect's outcome. A person's judgement
	// is of the outcome with that hash, and of no other.
	Hash Fact
	// After names the effect of the same step that must have passed before. If
	// Judged is true, a person must have judged its outcome. The outcome counts
	// for MaxAge.
	After  string
	Judged bool
	MaxAge time.Duration
	// Ends lists exit codes other than 0 with which the effect may have done all that
	// others rely on; its verdict then says whether it has.
	Ends []int
	// Same lists pairs of facts that must be equal: what the outcome was made
	// from, and what it would be made from now.
	Same []FactPair
	// Aside marks an effect beside the course of the step: nobody needs to run it, and
	// its outcome doesn't say whether the step holds. It stands after those that do.
	Aside bool
	// Offered names a fact that the step's check leaves if this effect, which is Aside,
	// is a way to make the step hold.
	Offered Fact
	// Undoes names the effect of the step whose changes this one takes back; "" for
	// any other effect. It waits for nothing but those changes: see Run.Held.
	Undoes string
	// Thing is what the effect changes, in the singular ("DAG"), and Made what they
	// are afterwards ("paused"), if another effect undoes it.
	Thing, Made string
	// Singly says that a person chooses each thing that the effect changes and confirms it
	// by itself, and that nothing takes it back.
	Singly bool
	// Releaseless marks an effect that isn't about a release.
	Releaseless bool
}

// FactPair names two facts that must have the same value. Text says what it means
// if they don't.
type FactPair struct {
	Then, Now Fact
	Text      clean.Text
}
