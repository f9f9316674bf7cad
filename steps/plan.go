package steps

import (
	"context"
	"errors"
	"fmt"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/terraform"
)

// PlanReading is a plan as a person reads it: what it would do, how it is judged,
// and on demand what it would do to each resource. It is immutable and may be used
// concurrently.
type PlanReading struct {
	Plan      terraform.Plan
	Judgement terraform.Judgement
	Groups    []terraform.Group
	// Exact reports whether it was read from the saved plan, and not from what was
	// printed.
	Exact bool
	// Asked reports whether apply makes a plan of its own, which is approved only if
	// it is the same, instead of being given the saved one.
	Asked bool
	// Apart reports whether it was read by itself, without a run.
	Apart bool
	// Attempt names the execution that made the plan. It differs for each plan.
	Attempt string

	// Lines returns what the plan would do to Plan.Changes[i], attribute by
	// attribute. For a plan that was read as text it returns no lines but the block
	// as it was printed. It reads a file, and may be called concurrently.
	Lines func(i int) ([]terraform.Line, clean.Text, error)
}

// Plan reads the newest plan of a step. It returns nil if none was made, and an
// error if it no longer exists. It reads files and may take seconds for a large
// plan.
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
