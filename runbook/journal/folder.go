package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder returns where the runs of this user are kept:
// $XDG_STATE_HOME/catalog-runbook/runs, else the same below ~/.local/state, on
// macOS too. A relative path in the variable counts for nothing, as the XDG Base
// Directory Specification has it. It does not look whether the folder is there.
func Folder(getenv func(string) string) (string, error) {
	state := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home := getenv("HOME")
		if !filepath.IsAbs(home) {
			return "", errors.New("finding the folder for runs: neither XDG_STATE_HOME nor HOME is an absolute path; hint: set one of them")
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "catalog-runbook", "runs"), nil
}

// makeFolder makes the folder of all runs where it is missing, and the folders
// above it, so that they outlast a power cut. Those of this user that are there
// already are synced too: the process that made them may have ended before.
func makeFolder(d disk, path string) error {
	parent := filepath.Dir(path)
	info, err := os.Stat(path) // the way to it may go through links
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
		return nil // this user may not list it, and so has not made it
	}
	return err
}

// ownFolder returns why a folder must not be used, nil where it may.
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

// closeFolder takes a folder away from the eyes of others where they had it.
func closeFolder(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Perm() != folderMode {
		err = os.Chmod(path, folderMode)
	}
	return err
}
