package kinds

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/steps/terraform/text"
)

// readPlan reads the plan of an execution, in its exact form where that is kept.
func readPlan(ctx context.Context, in steps.Input) (*steps.PlanReading, error) {
	policy, file := policyOf(in), filepath.Join(in.Attempt, planJSONFile)
	r := &steps.PlanReading{Asked: in.World.ApplyAsks}
	printed, textErr := readPrinted(ctx, command.OutputFile(in.Attempt))
	var err error
	switch r.Plan, err = readPlanFile(ctx, file, policy, textErr == nil); {
	case err == nil:
		r.Exact, r.Plan.Warnings = true, warnings(r.Plan, printed)
		r.Lines = func(i int) ([]terraform.Line, clean.Text, error) { return exactLines(file, r.Plan.Changes[i]) }
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case textErr != nil:
		return nil, fmt.Errorf("reading the plan: %w", textErr)
	default:
		r.Plan = printed
		r.Lines = func(i int) ([]terraform.Line, clean.Text, error) { return nil, r.Plan.Changes[i].Body, nil }
	}
	r.Judgement = terraform.Judge(r.Plan, policy)
	r.Groups = terraform.Order(r.Plan, r.Judgement)
	return r, nil
}

func readPrinted(ctx context.Context, name string) (terraform.Plan, error) {
	f, err := os.Open(name)
	if err != nil {
		return terraform.Plan{}, err
	}
	defer f.Close()
	return text.Read(reading{ctx, f})
}

// reading ends with a context.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// maxObject is the most of one resource's object that is shown, in bytes.
const maxObject = 32 << 20

// exactLines reads one change from the JSON of a plan.
func exactLines(file string, c terraform.Change) ([]terraform.Line, clean.Text, error) {
	if c.At.Length > maxObject {
		return nil, clean.Text{}, fmt.Errorf("showing %s: it is larger than %d MiB", clean.Line(c.Address), maxObject>>20)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, clean.Text{}, fmt.Errorf("showing %s: the plan is not kept any more", clean.Line(c.Address))
	}
	defer f.Close()
	object := make([]byte, c.At.Length)
	if _, err := f.ReadAt(object, c.At.Offset); err != nil {
		return nil, clean.Text{}, fmt.Errorf("showing %s: %w", clean.Line(c.Address), err)
	}
	lines, err := exact.Diff(object)
	return lines, clean.Text{}, err
}
