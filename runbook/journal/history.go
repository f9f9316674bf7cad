package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"catalog-runbook/runbook/clean"
)

// History is what a journal holds: the records up to its end, or up to the first
// line that cannot be relied on. A journal without any was left by a process
// that ended before it recorded anything.
type History struct {
	ID      string
	Folder  string
	Records []Record
	// Torn is a last line that was never finished, nil where there is none.
	// Nothing was acknowledged of it. Where another process has the run open, it
	// may be about to finish it.
	Torn *Torn
	// Damage is what ended the reading, nil where nothing is damaged. What the
	// records before it say can be shown, and no effect may build on it.
	Damage *Damage
	// Newer says that the reading ended at a record that only a newer version of
	// this program understands.
	Newer bool

	newer error
}

// Torn is a last line without its end.
type Torn struct {
	Line  int
	Size  int    // in bytes
	Aside string // the file that Open has moved it to, "" where it was left in the journal
}

// Notice says in a sentence what is wrong with the journal, "" where nothing is.
func (h *History) Notice() string {
	switch {
	case h.Damage != nil:
		return fmt.Sprintf("the journal is damaged: %v", h.Damage)
	case h.newer != nil:
		return fmt.Sprintf("the journal cannot be read to its end: %v", h.newer)
	case h.Torn != nil && h.Torn.Aside != "":
		return fmt.Sprintf("line %d was never finished; its %d bytes are in %s now", h.Torn.Line, h.Torn.Size, clean.Line(h.Torn.Aside))
	case h.Torn != nil:
		return fmt.Sprintf("line %d is not finished (%d bytes)", h.Torn.Line, h.Torn.Size)
	case len(h.Records) == 0:
		return "nothing was recorded: the run ended while it began"
	}
	return ""
}

// readHistory reads a journal from where c and l stand to its end, or as far as
// it can be relied on; c stands there then. tail is the torn line. The error is
// one of reading, not of what was read.
func readHistory(c *chain, l *lines, folder string) (h *History, tail []byte, err error) {
	h = &History{ID: c.run, Folder: folder}
	var damage *Damage
	var later *newer
	switch h.Records, err = c.read(l); {
	case errors.As(err, &damage):
		h.Damage = damage
		return h, nil, nil
	case errors.As(err, &later):
		h.Newer, h.newer = true, later
		return h, nil, nil
	case err != nil:
		return nil, nil, err
	}
	switch tail = l.rest(); {
	case len(tail) == 0:
		return h, nil, nil
	case beginsWithRecord(tail):
		h.Damage = c.damage("something else stands where the line should end")
		return h, nil, nil
	}
	h.Torn = &Torn{Line: c.seq + 1, Size: len(tail)}
	return h, tail, nil
}

// openHistory opens a run's journal and reads it. The file is nil where it is
// missing.
func openHistory(d disk, id, folder string, decode decoder, flag int) (file, *History, *chain, []byte, error) {
	f, err := openOwn(d, filepath.Join(folder, fileName), flag)
	if errors.Is(err, fs.ErrNotExist) {
		damage := &Damage{Text: clean.Linef("the file %s is missing", fileName)}
		return nil, &History{ID: id, Folder: folder, Damage: damage}, nil, nil, nil
	}
	if err != nil {
		return nil, nil, nil, nil, err
	}
	c := &chain{run: id, decode: decode}
	h, tail, err := readHistory(c, &lines{file: f}, folder)
	if err != nil {
		return nil, nil, nil, nil, errors.Join(err, f.Close())
	}
	return f, h, c, tail, nil
}
