package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
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

// memory is the journal of a run that is not kept.
type memory struct{}

// Append keeps nothing and never fails.
func (memory) Append(runbook.Event) error { return nil }

// Options say whose run it is and what it may touch.
type Options struct {
	Mode        runbook.Mode
	Environment string // of the run, for the screen: "prod", "practice: calm"
	Actor       string // who acts, for the record
	Journal     Journal
	// Source and Settings are the files that the run was begun with, for those
	// who go on with it: absolute, "" for the embedded document and for none.
	Source, Settings string
	// Folder is where commands leave their records, one folder a command; ""
	// where they run without a supervisor, and end with this process.
	Folder string
	// Unsettled says why no command of a live run may begin in the checkout, because
	// of another run; nil asks nobody. It may be called concurrently.
	Unsettled func(dir string) error
	// ReadOnly says why the run is only looked at, "" where it is not. Whatever
	// would be recorded is refused with it.
	ReadOnly string
}

// Engine checks, gates and runs the steps of one run. Front ends show its state
// and pass on what a person wants; whether it may happen is the engine's to
// say. All methods may be called concurrently and may block, except Run,
// Bound, World, Mode, Unwritable and ReadOnly, which never do.
type Engine struct {
	bound   *Bound
	world   *World
	options Options

	unwritable atomic.Pointer[error] // why the journal takes no more events

	order sync.Mutex // held while an event is made durable: the journal's order is the run's
	run   atomic.Pointer[runbook.Run]

	asked   map[document.StepID]int64 // by order: the newest question whose answer is on record
	asking  atomic.Int64              // questions are numbered, so that an older answer never replaces a newer one
	effects sync.Mutex                // held while a command is run: one at a time

	counting sync.Mutex              // guards looks; never held while waiting for anything
	looks    map[document.StepID]int // at a step, since it last passed
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
		Source: o.Source, Settings: o.Settings, Text: b.Document.Text(),
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
	e := &Engine{bound: b, world: w, options: o, asked: map[document.StepID]int64{}, looks: map[document.StepID]int{}}
	e.noteJournal()
	return e, nil
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

// Unwritable returns why the journal takes no more events, nil while it does.
// From then on nothing can be said, checked or run.
func (e *Engine) Unwritable() error {
	if err := e.unwritable.Load(); err != nil {
		return *err
	}
	return nil
}

// noteJournal keeps why the journal takes no more events, so that nobody who asks
// has to wait for the disk.
func (e *Engine) noteJournal() {
	if j, ok := e.options.Journal.(interface{ Err() error }); ok {
		if err := j.Err(); err != nil {
			e.unwritable.Store(&err)
		}
	}
}

// ReadOnly returns why the run is only looked at, the empty text where it is not.
func (e *Engine) ReadOnly() clean.Text { return clean.Line(e.options.ReadOnly) }

func (e *Engine) head() runbook.Head {
	return runbook.Head{At: e.world.Now(), Actor: clean.Line(e.options.Actor)}
}

// record adds an event: first to a copy, which says whether it may happen, then
// to the journal, and only then to the state that is shown.
func (e *Engine) record(ev runbook.Event) error {
	e.order.Lock()
	defer e.order.Unlock()
	return e.append(ev)
}

// writable refuses to do anything in a run that is only looked at.
func (e *Engine) writable() error {
	if why := e.options.ReadOnly; why != "" {
		return fmt.Errorf("this run is only looked at: %s", clean.Line(why))
	}
	return nil
}

// append is record for those who hold order.
func (e *Engine) append(ev runbook.Event) error {
	if err := e.writable(); err != nil {
		return err
	}
	ev = masked(ev)
	next := e.run.Load().Clone()
	if err := next.Apply(ev); err != nil {
		return err
	}
	if err := e.options.Journal.Append(ev); err != nil {
		e.noteJournal()
		return fmt.Errorf("writing the journal: %w", err)
	}
	e.run.Store(next)
	return nil
}

// Check asks the world about one step and records the answer. It returns an
// error only if the step cannot be checked, the asker has gone, or the answer
// could not be recorded; a question without an answer is an Unknown result. Of
// two answers that cross, the one that was asked for later stays.
func (e *Engine) Check(ctx context.Context, id document.StepID) (runbook.Result, error) {
	b, ok := e.bound.Step(id)
	if !ok {
		return runbook.Result{}, fmt.Errorf("checking %s: there is no such step", id)
	}
	check := b.Kind.Check
	if check == nil {
		return runbook.Result{}, fmt.Errorf("checking %s: nobody can be asked about it", b.Label())
	}
	if err := e.writable(); err != nil {
		return runbook.Result{}, err
	}
	number, release := e.asking.Add(1), e.Run().Release()
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	res := check.Ask(ctx, e.input(b))
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return res, err // the asker has gone; what was found may be half an answer
	}
	return res, e.recordAnswer(b, number, release, res)
}

// recordAnswer adds the answer to a question unless it was about another release
// than the run is about now, or a later question has its answer already.
func (e *Engine) recordAnswer(b *Binding, number int64, release string, res runbook.Result) error {
	e.order.Lock()
	defer e.order.Unlock()
	if e.Run().Release() != release {
		return fmt.Errorf("checking %s: another release was chosen meanwhile", b.Label())
	}
	if e.asked[b.Step.ID] > number {
		return nil
	}
	if err := e.append(runbook.Checked{Head: e.head(), Step: b.Step.ID, Result: res}); err != nil {
		return err
	}
	e.asked[b.Step.ID] = number
	e.counting.Lock()
	defer e.counting.Unlock()
	if e.looks[b.Step.ID]++; res.Verdict == runbook.Passed {
		delete(e.looks, b.Step.ID)
	}
	return nil
}

func (e *Engine) input(b *Binding) Input {
	in := Input{Params: b.Params, Facts: e.Run().Facts(b.Step.ID), World: e.world}
	if id, effect, ok := e.Run().DoubtedEffect(); ok && id == b.Step.ID {
		in.InDoubt = effect
	}
	return in
}

// CheckAll asks about all the given steps side by side, and returns when the
// last has answered. Steps that cannot be checked are passed over. Only a step
// that needs a fact which nobody has left yet, or which another step finds to be
// different now, waits for the others. An answer that could not be recorded
// leaves its step as it was.
func (e *Engine) CheckAll(ctx context.Context, ids []document.StepID) { _ = e.ask(ctx, ids) }

// ask is CheckAll with the first error of a record.
func (e *Engine) ask(ctx context.Context, ids []document.StepID) error {
	run := e.Run()
	var now, later []document.StepID
	needs := map[document.StepID]string{}
	for _, id := range ids {
		b, ok := e.bound.Step(id)
		if !ok || b.Kind.Check == nil {
			continue
		}
		needs[id] = b.Kind.Check.Needs
		if needs[id] != "" && run.Facts(id)[needs[id]] == "" {
			later = append(later, id)
		} else {
			now = append(now, id)
		}
	}
	err := e.wave(ctx, now)
	for _, id := range now {
		if fact := needs[id]; fact != "" && e.Run().Facts(id)[fact] != run.Facts(id)[fact] {
			later = append(later, id) // it was asked about what is no longer so
		}
	}
	return cmp.Or(err, e.wave(ctx, later))
}

// wave asks side by side.
func (e *Engine) wave(ctx context.Context, ids []document.StepID) error {
	var group errgroup.Group
	group.SetLimit(checksAtOnce)
	for _, id := range ids {
		group.Go(func() error {
			_, err := e.Check(ctx, id)
			return err
		})
	}
	return group.Wait()
}

// longestPause is how long a pause between two looks becomes at the most.
const longestPause = 30 * time.Second

// Again returns after how long it is worth asking about the step again, zero
// where waiting is of no use. The pause grows the longer the step has been asked
// about without success: GitHub answers 60 anonymous requests in an hour.
func (e *Engine) Again(id document.StepID) time.Duration {
	b, ok := e.bound.Step(id)
	if !ok {
		return 0
	}
	e.counting.Lock()
	looks := e.looks[id]
	e.counting.Unlock()
	return min(b.again(e.Run().Step(id).Result)<<min(looks/3, 4), longestPause)
}

// again returns after how long asking again may give another answer than this one,
// zero where waiting is of no use.
func (b *Binding) again(r runbook.Result) time.Duration {
	if c := b.Kind.Check; c != nil && c.Again != nil {
		return c.Again(r)
	}
	return 0
}

// Tick records that a person says the step is done.
func (e *Engine) Tick(id document.StepID, note string) error {
	spec, _ := e.Run().Spec(id)
	return e.record(runbook.Ticked{Head: e.head(), Step: id, Hash: spec.Hash, Note: clean.Line(note)})
}

// Untick takes back what a person said of the step: a tick, a skip, an override.
func (e *Engine) Untick(id document.StepID) error {
	return e.record(runbook.Unticked{Head: e.head(), Step: id})
}

// Skip leaves the step out. The reason has at least runbook.MinReason bytes.
func (e *Engine) Skip(id document.StepID, reason string) error {
	return e.record(runbook.Skipped{Head: e.head(), Step: id, Reason: clean.Line(reason)})
}

// Override accepts what the newest check found against the step, for as long as
// it finds exactly that. Names is the value of the step's fact that the person
// was shown: what has changed since is not accepted.
func (e *Engine) Override(id document.StepID, reason, names string) error {
	return e.record(runbook.Overridden{Head: e.head(), Step: id, Reason: clean.Line(reason), Names: names})
}

// Choose fixes the release that the run is about.
func (e *Engine) Choose(tag string) error {
	if !WellFormedTag(tag) {
		return fmt.Errorf("choosing the release: %q is not a tag", clean.Line(tag))
	}
	if err := e.record(runbook.ReleaseChosen{Head: e.head(), Tag: tag}); err != nil {
		return err
	}
	e.counting.Lock()
	defer e.counting.Unlock()
	clear(e.looks)
	return nil
}

// Judge records that a person says that what the effect showed looks correct.
// Hash is what was shown: it must still be what the effect showed last.
func (e *Engine) Judge(id document.StepID, effect, hash string) error {
	return e.record(runbook.Judged{Head: e.head(), Step: id, Effect: effect, Hash: hash})
}
