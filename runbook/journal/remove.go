package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"catalog-runbook/runbook/clean"
)

// removedPrefix is the prefix of a folder that is no longer a run.
const removedPrefix = ".removed-"

// Remove removes a run's folder with everything in it, including what other packages
// keep there. It returns a *HeldError if a process has the run open. The caller must
// check whether a command of the run is still running.
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
	// A half removed run would look damaged, so rename it first.
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
