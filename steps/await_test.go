package steps_test

import (
	"context"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// TestACheckWaitsForAFactThatNeedsAnother checks all steps of a runbook at once, in which
// the third needs what the second leaves, and that what the first leaves.
func TestACheckWaitsForAFactThatNeedsAnother(t *testing.T) {
	kind := func(name string, needs, leaves runbook.Fact) *steps.Kind {
		return &steps.Kind{
			Name: name, Doc: "Do " + name + ".",
			Recognise: func(s *document.Step) (steps.Match, bool) {
				return steps.Match{By: steps.ByLink}, len(s.Links) > 0 && s.Links[0].Target == "https://"+name
			},
			Check: &steps.Check{Needs: needs, Ask: func(ctx context.Context, in steps.Input) runbook.Result {
				r := steps.NewReport(in)
				have := "nothing"
				if needs != "" {
					have = in.Await(ctx, needs)
				}
				r.Facts[leaves] = have + ", " + name
				return r.Passed("%s.", r.Facts[leaves])
			}},
		}
	}
	doc := fake.Parse(t, "# Deploy\n\n1. [a](https://a)\n2. [b](https://b)\n3. [c](https://c)\n")
	bound := steps.Bind(doc, steps.Settings{}, append(kinds.All(), kind("a", "", "x"), kind("b", "x", "y"), kind("c", "y", "z")))
	e, err := steps.New(bound, fake.Connect(t, fake.NewScript(t)), steps.Options{Mode: runbook.Practice})
	if err != nil {
		t.Fatal(err)
	}
	var ids []document.StepID
	for _, b := range bound.Steps {
		ids = append(ids, b.Step.ID)
	}
	e.CheckAll(t.Context(), ids)
	if got := e.Run().Step(ids[2]).Result.Summary.String(); got != "nothing, a, b, c." {
		t.Errorf("the third found %q", got)
	}
}
