package shorten

import (
	"bytes"
	"fmt"
)

// A frame is what the renderer of Bubble Tea v1.3.10 writes in its flush method while the
// alternate screen is active.
type frame struct {
	rows  [][]byte // as written; empty for those that the renderer has skipped
	skips bool     // a row was skipped, so this is no repaint of the whole screen
	end   []byte   // moves the cursor to the last row
}

var (
	home       = []byte("\x1b[H")
	eraseRight = []byte("\x1b[K")
)

// parse reads a frame. It returns false if p is anything else, or a frame that also erases
// the rows below it.
func parse(p []byte) (frame, bool) {
	body, ok := bytes.CutPrefix(p, home)
	if !ok {
		return frame{}, false
	}
	at := bytes.LastIndexByte(body, '\x1b')
	if at < 0 {
		return frame{}, false
	}
	f := frame{end: body[at:]}
	body = body[:at]
	// The first frame after a repaint begins with this.
	if len(body) > 1 && body[0] == '\r' && body[1] != '\n' {
		body = body[1:]
	}
	for {
		line, rest, more := bytes.Cut(body, []byte{'\n'})
		if more && len(line) == 0 {
			f.skips = true
		} else if more {
			if line, ok = bytes.CutSuffix(line, []byte{'\r'}); !ok || len(line) == 0 {
				return frame{}, false
			}
		}
		f.rows = append(f.rows, line)
		if !more {
			break
		}
		body = rest
	}
	return f, string(f.end) == fmt.Sprintf("\x1b[%d;H", len(f.rows))
}
