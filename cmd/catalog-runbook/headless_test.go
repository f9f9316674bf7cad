package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/steps"
)

// headlessUntil says where a headless walk stops: right after its resumption
// ("resume"), before the apply ("apply"), or after it ("applied"). With "pause" or "unpause"
// it pauses two DAGs, or unpauses what it has paused, and does nothing else.
const headlessUntil = "CATALOG_RUNBOOK_TEST_UNTIL"

// headlessTag is the release that the headless walk deploys.
const headlessTag = "v1.5.4"

// headlessWalk walks the deployment without a terminal and without a person, as
// far as it comes: it is what the kill loop kills. It goes on with the newest
// run, or begins one, and writes a line for every record once it is kept.
func headlessWalk() {
	if err := walkHeadless(context.Background(), system()); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("done")
}

// acking tells whoever reads our output which records are kept.
type acking struct {
	inner steps.Journal
	seq   *int
}

func (a acking) Append(e runbook.Event) error {
	if err := a.inner.Append(e); err != nil {
		return err
	}
	*a.seq++
	fmt.Println("ack", *a.seq, e.Type())
	return nil
}

func walkHeadless(ctx context.Context, s streams) error {
	l, err := source{}.load()
	if err != nil {
		return err
	}
	world, err := realWorld(ctx, s, l.settings, runbook.Live)
	if err != nil {
		return err
	}
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	engine, err := headlessEngine(runs, l, world)
	if err != nil {
		return err
	}
	if err := engine.Rejoin(ctx, steps.Session{}); err != nil {
		return fmt.Errorf("rejoining: %w", err)
	}
	fmt.Println("found", foundHeadless(engine.Run()))
	for _, h := range engine.Run().Held() {
		fmt.Println("held", strings.Join(h.Names, " "))
	}
	if os.Getenv(headlessUntil) == "resume" {
		return nil
	}
	if engine.Run().Release() == "" {
		if err := engine.Choose(headlessTag); err != nil {
			return err
		}
	}
	switch effect := os.Getenv(headlessUntil); effect {
	case "pause", "unpause":
		return pauseHeadless(ctx, engine, effect)
	}
	return deployHeadless(ctx, engine)
}

// foundHeadless says in a word what is known of the apply.
func foundHeadless(run *runbook.Run) string {
	switch e := run.Effect(planStep, "apply"); {
	case e.Started == nil:
		return "not-begun"
	case e.InDoubt():
		return "doubt"
	case e.Finished != nil && e.Finished.Exit < 0:
		return "never-ran"
	case e.Finished != nil && e.Finished.Adopted:
		return fmt.Sprintf("adopted-%d", e.Finished.Exit)
	case e.Finished != nil:
		return fmt.Sprintf("finished-%d", e.Finished.Exit)
	}
	return "running"
}

func headlessEngine(runs runStore, l *loaded, world *steps.World) (*steps.Engine, error) {
	seq := 0
	ids, err := runs.store.List()
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 {
		j, history, err := runs.store.Open(ids[0], runs.holder)
		if err != nil {
			return nil, err
		}
		if why := unwritable(history); why != "" {
			return nil, errors.New(why)
		}
		if seq = len(history.Records); seq > 0 {
			k := &openRun{runs, j}
			o := k.options(steps.Options{Mode: runbook.Live})
			o.Journal = acking{j, &seq}
			return steps.Resume(l.bound, world, o, journal.Events(history.Records))
		}
		if err := j.Close(); err != nil { // killed before anything was on record
			return nil, err
		}
		if err := runs.store.Remove(ids[0]); err != nil {
			return nil, err
		}
	}
	k, err := runs.begin()
	if err != nil {
		return nil, err
	}
	o := k.options(steps.Options{Mode: runbook.Live, Environment: "prod"})
	o.Journal = acking{k.journal, &seq}
	return steps.New(l.bound, world, o)
}

// deployHeadless does what is left to do. A plan that shows nothing left to do is
// an end too: an apply of which nobody knew the outcome was carried out.
func deployHeadless(ctx context.Context, e *steps.Engine) error {
	var all []document.StepID
	for i := range e.Bound().Steps {
		all = append(all, e.Bound().Steps[i].Step.ID)
	}
	perform := func(id document.StepID, effect string) error {
		return e.Perform(ctx, id, effect, e.Run().Phrase(id, effect), steps.Session{})
	}
	for range 8 {
		e.Access(ctx)
		e.CheckAll(ctx, all)
		if id, effect, ok := e.Run().DoubtedEffect(); ok {
			fmt.Println("doubt", effect)
			if err := e.Settle(id, effect, false, "the kill loop looks for itself"); err != nil {
				return err
			}
		}
		if e.Run().Status(bumpStep, e.World().Now()) != runbook.Done {
			if err := perform(bumpStep, "bump"); err != nil {
				return fmt.Errorf("bumping: %w", err)
			}
			continue
		}
		if done := e.Run().Effect(planStep, "apply").Finished; done != nil && done.Result.Verdict == runbook.Passed {
			return nil
		}
		if e.Run().May(runbook.Effect("apply"), planStep, e.World().Now()).(*runbook.Refusal).Only(runbook.DemandConfirmation, runbook.DemandJudgement) {
			if err := e.Judge(planStep, "plan", e.Run().OutcomeHash(planStep, "plan")); err != nil {
				return err
			}
			if os.Getenv(headlessUntil) == "apply" {
				return nil
			}
			if err := perform(planStep, "apply"); err != nil {
				return fmt.Errorf("applying: %w", err)
			}
			if os.Getenv(headlessUntil) == "applied" {
				return nil
			}
			continue
		}
		if err := perform(planStep, "plan"); err != nil {
			return fmt.Errorf("planning: %w", err)
		}
		if plan := e.Run().Effect(planStep, "plan").Finished; plan != nil && plan.Exit == 0 && plan.Result.Verdict == runbook.Failed {
			fmt.Println("nothing left:", plan.Result.Summary)
			return nil
		}
	}
	return errors.New("the walk does not come to its end")
}
