package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/infra"
)

// outputKept is how many bytes of a command's output are kept for judging it.
// A plan that is longer than that is not understood.
const outputKept = 16 << 20

// Prepare asks again whatever an effect relies on and is no longer fresh, and
// returns nil when nothing but the typed confirmation is missing, else a
// *runbook.Refusal with every reason.
func (e *Engine) Prepare(ctx context.Context, id runbook.StepID, effect string) error {
	e.refresh(ctx, id, false)
	return e.missing(id, effect)
}

// missing returns what the gate demands beyond the confirmation, nil if nothing.
func (e *Engine) missing(id runbook.StepID, effect string) error {
	err := e.Run().May(runbook.Effect(effect), id, e.world.Now())
	var refusal *runbook.Refusal
	if errors.As(err, &refusal) && refusal.Only(runbook.DemandConfirmation) {
		return nil
	}
	return err
}

// refresh asks about the step and those before it: all that can change by
// themselves, or only those whose verdict does not count any more.
func (e *Engine) refresh(ctx context.Context, id runbook.StepID, all bool) {
	run, now := e.Run(), e.world.Now()
	target, _ := run.Spec(id)
	var ids []runbook.StepID
	for _, spec := range run.Specs() {
		if spec.Procedure == target.Procedure && spec.Checks && (all || !run.Holds(spec.ID, now)) {
			ids = append(ids, spec.ID)
		}
		if spec.ID == id {
			break
		}
	}
	if target.Locked {
		e.Access(ctx)
	}
	e.CheckAll(ctx, ids)
}

// Access looks whether the person has what locked steps need, and records it:
// the infrastructure checkout, which only maintainers can have, and its tool.
func (e *Engine) Access(ctx context.Context) {
	granted, text := e.world.access(ctx)
	_ = e.record(runbook.AccessSeen{Head: e.head(), Granted: granted, Text: text})
}

func (w *World) access(ctx context.Context) (bool, clean.Text) {
	if w.Checkout.Dir == "" {
		return false, clean.Line("no infrastructure checkout is set ([infrastructure] directory).")
	}
	status, err := w.Checkout.Status(ctx)
	if err != nil {
		return false, clean.Linef("the infrastructure checkout cannot be read: %s.", err)
	}
	if want := w.InfrastructureRepository; want != "" && !infra.RemoteNames(status.Remote, want) {
		return false, clean.Linef("%s is a checkout of %q, not of %s.", w.Checkout.Dir, status.Remote, want)
	}
	return true, clean.Linef("the infrastructure checkout %s is there.", w.Checkout.Dir)
}

// Command returns an effect's command with its directory, as it would be run.
func (e *Engine) Command(id runbook.StepID, effect string) (argv []string, dir string, err error) {
	b, ok := e.bound.Step(id)
	if !ok {
		return nil, "", fmt.Errorf("there is no step %s", id)
	}
	k, ok := b.Kind.(Runner)
	if !ok || !slices.ContainsFunc(k.Effects(b.Params), func(s runbook.EffectSpec) bool { return s.Name == effect }) {
		return nil, "", fmt.Errorf("%s has no command %q", b.Label(), effect)
	}
	if len(b.Problems) > 0 {
		return nil, "", fmt.Errorf("%s: %s", b.Label(), b.Problems[0])
	}
	return k.Command(effect, b.Params), e.world.Checkout.Dir, nil
}

// Pretend records in a dry run that the effect would have been run. It returns
// what the gate would demand in a live run.
func (e *Engine) Pretend(ctx context.Context, id runbook.StepID, effect string) ([]runbook.Reason, error) {
	argv, dir, err := e.Command(id, effect)
	if err != nil {
		return nil, err
	}
	e.refresh(ctx, id, false)
	var refusal *runbook.Refusal
	errors.As(e.Run().May(runbook.Effect(effect), id, e.world.Now()), &refusal)
	var demands []runbook.Reason
	if refusal != nil {
		demands = slices.DeleteFunc(slices.Clone(refusal.Reasons), func(r runbook.Reason) bool { return r.Demand == runbook.DemandPossible })
	}
	return demands, e.record(runbook.Pretended{Head: e.head(), Step: id, Effect: effect, Argv: argv, Dir: dir})
}

// Perform runs an effect that a person has confirmed by typing phrase. It asks
// everything volatile again, passes the gate, records the intent, runs the
// command and records what came of it. Show is called with the output as it
// comes, from one goroutine; typed carries what the person types meanwhile and
// may be nil. An error means that the command was not run, or that its outcome
// could not be recorded; a command that failed is a result.
func (e *Engine) Perform(ctx context.Context, id runbook.StepID, effect, phrase string, show func(Output), typed <-chan []byte) error {
	if !e.effects.TryLock() {
		return errors.New("a command is being run already")
	}
	defer e.effects.Unlock()
	argv, dir, err := e.Command(id, effect)
	if err != nil {
		return err
	}
	if err := e.record(runbook.Confirmed{Head: e.head(), Step: id, Effect: effect, Phrase: phrase}); err != nil {
		return err
	}
	e.refresh(ctx, id, true)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := e.record(runbook.EffectStarted{Head: e.head(), Step: id, Effect: effect, Argv: argv, Dir: dir}); err != nil {
		return err
	}
	return e.carryOut(ctx, id, effect, infra.Command{Argv: argv, Dir: dir, Env: e.world.Environ}, show, typed)
}

// carryOut runs the command whose intent is recorded, and records its outcome
// even if the asker has gone.
func (e *Engine) carryOut(ctx context.Context, id runbook.StepID, effect string, cmd infra.Command, show func(Output), typed <-chan []byte) error {
	b, _ := e.bound.Step(id)
	kind := b.Kind.(Runner)
	in := e.input(b)
	input := make(chan []byte, 8)
	out := &stream{show: show}
	if a, ok := kind.(Answerer); ok {
		out.answer = func(text string) (string, clean.Text) { return a.Answer(in, effect, text) }
		out.reply = func(s string) { input <- []byte(s) }
	}
	done := make(chan struct{})
	var forwarding = make(chan struct{})
	go func() {
		defer close(forwarding)
		for {
			select {
			case <-done:
				return
			case chunk, ok := <-typed:
				if !ok {
					return
				}
				select {
				case input <- chunk:
				case <-done:
					return
				}
			}
		}
	}()
	exit, err := e.world.Executor.Run(ctx, cmd, infra.Streams{Output: out.write, Input: input})
	close(done)
	<-forwarding
	out.end()
	finished := runbook.EffectFinished{Step: id, Effect: effect, Exit: exit}
	if err != nil {
		finished.Exit, finished.Problem = -1, clean.Line(err.Error())
		finished.Result = newReport(in).failed("The command could not be run: %s.", err)
	} else {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkLimit)
		finished.Result = kind.Finish(after, in, effect, exit, out.text())
		cancel()
	}
	finished.Head = e.head()
	return e.record(finished)
}
