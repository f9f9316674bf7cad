package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
)

// readable fails if a walk line by line has sent anything but text and line ends to its
// terminal, which shows a line end as two characters.
func (t *emulator) readable() {
	t.t.Helper()
	if problem := unreadable(strings.ReplaceAll(t.bytes(), "\r\n", "\n")); problem != "" {
		t.t.Error(problem)
	}
}

// Started without arguments on a dumb terminal, the program asks for the mode and walks line by
// line. ctrl+c leaves as q does in the checklist.
func TestPlainStart(t *testing.T) {
	t.Parallel()
	term := onTerminal(t, 140, 24, []string{"TERM=dumb"}, nil, nil)
	term.waitFor("What do you want to do?", "1. Practice", "3. Live: deploy for real", "or q to quit.")
	term.typeIn("7\n")
	term.waitFor("Try again: 7 is not one of the numbers.")
	term.typeIn("1\n")
	term.waitFor("Practice, calm. Line-by-line mode", "Next: verify compares")
	term.typeIn("next\n")
	term.waitFor("Step 1 of 7, to do")
	term.typeIn("\x03")
	if code := term.end(); code != 0 {
		t.Errorf("exit code %d where nothing was done", code)
	}
	term.readable()
}

// On a terminal that can be drawn on, the start is a screen. The cursor is on practice.
func TestStart(t *testing.T) {
	t.Parallel()
	term := onTerminal(t, 80, 24, nil, nil, nil)
	term.waitFor("What do you want to do?", "› 1  Practice", "2  Dry run", "3  Live")
	term.typeIn("3")
	term.waitFor("› 3  Live")
	term.typeIn("\r")
	term.waitFor("LIVE prod")
	term.typeIn("q")
	if code := term.end(); code != 0 {
		t.Errorf("exit code %d where nothing was done", code)
	}

	term = onTerminal(t, 80, 24, nil, []string{"--live"}, nil)
	term.waitFor("LIVE prod")
	term.typeIn("q")
	term.end()
}

// A person at a terminal confirms a command of a live run and can interrupt it; a script that
// is piped in can't confirm it. The end of the command is told, and another process can follow.
func TestPlainLive(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	defer k.close()
	k.write("bin/just", 0o700, fmt.Sprintf("#!/bin/sh\n[ \"$1\" != bump ] || { echo begun; exec sleep 300; }\nexec %q \"$@\"\n", realJust(t, k.world)))
	told := filepath.Join(k.dir, "told")
	k.write(settings.FileName, 0o600, worldSettings(k.world)+fmt.Sprintf("\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >>%s\"]\n", told))
	args := []string{"--plain", "--release", headlessTag, "--settings", filepath.Join(k.dir, settings.FileName)}

	piped := exec.Command(program(t), args...)
	piped.Env, piped.Dir = k.environ, k.dir
	piped.Stdin = strings.NewReader("verify all\nrun 4\nprod\n")
	out, _ := piped.Output()
	if !strings.Contains(string(out), "Not done: only a person at a terminal may do this") || strings.Contains(string(out), "Running:") {
		t.Errorf("a script's confirmation:\n%s", out)
	}

	term := newTerminal(t, 120, 60, k.environ, program(t), args...)
	term.start(nil)
	term.waitFor("Live, prod. Line-by-line mode")
	term.typeIn("verify all\n")
	term.waitFor("Progress: 3 of 7 done.")
	term.typeIn("run 4\n")
	term.waitFor("Confirm: Type prod to run it.")
	term.typeIn("prd\n")
	term.waitFor("Try again: that is not prod.")
	term.typeIn("prod\n")
	term.waitFor("Running: just bump prod catalog-airflow")
	term.insist("status\n", "1 line so far.")
	term.typeIn("\x03")
	term.waitFor("1. Leave it running", "2. Interrupt it once", "3. Keep following it", "choose>")
	term.typeIn("2\n")
	term.waitFor("Interrupted: just bump prod catalog-airflow", "Output: 1 line, not shown.")
	term.typeIn("output\n")
	term.waitFor("begun", "End of the output.")
	watch := exec.Command(program(t), "resume", "--watch", "--plain")
	watch.Env, watch.Dir = k.environ, k.dir
	var seen strings.Builder
	watch.Stdout = &seen
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	term.insist("status\n", "Progress: 3 of 7 done.")
	term.typeIn("\x04") // the end of the input leaves too
	if code := term.end(); code != exitOpen {
		t.Errorf("exit code %d, want %d", code, exitOpen)
	}
	term.readable()
	if err := watch.Wait(); err != nil || !strings.Contains(seen.String(), "Step 4 of 7, for maintainers only, failed") {
		t.Errorf("who watches: %v\n%s", err, seen.String())
	}
	if text, err := os.ReadFile(told); err != nil || !strings.Contains(string(text), `{"event":"command-ended","run":"`) {
		t.Errorf("told of %q, %v", text, err)
	}
}

// TestPlainTakesEveryCommand types each command about each step, before anything is verified
// and after it: each says something, and none ends the walk.
func TestPlainTakesEveryCommand(t *testing.T) {
	t.Parallel()
	listed := plainWalk(t, "practice calm", "help\n")
	commands := regexp.MustCompile(`(?m)^([a-z]+)( \[[^]]+\])*, or `).FindAllStringSubmatch(listed, -1)
	if len(commands) < 15 {
		t.Fatalf("the help has %d commands:\n%s", len(commands), listed)
	}
	for _, args := range []string{"practice calm", "practice rollback", "practice dags-only", "practice migration", "--dry-run"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			var typed strings.Builder
			for _, before := range []string{"status", "verify all"} {
				fmt.Fprintln(&typed, before)
				for step := range 9 {
					for _, c := range commands {
						if c[1] == "quit" {
							continue
						}
						// What the command asks is canceled, what it begins is ended.
						fmt.Fprintf(&typed, "%s %d\nstop\n\n", c[1], step)
					}
				}
			}
			out := plainWalk(t, args, typed.String())
			if got, want := strings.Count(out, "\n> "), strings.Count(typed.String(), "\n"); got < want/4 {
				t.Errorf("%d lines were taken of %d", got, want)
			}
		})
	}
}

// plainWalk returns what a walk line by line prints in which lines are typed and that is then
// left.
func plainWalk(t *testing.T, args, typed string) string {
	t.Helper()
	cmd := exec.Command(program(t), append(strings.Fields(args), "--plain")...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "XDG_STATE_HOME=" + t.TempDir()}
	cmd.Stdin = strings.NewReader(typed + "quit\n")
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != exitOpen && code != exitUndeployed {
		t.Fatalf("it ends with %v:\n%s", err, out[max(0, len(out)-4_000):])
	}
	return string(out)
}
