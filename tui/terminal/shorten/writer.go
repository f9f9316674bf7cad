// Package shorten shortens what Bubble Tea writes to a terminal. Its renderer writes every
// line that has changed in full, and a newline for every other one. Over a slow connection
// this is most of what a key costs.
//
// A Writer changes bytes, never what the terminal shows. It shortens a frame only if it
// knows every byte of it, and cuts only at cells that every terminal draws one column wide.
// Everything else is passed through.
package shorten

import (
	"bytes"
	"io"
	"sync"
)

// File is what Bubble Tea needs of a terminal: it gets the size from the descriptor.
type File interface {
	io.ReadWriteCloser
	Fd() uintptr
}

// framer is a terminal that writes something around each frame. Its WriteFrame is like Write;
// the file must leave the pen as it is, and may move the cursor.
type framer interface {
	WriteFrame([]byte) (int, error)
}

// Writer writes to a terminal only the cells that have changed. What another program writes
// over them stays until they change or the size does. The methods of a Writer may be called
// concurrently.
//
// It doesn't embed the file, whose other methods, such as WriteString, would bypass it.
type Writer struct {
	file   File
	narrow bool

	mu   sync.Mutex
	seen screen
	diff differ
}

// screen is what the terminal is known to show.
type screen struct {
	rows  []row
	pen   string // the colours and attributes in effect: see row
	sized bool   // the renderer knows the width, so no row wraps
}

// New returns a Writer for a terminal. It treats characters whose width is ambiguous in
// Unicode, such as "│", as one column wide if narrow is set. Otherwise it doesn't rely on
// their width.
func New(file File, narrow bool) *Writer {
	return &Writer{file: file, narrow: narrow, seen: screen{pen: unknownPen}}
}

// Fd returns the descriptor of the terminal.
func (w *Writer) Fd() uintptr { return w.file.Fd() }

// Read reads from the terminal.
func (w *Writer) Read(p []byte) (int, error) { return w.file.Read(p) }

// Close closes the terminal.
func (w *Writer) Close() error { return w.file.Close() }

// Write writes p, or something shorter that has the same effect. After an error it doesn't
// know what the terminal shows, and passes on what it gets until it does.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := p
	next := screen{pen: unknownPen}
	if f, ok := parse(p); ok {
		if after, ok := w.seen.after(f); ok {
			next = after
			if short, ok := w.shorten(f, next); ok && len(short) < len(p) {
				out = short
			}
		}
	}
	write := w.file.Write
	if f, ok := w.file.(framer); ok && len(p) > len(home) && bytes.HasPrefix(p, home) {
		write = f.WriteFrame
	}
	n, err := write(out)
	if err == nil && n < len(out) {
		err = io.ErrShortWrite
	}
	switch {
	case err == nil:
		w.seen = next
		return len(p), nil
	case len(out) < len(p):
		n = 0 // no number of the bytes of p would be right
	}
	w.seen = screen{pen: unknownPen}
	return n, err
}

// after returns what the terminal shows after a frame. It returns false if a row of the
// frame isn't plain text with colours that end with the row.
func (s screen) after(f frame) (screen, bool) {
	next := screen{rows: make([]row, len(f.rows)), pen: s.pen, sized: s.sized && f.skips}
	if len(s.rows) == len(f.rows) {
		copy(next.rows, s.rows)
	}
	for i, text := range f.rows {
		if len(text) == 0 {
			continue
		}
		r, ok := newRow(string(text), next.pen)
		if !ok || r.end != "" && r.end != unknownPen {
			return screen{}, false
		}
		next.rows[i], next.pen = r, r.end
		next.sized = next.sized || bytes.HasSuffix(text, eraseRight)
	}
	if !next.sized {
		clear(next.rows)
	}
	return next, true
}

// shorten returns bytes that turn the screen into the next one. It returns false for a
// frame that repaints the screen, and if it doesn't know how the terminal is to write it.
func (w *Writer) shorten(f frame, next screen) ([]byte, bool) {
	if !f.skips || !w.seen.sized || len(w.seen.rows) != len(next.rows) {
		return nil, false
	}
	d := &w.diff
	d.out, d.pen, d.row, d.ok = d.out[:0], w.seen.pen, -1, true
	for i, text := range f.rows {
		switch old := w.seen.rows[i]; {
		case len(text) == 0:
		case old.text == "":
			d.whole(i, next.rows[i])
		default:
			d.changes(i, old, next.rows[i], w.narrow)
		}
	}
	d.draw(next.pen)
	return append(d.out, f.end...), d.ok
}
