package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"catalog-runbook/runbook/clean"
)

// Holder is the process that has a run open. If it was read from disk, its texts
// are clean.
type Holder struct {
	Actor string    `json:"actor"`
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// String returns a description such as "zack@host since 12:03 (process 123)".
func (h Holder) String() string { return h.text(time.Now()) }

func (h Holder) text(now time.Time) string {
	who := h.Actor
	if h.Host != "" {
		who += "@" + h.Host
	}
	if who == "" {
		who = "another process"
	}
	if !h.Since.IsZero() {
		since, form := h.Since.Local(), "15:04"
		if y, m, d := now.Local().Date(); since.Before(time.Date(y, m, d, 0, 0, 0, 0, time.Local)) {
			form = "2006-01-02 15:04"
		}
		who += " since " + since.Format(form)
	}
	if h.PID > 0 {
		who += fmt.Sprintf(" (process %d)", h.PID)
	}
	return clean.Line(who).String()
}

// HeldError says that another process has a run open. Holder is zero if that process
// is unknown.
type HeldError struct {
	ID     string
	Holder Holder

	doing string // what failed; "" means opening
}

func (e *HeldError) Error() string {
	doing := e.doing
	if doing == "" {
		doing = "opening"
	}
	return fmt.Sprintf("%s run %s: held by %s; hint: quit it there first, or only watch it here", doing, e.ID, e.Holder)
}

const lockName = "lock"

// hold is a run's lock, held by this process. The kernel releases the lock when
// the process ends; the content of the file tells other processes who holds it.
//
// flock.Flock only locks. What it can't do is done here: refuse a lock file of
// another user, tell a process that holds the run from one that briefly looks who
// does, and notice that the run was removed before the lock was taken.
type hold struct {
	lock *flock.Flock
	note file
}

// startTime is how long the child of a dead process may take to run its own program.
const startTime = 2 * time.Second

// died reports whether the holder was a process of this host that is gone.
func (h Holder) died(host string) bool {
	return h.PID > 0 && h.Host != "" && h.Host == clean.Line(host).String() && errors.Is(syscall.Kill(h.PID, 0), syscall.ESRCH)
}

// errHeld is the error of a lock that another process holds.
var errHeld = errors.New("held by another process")

// takeLock takes the lock of the run in folder, and writes h to it.
func takeLock(d disk, folder string, h Holder) (*hold, error) {
	path := filepath.Join(folder, lockName)
	note, err := openOwn(d, path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK))
	k := &hold{lock, note}
	err = k.take(path)
	if errors.Is(err, errHeld) && readHolder(d, folder).died(h.Host) {
		// A child that the process was starting when it died shares the lock until it runs
		// its own program.
		ctx, cancel := context.WithTimeout(context.Background(), startTime)
		if ok, _ := k.lock.TryLockContext(ctx, startTime/500); ok {
			err = k.check(path)
		}
		cancel()
	}
	if err != nil {
		return nil, errors.Join(err, note.Close())
	}
	// The previous holder must be removed. If the new one can't be written, for
	// example because the disk is full, the run can still be opened.
	if err := note.Truncate(0); err != nil {
		return nil, errors.Join(err, k.release())
	}
	h.Actor, h.Host = clean.Line(h.Actor).String(), clean.Line(h.Host).String()
	if text, err := json.Marshal(h); err == nil {
		_, _ = note.Write(append(text, '\n'))
	}
	return k, nil
}

// take tries until it has the lock or sees that another process holds it. It
// doesn't give up because of a process that shares the lock for a moment to see
// whether it is held.
func (k *hold) take(path string) error {
	for range 10000 {
		if ok, err := k.lock.TryLock(); err != nil {
			return err
		} else if ok {
			return k.check(path)
		}
		if shared, err := k.lock.TryRLock(); err != nil {
			return err
		} else if !shared {
			return errHeld
		}
		if err := k.lock.Unlock(); err != nil {
			return err
		}
		runtime.Gosched()
	}
	return errHeld
}

// check returns an error if the locked file is no longer the one at path, because
// the run was removed in the meantime.
func (k *hold) check(path string) error {
	locked, err := k.lock.Stat()
	if err == nil {
		var noted, there fs.FileInfo
		if noted, err = k.note.Stat(); err == nil {
			if there, err = os.Lstat(path); err == nil && (!os.SameFile(locked, there) || !os.SameFile(noted, there)) {
				err = fs.ErrNotExist
			}
		}
	}
	if err != nil {
		return errors.Join(err, k.lock.Unlock())
	}
	return nil
}

// release releases the lock. It may be called once.
func (k *hold) release() error {
	_ = k.note.Truncate(0)
	return errors.Join(k.lock.Unlock(), k.note.Close())
}

// holderOf returns who holds the run in folder, and whether it is held.
func holderOf(d disk, folder string) (Holder, bool, error) {
	path := filepath.Join(folder, lockName)
	probe := flock.New(path, flock.SetFlag(os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK))
	free, err := probe.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Holder{}, false, nil
	case err != nil:
		return Holder{}, false, err
	case free:
		return Holder{}, false, probe.Unlock()
	}
	return readHolder(d, folder), true, nil
}

// readHolder returns the holder in the lock file, zero if it can't be read.
func readHolder(d disk, folder string) Holder {
	f, err := openOwn(d, filepath.Join(folder, lockName), os.O_RDONLY)
	if err != nil {
		return Holder{}
	}
	defer f.Close()
	var h Holder
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 64<<10))
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	h.Actor, h.Host = clean.Line(h.Actor).String(), clean.Line(h.Host).String()
	return h
}
