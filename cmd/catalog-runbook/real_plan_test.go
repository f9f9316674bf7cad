package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/terraform/saved"
	"catalog-runbook/steps/transport"
)

// realWalk is a live run with the real just and terraform, up to its plan.
type realWalk struct {
	*realTools
	engine *steps.Engine
	folder string
	shown  strings.Builder
}

func newRealWalk(t *testing.T, r *realTools, apply steps.ApplyBy) *realWalk {
	t.Helper()
	w := startPractice(t, "calm")
	set, err := settings.Parse(settings.FileName, []byte(r.settings(w, apply)))
	if err != nil {
		t.Fatal(err)
	}
	world, err := steps.Connect(set, steps.Credentials{
		GitHubToken: transport.NewToken(w.GitHubToken()), AirflowUsername: w.AirflowUser(), AirflowPassword: w.AirflowPassword(),
	}, false, r.environ, nil)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	world.Executor = command.Supervised{Executable: program}
	doc, err := document.Parse(runbook.DefaultName, runbook.Default())
	if err != nil {
		t.Fatal(err)
	}
	walk := &realWalk{realTools: r, folder: t.TempDir()}
	walk.engine, err = steps.New(steps.Bind(doc, set, kinds.All()), world, steps.Options{
		Mode: runbook.Live, Environment: "test", Actor: "test", Folder: walk.folder,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := walk.engine.Choose(deployedAfter); err != nil {
		t.Fatal(err)
	}
	return walk
}

// perform runs an effect as a person would who types what is asked for.
func (w *realWalk) perform(step document.StepID, effect string) error {
	_ = w.engine.Prepare(w.t.Context(), step, effect) // what it says, Perform says too
	return w.engine.Perform(w.t.Context(), step, effect, w.engine.Run().Phrase(step, effect), steps.Session{Show: func(o steps.Output) {
		for _, line := range o.Lines {
			w.shown.WriteString(line.String() + "\n")
		}
	}})
}

// result is what the newest execution of an effect came to.
func (w *realWalk) result(step document.StepID, effect string) runbook.Result {
	w.t.Helper()
	done := w.engine.Run().Effect(step, effect).Finished
	if done == nil {
		w.t.Fatalf("%s has not ended", effect)
	}
	return done.Result
}

// wants demands a verdict, and words of the sentence that comes with it.
func (w *realWalk) wants(res runbook.Result, verdict runbook.Verdict, says string) {
	w.t.Helper()
	if res.Verdict != verdict || !strings.Contains(res.Summary.String(), says) {
		w.t.Fatalf("%s: %s; want %s and %q\n%s", res.Verdict, res.Summary, verdict, says, w.shown.String())
	}
}

// review bumps the version, makes the plan, and says that it looks correct.
func (w *realWalk) review() {
	w.t.Helper()
	if err := w.perform(bumpStep, "bump"); err != nil {
		w.t.Fatal(err)
	}
	w.plan()
}

func (w *realWalk) plan() {
	w.t.Helper()
	if err := w.perform(planStep, "plan"); err != nil {
		w.t.Fatal(err)
	}
	w.wants(w.result(planStep, "plan"), runbook.Passed, "deploys catalog-airflow")
	if err := w.engine.Judge(planStep, "plan", w.engine.Run().OutcomeHash(planStep, "plan")); err != nil {
		w.t.Fatal(err)
	}
}

// deploys demands which version the state has.
func (w *realWalk) deploys(version string) {
	w.t.Helper()
	if state := w.deployed(); !strings.Contains(state, `"`+version+`"`) {
		w.t.Errorf("%s is not what is deployed:\n%s", version, state)
	}
}

// secrets returns the files of plans that are there.
func (w *realWalk) plans() []string {
	w.t.Helper()
	var all []string
	for _, name := range []string{"plan.saved", "plan.json"} {
		found, err := filepath.Glob(filepath.Join(w.folder, "*", name))
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func TestRealPlanIsReviewedAndApplied(t *testing.T) {
	w := newRealWalk(t, newRealTools(t), steps.AppliesSaved)
	if err := w.engine.Perform(t.Context(), bumpStep, "bump", "prodd", steps.Session{}); err == nil {
		t.Fatal("the bump was run although it was not confirmed")
	}
	w.review()
	if diff := w.run("git", "diff", "--unified=0"); !strings.Contains(diff, `+  docker_image_tag = "`+deployedAfter) {
		t.Fatalf("the bump did not change the version:\n%s", diff)
	}
	files := w.plans()
	if len(files) != 2 {
		t.Fatalf("files of the plan: %q, want the saved one and its JSON", files)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %s", file, info.Mode())
		}
	}
	reading, err := w.engine.Plan(t.Context(), planStep)
	if err != nil || !reading.Exact || len(reading.Groups) == 0 || len(reading.Plan.Changes) != 1 {
		t.Fatalf("the plan as it is read: %+v, %v", reading, err)
	}
	lines, _, err := reading.Lines(0)
	if err != nil || len(lines) == 0 {
		t.Errorf("the plan's lines: %v, %v", lines, err)
	}

	w.shown.Reset()
	if got := w.engine.Run().Phrase(planStep, "apply"); got != "prod 1" {
		t.Errorf("to confirm, %q is to be typed", got)
	}
	if err := w.perform(planStep, "apply"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
	if out := w.shown.String(); strings.Contains(out, "Enter a value") || strings.Contains(out, "Plan:") {
		t.Errorf("the apply has made a plan of its own:\n%s", out)
	}
	w.deploys(deployedAfter)
	if left := w.plans(); len(left) > 0 {
		t.Errorf("still there: %q", left)
	}
}

// What changes between the review and the apply keeps the plan from being applied.
func TestRealPlanIsRefusedAfterAChange(t *testing.T) {
	const config = "environments/prod/catalog-airflow.tf"
	for name, tt := range map[string]struct {
		change func(w *realWalk)
		says   string // by the gate or the apply
		begins bool   // Terraform itself refuses
	}{
		"the state": {func(w *realWalk) {
			w.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "apply", "-no-color", "-auto-approve", "-replace=terraform_data.catalog_airflow", "-var=unused=")
		}, "the state has changed since it was made", true},
		"the configuration": {func(w *realWalk) { w.change(config, "}\n", "}\n# later\n") }, "has changed since the plan was made", false},
		"a file that git ignores": {func(w *realWalk) {
			w.write("environments/prod/ignored.tf", "resource \"terraform_data\" \"more\" {}\n")
		}, "has changed since the plan was made", false},
		"the commit": {func(w *realWalk) { w.run("git", "commit", "--quiet", "--allow-empty", "--message", "later") }, "The infrastructure checkout has changed since the plan was made", false},
		"the saved plan": {func(w *realWalk) {
			for _, file := range w.plans() {
				if err := os.WriteFile(file, []byte("another"), 0o600); err != nil {
					w.t.Fatal(err)
				}
			}
		}, "not the one that was reviewed", false},
		"the saved plan is gone": {func(w *realWalk) { saved.Remove(w.folder, w.engine.World().Now().Add(1e9)) }, "that was reviewed is gone", false},
		"the tool": {func(w *realWalk) {
			w.write("bin/terraform", "#!/bin/sh\n[ \"$1\" = version ] && { echo '{\"terraform_version\":\"9.9.9\"}'; exit; }\nexec '"+os.Getenv(terraformVariable)+"' \"$@\"\n")
		}, "erraform is 9.9.9 now", false},
		"the release": {func(w *realWalk) {
			if err := w.engine.Choose("v1.5.2"); err == nil {
				w.t.Error("the release was changed under the plan")
			}
			w.change(config, deployedAfter, "v1.5.1")
		}, "has changed since the plan was made", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRealTools(t)
			r.write("bin/terraform", "#!/bin/sh\nexec '"+os.Getenv(terraformVariable)+"' \"$@\"\n")
			r.environ[0] = "PATH=" + filepath.Join(r.dir, "bin") + string(filepath.ListSeparator) + r.environ[0][len("PATH="):]
			r.change(".gitignore", "terraform.tfstate*", "terraform.tfstate*\nbin/\nignored.tf")
			r.change(config, "locals {", "variable \"unused\" {\n  default = \"\"\n}\n\nlocals {")
			r.run("git", "commit", "--quiet", "--all", "--message", "More to change")
			w := newRealWalk(t, r, steps.AppliesSaved)
			w.review()
			before := w.state()
			tt.change(w)
			if name == "the state" {
				before = w.state()
			}
			err := w.perform(planStep, "apply")
			if tt.begins {
				if err != nil {
					t.Fatal(err)
				}
				w.wants(w.result(planStep, "apply"), runbook.Failed, tt.says)
			} else if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("the apply: %v; want %q", err, tt.says)
			}
			if after := w.state(); after != before {
				t.Errorf("what is deployed has changed:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// A recipe may pass arguments of its own: the plan that was reviewed is the last one.
func TestRealRecipeHasArguments(t *testing.T) {
	for name, apply := range map[string]string{
		"it asks":               "apply -no-color -input=true",
		"it does not ask":       "apply -no-color -auto-approve",
		"it pipes an answer":    "apply -no-color -lock-timeout=1s < yes",
		"a value of its own":    "apply -lock-timeout 1s -parallelism 3",
		"it keeps the responds": "apply -input=false | cat",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRealTools(t)
			r.write("yes", "yes\n")
			r.change("justfile", "apply -no-color", apply)
			r.change(".gitignore", "terraform.tfstate*", "terraform.tfstate*\nyes")
			r.run("git", "commit", "--quiet", "--all", "--message", "Another recipe")
			w := newRealWalk(t, r, steps.AppliesSaved)
			w.review()
			w.shown.Reset()
			if err := w.perform(planStep, "apply"); err != nil {
				t.Fatal(err)
			}
			w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
			w.deploys(deployedAfter)
			if out := w.shown.String(); strings.Contains(out, "Enter a value") || strings.Contains(out, "Plan:") {
				t.Errorf("the apply has made a plan of its own:\n%s", out)
			}
		})
	}
}

// A recipe that takes no saved plan applies nothing, and nothing else is tried: it may be
// one that applies without asking.
func TestRealRecipeTakesNoSavedPlan(t *testing.T) {
	terraform := os.Getenv(terraformVariable)
	for name, tt := range map[string]struct{ plan, apply, says string }{
		"its options plan again":    {"plan -no-color", "terraform -chdir=environments/{{ env }} apply -no-color -var=unused=1", "exit code 1"},
		"it passes the guard by":    {"plan -no-color", terraform + " -chdir=environments/{{ env }} apply -no-color -auto-approve", "takes no saved plan from this recipe"},
		"its plan is saved nowhere": {"plan -no-color -out=/dev/null", "terraform -chdir=environments/{{ env }} apply -no-color own", "nothing ties what `just apply` would do"},
		"it makes one of its own":   {"plan -no-color", "terraform -chdir=environments/{{ env }} plan -out=own && terraform -chdir=environments/{{ env }} apply own", "was kept from"},
		"it destroys and passes by": {"plan -no-color", terraform + " -chdir=environments/{{ env }} destroy -auto-approve", "destroys without a plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRealTools(t)
			r.change("justfile", "plan -no-color", tt.plan)
			r.change("justfile", applyLine, tt.apply)
			r.change(".gitignore", "terraform.tfstate*", "terraform.tfstate*\nown\nyes")
			r.run("git", "commit", "--quiet", "--all", "--message", "Another recipe")
			w := newRealWalk(t, r, steps.AppliesSaved)
			w.review()
			before := w.state()
			err := w.perform(planStep, "apply")
			if err == nil {
				w.wants(w.result(planStep, "apply"), runbook.Failed, tt.says)
			} else if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("refused with %v; want %q", err, tt.says)
			}
			if w.state() != before {
				t.Error("something was applied")
			}
			if err := w.perform(planStep, "apply"); err == nil {
				t.Error("it was tried again")
			}
		})
	}
}

// Where people have said that the recipe asks, the plan that it prints is compared
// with the one that was reviewed.
func TestRealRecipeThatAsks(t *testing.T) {
	reviewed := func(t *testing.T) *realWalk {
		t.Parallel()
		r := newRealTools(t)
		r.change("justfile", "apply -no-color", "apply -no-color -input=true")
		r.run("git", "commit", "--quiet", "--all", "--message", "Pass arguments")
		w := newRealWalk(t, r, steps.AppliesAsked)
		w.review()
		w.shown.Reset()
		return w
	}
	t.Run("unchanged", func(t *testing.T) {
		w := reviewed(t)
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "is applied")
		if out := w.shown.String(); !strings.Contains(out, "This is the plan that was reviewed: answering yes.") {
			t.Errorf("it was not compared:\n%s", out)
		}
		w.deploys(deployedAfter)
	})
	t.Run("another plan", func(t *testing.T) {
		w := reviewed(t)
		// Something else is in the state now, which the configuration does not know.
		w.write("environments/prod/terraform.tfstate", strings.Replace(w.state(), `"name": "catalog_airflow"`, `"name": "another"`, 1))
		before := w.state()
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Failed, "exit code 1")
		if out := w.shown.String(); !strings.Contains(out, "This is not the plan that was reviewed: answering no.") {
			t.Errorf("it was not refused:\n%s", out)
		}
		if w.state() != before {
			t.Error("another plan was applied")
		}
	})
	t.Run("the environment approves", func(t *testing.T) {
		w := reviewed(t)
		w.engine.World().Environ = append(w.engine.World().Environ, "TF_CLI_ARGS_apply=-auto-approve")
		before := w.state()
		if err := w.perform(planStep, "apply"); err == nil || !strings.Contains(err.Error(), "TF_CLI_ARGS_apply lets Terraform apply without asking") {
			t.Errorf("refused with %v", err)
		}
		if w.state() != before {
			t.Error("it was applied")
		}
	})
}

// What was printed may be another plan than the one that was saved: then nothing
// that apply prints can be compared.
func TestRealPlanThatIsNotTheOnePrinted(t *testing.T) {
	r := newRealTools(t)
	r.write("net/net.tf", "resource \"terraform_data\" \"net\" {}\n")
	r.run(os.Getenv(terraformVariable), "-chdir=net", "init", "-no-color")
	r.change("justfile", "plan -no-color", "plan -no-color >/dev/null; terraform -chdir=net plan -no-color -out=/dev/null")
	r.run("git", "add", "--all")
	r.run("git", "commit", "--quiet", "--all", "--message", "Plan twice")
	w := newRealWalk(t, r, steps.AppliesAsked)
	w.review()
	if err := w.perform(planStep, "apply"); err == nil || !strings.Contains(err.Error(), "is not what its plan says") {
		t.Errorf("refused with %v", err)
	}
	w.deploys(deployedBefore)
}

// Without an instance that the policy knows, nothing that the plan says makes it
// one that may be applied.
func TestRealPlanOfSomethingElse(t *testing.T) {
	r := newRealTools(t)
	r.change("environments/prod/catalog-airflow.tf", `"catalog_airflow"`, `"other"`)
	r.run("git", "commit", "--quiet", "--all", "--message", "Rename it")
	r.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "apply", "-no-color", "-auto-approve")
	w := newRealWalk(t, r, steps.AppliesSaved)
	if err := w.perform(bumpStep, "bump"); err != nil {
		t.Fatal(err)
	}
	if err := w.perform(planStep, "plan"); err != nil {
		t.Fatal(err)
	}
	w.wants(w.result(planStep, "plan"), runbook.Failed, "terraform_data.other")
	err := w.perform(planStep, "apply")
	var refusal *runbook.Refusal
	if !errors.As(err, &refusal) || refusal.Only(runbook.DemandConfirmation, runbook.DemandJudgement) {
		t.Fatalf("the apply was not refused for its plan: %v", err)
	}
	w.deploys(deployedBefore)
}

// state returns the bytes of the state.
func (w *realWalk) state() string {
	w.t.Helper()
	return readFile(w.t, filepath.Join(w.dir, "environments", "prod", "terraform.tfstate"))
}

// write makes a file of the checkout, which may be a program.
func (r *realTools) write(name, text string) {
	r.t.Helper()
	at := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o700); err != nil {
		r.t.Fatal(err)
	}
}
