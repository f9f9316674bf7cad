package terraform_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/steps/terraform/text"
)

// fixtures returns the names of all texts in testdata, those of other programs
// with their folder: "tofu/forget".
func fixtures(t testing.TB) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "provider" || d.Name() == "fuzz") {
			return fs.SkipDir
		}
		if name, ok := strings.CutSuffix(path, ".txt"); err == nil && ok {
			all = append(all, filepath.ToSlash(strings.TrimPrefix(name, "testdata"+string(filepath.Separator))))
		}
		return err
	})
	if err != nil || len(all) < 300 {
		t.Fatalf("%d fixtures, %v", len(all), err)
	}
	slices.Sort(all)
	return all
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// read reads a plan's text.
func read(t testing.TB, printed string) Plan {
	t.Helper()
	p, err := text.Read(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// readJSON reads a plan of these resource changes. The edits of all of them are kept.
func readJSON(t testing.TB, changes ...string) Plan {
	t.Helper()
	plan := `{"format_version":"1.2","errored":false,"complete":true,"resource_changes":[` + strings.Join(changes, ",") + `]}`
	p, err := exact.Read(strings.NewReader(plan), exact.Options{Edits: func(Change) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// others are the texts whose JSON has another name.
var others = map[string]string{
	"coloured":           "replace-and-update",
	"coloured-crlf":      "replace-and-update",
	"apply-question":     "replace-and-update",
	"cloud-deploy-apply": "cloud-deploy",
}

// readExact reads the JSON of a fixture's plan; nil where none was saved, because
// there was no plan.
func readExact(t testing.TB, name string, policy Policy) *Plan {
	t.Helper()
	folder, base := "", name
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		folder, base = name[:at+1], name[at+1:]
	}
	if other, ok := others[base]; ok {
		base = other
	}
	base = strings.TrimSuffix(base, "-coloured")
	plan, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(folder+base+".json")))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := exact.Read(bytes.NewReader(plan), exact.Options{Edits: policy.NeedsEdits, Attributes: policy.NeedsAttributes, Ended: true})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &p
}

// policies are the default one, and some that let much more pass.
func policies() map[string]Policy {
	everything := []Rule{{Address: "*", Actions: []string{"*"}}}
	for _, guarded := range []string{"aws_db_instance", "aws_ebs_volume"} {
		everything = append(everything, Rule{Address: guarded + ".*", Actions: []string{"*"}})
	}
	return map[string]Policy{
		"default":  airflow,
		"release":  {Service: "catalog-airflow", Release: "v1.5.3"},
		"any":      {Service: "catalog-airflow", Instance: []string{"*"}},
		"allowed":  {Service: "catalog-airflow", Instance: []string{"*"}, Allow: everything},
		"released": {Service: "catalog-airflow", Instance: []string{"*"}, Allow: everything, Release: "v1.5.3"},
		"forbids":  {Service: "catalog-airflow", Instance: []string{"*"}, Allow: everything, Forbid: []Rule{{Address: "*", Actions: []string{"forget"}}}},
	}
}
