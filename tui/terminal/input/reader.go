// Package input reads what a person types, and takes out what the terminal says by itself.
//
// Bubble Tea v1 takes every byte for a key. An answer to a query, such as that of the
// background color, would be typed into the checklist, and so would the rest of a mouse
// report that a slow connection has cut in two. A Reader stands in front of it: what the
// terminal answers becomes a [Reply] message, and a sequence is passed on in one piece.
package input

import (
	"bytes"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// File is what Bubble Tea needs of a terminal that it reads: Fd for the raw mode and, with
// Name, for a read that can be canceled.
type File interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	Close() error
	Fd() uintptr
	Name() string
}

// A Reply is what the terminal has answered to a query, or said by itself. It is sent to
// the model like a key, in the order in which replies arrive.
type Reply struct {
	// Kind is the character after ESC that introduces the sequence: '[' for CSI, ']' for
	// OSC, 'P' for DCS, '_' for APC.
	Kind byte
	// Body is the sequence without its introducer and without the BEL or ST that ends a
	// string: "?62;22c" for primary device attributes, "11;rgb:0000/0000/0000" for the
	// background color, "?2026;2$y" for a mode. It comes from outside: clean it before it
	// is shown.
	Body string
}

const (
	// cutLimit is how long the rest of a cut sequence may take before the sequence counts as
	// keys: that much later than it was pressed, esc is known to be esc.
	cutLimit = 50 * time.Millisecond
	// textLimit is how long a reply that ends with BEL or ST may take, counted again with
	// every piece of more than typedBytes, which nobody types. What comes later are keys.
	textLimit  = time.Second
	typedBytes = 16
	// textBytes is how much of such a reply is kept.
	textBytes = 16 << 10
	// sequenceBytes is the length at which a CSI sequence is taken for something else.
	sequenceBytes = 64
)

// A Reader is a terminal without its replies. Its methods may not be called concurrently.
type Reader struct {
	File
	send func(tea.Msg)
	more func(time.Duration) bool // reports whether more can be read within a time
	now  func() time.Time

	held  []byte // the beginning of a sequence that didn't fit into the last read
	text  *text  // the reply that is being read, or nil
	paste int    // 0 outside of a paste, else 1 plus how much of its end has been seen
}

// text is an OSC, DCS or APC string of which the end hasn't come.
type text struct {
	reply Reply
	since time.Time
}

// New returns a Reader of a terminal. It sends replies and reports of the focus with send,
// which may block, from Read.
func New(file File, send func(tea.Msg)) *Reader {
	r := &Reader{File: file, send: send, now: time.Now}
	r.more = func(d time.Duration) bool { return readable(int(file.Fd()), d) }
	return r
}

// Read reads keys, mouse events and pastes. It returns 0 and no error if nothing but
// replies came, and up to cutLimit late if a sequence was cut and its end doesn't come.
func (r *Reader) Read(p []byte) (int, error) {
	n := copy(p, r.held)
	r.held = nil
	m, err := r.File.Read(p[n:])
	n += m
	if err != nil {
		return n, err
	}
	if r.paste > 0 && n == 1 && p[0] == ctrlC && len(p) > len(pasteEnd) {
		// Its end was lost, and without it, every key would be pasted.
		r.paste = 0
		return copy(p, pasteEnd+"\x03"), nil
	}
	for kept := 0; ; {
		keys, cut := r.filter(p[kept:n])
		kept += keys
		n = kept + copy(p[kept:], cut)
		switch {
		case n == kept:
			return n, nil
		case n == len(p) && kept > 0:
			r.held = slices.Clone(p[kept:])
			return kept, nil
		case n == len(p) || !r.more(cutLimit):
			r.text = nil // was waiting for the end of ST, and esc was pressed
			return n, nil
		}
		m, err := r.File.Read(p[n:])
		if n == 1 && m > 0 && r.text == nil && p[0] == esc && !introduces(p[1]) {
			r.send(tea.KeyMsg{Type: tea.KeyEsc}) // Bubble Tea would take both for one key
			n = copy(p, p[1:1+m])
		} else {
			n += m
		}
		if err != nil {
			return n, err
		}
	}
}

// filter moves the bytes that are passed on to the beginning of b, and returns their number
// and the sequence at the end that has been cut. It sends what it takes out.
func (r *Reader) filter(b []byte) (keys int, cut []byte) {
	for len(b) > 0 && keys < len(b) {
		rest := b[keys:]
		n, what := r.next(rest)
		switch what {
		case incomplete:
			return keys, rest
		case key:
			keys += n
			continue
		case reply:
			r.send(Reply{Kind: rest[1], Body: string(rest[2:n])})
		case focus:
			r.send(tea.FocusMsg{})
		case blur:
			r.send(tea.BlurMsg{})
		}
		b = slices.Delete(b, keys, keys+n)
	}
	return keys, nil
}

// next returns the length of what b begins with, and what it is.
func (r *Reader) next(b []byte) (int, class) {
	switch {
	case r.paste > 0:
		return r.pasted(b), key
	case r.text != nil && r.now().Sub(r.text.since) > textLimit:
		r.text = nil
	}
	if r.text != nil {
		return r.string(b)
	}
	n, what := sequence(b)
	switch {
	case what == begins:
		r.text = &text{Reply{Kind: b[1]}, r.now()}
		return n, nothing
	case what == key && string(b[:n]) == pasteStart:
		r.paste = 1
	}
	return n, what
}

// pasted returns the length of what belongs to the paste.
func (r *Reader) pasted(b []byte) int {
	for i, c := range b {
		switch {
		case c == pasteEnd[r.paste-1]:
			r.paste++
		case c == esc:
			r.paste = 2
		default:
			r.paste = 1
		}
		if r.paste > len(pasteEnd) {
			r.paste = 0
			return i + 1
		}
	}
	return len(b)
}

// string reads the reply that has begun. A control character ends it: none is in a reply, and
// ctrl+c must work even if the end of the reply never comes.
func (r *Reader) string(b []byte) (int, class) {
	end := bytes.IndexFunc(b, func(c rune) bool { return c < ' ' })
	if end < 0 {
		end = len(b)
	}
	if room := textBytes - len(r.text.reply.Body); room > 0 {
		r.text.reply.Body += string(b[:min(end, room)])
	}
	if end > typedBytes {
		r.text.since = r.now()
	}
	switch {
	case end > 0:
		return end, nothing
	case b[0] == esc && len(b) == 1:
		return 0, incomplete
	case b[0] == bel, b[0] == esc && b[1] == '\\':
		whole := r.text.reply
		r.text = nil
		r.send(whole)
		if b[0] == bel {
			return 1, nothing
		}
		return 2, nothing
	}
	r.text = nil
	return 0, nothing
}
