package journal

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/failpoint"
)

// fileName is the name of the journal in a run's folder.
const fileName = "journal"

// errClosed is the error of an Append after Close.
var errClosed = errors.New("the journal is closed")

// Journal is the journal of a run that this process holds. It is safe for
// concurrent use.
type Journal struct {
	id, folder string
	holder     Holder
	decode     decoder

	mu   sync.Mutex
	hold *hold
	file file   // nil if the journal file is missing, and after Close
	seq  int    // of the last record
	prev string // of the next record, "" before the first
	err  error  // why nothing can be appended any more
}

// ID returns the ID of the run.
func (j *Journal) ID() string { return j.id }

// Folder returns the folder of the run. Other data of the run may be kept in
// subfolders of it.
func (j *Journal) Folder() string { return j.folder }

// Err returns why nothing can be appended any more, or nil. It is set by the first
// write or sync that fails, by Close, and by Open if the journal is damaged or
// newer.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Append records an event and returns once it is on disk. After a write or sync
// error it is unknown until the run is opened again whether the record is there,
// and every later Append returns the same error without trying: the kernel may
// treat pages as written that it failed to write. An event that is too large or
// can't be read back is refused, and the journal stays usable.
func (j *Journal) Append(e runbook.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	line, err := j.line(e)
	if err != nil {
		return err
	}
	failpoint.Reach("journal:write")
	if n, err := j.file.Write(line); err != nil || n != len(line) {
		return j.fail("writing", errors.Join(err, short(n, len(line))))
	}
	failpoint.Reach("journal:sync")
	if err := j.file.Sync(); err != nil {
		return j.fail("syncing", err)
	}
	failpoint.Reach("journal:synced")
	j.seq++
	j.prev = sumOf(line)
	return nil
}

// line returns the line for the journal's next record.
func (j *Journal) line(e runbook.Event) ([]byte, error) {
	if e == nil {
		return nil, errors.New("recording an event: it is nil")
	}
	event, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("recording an event %q: %w", e.Type(), err)
	}
	if _, err := j.decode(e.Type(), event); err != nil {
		return nil, fmt.Errorf("recording an event %q: it could not be read back: %w", e.Type(), err)
	}
	h := header{j.seq + 1, j.id, j.holder.Host, j.holder.PID, cmp.Or(j.prev, firstPrev), e.Type()}
	line := h.appendLine(make([]byte, 0, len(event)+512), event)
	if len(line) > maxRecord {
		return nil, fmt.Errorf("recording an event %q of %d bytes: %w", e.Type(), len(event), errTooLarge)
	}
	return line, nil
}

func short(n, of int) error {
	if n == of {
		return nil
	}
	return io.ErrShortWrite
}

// fail makes the journal refuse all further events.
func (j *Journal) fail(doing string, err error) error {
	j.err = fmt.Errorf("%s record %d of the journal: %w; hint: a step counts as done only once it is on disk: repair the disk and resume the run", doing, j.seq+1, err)
	return j.err
}

// Close releases the run, so that any process can open it again. A second Close
// does nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.hold == nil {
		return nil
	}
	var err error
	if j.file != nil {
		err = j.file.Close()
	}
	err = errors.Join(err, j.hold.release())
	j.hold, j.file = nil, nil
	if j.err == nil {
		j.err = errClosed
	}
	if err != nil {
		return fmt.Errorf("closing run %s: %w", j.id, err)
	}
	return nil
}

// load reads the journal and prepares it for appending: what was read is synced, and
// a torn line is removed. If that fails, Err says why. The returned error is a read
// error.
func (j *Journal) load(d disk) (*History, error) {
	f, h, c, tail, err := openHistory(d, j.id, j.folder, j.decode, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	j.file = f
	switch {
	case h.Damage != nil:
		j.err = fmt.Errorf("the journal is damaged: %w; hint: what it says can be shown and reported, but the run can't be resumed", h.Damage)
		return h, nil
	case h.Newer:
		j.err = fmt.Errorf("the journal can't be read to its end: %w; hint: resume it with the version that wrote it", h.newer)
		return h, nil
	}
	j.seq, j.prev = c.seq, c.prev
	if h.Torn != nil {
		if h.Torn.Aside, err = setAside(d, j.folder, tail); err == nil {
			err = cut(f, int64(len(tail)))
		}
		if err != nil {
			j.err = fmt.Errorf("setting the unfinished line %d of the journal aside: %w; hint: repair the disk and resume the run", h.Torn.Line, err)
			return h, nil
		}
	}
	// The process that wrote the last record may have ended before its sync.
	if err := f.Sync(); err != nil {
		j.err = fmt.Errorf("syncing the journal: %w; hint: repair the disk and resume the run", err)
	}
	return h, nil
}

func cut(f file, tail int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return f.Truncate(info.Size() - tail)
}
