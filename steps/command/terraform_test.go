package command

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// terraformVariable names the real terraform. Without it these tests are skipped.
const terraformVariable = "CATALOG_RUNBOOK_TEST_TERRAFORM"

// slow is a configuration that needs no provider to be downloaded, and whose
// apply waits for the gate.
const slow = `resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo waiting; read line <\"$GATE\"; echo provisioned"
  }
}
`

// slowApply is an apply that has asked its question, and the file of its lock.
func slowApply(t *testing.T) (cmd Command, open func(), lock string) {
	t.Helper()
	tool := os.Getenv(terraformVariable)
	if tool == "" {
		t.Skipf("SKIPPED: set %s to the path of the real terraform to run this", terraformVariable)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, open = gated(t, "")
	cmd.Argv, cmd.Dir = []string{tool, "apply", "-no-color"}, dir
	cmd.Env = append(cmd.Env, "HOME="+t.TempDir(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "NO_COLOR=1")
	prepare := exec.Command(tool, "init", "-no-color")
	prepare.Dir, prepare.Env = dir, cmd.Env
	if out, err := prepare.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return cmd, open, filepath.Join(dir, ".terraform.tfstate.lock.info")
}

// TestRealApplyOutlivesItsFrontEnd kills the process that follows an apply.
func TestRealApplyOutlivesItsFrontEnd(t *testing.T) {
	cmd, open, lock := slowApply(t)
	shell := cmd
	shell.Argv = []string{"sh", "-c", `cd "$1" && shift && exec "$@"`, "sh", cmd.Dir}
	shell.Argv = append(shell.Argv, cmd.Argv...)
	front, s := frontend(t, shell)
	s.waitFor(t, "Enter a value: ")
	answering := rejoin(cmd.Folder)
	answering.waitFor(t, "Enter a value: ")
	answering.input <- Input{ID: "apply", Data: []byte("yes\n")}
	s.waitFor(t, "(local-exec): waiting")
	answering.leave()
	_, _ = answering.wait(t)
	if _, err := os.Stat(lock); err != nil {
		t.Errorf("the state is not locked: %v", err)
	}
	if err := front.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = front.Wait()
	open()
	f := rejoin(cmd.Folder)
	f.input <- Input{ID: "apply", Data: []byte("yes\n")} // it has been given
	got, err := f.wait(t)
	if err != nil || got.Exit != 0 || !got.Whole || !strings.Contains(f.String(), "Apply complete! Resources: 1 added") {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
	if _, err := os.Stat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the state is still locked: %v", err)
	}
	state, err := os.ReadFile(filepath.Join(cmd.Dir, "terraform.tfstate"))
	if err != nil || !strings.Contains(string(state), `"name": "slow"`) || strings.Contains(string(state), "tainted") {
		t.Errorf("got %v, %s", err, state)
	}
}

// TestRealApplyIsInterrupted sends one interrupt, and what is dropped. Terraform
// writes its state and gives its lock back.
func TestRealApplyIsInterrupted(t *testing.T) {
	cmd, _, lock := slowApply(t)
	f := start(t, cmd)
	f.waitFor(t, "Enter a value: ")
	f.input <- Input{ID: "apply", Data: []byte("yes\n")}
	f.waitFor(t, "(local-exec): waiting")
	for range 3 {
		f.stop <- Interrupt
	}
	got, err := f.wait(t)
	if err != nil || got.Exit != 1 || !strings.Contains(f.String(), "Interrupt received") || strings.Contains(f.String(), "Two interrupts") || time.Since(got.Ended) > time.Minute {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
	if _, err := os.Stat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the state is still locked: %v", err)
	}
	if state, err := os.ReadFile(filepath.Join(cmd.Dir, "terraform.tfstate")); err != nil || !strings.Contains(string(state), "tainted") {
		t.Errorf("got %v, %s", err, state)
	}
}
