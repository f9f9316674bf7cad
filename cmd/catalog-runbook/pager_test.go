package main

import (
	"strings"
	"testing"
)

// A long topic goes through the pager that the person has chosen, a short one and one on a
// dumb terminal doesn't, and without colours none are written.
func TestHelpOnTerminal(t *testing.T) {
	for name, tc := range map[string]struct {
		topic   string
		rows    int
		environ []string
		paged   bool
		colours bool
	}{
		"paged":     {"settings", 24, []string{"PAGER=sed s/^/PAGED:/", "TERM=xterm-256color"}, true, true},
		"short":     {"exit-codes", 200, []string{"PAGER=sed s/^/PAGED:/", "TERM=xterm-256color"}, false, true},
		"no colour": {"settings", 24, []string{"PAGER=cat", "TERM=xterm-256color", "NO_COLOR=1"}, false, false},
		"dumb":      {"settings", 24, []string{"PAGER=sed s/^/PAGED:/", "TERM=dumb"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			term := onTerminal(t, 80, tc.rows, tc.environ, []string{"help", tc.topic}, nil)
			if code := term.end(); code != 0 {
				t.Fatalf("exit code %d\n%s", code, term.text())
			}
			out := term.bytes()
			if paged := strings.Contains(out, "PAGED:"); paged != tc.paged {
				t.Errorf("paged is %v\n%q", paged, out)
			}
			if colours := strings.Contains(out, "\x1b["); colours != tc.colours {
				t.Errorf("colours is %v\n%q", colours, out)
			}
		})
	}
}
