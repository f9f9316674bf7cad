package failpoint_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func build(t *testing.T, args ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("building takes some seconds")
	}
	path := filepath.Join(t.TempDir(), "reach")
	args = append(append([]string{"build", "-o", path}, args...), "./testdata/reach")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
	return path
}

// run runs the program and returns what it printed, how it ended, and its
// standard error.
func run(t *testing.T, program, point string) (lines []string, end syscall.WaitStatus, talk string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "CATALOG_RUNBOOK_FAILPOINT="+point)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.Fields(string(out)), cmd.ProcessState.Sys().(syscall.WaitStatus), stderr.String()
}

func TestReachDoesNothingWithoutTheTag(t *testing.T) {
	program := build(t)
	for _, point := range []string{"", "part:here", "part:here:panic", "part:here@x"} {
		if lines, end, talk := run(t, program, point); len(lines) != 5 || end.ExitStatus() != 0 {
			t.Errorf("%q: printed %v, exit %d, %s", point, lines, end.ExitStatus(), talk)
		}
	}
}

func TestReach(t *testing.T) {
	program := build(t, "-tags", "failpoints")
	for _, c := range []struct {
		point  string
		lines  int
		signal syscall.Signal // -1: none
		exit   int
		talk   string
	}{
		{"", 5, -1, 0, ""},
		{"here", 5, -1, 0, ""},
		{"part", 5, -1, 0, ""},
		{"part:here", 0, syscall.SIGKILL, -1, ""},
		{"part:here@1", 0, syscall.SIGKILL, -1, ""},
		{"part:here@4", 3, syscall.SIGKILL, -1, ""},
		{"part:here@6", 5, -1, 0, ""},
		{"part:here:panic", 0, -1, 2, "panic: failpoint: part:here"},
		{"part:here@2:panic", 1, -1, 2, "panic: failpoint: part:here"},
		{"part:here@x", 0, -1, 2, "is not a name, an @ and a number"},
		{"part:here@0", 0, -1, 2, "is not a name, an @ and a number"},
	} {
		lines, end, talk := run(t, program, c.point)
		if len(lines) != c.lines {
			t.Errorf("%q: printed %v, want %d lines", c.point, lines, c.lines)
		}
		if end.Signal() != c.signal || end.ExitStatus() != c.exit {
			t.Errorf("%q: ended with signal %v and exit %d, want %v and %d", c.point, end.Signal(), end.ExitStatus(), c.signal, c.exit)
		}
		if !strings.Contains(talk, c.talk) {
			t.Errorf("%q: said %q, want %q", c.point, talk, c.talk)
		}
	}
}

// TestReachStops shows that a process stops at the point and continues there.
func TestReachStops(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), build(t, "-tags", "failpoints"))
	cmd.Env = append(os.Environ(), "CATALOG_RUNBOOK_FAILPOINT=part:here@3:stop")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var end syscall.WaitStatus
	if _, err := syscall.Wait4(cmd.Process.Pid, &end, syscall.WUNTRACED, nil); err != nil || !end.Stopped() {
		t.Fatalf("not stopped: %v, %v", end, err)
	}
	// It is stopped, so all its output is in the pipe.
	got := make([]byte, 64)
	n, err := out.Read(got)
	if err != nil || string(got[:n]) != "1\n2\n" {
		t.Fatalf("printed %q before it stopped, %v", got[:n], err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(out); err != nil || string(rest) != "3\n4\n5\n" {
		t.Errorf("printed %q after it went on, %v", rest, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
