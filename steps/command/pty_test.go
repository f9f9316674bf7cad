package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// screen gathers what a command prints and can be waited on.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newScreen() *screen { return &screen{more: make(chan struct{}, 1)} }

func (s *screen) write(chunk []byte) {
	s.mu.Lock()
	s.text.Write(chunk)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) waitFor(t *testing.T, text string) {
	t.Helper()
	limit := time.After(time.Minute)
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.more:
		case <-limit:
			t.Errorf("%q was not printed: %q", text, s.String())
			return
		}
	}
}

func sh(script string, args ...string) Command {
	return Command{Argv: append([]string{"sh", "-c", script, "sh"}, args...), Dir: "/", Env: []string{"PATH=/usr/bin:/bin"}}
}

func run(t *testing.T, cmd Command) (string, int) {
	t.Helper()
	s := newScreen()
	outcome, err := PTY{}.Run(context.Background(), cmd, Streams{Output: s.write})
	if err != nil {
		t.Fatal(err)
	}
	if !outcome.Whole || outcome.Overran || time.Since(outcome.Ended) > time.Minute {
		t.Errorf("got %+v", outcome)
	}
	return s.String(), outcome.Exit
}

func TestPTYRuns(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SECRET_OF_OURS", "x")
	cmd := sh(`printf '%s|' "$@"; pwd; printf '%s|%s|' "$GREETING" "$SECRET_OF_OURS"; stty size; test -t 0 && test -t 1 && test -t 2 && echo terminal`, "a b", "$HOME;*")
	cmd.Dir, cmd.Env = dir, append(cmd.Env, "GREETING=hello")
	out, exit := run(t, cmd)
	if want := "a b|$HOME;*|" + dir + "\r\nhello||40 120\r\nterminal\r\n"; out != want || exit != 0 {
		t.Errorf("got %d, %q; want %q", exit, out, want)
	}
}

func TestPTYExitCodes(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "exit 255": 255, "kill -KILL $$": 137, "kill -TERM $$": 143} {
		if _, exit := run(t, sh(script)); exit != want {
			t.Errorf("%s: got %d, want %d", script, exit, want)
		}
	}
}

func TestPTYPassesOnAllOutput(t *testing.T) {
	out, _ := run(t, sh(`i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done`))
	if n := strings.Count(out, "\n"); n != 20000 || !strings.HasSuffix(out, "line 19999\r\n") {
		t.Errorf("got %d lines, the last %q", n, out[max(len(out)-20, 0):])
	}
}

func TestPTYAnswersAQuestion(t *testing.T) {
	s, input := newScreen(), make(chan Input)
	go func() {
		s.waitFor(t, "Enter a value:")
		input <- Input{Data: []byte("yes\n")}
		close(input)
	}()
	outcome, err := PTY{}.Run(context.Background(), sh(`printf 'Enter a value: '; read a; echo "got <$a>"; test "$a" = yes`), Streams{Output: s.write, Input: input})
	if err != nil || outcome.Exit != 0 || !strings.Contains(s.String(), "got <yes>") {
		t.Errorf("got %d, %v, %q", outcome.Exit, err, s)
	}
}

func TestPTYStartsOnlyWhatIsOnThePath(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "just"), []byte("#!/bin/sh\necho wrong\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, cmd := range map[string]Command{
		"the current directory": {Argv: []string{"just"}, Dir: dir, Env: []string{"PATH=.:"}},
		"no path":               {Argv: []string{"just"}, Dir: dir},
		"a relative path":       {Argv: []string{"./just"}, Dir: dir, Env: []string{"PATH=" + dir}},
		"nothing":               {Dir: dir},
		"no such program":       {Argv: []string{"just"}, Env: []string{"PATH=/nowhere"}},
		"no such folder":        {Argv: []string{"sh"}, Dir: filepath.Join(dir, "gone"), Env: []string{"PATH=/bin"}},
	} {
		if _, err := (PTY{}).Run(context.Background(), cmd, Streams{}); err == nil {
			t.Errorf("%s: it was started", name)
		}
	}
	if out, exit := run(t, Command{Argv: []string{"just"}, Dir: "/", Env: []string{"PATH=.:/nowhere", "PATH=:" + dir}}); exit != 0 || out != "wrong\r\n" {
		t.Errorf("on the path: got %d, %q", exit, out)
	}
}

func TestPTYDoesNotStartWhenItIsTooLate(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := newScreen()
	if _, err := (PTY{}).Run(ctx, sh("echo started"), Streams{Output: s.write}); !errors.Is(err, context.Canceled) || s.String() != "" {
		t.Errorf("got %v, %q", err, s)
	}
}

// counting counts interrupts and ends only when a line is typed, in a
// grandchild. sh itself waits for it.
const counting = `trap 'echo parent interrupted' INT
sh -c 'n=0; trap "n=\$((n+1)); echo interrupted \$n" INT; echo "ready $$"; until read line; do :; done; echo "ending with $n"; exit 3'
code=$?; echo "child ended with $code"; exit $code`

func TestPTYInterruptsTheGroupOnceAndWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, input := newScreen(), make(chan Input)
	go func() {
		s.waitFor(t, "ready")
		cancel()
		s.waitFor(t, "interrupted 1")
		input <- Input{Data: []byte("end\n")} // what it waits for, so it has not been killed
	}()
	outcome, err := PTY{}.Run(ctx, sh(counting), Streams{Output: s.write, Input: input})
	out := s.String()
	if err != nil || outcome.Exit != 3 {
		t.Errorf("got %d, %v", outcome.Exit, err)
	}
	for _, want := range []string{"ending with 1", "child ended with 3", "parent interrupted"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q was not printed: %q", want, out)
		}
	}
	if strings.Contains(out, "interrupted 2") {
		t.Errorf("it was interrupted twice: %q", out)
	}
}

// TestPTYWaitsForThoseLeftBehind has a command that ends before its grandchild,
// as just does on some signals while terraform still writes its state.
func TestPTYWaitsForThoseLeftBehind(t *testing.T) {
	s, input := newScreen(), make(chan Input)
	go func() {
		s.waitFor(t, "left behind")
		input <- Input{Data: []byte("end\n")}
	}()
	script := `exec 3<&0; (trap "" HUP; echo "left behind $(sh -c 'echo $PPID')"; read line <&3; echo "still there: $line") & exit 4`
	outcome, err := PTY{}.Run(context.Background(), sh(script), Streams{Output: s.write, Input: input})
	if err != nil || outcome.Exit != 4 || !strings.Contains(s.String(), "still there: end") {
		t.Errorf("got %d, %v, %q", outcome.Exit, err, s)
	}
}

func TestPTYLeavesNoOrphan(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newScreen()
	go func() {
		s.waitFor(t, "ready")
		cancel()
	}()
	outcome, err := PTY{}.Run(ctx, sh(`sh -c 'echo "pid $$ ready"; exec sleep 600'`), Streams{Output: s.write})
	if err != nil || outcome.Exit == 0 {
		t.Errorf("got %d, %v", outcome.Exit, err)
	}
	fields := strings.Fields(s.String())
	if len(fields) < 2 {
		t.Fatalf("got %q", s)
	}
	pid, convErr := strconv.Atoi(fields[1])
	if convErr != nil {
		t.Fatal(convErr)
	}
	state, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	if alive := syscall.Kill(pid, 0) == nil; alive && !strings.HasPrefix(string(state), "Z") {
		t.Errorf("process %d is left, in state %q", pid, state)
	}
}

// The daemon has left the group and keeps the terminal open, as ssh does when it shares
// connections.
func TestPTYDoesNotWaitForADaemon(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("there is no setsid to make a daemon with")
	}
	stop := filepath.Join(t.TempDir(), "stop")
	if err := syscall.Mkfifo(stop, 0o600); err != nil {
		t.Fatal(err)
	}
	out, exit := run(t, sh(`"$1" sh -c 'echo "daemon"; read line <"$1"' sh "$2" & echo done`, setsid, stop))
	if exit != 0 || !strings.Contains(out, "done") {
		t.Errorf("got %d, %q", exit, out)
	}
	if err := os.WriteFile(stop, []byte("end\n"), 0); err != nil { // lets the daemon end
		t.Error(err)
	}
}

// The listener is busy for longer than the quiet time after which the reader
// takes it that nothing more comes.
func TestOutputReaderWaitsForASlowListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const quiet = 20 * time.Millisecond
		from, to := io.Pipe()
		busy, goOn := make(chan struct{}), make(chan struct{})
		var heard bytes.Buffer
		output := newOutputReader(func(chunk []byte) {
			if heard.Len() == 0 {
				close(busy)
				<-goOn
			}
			heard.Write(chunk)
		})
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			output.copy(from)
		}()
		go func() {
			_, _ = to.Write([]byte("first "))
			_, _ = to.Write([]byte("last"))
			to.Close()
		}()
		<-busy
		timer := time.AfterFunc(5*quiet/2, func() { close(goOn) })
		defer timer.Stop()
		if whole := output.settle(drained, quiet); !whole || heard.String() != "first last" {
			t.Errorf("got %q, whole %v", &heard, whole)
		}
	})
}
