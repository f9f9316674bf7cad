package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/checkout"
)

// checkLimit is the time limit of one check.
const checkLimit = 45 * time.Second

// checksAtOnce is how many checks run at the same time, so that a long runbook
// doesn't flood the services.
const checksAtOnce = 16

// Journal makes events durable. Append returns once the event would survive a
// crash. If it fails, the event has not happened: the engine never shows what the
// journal doesn't have.
type Journal interface {
	Append(runbook.Event) error
}

// memory is the journal of a run that isn't saved.
type memory struct{}

// Append does nothing and returns nil.
func (memory) Append(runbook.Event) error { return nil }

// Options are the options of an Engine.
type Options struct {
	Mode        runbook.Mode
	Environment string // of the run, for the screen: "prod", "practice: calm"
	Actor       string // who acts, for the journal
	Journal     Journal
	// Source and Settings are the absolute paths of the files that the run was
	// begun with, which resuming it reads again. Source is "" for the embedded
	// document, Settings is "" for none.
	Source, Settings string
	// Folder is where commands keep their records, each in a folder of its own. If
	// it is "", commands run without a supervisor and end with this process.
	Folder string
	// Unsettled returns an error if no command of a live run may start in dir, because
	// of another run or since others could change what is kept of this one. It may be
	// nil, and is called concurrently.
	Unsettled func(dir string) error
	// Earlier returns the folders of other runs in the same mode on the same environment,
	// newest first, for what they tell about this one. It may be nil and may block, and is
	// called concurrently.
	Earlier func(runbook.Mode, clean.Text) []string
	// Rollback is set if a new run goes back to an older release.
	Rollback *runbook.Rollback
	// ReadOnly is why nothing may be recorded in this run; "" if it may.
	ReadOnly string
	// AsksOnly says that nobody deploys with this run: a release is as right if it is
	// deployed already.
	AsksOnly bool
}

// Engine checks, gates and runs the steps of one run. A front end shows its state
// and passes on what a person wants; the engine decides whether it may happen. All
// methods may be called concurrently. Run, Bound, World, Mode, Unwritable and
// ReadOnly never block; the others may.
type Engine struct {
	bound   atomic.Pointer[Bound]
	world   *World
	options Options

	unwritable atomic.Pointer[error] // why the journal takes no more events

	order sync.Mutex // held while an event is made durable, so that journal and run have the same order
	run   atomic.Pointer[runbook.Run]

	asked   map[document.StepID]int64 // the newest check whose result is recorded; guarded by order
	asking  atomic.Int64              // numbers the checks, so that an older result never replaces a newer one
	effects sync.Mutex                // held while a command runs: one at a time

	following atomic.Pointer[forward] // the running command that this process follows, or nil

	counting sync.Mutex              // guards checks; never held while waiting for anything
	checks   map[document.StepID]int // checks of a step since it last passed
}

// New begins a run over bound steps.
func New(b *Bound, w *World, o Options) (*Engine, error) {
	e, err := newEngine(b, w, o)
	if err != nil {
		return nil, err
	}
	e.run.Store(runbook.NewRun(b.Specs()))
	err = e.record(runbook.Started{
		Head: e.head(), Mode: o.Mode, Environment: clean.Line(o.Environment),
		Document: clean.Line(b.Document.Name), DocumentHash: b.Document.Hash(),
		Source: o.Source, Settings: o.Settings, Rollback: o.Rollback, Text: b.Document.Text(), Added: b.AddedSteps(),
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func newEngine(b *Bound, w *World, o Options) (*Engine, error) {
	if o.Journal == nil {
		o.Journal = memory{}
	}
	if o.Mode == runbook.DryRun && w.Executor != nil {
		return nil, errors.New("beginning a dry run: the world has an executor, but nothing may be run")
	}
	e := &Engine{world: w, options: o, asked: map[document.StepID]int64{}, checks: map[document.StepID]int{}}
	e.bound.Store(b)
	e.noteJournal()
	return e, nil
}

// Bound returns the bound runbook.
func (e *Engine) Bound() *Bound { return e.bound.Load() }

// World returns the services that the engine talks to.
func (e *Engine) World() *World { return e.world }

// Mode returns the mode of the run.
func (e *Engine) Mode() runbook.Mode { return e.options.Mode }

// Run returns the current state of the run. The caller must not change it; later
// events don't change it either, but make a new one.
func (e *Engine) Run() *runbook.Run { return e.run.Load() }

// Unwritable returns why the journal takes no more events, nil while it does. Once
// it is set, nothing can be ticked, checked or run any more.
func (e *Engine) Unwritable() error {
	if err := e.unwritable.Load(); err != nil {
		return *err
	}
	return nil
}

// noteJournal remembers why the journal takes no more events, so that Unwritable
// needn't wait for the disk.
func (e *Engine) noteJournal() {
	if j, ok := e.options.Journal.(interface{ Err() error }); ok {
		if err := j.Err(); err != nil {
			e.unwritable.Store(&err)
		}
	}
}

// ReadOnly returns why nothing may be recorded in this run, "" if it may.
func (e *Engine) ReadOnly() clean.Text { return clean.Line(e.options.ReadOnly) }

func (e *Engine) head() runbook.Head {
	return runbook.Head{At: e.world.Now(), Actor: clean.Line(e.options.Actor)}
}

// record applies an event to a copy of the run, which reports whether it may
// happen, then appends it to the journal, and only then shows the new state.
func (e *Engine) record(ev runbook.Event) error {
	e.order.Lock()
	defer e.order.Unlock()
	return e.append(ev)
}

// writable returns an error if the run is read-only.
func (e *Engine) writable() error {
	if why := e.options.ReadOnly; why != "" {
		return fmt.Errorf("this run is open for reading only: %s", clean.Line(why))
	}
	return nil
}

// append is record for callers that hold order.
func (e *Engine) append(ev runbook.Event) error {
	if err := e.writable(); err != nil {
		return err
	}
	ev = runbook.Masked(ev)
	next := e.run.Load().Clone()
	if err := next.Apply(ev); err != nil {
		return err
	}
	bound, err := e.take(next, []runbook.Event{ev})
	if err != nil {
		return err
	}
	if err := e.options.Journal.Append(ev); err != nil {
		e.noteJournal()
		return fmt.Errorf("writing the journal: %w", err)
	}
	e.bound.Store(bound)
	e.run.Store(next)
	return nil
}

// Check checks one step and records the result. It returns an error only if the
// step has no check, ctx is canceled, or the result can't be recorded; a check that
// gets no answer has the result Unknown. If two checks of a step overlap, the result
// of the one that started later stays.
func (e *Engine) Check(ctx context.Context, id document.StepID) (runbook.Result, error) {
	ready := make(chan struct{})
	close(ready)
	return e.check(ctx, id, ready)
}

// check is Check where the facts that other steps leave are known once ready is closed.
func (e *Engine) check(ctx context.Context, id document.StepID, ready <-chan struct{}) (runbook.Result, error) {
	b, ok := e.Bound().Step(id)
	if !ok {
		return runbook.Result{}, fmt.Errorf("checking %s: there is no such step", id)
	}
	check := b.Check()
	if check == nil {
		return runbook.Result{}, fmt.Errorf("checking %s: it has no check", b.Label())
	}
	if err := e.writable(); err != nil {
		return runbook.Result{}, err
	}
	number, release := e.asking.Add(1), e.Run().Release()
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if b.Step.Locked && e.Run().Access() == nil { // so that it is said before anything is attempted
		if err := e.checkAccess(ctx); err != nil {
			return runbook.Result{}, err
		}
	}
	in := e.input(b)
	in.await = func(ctx context.Context, fact runbook.Fact) string {
		select {
		case <-ready:
		case <-ctx.Done():
		}
		return e.Run().Facts(id)[fact]
	}
	res := b.ask(ctx, in)
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return res, err // the result may be incomplete
	}
	return res, e.recordAnswer(b, number, release, res)
}

// ask asks the step's check, unless it isn't known what about.
func (b *Binding) ask(ctx context.Context, in Input) runbook.Result {
	if !b.lacks.Empty() {
		return NewReport(in).Unknown("%s.", say.Capital(b.lacks.String()))
	}
	return b.Check().Ask(ctx, in)
}

// recordAnswer records the result of a check. It drops the result if a later check
// has already recorded its own, and returns an error if another release was chosen
// since the check started.
func (e *Engine) recordAnswer(b *Binding, number int64, release string, res runbook.Result) error {
	e.order.Lock()
	defer e.order.Unlock()
	if e.Run().Release() != release {
		return fmt.Errorf("checking %s: another release was chosen meanwhile", b.Label())
	}
	if now, ok := e.Bound().Step(b.Step.ID); !ok || !maps.Equal(now.Params, b.Params) {
		return fmt.Errorf("checking %s: a placeholder was filled in meanwhile", b.Label())
	}
	if e.asked[b.Step.ID] > number {
		return nil
	}
	if release != "" {
		res = b.withFound(res, e.Run().Facts(b.Step.ID))
	}
	res = b.withFilled(res, e.Run())
	if err := e.append(runbook.Checked{Head: e.head(), Step: b.Step.ID, Result: res}); err != nil {
		return err
	}
	e.asked[b.Step.ID] = number
	e.counting.Lock()
	defer e.counting.Unlock()
	if e.checks[b.Step.ID]++; res.Verdict == runbook.Passed {
		delete(e.checks, b.Step.ID)
	}
	return nil
}

func (e *Engine) input(b *Binding) Input {
	in := Input{Params: b.Params, Facts: e.Run().Facts(b.Step.ID), World: e.world, Begun: e.Run().Begun(), Rollback: e.Run().Rollback()}
	if !e.options.AsksOnly {
		in.deployed = func(ctx context.Context, like string) (checkout.Deployed, string) { return e.deployed(ctx, b, like) }
	}
	if len(b.Kind.Effects) > 0 {
		in.Before = e.Run().Effect(b.Step.ID, b.Kind.Effects[0].Name).Relied
	}
	for _, h := range e.Run().Held() {
		in.Held = append(in.Held, h.Names...)
	}
	in.Followed = e.Run().Followed(b.Step.ID)
	if id, effect, ok := e.Run().DoubtedEffect(); ok && id == b.Step.ID {
		in.InDoubt = effect
	}
	return in
}

// CheckAll checks the given steps concurrently and returns when all are done. It
// skips steps without a check, and those that are past. A check that needs a fact which another step leaves
// waits for it when it comes to that: see Input.Await. If a result can't be recorded,
// its step stays as it was.
func (e *Engine) CheckAll(ctx context.Context, ids []document.StepID) {
	_ = e.ask(ctx, slices.DeleteFunc(slices.Clone(ids), e.Run().Past))
}

// ask is CheckAll for all steps with a check, and returns the first error of recording a result.
func (e *Engine) ask(ctx context.Context, ids []document.StepID) error {
	var leave, need []document.StepID
	for _, id := range ids {
		b, ok := e.Bound().Step(id)
		switch {
		case !ok || b.Check() == nil:
		case b.Check().Needs == "":
			leave = append(leave, id)
		default:
			need = append(need, id)
		}
	}
	var group errgroup.Group
	group.SetLimit(checksAtOnce)
	var left sync.WaitGroup
	left.Add(len(leave))
	for _, id := range leave { // first, so that none of those that wait takes their place
		group.Go(func() error {
			defer left.Done()
			_, err := e.Check(ctx, id)
			return err
		})
	}
	ready := make(chan struct{})
	go func(ready chan<- struct{}) {
		left.Wait()
		close(ready)
	}(ready)
	for _, id := range need { // each may leave what the next ones need
		before, after := ready, make(chan struct{})
		group.Go(func() error {
			_, err := e.check(ctx, id, before)
			go func() {
				<-before
				close(after)
			}()
			return err
		})
		ready = after
	}
	return group.Wait()
}

// longestPause is the longest pause between two checks of a step whose kind doesn't ask
// for a longer one.
const longestPause = 30 * time.Second

// Again returns after how long to check the step again, zero if waiting wouldn't
// change the result. The pause grows with the number of checks since the step last
// passed: GitHub answers only 60 anonymous requests an hour.
func (e *Engine) Again(id document.StepID) time.Duration {
	b, ok := e.Bound().Step(id)
	if !ok {
		return 0
	}
	e.counting.Lock()
	checks := e.checks[id]
	e.counting.Unlock()
	again := b.again(e.Run().Step(id).Result)
	return min(again<<min(checks/3, 4), max(longestPause, again))
}

// again returns after how long another check may give a result other than r, zero
// if waiting wouldn't change it.
func (b *Binding) again(r runbook.Result) time.Duration {
	if c := b.Check(); c != nil && c.Again != nil {
		return c.Again(r)
	}
	return 0
}

// Tick records that a person says the step is done.
func (e *Engine) Tick(id document.StepID, note string) error {
	spec, _ := e.Run().Spec(id)
	return e.record(runbook.Ticked{Head: e.head(), Step: id, Hash: spec.Hash, Note: clean.Line(note)})
}

// Untick undoes a person's tick, skip or override of the step, that it was done elsewhere, or that
// its plan looks correct while it isn't applied.
func (e *Engine) Untick(id document.StepID) error {
	return e.record(runbook.Unticked{Head: e.head(), Step: id})
}

// Skip leaves the step out. The reason has at least runbook.MinReason bytes.
func (e *Engine) Skip(id document.StepID, reason string) error {
	return e.record(runbook.Skipped{Head: e.head(), Step: id, Reason: clean.Line(reason)})
}

// Elsewhere returns what services show about a step that someone says to have been done
// elsewhere. It returns nothing if nobody can be asked, and records nothing.
func (e *Engine) Elsewhere(ctx context.Context, id document.StepID) []runbook.Evidence {
	b, ok := e.Bound().Step(id)
	if !ok || b.Kind.Elsewhere == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	r := NewReport(e.input(b))
	b.Kind.Elsewhere(ctx, e.input(b), r)
	return r.evidence
}

// DoneElsewhere records that a person says that the step was carried out by someone, and
// not by this run. The reason has at least runbook.MinReason bytes. Evidence is what the
// person was shown about it.
func (e *Engine) DoneElsewhere(id document.StepID, by, reason string, evidence []runbook.Evidence) error {
	return e.record(runbook.DoneElsewhere{Head: e.head(), Step: id, By: clean.Line(by), Reason: clean.Line(reason), Evidence: evidence})
}

// Override accepts the newest result of the step although it isn't Passed, for as
// long as checks find exactly the same. Names is the value of the step's fact that
// the person was shown: if it has changed since, nothing is accepted.
func (e *Engine) Override(id document.StepID, reason, names string) error {
	return e.record(runbook.Overridden{Head: e.head(), Step: id, Reason: clean.Line(reason), Names: names})
}

// Judge records that a person says the effect's outcome looks correct. Hash is that
// of the outcome they were shown, which must still be the newest.
func (e *Engine) Judge(id document.StepID, effect, hash string) error {
	return e.record(runbook.Judged{Head: e.head(), Step: id, Effect: effect, Hash: hash})
}
