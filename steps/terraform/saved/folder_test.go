package saved

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFolder(t *testing.T) {
	run := filepath.Join(t.TempDir(), "a [run]*?")
	old, made := Folder(filepath.Join(run, "1")), Folder(filepath.Join(run, "2"))
	if _, err := Folder("").Hash(); err == nil || !Folder("").Gone() {
		t.Error("nothing has a saved plan")
	}
	for _, f := range []Folder{old, made} {
		if err := os.MkdirAll(string(f), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{f.Plan(), f.json()} {
			if err := writePrivate(name, func(to *os.File) error { _, err := to.WriteString("x"); return err }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if info, err := os.Stat(made.json()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info, err)
	}
	if hash, err := made.Hash(); err != nil || hash != "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" {
		t.Errorf("its hash is %s, %v", hash, err)
	}
	made.RemoveOlder()
	if !old.Gone() || made.Gone() {
		t.Error("not exactly the older one was removed")
	}
	if Remove(run, time.Now().Add(-time.Hour)) {
		t.Error("a new file was removed")
	}
	if !Remove(run, time.Now().Add(time.Hour)) || !made.Gone() {
		t.Error("an old file was not removed")
	}
}

func TestArguments(t *testing.T) {
	got, err := Arguments([]string{"A=b", "TF_CLI_ARGS_plan=-lock=false"}, "plan", "-out=/a b")
	if want := []string{"TF_CLI_ARGS_plan=-lock=false '-out=/a b'"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Arguments(nil, "plan", "-out=/it's"); err == nil || !strings.Contains(err.Error(), "quotation mark") {
		t.Errorf("got %v", err)
	}
}

func TestAdopt(t *testing.T) {
	f, dir := Folder(t.TempDir()), t.TempDir()
	own, link := filepath.Join(dir, "tfplan"), filepath.Join(dir, "link")
	if err := os.WriteFile(own, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(own, link); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(own)
	if err != nil {
		t.Fatal(err)
	}
	for path, since := range map[string]time.Time{own: info.ModTime().Add(1), dir: {}, own + "x": {}, os.DevNull: {}} {
		if _, err := f.Adopt(path, since); err == nil || !f.Gone() {
			t.Errorf("%s was adopted", path)
		}
	}
	real, err := filepath.EvalSymlinks(own)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Adopt(link, info.ModTime()); err != nil || got != real {
		t.Errorf("got %q, %v; want %q", got, err, real)
	}
	kept, err := os.Stat(f.Plan())
	if err != nil || kept.Mode().Perm() != 0o600 {
		t.Errorf("what is kept: %v, %v", kept, err)
	}
	if one, err := f.Hash(); err != nil {
		t.Error(err)
	} else if other, err := Hash(own); err != nil || one != other {
		t.Errorf("the copy differs: %s, %s, %v", one, other, err)
	}
}
