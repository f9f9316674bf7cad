package practice

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"catalog-runbook/steps/practice/state"
)

func TestOnlyTheOwnerMayReadAWorld(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	w, _ := keep(t, "calm")
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{
		filepath.Dir(string(w.folder)): 0o700, string(w.folder): 0o700, w.folder.Bin(): 0o700,
		w.folder.StateFile(): 0o600, filepath.Join(string(w.folder), "world.lock"): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
	var names []string
	inside, _ := os.ReadDir(string(w.folder))
	for _, e := range inside {
		names = append(names, e.Name())
	}
	if want := []string{"bin", "home", "openverse-infrastructure", "openverse-infrastructure.git", "tmp", "world.json", "world.lock"}; !slices.Equal(names, want) {
		t.Errorf("the folder holds %q, want %q", names, want)
	}
	if beside, _ := os.ReadDir(filepath.Dir(string(w.folder))); len(beside) != 1 {
		t.Errorf("beside the world: %v", beside)
	}
}

func TestFoldersThatAWorldDoesNotTake(t *testing.T) {
	w, _ := keep(t, "calm")
	full, plain, lost := t.TempDir(), filepath.Join(t.TempDir(), "file"), filepath.Join(t.TempDir(), "lost")
	for _, path := range []string{plain, filepath.Join(full, "precious")} {
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := start(t, "busy-dags", Options{Folder: lost}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(state.Folder(lost).Checkout()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		full: "holds precious and no practice world; hint: ", plain: "not a directory",
		lost: "no longer has its checkout", string(w.folder): `holds a world of the scenario "calm", not of "busy-dags"; hint: `,
	} {
		if _, err := Start("busy-dags", Options{Folder: path}); err == nil || !strings.Contains(err.Error(), "starting the practice world: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	for _, path := range []string{plain, filepath.Join(full, "precious")} {
		if data, err := os.ReadFile(path); err != nil || string(data) != "precious" {
			t.Errorf("%s is touched: %q, %v", path, data, err)
		}
	}
	if inside, _ := os.ReadDir(full); len(inside) != 1 {
		t.Errorf("%v", inside)
	}
	// An empty folder is as good as none.
	start(t, "calm", Options{Folder: t.TempDir()})
}

// A world that cannot be made leaves nothing, and one that is there is never
// removed.
func TestAStartThatFailsInAFolder(t *testing.T) {
	w, _ := keep(t, "calm")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	parent := t.TempDir()
	if _, err := Start("calm", Options{Folder: filepath.Join(parent, "world")}); err == nil || !strings.Contains(err.Error(), "hint: install git") {
		t.Errorf("error %v", err)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Start("busy-dags", Options{Folder: string(w.folder)}); err == nil {
		t.Error("another scenario was started")
	}
	start(t, "calm", Options{Folder: string(w.folder)}) // needs no git
}
