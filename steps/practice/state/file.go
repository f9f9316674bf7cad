package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Version is the version of the file's format. Increase it when a field changes its
// meaning.
const Version = 1

// How long and how often a change waits for that of another process, which takes
// milliseconds.
const (
	lockLimit = 10 * time.Second
	lockPause = 5 * time.Millisecond
)

// load reads the state. It needs no lock, since the file is only replaced as a whole.
func (f Folder) load() (Facts, error) {
	data, err := f.read()
	if err != nil {
		return Facts{}, err
	}
	return f.decode(data)
}

func (f Folder) read() ([]byte, error) {
	data, err := os.ReadFile(f.StateFile())
	if err != nil {
		return nil, fmt.Errorf("reading the practice world: %w; hint: its folder is removed when its practice is over; begin another practice", err)
	}
	return data, nil
}

func (f Folder) decode(data []byte) (Facts, error) {
	k, err := decode(data)
	if err != nil {
		return Facts{}, fmt.Errorf("reading the practice world: %s is damaged: %w; hint: begin another practice", f.StateFile(), err)
	}
	return k, nil
}

// decode decodes a file. It fails for unknown fields, because the next change would lose
// them.
func decode(data []byte) (k Facts, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&k); err != nil {
		return k, err
	}
	if d.More() {
		return k, errors.New("there is text after its end")
	}
	return k, k.valid()
}

// valid returns an error for a state that a world cannot work with.
func (k Facts) valid() error {
	switch {
	case k.Version != Version:
		return fmt.Errorf("it is of version %d, and this program knows %d", k.Version, Version)
	case len(k.releases(false)) == 0:
		return errors.New("it has no published release")
	case k.Deployed == "":
		return errors.New("it does not say what is deployed")
	case k.Airflow != 2 && k.Airflow != 3:
		return fmt.Errorf("there is no Airflow %d", k.Airflow)
	}
	return nil
}

// Save replaces the file. Unless the world is new, the caller holds the lock, so a
// temporary file beside it was left by a process that was killed.
func (f Folder) Save(k Facts) error {
	if err := f.replace(k); err != nil {
		return fmt.Errorf("changing the practice world: %w", err)
	}
	return nil
}

func (f Folder) replace(k Facts) error {
	data, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return err
	}
	beside := f.StateFile() + ".new"
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync() // so that a power cut cannot leave an empty file under the name
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(beside, f.StateFile())
}

// lock keeps other goroutines and processes from changing the state until unlock is
// called. It fails after lockLimit.
func (f Folder) lock() (unlock func() error, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockLimit)
	defer cancel()
	// A new flock each time: a shared one would not keep out our own goroutines.
	l := flock.New(filepath.Join(string(f), "world.lock"))
	if _, err := l.TryLockContext(ctx, lockPause); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("another process has held the lock for %s", lockLimit)
		}
		return nil, fmt.Errorf("changing the practice world: %s: %w", l.Path(), err)
	}
	return l.Unlock, nil
}
