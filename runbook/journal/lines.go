package journal

import (
	"bytes"
	"errors"
	"io"
)

// errLong is the error of a line that is too long for a record.
var errLong = errors.New("longer than a record can be")

// lines reads a file line by line.
type lines struct {
	file io.ReaderAt
	at   int64  // where in the file the next line begins
	buf  []byte // what was read from there on
}

// next returns the next line including its line end, valid until the next call. It
// returns io.EOF if the file has no further line end; rest then returns what
// follows the last one.
func (l *lines) next() ([]byte, error) {
	for searched := 0; ; {
		if i := bytes.IndexByte(l.buf[searched:], '\n'); i >= 0 {
			line := l.buf[:searched+i+1]
			l.buf = l.buf[len(line):]
			l.at += int64(len(line))
			return line, nil
		}
		searched = len(l.buf)
		if searched >= maxRecord {
			return nil, errLong
		}
		if err := l.more(); err != nil {
			return nil, err
		}
	}
}

// rest returns what was read after the lines that next returned.
func (l *lines) rest() []byte { return l.buf }

// again makes next read the file again from offset at, because what was read from
// there on may have changed.
func (l *lines) again(at int64) { l.at, l.buf = at, nil }

// more reads more. If the buffer is full it moves the unread part to a new one, so
// that memory doesn't grow with the file.
func (l *lines) more() error {
	const piece = 16 << 10
	if cap(l.buf)-len(l.buf) < piece/2 {
		l.buf = append(make([]byte, 0, max(piece, 2*len(l.buf))), l.buf...)
	}
	n, err := l.file.ReadAt(l.buf[len(l.buf):cap(l.buf)], l.at+int64(len(l.buf)))
	l.buf = l.buf[:len(l.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}
