package terraform

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
	if err != nil || len(all) < 200 {
		t.Fatalf("%d fixtures, %v", len(all), err)
	}
	slices.Sort(all)
	return all
}

// others are the texts whose JSON has another name.
var others = map[string]string{
	"coloured":           "replace-and-update",
	"coloured-crlf":      "replace-and-update",
	"apply-question":     "replace-and-update",
	"cloud-deploy-apply": "cloud-deploy",
}

// exact reads the JSON of a fixture's plan; nil where none was saved, because
// there was no plan.
func exact(t testing.TB, name string, policy Policy) *Plan {
	t.Helper()
	folder, base := "", name
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		folder, base = name[:at+1], name[at+1:]
	}
	if other, ok := others[base]; ok {
		base = other
	}
	base = strings.TrimSuffix(base, "-coloured")
	text, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(folder+base+".json")))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadJSON(bytes.NewReader(text), Options{Keep: policy.Keeps, Ended: true})
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
