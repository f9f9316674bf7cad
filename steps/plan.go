package steps

import (
	"context"
	"errors"
	"fmt"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/terraform"
)

// PlanReading is a plan as a person reads it: what it would do, what is thought
// of it, and on demand what it would do to each resource. It does not change, so
// it may be used concurrently.
type PlanReading struct {
	Plan      terraform.Plan
	Judgement terraform.Judgement
	Groups    []terraform.Group
	// Exact says that it was read from the saved plan. Else it is what was printed.
	Exact bool
	// Asked says that apply makes a plan of its own, and is answered by whether that
	// is the same. Else it is given the saved one.
	Asked bool
	// Attempt names the execution that made the plan: another plan has another.
	Attempt string

	// Lines returns what the plan would do to the i-th of Plan.Changes, attribute
	// by attribute; of a plan that was read as text the second result has the block
	// as it was printed instead. It reads a file, and may be called concurrently.
	Lines func(i int) ([]terraform.Line, clean.Text, error)
}

// Plan reads the newest plan of a step. It returns nil where none was made, and an
// error where it is not kept any more. It reads files and may take seconds for a
// large plan.
func (e *Engine) Plan(ctx context.Context, id document.StepID) (*PlanReading, error) {
	b, ok := e.bound.Step(id)
	if !ok {
		return nil, fmt.Errorf("there is no step %s", id)
	}
	for _, effect := range b.Kind.Effects {
		state := e.Run().Effect(id, effect.Name)
		if effect.Plan == nil || state.Started == nil || state.Finished == nil {
			continue
		}
		in := e.executing(b, *state.Started)
		if in.Attempt == "" {
			return nil, errors.New("reading the plan: nothing is kept in this run")
		}
		reading, err := effect.Plan(ctx, in)
		if reading != nil {
			reading.Attempt = state.Started.Attempt
		}
		return reading, err
	}
	return nil, nil
}
