package journal

import (
	"bytes"
	"errors"
	"io"
)

// errLong is why a line was not read to its end.
var errLong = errors.New("longer than a record can be")

// lines reads a file line by line.
type lines struct {
	file io.ReaderAt
	at   int64  // where in the file the next line begins
	buf  []byte // what was read from there on
}

// next returns the next line with its line end, valid until the next call. It
// returns io.EOF where the file has no further line end; rest then holds what
// stands after the last one.
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

// rest returns what was read beyond the lines that next returned.
func (l *lines) rest() []byte { return l.buf }

// again makes next read the file anew from offset at: what was read from there
// on may no longer be what is there.
func (l *lines) again(at int64) { l.at, l.buf = at, nil }

// more reads on. Where there is no room behind what was read, what is still
// wanted of it goes into new memory, so that memory does not grow with the file.
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
