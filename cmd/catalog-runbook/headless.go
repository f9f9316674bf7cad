package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/pick"
	"catalog-runbook/steps/questions"
)

// headless is the run that a command acts on without showing it.
type headless struct {
	Run string `help:"The run, or the beginning of its name (default: the newest)." placeholder:"RUN"`
	filling
}

type tickCommand struct {
	headless
	Step string `arg:"" help:"The step: its number, kind or ID."`
	Undo bool   `help:"Undo a tick, a skip or an acceptance instead."`
}

type skipCommand struct {
	headless
	Step   string `arg:"" help:"The step: its number, kind or ID."`
	Reason string `required:"" help:"Why it is skipped, or how you know that it was done elsewhere."`
	By     string `help:"Who has deployed elsewhere; only for a step that deploys, which can't be skipped." placeholder:"WHO"`
}

type verifyCommand struct {
	headless
	Step []string `arg:"" optional:"" help:"The steps: their numbers, kinds or IDs (default: all that can be checked)."`
}

// hold opens a run that no other process holds.
func (r runStore) hold(id string) (*openRun, *journal.History, error) {
	j, history, err := r.store.Open(id, r.holder)
	var held *journal.HeldError
	if errors.As(err, &held) {
		return nil, nil, exitError{exitHeld, fmt.Errorf("run %s is held by %s; hint: quit it there first, or watch it: catalog-runbook resume --watch %s", id, held.Holder, id)}
	}
	if err != nil {
		return nil, nil, err
	}
	if history.Damage != nil && len(history.Records) == 0 {
		_ = j.Close()
		return nil, nil, exitError{exitDamaged, fmt.Errorf("resuming %s: %s", id, history.Notice())}
	}
	return &openRun{r, j}, history, nil
}

// with resumes the run, and lets do act on it.
func (h headless) with(ctx context.Context, s streams, do func(*steps.Engine) error) error {
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	id, err := runs.find(h.Run)
	if err != nil {
		return err
	}
	k, history, err := runs.hold(id)
	if err != nil {
		return err
	}
	defer k.close()
	if why := unwritable(history); why != "" {
		return exitError{exitDamaged, fmt.Errorf("run %s can't be written: %s", id, why)}
	}
	w, done, err := resumeCommand{}.open(ctx, s, id, journal.Events(history.Records), k.options(steps.Options{}))
	if err != nil {
		return err
	}
	defer done()
	if err := h.fill(w.engine); err != nil {
		return refused(err)
	}
	return do(w.engine)
}

// lookAt checks steps, and those before them, which leave what the others need: a resumed run
// knows nothing of what was found before.
func lookAt(ctx context.Context, e *steps.Engine, wanted ...*steps.Binding) {
	var ids []document.StepID
	for _, w := range wanted {
		for i := range e.Bound().Steps {
			b := &e.Bound().Steps[i]
			if b.Check() != nil && b.Procedure() == w.Procedure() && !slices.Contains(ids, b.Step.ID) {
				ids = append(ids, b.Step.ID)
			}
			if b.Step.ID == w.Step.ID {
				break
			}
		}
	}
	e.CheckAll(ctx, ids)
}

// refused returns the error of a statement that the gates refuse.
func refused(err error) error {
	var refusal *runbook.Refusal
	if errors.As(err, &refusal) {
		return exitError{exitFailed, err}
	}
	return err
}

// say prints the status of a step.
func (headless) say(s streams, e *steps.Engine, b *steps.Binding) error {
	line := fmt.Sprintf("%s: %s", say.Capital(strings.Trim(b.Label().String(), `"`)), e.Run().Status(b.Step.ID, e.World().Now()))
	if summary := e.Run().Step(b.Step.ID).Result.Summary; !summary.Empty() {
		line += ". " + summary.String()
	}
	_, err := fmt.Fprintln(s.out, line)
	return err
}

// Run records that a person has done a step by hand.
func (c tickCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, s, func(e *steps.Engine) error {
		b, err := pick.Step(e.Bound(), c.Step)
		if err != nil {
			return err
		}
		spec, _ := e.Run().Spec(b.Step.ID)
		switch {
		case c.Undo:
			err = e.Untick(b.Step.ID)
		case questions.Planner(&spec) != nil:
			err = exitError{exitFailed, errors.New("a plan must be read before it is confirmed; hint: catalog-runbook resume, with --plain if there is no screen")}
		case spec.Checks && spec.Stated: // what is ticked must have been seen
			lookAt(ctx, e, b)
			err = e.Tick(b.Step.ID, "")
		default:
			err = e.Tick(b.Step.ID, "")
		}
		if err != nil {
			return refused(err)
		}
		return c.say(s, e, b)
	})
}

// Run verifies a step, and skips it if that gives no answer. A step that deploys is
// marked as done elsewhere.
func (c skipCommand) Run(ctx context.Context, s streams) error {
	if short := questions.ShortReason(c.Reason); short != "" {
		return errors.New(short)
	}
	return c.with(ctx, s, func(e *steps.Engine) error {
		b, err := pick.Step(e.Bound(), c.Step)
		if err != nil {
			return err
		}
		id := b.Step.ID
		spec, _ := e.Run().Spec(id)
		now := e.World().Now()
		switch {
		case spec.Deploys && c.By == "":
			return errors.New("a step that deploys can't be skipped; hint: if it was deployed elsewhere, say who did it with --by, and how you know with --reason")
		case !spec.Deploys && c.By != "":
			return errors.New("--by is only for a step that deploys; hint: leave it out")
		case spec.Deploys:
			if err = e.Run().May(runbook.MarkElsewhere, id, now); err == nil {
				err = e.DoneElsewhere(id, c.By, c.Reason, e.Elsewhere(ctx, id))
			}
		default:
			lookAt(ctx, e, b)
			err = e.Skip(id, c.Reason)
		}
		if err != nil {
			return refused(err)
		}
		return c.say(s, e, b)
	})
}

// Run verifies steps of a run and records what was found.
func (c verifyCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, s, func(e *steps.Engine) error {
		checked, err := c.checked(e.Bound())
		if err != nil {
			return err
		}
		lookAt(ctx, e, checked...)
		if err := ctx.Err(); err != nil {
			return err
		}
		var results []runbook.Result
		for _, b := range checked {
			results = append(results, e.Run().Step(b.Step.ID).Result)
			if err := c.say(s, e, b); err != nil {
				return err
			}
		}
		return asError(exitCode(results))
	})
}

// checked returns the steps to verify.
func (c verifyCommand) checked(bound *steps.Bound) ([]*steps.Binding, error) {
	var all []*steps.Binding
	for _, name := range c.Step {
		b, err := pick.Step(bound, name)
		if err != nil {
			return nil, err
		}
		if b.Check() == nil {
			return nil, fmt.Errorf("%s can't be checked: do it and tick it; hint: catalog-runbook tick %s", b.Label(), clean.Line(name))
		}
		all = append(all, b)
	}
	for i := range bound.Steps {
		if b := &bound.Steps[i]; len(c.Step) == 0 && b.Check() != nil && b.Procedure() == bound.Steps[0].Procedure() {
			all = append(all, b)
		}
	}
	return all, nil
}
