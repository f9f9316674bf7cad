package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// emulator is the program on a pseudo-terminal, and what it has drawn there.
type emulator struct {
	t       testing.TB
	cmd     *exec.Cmd
	file    *os.File
	other   *os.File      // the command's side, until it is started
	changed chan struct{} // has room for one: "there is more"
	drained chan struct{}

	mu     sync.Mutex
	raw    bytes.Buffer
	screen vt10x.Terminal
	seen   func() // called when what a test waited for is on the screen; may be nil
}

// patience is how long a test waits for something to be drawn. It is much more
// than it takes, so that a busy machine fails no test.
const patience = 2 * time.Minute

// queries are what a program asks a terminal about itself: colours, the place of
// the cursor, what the terminal is.
var queries = regexp.MustCompile(`\x1b\](?:10|11|12|4;\d+);\?|\x1b\[\??6n|\x1b\[[>=]?0?c`)

// onTerminal starts the program on a terminal of this size. What answers says to
// a query is typed in return; nil is a terminal that never answers.
func onTerminal(t testing.TB, columns, rows int, environ, args []string, answers func(query string) string) *emulator {
	t.Helper()
	term := newTerminal(t, columns, rows, environ, program(t), args...)
	term.start(answers)
	return term
}

// program is the path of the program under test.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("catalog-runbook")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// newTerminal is a terminal of this size, and on it a command that is not
// started yet.
func newTerminal(t testing.TB, columns, rows int, environ []string, path string, args ...string) *emulator {
	t.Helper()
	term := &emulator{
		t: t, changed: make(chan struct{}, 1), drained: make(chan struct{}),
		screen: vt10x.New(vt10x.WithSize(columns, rows)),
	}
	term.cmd = exec.Command(path, args...)
	term.cmd.Dir = t.TempDir()
	term.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + term.cmd.Dir, "TMPDIR=" + t.TempDir(), "TERM=xterm-256color", "LANG=C.UTF-8"}, environ...)
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	var err error
	if term.file, term.other, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(term.file, &pty.Winsize{Rows: uint16(rows), Cols: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = term.other, term.other, term.other
	return term
}

// start starts the command.
func (t *emulator) start(answers func(query string) string) {
	t.t.Helper()
	if err := t.cmd.Start(); err != nil {
		t.t.Fatal(err)
	}
	_ = t.other.Close() // only the command holds it from here on
	t.t.Cleanup(func() {
		_ = t.cmd.Process.Kill() // gone already, in a test that passes
		_ = t.file.Close()
		<-t.drained
	})
	go t.read(answers)
}

func (t *emulator) read(answers func(string) string) {
	defer close(t.drained)
	buffer := make([]byte, 32<<10)
	for {
		n, err := t.file.Read(buffer)
		if n > 0 {
			t.mu.Lock()
			t.raw.Write(buffer[:n])
			_, _ = t.screen.Write(buffer[:n])
			t.mu.Unlock()
			for _, q := range queries.FindAllString(string(buffer[:n]), -1) {
				if answers != nil {
					_, _ = t.file.WriteString(answers(q))
				}
			}
		}
		select {
		case t.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// text is the screen at this moment, a line for each row.
func (t *emulator) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.String()
}

// bytes are everything that the program has written so far.
func (t *emulator) bytes() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw.String()
}

// waitFor waits until every text is on the screen at once.
func (t *emulator) waitFor(texts ...string) {
	t.t.Helper()
	t.wait("", func(screen string) bool { return showsAll(screen, texts) }, texts)
}

// waitGone waits until the text is not on the screen any more.
func (t *emulator) waitGone(text string) {
	t.t.Helper()
	t.wait("", func(screen string) bool { return !strings.Contains(screen, text) }, []string{"no " + text})
}

// insist types keys until every text is on the screen: a dialogue that opens by
// itself ignores what is typed before a person can have read it.
func (t *emulator) insist(keys string, texts ...string) {
	t.t.Helper()
	t.wait(keys, func(screen string) bool { return showsAll(screen, texts) }, texts)
}

// retype is after how long keys are typed again.
const retype = 400 * time.Millisecond

func (t *emulator) wait(keys string, shown func(screen string) bool, texts []string) {
	t.t.Helper()
	limit, again := time.NewTimer(patience), time.NewTicker(retype)
	defer limit.Stop()
	defer again.Stop()
	if keys != "" {
		t.typeIn(keys)
	}
	for {
		screen := t.text()
		if shown(screen) {
			if t.seen != nil {
				t.seen()
			}
			return
		}
		select {
		case <-t.changed:
		case <-again.C:
			if keys != "" {
				t.typeIn(keys)
			}
		case <-limit.C:
			t.t.Fatalf("%q does not come:\n%s", texts, screen)
		}
	}
}

func showsAll(screen string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			return false
		}
	}
	return true
}

// pageDown is what the key sends.
const pageDown = "\x1b[6~"

// typeIn presses keys.
func (t *emulator) typeIn(keys string) {
	t.t.Helper()
	if _, err := t.file.WriteString(keys); err != nil {
		t.t.Fatal(err)
	}
}

// end waits for the program and everything that it has drawn, and returns the
// exit code.
func (t *emulator) end() int {
	t.t.Helper()
	done := make(chan error, 1)
	go func() { done <- t.cmd.Wait() }()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.t.Fatal(err)
		}
	case <-timer.C:
		t.t.Fatalf("the program does not end:\n%s", t.text())
	}
	select {
	case <-t.drained: // Linux ends the reading when nobody holds the other side
	case <-timer.C:
		t.t.Fatal("somebody still holds the terminal")
	}
	return t.cmd.ProcessState.ExitCode()
}
