package questions_test

import (
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/questions"
	"catalog-runbook/steps/testdata/fake"
)

// TestConfirmationNamesExceptions: who confirms an apply is told once more what doesn't hold by
// what was found, but because someone said so.
func TestConfirmationNamesExceptions(t *testing.T) {
	now := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	bound := steps.Bind(fake.Parse(t, "# Deploy\n\n1. See that [no DAG runs](https://airflow.test/dagrun/list/?_flt_3_state=running).\n"+
		"2. Call everybody.\n3. Run `just plan prod web`, then `just apply prod web`.\n"), steps.Settings{}, kinds.All())
	run := runbook.NewRun(bound.Specs())
	head := runbook.Head{At: now, Actor: clean.Line("sam")}
	specs := run.Specs()
	for _, ev := range []runbook.Event{
		runbook.Started{Head: head, Mode: runbook.Practice, Environment: clean.Line("prod")},
		runbook.Checked{Head: head, Step: specs[0].ID, Result: runbook.Result{Verdict: runbook.Failed, Facts: runbook.Facts{specs[0].Override: "backup run_1"}}},
		runbook.Overridden{Head: head, Step: specs[0].ID, Reason: clean.Line("it can be cut off"), Names: "backup run_1"},
		runbook.Skipped{Head: head, Step: specs[1].ID, Reason: clean.Line("nobody is there")},
	} {
		if err := run.Apply(ev); err != nil {
			t.Fatal(err)
		}
	}
	step, _ := bound.Step(specs[2].ID)
	for _, effect := range specs[2].Effects {
		q := questions.Command{Step: step, Effect: effect, Phrase: "prod", Dir: "/infra"}
		full, brief := strings.Join(q.Question(run, questions.Named), "\n"), strings.Join(q.Question(run, 0), "\n")
		const accepted, skipped = "Accepted: step 1, it can be cut off.\nSkipped: step 2, nobody is there.", "Accepted: step 1.\nSkipped: step 2."
		if named := strings.Contains(full, accepted) && strings.Contains(brief, skipped); named != effect.Judged {
			t.Errorf("%s: named is %t\n%s\n%s", effect.Label, named, full, brief)
		}
	}
}
