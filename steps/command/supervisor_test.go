package command

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// TestFrontEndIsKilled ends the process that follows a command, in each of the
// ways that it does not survive. The command completes and is adopted.
func TestFrontEndIsKilled(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			cmd, open := gated(t, `trap 'echo interrupted' INT HUP TERM; echo before; read line <"$GATE"; echo after; exit 5`)
			front, s := frontend(t, cmd)
			s.waitFor(t, "before")
			if err := front.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_ = front.Wait()
			if end := front.ProcessState.Sys().(syscall.WaitStatus); end.Signal() != signal {
				t.Fatalf("the front end ended with %v", end)
			}
			open()
			f := rejoin(cmd.Folder)
			if got, err := f.wait(t); err != nil || got.Exit != 5 || !got.Whole || f.String() != "before\r\nafter\r\n" {
				t.Errorf("got %+v, %v, %q", got, err, f)
			}
		})
	}
}

// TestFailPoints kills the front end or the supervisor at each point that matters. The
// command runs at most once, and what is reported about it is true.
func TestFailPoints(t *testing.T) {
	const (
		never = 1 << iota
		gone
		over
	)
	for point, want := range map[string]int{
		"supervised:folder":  never,
		"supervised:started": never,
		"supervised:ordered": never | over, // whoever is quicker
		"supervisor:ordered": never,
		"supervisor:claimed": gone,
		"supervisor:started": gone,
		"supervisor:noted":   gone,
		"supervisor:ended":   gone,
		"supervisor:written": gone,
		"supervisor:renamed": over,
		"supervised:outcome": over,
	} {
		t.Run(point, func(t *testing.T) {
			count := filepath.Join(t.TempDir(), "count")
			cmd := supervised(t, `echo run >>"$0"; exit 7`)
			cmd.Argv = []string{"sh", "-c", cmd.Argv[2], count}
			front, _ := frontend(t, cmd, "CATALOG_RUNBOOK_FAILPOINT="+point)
			_ = front.Wait()
			killed := front.ProcessState.Sys().(syscall.WaitStatus).Signaled()
			if killed != strings.HasPrefix(point, "supervised:") {
				t.Fatalf("the front end was killed: %v", killed)
			}
			for range 2 {
				got, err := rejoin(cmd.Folder).wait(t)
				is := 0
				var l *Lost
				switch {
				case err == nil && got.Exit == 7:
					is = over
				case errors.Is(err, ErrNeverRan):
					is = never
				case errors.As(err, &l):
					is = gone
					poll.Until(t, "nothing is left", func() bool { return l.Group == 0 || !running(l.Group) })
				}
				if is&want == 0 {
					t.Errorf("got %+v, %v", got, err)
				}
				if noted := point != "supervisor:claimed" && point != "supervisor:started"; is == gone && noted != (l.Group > 0) {
					t.Errorf("got %+v", l)
				}
				runs, _ := os.ReadFile(count)
				if n := strings.Count(string(runs), "run"); n > 1 || is == never && n != 0 || is == over && n != 1 {
					t.Errorf("it was run %d times: %v", n, err)
				}
			}
		})
	}
}

// supervisorOf starts a supervisor that waits for its order.
func supervisorOf(t *testing.T, at folder) (process *exec.Cmd, order *os.File) {
	t.Helper()
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	process = exec.Command("/proc/self/exe")
	if path, err := (Supervised{}).executable(); err == nil {
		process.Path = path
	}
	process.Args = []string{supervisorName, supervisorWord, string(at)}
	process.Stdin = theirs
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return process, ours
}

func encoded(t *testing.T, cmd Command) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(order{Argv: cmd.Argv, Dir: cmd.Dir, Env: cmd.Env}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The supervisor gets its order after another process has claimed the command so that
// it never runs.
func TestLateSupervisor(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	cmd := supervised(t, `echo >"$1"`, mark)
	at := folder(cmd.Folder)
	if err := at.create(); err != nil {
		t.Fatal(err)
	}
	process, order := supervisorOf(t, at)
	for range 2 {
		if _, err := rejoin(cmd.Folder).wait(t); !errors.Is(err, ErrNeverRan) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := order.Write(encoded(t, cmd)); err != nil {
		t.Fatal(err)
	}
	order.Close()
	_ = process.Wait()
	if code := process.ProcessState.ExitCode(); code != exitTaken {
		t.Errorf("it ended with %d", code)
	}
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was run: %v", err)
	}
	if _, err := rejoin(cmd.Folder).wait(t); !errors.Is(err, ErrNeverRan) {
		t.Errorf("got %v", err)
	}
}

func TestHalfAnOrder(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	cmd := supervised(t, `echo >"$1"`, mark)
	at := folder(cmd.Folder)
	if err := at.create(); err != nil {
		t.Fatal(err)
	}
	whole := encoded(t, cmd)
	for n := 0; n < len(whole); n++ {
		if code := supervise(at, bytes.NewReader(whole[:n])); code != exitNoOrder {
			t.Fatalf("%d bytes of %d: it ended with %d", n, len(whole), code)
		}
	}
	if s, _, err := at.status(); s != unclaimed || err != nil {
		t.Errorf("got %v, %v", s, err)
	}
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was run: %v", err)
	}
}

// TestClaimRace calls Rejoin at various moments while a supervisor starts. Both
// processes report the same, and it is true.
func TestClaimRace(t *testing.T) {
	never := 0
	for i := range 40 {
		mark := filepath.Join(t.TempDir(), "mark")
		cmd := supervised(t, `echo >"$1"; exit 3`, mark)
		f := start(t, cmd)
		poll.Until(t, "there is a folder", func() bool { _, err := os.Lstat(cmd.Folder); return err == nil })
		wait := time.NewTimer(time.Duration(i) * 250 * time.Microsecond)
		<-wait.C
		_, first := rejoin(cmd.Folder).wait(t)
		_, second := f.wait(t)
		_, err := os.Stat(mark)
		switch {
		case errors.Is(first, ErrNeverRan) && errors.Is(second, ErrNeverRan) && errors.Is(err, fs.ErrNotExist):
			never++
		case first == nil && second == nil && err == nil:
		default:
			t.Errorf("one says %v, the other %v, and of its mark there is %v", first, second, err)
		}
	}
	t.Logf("%d were not run", never)
}

// The process that wrote the claim died while writing it: the command did not run and
// never will.
func TestUnfinishedClaim(t *testing.T) {
	for _, text := range []string{"", `{"by":"superv`} {
		cmd := supervised(t, "echo")
		at := folder(cmd.Folder)
		if err := at.create(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at.file(claimFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		lock, err := at.lock()
		if err != nil {
			t.Fatal(err)
		}
		if s, _, err := at.status(); s != runs || err != nil {
			t.Errorf("while it is written: got %v, %v", s, err)
		}
		lock.Close()
		if _, err := rejoin(cmd.Folder).wait(t); !errors.Is(err, ErrNeverRan) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRejoinRefusesWhatOthersCanWrite(t *testing.T) {
	cmd := supervised(t, "echo")
	if _, err := start(t, cmd).wait(t); err != nil {
		t.Fatal(err)
	}
	link := cmd.Folder + "-link"
	if err := os.Symlink(cmd.Folder, link); err != nil {
		t.Fatal(err)
	}
	if _, err := rejoin(link).wait(t); err == nil {
		t.Error("a link was followed")
	}
	if err := os.Chmod(cmd.Folder, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := rejoin(cmd.Folder).wait(t); err == nil || errors.Is(err, ErrNeverRan) || errors.Is(err, ErrLost) {
		t.Errorf("got %v", err)
	}
}

func TestRecordIsForItsOwner(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	cmd := supervised(t, `umask; read line`)
	f := start(t, cmd)
	f.waitFor(t, "0000")
	read := func() {
		err := filepath.WalkDir(cmd.Folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if d.IsDir() {
				want = 0o700
			}
			if info.Mode().Perm() != want {
				t.Errorf("%s has the mode %v", path, info.Mode())
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	poll.Until(t, "it is noted that the command began", func() bool { return f.folder.read(commandFile, &started{}) == nil })
	read()
	f.input <- Input{Data: []byte("\n")}
	if _, err := f.wait(t); err != nil {
		t.Error(err)
	}
	read()
}

// The secrets are values in the order, the value of a variable, and values that are
// recognized by their form. Each is printed in two pieces.
func TestSecretsStayInMemory(t *testing.T) {
	secrets := []string{"correct-horse-battery", "staple:0123456789", "ghp_0123456789012345678901"}
	// The script keeps the gate open for writing too. Otherwise it could open the gate
	// again before open has closed it, and read its end instead of waiting.
	cmd, open := gated(t, `exec 3<>"$GATE"; for s in "$A" "$B_TOKEN" "$C"; do
	half=$(printf %.9s "$s"); printf 'at %s' "$half"; read line <&3; printf '%s and more\n' "${s#"$half"}"
done; cat /proc/$PPID/cmdline /proc/$PPID/environ 2>/dev/null; true`)
	cmd.Env = append(cmd.Env, "A="+secrets[0], "B_TOKEN="+secrets[1], "C="+secrets[2])
	cmd.Secrets = secrets[:1]
	f := start(t, cmd)
	for i := range secrets {
		poll.Until(t, "it reads", func() bool { return i == 0 || strings.Count(f.String(), "and more") == i })
		open()
	}
	if _, err := f.wait(t); err != nil {
		t.Error(err)
	}
	if n := strings.Count(f.String(), "[redacted]"); n < 3 {
		t.Errorf("%d are masked: %q", n, f)
	}
	files, err := os.ReadDir(cmd.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file.Type() == fs.ModeNamedPipe {
			continue
		}
		text, err := os.ReadFile(filepath.Join(cmd.Folder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if bytes.Contains(text, []byte(s)) || bytes.Contains(text, []byte(s[:9])) {
				t.Errorf("%s holds %q: %q", file.Name(), s, text)
			}
		}
	}
}

// TestDiskIsFull lets the supervisor write no more than 64 KiB into a file.
func TestDiskIsFull(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wrapper := filepath.Join(t.TempDir(), "supervisor")
	if err := os.WriteFile(wrapper, []byte(fmt.Sprintf("#!/bin/sh\nulimit -f 128\nexec %q \"$@\"\n", self)), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := supervised(t, `i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; exit 6`)
	s := newScreen()
	got, err := Supervised{Executable: wrapper}.Run(context.Background(), cmd, Streams{Output: s.write})
	if err != nil || got.Exit != 6 || got.Whole {
		t.Errorf("got %+v, %v", got, err)
	}
	if out := s.String(); !strings.HasPrefix(out, "line 0\r\n") || len(out) < 64<<10 || strings.Contains(out, "line 19999") {
		t.Errorf("got %d bytes", len(out))
	}
	abandon(t, cmd.Folder)
}

// TestOutputWithAGap has a disk that has room again.
func TestOutputWithAGap(t *testing.T) {
	at := folder(t.TempDir())
	k, err := at.keep()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = k.Write([]byte("before\n"))
	file := k.file
	if k.file, err = os.Open(os.DevNull); err != nil { // cannot be written
		t.Fatal(err)
	}
	for range 3 {
		if _, err := k.Write([]byte("lost\n")); err == nil {
			t.Error("it was written")
		}
	}
	k.file.Close()
	k.file = file
	_, _ = k.Write([]byte("after\n"))
	_, _ = k.Write([]byte("more\n"))
	whole, size := k.close()
	text, err := os.ReadFile(at.file(outputFile))
	if want := "before\n" + Gap + "after\nmore\n"; string(text) != want || err != nil || whole || size != int64(len(want)) {
		t.Errorf("got %q, %v, whole %v, %d bytes", text, err, whole, size)
	}
}

// long makes the tests that try many cases try all that .ci/run tries.
var long = flag.Bool("long", false, "try as many cases as .ci/run does")

// TestMuchOutput has a command that prints 200 MiB, without -long 40.
func TestMuchOutput(t *testing.T) {
	size := 40 << 20
	if *long {
		size = 200 << 20
	}
	line := "0123456789012345678901234567890123456789012345678901234567890\n" // 62, and the terminal adds a CR
	cmd := supervised(t, `yes "$1" | head -c "$2"`, strings.TrimSpace(line), strconv.Itoa(size/len(line)*len(line)))
	var got, ours, theirs atomic.Int64
	count, looked := 0, time.Now()
	began := time.Now()
	outcome, err := Supervised{}.Run(context.Background(), cmd, Streams{Output: func(chunk []byte) {
		got.Add(int64(len(chunk)))
		if count++; time.Since(looked) > 100*time.Millisecond {
			looked = time.Now()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			ours.Store(max(ours.Load(), int64(m.Sys)))
			var c claim
			if folder(cmd.Folder).read(claimFile, &c) == nil {
				theirs.Store(max(theirs.Load(), resident(c.PID)))
			}
		}
	}})
	if err != nil || outcome.Exit != 0 || !outcome.Whole || got.Load() != int64(size/len(line)*(len(line)+1)) {
		t.Errorf("got %d bytes, %+v, %v", got.Load(), outcome, err)
	}
	if ours.Load() > 100<<20 || theirs.Load() > 100<<20 {
		t.Errorf("it took %d MiB here and %d MiB in the supervisor", ours.Load()>>20, theirs.Load()>>20)
	}
	took := time.Since(began)
	t.Logf("%.0f MB/s in %d pieces, %d MiB here and %d MiB in the supervisor", float64(size)/took.Seconds()/1e6, count, ours.Load()>>20, theirs.Load()>>20)
}

// resident returns how much memory a process has had at most, 0 if that is not
// known.
func resident(pid int) int64 {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after + " 0")
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

func TestSuperviseIsNotForPeople(t *testing.T) {
	for _, args := range [][]string{{"catalog-runbook"}, {"catalog-runbook", "DEPLOYMENT.md"}, {"catalog-runbook", supervisorWord}, {"catalog-runbook", supervisorWord, "a", "b"}} {
		if _, ran := Supervise(args, strings.NewReader("")); ran {
			t.Errorf("%q: it ran", args)
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, ran := Supervise([]string{"catalog-runbook", supervisorWord, t.TempDir()}, null); ran {
		t.Error("it ran without an order")
	}
}
