package steps_test

import (
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// TestAddedSteps: the program adds what follows a deployment to each procedure that has one,
// unless it is there, or the document says nothing of the service.
func TestAddedSteps(t *testing.T) {
	const (
		airflow = "\nSee [the runs](https://airflow.example.org/dagrun/list/?_flt_3_state=running).\n\n"
		deploy  = "1. `just bump prod web`\n2. `just plan prod web`, then `just apply prod web`\n   1. Read it\n3. Tell the others\n"
	)
	for name, c := range map[string]struct{ doc, want string }{
		"added after the step and what is nested in it": {"# A\n" + airflow + deploy, "bump, plan-and-apply, manual, +service-back, +bump-landed, manual"},
		"in each procedure": {
			"# A\n" + airflow + deploy + "# Rollback\n\n1. `just bump prod web`\n2. `just plan prod web`, then `just apply prod web`\n",
			"bump, plan-and-apply, manual, +service-back, +bump-landed, manual, bump, plan-and-apply, +service-back, +bump-landed",
		},
		"there already":          {"# A\n" + airflow + deploy + "4. Look <!-- runbook: kind=service-back -->\n", "bump, plan-and-apply, manual, manual, service-back, +bump-landed"},
		"without Airflow":        {"# A\n\n" + deploy, "bump, plan-and-apply, manual, +bump-landed, manual"},
		"without a deployment":   {"# A\n" + airflow + "1. Tell the others\n", "manual"},
		"before what it follows": {"# A\n" + airflow + "1. Look <!-- runbook: kind=service-back -->\n2. `just bump prod web`\n3. `just plan prod web`, then `just apply prod web`\n", "service-back, bump, plan-and-apply, +bump-landed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := steps.Bind(fake.Parse(t, c.doc), steps.Settings{}, kinds.All())
			var got []string
			for i := range b.Steps {
				step := &b.Steps[i]
				sign := ""
				if step.Added() {
					sign = "+"
					if id := string(step.Step.ID); !strings.HasSuffix(id, "+"+step.Kind.Adds.Name) || step.Params["airflow"]+step.Params["environment"] == "" || len(step.Problems) > 0 || step.Step.Markdown() == "" {
						t.Errorf("added: %s, %v, %v", id, step.Params, step.Problems)
					}
					if bound, ok := b.Step(step.Step.ID); !ok || bound != step {
						t.Error("it isn't found by its ID")
					}
				}
				got = append(got, sign+step.Kind.Name)
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			for _, spec := range b.Specs() {
				if added := !spec.Added.Empty(); added != slices.Contains(b.AddedSteps(), spec.ID) {
					t.Errorf("%s is added: %t", spec.ID, added)
				}
			}
		})
	}
}

// TestAnEarlierRunGetsTheAddedSteps: a run that was begun before the program added steps has
// them once it is resumed, and not before.
func TestAnEarlierRunGetsTheAddedSteps(t *testing.T) {
	w := practise(t, "calm", runbook.Practice)
	started := w.journal.events[0].(runbook.Started)
	if !slices.Equal(started.Added, w.engine.Bound().AddedSteps()) {
		t.Errorf("the journal names %q", started.Added)
	}
	started.Added = nil
	j := &journal{events: []runbook.Event{started}}
	if got := steps.AddedIn(j.events); got != nil {
		t.Errorf("before: %q", got)
	}
	_, err := steps.Resume(w.engine.Bound(), w.engine.World(), steps.Options{Mode: runbook.Practice, Journal: j}, j.events)
	w.must(err)
	if got := steps.AddedIn(j.events); !slices.Equal(got, w.engine.Bound().AddedSteps()) || len(got) == 0 {
		t.Errorf("after: %q", got)
	}
}
