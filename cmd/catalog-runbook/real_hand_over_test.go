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

const (
	planLine  = "terraform -chdir=environments/{{ env }} plan -no-color"
	applyLine = "terraform -chdir=environments/{{ env }} apply -no-color"
	withArgs  = `variable "size" {
  default = "small"
}
resource "terraform_data" "sized" {
  input = var.size
}
`
)

// handOverWalk is a walk with more or other files, the justfile among them.
func handOverWalk(t *testing.T, files map[string]string, words ...string) *realWalk {
	t.Helper()
	t.Parallel()
	r := newRealTools(t)
	for i := 0; i < len(words); i += 2 {
		r.change("justfile", words[i], words[i+1])
	}
	for name, text := range files {
		r.write(name, text)
		if strings.HasPrefix(text, "#!") {
			if err := os.Chmod(filepath.Join(r.dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.run("git", "add", "--all")
	r.run("git", "commit", "--quiet", "--message", "Another recipe")
	return newRealWalk(t, r, steps.AppliesSaved)
}

// A recipe that takes the saved plan away is refused before it runs: each of these
// applies a plan of its own, most of them without a question.
func TestRealRecipeTakesThePlanAway(t *testing.T) {
	const variable = "TF_CLI_ARGS_apply"
	for name, tt := range map[string]struct {
		words []string
		files map[string]string
		says  string
	}{
		"exported":           {[]string{"bump env", "export " + variable + " := \"-auto-approve\"\nbump env"}, nil, "the justfile exports " + variable},
		"exported, and cut":  {[]string{"bump env", "export " + variable + " := \"-auto-approve\"\nbump env", applyLine, applyLine + " 2>&1 | tail -n 5"}, nil, "the justfile exports " + variable},
		"all exported":       {[]string{"bump env", "set export\n" + variable + " := \"-auto-approve\"\nbump env"}, nil, "the justfile exports " + variable},
		"imported":           {[]string{"bump env", "import 'more.just'\nbump env"}, map[string]string{"more.just": "export " + variable + " := \"-auto-approve\"\n"}, "the justfile exports " + variable},
		"dotenv-override":    {[]string{"bump env", "set dotenv-override\nbump env"}, map[string]string{".env": variable + "=-auto-approve\n"}, ".env sets " + variable},
		"attribute":          {[]string{"apply env", "[env(\"" + variable + "\", \"-auto-approve\")]\napply env"}, nil, "the recipe `apply` sets " + variable},
		"unexported":         {[]string{"bump env", "unexport " + variable + "\nbump env", applyLine, applyLine + " -auto-approve"}, nil, "unexport " + variable},
		"env -u":             {[]string{applyLine, "env -u " + variable + " " + applyLine + " -auto-approve"}, nil, "line 1 of the recipe `apply`"},
		"env -i":             {[]string{applyLine, "env -i PATH=\"$PATH\" " + applyLine + " -auto-approve"}, nil, "line 1 of the recipe `apply`"},
		"unset":              {[]string{applyLine, "unset " + variable + "; " + applyLine + " -auto-approve"}, nil, "changes " + variable},
		"assigned":           {[]string{applyLine, variable + "=-auto-approve " + applyLine}, nil, "changes " + variable},
		"a script":           {[]string{applyLine, "./apply.sh {{ env }}"}, map[string]string{"apply.sh": "#!/bin/sh\nunset " + variable + "\nterraform -chdir=environments/$1 apply -no-color -auto-approve\n"}, "line 2 of apply.sh"},
		"another recipe":     {[]string{applyLine, "just really {{ env }}\n\nreally env:\n    env -u " + variable + " " + applyLine + " -auto-approve"}, nil, "line 1 of the recipe `really`"},
		"a dependency":       {[]string{"apply env service:", "apply env service: (really env)", applyLine, "true\n\nreally env:\n    env -u " + variable + " " + applyLine + " -auto-approve"}, nil, "line 1 of the recipe `really`"},
		"in a variable":      {[]string{"bump env", "tf := \"env -u " + variable + " terraform\"\nbump env", applyLine, "{{ tf }} -chdir=environments/{{ env }} apply -no-color -auto-approve"}, nil, "line 1 of the recipe `apply`"},
		"a shell":            {[]string{"bump env", "set shell := [\"env\", \"-u\", \"" + variable + "\", \"sh\", \"-c\"]\nbump env", applyLine, applyLine + " -auto-approve"}, nil, "the justfile's shell removes"},
		"terraform destroys": {[]string{applyLine, "terraform -chdir=environments/{{ env }} destroy -auto-approve"}, nil, "destroys without a plan"},
	} {
		t.Run(name, func(t *testing.T) {
			w := handOverWalk(t, tt.files, tt.words...)
			w.review()
			before := w.state()
			err := w.perform(planStep, "apply")
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "`just apply` was not run") {
				t.Errorf("%v; want %q", err, tt.says)
			}
			if w.engine.Run().Effect(planStep, "apply").Started != nil || w.state() != before {
				t.Error("it was run")
			}
		})
	}
}

// unseen takes the variable away in a way that is not seen in the recipe.
const unseen = "perl -e 'delete $ENV{\"TF_CLI_\" . \"ARGS_apply\"}; exec @ARGV' "

// What is not seen in a recipe is met when it starts Terraform: the plan that was reviewed
// is applied, or none.
func TestRealRecipeIsGuarded(t *testing.T) {
	for name, tt := range map[string]struct {
		words   []string
		applied bool
	}{
		"no variable":           {[]string{applyLine, unseen + applyLine}, true},
		"without asking":        {[]string{applyLine, unseen + applyLine + " -auto-approve | tail -n 1"}, true},
		"twice":                 {[]string{applyLine, "for i in 1 2; do " + unseen + applyLine + " -auto-approve; done; true"}, true},
		"a plan of its own":     {[]string{applyLine, "terraform -chdir=environments/{{ env }} plan -out=own && " + unseen + applyLine + " own"}, false},
		"destroying":            {[]string{applyLine, unseen + "terraform -chdir=environments/{{ env }} $(echo destroy) -auto-approve"}, false},
		"destroying afterwards": {[]string{applyLine, unseen + applyLine + "\n    " + unseen + "terraform -chdir=environments/{{ env }} $(echo destroy) -auto-approve"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := handOverWalk(t, map[string]string{".gitignore": infrastructure[".gitignore"] + "own\n"}, tt.words...)
			w.review()
			before := w.state()
			if err := w.perform(planStep, "apply"); err != nil {
				t.Fatal(err)
			}
			if tt.applied {
				w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
				w.deploys(deployedAfter)
				return
			}
			w.wants(w.result(planStep, "apply"), runbook.Failed, "was kept from")
			if w.state() != before && name != "destroying afterwards" {
				t.Error("something was applied")
			}
		})
	}
	t.Run("a plan that applies", func(t *testing.T) {
		w := handOverWalk(t, nil, planLine, "-"+applyLine+" -auto-approve\n    "+planLine)
		before := w.state()
		for _, effect := range [][2]string{{bumpStep, "bump"}, {planStep, "plan"}} {
			if err := w.perform(document.StepID(effect[0]), effect[1]); err != nil {
				t.Fatal(err)
			}
		}
		w.wants(w.result(planStep, "plan"), runbook.Failed, "would have applied something")
		if w.state() != before {
			t.Error("something was applied")
		}
	})
}

// What passes the guard by shows in the state: what was applied is not passed as what
// was reviewed, although nothing of it is in the output.
func TestRealApplyOfAnotherPlan(t *testing.T) {
	hide := "\n    mv environments/{{ env }}/tf.hidden environments/{{ env }}/late.tf\n    " + unseen +
		strings.Replace(applyLine, "terraform", os.Getenv(terraformVariable), 1) + " -auto-approve >apply.log && tail -n 1 apply.log"
	w := handOverWalk(t, map[string]string{
		"environments/prod/tf.hidden": "resource \"terraform_data\" \"unreviewed\" {}\n", ".gitignore": ".terraform\nterraform.tfstate*\napply.log\nlate.tf\ntf.hidden\n",
	}, "\n    "+applyLine, hide)
	w.review()
	if err := w.perform(planStep, "apply"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Unknown, "terraform_data.unreviewed is in the state, but wasn't in the plan")
	w.deploys(deployedAfter)
}

// A recipe whose output goes elsewhere has applied what the state shows.
func TestRealApplyThatSaysNothing(t *testing.T) {
	w := handOverWalk(t, nil, applyLine, applyLine+" >/dev/null 2>&1")
	w.review()
	if err := w.perform(planStep, "apply"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
	w.deploys(deployedAfter)
}

// An apply that does nothing is not passed, whatever it prints.
func TestRealApplyThatDoesNothing(t *testing.T) {
	w := handOverWalk(t, nil, applyLine, "echo 'Apply complete! Resources: 1 added, 0 changed, 1 destroyed.'")
	w.review()
	if err := w.perform(planStep, "apply"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Unknown, "the state is not what the reviewed plan said")
	w.deploys(deployedBefore)
}

// The plan is made with the arguments that it has by hand, wherever they come from, or
// it is not made.
func TestRealPlanKeepsItsArguments(t *testing.T) {
	files := func(more ...string) map[string]string {
		all := map[string]string{"environments/prod/size.tf": withArgs, "environments/prod/prod.tfvars": "size = \"large\"\n"}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	const arguments = "TF_CLI_ARGS_plan=-var-file=prod.tfvars\n"
	t.Run(".env", func(t *testing.T) {
		w := handOverWalk(t, files(".env", arguments), "bump env", "set dotenv-load\nbump env")
		w.review()
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
		w.deploys("large")
	})
	t.Run("the state is where .env says", func(t *testing.T) {
		w := handOverWalk(t, files(".env", arguments+"TF_WORKSPACE=prod\n"), "bump env", "set dotenv-load\nbump env")
		terraform := func(args ...string) {
			w.run(os.Getenv(terraformVariable), append([]string{"-chdir=environments/prod"}, args...)...)
		}
		terraform("workspace", "new", "prod")
		terraform("apply", "-no-color", "-auto-approve")
		terraform("workspace", "select", "default")
		w.review()
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
	})
	for name, tt := range map[string]struct {
		words []string
		files map[string]string
		says  string
	}{
		"exported with a default": {[]string{"bump env", "export TF_CLI_ARGS_plan := env(\"TF_CLI_ARGS_plan\", \"-var-file=prod.tfvars\")\nbump env"}, files(), "the justfile exports TF_CLI_ARGS_plan"},
		"dotenv-override":         {[]string{"bump env", "set dotenv-override\nbump env"}, files(".env", arguments), ".env sets TF_CLI_ARGS_plan"},
	} {
		t.Run(name, func(t *testing.T) {
			w := handOverWalk(t, tt.files, tt.words...)
			if err := w.perform(bumpStep, "bump"); err != nil {
				t.Fatal(err)
			}
			if err := w.perform(planStep, "plan"); err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "`just plan` was not run") {
				t.Errorf("%v; want %q", err, tt.says)
			}
		})
	}
}
