package notify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

const secret = "correct-horse-battery-staple"

func event() Event {
	return Event{
		Event: WaitEnded, Run: "2026-11-29-prod-1", Step: "a/b#3", Label: clean.Line("step 3"), Verdict: runbook.Passed, Procedure: "a/b",
		Release: clean.Line("v1.5.4"), Environment: clean.Line("prod"), Mode: runbook.Live, Text: clean.Line("Step 3 holds, " + secret + " too."),
		At: time.Date(2026, 11, 29, 14, 2, 3, 0, time.UTC),
	}
}

func TestMain(m *testing.M) {
	clean.Secret(secret)
	os.Exit(m.Run())
}

// TestTell has a real program get an event.
func TestTell(t *testing.T) {
	got := filepath.Join(t.TempDir(), "got")
	c := Command{
		Argv:    []string{"sh", "-c", `cat > "$1" && env >> "$1" && ps -o pgid= -p $$ >> "$1"`, "tell", got},
		Environ: Environ([]string{"PATH=" + os.Getenv("PATH"), "GH_TOKEN=x", "AIRFLOW_PASSWORD=x", "PROXY=x", "OTHER=" + secret, "SLACK_WEBHOOK_URL=https://hooks.slack.example/1"}, []string{"PROXY"}),
	}
	if err := c.Tell(t.Context(), event()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(got)
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(string(data), "\n")
	const want = `{"event":"wait-ended","run":"2026-11-29-prod-1","step":"a/b#3","label":"step 3","verdict":"passed","procedure":"a/b","release":"v1.5.4",` +
		`"environment":"prod","mode":"live","text":"Step 3 holds, [redacted] too.","at":"2026-11-29T14:02:03Z"}`
	if line != want {
		t.Errorf("it got\n%s, want\n%s", line, want)
	}
	if !strings.Contains(rest, "SLACK_WEBHOOK_URL=https://") {
		t.Errorf("a variable that is no credential is missing:\n%s", rest)
	}
	for _, held := range []string{"GH_TOKEN", "AIRFLOW_PASSWORD", "PROXY", secret} {
		if strings.Contains(string(data), held) {
			t.Errorf("it got %s:\n%s", held, data)
		}
	}
	lines := strings.Fields(rest)
	if group, err := strconv.Atoi(lines[len(lines)-1]); err != nil || group == syscall.Getpgrp() {
		t.Errorf("its process group is %v (%v), which is ours", lines[len(lines)-1], err)
	}
}

func TestTellFails(t *testing.T) {
	for name, c := range map[string]struct {
		argv []string
		want string
	}{
		"exit":    {[]string{"sh", "-c", "echo no webhook, only " + secret + " >&2; exit 3"}, "[notify] command failed: sh: exit status 3: no webhook, only [redacted]"},
		"missing": {[]string{"no-such-program"}, "[notify] command failed: no-such-program: exec"},
		"talks":   {[]string{"sh", "-c", "yes | head -c 1000000 >&2; exit 1"}, "exit status 1: y"},
	} {
		err := Command{Argv: c.argv, Environ: os.Environ()}.Tell(t.Context(), event())
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 3*talkLimit || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What it has started is killed with it.
	pids := filepath.Join(t.TempDir(), "pids")
	begun := time.Now()
	c := Command{Argv: []string{"sh", "-c", `sleep 600 & echo $! > "$1"; sleep 600`, "slow", pids}, Environ: os.Environ(), Limit: 300 * time.Millisecond}
	err := c.Tell(t.Context(), event())
	if err == nil || !strings.Contains(err.Error(), "did not end within") {
		t.Errorf("the time limit: %v", err)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	data, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); syscall.Kill(pid, 0) == nil; {
		stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if strings.Contains(string(stat), ") Z ") {
			break // killed, and nobody has asked how it ended
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d goes on", pid)
		}
	}
}

// TestEventKeepsItsShape holds that no field gets another name.
func TestEventKeepsItsShape(t *testing.T) {
	data, err := json.Marshal(Event{})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"event", "run", "step", "label", "verdict", "procedure", "release", "environment", "mode", "text", "at"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("the event has no %s: %s", name, data)
		}
	}
	if !slices.Equal(Kinds(), []string{"wait-ended", "command-ended", "answer-needed"}) {
		t.Errorf("the kinds are %q", Kinds())
	}
}
