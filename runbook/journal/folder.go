package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"catalog-runbook/runbook/say"
)

// Folder returns the folder for the runs of this user:
// $XDG_STATE_HOME/catalog-runbook/runs, or else the same below ~/.local/state, on
// macOS too. A relative path in the variable is ignored, as the XDG Base Directory
// Specification requires. The folder may not exist.
func Folder(getenv func(string) string) (string, error) {
	state := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home := getenv("HOME")
		if !filepath.IsAbs(home) {
			return "", say.Hint(errors.New("finding the folder for runs: neither XDG_STATE_HOME nor HOME is an absolute path"), "set one of them")
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "catalog-runbook", "runs"), nil
}

// makeFolder creates the folder of all runs and its parents if they are missing,
// and makes them durable. It also syncs existing ones of this user, because the
// process that created them may have ended before it could.
func makeFolder(d disk, path string) error {
	parent := filepath.Dir(path)
	info, err := os.Stat(path) // parents may be symbolic links
	there := err == nil
	switch {
	case there && !info.IsDir():
		return fmt.Errorf("%s: %w", path, errKind)
	case there && (own(info, fs.ModeDir) != nil || parent == path):
		return nil
	case !there && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := makeFolder(d, parent); err != nil {
		return err
	}
	if !there {
		if err := d.mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	err = d.syncFolder(parent)
	if there && errors.Is(err, fs.ErrPermission) {
		return nil // this user can't list it, and so hasn't created it
	}
	return err
}

// ownFolder returns an error if path is not a folder of this user.
func ownFolder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if err := own(info, fs.ModeDir); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// closeFolder removes other users' access to a folder.
func closeFolder(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Perm() != folderMode {
		err = os.Chmod(path, folderMode)
	}
	return err
}
