package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// supervised is a command with a folder for its record.
func supervised(t *testing.T, script string, args ...string) Command {
	t.Helper()
	dir, err := os.MkdirTemp(built, "")
	if err != nil {
		t.Fatal(err)
	}
	// A supervisor that comes too late may still be making files.
	t.Cleanup(func() { poll.Until(t, dir+" is removed", func() bool { return os.RemoveAll(dir) == nil }) })
	cmd := sh(script, args...)
	cmd.Folder = filepath.Join(dir, "attempt")
	return cmd
}

// followed follows a command until it has ended or is left.
type followed struct {
	*screen
	folder folder
	input  chan Input
	stop   chan Stop
	leave  context.CancelFunc
	done   chan struct{}
	result Outcome
	err    error
}

func (f *followed) streams() Streams {
	return Streams{Output: f.write, Input: f.input, Stop: f.stop}
}

func begin(path string, run func(context.Context, Streams) (Outcome, error)) *followed {
	ctx, leave := context.WithCancel(context.Background())
	f := &followed{screen: newScreen(), folder: folder(path), input: make(chan Input), stop: make(chan Stop), leave: leave, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		defer leave()
		f.result, f.err = run(ctx, f.streams())
	}()
	return f
}

func start(t *testing.T, cmd Command) *followed {
	t.Helper()
	t.Cleanup(func() { abandon(t, cmd.Folder) })
	return begin(cmd.Folder, func(ctx context.Context, io Streams) (Outcome, error) { return Supervised{}.Run(ctx, cmd, io) })
}

func rejoin(path string) *followed {
	return begin(path, func(ctx context.Context, io Streams) (Outcome, error) { return Supervised{}.Rejoin(ctx, path, io) })
}

func (f *followed) wait(t *testing.T) (Outcome, error) {
	t.Helper()
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	select {
	case <-f.done:
	case <-limit.C:
		f.leave()
		<-f.done
		t.Fatalf("it has not ended; it printed %q", f.String())
	}
	return f.result, f.err
}

// abandon ends what a test that failed has left.
func abandon(t *testing.T, path string) {
	if s, _, err := folder(path).status(); err != nil || s != runs {
		return
	}
	var c claim
	if folder(path).read(claimFile, &c) == nil && c.By == bySupervisor {
		_ = syscall.Kill(c.PID, syscall.SIGKILL)
	}
	var s started
	if folder(path).read(commandFile, &s) == nil && s.Group > 0 {
		_ = syscall.Kill(-s.Group, syscall.SIGKILL)
	}
	t.Errorf("the command in %s was still running", path)
}

// gated returns a script that continues when open is called.
func gated(t *testing.T, script string, args ...string) (cmd Command, open func()) {
	t.Helper()
	gate := filepath.Join(t.TempDir(), "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd = supervised(t, script, args...)
	cmd.Env = append(cmd.Env, "GATE="+gate)
	return cmd, func() {
		if err := os.WriteFile(gate, []byte("on\n"), 0); err != nil {
			t.Error(err)
		}
	}
}

func TestSupervisedRuns(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SECRET_OF_OURS", "x")
	cmd := supervised(t, `printf '%s|' "$@"; pwd; printf '%s|%s|' "$GREETING" "$SECRET_OF_OURS"; stty size; test -t 0 && test -t 1 && test -t 2 && echo terminal; exit 3`, "a b", "$HOME;*", "\xff")
	cmd.Dir, cmd.Env = dir, append(cmd.Env, "GREETING=hello")
	f := start(t, cmd)
	got, err := f.wait(t)
	if want := "a b|$HOME;*|\xff|" + dir + "\r\nhello||40 120\r\nterminal\r\n"; f.String() != want || err != nil {
		t.Errorf("got %q, %v; want %q", f, err, want)
	}
	if got.Exit != 3 || !got.Whole || got.Overran || time.Since(got.Ended) > time.Minute || time.Since(got.Ended) < 0 {
		t.Errorf("got %+v", got)
	}
	again := rejoin(cmd.Folder)
	if adopted, err := again.wait(t); err != nil || adopted != got || again.String() != f.String() {
		t.Errorf("adopted: got %+v, %v, %q", adopted, err, again)
	}
}

func TestSupervisedExitCodes(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "exit 255": 255, "kill -KILL $$": 137, "kill -TERM $$": 143, "kill -HUP $$": 129} {
		if got, err := start(t, supervised(t, script)).wait(t); err != nil || got.Exit != want {
			t.Errorf("%s: got %+v, %v; want %d", script, got, err, want)
		}
	}
}

// TestNotRun has commands that cannot be started: with and without a
// supervisor it is certain that they were not.
func TestNotRun(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		change func(*Command)
		says   string
	}{
		{"no such program", nil, func(c *Command) { c.Argv = []string{"no-such-program"} }, "hint: install"},
		{"no such directory", nil, func(c *Command) { c.Dir = filepath.Join(c.Dir, "no-such-folder") }, "no "},
		{"no such interpreter", nil, func(c *Command) { c.Argv = []string{script} }, "no such file"},
		{"too late", cancelled, func(c *Command) {}, "canceled"},
	} {
		for name, e := range map[string]Executor{"PTY": PTY{}, "Supervised": Supervised{}} {
			ctx := c.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			cmd := supervised(t, "exit 0")
			c.change(&cmd)
			if got, err := e.Run(ctx, cmd, Streams{}); !errors.Is(err, ErrNeverRan) || !strings.Contains(err.Error(), c.says) || got != (Outcome{}) {
				t.Errorf("%s, %s: got %+v, %v", c.name, name, got, err)
			}
			if name == "PTY" {
				continue
			}
			if _, err := e.Rejoin(context.Background(), cmd.Folder, Streams{}); !errors.Is(err, ErrNeverRan) {
				t.Errorf("%s, looked at again: %v", c.name, err)
			}
		}
	}
	cmd := supervised(t, "echo twice")
	for i := range 2 {
		if _, err := (Supervised{}).Run(context.Background(), cmd, Streams{}); (i == 1) != errors.Is(err, ErrNeverRan) {
			t.Errorf("run %d in one folder: %v", i, err)
		}
	}
	for name, e := range map[string]Supervised{"no such program": {Executable: "/no/such/supervisor"}, "one that does nothing": {Executable: "/bin/true"}} {
		cmd := supervised(t, "echo")
		if _, err := e.Run(context.Background(), cmd, Streams{}); !errors.Is(err, ErrNeverRan) {
			t.Errorf("%s as the supervisor: %v", name, err)
		}
		if _, err := e.Rejoin(context.Background(), cmd.Folder, Streams{}); !errors.Is(err, ErrNeverRan) {
			t.Errorf("%s as the supervisor, looked at again: %v", name, err)
		}
	}
}

// TestSupervisorThatIsNone is a program that does not call Supervise.
func TestSupervisorThatIsNone(t *testing.T) {
	t.Setenv(supervisorVariable, "1")
	if _, err := (Supervised{}).Run(context.Background(), supervised(t, "echo"), Streams{}); !errors.Is(err, ErrNeverRan) || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("got %v", err)
	}
}

func TestSupervisedGoesOnWhenLeft(t *testing.T) {
	cmd, open := gated(t, `echo before; read line <"$GATE"; echo after; exit 5`)
	f := start(t, cmd)
	f.waitFor(t, "before")
	left := time.Now()
	f.leave()
	if _, err := f.wait(t); !errors.Is(err, ErrDetached) || time.Since(left) > 10*time.Second { // the command waits for the gate
		t.Errorf("got %v after %v", err, time.Since(left))
	}
	f = rejoin(cmd.Folder)
	f.waitFor(t, "before")
	open()
	if got, err := f.wait(t); err != nil || got.Exit != 5 || f.String() != "before\r\nafter\r\n" {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
}

func TestSupervisedAnswersOnce(t *testing.T) {
	cmd := supervised(t, `printf 'Enter a value: '; read a; echo "got <$a>"; printf 'Again? '; read b; echo "got <$b>"; printf 'Third? '; read c; echo "got <$c>"`)
	one := start(t, cmd)
	one.waitFor(t, "value: ")
	two := rejoin(cmd.Folder)
	two.waitFor(t, "value: ")
	for _, f := range []*followed{one, two, one} {
		f.input <- Input{ID: "first", Data: []byte("yes\n")}
	}
	two.waitFor(t, "Again? ")
	one.leave()
	_, _ = one.wait(t)
	two.input <- Input{ID: "first", Data: []byte("too often\n")}
	two.input <- Input{ID: "second", Data: []byte("no\n")}
	two.waitFor(t, "Third? ")
	two.input <- Input{Data: []byte("typed ")}
	two.input <- Input{Data: []byte("typed \n")} // without an ID each counts
	got, err := two.wait(t)
	for _, want := range []string{"got <yes>", "got <no>", "got <typed typed>"} {
		if !strings.Contains(two.String(), want) {
			t.Errorf("%q was not printed: %q", want, two)
		}
	}
	if err != nil || got.Exit != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestSupervisedTakesMuchInput has more than fits into a pipe, which is divided
// and put together again.
func TestSupervisedTakesMuchInput(t *testing.T) {
	cmd := supervised(t, `stty -echo raw; echo ready; head -c 1000000 | cksum`)
	f := start(t, cmd)
	f.waitFor(t, "ready")
	f.input <- Input{Data: []byte(strings.Repeat("0123456789", 100_000))}
	if got, err := f.wait(t); err != nil || got.Exit != 0 || !strings.Contains(f.String(), "1000000") {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
	want, _ := run(t, sh(`i=0; while [ $i -lt 100 ]; do printf '%01000d' 0; i=$((i+1)); done | sed 's/0000000000/0123456789/g' | cksum; awk 'BEGIN { for (i = 0; i < 100000; i++) printf "0123456789" }' | cksum`))
	if sum := strings.Fields(want); !strings.Contains(f.String(), sum[len(sum)-2]) {
		t.Errorf("got %q, want %q", f, want)
	}
}

func TestSupervisedInterruptsTheGroupOnce(t *testing.T) {
	f := start(t, supervised(t, counting))
	f.waitFor(t, "ready")
	f.stop <- Interrupt
	f.waitFor(t, "interrupted 1")
	f.stop <- Interrupt
	f.input <- Input{Data: []byte("end\n")}
	got, err := f.wait(t)
	if err != nil || got.Exit != 3 || !strings.Contains(f.String(), "ending with 1") || !strings.Contains(f.String(), "parent interrupted") || got.Overran {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
}

func TestSupervisedInterruptsAtItsLimit(t *testing.T) {
	cmd := supervised(t, counting)
	cmd.Limit = 1500 * time.Millisecond // enough for a busy machine to start the shell
	f := start(t, cmd)
	f.waitFor(t, "interrupted 1")
	f.stop <- Interrupt // it has been
	f.input <- Input{Data: []byte("end\n")}
	if got, err := f.wait(t); err != nil || got.Exit != 3 || !strings.Contains(f.String(), "ending with 1") || !got.Overran {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
}

func TestSupervisedKills(t *testing.T) {
	f := start(t, supervised(t, `trap '' INT; sh -c 'trap "" INT; echo "pid $$ ready"; while :; do sleep 600; done'`))
	f.waitFor(t, "ready")
	f.stop <- Interrupt
	f.stop <- Kill
	if got, err := f.wait(t); err != nil || got.Exit != 137 {
		t.Errorf("got %+v, %v", got, err)
	}
	if pid := pidIn(t, f.String()); alive(pid) {
		t.Errorf("process %d is left", pid)
	}
}

// pidIn returns the number after "pid".
func pidIn(t *testing.T, text string) int {
	t.Helper()
	_, after, _ := strings.Cut(text, "pid ")
	pid, err := strconv.Atoi(strings.Fields(after + " ?")[0])
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return pid
}

func alive(pid int) bool {
	state, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return syscall.Kill(pid, 0) == nil && !strings.HasPrefix(string(state), "Z")
}

// supervisor returns the process of a command's supervisor.
func (f *followed) supervisor(t *testing.T) int {
	t.Helper()
	var c claim
	if err := f.folder.read(claimFile, &c); err != nil || c.By != bySupervisor {
		t.Fatalf("got %+v, %v", c, err)
	}
	return c.PID
}

// TestSupervisorOutlivesSignals sends it what a terminal, a session or a person
// may, and looks that the command gets none of it and can be interrupted still.
func TestSupervisorOutlivesSignals(t *testing.T) {
	f := start(t, supervised(t, `trap 'echo hung up' HUP; trap 'echo told to end' TERM QUIT; echo ready; read line; echo "read $line"; trap - HUP TERM; exec sleep 600`))
	f.waitFor(t, "ready")
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTERM} {
		if err := syscall.Kill(f.supervisor(t), s); err != nil {
			t.Fatal(err)
		}
	}
	f.input <- Input{Data: []byte("on\n")}
	f.waitFor(t, "read on")
	f.stop <- Interrupt
	got, err := f.wait(t)
	if err != nil || got.Exit != 130 || f.String() != "ready\r\non\r\nread on\r\n" {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
}

// TestSupervisorIsLost kills it, with and without a part of the command.
func TestSupervisorIsLost(t *testing.T) {
	f := start(t, supervised(t, `trap '' HUP; echo "pid $$ ready"; while :; do sleep 600; done`))
	f.waitFor(t, "ready")
	poll.Until(t, "it is noted that the command began", func() bool { return f.folder.read(commandFile, &started{}) == nil })
	if err := syscall.Kill(f.supervisor(t), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_, err := f.wait(t)
	if !Gone(string(f.folder)) || Gone(filepath.Join(string(f.folder), "none")) {
		t.Error("who is gone is not told")
	}
	var l *Lost
	if !errors.Is(err, ErrLost) || !errors.As(err, &l) || !l.Left || l.Group == 0 || time.Since(l.Began) > time.Minute || time.Since(l.Taken) > time.Minute {
		t.Errorf("got %v, %+v", err, l)
	}
	if err := syscall.Kill(-pidIn(t, f.String()), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	poll.Until(t, "the command has ended", func() bool { return !running(l.Group) })
	f = rejoin(string(f.folder))
	if _, err := f.wait(t); !errors.As(err, &l) || l.Left || !strings.Contains(err.Error(), "no process of its group is left") || !strings.Contains(f.String(), "ready") {
		t.Errorf("got %v, %+v, %q", err, l, f)
	}
}

// What cannot be read as an outcome is none, and a person has to decide.
func TestBrokenOutcomeIsADoubt(t *testing.T) {
	cmd := supervised(t, "true")
	if _, err := (Supervised{}).Run(t.Context(), cmd, Streams{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder(cmd.Folder).file(exitFile), []byte("\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Supervised{}).Rejoin(t.Context(), cmd.Folder, Streams{}); !errors.Is(err, ErrLost) {
		t.Errorf("it is %v, want a doubt", err)
	}
}
