package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

// headlessAnyPlan makes a headless walk call any plan correct that was made
// without an error: a machine without a provider cannot have the instance that
// the service runs on.
const headlessAnyPlan = "CATALOG_RUNBOOK_TEST_ANY_PLAN"

// planKind is what the step with the plan is.
type planKind interface {
	steps.Kind
	steps.Runner
	steps.Answerer
}

// anyPlan is that kind, but for what it thinks of a plan. What it records of the
// plan, how it answers the apply and what it thinks of that stay as they are.
type anyPlan struct{ planKind }

func (k anyPlan) Finish(ctx context.Context, in steps.Input, effect string, exit int, output string) runbook.Result {
	result := k.planKind.Finish(ctx, in, effect, exit, output)
	if effect == "plan" && exit == 0 {
		result.Verdict = runbook.Passed
	}
	return result
}

func letAnyPlanPass(b *steps.Bound) {
	for i := range b.Steps {
		if k, ok := b.Steps[i].Kind.(planKind); ok {
			b.Steps[i].Kind = anyPlan{k}
		}
	}
}

// slowly makes the resource wait, while it is created, for what the gate says.
const slowly = `
  provisioner "local-exec" {
    command = "echo waiting; read line <\"$GATE\"; echo provisioned"
  }
}
`

// TestRealApplyOutlivesTheWalk ends a walk in four ways while a real just runs a
// real terraform, which holds the lock of its state. The apply completes, gives
// the lock back, and whoever resumes the run takes its outcome over.
func TestRealApplyOutlivesTheWalk(t *testing.T) {
	for _, variable := range []string{justVariable, terraformVariable} {
		if os.Getenv(variable) == "" { // each of the four would be skipped, and this one would pass
			t.Skipf("SKIPPED: set %s to the path of the real tool to run this", variable)
		}
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, signal := range map[string]syscall.Signal{"KILL": syscall.SIGKILL, "HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM, "INT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRealTools(t)
			r.change("justfile", deployedAfter, headlessTag)
			r.change("environments/prod/catalog-airflow.tf", "[local.docker_image_tag]\n}\n", "[local.docker_image_tag]\n"+slowly)
			r.run("git", "commit", "--quiet", "--all", "--message", "Be slow")

			k := newKilling(t)
			defer k.close()
			gate := k.really(r)
			cmd, a := k.start(program)
			eventually(t, patience, "the apply does not begin", func() bool { return strings.Contains(k.applyFile("output"), "(local-exec): waiting") })
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			k.holds(a)
			if err := cmd.Wait(); err == nil {
				t.Error("the walk has come to its end")
			}
			lock := filepath.Join(r.dir, "environments", "prod", ".terraform.tfstate.lock.info")
			if _, err := os.Stat(lock); err != nil {
				t.Errorf("the apply does not hold the lock of the state: %v", err)
			}
			if err := os.WriteFile(gate, []byte("on\n"), 0); err != nil {
				t.Fatal(err)
			}
			eventually(t, patience, "the apply does not end", func() bool { return k.applyFile("exit") != "" })
			if found := k.found(program); found != adopted {
				t.Errorf("found %s, want %s", found, adopted)
			}
			k.appliedOnce()
			if _, err := os.Stat(lock); !os.IsNotExist(err) {
				t.Errorf("the state is still locked: %v", err)
			}
			if state := r.deployed(); !strings.Contains(state, headlessTag) || strings.Contains(state, "tainted") {
				t.Errorf("the apply has ended, but the state is\n%s", state)
			}
		})
	}
}

// change replaces a text that a file of the checkout must have.
func (r *realTools) change(name, old, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	before := readFile(r.t, path)
	if !strings.Contains(before, old) {
		r.t.Fatalf("%q is not in %s:\n%s", old, name, before)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(before, old, text)), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// really turns the walk to the real tools. What is written to the gate lets an
// apply go on.
func (k *killing) really(r *realTools) (gate string) {
	k.t.Helper()
	gate = filepath.Join(k.dir, "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { // of a test that has failed, nobody must be left waiting
		if gate, err := os.OpenFile(gate, os.O_RDWR, 0); err == nil {
			gate.Close()
		}
	})
	k.write(settingsName, 0o600, strings.Replace(worldSettings(k.world), k.world.InfrastructureDir(), r.dir, 1))
	k.write("bin/just", 0o700, "#!/bin/sh\necho \"$CATALOG_RUNBOOK_ATTEMPT $1\" >>'"+k.log+"'\nexec '"+os.Getenv(justVariable)+"' \"$@\"\n")
	k.environ = append(k.environ, r.environ...)
	k.environ = append(k.environ, "PATH="+filepath.Join(k.dir, "bin")+string(filepath.ListSeparator)+r.environ[0][len("PATH="):], "GATE="+gate, headlessAnyPlan+"=1")
	return gate
}

// applyFile is a file in the folder of the apply, "" where it is not there.
func (k *killing) applyFile(name string) string {
	k.t.Helper()
	found, err := filepath.Glob(filepath.Join(k.state, "catalog-runbook", "runs", "*", "*-apply", name))
	if err != nil || len(found) > 1 {
		k.t.Fatalf("the applies are %q, %v", found, err)
	}
	if len(found) == 0 {
		return ""
	}
	return readFile(k.t, found[0])
}

// appliedOnce fails unless one apply is on record, whose good end was taken over.
func (k *killing) appliedOnce() {
	k.t.Helper()
	begun, ended := 0, 0
	for _, r := range k.history().Records {
		switch e := r.Event.(type) {
		case runbook.EffectStarted:
			if e.Effect == "apply" {
				begun++
			}
		case runbook.EffectFinished:
			if e.Effect != "apply" {
				continue
			}
			if ended++; e.Exit != 0 || !e.Adopted || e.Result.Verdict != runbook.Passed {
				k.t.Errorf("on record is exit code %d, adopted %v, %s: %s", e.Exit, e.Adopted, e.Result.Verdict, e.Result.Summary)
			}
		}
	}
	if begun != 1 || ended != 1 {
		k.t.Errorf("%d applies were begun and %d ended", begun, ended)
	}
	for text, want := range map[string]int{"Enter a value: ": 1, "Enter a value: yes\r\n": 1, "yes\r\n": 1, "Apply complete!": 1} {
		if got := strings.Count(k.applyFile("output"), text); got != want {
			k.t.Errorf("%q was printed %d times, want %d:\n%s", text, got, want, k.applyFile("output"))
		}
	}
}
