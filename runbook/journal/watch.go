package journal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"catalog-runbook/runbook/clean"
)

// Reader reads a journal incrementally while another process may be writing it. It
// takes no lock and changes nothing. It is not safe for concurrent use.
type Reader struct {
	file  file
	lines lines
	chain chain
	err   error
}

// Watch returns a Reader of a run's journal from its beginning.
func (s Store) Watch(id string) (*Reader, error) {
	folder, err := s.find(id)
	if err == nil {
		var f file
		if f, err = openOwn(s.onDisk(), filepath.Join(folder, fileName), os.O_RDONLY); err == nil {
			return &Reader{file: f, lines: lines{file: f}, chain: chain{run: id, decode: s.decoder()}}, nil
		}
	}
	return nil, fmt.Errorf("watching run %s: %w", clean.Line(id), err)
}

// Next returns the records that were completed since the last call, without
// waiting for more. With an error it returns the records before it, and every later
// call returns the same error: a *Damage, one that wraps runbook.ErrNewer, or one
// that says that the run was removed or couldn't be read.
func (r *Reader) Next() ([]Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	records, err := r.next()
	if err != nil {
		r.err = fmt.Errorf("watching run %s: %w", r.chain.run, err)
	}
	return records, r.err
}

func (r *Reader) next() ([]Record, error) {
	info, err := r.file.Stat()
	if err != nil {
		return nil, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink == 0 {
		return nil, errNoRun
	}
	if info.Size() < r.lines.at {
		return nil, &Damage{r.chain.seq, clean.Linef("the journal has become shorter than what was read of it")}
	}
	return r.chain.read(&r.lines)
}

// Close ends the reading.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = fs.ErrClosed
	}
	return r.file.Close()
}
