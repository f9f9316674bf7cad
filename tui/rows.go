package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// The text of an output is cut where it is shown and nowhere else: wrapping
// megabytes that nobody looks at would keep the keys waiting.

// ascii reports whether each byte of a clean text is one cell.
func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// rowStarts returns where in a line each of its rows begins when it is wrapped
// at w cells; there is always one.
func rowStarts(text string, w int) []int {
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

// prefix returns how many bytes of the text fit in w cells.
func prefix(text string, w int) int {
	if w < 1 {
		return 0
	}
	if ascii(text[:min(len(text), w+1)]) {
		return min(len(text), w)
	}
	return len(ansi.Truncate(text, w, ""))
}

// window returns the part of a line that is seen through a window of w cells
// whose left edge is at the given cell, and the marks for what is cut off.
func window(text string, left, w int) (before string, from, to int, after string) {
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

// cells is how wide the text is.
func cells(text string) int {
	if ascii(text) {
		return len(text)
	}
	return ansi.StringWidth(text)
}

// wordStarts is rowStarts for what is read: a row ends after a word, where one
// ends in its second half. The first row has w cells, the others have next.
func wordStarts(text string, w, next int) []int {
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
