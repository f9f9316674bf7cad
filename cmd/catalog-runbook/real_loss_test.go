package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

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
	for name, tt := range map[string]struct {
		signal syscall.Signal
		saved  bool // the plan; else apply shows one and asks
	}{"KILL": {syscall.SIGKILL, true}, "HUP": {syscall.SIGHUP, false}, "TERM": {syscall.SIGTERM, true}, "INT": {syscall.SIGINT, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRealTools(t)
			r.change("justfile", deployedAfter, headlessTag)
			r.change("environments/prod/catalog-airflow.tf", "[local.docker_image_tag]\n}\n", "[local.docker_image_tag]\n"+slowly)
			r.run("git", "commit", "--quiet", "--all", "--message", "Be slow")

			k := newKilling(t)
			defer k.close()
			gate := k.really(r, tt.saved)
			cmd, a := k.start(program)
			eventually(t, patience, "the apply does not begin", func() bool { return strings.Contains(k.applyFile("output"), "(local-exec): waiting") })
			if err := cmd.Process.Signal(tt.signal); err != nil {
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
			k.appliedOnce(tt.saved)
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
func (k *killing) really(r *realTools, saved bool) (gate string) {
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
	apply, drop := steps.AppliesSaved, ""
	if !saved {
		apply, drop = steps.AppliesAsked, "unset TF_CLI_ARGS_plan\n"
	}
	k.write(settings.FileName, 0o600, r.settings(k.world, apply))
	k.write("bin/just", 0o700, "#!/bin/sh\n"+drop+"[ -z \"$CATALOG_RUNBOOK_ATTEMPT\" ] || echo \"$CATALOG_RUNBOOK_ATTEMPT $1\" >>'"+k.log+"'\nexec '"+os.Getenv(justVariable)+"' \"$@\"\n")
	k.environ = append(k.environ, r.environ...)
	k.environ = append(k.environ, "PATH="+filepath.Join(k.dir, "bin")+string(filepath.ListSeparator)+r.environ[0][len("PATH="):], "GATE="+gate)
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
func (k *killing) appliedOnce(saved bool) {
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
	asked := 1
	if saved {
		asked = 0
	}
	for text, want := range map[string]int{"Enter a value: ": asked, "Enter a value: yes\r\n": asked, "yes\r\n": asked, "Apply complete!": 1} {
		if got := strings.Count(k.applyFile("output"), text); got != want {
			k.t.Errorf("%q was printed %d times, want %d:\n%s", text, got, want, k.applyFile("output"))
		}
	}
}
