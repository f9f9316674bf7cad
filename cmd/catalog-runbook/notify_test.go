package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNotification has a person look elsewhere while they wait. The terminal is told once.
func TestNotification(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ environ, settings, want string }{
		"foot":    {"TERM=foot", "", "\x1b]777;notify;Practice calm;Step 1 holds now, after "},
		"unknown": {"TERM=xterm-256color", "", "\a"},
		"none":    {"TERM=foot", "[notify]\nterminal = \"none\"\n", ""},
		"setting": {"TERM=foot", "[notify]\nterminal = \"osc9\"\nbell = false\n", "\x1b]9;Practice calm: Step 1 holds now, after "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := newTerminal(t, 80, 24, []string{c.environ}, program(t), "practice", "calm")
			if err := os.WriteFile(filepath.Join(term.cmd.Dir, "catalog-runbook.toml"), []byte(c.settings), 0o600); err != nil {
				t.Fatal(err)
			}
			term.start(nil)
			term.typeIn("\x1b[O")  // the terminal loses the focus
			publishAndChoose(term) // and waits for the build
			term.waitFor("Step 1 holds now, after")
			term.typeIn("q")
			term.end()
			written := term.bytes()
			bells, osc := strings.Count(written, "\a"), strings.Count(written, "\x1b]9;")+strings.Count(written, "\x1b]777;")+strings.Count(written, "\x1b]99;")
			want := map[string][2]int{"foot": {2, 1}, "unknown": {1, 0}, "none": {0, 0}, "setting": {1, 1}}[name]
			if !strings.Contains(written, c.want) || bells != want[0] || osc != want[1] {
				t.Errorf("%d BEL and %d notifications were written, want %d and %d", bells, osc, want[0], want[1])
			}
		})
	}
}

// TestLightTerminal has terminals with a light background, which say so when they are
// asked, late and in pieces. The answer is no key, and the screen is drawn again.
func TestLightTerminal(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"at once": "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "by BEL": "\x1b]11;rgb:ff/ff/ff\a", "never": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := onTerminal(t, 80, 24, nil, []string{"practice", "calm"}, func(query string) string {
				if strings.HasSuffix(query, "c") {
					return "\x1b[?62;22c"
				}
				return answer
			})
			term.waitFor("PRACTICE")
			const onLight, onDark = "38;5;25m", "38;5;111m" // the accent
			want := onDark
			if answer != "" {
				want = onLight
				term.wait("", func(string) bool { return strings.Contains(term.bytes(), onLight) }, []string{"the light screen"})
			}
			term.insist("j", "Step 1") // and keys are keys
			written := term.bytes()
			if last := max(strings.LastIndex(written, onLight), strings.LastIndex(written, onDark)); !strings.HasPrefix(written[max(last, 0):], want) {
				t.Errorf("the last accent is not %s", want)
			}
			term.typeIn("q")
			term.end()
		})
	}
}
