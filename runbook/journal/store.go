package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// Store is a folder with the runs of a user, one folder per run. Its methods may be
// called concurrently, also by several processes.
type Store struct {
	Dir string

	disk   disk    // nil: the real one
	decode decoder // nil: runbook.DecodeEvent
}

// errNoRun is wrapped by the error for an ID that no run has.
var errNoRun = errors.New("there is no such run")

// Open takes a run's lock and reads its journal. It returns a *HeldError if another
// process has the run open. If the journal is damaged, newer or not writable, the
// History has what could be read and the Journal's Err says why nothing can be
// appended.
func (s Store) Open(id string, h Holder) (*Journal, *History, error) {
	folder, err := s.find(id)
	if err != nil {
		return nil, nil, fmt.Errorf("opening run %s: %w", clean.Line(id), err)
	}
	d := s.onDisk()
	if h.Since.IsZero() {
		h.Since = time.Now()
	}
	j := s.journal(id, h)
	if j.hold, err = takeLock(d, folder, h); err != nil {
		return nil, nil, s.lockProblem("opening", id, err)
	}
	history, err := j.load(d)
	if err == nil {
		err = closeFolder(folder)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("opening run %s: %w", id, errors.Join(err, j.Close()))
	}
	return j, history, nil
}

// Read reads a run's journal. It takes no lock and changes nothing; another process
// may be appending.
func (s Store) Read(id string) (*History, error) {
	h, err := s.read(id)
	if err != nil {
		return nil, fmt.Errorf("reading run %s: %w", clean.Line(id), err)
	}
	return h, nil
}

func (s Store) read(id string) (*History, error) {
	folder, err := s.find(id)
	if err != nil {
		return nil, err
	}
	f, h, _, _, err := openHistory(s.onDisk(), id, folder, s.decoder(), os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if f != nil {
		err = f.Close()
	}
	return h, err
}

// List returns the IDs of the runs, newest first. A folder that doesn't exist has
// none.
func (s Store) List() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the runs: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && validID(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids, nil
}

// Holder returns who has a run open now, and whether anyone has. The Holder is zero
// if that process is unknown.
func (s Store) Holder(id string) (Holder, bool, error) {
	folder, err := s.find(id)
	if err == nil {
		var h Holder
		var held bool
		if h, held, err = holderOf(s.onDisk(), folder); err == nil {
			return h, held, nil
		}
	}
	return Holder{}, false, fmt.Errorf("asking who holds run %s: %w", clean.Line(id), err)
}

// find returns the folder of a run, which is always directly in Dir.
func (s Store) find(id string) (string, error) {
	if !validID(id) {
		return "", fmt.Errorf("%w; hint: a run has a name like 20261123-0912-k3x9", errNoRun)
	}
	folder := filepath.Join(s.Dir, id)
	err := ownFolder(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w in %s", errNoRun, clean.Line(s.Dir))
	}
	return folder, err
}

// lockProblem returns the error for the caller if takeLock failed.
func (s Store) lockProblem(doing, id string, err error) error {
	switch {
	case errors.Is(err, errHeld):
		return &HeldError{ID: id, Holder: readHolder(s.onDisk(), filepath.Join(s.Dir, id)), doing: doing}
	case errors.Is(err, fs.ErrNotExist):
		err = errNoRun // it was removed just now
	}
	return fmt.Errorf("%s run %s: taking its lock: %w", doing, id, err)
}

func (s Store) journal(id string, h Holder) *Journal {
	h.Host = clean.Line(h.Host).String()
	return &Journal{id: id, folder: filepath.Join(s.Dir, id), holder: h, decode: s.decoder()}
}

func (s Store) onDisk() disk {
	if s.disk == nil {
		return realDisk{}
	}
	return s.disk
}

func (s Store) decoder() decoder {
	if s.decode == nil {
		return runbook.DecodeEvent
	}
	return s.decode
}
