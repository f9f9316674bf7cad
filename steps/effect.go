package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/infra"
)

// Prepare asks again whatever an effect relies on and is no longer fresh, and
// returns nil when nothing but the typed confirmation is missing, else a
// *runbook.Refusal with every reason. Any other error means that an answer could
// not be recorded.
func (e *Engine) Prepare(ctx context.Context, id runbook.StepID, effect string) error {
	if _, _, err := e.Command(id, effect); err != nil {
		return err
	}
	if err := e.refresh(ctx, id, false); err != nil {
		return err
	}
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
// themselves, or only those whose verdict does not count any more. An error
// means that an answer is not on record, so that what is there may be outdated.
func (e *Engine) refresh(ctx context.Context, id runbook.StepID, all bool) error {
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
		if err := e.look(ctx); err != nil {
			return err
		}
	}
	return e.ask(ctx, ids)
}

// Access looks whether the person has what locked steps need, and records it:
// the infrastructure checkout, which only maintainers can have. What could not
// be recorded leaves the access as it was known before.
func (e *Engine) Access(ctx context.Context) { _ = e.look(ctx) }

func (e *Engine) look(ctx context.Context) error {
	granted, text := e.world.access(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return e.record(runbook.AccessSeen{Head: e.head(), Granted: granted, Text: text})
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
	if e, ok := w.Executor.(interface{ Finds(infra.Command) error }); ok {
		if err := e.Finds(infra.Command{Argv: []string{"just"}, Env: w.Environ}); err != nil {
			return false, clean.Linef("%s.", err)
		}
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

// Perform runs an effect that a person has confirmed by typing phrase. It asks
// everything volatile again, passes the gate, records the intent, runs the
// command and records what came of it. Show is called with the output as it
// comes, never twice at a time; typed carries what the person types meanwhile
// and may be nil. An effect that relies on a judgement gets nothing that is
// typed: the program answers its question, so that nobody approves what was not
// judged, not even by typing ahead. An error means that the command was not run,
// or that its outcome could not be recorded; a command that failed is a result.
func (e *Engine) Perform(ctx context.Context, id runbook.StepID, effect, phrase string, show func(Output), typed <-chan []byte) error {
	if !e.effects.TryLock() {
		return errors.New("a command is being run already")
	}
	defer e.effects.Unlock()
	argv, dir, err := e.Command(id, effect)
	if err != nil {
		return err
	}
	if e.world.Executor == nil && e.options.Mode != runbook.DryRun {
		return errors.New("running a command: the world has nothing to run it with")
	}
	if err := e.record(runbook.Confirmed{Head: e.head(), Step: id, Effect: effect, Phrase: phrase}); err != nil {
		return err
	}
	if err := e.refresh(ctx, id, true); err != nil {
		return fmt.Errorf("asking again before the command is run: %w", err)
	}
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
	var showing sync.Mutex
	out := &stream{show: func(o Output) {
		showing.Lock()
		defer showing.Unlock()
		show(o)
	}}
	f := &forward{input: make(chan []byte), typed: typed, replies: make(chan []byte, repliesAhead)}
	if a, ok := kind.(Answerer); ok {
		out.answer = func(text string) (string, clean.Text) { return a.Answer(in, effect, text) }
		out.reply = func(s string) { f.replies <- []byte(s) }
		if judged(kind.Effects(b.Params), effect) {
			f.withheld = func() {
				out.show(Output{Lines: []clean.Text{clean.Line("What you type is not passed on: this command is answered by what was judged.")}, Note: true})
			}
		}
	}
	done := make(chan struct{})
	var forwarding sync.WaitGroup
	forwarding.Go(func() { f.run(done) })
	running, cancel := e.limited(ctx, kind, b.Params, effect)
	exit, err := e.world.Executor.Run(running, cmd, infra.Streams{Output: out.write, Input: f.input})
	cancel()
	close(done)
	forwarding.Wait()
	out.end()
	finished := runbook.EffectFinished{Step: id, Effect: effect, Exit: exit}
	if err != nil {
		finished.Exit, finished.Problem = -1, clean.Line(err.Error())
		finished.Result = newReport(in).unknown("The command could not be run to its end, so what it has done is not known: %s.", err)
	} else {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkLimit)
		finished.Result = kind.Finish(after, in, effect, exit, out.text())
		cancel()
	}
	finished.Head = e.head()
	return e.record(finished)
}

// effectLimit is how long a command may take before it is interrupted once.
const effectLimit = 30 * time.Minute

// limited bounds a command. One that carries out what was judged has no limit
// of its own: an apply that is cut short leaves more behind than a slow one, so
// only a person may interrupt it.
func (e *Engine) limited(ctx context.Context, k Runner, p Params, effect string) (context.Context, context.CancelFunc) {
	if judged(k.Effects(p), effect) {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, effectLimit)
}

// judged reports whether the named effect relies on a person's judgement.
func judged(effects []runbook.EffectSpec, name string) bool {
	return slices.ContainsFunc(effects, func(s runbook.EffectSpec) bool { return s.Name == name && s.Judged })
}
