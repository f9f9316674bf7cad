package steps_test

import (
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// story is a run of the embedded runbook that is told event by event, with nobody
// asked and nothing run.
type story struct {
	t     *testing.T
	bound *steps.Bound
	run   *runbook.Run
	now   time.Time
}

func tell(t *testing.T, mode runbook.Mode, text string) *story {
	t.Helper()
	var s steps.Settings
	s.GitHub.Repository = "o/r"
	y := &story{t: t, bound: steps.Bind(fake.Parse(t, text), s, kinds.All()), now: fake.Moment}
	y.run = runbook.NewRun(y.bound.Specs())
	return y.add(runbook.Started{Head: y.head(), Mode: mode, Environment: clean.Line("prod")}, runbook.AccessSeen{Head: y.head(), Granted: true})
}

func (y *story) head() runbook.Head          { return runbook.Head{At: y.now, Actor: clean.Line("sam")} }
func (y *story) id(i int) document.StepID    { return y.bound.Steps[i].Step.ID }
func (y *story) spec(i int) runbook.Spec     { return y.run.Specs()[i] }
func (y *story) wait(d time.Duration) *story { y.now = y.now.Add(d); return y }

func (y *story) add(events ...runbook.Event) *story {
	y.t.Helper()
	for _, e := range events {
		if err := y.run.Apply(e); err != nil {
			y.t.Fatalf("%s: %v", e.Type(), err)
		}
	}
	return y
}

func (y *story) choose() *story {
	y.t.Helper()
	return y.add(runbook.ReleaseChosen{Head: y.head(), Tag: fake.Tag})
}

// found tells what a check of the step has found, and which facts it has left.
func (y *story) found(i int, v runbook.Verdict, facts ...string) *story {
	y.t.Helper()
	return y.add(runbook.Checked{Head: y.head(), Step: y.id(i), Result: result(v, facts)})
}

func result(v runbook.Verdict, facts []string) runbook.Result {
	r := runbook.Result{Verdict: v, Facts: runbook.Facts{}}
	for i := 0; i < len(facts); i += 2 {
		r.Facts[runbook.Fact(facts[i])] = facts[i+1]
	}
	return r
}

// checked is a run that is ready for its commands.
func (y *story) checked() *story {
	y.t.Helper()
	return y.choose().found(release, runbook.Passed).found(imageTag, runbook.Passed).found(idleDAGs, runbook.Passed).
		found(bump, runbook.Failed, string(y.spec(bump).Effects[0].Needs), "yes")
}

// bumped is a run that is ready for the plan.
func (y *story) bumped() *story {
	y.t.Helper()
	return y.checked().ran(bump, "bump", runbook.Passed).found(bump, runbook.Passed, "bump.diff", "d1")
}

// planned is a run with a plan that hasn't been judged yet.
func (y *story) planned() *story {
	y.t.Helper()
	return y.bumped().ran(plan, "plan", runbook.Passed, "plan.hash", "h1", "plan.release", fake.Tag, "plan.checkout", "d1")
}

func (y *story) judged() *story {
	y.t.Helper()
	return y.planned().add(runbook.Judged{Head: y.head(), Step: y.id(plan), Effect: "plan", Hash: "h1"})
}

func (y *story) begun(i int, effect string) *story {
	y.t.Helper()
	phrase := y.run.Phrase(y.id(i), effect)
	return y.add(runbook.Confirmed{Head: y.head(), Step: y.id(i), Effect: effect, Phrase: phrase}, runbook.EffectStarted{Head: y.head(), Step: y.id(i), Effect: effect})
}

func (y *story) ran(i int, effect string, v runbook.Verdict, facts ...string) *story {
	y.t.Helper()
	exit := 0
	if v != runbook.Passed {
		exit = 1
	}
	return y.begun(i, effect).add(runbook.EffectFinished{Head: y.head(), Step: y.id(i), Effect: effect, Exit: exit, Result: result(v, facts)})
}

func (y *story) doubted(i int, effect string) *story {
	y.t.Helper()
	return y.begun(i, effect).add(runbook.EffectDoubted{Head: y.head(), Step: y.id(i), Effect: effect, Text: clean.Line("Nobody knows.")})
}

func TestNext(t *testing.T) {
	older := []string{"release.older", "v2 came after it"}
	tests := []struct {
		name   string
		step   int
		story  func(*story) *story
		want   steps.Todo
		effect string // "" for none
	}{
		{"nothing has happened", release, func(y *story) *story { return y }, steps.TodoChooseRelease, ""},
		{"a release is chosen", release, (*story).choose, steps.TodoVerify, ""},
		{"nobody has asked", imageTag, (*story).choose, steps.TodoVerify, ""},
		{"it is not there yet", imageTag, func(y *story) *story { return y.choose().found(imageTag, runbook.Failed, "image.coming", "soon") }, steps.TodoWait, ""},
		{"no answer", imageTag, func(y *story) *story { return y.choose().found(imageTag, runbook.Unknown) }, steps.TodoRetry, ""},
		{"it holds", imageTag, func(y *story) *story { return y.choose().found(imageTag, runbook.Passed) }, steps.TodoNothing, ""},
		{"it held long ago", imageTag, func(y *story) *story { return y.choose().found(imageTag, runbook.Passed).wait(time.Hour) }, steps.TodoVerifyAgain, ""},
		{"an older release", release, func(y *story) *story { return y.choose().found(release, runbook.Failed, older...) }, steps.TodoAccept, ""},
		{"earlier steps are open", bump, (*story).choose, steps.TodoEarlier, "bump"},
		{"the checkout was not looked at", bump, func(y *story) *story {
			return y.choose().found(release, runbook.Passed).found(imageTag, runbook.Passed).found(idleDAGs, runbook.Passed)
		}, steps.TodoVerifyFirst, "bump"},
		{"all is ready", bump, (*story).checked, steps.TodoRun, "bump"},
		{"earlier verdicts are old", bump, func(y *story) *story { return y.checked().wait(time.Hour) }, steps.TodoRun, "bump"},
		{"a command has failed", bump, func(y *story) *story { return y.checked().ran(bump, "bump", runbook.Failed) }, steps.TodoRunAgain, "bump"},
		{"a command is not understood", bump, func(y *story) *story { return y.checked().ran(bump, "bump", runbook.Unknown) }, steps.TodoRunAgain, "bump"},
		{"a command is running", bump, func(y *story) *story { return y.checked().begun(bump, "bump") }, steps.TodoFollow, ""},
		{"a command is in doubt", bump, func(y *story) *story { return y.checked().doubted(bump, "bump") }, steps.TodoSettle, "bump"},
		{"before the plan", plan, (*story).bumped, steps.TodoRun, "plan"},
		{"after the plan", plan, (*story).planned, steps.TodoJudge, "apply"},
		{"the plan looks correct", plan, (*story).judged, steps.TodoRun, "apply"},
		{"the plan is old", plan, func(y *story) *story { return y.judged().wait(time.Hour) }, steps.TodoRun, "plan"},
		{"the checkout has changed since", plan, func(y *story) *story {
			return y.judged().found(bump, runbook.Passed, "bump.diff", "d2")
		}, steps.TodoRun, "plan"},
		{"the apply is in doubt", plan, func(y *story) *story { return y.judged().doubted(plan, "apply") }, steps.TodoSettle, "plan"},
		{"applied", plan, func(y *story) *story { return y.judged().ran(plan, "apply", runbook.Passed) }, steps.TodoNothing, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			y := tt.story(tell(t, runbook.Live, defaultText))
			a := steps.Next(y.run, &y.bound.Steps[tt.step], y.now)
			effect := ""
			if a.Effect != nil {
				effect = a.Effect.Name
			}
			if a.Do != tt.want || effect != tt.effect {
				t.Errorf("got %d and the command %q, want %d and %q; reasons: %v", a.Do, effect, tt.want, tt.effect, a.Reasons)
			}
		})
	}
}

func TestNextSaysWhy(t *testing.T) {
	y := tell(t, runbook.Live, defaultText).choose()
	if a := steps.Next(y.run, &y.bound.Steps[bump], y.now); a.Earlier != y.id(release) || !a.Lacks(runbook.DemandEarlier) || a.Lacks(runbook.DemandConfirmation) {
		t.Errorf("before the bump comes %q: %v", a.Earlier, a.Reasons)
	}
	y.found(idleDAGs, runbook.Failed, "dags.active", "one")
	if a := steps.Next(y.run, &y.bound.Steps[idleDAGs], y.now); a.Do != steps.TodoWait || !a.Acceptable {
		t.Errorf("runs that are going on: %+v", a)
	}
	y = tell(t, runbook.Live, defaultText).checked().ran(bump, "bump", runbook.Failed)
	if a := steps.Next(y.run, &y.bound.Steps[bump], y.now); a.Verdict != runbook.Failed {
		t.Errorf("a bump that failed: %+v", a)
	}
}

// TestNextInDoubt: a plan that was made after the doubt shows what is left to do.
func TestNextInDoubt(t *testing.T) {
	y := tell(t, runbook.Live, defaultText).judged().doubted(plan, "apply")
	d := steps.Next(y.run, &y.bound.Steps[plan], y.now).Doubt
	if d == nil || d.Effect.Name != "apply" || d.Event == nil || d.Since != nil {
		t.Fatalf("in doubt: %+v", d)
	}
	y.wait(time.Minute).ran(plan, "plan", runbook.Passed, "plan.hash", "h2")
	if d := steps.Next(y.run, &y.bound.Steps[plan], y.now).Doubt; d == nil || d.Since == nil {
		t.Errorf("planned again: %+v", d)
	}
}

func TestNextInDryRun(t *testing.T) {
	y := tell(t, runbook.DryRun, defaultText).choose()
	for _, want := range []string{"plan", "apply"} {
		a := steps.Next(y.run, &y.bound.Steps[plan], y.now)
		if a.Do != steps.TodoPretend || a.Effect.Name != want {
			t.Errorf("got %d, %v; want to pretend %q", a.Do, a.Effect, want)
		}
		y.add(runbook.Pretended{Head: y.head(), Step: y.id(plan), Effect: want})
	}
	if a := steps.Next(y.run, &y.bound.Steps[plan], y.now); a.Do != steps.TodoNothing || a.Effect != nil {
		t.Errorf("when all was pretended: %+v", a)
	}
}

func TestNextByHand(t *testing.T) {
	y := tell(t, runbook.Live, "# Deploy\n\n1. Tell the team.\n2. Have a tea.\n\n# Later\n\n1. Sleep.\n\n# If it fails\n\n1. Roll back.\n")
	b := &y.bound.Steps[0]
	if a := steps.Next(y.run, b, y.now); a.Do != steps.TodoTick {
		t.Errorf("by hand: %+v", a)
	}
	for i, want := range []int{1, 2, -1} {
		y.add(runbook.Ticked{Head: y.head(), Step: y.id(i), Hash: y.spec(i).Hash})
		next := steps.NextStep(y.run, y.bound, b, y.now)
		if want < 0 && next != nil || want >= 0 && next != &y.bound.Steps[want] {
			t.Errorf("after step %d comes %v", i, next)
		}
	}
	if a := steps.Next(y.run, b, y.now); a.Do != steps.TodoNothing {
		t.Errorf("ticked: %+v", a)
	}
}

// TestNextAfterAQuestion: a question holds nothing back, and what follows it is the
// procedure that its answer leads to.
func TestNextAfterAQuestion(t *testing.T) {
	const needed runbook.Fact = "deployment.needed"
	b := steps.Bind(fake.Parse(t, "# Deploy\n\nA service deployment is needed in these cases:\n\n- so\n\n1. Do it.\n\n# Code\n\n<!-- runbook: kind=pull-request -->\nMerge it.\n"), steps.Settings{}, kinds.All())
	e, err := steps.New(b, &steps.World{Now: time.Now}, steps.Options{Mode: runbook.Practice})
	if err != nil {
		t.Fatal(err)
	}
	inOrder := b.InOrder()
	question := inOrder[0]
	if len(inOrder) != 3 || !question.Kind.Question {
		t.Fatalf("%d steps, first %s", len(inOrder), question.Kind.Name)
	}
	for _, tt := range []struct{ need, next string }{{"", "manual"}, {"service", "manual"}, {"DAGs", "pull-request"}, {"nothing", "manual"}} {
		run := e.Run().Clone()
		if tt.need != "" {
			ev := runbook.Checked{Step: question.Step.ID, Result: runbook.Result{Verdict: runbook.Failed, Facts: runbook.Facts{needed: tt.need}, Summary: clean.Line("It is.")}}
			ev.At = time.Now()
			if err := run.Apply(ev); err != nil {
				t.Fatal(err)
			}
		}
		if next := steps.NextStep(run, b, question, time.Now()); next == nil || next.Kind.Name != tt.next {
			t.Errorf("after %q comes %+v, want %s", tt.need, next, tt.next)
		}
		if next := steps.NextStep(run, b, inOrder[1], time.Now()); next == nil || next.Kind.Question {
			t.Errorf("the question comes after a step")
		}
	}
}
