package main

import (
	"os"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// recipeWalk is a walk whose justfile differs from the usual one in some words.
func recipeWalk(t *testing.T, words ...string) *realWalk {
	t.Helper()
	t.Parallel()
	r := newRealTools(t)
	for i := 0; i < len(words); i += 2 {
		r.change("justfile", words[i], words[i+1])
	}
	r.run("git", "commit", "--quiet", "--all", "--message", "Another recipe")
	return newRealWalk(t, r, steps.AppliesSaved)
}

// The recipes of a person who wants to be asked: what they type for the checklist is
// the answer to just as well.
func TestRealConfirmedRecipe(t *testing.T) {
	w := recipeWalk(t,
		"bump env", "[confirm]\nbump env",
		"plan env", "[confirm('Plan this?')]\nplan env",
		"apply env", "[confirm(\"Really apply to prod?\")]\napply env")
	w.review()
	if err := w.perform(planStep, "apply"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
	w.deploys(deployedAfter)
	for _, entry := range w.environ {
		if strings.HasPrefix(entry, "JUST_YES") {
			t.Errorf("the environment has %s already", entry)
		}
	}
}

// A plan with changes ends with 2 if -detailed-exitcode asks for that.
func TestRealDetailedExitCode(t *testing.T) {
	const plan = "plan -no-color"
	last := func(w *realWalk) runbook.Result {
		w.t.Helper()
		for _, effect := range []struct{ step, name string }{{bumpStep, "bump"}, {planStep, "plan"}} {
			if err := w.perform(document.StepID(effect.step), effect.name); err != nil {
				w.t.Fatal(err)
			}
		}
		return w.result(planStep, "plan")
	}
	t.Run("changes", func(t *testing.T) {
		w := recipeWalk(t, plan, plan+" -detailed-exitcode\n    touch after")
		w.review()
		if _, err := os.Stat(w.dir + "/after"); err == nil {
			t.Error("the recipe has gone on")
		}
		said := ""
		for _, e := range w.result(planStep, "plan").Evidence {
			said += e.Name.String() + ": " + e.Value.String() + "\n"
		}
		if !strings.Contains(said, "exit code: 2, with which -detailed-exitcode says that there are changes; lines of the recipe after that were not run") {
			t.Errorf("it does not tell about the exit code:\n%s", said)
		}
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
		w.deploys(deployedAfter)
	})
	t.Run("no saved plan", func(t *testing.T) {
		w := recipeWalk(t, plan, plan+" -detailed-exitcode -out=/dev/null")
		w.wants(last(w), runbook.Failed, "take -detailed-exitcode out of the recipe")
	})
	t.Run("no changes", func(t *testing.T) {
		w := recipeWalk(t, plan, plan+" -target=terraform_data.other\n    exit 2")
		w.wants(last(w), runbook.Failed, "which its plan does not explain")
	})
	t.Run("the planning failed", func(t *testing.T) {
		w := recipeWalk(t, plan, plan+" -var=unused=1\n    exit 2", "terraform -chdir", "-terraform -chdir")
		w.wants(last(w), runbook.Failed, "exit code 2: read its output")
		if err := w.perform(planStep, "apply"); err == nil {
			t.Error("it was applied")
		}
		w.deploys(deployedBefore)
	})
	t.Run("planning failed in the middle", func(t *testing.T) {
		w := recipeWalk(t, plan, plan+"\n    exit 2", "terraform -chdir", "-terraform -chdir")
		w.write("environments/prod/catalog-airflow.tf", readFile(t, w.dir+"/environments/prod/catalog-airflow.tf")+`
resource "terraform_data" "after" {
  lifecycle {
    precondition {
      condition     = local.docker_image_tag == "`+deployedBefore+`"
      error_message = "not this version"
    }
  }
}
`)
		w.run("git", "commit", "--quiet", "--all", "--message", "Fail")
		w.wants(last(w), runbook.Unknown, "planning failed")
		if err := w.perform(planStep, "apply"); err == nil {
			t.Error("it was applied")
		}
		w.deploys(deployedBefore)
	})
}
