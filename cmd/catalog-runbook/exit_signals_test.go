package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What gives a terminal back: the main screen, and the cursor.
const (
	leaveAltScreen = "\x1b[?1049l"
	showCursor     = "\x1b[?25h"
)

func TestSignalsGiveTheTerminalBack(t *testing.T) {
	for name, tc := range map[string]struct {
		signal syscall.Signal
		code   int
	}{
		"TERM": {syscall.SIGTERM, 143},
		"HUP":  {syscall.SIGHUP, 129},
		"INT":  {syscall.SIGINT, 130},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := onTerminal(t, 80, 24, nil, []string{"practice"}, nil)
			term.waitFor("PRACTICE calm")
			if len(keptRunsOf(t, term)) != 1 {
				t.Fatal("the run has no folder")
			}
			if err := term.cmd.Process.Signal(tc.signal); err != nil {
				t.Fatal(err)
			}
			if code := term.end(); code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			given(t, term.bytes())
			if left := keptRunsOf(t, term); len(left) > 0 {
				t.Errorf("a run in which nothing was done left %q behind", left)
			}
		})
	}
}

func TestLeavingGivesTheTerminalBack(t *testing.T) {
	for _, key := range []string{"q", "\x03"} {
		term := onTerminal(t, 80, 24, nil, []string{"practice"}, nil)
		term.waitFor("PRACTICE calm")
		term.typeIn(key)
		if code := term.end(); code != 0 {
			t.Errorf("exit code %d after %q", code, key)
		}
		given(t, term.bytes())
		if left := keptRunsOf(t, term); len(left) > 0 {
			t.Errorf("a run in which nothing was done left %q behind", left)
		}
		if after := term.bytes()[strings.LastIndex(term.bytes(), leaveAltScreen):]; !strings.Contains(after, "to do") {
			t.Errorf("no summary is left in the terminal's history: %q", after)
		}
	}
}

// given fails unless the terminal's modes are as they were.
func given(t *testing.T, raw string) {
	t.Helper()
	for name, pair := range map[string][2]string{
		"the main screen": {"\x1b[?1049h", leaveAltScreen},
		"the cursor":      {"\x1b[?25l", showCursor},
		"plain pasting":   {"\x1b[?2004h", "\x1b[?2004l"},
	} {
		if taken := strings.LastIndex(raw, pair[0]); taken < 0 || strings.LastIndex(raw, pair[1]) < taken {
			t.Errorf("%s is not given back (taken at byte %d of %d)", name, taken, len(raw))
		}
	}
}

// keptRunsOf returns the folders of the runs that the program has kept.
func keptRunsOf(t *testing.T, term *emulator) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(term.cmd.Dir, ".local", "state", "catalog-runbook", "runs", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
