package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/failpoint"
	"catalog-runbook/runbook/say"
)

// Changes is how the program carries out an effect itself: it changes things in a
// service, one after the other. Its functions may ask services, and only Set changes
// anything.
type Changes struct {
	// Where returns the address of the service.
	Where func(Params) string
	// On lists what the effect can change now. An error means that this isn't known.
	On func(context.Context, Input) (Scope, error)
	// Set changes one thing, if it is still as On has found it. It is called once for
	// each thing.
	Set func(ctx context.Context, in Input, name string) Change
	// Look finds out what became of a thing that Set may have changed.
	Look func(ctx context.Context, in Input, name string) Change
}

// Scope is what an effect can change.
type Scope struct {
	Things []Thing
	Where  clean.Text   // the address of the service
	Urgent int          // how many of the things, the first, keep the step from holding
	About  []clean.Text // sentences that a person must know before they confirm it
}

// Thing is something that an effect can change.
type Thing struct {
	Name string
	Note clean.Text // why it matters now: "due in 30 s"; may be empty
}

// Change is what became of one thing.
type Change struct {
	Done    bool
	Unknown bool       // it can't be known whether it is done
	Text    clean.Text // a clause: "a is paused"
}

// setLimit is the time limit for changing one thing, or for looking at it.
const setLimit = 45 * time.Second

// changes returns the binding of a step and how its effect changes things.
func (e *Engine) changes(id document.StepID, effect string) (*Binding, *Changes, error) {
	b, ok := e.Bound().Step(id)
	if !ok {
		return nil, nil, fmt.Errorf("there is no step %s", id)
	}
	run := b.Kind.Effect(effect)
	switch {
	case run == nil || run.Changes == nil:
		return nil, nil, fmt.Errorf("%s changes nothing by %q", b.Label(), clean.Line(effect))
	case len(b.Problems) > 0:
		return nil, nil, fmt.Errorf("%s: %s", b.Label(), b.Problems[0])
	}
	return b, run.Changes, e.sameService(b, run.Changes)
}

// sameService returns an error if the step has changed something in another service than
// the one that it would ask now. A practice world has other addresses each time.
func (e *Engine) sameService(b *Binding, c *Changes) error {
	where := clean.Masked(c.Where(b.Params))
	for _, s := range e.Run().Step(b.Step.ID).Effects {
		if s.Started != nil && len(s.Held)+len(s.Open) > 0 && s.Started.Dir != where && e.options.Mode != runbook.Practice {
			return say.Hint(fmt.Errorf("this run has changed something at %s, but now %s would be asked", clean.Line(s.Started.Dir), clean.Line(where)), "restore the settings")
		}
	}
	return nil
}

// changing returns the input for the functions of an effect that changes things.
func (e *Engine) changing(b *Binding, effect string) Input {
	in := e.input(b)
	spec, _ := e.Run().Spec(b.Step.ID)
	if s := spec.Effect(effect); s != nil && s.Undoes != "" {
		effect = s.Undoes
	}
	in.Held = e.Run().Effect(b.Step.ID, effect).Held
	return in
}

// Scope returns what an effect would change, for a person to confirm. It first repeats
// the checks that the effect relies on, and returns a *runbook.Refusal if its gate
// demands more than the confirmation. A dry run isn't refused for being one.
func (e *Engine) Scope(ctx context.Context, id document.StepID, effect string) (Scope, error) {
	b, c, err := e.changes(id, effect)
	if err != nil {
		return Scope{}, err
	}
	if err := e.writable(); err != nil {
		return Scope{}, err
	}
	spec, _ := e.Run().Spec(id)
	if spec.Effect(effect).Undoes == "" {
		if err := e.refresh(ctx, id, false); err != nil {
			return Scope{}, err
		}
	}
	if err := e.missing(id, effect); err != nil && e.Mode() != runbook.DryRun {
		return Scope{}, err
	}
	return e.scope(ctx, b, c, effect)
}

func (e *Engine) scope(ctx context.Context, b *Binding, c *Changes, effect string) (Scope, error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	s, err := c.On(ctx, e.changing(b, effect))
	if err != nil {
		return Scope{}, err
	}
	// A name that can't be recorded couldn't be found again.
	if i := slices.IndexFunc(s.Things, func(t Thing) bool { return clean.Masked(t.Name) != t.Name }); i >= 0 {
		return Scope{}, fmt.Errorf("%s looks like a secret, so what would be changed can't be recorded", clean.Line(s.Things[i].Name))
	}
	s.Where = clean.Line(c.Where(b.Params))
	return s, nil
}

// Change carries out an effect on the named things, which a person has seen and
// confirmed by typing phrase. It repeats the checks that the effect relies on, passes the
// gate, records the intent, and records what became of each thing before it goes on to
// the next. What can't be changed any more is left out. If it can't be known what became
// of one, Change stops there, and the effect is in doubt: Rejoin looks again. A request
// to stop, or the end of ctx, lets it end after the present thing. Change returns an
// error if nothing was changed or if that can't be recorded; else the outcome is a
// result.
func (e *Engine) Change(ctx context.Context, id document.StepID, effect, phrase string, names []string, s Session) error {
	if !e.effects.TryLock() {
		return errBusy
	}
	defer e.effects.Unlock()
	b, c, err := e.changes(id, effect)
	if err != nil {
		return err
	}
	if err := e.record(runbook.Confirmed{Head: e.head(), Step: id, Effect: effect, Phrase: phrase}); err != nil {
		return err
	}
	failpoint.Reach("change:confirmed")
	spec, _ := e.Run().Spec(id)
	if spec.Effect(effect).Undoes == "" {
		if err := e.refresh(ctx, id, true); err != nil {
			return fmt.Errorf("asking again before anything is changed: %w", err)
		}
	}
	scope, err := e.scope(ctx, b, c, effect)
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !slices.ContainsFunc(scope.Things, func(t Thing) bool { return t.Name == name })
	})
	if len(names) == 0 {
		return errors.New("nothing of what was confirmed is left to change; hint: verify the step again")
	}
	words := strings.Fields(spec.Effect(effect).Label.String())
	started := runbook.EffectStarted{Head: e.head(), Step: id, Effect: effect, Argv: append(words, names...), Dir: c.Where(b.Params), On: names}
	if err := e.record(started); err != nil {
		return err
	}
	failpoint.Reach("change:intent")
	in := e.changing(b, effect)
	stopped := "" // why nothing more is changed
	unknown, err := e.each(started, s, func(name string) Change {
		select {
		case <-ctx.Done():
			stopped = "it was ended"
		case <-s.Stop:
			stopped = "it was ended"
		default:
		}
		if stopped != "" {
			return Change{Text: clean.Linef("%s was left alone, because %s", name, stopped)}
		}
		failpoint.Reach("change:before")
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), setLimit)
		defer cancel()
		change := c.Set(limited, in, name)
		if change.Unknown {
			stopped = "the outcome for " + name + " is unknown"
		}
		failpoint.Reach("change:set")
		return change
	})
	return e.changed(started, false, unknown, err)
}

// each records what becomes of each thing that isn't settled, and shows it. It returns
// those of which it can't be known.
func (e *Engine) each(started runbook.EffectStarted, s Session, do func(name string) Change) (unknown []string, err error) {
	for _, name := range e.Run().Effect(started.Step, started.Effect).Open {
		change := do(name)
		if change.Unknown {
			unknown = append(unknown, change.Text.String())
		} else {
			did := runbook.EffectDid{Head: e.head(), Step: started.Step, Effect: started.Effect, Name: name, Done: change.Done, Text: change.Text}
			if err := e.record(did); err != nil {
				return nil, err
			}
			failpoint.Reach("change:did")
		}
		if s.Show != nil {
			s.Show(Output{Lines: []clean.Text{change.Text}})
		}
	}
	return unknown, nil
}

// lookFor finds out what became of things whose change was begun.
func (e *Engine) lookFor(ctx context.Context, started runbook.EffectStarted, s Session) error {
	b, c, err := e.changes(started.Step, started.Effect)
	if err != nil {
		return err
	}
	in := e.changing(b, started.Effect)
	unknown, err := e.each(started, s, func(name string) Change {
		limited, cancel := context.WithTimeout(ctx, setLimit)
		defer cancel()
		return c.Look(limited, in, name)
	})
	if ctx.Err() != nil {
		return ctx.Err() // it is as it was
	}
	return e.changed(started, true, unknown, err)
}

// changed records the outcome of an effect. adopted says that it was found out later.
func (e *Engine) changed(started runbook.EffectStarted, adopted bool, unknown []string, err error) error {
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		text := clean.Linef("Nobody knows how `%s` ended: %s.", say.CommandLine(started.Argv), strings.Join(unknown, "; "))
		return e.record(runbook.EffectDoubted{Head: e.head(), Step: started.Step, Effect: started.Effect, Text: text})
	}
	b, _ := e.Bound().Step(started.Step)
	spec, _ := e.Run().Spec(started.Step)
	done, not, first := e.Run().Effect(started.Step, started.Effect).Outcome()
	r := NewReport(e.input(b))
	finished := runbook.EffectFinished{Head: e.head(), Step: started.Step, Effect: started.Effect, Adopted: adopted}
	made := spec.Effect(started.Effect)
	switch {
	case len(not) == 0:
		finished.Result = r.Passed("%s %s: %s.", say.Plural(len(done), made.Thing+" is", made.Thing+"s are"), made.Made, strings.Join(done, ", "))
	case len(done) == 0:
		finished.Exit, finished.Result = 1, r.Failed("Not %s: %s (%s).", made.Made, strings.Join(not, ", "), first)
	default:
		finished.Exit, finished.Result = 1, r.Failed("%d of %s %s: %s. Not %s: %s (%s).", len(done), say.Plural(len(done)+len(not), made.Thing+" is", made.Thing+"s are"), made.Made, strings.Join(done, ", "), made.Made, strings.Join(not, ", "), first)
	}
	failpoint.Reach("change:before-outcome")
	return e.record(finished)
}
