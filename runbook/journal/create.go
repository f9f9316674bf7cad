package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"catalog-runbook/runbook/clean"
)

// newPrefix is the prefix of a folder that is not a run yet. A crash can leave one
// behind; it holds no records.
const newPrefix = ".new-"

// Create creates a run with an empty journal, held by h. Its folder appears
// atomically, with journal and lock.
func (s Store) Create(h Holder) (*Journal, error) {
	if h.Since.IsZero() {
		h.Since = time.Now()
	}
	j, err := s.create(h)
	if err != nil {
		return nil, fmt.Errorf("beginning a run in %s: %w", clean.Line(s.Dir), err)
	}
	return j, nil
}

func (s Store) create(h Holder) (*Journal, error) {
	d := s.onDisk()
	if err := makeFolder(d, s.Dir); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		taken, err := s.List()
		if err != nil {
			return nil, err
		}
		j, err := s.make(d, newID(h.Since, taken), h)
		if !errors.Is(err, fs.ErrExist) || try == 10 {
			return j, err
		}
	}
}

func (s Store) make(d disk, id string, h Holder) (_ *Journal, err error) {
	folder := filepath.Join(s.Dir, newPrefix+id)
	if err := d.mkdir(folder); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = d.removeAll(folder)
		}
	}()
	j := s.journal(id, h)
	if j.hold, err = takeLock(d, folder, h); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = j.Close()
		}
	}()
	if j.file, err = openOwn(d, filepath.Join(folder, fileName), os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL); err != nil {
		return nil, err
	}
	if err := j.file.Sync(); err != nil {
		return nil, err
	}
	if err := d.syncFolder(folder); err != nil {
		return nil, err
	}
	if err := d.rename(folder, j.folder); err != nil {
		return nil, err
	}
	folder = j.folder
	return j, d.syncFolder(s.Dir)
}
