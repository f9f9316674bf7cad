package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

type checkCommand struct {
	source
	Release string        `help:"The release that the deployment is about; the newest one where none is named." placeholder:"TAG"`
	Step    []string      `help:"Ask about this step only; may be repeated." placeholder:"ID"`
	Wait    time.Duration `help:"Ask again for this long while a failed step may still come to hold." placeholder:"DURATION"`
	JSON    bool          `help:"Write JSON."`

	base http.RoundTripper // sends the requests; nil means the hardened transport
}

// manualVerdict is the verdict of a step that only a person can judge.
const manualVerdict = "manual"

// checkOutput is the JSON of check. The README documents its shape.
type checkOutput struct {
	Steps []checkStep `json:"steps"`
	Exit  int         `json:"exit"`
}

type checkStep struct {
	ID       string             `json:"id"`
	Kind     string             `json:"kind"`
	Verdict  string             `json:"verdict"`
	Summary  clean.Text         `json:"summary"`
	Evidence []runbook.Evidence `json:"evidence"`
}

// Run checks every step once. The exit code sums up the results.
func (c checkCommand) Run(ctx context.Context, s streams) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	bound := l.bound
	if len(bound.Steps) == 0 {
		return fmt.Errorf("%s has no steps; hint: write them as an ordered list or as task items", bound.Document.Name)
	}
	asked, err := c.chosen(bound)
	if err != nil {
		return err
	}
	creds, err := credentials(ctx, s, l.settings)
	if err != nil {
		return err
	}
	// A dry run's world sends only GET and HEAD requests and can't run a command.
	world, err := steps.Connect(l.settings, creds, true, nil, c.base)
	if err != nil {
		return err
	}
	world.Earlier = earlierRuns(s)
	engine, err := steps.New(bound, world, steps.Options{Mode: runbook.DryRun, Actor: actor(s)})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "Asking about the steps of %s.\n", clean.Line(bound.Document.Name))
	if err := c.choose(ctx, engine, s); err != nil {
		return err
	}
	c.ask(ctx, engine, asked)
	if ctx.Err() != nil {
		return exitError{code: exitInterrupted}
	}
	out := outcome(engine, asked)
	if c.JSON {
		err = writeJSON(s.out, out)
	} else {
		err = writeCheck(s.out, engine, out)
	}
	if err != nil {
		return err
	}
	return asError(out.Exit)
}

// chosen returns the steps named on the command line, or else all steps.
func (c checkCommand) chosen(b *steps.Bound) ([]document.StepID, error) {
	var ids []document.StepID
	if len(c.Step) == 0 {
		for i := range b.Steps {
			ids = append(ids, b.Steps[i].Step.ID)
		}
		return ids, nil
	}
	for _, id := range c.Step {
		if _, ok := b.Step(document.StepID(id)); !ok {
			return nil, fmt.Errorf("there is no step %q; hint: `catalog-runbook lint --json` lists the ids", id)
		}
		ids = append(ids, document.StepID(id))
	}
	return ids, nil
}

// choose chooses the release: the one on the command line, or else the newest. If it
// can't find the newest, the steps that need it say why, and the others are checked.
func (c checkCommand) choose(ctx context.Context, e *steps.Engine, s streams) error {
	tag := c.Release
	if tag == "" && e.Bound().ReleaseStep() != nil {
		newest, err := e.Newest(ctx)
		if err != nil {
			return nil
		}
		tag = newest
		fmt.Fprintf(s.err, "No release was named: asking about the newest, %s.\n", clean.Line(tag))
	}
	if tag == "" {
		return nil
	}
	return e.Choose(tag)
}

// ask checks the steps once, and with --wait again those that failed but may change.
func (c checkCommand) ask(ctx context.Context, e *steps.Engine, ids []document.StepID) {
	until := e.World().Now().Add(c.Wait)
	e.CheckAll(ctx, ids)
	for c.Wait > 0 {
		var pause time.Duration
		var again []document.StepID
		for _, id := range ids {
			if after := e.Again(id); after > 0 {
				again, pause = append(again, id), max(pause, after)
			} else if e.Run().Step(id).Result.Verdict == runbook.Unknown {
				again = append(again, id) // it may need a fact from one of the others
			}
		}
		if pause == 0 || e.World().Now().Add(pause).After(until) {
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		e.CheckAll(ctx, again)
	}
}

func outcome(e *steps.Engine, ids []document.StepID) checkOutput {
	out := checkOutput{Steps: []checkStep{}}
	var results []runbook.Result
	for _, id := range ids {
		b, _ := e.Bound().Step(id)
		res := e.Run().Step(id).Result
		step := checkStep{ID: string(id), Kind: b.Kind.Name, Verdict: string(res.Verdict), Summary: res.Summary, Evidence: res.Evidence}
		if b.Kind.Check == nil {
			step.Verdict, step.Summary = manualVerdict, b.Step.Text
		} else {
			results = append(results, res)
		}
		if step.Evidence == nil {
			step.Evidence = []runbook.Evidence{}
		}
		out.Steps = append(out.Steps, step)
	}
	out.Exit = exitCode(results)
	return out
}

func writeCheck(w io.Writer, e *steps.Engine, out checkOutput) error {
	var text strings.Builder
	for _, step := range out.Steps {
		b, _ := e.Bound().Step(document.StepID(step.ID))
		fmt.Fprintf(&text, "%-8s %-4s %-15s %s\n", step.Verdict, number(b), step.Kind, step.Summary)
		for _, ev := range step.Evidence {
			fmt.Fprintf(&text, "%14s%s: %s", "", ev.Name, ev.Value)
			if !ev.Source.Empty() {
				fmt.Fprintf(&text, " (%s)", ev.Source)
			}
			fmt.Fprintln(&text)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}
