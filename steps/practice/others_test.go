package practice

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/practice/state"
)

const otherVariable = "PRACTICE_TEST_OTHER"

// other is what another process of a test does.
func other(task string, args []string) error {
	switch task {
	case "hold": // a world in the folder, until it is killed
		w, err := Start("calm", Options{Folder: args[0]})
		if err != nil {
			return err
		}
		for _, v := range w.Environ() {
			fmt.Println(v)
		}
		fmt.Println("ready")
		select {}
	case "tell": // as many changes, one by one
		s, err := state.Open(state.Folder(args[0]), time.Now)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return tellAll(s, args[1], n)
	}
	return fmt.Errorf("what is %q?", task)
}

// tellAll pauses after each change for longer than others wait between two tries
// to lock the state, so that nobody waits for all changes of another.
func tellAll(s *state.Store, who string, n int) error {
	for i := range n {
		err := s.Change(func(k *state.Facts, now time.Time) error {
			k.Tell(now, "", fmt.Sprintf("%s %d", who, i))
			return nil
		})
		if err != nil {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
	return nil
}

// otherProcess has a group of its own, so that its git can be killed with it.
func otherProcess(task string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), otherVariable+"="+task, "GORACE=atexit_sleep_ms=0", "GOCOVERDIR="+os.TempDir())
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func killAll(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
}

// The environment is enough for a just when the program that made it is dead.
func TestJustOutlivesTheProgram(t *testing.T) {
	at := filepath.Join(t.TempDir(), "world")
	cmd := otherProcess("hold", at)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var environ []string
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		environ = append(environ, lines.Text())
	}
	killAll(t, cmd)
	s, err := state.Open(state.Folder(at), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := publish(s); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{bump, apply} {
		cmd := exec.Command(filepath.Join(state.Folder(at).Bin(), "just"), args...)
		cmd.Dir, cmd.Env = state.Folder(at).Checkout(), append(environ, just.PaceVariable+"=0", "GORACE=atexit_sleep_ms=0", "GOCOVERDIR="+os.TempDir())
		finish(t, cmd, "yes\n").must(t, 0)
	}
	if d := deployed(t, start(t, "calm", Options{Folder: at})); d.Deployed != draftTag {
		t.Errorf("deployed %+v", d)
	}
}

// Whenever the program is killed, the next one has a whole world.
func TestKilledWhileTheWorldIsMade(t *testing.T) {
	const making = "world.making-*/openverse-infrastructure/"
	for _, sign := range []string{"world.making-*", making + "justfile", making + ".git", making + ".git/refs/heads/main", "world", "world/bin/just"} {
		parent := t.TempDir()
		at := filepath.Join(parent, "world")
		cmd := otherProcess("hold", at)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		poll.Until(t, "the folder appears", func() bool {
			found, err := filepath.Glob(filepath.Join(parent, sign))
			// A busy machine may let the moment pass.
			return err == nil && len(found) > 0 || exists(filepath.Join(at, "bin", "just"))
		})
		killAll(t, cmd)
		w := start(t, "calm", Options{Folder: at})
		if status := gitOutput(t, w, "status", "--porcelain"); status != "" {
			t.Errorf("not clean: %s", status)
		}
		runJust(t, w, "", plans...).must(t, 0, "No changes.")
	}
}

// No change of any process is lost, and a reader never sees a half-written state.
func TestChangesOfTwoProcessesAreAllKept(t *testing.T) {
	const each = 10
	w, _ := keep(t, "calm")
	var others []*exec.Cmd
	for i := range 3 {
		cmd := otherProcess("tell", string(w.folder), fmt.Sprintf("process %d", i), strconv.Itoa(each))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		others = append(others, cmd)
	}
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for n := 0; ; n++ {
				if _, err := state.Open(w.folder, time.Now); err != nil {
					t.Errorf("reading %d: %v", n, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
		writers.Go(func() {
			if err := tellAll(w.state, "here", each); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Go(func() {
		if err := w.Do("publish-release"); err != nil {
			t.Error(err)
		}
	})
	writers.Wait()
	for _, cmd := range others {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
	if err := w.state.Refresh(); err != nil {
		t.Fatal(err)
	}
	k := w.state.Facts()
	for who, want := range map[string]int{"process 0 ": each, "process 1 ": each, "process 2 ": each, "here ": 2 * each, "GitHub: ": 3} {
		got := 0
		for _, n := range k.News {
			if strings.HasPrefix(n.Text, who) {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d changes are left of %d", who, got, want)
		}
	}
}
