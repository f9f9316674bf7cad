package steps

import (
	"errors"
	"fmt"
	"slices"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// Resume continues the run whose history is events. Its mode stays: a practice or
// dry run never becomes a live one. Ticks keep who made them and when. Every check
// must be run again, and decisions about steps whose text has changed are dropped.
// If a command was running, call Rejoin next.
func Resume(b *Bound, w *World, o Options, events []runbook.Event) (*Engine, error) {
	e, err := Watch(b, w, o, events)
	if err != nil {
		return nil, err
	}
	b = e.Bound()
	if err := displaced(b, e.Run()); err != nil {
		return nil, err
	}
	resumed := runbook.Resumed{Head: e.head(), DocumentHash: b.Document.Hash()}
	if added := b.AddedSteps(); !slices.Equal(added, AddedIn(events)) {
		resumed.Added = added
	}
	if before := DocumentText(events); before != clean.Masked(b.Document.Text()) {
		resumed.Text, resumed.Changed = b.Document.Text(), changed(b, before, e.Run())
	}
	if err := e.record(resumed); err != nil {
		return nil, err
	}
	return e, e.lapseLost()
}

// lapseLost records which effects can't be relied on any more because what they
// made was lost while the run was closed.
func (e *Engine) lapseLost() error {
	for i := range e.Bound().Steps {
		b := &e.Bound().Steps[i]
		for _, s := range b.Kind.Effects {
			if s.Kept == nil {
				continue
			}
			in := e.executing(b, runbook.EffectStarted{Step: b.Step.ID, Effect: s.Name})
			var gone *Lapse
			if e.wants(b.Step.ID, s.Name, runbook.DemandBefore) || !errors.As(s.Kept(in), &gone) {
				continue
			}
			if err := e.lapsed(b, s.Name, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// wants reports whether the gate of an effect has an unmet demand of the given kind.
func (e *Engine) wants(id document.StepID, effect string, d runbook.Demand) bool {
	var refusal *runbook.Refusal
	return errors.As(e.Run().May(runbook.Effect(effect), id, e.world.Now()), &refusal) &&
		slices.ContainsFunc(refusal.Reasons, func(r runbook.Reason) bool { return r.Demand == d })
}

// displaced returns an error if a step counts as done, or may soon, because of a
// command that the step no longer has: its outcome would be shown at a step whose
// command was never run.
func displaced(b *Bound, run *runbook.Run) error {
	for i := range b.Steps {
		step := &b.Steps[i]
		spec, _ := run.Spec(step.Step.ID)
		if spec.Checks || len(step.Kind.Effects) == 0 {
			continue
		}
		last := &step.Kind.Effects[len(step.Kind.Effects)-1]
		s := run.Effect(spec.ID, last.Name)
		if s.Started == nil || s.Finished != nil && s.Finished.Result.Verdict != runbook.Passed || s.Settled != nil && !s.Settled.Done {
			continue
		}
		if argv := clean.MaskedAll(last.Command(step.Params)); !slices.Equal(argv, s.Started.Argv) {
			return fmt.Errorf("resuming the run: `%s` was run for %s, and its command is `%s` now; hint: put the document and the settings back as they were, or begin a new run",
				say.CommandLine(s.Started.Argv), step.Label(), say.CommandLine(argv))
		}
	}
	return nil
}

// Watch replays a run without resuming it. Options.ReadOnly must be set by callers
// that only show the run.
func Watch(b *Bound, w *World, o Options, events []runbook.Event) (*Engine, error) {
	b = b.Filled(events)
	run, err := runbook.Replay(b.Specs(), events)
	if err != nil {
		return nil, fmt.Errorf("%w; hint: the document has changed too much for this run; restore it, or begin a new run", err)
	}
	if run.Mode() != o.Mode {
		return nil, fmt.Errorf("resuming the run: it was begun as %s and stays that", run.Mode())
	}
	e, err := newEngine(b, w, o)
	if err != nil {
		return nil, err
	}
	e.run.Store(run)
	return e, nil
}

// Observe adds events that another process has recorded to a read-only run. It
// returns an error if the run isn't read-only.
func (e *Engine) Observe(events []runbook.Event) error {
	if e.options.ReadOnly == "" {
		return errors.New("observing the run: it is not another process's")
	}
	e.order.Lock()
	defer e.order.Unlock()
	next := e.run.Load().Clone()
	if err := next.Follow(events); err != nil {
		return err
	}
	bound, err := e.take(next, events)
	if err != nil {
		return err
	}
	e.bound.Store(bound)
	e.run.Store(next)
	return nil
}

// DocumentText returns the newest document text among the events, "" if there is
// none.
func DocumentText(events []runbook.Event) string {
	text := ""
	for _, ev := range events {
		switch ev := ev.(type) {
		case runbook.Started:
			text = ev.Text
		case runbook.Resumed:
			if ev.Text != "" {
				text = ev.Text
			}
		}
	}
	return text
}

// AddedIn returns the steps that the program has added, according to the events of a run:
// an earlier version may have added none.
func AddedIn(events []runbook.Event) []document.StepID {
	var added []document.StepID
	for _, ev := range events {
		switch ev := ev.(type) {
		case runbook.Started:
			added = ev.Added
		case runbook.Resumed:
			if ev.Added != nil {
				added = ev.Added
			}
		}
	}
	return added
}

// changed lists the steps whose text has changed since before, and those with
// decisions that were missing from it: the decisions may be about another text.
func changed(b *Bound, before string, run *runbook.Run) []document.StepID {
	doc, err := document.Parse(b.Document.Name, []byte(before))
	hashes := map[document.StepID]string{}
	if err == nil {
		for _, s := range doc.Steps {
			hashes[s.ID] = s.Hash()
		}
	}
	var ids []document.StepID
	for i := range b.Steps {
		s := b.Steps[i].Step
		if b.Steps[i].Added() {
			continue // it isn't in the document
		}
		said := run.Step(s.ID)
		back := said.Skip != nil || said.Elsewhere != nil || said.Override != nil || said.Judgement != nil
		if was, ok := hashes[s.ID]; err != nil || ok && was != s.Hash() || !ok && back {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// Settle records a person's decision about a command in doubt: whether it was
// carried out. The reason has at least runbook.MinReason bytes.
func (e *Engine) Settle(id document.StepID, effect string, done bool, reason string) error {
	return e.record(runbook.Settled{Head: e.head(), Step: id, Effect: effect, Done: done, Reason: clean.Line(reason)})
}
