package steps_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// realDocument is the Openverse document as it is, beside the repository.
const realDocument = "../../shared/documents/openverse-catalog-DEPLOYMENT.md"

func TestBindOfTheCatalogsDocument(t *testing.T) {
	for name, read := range map[string]func(*testing.T) []byte{
		"embedded": func(*testing.T) []byte { return runbook.Default() },
		"real": func(t *testing.T) []byte {
			src, err := os.ReadFile(realDocument)
			if errors.Is(err, fs.ErrNotExist) {
				t.Skipf("the real document is not beside the repository (%s)", realDocument)
			}
			if err != nil {
				t.Fatal(err)
			}
			return src
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := document.Parse(name+".md", read(t))
			if err != nil {
				t.Fatal(err)
			}
			service := steps.Params{"environment": "prod", "service": "catalog-airflow"}
			expectBound(t, steps.Bind(doc, steps.Settings{}, kinds.All()), []bound{
				{"release", steps.ByLink, false, steps.Params{"repository": "WordPress/openverse-catalog"}, nil},
				{"image-tag", steps.ByLink, false, steps.Params{"image": "ghcr.io/wordpress/openverse-catalog"}, nil},
				{"idle-dags", steps.ByLink, false, steps.Params{"airflow": "https://airflow.openverse.engineering"}, nil},
				{"bump", steps.ByCommand, true, service, nil},
				{"plan-and-apply", steps.ByCommand, true, service, nil},
			})
		})
	}
}

// bound is what a test wants of a binding.
type bound struct {
	kind     string
	by       steps.By
	locked   bool
	params   steps.Params
	problems []string // parts of the problems, in their order
}

func expectBound(t *testing.T, got *steps.Bound, want []bound) {
	t.Helper()
	if len(got.Steps) != len(want) {
		for _, b := range got.Steps {
			t.Logf("%s: %s by %s", b.Label(), b.Kind.Name, b.By)
		}
		t.Fatalf("%d steps, want %d", len(got.Steps), len(want))
	}
	for i, w := range want {
		b := got.Steps[i]
		if b.Kind.Name != w.kind || b.By != w.by || b.Step.Locked != w.locked || !maps.Equal(b.Params, w.params) {
			t.Errorf("step %d: got %s by %s, locked %t, %v; want %s by %s, locked %t, %v",
				i+1, b.Kind.Name, b.By, b.Step.Locked, b.Params, w.kind, w.by, w.locked, w.params)
		}
		if b.Why().Empty() {
			t.Errorf("step %d: it is not said why", i+1)
		}
		if len(b.Problems) != len(w.problems) {
			t.Errorf("step %d: problems %v, want %q", i+1, b.Problems, w.problems)
			continue
		}
		for j, part := range w.problems {
			fake.Contains(t, b.Problems[j].String(), part)
		}
		if at, ok := got.Step(b.Step.ID); !ok || at.Step != b.Step {
			t.Errorf("step %d is not found by its id", i+1)
		}
	}
}

func TestBind(t *testing.T) {
	const (
		releases = "https://github.com/a/b/releases"
		pkg      = "https://github.com/a/b/pkgs/container/c"
		running  = "https://airflow.example.org/dagrun/list/?_flt_3_state=running"
	)
	unknown := func(what, section string) string { return what + " is not known: set " + section }
	for _, tt := range []struct {
		name, doc string
		settings  func(*steps.Settings)
		want      []bound
	}{
		{
			name: "plain words where the links are lost",
			doc: "1. Cut a new release on GitHub.\n2. Check that the new Docker tag exists on ghcr.io.\n" +
				"3. Ensure that there are no actively running DAGs.\n4. 🔒 Update the catalog version in the infrastructure repo.\n" +
				"5. 🔒 Make a plan and apply it if it looks correct.\n6. Have a cup of tea.\n",
			want: []bound{
				{"release", steps.ByText, false, steps.Params{}, []string{unknown("the repository whose releases are deployed", "[github] repository")}},
				{"image-tag", steps.ByText, false, steps.Params{}, []string{unknown("the image's reference without a tag", "[image] reference")}},
				{"idle-dags", steps.ByText, false, steps.Params{}, []string{unknown("Airflow's address", "[airflow] url")}},
				{"bump", steps.ByText, true, steps.Params{}, []string{unknown("the environment", "[infrastructure] environment"), unknown("the service", "[infrastructure] service")}},
				{"plan-and-apply", steps.ByText, true, steps.Params{}, []string{unknown("the environment", "[infrastructure] environment"), unknown("the service", "[infrastructure] service")}},
				{"manual", steps.ByNone, false, steps.Params{}, nil},
			},
		},
		{
			name: "the document's other links and steps lend what a step does not say",
			doc: "Airflow lives at <https://airflow.example.org/home>.\n\n1. Cut a release.\n2. Ensure that there are no running DAGs.\n" +
				"3. [Look here](" + releases + "/latest)\n4. Update the version in the infrastructure.\n5. Run `just plan prod web`, then `just apply prod web`.\n",
			want: []bound{
				{"release", steps.ByText, false, steps.Params{"repository": "a/b"}, nil},
				{"idle-dags", steps.ByText, false, steps.Params{"airflow": "https://airflow.example.org"}, nil},
				{"release", steps.ByLink, false, steps.Params{"repository": "a/b"}, nil},
				{"bump", steps.ByText, false, steps.Params{"environment": "prod", "service": "web"}, nil},
				{"plan-and-apply", steps.ByCommand, false, steps.Params{"environment": "prod", "service": "web"}, nil},
			},
		},
		{
			name: "a link wins over words and a command",
			doc:  "1. Cut a release, then run `just bump prod web` and [check](" + pkg + ").\n",
			want: []bound{{"image-tag", steps.ByLink, false, steps.Params{"image": "ghcr.io/a/c"}, nil}},
		},
		{
			name: "settings win over recognition",
			doc:  "1. [Cut a release](" + releases + ")\n2. [no running DAGs](" + running + ")\n3. `just bump prod web`\n",
			settings: func(s *steps.Settings) {
				s.GitHub.Repository, s.GitHub.Workflow = "c/d", "build.yml"
				s.Airflow.URL = "https://other.example.org"
				s.Infrastructure.Environment = "dev"
			},
			want: []bound{
				{"release", steps.ByLink, false, steps.Params{"repository": "c/d", "workflow": "build.yml"}, nil},
				{"idle-dags", steps.ByLink, false, steps.Params{"airflow": "https://other.example.org", "linked-airflow": "https://airflow.example.org"}, nil},
				{"bump", steps.ByCommand, false, steps.Params{"environment": "dev", "service": "web"}, nil},
			},
		},
		{
			name: "an annotation wins over all, and takes from the step what it leaves out",
			doc: "1. [Cut a release](" + releases + ") <!-- runbook: kind=manual -->\n" +
				"2. Look at [this](" + pkg + ") <!-- runbook: kind=image-tag image=registry.example.org/x/y -->\n" +
				"3. Look at [that](" + pkg + ") <!-- runbook: kind=image-tag -->\n" +
				"4. Do `just bump prod web` <!-- runbook: service=api -->\n" +
				"5. Have tea <!-- runbook: kind=idle-dags -->\n",
			settings: func(s *steps.Settings) { s.Image.Reference = "settings.example.org/i/j" },
			want: []bound{
				{"manual", steps.ByAnnotation, false, steps.Params{}, nil},
				{"image-tag", steps.ByAnnotation, false, steps.Params{"image": "registry.example.org/x/y"}, nil},
				{"image-tag", steps.ByAnnotation, false, steps.Params{"image": "settings.example.org/i/j"}, nil},
				{"bump", steps.ByAnnotation, false, steps.Params{"environment": "prod", "service": "api"}, nil},
				{"idle-dags", steps.ByAnnotation, false, steps.Params{}, []string{unknown("Airflow's address", "[airflow] url")}},
			},
		},
		{
			name: "an annotation that is wrong is a problem, with the nearest name",
			doc: "1. a <!-- runbook: kind=image-tags image=x -->\n2. b <!-- runbook: kind=image-tag imag=x -->\n" +
				"3. c <!-- runbook: kind=manual image=x -->\n",
			settings: func(s *steps.Settings) { s.Image.Reference = "registry.example.org/i/j" },
			want: []bound{
				{"manual", steps.ByAnnotation, false, steps.Params{}, []string{`line 1 names the kind "image-tags", which there is not; did you mean "image-tag"?`}},
				{"image-tag", steps.ByAnnotation, false, steps.Params{"image": "registry.example.org/i/j"}, []string{`line 2 has the parameter "imag", which the kind image-tag does not know; did you mean "image"?`}},
				{"manual", steps.ByAnnotation, false, steps.Params{}, []string{`line 3 has the parameter "image", which the kind manual does not know`}},
			},
		},
		{
			name: "a passage that asks for something is a step, and one that mentions it is prose",
			doc: "# A\n\nCheck the [running DAGs](" + running + ") before you go on.\n\n" +
				"All versions stand on the [releases page](" + releases + ").\n\n" +
				"Run `just bump prod web` in the infrastructure.\n\nCheck the weather.\n\n" +
				"Checking the [running DAGs](" + running + ") is wise.\n\n<!-- runbook: kind=manual -->\nTell everybody.\n",
			want: []bound{
				{"idle-dags", steps.ByLink, false, steps.Params{"airflow": "https://airflow.example.org"}, nil},
				{"bump", steps.ByCommand, false, steps.Params{"environment": "prod", "service": "web"}, nil},
				{"manual", steps.ByAnnotation, false, steps.Params{}, nil},
			},
		},
		{
			name: "a task list",
			doc:  "- [ ] [Cut a release](" + releases + ")\n- [x] Have tea\n- [ ] 🔒 `just plan prod web` and `just apply prod web`\n- [ ] `just plan prod web` and `just apply dev web`\n",
			want: []bound{
				{"release", steps.ByLink, false, steps.Params{"repository": "a/b"}, nil},
				{"manual", steps.ByNone, false, steps.Params{}, nil},
				{"plan-and-apply", steps.ByCommand, true, steps.Params{"environment": "prod", "service": "web"}, []string{"no step before it bumps the version, so it cannot be told whether the plan is still of what is checked out; annotate that step with kind=bump"}},
				{"manual", steps.ByNone, false, steps.Params{}, nil},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s steps.Settings
			if tt.settings != nil {
				tt.settings(&s)
			}
			expectBound(t, steps.Bind(fake.Parse(t, tt.doc), s, kinds.All()), tt.want)
		})
	}
}

func TestSpecs(t *testing.T) {
	b := steps.Bind(fake.Parse(t, "# A\n\n1. a\n   1. nested\n\n# B\n<!-- runbook: procedure -->\n\n## C\n\n- [ ] 🔒 `just bump prod web` "+strings.Repeat("and so on ", 9)+"\n"), steps.Settings{}, kinds.All())
	specs := b.Specs()
	var got []string
	for _, s := range specs {
		got = append(got, fmt.Sprintf("%s %q checks=%t locked=%t effects=%d", s.Label, s.Procedure, s.Checks, s.Locked, len(s.Effects)))
	}
	want := []string{
		`step 1 "" checks=false locked=false effects=0`,
		`step 1.1 "" checks=false locked=false effects=0`,
		`"just bump prod web and so on and so on …" "b" checks=true locked=true effects=1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if line := b.Steps[2].ParamLine().String(); line != "environment=prod service=web" {
		t.Errorf("the parameters are shown as %q", line)
	}
	if b.ReleaseStep() != nil {
		t.Error("the runbook has a release step")
	}
}
