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
	// unknownPen and those that followed. Equal strings have equal effects.
	pen string
}

// A cell is a character and how it is drawn. A row with wide or combining characters has
// another number of columns than of cells.
type cell struct {
	text string
	pen  string
}

// end returns the pen after the row. It returns false if the text has anything in it but
// characters and SGR sequences, and eraseRight at its end.
func (r row) end() (pen string, ok bool) {
	return r.read(func(string, string) {})
}

// cells appends the cells of a row, and reports whether the rest of the row is erased.
func (r row) cells(to []cell) (cells []cell, erased bool) {
	_, _ = r.read(func(text, pen string) { to = append(to, cell{text, pen}) }) // has been read before
	return to, strings.HasSuffix(r.text, string(eraseRight))
}

// read calls each for every character.
func (r row) read(each func(text, pen string)) (pen string, ok bool) {
	text := strings.TrimSuffix(r.text, string(eraseRight))
	pen = r.pen
	for text != "" {
		if n := sgr(text); n > 0 {
			switch seq := text[:n]; {
			case seq == "\x1b[m" || seq == "\x1b[0m":
				pen = ""
			case pen == "":
				pen = seq
			default:
				pen += seq
			}
			text = text[n:]
			continue
		}
		c, n := utf8.DecodeRuneInString(text)
		if c < ' ' || c >= 0x7f && c < 0xa0 || c == utf8.RuneError && n <= 1 {
			return "", false
		}
		each(text[:n], pen)
		text = text[n:]
	}
	return pen, true
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
