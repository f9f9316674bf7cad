package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/terraform/text"
	"catalog-runbook/tui/frametest"
)

// The variables that name the real tools. Without them the tests that run real
// tools are skipped; the README says so, and .ci/run lets none be skipped that
// it has the tools for.
const (
	justVariable      = "CATALOG_RUNBOOK_TEST_JUST"
	terraformVariable = "CATALOG_RUNBOOK_TEST_TERRAFORM"
)

// What is deployed before, and the newest release that the practice world has.
const (
	deployedBefore = "v1.5.2"
	deployedAfter  = "v1.5.3"
)

const (
	bumpStep = "airflow/service-deployments/deployment-workflow#4"
	planStep = "airflow/service-deployments/deployment-workflow#5"
)

// An infrastructure in which a Terraform resource without a provider stands for
// the machine, so that nothing has to be downloaded.
var infrastructure = map[string]string{
	".gitignore": ".terraform*\nterraform.tfstate*\n.terraform.tfstate.lock.info\n",
	"justfile": `bump env service:
    sed -i.before 's/docker_image_tag = ".*"/docker_image_tag = "` + deployedAfter + `"/' environments/{{ env }}/{{ service }}.tf
    rm environments/{{ env }}/{{ service }}.tf.before

plan env service:
    terraform -chdir=environments/{{ env }} plan -no-color

apply env service:
    terraform -chdir=environments/{{ env }} apply -no-color
`,
	"environments/prod/catalog-airflow.tf": `locals {
  docker_image_tag = "` + deployedBefore + `"
}

resource "terraform_data" "catalog_airflow" {
  triggers_replace = [local.docker_image_tag]
}
`,
}

// realTools is a checkout whose recipes are run by the real just and terraform.
type realTools struct {
	t       *testing.T
	dir     string
	environ []string
}

func newRealTools(t *testing.T) *realTools {
	t.Helper()
	if frametest.RaceDetector {
		t.Skip("SKIPPED: these walks wait for other programs; what they call is run with the race detector by the walks of the practice")
	}
	var path []string
	for _, variable := range []string{justVariable, terraformVariable} {
		tool := os.Getenv(variable)
		if tool == "" {
			t.Skipf("SKIPPED: set %s to the path of the real tool to run this", variable)
		}
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
		path = append(path, filepath.Dir(tool))
	}
	r := &realTools{t: t, dir: t.TempDir(), environ: []string{
		"PATH=" + strings.Join(append(path, os.Getenv("PATH")), string(filepath.ListSeparator)),
		"HOME=" + t.TempDir(), "TF_CLI_CONFIG_FILE=" + os.DevNull, "CHECKPOINT_DISABLE=1",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org",
	}}
	for name, text := range infrastructure {
		at := filepath.Join(r.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.run("git", "init", "--quiet", "--template=")
	r.run("git", "symbolic-ref", "HEAD", "refs/heads/main")
	r.run("git", "add", "--all")
	r.run("git", "commit", "--quiet", "--message", "Run "+deployedBefore)
	r.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "init", "-no-color")
	r.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "apply", "-no-color", "-auto-approve")
	return r
}

func (r *realTools) run(name string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = r.dir, r.environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// deployed returns what the state says.
func (r *realTools) deployed() string {
	r.t.Helper()
	return r.run(os.Getenv(terraformVariable), "-chdir=environments/prod", "show", "-no-color")
}

// settings are those of the practice world, but for the checkout, and for what
// stands for the machine here.
func (r *realTools) settings(w *practice.World, apply steps.ApplyBy) string {
	return strings.Replace(worldSettings(w), w.InfrastructureDir(), r.dir, 1) +
		"\n[plan]\ninstance = [\"terraform_data.catalog_airflow\"]\napply = \"" + string(apply) + "\"\n"
}

// just runs a recipe as the engine would, and answers it.
func (r *realTools) just(recipe string, answer func(output string) string) (exit int, output string) {
	r.t.Helper()
	var out bytes.Buffer
	input := make(chan command.Input, 1)
	answered := false
	outcome, err := command.PTY{}.Run(r.t.Context(), command.Command{
		Argv: []string{"just", recipe, "prod", "catalog-airflow"}, Dir: r.dir, Env: r.environ,
	}, command.Streams{Input: input, Output: func(chunk []byte) {
		out.Write(chunk)
		if answered {
			return
		}
		if reply := answer(out.String()); reply != "" {
			answered = true
			input <- command.Input{Data: []byte(reply)}
		}
	}})
	if err != nil {
		r.t.Fatal(err)
	}
	return outcome.Exit, out.String()
}

// The question of a real apply is answered with yes exactly if the plan that it
// shows is the one that was read.
func TestRealApplyIsAnsweredByThePlan(t *testing.T) {
	r := newRealTools(t)
	all := kinds.All()
	apply := all[slices.IndexFunc(all, func(k *steps.Kind) bool { return k.Name == "plan-and-apply" })].Effect("apply")
	answerFor := func(hash string) func(string) string {
		return func(output string) string {
			reply, _ := apply.Answer(steps.Input{World: &steps.World{ApplyAsks: true}, Facts: runbook.Facts{"plan.text": hash}}, output)
			return reply
		}
	}
	silent := func(string) string { return "" }

	if exit, out := r.just("bump", silent); exit != 0 {
		t.Fatalf("the bump ended with %d\n%s", exit, out)
	}
	exit, plan := r.just("plan", silent)
	hash := text.Fingerprint(plan)
	if exit != 0 || hash == "" {
		t.Fatalf("the plan ended with %d and has the fingerprint %q\n%s", exit, hash, plan)
	}
	other := text.Fingerprint(strings.ReplaceAll(plan, deployedAfter, "v9.9.9"))
	if other == "" || other == hash {
		t.Fatalf("another plan has the fingerprint %q, this one %q", other, hash)
	}
	if exit, out := r.just("apply", answerFor(other)); exit == 0 || !strings.Contains(out, "Apply cancelled") {
		t.Errorf("another plan was read, but apply ended with %d\n%s", exit, out)
	}
	if state := r.deployed(); !strings.Contains(state, deployedBefore) {
		t.Fatalf("another plan was read, but this one is deployed:\n%s", state)
	}
	if exit, out := r.just("apply", answerFor(hash)); exit != 0 || !strings.Contains(out, "Apply complete!") {
		t.Errorf("the plan was read, but apply ended with %d\n%s", exit, out)
	}
	if state := r.deployed(); !strings.Contains(state, deployedAfter) {
		t.Errorf("the plan was applied, but the state is\n%s", state)
	}
}
