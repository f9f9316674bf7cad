package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFolder(t *testing.T) {
	for _, c := range []struct{ state, home, want string }{
		{"/state", "/home/zack", "/state/catalog-runbook/runs"},
		{"", "/home/zack", "/home/zack/.local/state/catalog-runbook/runs"},
		{"state", "/home/zack", "/home/zack/.local/state/catalog-runbook/runs"},
		{"/state", "", "/state/catalog-runbook/runs"},
		{"", "", ""},
		{"state", "home", ""},
	} {
		env := map[string]string{"XDG_STATE_HOME": c.state, "HOME": c.home}
		got, err := Folder(func(name string) string { return env[name] })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: got %q, %v", c, got, err)
		}
	}
}

func TestIDsSortByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ids []string
		now := begin
		for range rapid.IntRange(1, 60).Draw(t, "runs") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			ids = append(ids, newID(now.In(time.FixedZone("", 7200)), ids))
		}
		if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Fatalf("not in the order of time: %v", ids)
		}
		for _, id := range ids {
			if !validID(id) {
				t.Fatalf("%s is not the name of a run", id)
			}
		}
	})
	if id := newID(begin, []string{"20261123-0912-zzzz"}); !validID(id) {
		t.Errorf("in a full minute: %s", id)
	}
}

func TestListAndRemove(t *testing.T) {
	s := newStore(t)
	if ids, err := s.List(); err != nil || len(ids) != 0 {
		t.Errorf("no folder: %v, %v", ids, err)
	}
	var want []string
	for i := range 5 {
		j, err := s.Create(Holder{Since: begin.Add(time.Duration(i/3) * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, j.ID())
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(want)
	for _, other := range []string{".new-20261123-0912-k3x9", ".removed-20261123-0912-k3x9", "notes", "20261123-0912-k3x", "20261323-0912-k3x9", "20261123-0912-k3xl"} {
		if err := os.Mkdir(filepath.Join(s.Dir, other), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "20261123-0912-k3x9"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(want[0], filepath.Join(s.Dir, "20261123-0912-k3x8")); err != nil {
		t.Fatal(err)
	}
	if ids, err := s.List(); err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v; want %v", ids, err, want)
	}

	j, _, err := s.Open(want[0], me())
	if err != nil {
		t.Fatal(err)
	}
	var held *HeldError
	if err := s.Remove(want[0]); !errors.As(err, &held) || held.Holder.PID != os.Getpid() || !strings.HasPrefix(err.Error(), "removing run ") {
		t.Errorf("removing what is open: %v", err)
	}
	j.Close()
	if err := os.Mkdir(filepath.Join(s.Dir, want[0], "effect-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(want[0]); err != nil {
		t.Error(err)
	}
	if ids, err := s.List(); err != nil || !slices.Equal(ids, want[1:]) {
		t.Errorf("after removing: %v, %v; want %v", ids, err, want[1:])
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir, "*"+want[0])); left != nil {
		t.Errorf("left: %v", left)
	}
	if err := s.Remove(want[0]); !errors.Is(err, errNoRun) {
		t.Errorf("removing it again: %v", err)
	}
}

// TestNames shows that nothing outside of the folder is reached.
func TestNames(t *testing.T) {
	_, s, id := written(t)
	for _, name := range []string{"", ".", "..", "../runs", "../runs/" + id, id + "/", id + "/.", "./" + id, "\x1b[31m", "20261123-0912-zzz9"} {
		_, _, openErr := s.Open(name, me())
		_, readErr := s.Read(name)
		_, watchErr := s.Watch(name)
		_, _, holderErr := s.Holder(name)
		for i, err := range []error{openErr, readErr, watchErr, holderErr, s.Remove(name)} {
			if !errors.Is(err, errNoRun) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%q, %d: %v", name, i, err)
			}
		}
	}
	if ids, err := s.List(); err != nil || len(ids) != 1 {
		t.Error(ids, err)
	}
}

func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o777} {
		t.Run(fmt.Sprintf("%03o", umask), func(t *testing.T) {
			scratch := t.TempDir()
			defer syscall.Umask(syscall.Umask(umask))
			s := Store{Dir: filepath.Join(scratch, "state", "runs")}
			j, err := s.Create(me())
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(j.Append(note("one")), j.Close()); err != nil {
				t.Fatal(err)
			}
			// The run is accessible to other users, and its journal is torn.
			path := filepath.Join(j.Folder(), fileName)
			err = errors.Join(os.Chmod(path, 0o666), os.Chmod(j.Folder(), 0o777), os.Truncate(path, 10))
			if err != nil {
				t.Fatal(err)
			}
			if j, _, err = s.Open(j.ID(), me()); err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			files := 0
			err = filepath.WalkDir(filepath.Join(scratch, "state"), func(path string, e fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				info, err := e.Info()
				if err != nil {
					return err
				}
				want := folderMode
				if !e.IsDir() {
					want = fileMode
					files++
				}
				if info.Mode().Perm() != want {
					t.Errorf("%s has the mode %v", path, info.Mode())
				}
				return nil
			})
			if err != nil || files != 3 {
				t.Errorf("%d files, %v", files, err)
			}
		})
	}
}

// TestRefused plants what must not be followed or used.
func TestRefused(t *testing.T) {
	foreign := func(path string) error {
		if os.Geteuid() != 0 {
			return errors.ErrUnsupported
		}
		return os.Lchown(path, 12345, -1)
	}
	link := func(path string) error {
		return errors.Join(os.Rename(path, path+".moved"), os.Symlink(path+".moved", path))
	}
	pipe := func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) }
	folder := func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }
	for _, c := range []struct {
		name, what string
		plant      func(string) error
		want       error
		reads      bool // reading does not need it
	}{
		{"the folder a link", "", link, errLink, false},
		{"the folder another's", "", foreign, errOwner, false},
		{"the journal a link", fileName, link, errLink, false},
		{"the journal another's", fileName, foreign, errOwner, false},
		{"the journal a pipe", fileName, pipe, errKind, false},
		{"the journal a folder", fileName, folder, nil, false},
		{"the lock a link", lockName, link, errLink, true},
		{"the lock another's", lockName, foreign, errOwner, true},
		{"the lock a pipe", lockName, pipe, errKind, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, s, id := written(t, note("one"))
			path := filepath.Join(s.Dir, id, c.what)
			if err := c.plant(path); errors.Is(err, errors.ErrUnsupported) {
				t.Skip("only root can give a file away")
			} else if err != nil {
				t.Fatal(err)
			}
			j, _, err := s.Open(id, me())
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Open: %v, %v", j, err)
			}
			_, err = s.Read(id)
			if (err == nil) != c.reads || !c.reads && c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Read: %v", err)
			}
			r, err := s.Watch(id)
			if (err == nil) != c.reads {
				t.Errorf("Watch: %v", err)
			}
			if err == nil {
				r.Close()
			}
			if moved, err := os.ReadFile(path + ".moved"); err == nil && c.what == fileName && string(moved) != string(data) {
				t.Error("what the link leads to was changed")
			}
		})
	}
}
