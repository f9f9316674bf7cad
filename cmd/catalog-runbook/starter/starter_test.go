package starter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
)

const recipes = "plan environment service:\n    terraform plan\n\n@apply *args: plan\n    terraform apply\n"

// checkout makes a folder that looks like a checkout with this justfile.
func checkout(t *testing.T, folder, justfile string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(folder, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "justfile"), []byte(justfile), 0o600); err != nil {
		t.Fatal(err)
	}
}

func embedded(string) (*document.Document, string, error) {
	doc, err := document.Parse("DEPLOYMENT.md", runbook.Default())
	return doc, "", err
}

func TestInit(t *testing.T) {
	top := t.TempDir()
	work := filepath.Join(top, "code", "catalog")
	checkout(t, work, "plan:\n")                                        // has no apply
	checkout(t, filepath.Join(top, "code", "other"), "plan := \"a\"\n") // an assignment
	file := filepath.Join(work, settings.FileName)
	for _, step := range []struct {
		name    string
		before  func()
		force   bool
		want    string // the directory that the file sets
		says    string
		problem string
	}{
		{name: "no checkout", says: "Found no infrastructure checkout"},
		{name: "never replaced", problem: "exists already; hint: edit it, or replace it with --force"},
		{name: "one", force: true, before: func() { checkout(t, filepath.Join(top, "terraform"), recipes) }, want: "../../terraform", says: "Found the infrastructure checkout: "},
		{name: "two", force: true, before: func() { checkout(t, filepath.Join(top, "code", "terraform-2"), recipes) }, says: "Found 2 checkouts"},
		{name: "one by name", force: true, before: func() { checkout(t, filepath.Join(top, "code", "openverse-infrastructure"), recipes) }, want: "../openverse-infrastructure", says: "Next: catalog-runbook doctor"},
	} {
		if step.before != nil {
			step.before()
		}
		var said strings.Builder
		err := Command{To: file, Force: step.force}.Write(embedded, &said)
		if step.problem != "" {
			if err == nil || !strings.Contains(err.Error(), step.problem) {
				t.Errorf("%s: the error is %v", step.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := settings.Parse(file, data)
		if err != nil {
			t.Fatalf("%s: %v\n%s", step.name, err, data)
		}
		want := ""
		if step.want != "" {
			want = filepath.Join(work, step.want)
		}
		if s.Infrastructure.Directory != want || !strings.Contains(said.String(), step.says) {
			t.Errorf("%s: the checkout is %q, want %q; it says\n%s\n%s", step.name, s.Infrastructure.Directory, want, said.String(), data)
		}
		for _, line := range []string{`# environment = 'prod'`, `# repository = 'WordPress/openverse-catalog'`, `# url = 'https://airflow.openverse.engineering'`} {
			if !strings.Contains(string(data), line+"\n") {
				t.Errorf("%s: the file lacks %s:\n%s", step.name, line, data)
			}
		}
		// What is commented out are settings too.
		all := strings.NewReplacer("\n# environment", "\nenvironment", "\n# repository", "\nrepository", "\n# reference", "\nreference", "\n# url", "\nurl", "\n# username", "\nusername", "\n# expected", "\nexpected").Replace(string(data))
		if _, err := settings.Parse(file, []byte(all)); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}
