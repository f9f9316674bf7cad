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
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/wording"
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
			want := []bound{
				{"release", steps.ByLink, false, steps.Params{"repository": "WordPress/openverse-catalog", "image": "ghcr.io/wordpress/openverse-catalog"}, nil},
				{"image-tag", steps.ByLink, false, steps.Params{"image": "ghcr.io/wordpress/openverse-catalog"}, nil},
				{"idle-dags", steps.ByLink, false, steps.Params{"airflow": "https://airflow.openverse.engineering"}, nil},
				{"bump", steps.ByCommand, true, service, nil},
				{"plan-and-apply", steps.ByCommand, true, service, nil},
			}
			pull := steps.Params{"repository": "WordPress/openverse-catalog"}
			dags := steps.Params{"repository": "WordPress/openverse-catalog", "airflow": "https://airflow.openverse.engineering"}
			want = append(want, bound{"pull-request", steps.ByText, false, pull, nil}, bound{"dags-synced", steps.ByText, false, dags, nil}, bound{"dags-on", steps.ByText, false, dags, nil},
				bound{"postgres-access", steps.ByText, false, nil, nil}, bound{"migration", steps.ByText, false, steps.Params{"airflow": "https://airflow.openverse.engineering"}, nil})
			want = append(want, bound{"which-deployment", steps.ByText, false, steps.Params{"repository": "WordPress/openverse-catalog"}, nil})
			expectBound(t, steps.Bind(doc, steps.Settings{}, kinds.All()), want)
		})
	}
}

// TestPassages binds paragraphs by their words, where no list says what there is to do.
func TestPassages(t *testing.T) {
	merge := &steps.Kind{Name: "merge", Doc: "Merge it.", Passages: true, Reads: func(s *document.Step, _ wording.Names) steps.Reading {
		return steps.Reading{Why: "it speaks of merging", Asks: strings.Contains(s.Words, "merging")}
	}}
	ask := &steps.Kind{Name: "ask", Doc: "Ask which.", Passages: true, Question: true, Leads: func(runbook.Result) string { return "merge" }, Reads: func(s *document.Step, _ wording.Names) steps.Reading {
		return steps.Reading{Why: "it asks", Asks: strings.HasPrefix(s.Words, "Which")}
	}}
	all := append([]*steps.Kind{merge, ask}, kinds.All()...)
	slices.SortFunc(all, func(a, b *steps.Kind) int { return strings.Compare(a.Name, b.Name) })
	for name, tt := range map[string]struct {
		doc  string
		want []string // the kind and the procedure of each step
	}{
		"a section without a list": {"# T\n\n## A\n\n1. Go.\n\n## B\n\nSo it goes.\n\n### How\n\nAll it takes is merging.\n\nAfter merging, wait.\n",
			[]string{"manual ", "merge t/b"}},
		"beside a list":           {"# T\n\n## A\n\nIt begins with merging.\n\n1. Go.\n", []string{"manual "}},
		"in one of another":       {"# T\n\nIt begins with merging.\n\n## A\n\n1. Go.\n", []string{"manual "}},
		"two procedures":          {"# T\n\n1. Go.\n\n# A\n\nIt takes merging.\n\n# B\n\nIt takes merging.\n", []string{"manual ", "merge a", "merge b"}},
		"nothing else to do":      {"# T\n\nIt takes merging.\n", []string{"merge t"}},
		"without a heading":       {"It takes merging.\n", []string{"merge "}},
		"in a rollback":           {"# T\n\n## Rollback\n\n### How\n\nIt takes merging.\n", []string{"merge t/rollback"}},
		"annotated as prose":      {"# T\n<!-- runbook: prose -->\n\nIt takes merging.\n", nil},
		"if something goes wrong": {"# T\n\nIf it fails, try merging.\n", nil},
		"a question":              {"# T\n\nWhich one:\n\n- that\n\n1. Go.\n\n## A\n\nWhich one:\n", []string{"manual ", "ask "}},
		"with a link":             {"# T\n\n[It](https://example.org) takes merging.\n", []string{"merge t"}},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := document.Parse("doc.md", []byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			b := steps.Bind(doc, steps.Settings{}, all)
			for i, spec := range b.Specs() {
				got = append(got, b.Steps[i].Kind.Name+" "+spec.Procedure)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for i := range b.Steps {
				if s := &b.Steps[i]; s.Kind == merge && (s.By != steps.ByText || s.Title().String() != "Merge it." || s.Label().String() != `"Merge it"`) {
					t.Errorf("%s by %s: %s", s.Label(), s.By, s.Title())
				}
			}
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

// expectBound compares the steps of the document.
func expectBound(t *testing.T, got *steps.Bound, want []bound) {
	t.Helper()
	written := slices.DeleteFunc(slices.Clone(got.Steps), func(b steps.Binding) bool { return b.Added() })
	if len(written) != len(want) {
		for _, b := range written {
			t.Logf("%s: %s by %s", b.Label(), b.Kind.Name, b.By)
		}
		t.Fatalf("%d steps, want %d", len(written), len(want))
	}
	for i, w := range want {
		b := written[i]
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
	unknown := func(what, setting string) string {
		section, key, _ := strings.Cut(setting, " ")
		return what + " isn't configured: set " + key + " under " + section + " in catalog-runbook.toml"
	}
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
			name: "a link wins over words",
			doc:  "1. Check that [the image](" + pkg + ") of the release is there.\n",
			want: []bound{{"image-tag", steps.ByLink, false, steps.Params{"image": "ghcr.io/a/c"}, nil}},
		},
		{
			name: "a link in a step that asks for more is no reason for green",
			doc:  "1. Cut a release, then run `just bump prod web` and [check](" + pkg + ").\n2. [Check](" + pkg + "), then run `just bump prod web`.\n",
			want: []bound{
				{"bump", steps.ByCommand, false, steps.Params{"environment": "prod", "service": "web"}, nil},
				{"bump", steps.ByCommand, false, steps.Params{"environment": "prod", "service": "web"}, nil},
			},
		},
		{
			name: "two links of one kind",
			doc:  "1. Ensure that no DAGs are [running](" + running + ") or [running there](https://old.example.org/dagrun/list/).\n2. Ensure that no DAGs are [running there](https://old.example.org/dagrun/list/) or [here](" + running + ") <!-- runbook: kind=idle-dags airflow=https://old.example.org -->\n",
			want: []bound{
				{"manual", steps.ByNone, false, steps.Params{}, []string{"has two links for Airflow's address, https://airflow.example.org and https://old.example.org"}},
				{"idle-dags", steps.ByAnnotation, false, steps.Params{"airflow": "https://old.example.org"}, nil},
			},
		},
		{
			name: "a setting against the link of a step, and one that agrees",
			doc:  "1. Check that the image is in [the registry](" + pkg + "-staging).\n2. Check that the image is in [the registry](" + pkg + ").\n",
			settings: func(s *steps.Settings) {
				s.Image.Reference = "ghcr.io/a/c"
			},
			want: []bound{
				{"image-tag", steps.ByLink, false, steps.Params{"image": "ghcr.io/a/c"}, []string{"is ghcr.io/a/c by the setting [image] reference, but the step links to ghcr.io/a/c-staging"}},
				{"image-tag", steps.ByLink, false, steps.Params{"image": "ghcr.io/a/c"}, nil},
			},
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
			name:     "a setting that names another thing of the same owner than the step's link",
			doc:      "1. [Cut a release](" + releases + ")\n",
			settings: func(s *steps.Settings) { s.GitHub.Repository = "a/other" },
			want: []bound{
				{"release", steps.ByLink, false, steps.Params{"repository": "a/other"}, []string{"is a/other by the setting [github] repository, but the step links to a/b"}},
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
				{"manual", steps.ByAnnotation, false, steps.Params{}, []string{`line 1: unknown kind "image-tags" in annotation; did you mean "image-tag"?`}},
				{"image-tag", steps.ByAnnotation, false, steps.Params{"image": "registry.example.org/i/j"}, []string{`line 2 has the parameter "imag", which the kind image-tag doesn't have; did you mean "image"?`}},
				{"manual", steps.ByAnnotation, false, steps.Params{}, []string{`line 3 has the parameter "image", which the kind manual doesn't have`}},
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
				{"plan-and-apply", steps.ByCommand, true, steps.Params{"environment": "prod", "service": "web"}, []string{"no step before it bumps the version, so the plan can't be compared with what is checked out; annotate that step with kind=bump"}},
				{"manual", steps.ByNone, false, steps.Params{}, []string{"the step plans and applies prod and dev; make it two steps"}},
			},
		},
		{
			name: "no repository is taken where the document names several",
			doc:  "All versions: [ours](" + releases + "), [theirs](https://github.com/c/d/releases).\n\n1. Cut a new release.\n",
			want: []bound{{"release", steps.ByText, false, steps.Params{}, []string{
				"the document names several for the repository whose releases are deployed: a/b (line 1) and c/d (line 1); set repository under [github] in catalog-runbook.toml, or annotate the step with repository=..."}}},
		},
		{
			name: "nor where steps disagree, unless an annotation decides",
			doc:  "1. [Cut a release](" + releases + ")\n2. [Cut a release](https://github.com/c/d/releases)\n3. Cut a new release. <!-- runbook: repository=e/f -->\n",
			want: []bound{
				{"release", steps.ByLink, false, steps.Params{}, []string{"a/b (line 1), c/d (line 2)"}},
				{"release", steps.ByLink, false, steps.Params{}, []string{"a/b (line 1), c/d (line 2)"}},
				{"release", steps.ByAnnotation, false, steps.Params{"repository": "e/f"}, nil},
			},
		},
		{
			name: "links to tools and in prohibitions are no candidates",
			doc: "# T\n\n## Prerequisites\n\n- [yq](https://github.com/toolsmith/yq/releases)\n\n## Deploy\n\nInstall [jq](https://github.com/x/jq/releases).\n\n" +
				"Don't use [these](https://github.com/old/one/releases).\n\nOurs: <" + releases + ">\n\n1. Download [z](https://github.com/t/z/releases).\n2. Cut a new release.\n",
			want: []bound{
				{"manual", steps.ByNone, false, steps.Params{}, nil},
				{"release", steps.ByText, false, steps.Params{"repository": "a/b"}, nil},
			},
		},
		{
			name: "steps about tools",
			doc:  "## Prerequisites\n\n1. Check [yq](https://github.com/toolsmith/yq/releases)\n2. Ensure that there are [no running DAGs](" + running + ")\n",
			want: []bound{
				{"manual", steps.ByNone, false, steps.Params{}, nil},
				{"idle-dags", steps.ByLink, false, steps.Params{"airflow": "https://airflow.example.org"}, nil},
			},
		},
		{
			name: "the releases of one owner and the image of another",
			doc:  "1. [Cut a release](" + releases + ")\n2. Check that [the image](https://github.com/c/d/pkgs/container/d) exists.\n",
			want: []bound{
				{"release", steps.ByLink, false, steps.Params{"image": "ghcr.io/c/d"}, []string{"which belong to two owners"}},
				{"image-tag", steps.ByLink, false, steps.Params{}, []string{"the repository whose releases are deployed is a/b and the image's reference without a tag is ghcr.io/c/d, which belong to two owners: set repository under [github] and reference under [image], or annotate the steps"}},
			},
		},
		{
			name: "one part of a repository's releases",
			doc:  "1. [Publish the drafted release](" + releases + "?q=catalog-)\n",
			want: []bound{{"release", steps.ByLink, false, steps.Params{"repository": "a/b", "tag-prefix": "catalog-"}, nil}},
		},
		{
			name:     "a placeholder is no value, and the settings fill it in",
			doc:      "1. `just bump ENVIRONMENT <service>`\n2. `just plan {{ env }} web`, `just apply {{ env }} web`\n3. `just bump prod SERVICE` <!-- runbook: service=web -->\n",
			settings: func(s *steps.Settings) { s.Infrastructure.Service = "api" },
			want: []bound{
				{"bump", steps.ByCommand, false, steps.Params{"service": "api"}, []string{"the environment is a placeholder: ENVIRONMENT; fill it in during the walk or with --fill, set environment under [infrastructure] in catalog-runbook.toml, or annotate the step with environment=..."}},
				{"plan-and-apply", steps.ByCommand, false, steps.Params{"service": "api"}, []string{"the environment is a placeholder: {{ env }}"}},
				{"bump", steps.ByAnnotation, false, steps.Params{"environment": "prod", "service": "web"}, nil},
			},
		},
		{
			name: "a step about two things",
			doc:  "1. Check [the image](" + pkg + ") and [no running DAGs](" + running + ").\n",
			want: []bound{{"manual", steps.ByNone, false, steps.Params{}, []string{"the step is about two things, idle-dags and image-tag: make it two steps, or annotate it with kind=idle-dags or kind=image-tag"}}},
		},
		{
			name: "what stands before just, unless an annotation says that the bare command does",
			doc:  "1. `./ov just bump prod web`\n2. `./ov just bump prod web` <!-- runbook: kind=bump -->\n3. `just apply prod web` <!-- runbook: kind=plan-and-apply -->\n",
			want: []bound{
				{"manual", steps.ByNone, false, steps.Params{}, []string{"`just bump` behind `./ov` isn't run"}},
				{"bump", steps.ByAnnotation, false, steps.Params{"environment": "prod", "service": "web"}, nil},
				{"plan-and-apply", steps.ByAnnotation, false, steps.Params{"environment": "prod", "service": "web"}, nil},
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

// TestForPractice: in practice the services are others, so nothing is said of that.
func TestForPractice(t *testing.T) {
	s := steps.Settings{}
	s.GitHub.Repository = "a/d"
	b := steps.Bind(fake.Parse(t, "1. [Cut a release](https://github.com/a/b/releases)\n"), s, kinds.All())
	if len(b.Steps[0].Problems) == 0 {
		t.Fatal("no problem to drop")
	}
	expectBound(t, b.ForPractice(), []bound{{"release", steps.ByLink, false, steps.Params{"repository": "a/d"}, nil}})
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

// TestWhatIsNotKnownIsNotAsked: a step whose document leaves open what it is about asks
// nobody, and says what to write.
func TestWhatIsNotKnownIsNotAsked(t *testing.T) {
	doc := fake.Parse(t, "All versions: [ours](https://github.com/a/b/releases), [theirs](https://github.com/c/d/releases).\n\n1. Cut a new release.\n2. `just bump ENVIRONMENT web`\n")
	bound := steps.Bind(doc, steps.Settings{}, kinds.All())
	engine, err := steps.New(bound, &steps.World{Now: time.Now}, steps.Options{Mode: runbook.DryRun}) // without any service
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range []string{"The document names several", "The environment is a placeholder: ENVIRONMENT; fill it in during the walk or with --fill, set environment under [infrastructure]"} {
		res, err := engine.Check(t.Context(), bound.Steps[i].Step.ID)
		if err != nil || res.Verdict != runbook.Unknown {
			t.Errorf("step %d: %v, %v", i+1, res.Verdict, err)
		}
		fake.Contains(t, res.Summary.String(), part)
	}
}

// TestPlace counts the steps of a procedure, with those that the program adds and without a
// question.
func TestPlace(t *testing.T) {
	doc, err := document.Parse(runbook.DefaultName, runbook.Default())
	if err != nil {
		t.Fatal(err)
	}
	bound := steps.Bind(doc, steps.Settings{}, kinds.All())
	var places []int
	for _, b := range bound.InOrder() {
		if b.Procedure() == bound.ReleaseStep().Procedure() {
			place, of := bound.Place(b)
			if places = append(places, place); of != 7 {
				t.Errorf("there are %d steps", of)
			}
		}
	}
	if want := []int{0, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(places, want) && !slices.Equal(places, want[1:]) {
		t.Errorf("the places are %v", places)
	}
}
