package shorten

import (
	"strings"
	"unicode/utf8"
)

// unknownPen stands for the colours and attributes that were in effect before anything
// that was written here.
const unknownPen = "?"

// A row is what a row of the screen shows, as it was written from its first column on. It
// is unknown if the text is empty. What is to the right of the text is unknown too, unless
// the text ends with eraseRight.
type row struct {
	text string
	// pen is what was in effect before the text: all SGR sequences since the last reset, or
	// unknownPen and those that followed. Equal strings have equal effects. End is what is in
	// effect after it.
	pen, end string
}

// A cell is a character and how it is drawn. A row with wide or combining characters has
// another number of columns than of cells.
type cell struct {
	text string
	pen  string
}

// newRow returns a row. It returns false if the text has anything in it but characters and
// SGR sequences, and eraseRight at its end.
func newRow(text, pen string) (row, bool) {
	r := row{text: text, pen: pen}
	var ok bool
	r.end, ok = r.read(nil)
	return r, ok
}

// cells appends the cells of a row, and reports whether the rest of the row is erased.
func (r row) cells(to []cell) (cells []cell, erased bool) {
	_, _ = r.read(&to) // has been read before
	return to, strings.HasSuffix(r.text, string(eraseRight))
}

// read appends the cells of a row, unless to is nil, and returns the pen after them.
func (r row) read(to *[]cell) (pen string, ok bool) {
	text := strings.TrimSuffix(r.text, string(eraseRight))
	pen = r.pen
	for i := 0; i < len(text); {
		n := 1
		switch c := text[i]; {
		case c == '\x1b':
			if n = sgr(text[i:]); n == 0 {
				return "", false
			}
			pen = add(pen, text[i:i+n])
			i += n
			continue
		case c < ' ' || c == 0x7f:
			return "", false
		case c >= utf8.RuneSelf:
			var r rune
			if r, n = utf8.DecodeRuneInString(text[i:]); r < 0xa0 || r == utf8.RuneError && n <= 1 {
				return "", false
			}
		}
		if to != nil {
			*to = append(*to, cell{text[i : i+n], pen})
		}
		i += n
	}
	return pen, true
}

// add returns the pen after an SGR sequence.
func add(pen, sequence string) string {
	switch {
	case sequence == "\x1b[m" || sequence == "\x1b[0m":
		return ""
	case pen == "":
		return sequence
	}
	return pen + sequence
}

// sgr returns the length of the SGR sequence with which the text begins, or 0.
func sgr(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	for i := 2; i < len(text); i++ {
		switch c := text[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';' && c != ':':
			return 0
		}
	}
	return 0
}
