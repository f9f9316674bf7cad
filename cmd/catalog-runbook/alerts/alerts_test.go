package alerts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/notify"
)

func TestTell(t *testing.T) {
	for _, c := range []struct {
		mode      runbook.Mode
		events    []string
		elsewhere bool
		ways      string
		wantOut   string
		wantTold  int // of two events
	}{
		{runbook.Live, nil, true, "osc9", "\x1b]9;Deployment prod: over\a\a", 2},
		{runbook.Live, nil, false, "osc9", "", 2}, // the person is looking; others aren't
		{runbook.Live, []string{"command-ended"}, true, "bell", "\a", 1},
		{runbook.Live, []string{"answer-needed"}, true, "none", "", 0},
		{runbook.Practice, nil, true, "osc9", "\x1b]9;Practice prod: over\a\a", 0},
		{runbook.DryRun, nil, true, "osc9", "\x1b]9;Dry run prod: over\a\a", 0},
	} {
		got := filepath.Join(t.TempDir(), "got")
		var set steps.Settings
		set.Notify.Bell, set.Notify.Terminal, set.Notify.Events = true, c.ways, c.events
		set.Notify.Command = []string{"sh", "-c", `cat >> "$1"`, "tell", got}
		out := ""
		a := New(set, c.mode, "run-1", func(s string) error { out += s; return nil }, os.Environ(), func(string) string { return "" })
		for _, kind := range []notify.Kind{notify.WaitEnded, notify.CommandEnded} {
			if err := a.Tell(notify.Event{Event: kind, Environment: clean.Line("prod"), Text: clean.Line("over")}, c.elsewhere); err != nil {
				t.Fatal(err)
			}
		}
		a.Close()
		told, _ := os.ReadFile(got)
		if n := strings.Count(string(told), `"run":"run-1"`); n != c.wantTold {
			t.Errorf("%s, %q: the command was told of %d events: %s", c.mode, c.events, n, told)
		}
		if out != c.wantOut+c.wantOut {
			t.Errorf("%s: the terminal got %q", c.mode, out)
		}
	}
}

// TestClose holds that a command which hangs doesn't keep the checklist.
func TestClose(t *testing.T) {
	var set steps.Settings
	set.Notify.Command = []string{"sh", "-c", `touch "$1"; sleep 600`, "tell", filepath.Join(t.TempDir(), "begun")}
	a := New(set, runbook.Live, "run-1", nil, os.Environ(), func(string) string { return "" })
	ended := make(chan error, 1)
	go func() { ended <- a.Tell(notify.Event{Event: notify.WaitEnded}, false) }()
	for deadline := time.Now().Add(time.Minute); ; {
		if _, err := os.Stat(set.Notify.Command[4]); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal("the command doesn't begin")
		}
	}
	begun := time.Now()
	a.Close()
	if took := time.Since(begun); took < grace || took > grace+5*time.Second {
		t.Errorf("closing took %s", took)
	}
	if err := <-ended; err == nil {
		t.Error("nobody learns that the command was killed")
	}
}
