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
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/terraform"
)

// Prepare repeats the checks that an effect relies on and that are no longer fresh.
// It returns nil if only the typed confirmation is missing, and a *runbook.Refusal
// with every reason if the gate demands more. Any other error means that a result
// can't be recorded or that the command can't be run.
func (e *Engine) Prepare(ctx context.Context, id document.StepID, effect string) error {
	_, dir, err := e.Command(id, effect)
	if err != nil {
		return err
	}
	if err := e.writable(); err != nil {
		return err
	}
	if err := e.unsettled(dir); err != nil {
		return err
	}
	if err := e.refresh(ctx, id, false); err != nil {
		return err
	}
	if err := e.missing(id, effect); err != nil {
		return err
	}
	b, _ := e.Bound().Step(id) // Command has found it
	_, err = e.environ(ctx, b, runbook.EffectStarted{Step: id, Effect: effect, Attempt: e.attempt(effect)})
	return err
}

// Asks returns the questions that an effect's command asks and that its confirmation
// answers. It may run a program to find out, and returns none if it can't.
func (e *Engine) Asks(ctx context.Context, id document.StepID, effect string) []clean.Text {
	b, ok := e.Bound().Step(id)
	if !ok {
		return nil
	}
	if run := b.Kind.Effect(effect); run != nil && run.Asks != nil {
		return run.Asks(ctx, e.input(b))
	}
	return nil
}

// unsettled returns an error if a command of another run may still be at work in dir,
// or if other users could change what is kept of the run.
func (e *Engine) unsettled(dir string) error {
	if e.options.Unsettled == nil || e.options.Mode != runbook.Live {
		return nil
	}
	return e.options.Unsettled(dir)
}

// missing returns the refusal of the gate, nil if it demands only the confirmation.
func (e *Engine) missing(id document.StepID, effect string) error {
	err := e.Run().May(runbook.Effect(effect), id, e.world.Now())
	var refusal *runbook.Refusal
	if errors.As(err, &refusal) && refusal.Only(runbook.DemandConfirmation) {
		return nil
	}
	return err
}

// refresh checks the step and those that it relies on: all of them, or only those whose
// verdict no longer holds. Of all, it also checks those that follow the step, which note
// what it is like before. An error means that a result isn't recorded, so the
// recorded one may be outdated.
func (e *Engine) refresh(ctx context.Context, id document.StepID, all bool) error {
	run, now := e.Run(), e.world.Now()
	target, _ := run.Spec(id)
	var ids []document.StepID
	from, after := target.Follows, false
	for _, spec := range run.Specs() {
		if spec.ID == from {
			from = ""
		}
		relied := from == "" && !after && (all || !run.Holds(spec.ID, now) || run.Past(spec.ID))
		if spec.Procedure == target.Procedure && spec.Checks && !spec.Question && (relied || all && spec.Follows == id) {
			ids = append(ids, spec.ID)
		}
		after = after || spec.ID == id
	}
	if target.Locked {
		if err := e.checkAccess(ctx); err != nil {
			return err
		}
	}
	return e.ask(ctx, ids)
}

// Access checks whether the person has what locked steps need: the infrastructure checkout,
// which only maintainers can have, and the right to push to its repository, as far as
// GitHub tells. It records the answer. If that can't be recorded, the one before stays.
func (e *Engine) Access(ctx context.Context) { _ = e.checkAccess(ctx) }

func (e *Engine) checkAccess(ctx context.Context) error {
	if err := e.writable(); err != nil {
		return err
	}
	granted, text := e.world.access(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return e.record(runbook.AccessSeen{Head: e.head(), Granted: granted, Text: text})
}

func (w *World) access(ctx context.Context) (bool, clean.Text) {
	var missing []string
	miss := func(format string, args ...any) { missing = append(missing, clean.Linef(format, args...).String()) }
	if w.Checkout.Dir == "" {
		miss("no infrastructure checkout configured: %s", w.HowToSet("[infrastructure] directory"))
	} else if status, err := w.Checkout.Status(ctx); err != nil {
		miss("can't read the infrastructure checkout: %s", err)
	} else if want := w.InfrastructureRepository; want != "" && !checkout.RemoteNames(status.Remote, want) {
		miss("%s is a checkout of %q, not of %s", w.Checkout.Dir, status.Remote, want)
	}
	if e, ok := w.Executor.(interface{ Finds(command.Command) error }); ok {
		if err := e.Finds(command.Command{Argv: []string{"just"}, Env: w.Environ}); err != nil {
			miss("%s", err)
		}
	}
	role, refused := w.role(ctx)
	if refused {
		miss("%s", role)
	}
	switch {
	case len(missing) > 0:
	case role.Empty():
		return true, clean.Linef("the infrastructure checkout %s is there.", w.Checkout.Dir)
	default:
		return true, clean.Linef("the infrastructure checkout %s is there; %s.", w.Checkout.Dir, role)
	}
	whom := "a maintainer with infrastructure access"
	if w.InfrastructureRepository != "" {
		whom = "the maintainers of " + w.InfrastructureRepository
	}
	return false, clean.Linef("%s. If you should be able to do it, ask %s.", strings.Join(missing, "; "), whom)
}

// role asks GitHub whether the person may push to the infrastructure repository. Only a
// plain no counts as one: GitHub answers alike for a repository that isn't there and for one
// that a token isn't meant for. The text is a clause; it is empty if there is nothing to ask.
func (w *World) role(ctx context.Context) (text clean.Text, refused bool) {
	if w.GitHub == nil || w.InfrastructureRepository == "" {
		return clean.Text{}, false
	}
	repo, err := github.ParseRepository(w.InfrastructureRepository)
	if err != nil {
		return clean.Text{}, false
	}
	switch a, err := w.GitHub.Access(ctx, repo); {
	case err != nil:
		return clean.Linef("couldn't ask whether you may push to %s (%s)", repo, err), false
	case !a.PushTold:
		return clean.Linef("without a token, GitHub does not say whether you may push to %s", repo), false
	case !a.Push:
		return clean.Linef("your GitHub account may read %s but not push to it", repo), true
	}
	return clean.Linef("your GitHub account may push to %s", repo), false
}

// Command returns the command that an effect would run, and its directory.
func (e *Engine) Command(id document.StepID, effect string) (argv []string, dir string, err error) {
	b, ok := e.Bound().Step(id)
	if !ok {
		return nil, "", fmt.Errorf("there is no step %s", id)
	}
	run := b.Kind.Effect(effect)
	if run == nil || run.Changes != nil {
		return nil, "", fmt.Errorf("%s has no command %q", b.Label(), effect)
	}
	if len(b.Problems) > 0 {
		return nil, "", fmt.Errorf("%s: %s", b.Label(), b.Problems[0])
	}
	if err := e.asBegun(b, run); err != nil {
		return nil, "", err
	}
	return run.Command(b.Params), e.world.Checkout.Dir, nil
}

// asBegun returns an error if the command that an effect relies on, or whose outcome
// it would clear up, was another one or ran elsewhere: the document or the settings
// have changed since, so one says nothing about the other.
func (e *Engine) asBegun(b *Binding, effect *Effect) error {
	after := effect.Spec(b.Params).After
	for _, s := range b.Kind.Effects {
		state := e.Run().Effect(b.Step.ID, s.Name)
		if state.Started == nil || s.Changes != nil || s.Name != after && !state.InDoubt() {
			continue
		}
		was, argv, dir := state.Started, clean.MaskedAll(s.Command(b.Params)), clean.Masked(e.world.Checkout.Dir)
		if was.Dir != dir || !slices.Equal(was.Argv, argv) {
			return fmt.Errorf("`%s` was run in %s, but now it would be `%s` in %s; hint: restore the settings and the document, or begin a new run",
				say.CommandLine(was.Argv), clean.Line(was.Dir), say.CommandLine(argv), clean.Line(dir))
		}
	}
	return nil
}

// Pretend records in a dry run that the effect would have been run, and returns
// what the gate would demand in a live run.
func (e *Engine) Pretend(ctx context.Context, id document.StepID, effect string) ([]runbook.Reason, error) {
	argv, dir, err := e.Command(id, effect)
	if err != nil {
		return nil, err
	}
	if err := e.writable(); err != nil {
		return nil, err
	}
	if err := e.refresh(ctx, id, false); err != nil {
		return nil, err
	}
	var refusal *runbook.Refusal
	errors.As(e.Run().May(runbook.Effect(effect), id, e.world.Now()), &refusal)
	var demands []runbook.Reason
	if refusal != nil {
		demands = slices.DeleteFunc(slices.Clone(refusal.Reasons), func(r runbook.Reason) bool { return r.Demand == runbook.DemandPossible })
	}
	return demands, e.record(runbook.Pretended{Head: e.head(), Step: id, Effect: effect, Argv: argv, Dir: dir})
}

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
	b, ok := e.Bound().Step(id)
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
