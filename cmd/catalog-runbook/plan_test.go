package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// viewerOn starts the viewer on a terminal. in, unless it is nil, is its standard input.
func viewerOn(t *testing.T, columns, rows int, in *os.File, args ...string) *emulator {
	t.Helper()
	term := newTerminal(t, columns, rows, nil, program(t), append([]string{"plan"}, args...)...)
	if in != nil {
		term.cmd.Stdin, term.cmd.SysProcAttr.Ctty = in, 1 // the terminal is the output
	}
	term.start(nil)
	return term
}

func fixturePath(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(plans, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPlan reads a file and a stream, whose keys come from the terminal, on every size.
func TestPlan(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for _, name := range []string{"cloud-database-destroy.json", "cloud-database-destroy.txt"} {
			path := fixturePath(t, name)
			for _, stream := range []bool{false, true} {
				var term *emulator
				if stream {
					out, in, err := os.Pipe()
					if err != nil {
						t.Fatal(err)
					}
					go func() {
						defer in.Close()
						if plan, err := os.Open(path); err == nil {
							_, _ = io.Copy(in, plan)
							plan.Close()
						}
					}()
					term = viewerOn(t, size[0], size[1], out, "-", "--release", "v1.5.4")
					out.Close()
				} else {
					term = viewerOn(t, size[0], size[1], nil, path, "--release", "v1.5.4")
				}
				term.waitFor("A plan to deploy catalog-airflow v1.5.4", "READ ONLY", "✗ failed: ", "✗ not allowed", "q quit")
				term.typeIn("?")
				term.waitFor("N       match before")
				term.typeIn("x")
				term.waitGone("match before")
				term.typeIn("-/DOCKER\r")
				term.waitFor(`"DOCKER" 1 of 1`, "DOCKER_IMAGE_TAG=v1.5.3")
				term.typeIn("\x1b")
				term.waitGone(`"DOCKER"`)
				term.typeIn("q")
				if code := term.end(); code != 0 {
					t.Errorf("exit code %d", code)
				}
				given(t, term.bytes())
			}
		}
	}
}

// TestPlanGivesTheTerminalBack ends the viewer in other ways.
func TestPlanGivesTheTerminalBack(t *testing.T) {
	for signal, code := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGKILL: -1} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			term := viewerOn(t, 80, 24, nil, fixturePath(t, "cloud-deploy.json"))
			term.waitFor("READ ONLY", "q quit")
			if err := term.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if got := term.end(); got != code {
				t.Errorf("exit code %d, want %d", got, code)
			}
			given(t, term.bytes())
		})
	}
}

// A stream on which nothing comes can be left.
func TestPlanWaitsForStream(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	term := viewerOn(t, 80, 24, out, "-")
	out.Close()
	term.waitFor("Reading the plan from standard input")
	term.typeIn("\x03")
	if code := term.end(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

// What can't be shown is explained where the shell goes on.
func TestPlanOfAnotherKind(t *testing.T) {
	folder := t.TempDir()
	for name, tc := range map[string]struct{ content, says string }{
		"saved.tfplan":  {"PK\x03\x04rest", "terraform show -json FILE | catalog-runbook plan -"},
		"sealed.tfplan": {`{"meta":{"key_provider.pbkdf2.k":"eyJ9"},"encrypted_data":"aGk=","encryption_version":"v0"}`, "tofu show -json FILE | catalog-runbook plan -"},
		"state.json":    {`{"format_version":"1.0","values":{}}`, "it is a state"},
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		term := viewerOn(t, 120, 24, nil, path)
		if code := term.end(); code != exitUsage {
			t.Errorf("%s: exit code %d", name, code)
		}
		if got := term.bytes(); !strings.Contains(got, tc.says) || strings.Contains(got, "\x1b[?1049h") {
			t.Errorf("%s: it says %q", name, got)
		}
	}
	term := viewerOn(t, 120, 24, nil, "-")
	if code := term.end(); code != exitUsage || !strings.Contains(term.bytes(), "terraform show -json FILE | catalog-runbook plan -") {
		t.Errorf("without a stream: exit code %d, %q", code, term.bytes())
	}
}
