package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/hinshun/vt10x"
)

// underBash starts the checklist under an interactive shell, which can stop it: a program that
// leads its session can't be stopped.
func underBash(t *testing.T) *emulator {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	term := newTerminal(t, 80, 24, []string{"PS1=ready> "}, bash, "--norc", "--noprofile", "-i")
	term.start(nil)
	term.waitFor("ready>")
	term.typeIn(program(t) + " --dry-run " + writeFile(t, "DEPLOYMENT.md", twoSteps) + "\r")
	term.waitFor("DRY RUN", "Two steps")
	return term
}

// checklist returns the process that the shell has started.
func (t *emulator) checklist() int {
	t.t.Helper()
	return descendants(t.t, t.cmd.Process.Pid)[0]
}

// isTheShells fails unless the terminal has been given back.
func (t *emulator) isTheShells() {
	t.t.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	const taken = vt10x.ModeAltScreen | vt10x.ModeHide | vt10x.ModeMouseMask | vt10x.ModeMouseSgr | vt10x.ModeFocus
	if mode := t.screen.Mode(); mode&taken != 0 {
		t.t.Errorf("the screen is left in the modes %b", mode&taken)
	}
}

func TestSuspend(t *testing.T) {
	t.Parallel()
	term := underBash(t)
	modes := func() vt10x.ModeFlag {
		term.mu.Lock()
		defer term.mu.Unlock()
		return term.screen.Mode()
	}
	before := modes()
	for name, stop := range map[string]func(){
		"ctrl+z": func() { term.typeIn("\x1a") },
		"ctrl+z in a dialogue": func() {
			term.typeIn("/")
			term.waitFor("Filter")
			term.typeIn("\x1a")
		},
		"SIGTSTP": func() { _ = syscall.Kill(term.checklist(), syscall.SIGTSTP) },
	} {
		stop()
		term.waitFor("Stopped", "ready>")
		term.isTheShells()
		term.typeIn("clear; bg\r") // in the background it stops at once
		term.waitFor("&", "ready>")
		term.isTheShells()
		term.typeIn("clear; fg\r")
		term.waitFor("DRY RUN", "Two steps")
		if after := modes(); after != before {
			t.Errorf("%s: the modes are %b, and were %b", name, after, before)
		}
		term.typeIn("\x1b")
		term.waitGone("Filter")
		term.typeIn("j")
		term.typeIn("k")
	}
	term.typeIn("q")
	term.waitFor("ready>")
	term.typeIn("exit\r")
	term.end()
}

// TestEndWhileSuspended: whatever ends the stopped checklist, nothing is drawn on the screen,
// which is the shell's, and no mode is changed that the shell has set.
func TestEndWhileSuspended(t *testing.T) {
	for signal, says := range map[string]string{"TERM": "Exit 143", "HUP": "Exit 129", "KILL": "it was killed"} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			term := underBash(t)
			family := append(descendants(t, term.cmd.Process.Pid), term.checklist())
			term.typeIn("\x1a")
			term.waitFor("Stopped", "ready>")
			term.typeIn("clear\r")
			term.waitGone("Stopped")
			at := len(term.bytes())
			term.typeIn("kill -" + signal + " %1; kill -CONT %1\r")
			term.insist("\r", says)
			after := term.bytes()[at:]
			for _, sequence := range []string{"\x1b[?1049", "\x1b[?25", "\x1b[?1000", "\x1b]", "Two steps"} {
				if strings.Contains(after, sequence) {
					t.Errorf("%q is written over the shell's screen: %q", sequence, after)
				}
			}
			(&drawn{emulator: term, family: family}).nobodyIsLeft()
			term.typeIn("exit\r")
			term.end()
		})
	}
}

// TestNoShell: where nobody could wake it, the checklist stays.
func TestNoShell(t *testing.T) {
	t.Parallel()
	for _, under := range [][]string{{""}, {"sh", "-c", underShell}} {
		w := draw(t, program(t), "", under...)
		w.typeIn("\x1a")
		w.waitFor("no shell to go back to")
		w.typeIn("q")
		w.end()
	}
}
