package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// What the program is given and must not say.
const (
	secretToken    = "ghp_0123456789abcdefghijABCDEFGHIJ"
	secretPassword = "correct horse battery"
)

// leftLimit is how long after the end something of ours may still be there.
const leftLimit = 6 * time.Second

// underShell starts the program as a shell does, which says what state the
// emulator is in at the moment when it goes on, and that it does.
const underShell = `"$0" "$@"; code=$?; stty -g >after; printf 'the shell goes on'; exit $code`

// TestEveryEndGivesTheTerminalBack ends the checklist in all the ways that there
// are, and looks at the terminal then.
func TestEveryEndGivesTheTerminalBack(t *testing.T) {
	path := withFailPoints(t)
	press := func(keys string) func(*drawn) { return func(w *drawn) { w.typeIn(keys) } }
	signal := func(s syscall.Signal) func(*drawn) {
		return func(w *drawn) {
			if err := syscall.Kill(w.program, s); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	for name, tc := range map[string]struct {
		environ string
		end     func(*drawn)
		code    int
		says    []string // after the checklist, in this order
		late    bool     // the shell may be first
	}{
		"q":                    {end: press("q"), code: 0, says: []string{"to do"}},
		"ctrl+c":               {end: press("\x03"), code: 0, says: []string{"to do"}},
		"TERM":                 {end: signal(syscall.SIGTERM), code: 143},
		"INT":                  {end: signal(syscall.SIGINT), code: 130},
		"HUP":                  {end: signal(syscall.SIGHUP), code: 129},
		"KILL":                 {end: signal(syscall.SIGKILL), code: 137, says: []string{"it was killed", resumes}, late: true},
		"QUIT":                 {end: signal(syscall.SIGQUIT), code: 2, says: []string{"SIGQUIT: quit"}},
		"error":                {environ: "CATALOG_RUNBOOK_BREAK=input", end: press("!"), code: 2, says: []string{"drawing the checklist", "the input is broken"}},
		"panic in Update":      {environ: point("show:update"), end: press("!"), code: 2, says: crashOf("show:update")},
		"panic in View":        {environ: point("show:view"), end: press("!"), code: 2, says: crashOf("show:view")},
		"panic in a Cmd":       {environ: point("show:cmd"), end: press("!"), code: 2, says: crashOf("show:cmd")},
		"panic in a goroutine": {environ: point("show:goroutine"), end: press("!"), code: 2, says: crashOf("show:goroutine")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := draw(t, path, tc.environ, "sh", "-c", underShell)
			tc.end(w)
			if code := w.emulator.end(); code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			raw := w.bytes()
			if tc.late {
				raw = strings.Replace(raw, shellMark, "", 1) + shellMark
			} else if after := readFile(t, filepath.Join(w.cmd.Dir, "after")); after != w.before {
				t.Errorf("the shell goes on with the state\n%swhich was\n%s", after, w.before)
			}
			w.isAsBefore()
			given(t, raw)
			at := strings.LastIndex(raw, leaveAltScreen)
			if after := raw[max(at, 0):]; strings.Contains(after, "\x1b]") || strings.Contains(after, "\x07") {
				t.Errorf("what crashed is printed as it is: %q", after)
			}
			for _, text := range append(tc.says, shellMark) {
				next := strings.Index(raw[max(at, 0):], text)
				if next < 0 {
					t.Fatalf("%q is not said after the checklist, in its order: %q", text, raw[max(at, 0):])
				}
				at += next
			}
			for _, secret := range []string{secretToken, secretPassword} {
				if strings.Contains(raw, secret) {
					t.Errorf("%q is printed", secret)
				}
			}
			w.nobodyIsLeft()
		})
	}
}

const (
	shellMark = "the shell goes on"
	resumes   = "To resume it: catalog-runbook resume 20"
)

func point(name string) string { return "CATALOG_RUNBOOK_FAILPOINT=" + name + ":panic" }

// crashOf is what a panic there must tell, however it is cleaned.
func crashOf(name string) []string {
	return []string{"it has crashed", "panic: failpoint: " + name, "^[]0;title^G [redacted]", "[redacted]", "\r\n\r\ngoroutine ", "breakable_failpoints.go:", resumes}
}

// The closing of the terminal is a HUP to those who work on it.
func TestClosedTerminalEndsEverything(t *testing.T) {
	t.Parallel()
	w := draw(t, program(t), "", "", "")
	// A read that is under way would hold our side open.
	if err := syscall.SetNonblock(int(w.file.Fd()), true); err != nil {
		t.Fatal(err)
	}
	w.typeIn("j")
	w.waitFor("Step 2")
	if err := w.file.Close(); err != nil {
		t.Fatal(err)
	}
	if code := w.emulator.end(); code != 129 {
		t.Errorf("exit code %d", code)
	}
	w.nobodyIsLeft()
}

// What ends other processes does not end the keeper, and it ends with us all the
// same, although we cannot send it away.
func TestKeeperEndsOnlyWithTheChecklist(t *testing.T) {
	t.Parallel()
	w := draw(t, program(t), "", "sh", "-c", underShell)
	keeper := w.keeper()
	if group, err := syscall.Getpgid(keeper); err != nil || group != keeper {
		t.Errorf("the keeper %d is in the group %d, %v", keeper, group, err)
	}
	w.hasLookedAtItsSignals(keeper)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTOU} {
		if err := syscall.Kill(keeper, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(w.program, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := w.emulator.end(); code != 137 {
		t.Errorf("exit code %d", code)
	}
	w.isAsBefore()
	given(t, w.bytes())
	w.nobodyIsLeft()
}

// A keeper that is killed or stopped does not keep anybody from leaving.
func TestLostKeeperIsNotMissed(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			w := draw(t, program(t), "", "sh", "-c", underShell)
			if err := syscall.Kill(w.keeper(), s); err != nil {
				t.Fatal(err)
			}
			w.typeIn("q")
			if code := w.emulator.end(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			w.isAsBefore()
			w.nobodyIsLeft()
		})
	}
}

// Nothing of our environment is in the keeper's, and none of our children gets
// what would keep it waiting.
func TestKeeperKnowsNoEnvironmentAndNobodyItsSocket(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/fdinfo"); err != nil {
		t.Skip("there is no /proc here")
	}
	w := draw(t, program(t), "", "sh", "-c", underShell)
	if got, want := readFile(t, fmt.Sprintf("/proc/%d/environ", w.keeper())), "CATALOG_RUNBOOK_KEEPER=1\x00"; got != want {
		t.Errorf("the keeper's environment is %q", got)
	}
	if got, want := readFile(t, fmt.Sprintf("/proc/%d/cmdline", w.keeper())), "catalog-runbook\x00keep-terminal\x00"; got != want {
		t.Errorf("the keeper's command line is %q", got)
	}
	sockets := 0
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", w.program))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		target, err := os.Readlink(file)
		if err != nil || !strings.HasPrefix(target, "socket:") {
			continue
		}
		sockets++
		info := readFile(t, fmt.Sprintf("/proc/%d/fdinfo/%s", w.program, filepath.Base(file)))
		_, flags, _ := strings.Cut(info, "flags:")
		octal, err := strconv.ParseUint(strings.Fields(flags)[0], 8, 64)
		if err != nil || octal&unix.O_CLOEXEC == 0 {
			t.Errorf("children inherit the socket %s: %v\n%s", file, err, info)
		}
	}
	if sockets == 0 {
		t.Error("no socket is open, so there is no keeper to look at")
	}
	w.typeIn("q")
	w.emulator.end()
}

// Without a keeper the checklist is what it was. Its own file is gone when it is
// to be started again: the runbook is a pipe that is written to after that.
func TestChecklistRunsWithoutAKeeper(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, document := filepath.Join(folder, "catalog-runbook"), filepath.Join(folder, "DEPLOYMENT.md")
	data, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(document, 0o600); err != nil {
		t.Fatal(err)
	}
	term := newTerminal(t, 80, 24, nil, path, "--dry-run", document)
	term.start(nil)
	pipe, err := os.OpenFile(document, os.O_WRONLY, 0) // returns when the program reads
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.WriteString(twoSteps); err != nil {
		t.Fatal(err)
	}
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	term.waitFor("DRY RUN", "Two steps")
	if left := descendants(t, term.cmd.Process.Pid); len(left) != 0 {
		t.Fatalf("it has started %v", left)
	}
	term.typeIn("q")
	if code := term.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	given(t, term.bytes())
}

const twoSteps = "# Two steps\n\n1. Look.\n2. Look again.\n"

// drawn is a checklist that has been drawn, on a terminal whose state was
// looked at before.
type drawn struct {
	*emulator
	program int    // its process id
	before  string // `stty -g`
	state   unix.Termios
	family  []int // it and the processes that it has started
}

// draw draws a checklist. The command that it is started under gets the program
// and its arguments as further ones; "" is none.
func draw(t *testing.T, path, environ string, under ...string) *drawn {
	t.Helper()
	args := []string{path, "--dry-run", writeFile(t, "DEPLOYMENT.md", twoSteps)}
	if under[0] != "" {
		args = append(under, args...)
	}
	env := []string{"GH_TOKEN=" + secretToken, "AIRFLOW_PASSWORD=" + secretPassword, environ}
	w := &drawn{emulator: newTerminal(t, 80, 24, env, args[0], args[1:]...)}
	state, err := unix.IoctlGetTermios(int(w.other.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	state.Iflag ^= unix.IXANY // so that nobody takes a sane state for this one
	state.Cc[unix.VERASE] = 8
	if err := unix.IoctlSetTermios(int(w.other.Fd()), setTermios, state); err != nil {
		t.Fatal(err)
	}
	w.state = *state
	stty := exec.Command("stty", "-g")
	stty.Stdin = w.other
	out, err := stty.Output()
	if err != nil {
		t.Fatal(err)
	}
	w.before = string(out)
	w.start(nil)
	w.waitFor("DRY RUN", "Two steps")
	w.program = w.cmd.Process.Pid
	w.family = append(descendants(t, w.program), w.program)
	if under[0] != "" {
		if w.program = w.family[0]; w.program == w.cmd.Process.Pid {
			t.Fatal("the shell has started nothing")
		}
	}
	return w
}

// isAsBefore fails unless the terminal is in the state, and the screen in the
// modes, that it was in.
func (w *drawn) isAsBefore() {
	w.t.Helper()
	state, err := unix.IoctlGetTermios(int(w.file.Fd()), getTermios)
	if err != nil {
		w.t.Fatal(err)
	}
	if *state != w.state {
		w.t.Errorf("the terminal's state is %+v, want %+v", *state, w.state)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	const taken = vt10x.ModeAltScreen | vt10x.ModeHide | vt10x.ModeMouseMask | vt10x.ModeMouseSgr | vt10x.ModeFocus
	if mode := w.screen.Mode(); mode&taken != 0 {
		w.t.Errorf("the screen is left in the modes %b", mode&taken)
	}
}

// keeper is the process that keeps the terminal.
func (w *drawn) keeper() int {
	w.t.Helper()
	children := descendants(w.t, w.program)
	if len(children) != 1 {
		w.t.Fatalf("the children are %v, want the keeper", children)
	}
	return children[0]
}

// hasLookedAtItsSignals waits until the keeper, which nobody waits for
// otherwise, ignores what it must ignore.
func (w *drawn) hasLookedAtItsSignals(keeper int) {
	w.t.Helper()
	eventually(w.t, patience, "the keeper ignores no signal", func() bool {
		out, err := exec.Command("ps", "-o", "ignored=", "-p", strconv.Itoa(keeper)).Output()
		if err != nil {
			w.t.Skip("this ps does not tell ignored signals")
		}
		set, err := strconv.ParseUint(strings.TrimSpace(string(out)), 16, 64)
		return err == nil && set>>(syscall.SIGTTOU-1)&1 == 1
	})
}

// nobodyIsLeft fails unless everybody has ended soon.
func (w *drawn) nobodyIsLeft() {
	w.t.Helper()
	eventually(w.t, leftLimit, fmt.Sprintf("some of %v are left", w.family), func() bool {
		for _, p := range processes(w.t) {
			for _, pid := range w.family {
				if p.pid == pid {
					return false
				}
			}
		}
		return true
	})
}

func eventually(t testing.TB, limit time.Duration, otherwise string, holds func() bool) {
	t.Helper()
	tick, late := time.NewTicker(20*time.Millisecond), time.NewTimer(limit)
	defer tick.Stop()
	defer late.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatal(otherwise)
		}
	}
}

// process is one of this machine that has not ended.
type process struct{ pid, parent int }

func processes(t testing.TB) []process {
	t.Helper()
	out, err := exec.Command("ps", "-axo", "pid=,ppid=,stat=").Output()
	if err != nil {
		t.Fatalf("ps: %v", err)
	}
	var all []process
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || strings.HasPrefix(fields[2], "Z") {
			continue
		}
		pid, err1 := strconv.Atoi(fields[0])
		parent, err2 := strconv.Atoi(fields[1])
		if err1 != nil || err2 != nil {
			t.Fatalf("ps says %q", line)
		}
		all = append(all, process{pid, parent})
	}
	return all
}

// descendants are the children of a process and theirs, the eldest first.
func descendants(t testing.TB, pid int) []int {
	t.Helper()
	all, found := processes(t), []int{}
	for next := []int{pid}; len(next) > 0; next = next[1:] {
		for _, p := range all {
			if p.parent == next[0] {
				found, next = append(found, p.pid), append(next, p.pid)
			}
		}
	}
	return found
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
