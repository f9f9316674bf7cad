package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/steps/terraform/text"
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

	file string // the JSON, "" for a text
}

// Plan reads the newest plan of a step. It returns nil where none was made, and an
// error where it is not kept any more. It reads files and may take seconds for a
// large plan.
func (e *Engine) Plan(ctx context.Context, id document.StepID) (*PlanReading, error) {
	b, ok := e.bound.Step(id)
	if !ok {
		return nil, fmt.Errorf("there is no step %s", id)
	}
	if _, ok := b.Kind.(planAndApply); !ok {
		return nil, nil
	}
	state := e.Run().Effect(id, effectPlan)
	if state.Started == nil || state.Finished == nil {
		return nil, nil
	}
	folder := e.attemptFolder(state.Started.Attempt)
	if folder == "" {
		return nil, errors.New("reading the plan: nothing is kept in this run")
	}
	policy := e.input(b).policy()
	r := &PlanReading{Asked: e.world.ApplyAsks, Attempt: state.Started.Attempt, file: filepath.Join(folder, planJSONFile)}
	printed, textErr := readPrinted(ctx, command.OutputFile(folder))
	var err error
	switch r.Plan, err = readPlanFile(ctx, r.file, policy, textErr == nil); {
	case err == nil:
		r.Exact, r.Plan.Warnings = true, warnings(r.Plan, printed)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case textErr != nil:
		return nil, fmt.Errorf("reading the plan: %w", textErr)
	default:
		r.file, r.Plan = "", printed
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

// Lines returns what the plan would do to the i-th of Plan.Changes, attribute by
// attribute; of a plan that was read as text the second result has the block as it
// was printed instead. It reads a file.
func (r *PlanReading) Lines(i int) ([]terraform.Line, clean.Text, error) {
	c := r.Plan.Changes[i]
	if r.file == "" {
		return nil, c.Body, nil
	}
	if c.At.Length > maxObject {
		return nil, clean.Text{}, fmt.Errorf("showing %s: it is larger than %d MiB", clean.Line(c.Address), maxObject>>20)
	}
	f, err := os.Open(r.file)
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
