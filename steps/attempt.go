package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
)

// attemptVariable is the environment variable that tells a command the name of its
// execution, so that its own logs can refer to the run.
const attemptVariable = "CATALOG_RUNBOOK_ATTEMPT"

// attempt returns a name for the execution that is about to begin, "" if no record
// of it is kept. It contains the number of the next event, so it is unique in a run.
func (e *Engine) attempt(effect string) string {
	if e.options.Folder == "" {
		return ""
	}
	return fmt.Sprintf("%05d-%s", e.Run().Events()+1, effect)
}

func (e *Engine) attemptFolder(attempt string) string {
	if attempt == "" || e.options.Folder == "" {
		return ""
	}
	return filepath.Join(e.options.Folder, filepath.Base(attempt))
}

// EarlierOutputs returns the files with what the command of an effect has printed in
// earlier runs, and earlier in this one, newest first. It leaves out the running command's,
// and may block.
func (e *Engine) EarlierOutputs(effect string) []string {
	if e.options.Folder == "" {
		return nil
	}
	now := ""
	if id, running, ok := e.Run().RunningEffect(); ok {
		now = e.Run().Effect(id, running).Started.Attempt
	}
	folders := []string{e.options.Folder}
	if e.options.Earlier != nil {
		folders = append(folders, e.options.Earlier(e.Mode(), e.Run().Environment())...)
	}
	var files []string
	for _, folder := range folders {
		all, _ := os.ReadDir(folder) // a run that can't be read tells nothing
		for _, entry := range slices.Backward(all) {
			if _, name, _ := strings.Cut(entry.Name(), "-"); name == effect && (folder != e.options.Folder || entry.Name() != now) {
				files = append(files, command.OutputFile(filepath.Join(folder, entry.Name())))
			}
		}
	}
	return files
}

// executing returns the input for the functions of an Effect that are about one
// execution of it.
func (e *Engine) executing(b *Binding, started runbook.EffectStarted) Input {
	in := e.input(b)
	in.Attempt = e.attemptFolder(started.Attempt)
	spec, _ := e.Run().Spec(b.Step.ID)
	i := slices.IndexFunc(spec.Effects, func(s runbook.EffectSpec) bool { return s.Name == started.Effect })
	if i >= 0 && spec.Effects[i].After != "" {
		if relied := e.Run().Effect(b.Step.ID, spec.Effects[i].After).Started; relied != nil {
			in.Relied = e.attemptFolder(relied.Attempt)
		}
	}
	return in
}

// environ returns the environment of the command. If a name occurs twice, the later
// entry counts.
func (e *Engine) environ(ctx context.Context, b *Binding, started runbook.EffectStarted) ([]string, error) {
	env := slices.Clone(e.world.Environ)
	if started.Attempt != "" {
		env = append(env, attemptVariable+"="+filepath.Base(e.options.Folder)+"/"+started.Attempt)
	}
	run := b.Kind.Effect(started.Effect)
	if run == nil || run.Prepare == nil {
		return env, nil
	}
	more, err := run.Prepare(ctx, e.executing(b, started))
	var gone *Lapse
	if errors.As(err, &gone) {
		err = errors.Join(err, e.lapsed(b, started.Effect, gone))
	}
	return append(env, more...), err
}

// lapsed records that the outcome which an effect would rely on can't be used any
// more.
func (e *Engine) lapsed(b *Binding, effect string, why *Lapse) error {
	spec, _ := e.Run().Spec(b.Step.ID)
	i := slices.IndexFunc(spec.Effects, func(s runbook.EffectSpec) bool { return s.Name == effect })
	if i < 0 || spec.Effects[i].After == "" {
		return nil
	}
	text := clean.Linef("%s.", say.Capital(why.Why))
	return e.record(runbook.EffectVoided{Head: e.head(), Step: b.Step.ID, Effect: spec.Effects[i].After, Text: text})
}

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
