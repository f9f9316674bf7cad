package text

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Only the lines on the screen are wrapped: wrapping megabytes of output would delay the
// keys.

// ascii reports whether each byte of a clean text is one cell.
func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// RowStarts returns the byte offsets at which the rows of a line begin if it is wrapped
// at w cells. There is at least one row.
func RowStarts(text string, w int) []int {
	starts := []int{0}
	switch {
	case w < 1:
	case ascii(text):
		for at := w; at < len(text); at += w {
			starts = append(starts, at)
		}
	default:
		at := 0
		for row := range strings.SplitSeq(ansi.Hardwrap(text, w, true), "\n") {
			if at += len(row); at < len(text) {
				starts = append(starts, at)
			}
		}
	}
	return starts
}

// prefix returns the number of bytes of a text that fit in w cells.
func prefix(text string, w int) int {
	if w < 1 {
		return 0
	}
	if ascii(text[:min(len(text), w+1)]) {
		return min(len(text), w)
	}
	return len(ansi.Truncate(text, w, ""))
}

// Window returns the part text[from:to] of a line that is visible in the w cells from
// left on, and the marks for what is cut off on either side.
func Window(text string, left, w int) (before string, from, to int, after string) {
	if left > 0 {
		if from = prefix(text, left); from > 0 {
			before = "…"
			w--
		}
	}
	to = from + prefix(text[from:], w)
	if to < len(text) {
		after = "…"
		to = from + prefix(text[from:], w-1)
	}
	return before, from, to, after
}

// Width returns the width of a text in cells.
func Width(text string) int {
	if ascii(text) {
		return len(text)
	}
	return ansi.StringWidth(text)
}

// WordStarts is like RowStarts for prose: a row ends after a word if a word ends in its
// second half. The first row has w cells, the others have next cells.
func WordStarts(text string, w, next int) []int {
	starts := []int{0}
	for at := 0; ; {
		rest := text[at:]
		n := len(rest)
		if most := w * 8; n > most { // so much is more than a row, and cheap to look at
			for most > 0 && !utf8.RuneStart(rest[most]) {
				most--
			}
			rest = rest[:most]
		}
		fit := prefix(rest, w)
		if fit == 0 { // a character that is wider than the row
			_, fit = utf8.DecodeRuneInString(rest)
		}
		if fit >= n {
			return starts
		}
		switch space := strings.LastIndexByte(rest[:fit], ' '); {
		case fit < len(rest) && rest[fit] == ' ': // it is not drawn
			fit++
		case space+1 > fit/2:
			fit = space + 1
		}
		if at += fit; at >= len(text) {
			return starts
		}
		starts, w = append(starts, at), next
	}
}
