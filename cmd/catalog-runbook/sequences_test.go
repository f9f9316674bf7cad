package main

import (
	"encoding/base64"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
)

const linkedSteps = "# Linked\n\n1. Look at [the page](https://example.org/a/long/way/to/the/page).\n2. Look again.\n"

// waitForBytes waits until the program has written the sequence.
func (t *emulator) waitForBytes(sequence string) {
	t.t.Helper()
	eventually(t.t, patience, "the terminal isn't told "+sequence, func() bool { return strings.Contains(t.bytes(), sequence) })
}

// cursor returns where the cursor is.
func (t *emulator) cursor() (x, y int, shown bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.screen.Cursor()
	return c.X, c.Y, t.screen.CursorVisible()
}

// TestBesideFrames looks at what a bare terminal gets besides text: frames that are drawn at
// once, the cursor on the selected row, the title, the progress of a wait, the mouse, and what
// is copied over ssh.
func TestBesideFrames(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "DEPLOYMENT.md", linkedSteps)
	term := onTerminal(t, 80, 24, []string{"SSH_CONNECTION=here", "VTE_VERSION=7006"}, []string{"--dry-run", path}, nil)
	term.waitFor("Linked", "DRY RUN")
	term.waitForBytes("\x1b]2;0/2 · waiting for you · DRY RUN\x1b\\")
	rowOf := func(text string) int {
		for y, row := range strings.Split(term.text(), "\n") {
			if strings.Contains(row, text) {
				return y
			}
		}
		return -1
	}
	standsOn := func(text string) {
		t.Helper()
		eventually(t, patience, "the cursor doesn't stand on "+text, func() bool {
			_, y, shown := term.cursor()
			return shown && y == rowOf(text)
		})
	}
	standsOn("Look at")
	term.typeIn("\x1b[Ij") // a focus report with a key
	standsOn("Look again")
	term.typeIn("\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62;22ck") // an answer that comes late
	standsOn("Look at")
	// A mouse report that is cut by a slow line.
	term.typeIn("\x1b[<0;1")
	term.typeIn(";1M\x1b[<0;1;1m")
	term.typeIn("l")
	term.waitFor("https://example.org/a/long/way/to/the/page", "clipboard (42 characters)")
	term.waitForBytes(";https://example.org/a/long/way/to/the/page\x1b\\https://example.org/a/long/way/to/the/page\x1b]8;;\x1b\\") // a link
	term.waitForBytes("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte("https://example.org/a/long/way/to/the/page")) + "\x1b\\")
	term.wait("\x1b", func(screen string) bool { return !strings.Contains(screen, "any key closes") }, []string{"no notice"})
	term.typeIn("q")
	if code := term.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	raw := term.bytes()
	begun, ended := strings.Count(raw, "\x1b[?2026h"), strings.Count(raw, "\x1b[?2026l")
	if begun == 0 || ended != begun+1 { // the last one is for a frame that was cut
		t.Errorf("%d frames begin and %d end", begun, ended)
	}
	for taken, given := range map[string]string{
		"\x1b[22;0t": "\x1b[23;0t", "\x1b[?1000h": "\x1b[?1000l", "\x1b]2;0": "\x1b]2;\x1b\\", "\x1b[?1049h": "\x1b]9;4;0\x1b\\",
	} {
		if !strings.Contains(raw, taken) || strings.LastIndex(raw, given) < strings.LastIndex(raw, taken) {
			t.Errorf("%q is not given back by %q", taken, given)
		}
	}
	term.mu.Lock()
	defer term.mu.Unlock()
	if mode := term.screen.Mode(); mode&(vt10x.ModeMouseMask|vt10x.ModeHide|vt10x.ModeAltScreen) != 0 {
		t.Errorf("the screen is left in the modes %b", mode)
	}
}

// TestKilledBesideFrames: the process that restores the terminal gives back the title and the
// mouse too.
func TestKilledBesideFrames(t *testing.T) {
	t.Parallel()
	w := draw(t, program(t), "VTE_VERSION=7006", "sh", "-c", underShell)
	if err := exec.Command("kill", "-KILL", strconv.Itoa(w.program)).Run(); err != nil {
		t.Fatal(err)
	}
	w.emulator.end()
	raw := w.bytes()
	for _, given := range []string{"\x18\x1b[?2026l", "\x1b]9;4;0\x1b\\", "\x1b[?1000l", "\x1b[23;0t"} {
		if at := strings.LastIndex(raw, given); at < 0 || at > strings.LastIndex(raw, leaveAltScreen) {
			t.Errorf("%q doesn't come before the main screen", given)
		}
	}
}

// TestInTmux does the same in tmux, which keeps a title and what was copied itself.
func TestInTmux(t *testing.T) {
	t.Parallel()
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("there is no tmux here")
	}
	folder := t.TempDir()
	socket := filepath.Join(folder, "socket")
	path := writeFile(t, "DEPLOYMENT.md", linkedSteps)
	do := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(tmux, append([]string{"-S", socket, "-f", "/dev/null"}, args...)...)
		cmd.Env = append(cmd.Environ(), "HOME="+folder, "XDG_STATE_HOME="+folder, "SSH_CONNECTION=here", "TMUX=", "LANG=C.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	do("new-session", "-d", "-x", "80", "-y", "24", "env 'PS1=ready> ' HISTFILE= bash --norc --noprofile -i")
	t.Cleanup(func() { _ = exec.Command(tmux, "-S", socket, "kill-server").Run() })
	do("set", "-g", "set-clipboard", "on")
	do("set", "-g", "focus-events", "on")
	shows := func(texts ...string) {
		t.Helper()
		eventually(t, 2*time.Minute, strings.Join(texts, ", ")+" isn't shown", func() bool { return showsAll(do("capture-pane", "-p"), texts) })
	}
	is := func(format, want string) {
		t.Helper()
		eventually(t, 2*time.Minute, format+" isn't "+want, func() bool { return strings.TrimSpace(do("display", "-p", format)) == want })
	}
	shows("ready>")
	title := strings.TrimSpace(do("display", "-p", "#{pane_title}"))
	do("send-keys", program(t)+" --dry-run "+path, "Enter")
	shows("Linked", "DRY RUN")
	is("#{cursor_flag} #{mouse_any_flag} #{pane_title}", "1 1 0/2 · waiting for you · DRY RUN")
	do("send-keys", "l")
	shows("clipboard (42 characters)")
	eventually(t, 2*time.Minute, "tmux has no buffer", func() bool {
		return strings.Contains(do("list-buffers"), "https://example.org/a/long/way/to/the/page")
	})
	do("send-keys", "C-z")
	shows("Stopped")
	is("#{mouse_any_flag} #{alternate_on}", "0 0")
	if now := strings.TrimSpace(do("display", "-p", "#{pane_title}")); strings.Contains(now, "waiting") {
		t.Errorf("the title is %q, and was %q", now, title)
	}
	do("send-keys", "fg", "Enter")
	is("#{cursor_flag} #{mouse_any_flag} #{pane_title}", "1 1 0/2 · waiting for you · DRY RUN")
	eventually(t, 2*time.Minute, "it doesn't end", func() bool {
		do("send-keys", "q") // the first one closes the notice
		return strings.TrimSpace(do("display", "-p", "#{mouse_any_flag} #{alternate_on}")) == "0 0"
	})
	is("#{pane_current_command}", "bash") // it writes in the folder until it has ended
}
