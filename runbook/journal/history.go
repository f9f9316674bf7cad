package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"catalog-runbook/runbook/clean"
)

// History is the content of a journal: its records up to its end, or up to the
// first line that is damaged or newer. A journal without records was left by a
// process that ended before it recorded anything.
type History struct {
	ID      string
	Folder  string
	Records []Record
	// Torn is an unfinished last line, or nil. It was never acknowledged. A
	// process that has the run open may be about to finish it.
	Torn *Torn
	// Damage is where reading ended, or nil if nothing is damaged. The records
	// before it may be shown, but no effect may rely on them.
	Damage *Damage
	// Newer says that reading ended at a record that only a newer version of this
	// program understands.
	Newer bool

	newer error
}

// Torn is a last line without its end.
type Torn struct {
	Line  int
	Size  int    // in bytes
	Aside string // the file that Open has moved it to, "" if it is still in the journal
}

// Notice returns a sentence about what is wrong with the journal, or "".
func (h *History) Notice() string {
	switch {
	case h.Damage != nil:
		return fmt.Sprintf("the journal is damaged: %v", h.Damage)
	case h.newer != nil:
		return fmt.Sprintf("the journal can't be read to its end: %v", h.newer)
	case h.Torn != nil && h.Torn.Aside != "":
		return fmt.Sprintf("line %d was never finished; its %d bytes are in %s now", h.Torn.Line, h.Torn.Size, clean.Line(h.Torn.Aside))
	case h.Torn != nil:
		return fmt.Sprintf("line %d is not finished (%d bytes)", h.Torn.Line, h.Torn.Size)
	case len(h.Records) == 0:
		return "nothing was recorded: the run ended while it began"
	}
	return ""
}

// readHistory reads the rest of a journal, to its end or as far as it is intact. The
// tail is the torn line. The error is a read error; damage is in the History.
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
		h.Damage = c.damage("something else is where the line should end")
		return h, nil, nil
	}
	h.Torn = &Torn{Line: c.seq + 1, Size: len(tail)}
	return h, tail, nil
}

// openHistory opens and reads a run's journal. The file is nil if it is missing.
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
