package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"catalog-runbook/runbook/clean"
)

// removedPrefix begins the name of a folder that is no run any more.
const removedPrefix = ".removed-"

// Remove removes a run's folder with all that is in it, also what others than
// this package keep there. It returns a *HeldError where a process has the run
// open; whether a command of the run is still running is for the caller to ask.
func (s Store) Remove(id string) error {
	folder, err := s.find(id)
	if err != nil {
		return fmt.Errorf("removing run %s: %w", clean.Line(id), err)
	}
	d := s.onDisk()
	k, err := takeLock(d, folder, Holder{PID: os.Getpid(), Since: time.Now()})
	if err != nil {
		return s.lockProblem("removing", id, err)
	}
	// A run that is half removed would look like a damaged one.
	gone := filepath.Join(s.Dir, removedPrefix+id)
	err = d.removeAll(gone)
	if err == nil {
		err = d.rename(folder, gone)
	}
	if err == nil {
		err = d.syncFolder(s.Dir)
	}
	err = errors.Join(err, k.release())
	if err == nil {
		err = d.removeAll(gone)
	}
	if err != nil {
		return fmt.Errorf("removing run %s: %w", id, err)
	}
	return nil
}
