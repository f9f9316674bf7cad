package main

import (
	"os"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// A recipe may save its plan in a file of its own and apply that.
func TestRealRecipeWithAPlanOfItsOwn(t *testing.T) {
	const plan = "terraform -chdir=environments/{{ env }} plan -no-color"
	own := func(t *testing.T, ignored bool, planLine, newApply string) *realWalk {
		t.Helper()
		t.Parallel()
		r := newRealTools(t)
		r.change("justfile", plan, planLine)
		r.change("justfile", applyLine, newApply)
		if ignored {
			r.change(".gitignore", "terraform.tfstate*", "terraform.tfstate*\ntfplan")
		}
		r.run("git", "commit", "--quiet", "--all", "--message", "Save the plan")
		w := newRealWalk(t, r, steps.AppliesSaved)
		w.review()
		w.shown.Reset()
		return w
	}
	for name, tt := range map[string]struct {
		ignored     bool
		plan, apply string
	}{
		"ignored":            {true, plan + " -out=tfplan", applyLine + " tfplan"},
		"not ignored":        {false, plan + " -out=tfplan", applyLine + " tfplan"},
		"in another folder":  {false, plan + " -out ../../plans/tfplan", applyLine + " ../../plans/tfplan"},
		"without -chdir":     {false, "cd environments/prod && terraform plan -no-color -out=tfplan", "cd environments/prod && terraform apply tfplan"},
		"with its exit code": {true, plan + " -out=tfplan -detailed-exitcode", applyLine + " -input=false -auto-approve tfplan"},
		"which it shows too": {true, plan + " -out=tfplan >/dev/null\n    terraform -chdir=environments/{{ env }} show -no-color tfplan", applyLine + " tfplan"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "in another folder" {
				tt.plan = "mkdir -p plans && " + tt.plan
			}
			w := own(t, tt.ignored, tt.plan, tt.apply)
			if got := w.engine.Run().Phrase(planStep, "apply"); got != "prod 1" {
				t.Errorf("to confirm, %q is to be typed", got)
			}
			if err := w.perform(planStep, "apply"); err != nil {
				t.Fatal(err)
			}
			w.wants(w.result(planStep, "apply"), runbook.Passed, "is applied")
			w.deploys(deployedAfter)
		})
	}
	for name, tt := range map[string]struct {
		apply  string
		change func(w *realWalk)
		says   string
	}{
		"replaced meanwhile": {applyLine + " tfplan", func(w *realWalk) {
			w.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "plan", "-destroy", "-out=tfplan")
		}, "tfplan is no longer the plan that was reviewed"},
		"gone": {applyLine + " tfplan", func(w *realWalk) {
			w.run("rm", "environments/prod/tfplan")
		}, "tfplan is no longer the plan that was reviewed"},
		"made again by the recipe": {"terraform -chdir=environments/{{ env }} plan -destroy -out=tfplan && " + applyLine + " tfplan", func(*realWalk) {}, "was kept from"},
	} {
		t.Run(name, func(t *testing.T) {
			w := own(t, true, plan+" -out=tfplan", tt.apply)
			before := w.state()
			tt.change(w)
			if err := w.perform(planStep, "apply"); err == nil {
				w.wants(w.result(planStep, "apply"), runbook.Failed, tt.says)
			} else if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("refused with %v; want %q", err, tt.says)
			}
			if w.state() != before {
				t.Error("something was applied")
			}
		})
	}
	t.Run("not ignored, and replaced meanwhile", func(t *testing.T) {
		w := own(t, false, plan+" -out=tfplan", applyLine+" tfplan")
		before := w.state()
		w.write("environments/prod/tfplan", "another")
		if err := w.perform(planStep, "apply"); err == nil || !strings.Contains(err.Error(), "tfplan is no longer the plan that was reviewed") {
			t.Errorf("refused with %v", err)
		}
		if w.state() != before {
			t.Error("something was applied")
		}
	})
}

// What lies where a recipe would save its plan is not taken for the plan that it made.
func TestRealOldPlanIsNotAdopted(t *testing.T) {
	t.Parallel()
	r := newRealTools(t)
	r.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "plan", "-destroy", "-out=tfplan")
	r.change("justfile", "plan -no-color", "plan -no-color -out=tfplan -help")
	r.change(".gitignore", "terraform.tfstate*", "terraform.tfstate*\ntfplan")
	r.run("git", "commit", "--quiet", "--all", "--message", "Save no plan")
	w := newRealWalk(t, r, steps.AppliesSaved)
	for _, effect := range []struct{ step, name string }{{bumpStep, "bump"}, {planStep, "plan"}} {
		if err := w.perform(document.StepID(effect.step), effect.name); err != nil {
			t.Fatal(err)
		}
	}
	w.wants(w.result(planStep, "plan"), runbook.Unknown, "")
	if plans := w.plans(); len(plans) > 0 {
		t.Errorf("kept: %q", plans)
	}
}
