package pick_test

import (
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/pick"
)

func TestStep(t *testing.T) {
	catalog := bind(t, string(runbook.Default()))
	twice := bind(t, "# T\n\n## One\n\n1. Plant trees.\n2. Water them.\n\n## Two\n<!-- runbook: procedure -->\n\n1. Cut the grass.\n\n## Three\n<!-- runbook: procedure -->\n\n3. Look.\n\n## Four\n<!-- runbook: procedure -->\n\n3. Look again.\n")
	const deploy = "airflow/service-deployments/deployment-workflow"
	for _, tc := range []struct {
		in         *steps.Bound
		name, want string
		problem    string
	}{
		{in: catalog, name: deploy + "#3", want: deploy + "#3"},
		{in: catalog, name: "3", want: deploy + "#3"},
		{in: catalog, name: "3.", want: deploy + "#3"},
		{in: catalog, name: "#3", want: deploy + "#3"},
		{in: catalog, name: "image-tag", want: deploy + "#2"},
		{in: catalog, name: "service-back", want: deploy + "#5+back"},
		{in: catalog, name: "service-deployments/deployment-workflow#3", want: deploy + "#3"},
		{in: catalog, name: "dag-deployments#p2", want: "airflow/dag-deployments#p2"},
		{in: catalog, name: "", problem: `no step is named ""; hint: ` + "`catalog-runbook lint`"},
		{in: catalog, name: "6", want: deploy + "#5+back"}, // what the program adds is counted on
		{in: catalog, name: "8", problem: "no step is named \"8\""},
		{in: catalog, name: "image-tga", problem: `did you mean "image-tag"?`},
		{in: catalog, name: "workflow#3", problem: `no step is named`},                     // half a part of an ID is none
		{in: twice, name: "1", want: "one#1"},                                              // of the first procedure
		{in: twice, name: "3", problem: `"3" names 2 steps; hint: name one by its ID: `},   // of none that comes first
		{in: twice, name: "manual", problem: `"manual" names 5 steps; hint: name one by `}, // and two of them are in the first
	} {
		got, err := pick.Step(tc.in, tc.name)
		switch {
		case tc.problem != "":
			if err == nil || !strings.Contains(err.Error(), tc.problem) {
				t.Errorf("%q: the error is %v, want %s", tc.name, err, tc.problem)
			}
		case err != nil:
			t.Errorf("%q: %v", tc.name, err)
		case !strings.HasSuffix(string(got.Step.ID), tc.want):
			t.Errorf("%q is %s, want %s", tc.name, got.Step.ID, tc.want)
		}
	}
}

// Each name leads to a step, and each step has one.
func TestNames(t *testing.T) {
	b := bind(t, string(runbook.Default()))
	names := pick.Names(b)
	named := map[document.StepID]bool{}
	for _, name := range names {
		s, err := pick.Step(b, name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		named[s.Step.ID] = true
	}
	if len(named) != len(b.Steps) || !slices.Contains(names, "3") || !slices.Contains(names, "bump") {
		t.Errorf("%d of %d steps have a name: %q", len(named), len(b.Steps), names)
	}
}

func bind(t *testing.T, source string) *steps.Bound {
	t.Helper()
	doc, err := document.Parse("DEPLOYMENT.md", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return steps.Bind(doc, steps.Settings{}, kinds.All())
}
