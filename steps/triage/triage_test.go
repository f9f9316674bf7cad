package triage_test

import (
	"strings"
	"testing"

	"catalog-runbook/steps/triage"
)

// TestCatalog: what the paths of the Catalog's repository mean, from April 2023 on and
// before.
func TestCatalog(t *testing.T) {
	for path, want := range map[string]triage.Class{
		"catalog/Dockerfile":                                triage.Image,
		"catalog/entrypoint.sh":                             triage.Image,
		"catalog/requirements_prod.txt":                     triage.Image,
		"docker/airflow/Dockerfile":                         triage.Image,
		"docker/airflow/entrypoint.sh":                      triage.Image,
		"requirements_prod.txt":                             triage.Image,
		"catalog/env.template":                              triage.Environment,
		"env.template":                                      triage.Environment,
		"catalog/docker-compose.yml":                        triage.Invisible,
		"dag-sync.sh":                                       triage.Invisible,
		"modules/airflow/main.tf":                           triage.Infrastructure,
		"catalog/dags/common/slack.py":                      triage.DAGs,
		"catalog/dags/providers/provider_csv_load/x.sql":    triage.DAGs,
		"openverse_catalog/dags/common/slack.py":            triage.DAGs,
		"catalog/dags/retired/common/old.py":                triage.Neither,
		"openverse_catalog/dags/retired/old.py":             triage.Neither,
		"catalog/tests/dags/test_dag_parsing.py":            triage.Neither,
		"catalog/DAGs.md":                                   triage.Neither,
		"README.md":                                         triage.Neither,
		"docker/local_postgres/Dockerfile":                  triage.Neither,
		"docker/minio/env.docker":                           triage.Neither,
		"docker-compose.yml":                                triage.Neither,
		"catalog/templates/template_provider_script.py_tpl": triage.Neither,
		"catalog/requirements_dev.txt":                      triage.Neither,
		"justfile":                                          triage.Neither,
		".github/workflows/ci_cd.yml":                       triage.Neither,
		".pre-commit-config.yaml":                           triage.Neither,
		"LICENSE":                                           triage.Neither,
		"new/thing.py":                                      triage.Unclaimed,
		"catalog/new-service.conf":                          triage.Unclaimed,
		"Dockerfile":                                        triage.Unclaimed,
	} {
		r := triage.Judge(triage.Catalog(), triage.Change{Files: []triage.File{{Name: path, Status: "modified"}}})
		if len(r.Claims) != 1 || r.Claims[0].As != want {
			t.Errorf("%s is %+v, want %q", path, r.Claims, want)
		}
		service := want == triage.Image || want == triage.Environment || want == triage.Infrastructure || want == triage.Invisible
		if r.Service != service || r.DAGs != (want == triage.DAGs) || (r.Doubt != "") != (want == triage.Unclaimed) {
			t.Errorf("%s: %+v", path, r)
		}
	}
}

func TestJudge(t *testing.T) {
	rules := append([]triage.Rule{{As: triage.Neither, Files: "catalog/dags/drafts/**"}}, triage.Catalog()...)
	r := triage.Judge(rules, triage.Change{Files: []triage.File{
		{Name: "catalog/dags/a.py"},
		{Name: "catalog/dags/retired/b.py", Previous: "catalog/dags/b.py", Status: "renamed"},
		{Name: "catalog/dags/drafts/c.py"},
		{Name: "elsewhere.cfg"},
		{Name: "catalog/Dockerfile"},
	}})
	var got []string
	for _, c := range r.Claims {
		got = append(got, string(c.As)+" "+c.Name)
	}
	want := "| elsewhere.cfg|image catalog/Dockerfile|dags catalog/dags/a.py|dags catalog/dags/retired/b.py|neither catalog/dags/retired/b.py|neither catalog/dags/drafts/c.py"
	if s := "|" + strings.Join(got, "|"); s != want {
		t.Errorf("%s, want %s", s, want)
	}
	if !r.Service || !r.DAGs || r.Doubt != "no rule says what 1 file among them means" {
		t.Errorf("%+v", r)
	}
	if r := triage.Judge(rules, triage.Change{Doubt: "it is cut"}); r.Doubt != "it is cut" || r.Service || r.DAGs {
		t.Errorf("%+v", r)
	}
}

func TestCheckRule(t *testing.T) {
	for _, c := range triage.Catalog() {
		if err := triage.CheckRule(string(c.As), c.Files); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range [][2]string{{"", "a"}, {"dag", "a"}, {"dags", ""}, {"dags", "a[/**"}, {"dags", "{a"}} {
		if triage.CheckRule(bad[0], bad[1]) == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
