package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
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

// resumed resumes the run as another process would.
func (w *walk) resumed(o steps.Options, text string, executor command.Executor) (*steps.Engine, error) {
	w.t.Helper()
	doc, err := document.Parse("DEPLOYMENT.md", []byte(text))
	if err != nil {
		w.t.Fatal(err)
	}
	world := *w.engine.World()
	world.Executor = executor
	o.Journal = w.journal
	again := steps.Resume
	if o.ReadOnly != "" {
		again = steps.Watch
	}
	return again(steps.Bind(doc, w.settings, kinds.All()), &world, o, w.journal.events)
}

var defaultText = string(runbook.Default())

// begun leaves a run in the middle of an apply.
func begun(t *testing.T) *walk {
	t.Helper()
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.must(w.perform(bump, "bump"))
	w.must(w.perform(plan, "plan"))
	w.must(w.judge())
	w.runs.inner = leaving{}
	if err := w.perform(plan, "apply"); !errors.Is(err, command.ErrDetached) {
		t.Fatalf("leaving a command running: %v", err)
	}
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.InProgress)
	return w
}

// leaving is an executor whose asker goes away at once.
type leaving struct{ fake.Alone }

func (leaving) Run(context.Context, command.Command, command.Streams) (command.Outcome, error) {
	return command.Outcome{}, command.ErrDetached
}

// rejoining answers a Rejoin.
type rejoining struct {
	outcome command.Outcome
	err     error
	folder  *string
}

func (r rejoining) Run(context.Context, command.Command, command.Streams) (command.Outcome, error) {
	panic("something is run again")
}

func (r rejoining) Rejoin(_ context.Context, folder string, s command.Streams) (command.Outcome, error) {
	if r.folder != nil {
		*r.folder = folder
	}
	if r.err == nil {
		s.Output([]byte(fake.Asks + "yes\r\n" + fake.Completed))
	}
	return r.outcome, r.err
}

func TestRejoin(t *testing.T) {
	options := steps.Options{Mode: runbook.Live, Actor: "tester"}
	for name, c := range map[string]struct {
		executor rejoining
		status   runbook.Status
		says     string
	}{
		"it has ended well":  {rejoining{outcome: command.Outcome{Whole: true}}, runbook.Done, "is applied"},
		"it has ended badly": {rejoining{outcome: command.Outcome{Exit: 3, Whole: true}}, runbook.Rejected, "exit code 3"},
		"it was never run":   {rejoining{err: command.ErrNeverRan}, runbook.Unsure, "was not run"},
		"nobody knows":       {rejoining{err: &command.Lost{}}, runbook.Doubtful, "ended: the command's supervisor is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			w := begun(t)
			folder := ""
			c.executor.folder = &folder
			o := options
			o.Folder = "/runs/7"
			e, err := w.resumed(o, defaultText, c.executor)
			w.must(err)
			w.engine = e
			w.must(e.Rejoin(t.Context(), w.session()))
			if got := e.Run().Status(w.id(plan), w.clock.Now()); got != c.status {
				t.Errorf("the step is %q, want %q", got, c.status)
			}
			if got := w.at(plan).Result.Summary.String(); !strings.Contains(got, c.says) {
				t.Errorf("%q does not say %q", got, c.says)
			}
			if done := e.Run().Effect(w.id(plan), "apply").Finished; done != nil && !done.Adopted {
				t.Error("the outcome of an earlier process's command is not called adopted")
			}
			if !strings.HasPrefix(folder, filepath.Clean(o.Folder)+string(filepath.Separator)) || !strings.HasSuffix(folder, "-apply") {
				t.Errorf("it was looked for in %q", folder)
			}
			w.must(e.Rejoin(t.Context(), w.session())) // nothing is running any more
		})
	}
}

// A command whose state can't be read may be running, so nothing is recorded about it.
func TestRejoinThatCannotLook(t *testing.T) {
	w := begun(t)
	e, err := w.resumed(steps.Options{Mode: runbook.Live, Folder: "/runs/7"}, defaultText, rejoining{err: errors.New("permission denied")})
	w.must(err)
	w.engine = e
	if err := e.Rejoin(t.Context(), w.session()); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("it was looked at: %v", err)
	}
	if got := e.Run().Status(w.id(plan), w.clock.Now()); got != runbook.InProgress {
		t.Errorf("the step is %q", got)
	}
}

// What a new plan shows is put in words while an apply is in doubt, and a person
// decides.
func TestDoubtIsSettledByAPerson(t *testing.T) {
	w := begun(t)
	e, err := w.resumed(steps.Options{Mode: runbook.Live, Actor: "tester"}, defaultText, planning{})
	w.must(err)
	w.engine = e
	w.must(e.Rejoin(t.Context(), w.session())) // nothing was kept of it
	w.status(runbook.Pending, runbook.Pending, runbook.Pending, runbook.Pending, runbook.Doubtful)
	w.must(w.perform(plan, "plan"))
	planned := e.Run().Effect(w.id(plan), "plan").Finished
	fake.Contains(t, planned.Result.Summary.String(), "Nothing is left to apply")
	refused(t, w.perform(plan, "apply"), runbook.DemandDoubt, runbook.DemandBefore, runbook.DemandJudgement)
	if err := e.Settle(w.id(plan), "apply", true, "short"); err == nil {
		t.Error("a doubt is settled without a reason")
	}
	w.must(e.Settle(w.id(plan), "apply", true, "the plan shows nothing left to do"))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Decided)
}

// planning is an executor that finds nothing left to do.
type planning struct{ fake.Alone }

func (planning) Run(_ context.Context, cmd command.Command, s command.Streams) (command.Outcome, error) {
	if cmd.Argv[1] != "plan" {
		panic("more than a plan is run")
	}
	s.Output([]byte(fake.Printed("no-changes")))
	return command.Outcome{Whole: true}, nil
}

func TestResume(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	w.must(w.perform(bump, "bump"))
	if _, err := w.resumed(steps.Options{Mode: runbook.Practice}, defaultText, nil); err == nil || !strings.Contains(err.Error(), "live") {
		t.Errorf("a live run is resumed in practice: %v", err)
	}
	changed := strings.Replace(defaultText, "just bump prod catalog-airflow", "just bump prod catalog-scheduler", 1)
	if changed == defaultText {
		t.Fatal("the embedded runbook has no bump")
	}
	e, err := w.resumed(steps.Options{Mode: runbook.Live, Actor: "another"}, changed, fake.NoCommand{T: t})
	w.must(err)
	w.engine = e
	w.status(runbook.Pending, runbook.Pending, runbook.Pending, runbook.Pending)
	if !w.at(bump).Changed || w.at(release).Changed {
		t.Error("the step whose text has changed is not marked, or another one is")
	}
	if got := e.Run().Release(); got != fake.Tag {
		t.Errorf("the release is %q", got)
	}
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done)

	// A command of a step that is not there any more cannot be placed.
	if _, err := w.resumed(steps.Options{Mode: runbook.Live}, "# Nothing is left\n\n1. Sit down.\n", nil); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("a command was lost: %v", err)
	}
}

func TestLookingChangesNothing(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	before, past := w.journal.tried, len(w.journal.events)
	e, err := w.resumed(steps.Options{Mode: runbook.Live, ReadOnly: "sam has it open."}, defaultText, fake.NoCommand{T: t})
	w.must(err)
	w.sent.Take()
	for name, err := range map[string]error{
		"tick":    e.Tick(w.id(release), ""),
		"choose":  e.Choose("v1"),
		"prepare": e.Prepare(t.Context(), w.id(bump), "bump"),
		"perform": e.Perform(t.Context(), w.id(bump), "bump", environment, steps.Session{}),
		"check":   func() error { _, err := e.Check(t.Context(), w.id(release)); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "open for reading only: sam has it open") {
			t.Errorf("%s: %v", name, err)
		}
	}
	e.CheckAll(t.Context(), []document.StepID{w.id(release)})
	if sent := w.sent.Take(); sent > 0 || w.journal.tried != before {
		t.Errorf("looking sent %d requests and wrote %d events", sent, w.journal.tried-before)
	}
	w.must(w.perform(bump, "bump"))
	w.must(e.Observe(w.journal.events[past:]))
	if e.Run().Effect(w.id(bump), "bump").Finished == nil {
		t.Error("what another process recorded is not seen")
	}
	if err := w.engine.Observe(nil); err == nil {
		t.Error("a run is observed that is this process's own")
	}
}

// What is recorded holds no secret, not even where it is compared byte for byte.
func TestRecordsHoldNoSecret(t *testing.T) {
	const secret = "correct-horse-battery"
	clean.Secret(secret)
	w := pretend(t, 0)
	w.engine.World().Checkout.Dir = filepath.Join(w.dir, "..", filepath.Base(w.dir))
	doc, err := document.Parse("DEPLOYMENT.md", append(runbook.Default(), "\n\nThe password is "+secret+".\n"...))
	w.must(err)
	_, err = steps.New(steps.Bind(doc, w.settings, kinds.All()), w.engine.World(), steps.Options{Mode: runbook.Live, Journal: w.journal, Source: "/" + secret + "/D.md"})
	w.must(err)
	w.site.Runs(fake.DAGRun(secret, "r", "running", time.Minute))
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	for _, e := range w.journal.events {
		data, err := json.Marshal(e)
		w.must(err)
		if strings.Contains(string(data), secret) {
			t.Errorf("%s holds it: %.200s", e.Type(), data)
		}
	}
	if names := w.at(idleDAGs).Result.Facts["dags.active"]; !strings.Contains(names, clean.Mask) {
		t.Errorf("the runs that are active are %q", names)
	}
}

// interruptible is an executor whose command ends when it is stopped.
type interruptible struct{ fake.Alone }

func (interruptible) Run(_ context.Context, _ command.Command, s command.Streams) (command.Outcome, error) {
	if <-s.Stop != command.Interrupt {
		return command.Outcome{Exit: 1, Whole: true}, nil
	}
	return command.Outcome{Exit: 130, Whole: true}, nil
}

// Who interrupts a command is on record.
func TestStopsAreRecorded(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.runs.inner = interruptible{}
	stop := make(chan steps.Stop, 1)
	stop <- steps.Interrupt
	w.must(w.engine.Perform(t.Context(), w.id(bump), "bump", environment, steps.Session{Stop: stop}))
	e := w.engine.Run().Effect(w.id(bump), "bump")
	if e.Finished == nil || e.Finished.Exit != 130 {
		t.Errorf("it ended as %+v", e.Finished)
	}
	if e.Stopped == nil || e.Stopped.How != runbook.Interrupted || e.Stopped.Actor.String() != "tester" {
		t.Errorf("on record is %+v", e.Stopped)
	}
}
