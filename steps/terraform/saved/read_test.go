package saved

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
)

// Terraform 1.5 says only by what it prints how planning ended.
func TestOnlyTheSamePlanIsEvidence(t *testing.T) {
	data := filepath.Join("..", "testdata", "terraform-1.5")
	plan, err := os.ReadFile(filepath.Join(data, "cloud-deploy.json"))
	if err != nil {
		t.Fatal(err)
	}
	f := Folder(t.TempDir())
	if err := os.WriteFile(f.json(), plan, 0o600); err != nil {
		t.Fatal(err)
	}
	printed := func(name string) *terraform.Plan {
		out := "building...\ndone\n"
		if name != "" {
			file, err := os.ReadFile(filepath.Join(data, name))
			if err != nil {
				t.Fatal(err)
			}
			out = string(file)
		}
		p, err := text.Read(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		return &p
	}
	for name, test := range map[string]struct {
		printed  *terraform.Plan
		complete bool
	}{
		"the same plan": {printed("cloud-deploy.txt"), true},
		"another plan":  {printed("cloud-other.txt"), false},
		"no plan":       {printed(""), false},
		"nothing read":  {nil, false},
	} {
		p, err := f.Read(t.Context(), terraform.Policy{Service: "catalog-airflow"}, test.printed)
		if err != nil || p.Complete != test.complete {
			t.Errorf("%s: complete %v, %q, %v", name, p.Complete, p.Problems, err)
		}
	}
}
