package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// tofuVariable names the real OpenTofu, whose plans don't say whether they are complete.
const tofuVariable = "CATALOG_RUNBOOK_TEST_TOFU"

// tofuWalk is a walk whose recipes call OpenTofu, with two resources of which only one
// runs the service.
func tofuWalk(t *testing.T, words ...string) *realWalk {
	t.Helper()
	tofu := os.Getenv(tofuVariable)
	if tofu == "" {
		t.Skipf("SKIPPED: set %s to the path of the real tofu to run this", tofuVariable)
	}
	t.Parallel()
	r := newRealTools(t)
	bin := t.TempDir()
	if err := os.Symlink(tofu, filepath.Join(bin, "tofu")); err != nil {
		t.Fatal(err)
	}
	r.environ[0] = "PATH=" + bin + string(filepath.ListSeparator) + r.environ[0][len("PATH="):]
	for i := 0; i < len(words); i += 2 {
		r.change("justfile", words[i], words[i+1])
	}
	r.change("justfile", "terraform ", "tofu ")
	r.write("environments/prod/other.tf", "resource \"terraform_data\" \"other\" {\n  input = local.docker_image_tag\n}\n")
	r.run("git", "add", "--all")
	r.run("git", "commit", "--quiet", "--message", "Use OpenTofu")
	for _, args := range [][]string{{"init", "-reconfigure"}, {"apply", "-auto-approve"}} {
		r.run(filepath.Join(bin, "tofu"), append([]string{"-chdir=environments/prod"}, args...)...)
	}
	return newRealWalk(t, r, steps.AppliesSaved)
}

func TestRealTofu(t *testing.T) {
	t.Run("the whole plan", func(t *testing.T) {
		w := tofuWalk(t)
		w.review()
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
		w.deploys(deployedAfter)
	})
	for name, option := range map[string]string{
		"-target, its warning compact": " -compact-warnings -target=terraform_data.catalog_airflow",
		"-target, its warning hidden":  " -target=terraform_data.catalog_airflow >/dev/null",
		"-target, its warning cut":     " -target=terraform_data.catalog_airflow | sed /Warning/,/^╵/d",
		"-exclude":                     " -exclude=terraform_data.other >/dev/null",
	} {
		t.Run(name, func(t *testing.T) {
			w := tofuWalk(t, "plan -no-color", "plan -no-color"+option)
			for _, effect := range [][2]string{{bumpStep, "bump"}, {planStep, "plan"}} {
				if err := w.perform(document.StepID(effect[0]), effect[1]); err != nil {
					t.Fatal(err)
				}
			}
			w.wants(w.result(planStep, "plan"), runbook.Unknown, "the plan leaves resources out")
			if err := w.perform(planStep, "apply"); err == nil {
				t.Error("it was applied")
			}
			if state := w.state(); !strings.Contains(state, deployedBefore) || strings.Contains(state, deployedAfter) {
				t.Errorf("the state has changed:\n%s", state)
			}
		})
	}
}
