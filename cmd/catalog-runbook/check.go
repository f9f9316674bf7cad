package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/pick"
)

type checkCommand struct {
	source
	Release string   `help:"The release to deploy (default: the newest)." placeholder:"TAG"`
	Step    []string `help:"Check this step only: its number, kind or ID, as lint lists them; may be repeated." placeholder:"STEP"`

	Procedure string `help:"Check the steps of this procedure, by its section id, or 'all' (default: the first procedure)." placeholder:"ID" env:"CATALOG_RUNBOOK_PROCEDURE"`

	filling

	Wait lasting `help:"Check again for this long while a failed step may still pass: 10m, 90s, or a number of seconds." placeholder:"DURATION" env:"CATALOG_RUNBOOK_WAIT"`
	JSON bool    `help:"Write JSON."`

	base http.RoundTripper // sends the requests; nil means the hardened transport
}

// lasting is how long to wait. Without a unit it is in seconds.
type lasting time.Duration

// UnmarshalText reads a duration such as "10m" or "600".
func (p *lasting) UnmarshalText(text []byte) error {
	word := string(text)
	if _, err := strconv.ParseUint(word, 10, 32); err == nil {
		word += "s"
	}
	d, err := time.ParseDuration(word)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a duration; write one like 10m, 90s or 5 (seconds)", clean.Line(string(text)))
	}
	*p = lasting(d)
	return nil
}

// manualVerdict is the verdict of a step that only a person can judge.
const manualVerdict = "manual"

// checkOutput is the JSON of check. `help json` documents its shape.
type checkOutput struct {
	Steps []checkStep `json:"steps"`
	Exit  int         `json:"exit"`
}

type checkStep struct {
	ID       string             `json:"id"`
	Kind     string             `json:"kind"`
	Verdict  string             `json:"verdict"`
	Waiting  bool               `json:"waiting,omitempty"` // failed, and expected to pass by itself
	Summary  clean.Text         `json:"summary"`
	Evidence []runbook.Evidence `json:"evidence"`
	Known    *checkKnown        `json:"last_known,omitempty"` // the answer before one that got none
}

// Run checks the steps of a procedure once. The exit code sums up the results.
func (c checkCommand) Run(ctx context.Context, s streams) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	bound := l.bound
	if err := l.someSteps(); err != nil {
		return err
	}
	asked, err := c.chosen(bound)
	if err != nil {
		return err
	}
	// A dry run's world sends only GET and HEAD requests and can't run a command.
	world, err := steps.Connect(l.settings, settings.Credentials(ctx, l.settings, s.getenv), true, nil, c.base)
	if err != nil {
		return err
	}
	world.Earlier, world.SettingsFile = earlierRuns(s), l.settingsFile
	engine, err := steps.New(bound, world, steps.Options{Mode: runbook.DryRun, Actor: actor(s), AsksOnly: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "Checking the steps of %s.\n", clean.Line(bound.Document.Name))
	if err := c.fill(engine); err != nil {
		return err
	}
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
	if left := c.left(bound, asked); left != "" {
		fmt.Fprintf(s.err, "Not checked: %s. To check them too: --procedure all.\n", left)
	}
	return asError(out.Exit)
}

// chosen returns the steps named on the command line, or else those of a procedure: the
// one that is named, or the document's first. What the program adds follows a deployment,
// which a check doesn't make.
func (c checkCommand) chosen(b *steps.Bound) ([]document.StepID, error) {
	var ids []document.StepID
	for _, name := range c.Step {
		step, err := pick.Step(b, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, step.Step.ID)
	}
	if len(ids) > 0 {
		return ids, nil
	}
	walked := c.Procedure
	if walked == "" {
		walked = b.Steps[0].Procedure()
	}
	for i := range b.Steps {
		if step := &b.Steps[i]; walked == allProcedures || step.Procedure() == walked && !step.Kind.Question && !step.Added() {
			ids = append(ids, step.Step.ID)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("no procedure %q; hint: use the id of a section that has steps, such as airflow/dag-deployments, or %q", clean.Line(c.Procedure), allProcedures)
	}
	return ids, nil
}

// left says which steps a check of a whole procedure has left out, "" if there are none.
func (c checkCommand) left(b *steps.Bound, asked []document.StepID) string {
	if len(c.Step) > 0 {
		return "" // a person has named what they want to know
	}
	walked, others := "", 0
	if first, ok := b.Step(asked[0]); ok {
		walked = first.Procedure()
	}
	var added, parts []string
	for i := range b.Steps {
		switch step := &b.Steps[i]; {
		case slices.Contains(asked, step.Step.ID), step.Kind.Question:
		case step.Procedure() != walked:
			others++
		default:
			added = append(added, step.Kind.Name)
		}
	}
	if len(added) > 0 {
		parts = append(parts, "what the program adds after a deployment ("+strings.Join(added, ", ")+")")
	}
	if others > 0 {
		parts = append(parts, say.Count(others, "step")+" of other procedures")
	}
	return strings.Join(parts, ", and ")
}

// allProcedures stands for every step of the document.
const allProcedures = "all"

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
		fmt.Fprintf(s.err, "No --release given: checking the newest, %s.\n", clean.Line(tag))
	}
	if tag == "" {
		return nil
	}
	return e.Choose(tag)
}

// ask checks the steps once, and with --wait again those that failed but may change.
func (c checkCommand) ask(ctx context.Context, e *steps.Engine, ids []document.StepID) {
	until := e.World().Now().Add(time.Duration(c.Wait))
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

// checkKnown is what the last answer about a step was.
type checkKnown struct {
	Verdict string     `json:"verdict"`
	Summary clean.Text `json:"summary"`
	At      time.Time  `json:"observed_at"`

	word string // the verdict for people
}

func outcome(e *steps.Engine, ids []document.StepID) checkOutput {
	out := checkOutput{Steps: []checkStep{}}
	var results []runbook.Result
	for _, id := range ids {
		b, _ := e.Bound().Step(id)
		res := e.Run().Step(id).Result
		step := checkStep{ID: string(id), Kind: b.Kind.Name, Verdict: string(res.Verdict), Waiting: res.Waiting, Summary: res.Summary, Evidence: res.Evidence}
		if b.Check() == nil {
			step.Verdict, step.Summary = manualVerdict, b.Step.Text
		} else {
			results = append(results, res)
		}
		if step.Evidence == nil {
			step.Evidence = []runbook.Evidence{}
		}
		if known := e.Run().Step(id).Known; known != nil {
			step.Known = &checkKnown{string(known.Result.Verdict), known.Result.Summary, known.At, known.Result.Word()}
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
		word := step.Verdict
		if step.Waiting {
			word = string(runbook.Waiting)
		}
		fmt.Fprintf(&text, "%-8s %-4s %-15s %s\n", word, number(b), step.Kind, step.Summary)
		if k := step.Known; k != nil {
			fmt.Fprintf(&text, "%14slast seen %s: %s: %s\n", "", k.At.Format(time.TimeOnly), k.word, k.Summary)
		}
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
