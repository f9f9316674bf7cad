package steps

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// checkLimit is how long one check may take in all.
const checkLimit = 45 * time.Second

// checksAtOnce is how many questions are on their way at the same time, so that
// a long runbook does not flood the services.
const checksAtOnce = 16

// Journal makes events durable. Append returns once the event is where it will
// be found again. An error stops the event: nothing is shown that is not kept.
type Journal interface {
	Append(runbook.Event) error
}

// Memory is the journal of a run that is not kept.
type Memory struct{}

// Append keeps nothing and never fails.
func (Memory) Append(runbook.Event) error { return nil }

// Options say whose run it is and what it may touch.
type Options struct {
	Mode        runbook.Mode
	Environment string // of the run, for the screen: "prod", "practice: calm"
	Actor       string // who acts, for the record
	Journal     Journal
}

// Engine checks, gates and runs the steps of one run. Front ends show its state
// and pass on what a person wants; whether it may happen is the engine's to
// say. All methods may be called concurrently and may block, except Run,
// Bound, World and Mode, which never do.
type Engine struct {
	bound   *Bound
	world   *World
	options Options

	order sync.Mutex // held while an event is made durable: the journal's order is the run's
	run   atomic.Pointer[runbook.Run]

	effects sync.Mutex // held while a command is prepared and run: one at a time
}

// New begins a run over bound steps.
func New(b *Bound, w *World, o Options) (*Engine, error) {
	if o.Journal == nil {
		o.Journal = Memory{}
	}
	if o.Mode == runbook.DryRun && w.Executor != nil {
		return nil, errors.New("beginning a dry run: the world has an executor, but nothing may be run")
	}
	e := &Engine{bound: b, world: w, options: o}
	e.run.Store(runbook.NewRun(b.Specs()))
	err := e.record(runbook.Started{
		Head: e.head(), Mode: o.Mode, Environment: clean.Line(o.Environment),
		Document: clean.Line(b.Document.Name), DocumentHash: b.Document.Hash,
	})
	return e, err
}

// Bound returns the bound runbook.
func (e *Engine) Bound() *Bound { return e.bound }

// World returns the world that the engine asks.
func (e *Engine) World() *World { return e.world }

// Mode returns what the run may touch.
func (e *Engine) Mode() runbook.Mode { return e.options.Mode }

// Run returns the state of the run at this moment. It is shared and must not be
// changed; what happens later makes another one.
func (e *Engine) Run() *runbook.Run { return e.run.Load() }

func (e *Engine) head() runbook.Head {
	return runbook.Head{At: e.world.Now(), Actor: clean.Line(e.options.Actor)}
}

// record adds an event: first to a copy, which says whether it may happen, then
// to the journal, and only then to the state that is shown.
func (e *Engine) record(ev runbook.Event) error {
	e.order.Lock()
	defer e.order.Unlock()
	next := e.run.Load().Clone()
	if err := next.Apply(ev); err != nil {
		return err
	}
	if err := e.options.Journal.Append(ev); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	e.run.Store(next)
	return nil
}

// Check asks the world about one step and records the answer. It returns an
// error only if the step cannot be checked or the answer not be recorded; a
// question without an answer is an Unknown result.
func (e *Engine) Check(ctx context.Context, id runbook.StepID) (runbook.Result, error) {
	b, ok := e.bound.Step(id)
	if !ok {
		return runbook.Result{}, fmt.Errorf("checking %s: there is no such step", id)
	}
	k, ok := b.Kind.(Checker)
	if !ok {
		return runbook.Result{}, fmt.Errorf("checking %s: nobody can be asked about it", b.Label())
	}
	release := e.Run().Release()
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	res := k.Check(ctx, e.input(b))
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return res, err // the asker has gone; what was found may be half an answer
	}
	if e.Run().Release() != release {
		return res, fmt.Errorf("checking %s: another release was chosen meanwhile", b.Label())
	}
	return res, e.record(runbook.Checked{Head: e.head(), Step: id, Result: res})
}

func (e *Engine) input(b *Binding) Input {
	return Input{Params: b.Params, Facts: e.Run().Facts(), World: e.world}
}

// CheckAll asks about all the given steps side by side, and returns when the
// last has answered. Steps that cannot be checked are passed over. Only a step
// that needs a fact which nobody has left yet waits for the others.
func (e *Engine) CheckAll(ctx context.Context, ids []runbook.StepID) {
	facts := e.Run().Facts()
	var now, later []runbook.StepID
	for _, id := range ids {
		b, ok := e.bound.Step(id)
		if !ok {
			continue
		}
		if _, checks := b.Kind.(Checker); !checks {
			continue
		}
		if k, ok := b.Kind.(Needer); ok && facts[k.Needs()] == "" {
			later = append(later, id)
		} else {
			now = append(now, id)
		}
	}
	for _, wave := range [][]runbook.StepID{now, later} {
		var group errgroup.Group
		group.SetLimit(checksAtOnce)
		for _, id := range wave {
			group.Go(func() error {
				// The result is recorded. The error of a record that was refused
				// leaves the step as it was, which is never green by itself.
				_, _ = e.Check(ctx, id)
				return nil
			})
		}
		_ = group.Wait()
	}
}

// Again returns after how long it is worth asking about the step again, zero
// where waiting is of no use.
func (e *Engine) Again(id runbook.StepID) time.Duration {
	b, ok := e.bound.Step(id)
	if !ok {
		return 0
	}
	k, ok := b.Kind.(Watcher)
	if !ok {
		return 0
	}
	return k.Again(e.Run().Step(id).Result)
}

// Tick records that a person says the step is done.
func (e *Engine) Tick(id runbook.StepID, note string) error {
	spec, _ := e.Run().Spec(id)
	return e.record(runbook.Ticked{Head: e.head(), Step: id, Hash: spec.Hash, Note: clean.Line(note)})
}

// Untick takes back what a person said of the step: a tick, a skip, an override.
func (e *Engine) Untick(id runbook.StepID) error {
	return e.record(runbook.Unticked{Head: e.head(), Step: id})
}

// Skip leaves the step out. The reason has at least runbook.MinReason bytes.
func (e *Engine) Skip(id runbook.StepID, reason string) error {
	return e.record(runbook.Skipped{Head: e.head(), Step: id, Reason: clean.Line(reason)})
}

// Override accepts what the newest check found against the step, for as long as
// it finds exactly that.
func (e *Engine) Override(id runbook.StepID, reason string) error {
	run := e.Run()
	spec, _ := run.Spec(id)
	return e.record(runbook.Overridden{Head: e.head(), Step: id, Reason: clean.Line(reason), Names: run.Step(id).Result.Facts[spec.Override]})
}

// Choose fixes the release that the run is about.
func (e *Engine) Choose(tag string) error {
	if !imageTag.MatchString(tag) {
		return fmt.Errorf("choosing the release: %q is not a tag", clean.Line(tag))
	}
	return e.record(runbook.ReleaseChosen{Head: e.head(), Tag: tag})
}

// Judge records that a person says that what the effect showed looks correct.
// Hash is what was shown: it must still be what the effect showed last.
func (e *Engine) Judge(id runbook.StepID, effect, hash string) error {
	return e.record(runbook.Judged{Head: e.head(), Step: id, Effect: effect, Hash: hash})
}
