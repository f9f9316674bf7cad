package steps_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/testdata/fake"
)

// planLeft is an executor that comes back to a plan.
type planLeft struct{ rejoining }

func (planLeft) Rejoin(_ context.Context, _ string, s command.Streams) (command.Outcome, error) {
	s.Output([]byte(fake.Deploys))
	return command.Outcome{Whole: true}, nil
}

// A plan was made from the checkout as it was when the command started, not as it is
// when the run is resumed.
func TestAdoptedPlanIsOfTheCheckoutItWasBegunIn(t *testing.T) {
	for name, changes := range map[string]bool{"as it was": false, "changed": true} {
		t.Run(name, func(t *testing.T) {
			w := pretend(t, 0)
			w.must(w.engine.Choose(fake.Tag))
			w.must(w.perform(bump, "bump"))
			w.runs.inner = leaving{}
			if err := w.perform(plan, "plan"); !errors.Is(err, command.ErrDetached) {
				t.Fatalf("leaving a command running: %v", err)
			}
			if changes {
				fake.Write(t, w.dir, "another.tf", "resource {}\n")
			}
			e, err := w.resumed(steps.Options{Mode: runbook.Live, Actor: "tester", Folder: "/runs/7"}, defaultText, planLeft{})
			w.must(err)
			w.engine = e
			e.CheckAll(t.Context(), []document.StepID{w.id(bump)})
			w.must(e.Rejoin(t.Context(), w.session()))
			want := runbook.Passed
			if changes {
				want = runbook.Unknown
			}
			if got := e.Run().Effect(w.id(plan), "plan").Finished.Result; got.Verdict != want {
				t.Errorf("the plan is %q (%s), want %q", got.Verdict, got.Summary, want)
			}
		})
	}
}

// A plan says nothing about an apply in another checkout, neither one that could start
// next nor one that is in doubt.
func TestNothingReliesOnACommandFromElsewhere(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.must(w.perform(bump, "bump"))
	w.must(w.perform(plan, "plan"))
	w.must(w.judge())
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	w.must(os.CopyFS(elsewhere, os.DirFS(w.dir)))
	o := steps.Options{Mode: runbook.Live, Actor: "tester"}
	e, err := w.resumed(o, defaultText, fake.NoCommand{T: t})
	w.must(err)
	w.engine = e
	w.must(e.Prepare(t.Context(), w.id(plan), "apply"))
	e.World().Checkout.Dir = elsewhere
	if err := w.perform(plan, "apply"); err == nil || !strings.Contains(err.Error(), "was run in") {
		t.Errorf("a plan from elsewhere is applied: %v", err)
	}

	w = begun(t)
	e, err = w.resumed(o, defaultText, planning{})
	w.must(err)
	w.engine = e
	w.must(e.Rejoin(t.Context(), w.session()))
	e.World().Checkout.Dir = elsewhere
	if err := w.perform(plan, "plan"); err == nil || !strings.Contains(err.Error(), "was run in") {
		t.Errorf("a plan from elsewhere tells of an apply in doubt: %v", err)
	}
}

// What another run keeps from being run is refused before anything is begun.
func TestAnotherRunIsAskedBeforeACommand(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	busy := errors.New("another run is busy there")
	asked := ""
	e, err := w.resumed(steps.Options{Mode: runbook.Live, Unsettled: func(dir string) error { asked = dir; return busy }}, defaultText, fake.NoCommand{T: t})
	w.must(err)
	w.engine = e
	if err := e.Prepare(t.Context(), w.id(bump), "bump"); !errors.Is(err, busy) {
		t.Errorf("prepared: %v", err)
	}
	if err := w.perform(bump, "bump"); !errors.Is(err, busy) || asked != w.dir {
		t.Errorf("performed: %v, asked about %q", err, asked)
	}
	if e.Run().Effect(w.id(bump), "bump").Started != nil {
		t.Error("it counts as begun")
	}
}

// A step that is gone and comes back with another text is not skipped.
func TestAStepThatComesBackIsNotSkipped(t *testing.T) {
	w := pretend(t, 0)
	o := steps.Options{Mode: runbook.Live, Actor: "tester"}
	text := func(more string) string { return "# Deploy\n\n1. [ ] Sit down.\n" + more }
	e, err := w.resumed(o, text("2. [ ] Call the first person.\n"), nil)
	w.must(err)
	id := e.Bound().Steps[1].Step.ID
	w.must(e.Skip(id, "nobody is there"))
	_, err = w.resumed(o, text(""), nil)
	w.must(err)
	e, err = w.resumed(o, text("2. [ ] Call the first person.\n   Then wait for the second.\n"), nil)
	w.must(err)
	again := e.Bound().Steps[1].Step.ID
	if again != id {
		t.Fatalf("it is another step now: %s, and was %s", again, id)
	}
	if e.Run().Step(id).Skip != nil {
		t.Error("it is skipped for what another text said")
	}
}

// No step is done by a command that is not its own.
func TestAStepIsNotDoneByAnothersCommand(t *testing.T) {
	other := strings.NewReplacer("just plan prod catalog-airflow", "just plan prod another", "just apply prod catalog-airflow", "just apply prod another").Replace(defaultText)
	o := steps.Options{Mode: runbook.Live, Actor: "tester"}
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.must(w.perform(bump, "bump"))
	w.must(w.perform(plan, "plan"))
	if _, err := w.resumed(o, other, fake.NoCommand{T: t}); err != nil {
		t.Errorf("a plan keeps a run from being gone on with: %v", err)
	}

	done := pretend(t, 0)
	done.must(done.through())
	for name, w := range map[string]*walk{"done": done, "running": begun(t)} {
		if _, err := w.resumed(o, other, fake.NoCommand{T: t}); err == nil || !strings.Contains(err.Error(), "another") {
			t.Errorf("%s: the apply of one service counts for another: %v", name, err)
		}
		if _, err := w.resumed(o, defaultText, fake.NoCommand{T: t}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
