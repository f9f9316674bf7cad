package steps_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// sirenKind is a kind that the program doesn't have: in its step a person sounds a
// siren. on says whether it sounds.
func sirenKind(on *bool) *steps.Kind {
	return &steps.Kind{
		Name:   "siren",
		Doc:    "Sound the siren.",
		Params: []steps.Param{{Name: "tower", Doc: "the tower", Required: true, Setting: "the annotation"}},
		Recognise: func(s *document.Step) (steps.Match, bool) {
			for _, l := range s.Links {
				if tower, ok := strings.CutPrefix(l.Target, "https://sirens.test/"); ok {
					return steps.Match{By: steps.ByLink, Why: clean.Line("a link to a siren"), Params: steps.Params{"tower": tower}}, true
				}
			}
			return steps.Match{}, false
		},
		Check: &steps.Check{
			Ask: func(_ context.Context, in steps.Input) runbook.Result {
				r := steps.NewReport(in)
				if *on {
					r.Facts["siren.since"] = r.Now.String()
					return r.Passed("The siren on %s sounds.", in.Params["tower"])
				}
				return r.Failed("The siren on %s is silent.", in.Params["tower"])
			},
			Fresh: time.Minute,
		},
		Effects: []steps.Effect{{
			Name: "sound",
			Spec: func(p steps.Params) runbook.EffectSpec {
				return runbook.EffectSpec{Label: clean.Line("sound the siren"), Confirm: p["tower"]}
			},
			Command: func(p steps.Params) []string { return []string{"siren", "sound", p["tower"]} },
			Finish: func(_ context.Context, in steps.Input, exit int, _ string) runbook.Result {
				if exit != 0 {
					return steps.NewReport(in).Failed("It ended with exit code %d.", exit)
				}
				return steps.NewReport(in).Passed("It sounds.")
			},
		}},
	}
}

// sounding is an executor that sounds the siren, whatever it is given to run.
type sounding struct {
	fake.Alone
	on  *bool
	ran [][]string
}

func (s *sounding) Run(_ context.Context, cmd command.Command, _ command.Streams) (command.Outcome, error) {
	*s.on = true
	s.ran = append(s.ran, cmd.Argv)
	return command.Outcome{Whole: true}, nil
}

// TestAKindIsAddedWithoutTouchingAnythingElse gives Bind a kind made here, and
// walks a runbook that needs it: it is bound, asked, run behind its gate, and done.
func TestAKindIsAddedWithoutTouchingAnythingElse(t *testing.T) {
	on := false
	doc := fake.Parse(t, "# Deploy\n\n1. Sound [the siren](https://sirens.test/north).\n2. Go home.\n")
	bound := steps.Bind(doc, steps.Settings{}, append(kinds.All(), sirenKind(&on)))
	siren := &bound.Steps[0]
	if siren.Kind.Name != "siren" || siren.Params["tower"] != "north" || len(siren.Problems) != 0 {
		t.Fatalf("it is bound as %s with %v: %v", siren.Kind.Name, siren.Params, siren.Problems)
	}
	if home := &bound.Steps[1]; home.Kind.Name != "manual" {
		t.Errorf("the other step is bound as %s", home.Kind.Name)
	}

	w := fake.Connect(t, fake.NewScript(t))
	executor := &sounding{on: &on}
	w.Executor = executor
	e, err := steps.New(bound, w, steps.Options{Mode: runbook.Practice, Actor: "sam"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Choose(fake.Tag); err != nil {
		t.Fatal(err)
	}
	id := siren.Step.ID
	next := func(want steps.Todo) {
		t.Helper()
		if got := steps.Next(e.Run(), siren, w.Now()); got.Do != want {
			t.Fatalf("what is next is %d, want %d", got.Do, want)
		}
	}
	if res, err := e.Check(t.Context(), id); err != nil || res.Verdict != runbook.Failed {
		t.Fatal(res, err)
	}
	next(steps.TodoRun)
	if err := e.Perform(t.Context(), id, "sound", "south", steps.Session{}); err == nil || len(executor.ran) != 0 {
		t.Fatalf("another phrase ran %q: %v", executor.ran, err)
	}
	if err := e.Perform(t.Context(), id, "sound", "north", steps.Session{}); err != nil {
		t.Fatal(err)
	}
	if len(executor.ran) != 1 || strings.Join(executor.ran[0], " ") != "siren sound north" {
		t.Errorf("it ran %q", executor.ran)
	}
	if res, err := e.Check(t.Context(), id); err != nil || res.Verdict != runbook.Passed {
		t.Fatal(res, err)
	}
	next(steps.TodoNothing)
	if e.Run().Facts(id)["siren.since"] == "" {
		t.Error("its fact is not there")
	}
}
