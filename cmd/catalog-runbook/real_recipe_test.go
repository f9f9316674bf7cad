package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
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
	for effect, want := range map[string]string{"plan": "Plan this?", "apply": "Really apply to prod?"} {
		if asks := w.engine.Asks(t.Context(), planStep, effect); len(asks) != 1 || asks[0].String() != want {
			t.Errorf("%s asks %q, want %q", effect, asks, want)
		}
	}
	if asks := w.engine.Asks(t.Context(), bumpStep, "bump"); len(asks) != 1 || asks[0].String() != "Run recipe `bump`?" {
		t.Errorf("the bump asks %q", asks)
	}
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

// answer is what a person types at a prompt.
type answer struct {
	prompt string
	line   string
}

// typing performs an effect. It types lines before anything is printed, and each answer
// once its prompt is there.
func (w *realWalk) typing(step document.StepID, effect string, before []string, answers ...answer) error {
	w.t.Helper()
	_ = w.engine.Prepare(w.t.Context(), step, effect)
	typed := make(chan steps.Typed, 16)
	for _, line := range before {
		typed <- steps.Typed{Line: line}
	}
	answered := false // and the line of the prompt has not ended
	return w.engine.Perform(w.t.Context(), step, effect, w.engine.Run().Phrase(step, effect), steps.Session{Typed: typed, Show: func(o steps.Output) {
		for _, line := range o.Lines {
			w.shown.WriteString(line.String() + "\n")
			answered = false
		}
		if len(answers) > 0 && !answered && strings.HasSuffix(o.Partial.String(), answers[0].prompt) {
			typed <- steps.Typed{Line: answers[0].line}
			answers, answered = answers[1:], true
		}
	}})
}

// A person answers the prompts of a recipe, none of which ends its line.
func TestRealRecipeThatPrompts(t *testing.T) {
	const recipe = `@printf 'Continue?'; read a; test "$a" = go
    @printf 'Password:'; read a; test "$a" = hunter2
    terraform -chdir`
	w := recipeWalk(t, "terraform -chdir", recipe)
	answers := []answer{{"Continue?", "go"}, {"Password:", "hunter2"}}
	if err := w.perform(bumpStep, "bump"); err != nil {
		t.Fatal(err)
	}
	if err := w.typing(planStep, "plan", nil, answers...); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "plan"), runbook.Passed, "deploys catalog-airflow")
	if err := w.engine.Judge(planStep, "plan", w.engine.Run().OutcomeHash(planStep, "plan")); err != nil {
		t.Fatal(err)
	}
	if err := w.typing(planStep, "apply", nil, answers...); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Passed, "is applied")
	w.deploys(deployedAfter)
	if strings.Contains(w.shown.String(), "hunter2") {
		t.Errorf("the password was shown:\n%s", w.shown.String())
	}
	outputs, err := filepath.Glob(filepath.Join(w.folder, "*", "output"))
	if err != nil || len(outputs) != 3 {
		t.Fatalf("outputs: %q, %v", outputs, err)
	}
	for _, output := range outputs {
		if strings.Contains(readFile(t, output), "hunter2") {
			t.Errorf("the password is kept in %s", output)
		}
	}
}

// Terraform asks for the value of a variable.
func TestRealPlanThatAsksForAVariable(t *testing.T) {
	w := recipeWalk(t, "plan -no-color", "plan -no-color -input=true")
	w.change("environments/prod/catalog-airflow.tf", "locals {", `variable "size" {
  description = "How large it is."
}

variable "db_password" {
  sensitive = true
}

output "size" {
  value = var.size
}

locals {`)
	w.run("git", "commit", "--quiet", "--all", "--message", "Ask")
	if err := w.perform(bumpStep, "bump"); err != nil {
		t.Fatal(err)
	}
	if err := w.typing(planStep, "plan", nil, answer{"Enter a value: ", "hunter2"}, answer{"Enter a value: ", "large"}); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "plan"), runbook.Passed, "deploys catalog-airflow")
	if out := w.shown.String(); strings.Contains(out, "hunter2") || !strings.Contains(out, "Enter a value: large") {
		t.Errorf("the answers are shown wrongly:\n%s", out)
	}
}

// What the plan marks as sensitive is masked in what the commands print, from when the
// plan is known: also in what is kept of the plan command, which had printed it before.
// The apply's output is masked as it is written, so the recipe can't find it there.
func TestRealSensitiveValues(t *testing.T) {
	const secret, kept = "plan-secret-0815-\"quoted\"", "plan-secret-0815"
	w := recipeWalk(t, "terraform -chdir", `@echo 'the password is plan-secret-0815-"quoted"'
    @if grep -r 'is plan-secret' "$WALK_FOLDER"/*; then echo 'it is on the disk'; fi
    terraform -chdir`)
	w.engine.World().Environ = append(w.engine.World().Environ, "WALK_FOLDER="+w.folder)
	w.change("environments/prod/catalog-airflow.tf", "locals {", `variable "db_password" {
  default   = `+strconv.Quote(secret)+`
  sensitive = true
}

resource "terraform_data" "login" {
  input = var.db_password
}

locals {`)
	w.run("git", "commit", "--quiet", "--all", "--message", "Add a login")
	w.review()
	outputs := func(n int) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(w.folder, "*", "output"))
		if err != nil || len(files) != n {
			t.Fatalf("outputs: %q, %v", files, err)
		}
		for _, file := range files {
			if text := readFile(t, file); strings.Contains(text, kept) || strings.Contains(text, "the password is") && !strings.Contains(text, "the password is "+clean.Mask) {
				t.Errorf("the secret is kept in %s:\n%s", file, text)
			}
		}
	}
	outputs(2)
	w.shown.Reset()
	if err := w.perform(planStep, "apply"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Passed, "is applied")
	outputs(3)
	if out := w.shown.String(); !strings.Contains(out, "the password is "+clean.Mask) || strings.Contains(out, kept) || strings.Contains(out, "on the disk") {
		t.Errorf("the apply shows\n%s", out)
	}
	w.deploys(deployedAfter)
}

// Nobody can approve by typing what was not read, whether ahead of time, for another
// question, or in parts.
func TestRealTypingApprovesNothing(t *testing.T) {
	const apply = "terraform -chdir=environments/{{ env }} apply -no-color"
	for name, tt := range map[string]struct {
		recipe string
		before []string
		lines  []answer
	}{
		"ahead of time":            {"sh -c 'unset TF_CLI_ARGS_apply; " + apply + "'", []string{"yes", " YES ", "xyes"}, nil},
		"at the question":          {"sh -c 'unset TF_CLI_ARGS_apply; " + apply + "'", nil, []answer{{"Enter a value: ", "yes"}}},
		"what another has left":    {"bash -c 'read -n1 -p \"Sure?\"; unset TF_CLI_ARGS_apply; " + apply + "'", nil, []answer{{"Sure?", "yyes"}, {"Sure?", "n"}}},
		"with a backspace":         {"sh -c 'unset TF_CLI_ARGS_apply; " + apply + "'", []string{"yesx\x7f", "a\nyes", "yes\r"}, nil},
		"while the program may do": {"sh -c 'unset TF_CLI_ARGS_apply; " + apply + " -lock-timeout=1s; " + apply + "'", []string{"no", "yes"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := recipeWalk(t, apply, tt.recipe)
			w.review()
			before := w.state()
			if err := w.typing(planStep, "apply", tt.before, tt.lines...); err == nil {
				if res := w.result(planStep, "apply"); res.Verdict == runbook.Passed {
					t.Errorf("%s\n%s", res.Summary, w.shown.String())
				}
			}
			if w.state() != before {
				t.Errorf("something was applied\n%s", w.shown.String())
			}
		})
	}
}

// A signal that ends just keeps neither Terraform from its end nor anybody from knowing
// that it has come to it.
func TestRealSignalToJust(t *testing.T) {
	for signal, exit := range map[string]string{"HUP": "129", "INT": "130"} {
		t.Run(signal, func(t *testing.T) {
			w := recipeWalk(t, applyLine, "@kill -"+signal+" $PPID; "+applyLine)
			w.review()
			if err := w.perform(planStep, "apply"); err != nil {
				t.Fatal(err)
			}
			w.wants(w.result(planStep, "apply"), runbook.Failed, "ended with exit code "+exit+", which says that a SIG"+signal+" has ended it or something in its recipe, although Terraform has printed \"Apply complete!\", and the state is what the reviewed plan said.")
			w.deploys(deployedAfter)
			if err := w.perform(planStep, "plan"); err != nil {
				t.Fatal(err)
			}
			w.wants(w.result(planStep, "plan"), runbook.Failed, "changes no resource")
		})
	}
}
