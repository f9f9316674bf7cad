package journal

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func TestHolderText(t *testing.T) {
	defer func(l *time.Location) { time.Local = l }(time.Local)
	time.Local = time.FixedZone("", 3600)
	since := time.Date(2026, 11, 23, 11, 3, 0, 0, time.UTC)
	for _, c := range []struct {
		h    Holder
		now  time.Time
		want string
	}{
		{Holder{"zack", "host", 123, since}, since.Add(time.Hour), "zack@host since 12:03 (process 123)"},
		{Holder{"zack", "host", 123, since}, since.Add(11*time.Hour + 57*time.Minute), "zack@host since 2026-11-23 12:03 (process 123)"},
		{Holder{"zack", "", 0, time.Time{}}, since, "zack"},
		{Holder{}, since, "another process"},
		{Holder{PID: 7}, since, "another process (process 7)"},
		{Holder{"\x1b]0;x\a", "h\nost", 1, time.Time{}}, since, "^[]0;x^G@h ost (process 1)"},
	} {
		if got := c.h.text(c.now); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestHeld(t *testing.T) {
	_, s, id := written(t, note("one"))
	if h, held, err := s.Holder(id); err != nil || held || h != (Holder{}) {
		t.Errorf("nobody has it: %v, %v, %v", h, held, err)
	}
	// What a process that was killed has left says nothing.
	left := `{"actor":"` + strings.Repeat("killed", 100) + `","pid":1}`
	if err := os.WriteFile(filepath.Join(s.Dir, id, lockName), []byte(left), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, held, err := s.Holder(id); err != nil || held || h != (Holder{}) {
		t.Errorf("its holder was killed: %v, %v, %v", h, held, err)
	}
	j, _, err := s.Open(id, me())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if h, held, err := s.Holder(id); err != nil || !held || h != me() {
		t.Errorf("got %v, %v, %v; want %v", h, held, err, me())
	}
	_, _, err = s.Open(id, Holder{Actor: "ann"})
	var is *HeldError
	if !errors.As(err, &is) || is.ID != id || is.Holder != me() || !strings.HasPrefix(err.Error(), "opening run "+id+": held by zack@box since ") {
		t.Errorf("got %v", err)
	}
	if h, err := s.Read(id); err != nil || len(h.Records) != 1 {
		t.Errorf("a held run cannot be read: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(s.Dir, id, lockName)); err != nil || len(text) > 0 {
		t.Errorf("after Close the lock still says %q, %v", text, err)
	}
	if _, held, err := s.Holder(id); err != nil || held {
		t.Errorf("after Close: %v, %v", held, err)
	}
}

// TestHolderIsNotTrusted lets the lock say what it likes while it is held.
func TestHolderIsNotTrusted(t *testing.T) {
	_, s, id := written(t)
	j, _, err := s.Open(id, me())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for text, want := range map[string]string{
		"":                         "held by another process;",
		"{":                        "held by another process;",
		`{"actor":7}`:              "held by another process;",
		`{"actor":"a\u001b[2J"}`:   "held by a^[[2J;",
		`{"host":"\u202e\n"}`:      "held by @<202E> ;",
		strings.Repeat("[", 1<<20): "held by another process;",
	} {
		if err := os.WriteFile(filepath.Join(s.Dir, id, lockName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Open(id, me()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
		h, held, err := s.Holder(id)
		if err != nil || !held || strings.ContainsAny(h.Actor+h.Host, "\x1b\n\u202e") {
			t.Errorf("%.20q: %+v, %v, %v", text, h, held, err)
		}
	}
}

// TestLookingHoldsNobodyUp opens a run while others ask who holds it.
func TestLookingHoldsNobodyUp(t *testing.T) {
	_, s, id := written(t)
	done := make(chan struct{})
	var lookers sync.WaitGroup
	for range 3 {
		lookers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, _, err := s.Holder(id); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 200 {
		j, _, err := s.Open(id, me())
		if err != nil {
			t.Error(err)
			break
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	lookers.Wait()
}

// TestLockOfARemovedRun takes a lock on a file that is another one by then.
func TestLockOfARemovedRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), lockName)
	note, err := openOwn(realDisk{}, path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		t.Fatal(err)
	}
	defer note.Close()
	if err := errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	k := &hold{flock.New(path), note}
	if err := k.take(path); !errors.Is(err, fs.ErrNotExist) || k.lock.Locked() {
		t.Errorf("got %v, locked %v", err, k.lock.Locked())
	}
}

// TestOpenOrRemove lets one process open what another removes.
func TestOpenOrRemove(t *testing.T) {
	s := newStore(t)
	for range 100 {
		j, err := s.Create(me())
		if err != nil {
			t.Fatal(err)
		}
		id := j.ID()
		j.Close()
		var opened *Journal
		var openErr, removeErr error
		var both sync.WaitGroup
		both.Go(func() { opened, _, openErr = s.Open(id, me()) })
		both.Go(func() { removeErr = s.Remove(id) })
		both.Wait()
		if (openErr == nil) == (removeErr == nil) {
			t.Fatalf("Open: %v, Remove: %v", openErr, removeErr)
		}
		if openErr == nil {
			if err := errors.Join(opened.Append(note("one")), opened.Close()); err != nil {
				t.Fatal(err)
			}
			if h, err := s.Read(id); err != nil || len(h.Records) != 1 {
				t.Fatal(h, err)
			}
			if err := s.Remove(id); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A child that a process was starting when it was killed shares its lock for a moment.
// That doesn't keep the run from being opened, but a process that lives does.
func TestLockOfADeadProcess(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		pid   int
		host  string
		opens bool
	}{
		"dead": {gone.Process.Pid, me().Host, true}, "alive": {os.Getpid(), me().Host, false}, "elsewhere": {gone.Process.Pid, "another", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, s, id := written(t, note("one"))
			path := filepath.Join(s.Dir, id, lockName)
			holder, err := json.Marshal(Holder{Actor: "zack", Host: test.host, PID: test.pid})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, holder, 0o600); err != nil {
				t.Fatal(err)
			}
			child := flock.New(path)
			if err := child.Lock(); err != nil {
				t.Fatal(err)
			}
			release := time.AfterFunc(20*time.Millisecond, func() { child.Unlock() })
			defer release.Stop()
			j, _, err := s.Open(id, me())
			if opened := err == nil; opened != test.opens {
				t.Fatalf("opened %v, %v", opened, err)
			}
			if err == nil {
				j.Close()
			}
		})
	}
}
