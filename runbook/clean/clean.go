// Package clean holds the type that text from outside must have before it may
// reach a terminal, a journal or a report.
//
// Text that a document, a service or a command wrote is cleaned once, where it
// enters. Cleaning masks secrets first and then replaces what a terminal would
// obey, or would not show, by a visible code. Replacing is safer than removing:
// what is removed can join its two sides into a new escape sequence.
package clean

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits keep one hostile value from filling the memory or the screen.
const (
	maxLine  = 4 << 10 // bytes of one Line
	maxBlock = 1 << 20 // bytes of one Block
	maxMarks = 4       // combining marks on one base character
)

// Text is text that is safe to show. The zero value is the empty text. Only
// Line, Block and Linef make one, so that a Text that exists has been cleaned.
type Text struct{ s string }

// Line cleans s for one line: line ends and tabs become spaces. Text beyond
// 4 KiB is cut and an ellipsis marks the cut. Text that is clean already stays
// as it is.
func Line(s string) Text { return Text{clean(s, maxLine, false)} }

// Block cleans s for several lines: "\n" and "\t" stay, "\r\n" becomes "\n".
// Text beyond 1 MiB is cut and an ellipsis marks the cut. Text that is clean
// already stays as it is.
func Block(s string) Text { return Text{clean(s, maxBlock, true)} }

// Linef formats like fmt.Sprintf and cleans the result as one line.
func Linef(format string, args ...any) Text { return Line(fmt.Sprintf(format, args...)) }

// String returns the safe text.
func (t Text) String() string { return t.s }

// Empty reports whether there is no text.
func (t Text) Empty() bool { return t.s == "" }

// MarshalJSON writes the text as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.s) }

// UnmarshalText reads a text, as a string of JSON too, and cleans it again: a
// file on disk is as untrusted as the network.
func (t *Text) UnmarshalText(text []byte) error {
	*t = Block(string(text))
	return nil
}

// maxPasses is how often a text is cleaned at most until it stays the same.
const maxPasses = 4

// clean masks before it cuts, so that no half of a secret is left at the cut,
// and cuts before it sanitises, so that a long text costs no more than a short
// one. Both can bring a secret to light, for instance where a no-break space
// becomes a space; that is why it goes on until nothing changes. Text that has
// nothing to clean is looked at once.
func clean(s string, max int, block bool) string {
	for range maxPasses {
		next := cut(sanitise(cut(mask(s), max), block), max)
		if next == s {
			break
		}
		s = next
	}
	return s
}

func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max] + "…"
}

// sanitise makes every character that steers or hides visible. It is
// idempotent: the codes it writes are plain ASCII or control pictures.
func sanitise(s string, block bool) string {
	if plain(s, block) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "<%02X>", s[i])
		case r == '\n' && block, r == '\t' && block:
			b.WriteRune(r)
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
			// the "\n" that follows ends the line
		case r == '\n', r == '\t':
			b.WriteByte(' ')
		case r < 0x20:
			b.WriteByte('^')
			b.WriteByte(byte(r) + '@')
		case r == 0x7f:
			b.WriteString("^?")
		case steers(r):
			fmt.Fprintf(&b, "<%04X>", r)
		case unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
			i += size
			continue
		default:
			b.WriteRune(r)
		}
		marks = 0
		i += size
	}
	return b.String()
}

// plain is the fast path: printable ASCII only.
func plain(s string, block bool) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 0x20 && !(block && (c == '\n' || c == '\t'))) || c >= 0x7f {
			return false
		}
	}
	return true
}

// steers reports whether r changes how other text is shown or is itself not
// shown: the Unicode categories Cc, Cf, Co, Cs, Zl and Zp, and the ignorable
// characters that have no such category.
func steers(r rune) bool {
	switch {
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x17b4, r == 0x17b5:
		return true // grapheme joiner, Hangul fillers, Khmer inherent vowels
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return true // variation selectors
	case r >= 0xe0000 && r <= 0xe0fff, r >= 0xfff0 && r <= 0xfff8, r == 0x2065:
		return true // unassigned, but ignorable by default
	case r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
		return true // noncharacters, which no text holds
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}
