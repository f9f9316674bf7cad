// Package frametest checks what is drawn for a terminal. Only tests use it.
package frametest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Problem says what is wrong with a frame, "" if nothing is: it has exactly
// h lines of at most w cells, and nothing in it but text and colours.
func Problem(view string, w, h int) string {
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		return fmt.Sprintf("%d lines", len(lines))
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			return fmt.Sprintf("line %d is %d cells wide", i+1, got)
		}
		if problem := Raw(l); problem != "" {
			return fmt.Sprintf("line %d has %s", i+1, problem)
		}
	}
	return ""
}

// Raw names what a terminal would obey or hide in a line beside colours,
// "" if there is nothing. It shares no code with what it checks.
func Raw(line string) string {
	for i := 0; i < len(line); {
		if strings.HasPrefix(line[i:], "\x1b[") {
			if end := strings.IndexByte(line[i:], 'm'); end > 0 && strings.Trim(line[i+2:i+end], "0123456789;:") == "" {
				i += end + 1
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(line[i:])
		switch {
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp),
			unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point),
			unicode.In(r, unicode.Bidi_Control, unicode.Join_Control, unicode.Noncharacter_Code_Point):
			return fmt.Sprintf("%U", r)
		case r == utf8.RuneError && size == 1:
			return fmt.Sprintf("the invalid byte %#x", line[i])
		}
		i += size
	}
	return ""
}
