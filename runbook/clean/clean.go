// Package clean makes untrusted text safe to show. Text must have the type Text
// before it may reach a terminal, a journal or a report.
//
// Text from a document, a service or a command is cleaned once, where it enters the
// program. Cleaning first masks secrets, and then replaces control characters and
// invisible characters with visible codes. It replaces rather than removes them,
// because removing one could join the text on both sides into a new escape sequence.
package clean

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits, so that a single value can't fill the memory or the screen.
const (
	maxLine  = 4 << 10 // bytes of one Line
	maxBlock = 1 << 20 // bytes of one Block
	maxMarks = 4       // combining marks on one base character
)

// Text is text that is safe to show. The zero value is the empty text. Every Text
// has been cleaned, because only this package can make one that isn't empty.
type Text struct{ s string }

// Line cleans s for a single line: line ends and tabs become spaces. Text beyond
// 4 KiB is replaced with an ellipsis. Clean text stays as it is.
func Line(s string) Text { return Text{clean(s, maxLine, false)} }

// Block cleans s, which may have several lines: "\n" and "\t" stay, and "\r\n"
// becomes "\n". Text beyond 1 MiB is replaced with an ellipsis. Clean text stays as
// it is.
func Block(s string) Text { return Text{clean(s, maxBlock, true)} }

// Linef formats like fmt.Sprintf and cleans the result as a single line.
func Linef(format string, args ...any) Text { return Line(fmt.Sprintf(format, args...)) }

// String returns the clean text.
func (t Text) String() string { return t.s }

// Empty reports whether the text is empty.
func (t Text) Empty() bool { return t.s == "" }

// Remasked returns t with what has become a known secret since t was made replaced by
// Mask. It is quick where there is none. The forms of secrets were looked for before.
func (t Text) Remasked() Text {
	if !current.Load().mayBeIn(t.s) {
		return t
	}
	return Text{mask(t.s)}
}

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.s) }

// UnmarshalText implements encoding.TextUnmarshaler, which encoding/json uses for
// strings. It cleans the text again, because a file on disk is as untrusted as the
// network.
func (t *Text) UnmarshalText(text []byte) error {
	*t = Block(string(text))
	return nil
}

// maxPasses limits how often a text is cleaned until it no longer changes.
const maxPasses = 4

// clean masks, cuts and sanitises s. It masks before it cuts, so that half a secret
// can't be left at the cut, and cuts before it sanitises, so that a long text costs
// no more than a short one. Cutting and sanitising can reveal another secret, such as
// one in which a no-break space becomes a space, so clean repeats until nothing
// changes.
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

// sanitise replaces control characters and invisible characters with visible codes.
// It is idempotent, because the codes are printable ASCII.
func sanitise(s string, block bool) string {
	if plain(s, block) {
		return s
	}
	s = Emoji(s)
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		if n := printable(s[i:]); n > 0 {
			b.WriteString(s[i : i+n])
			i, marks = i+n, 0
			continue
		}
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

const (
	joiner = '\u200d'
	keycap = "\u20e3"
)

// Emoji leaves out what only chooses the form of an emoji, its colour or the colour of its
// skin, or joins it to the one that follows. Writers of documents don't know that they typed
// such a character, and terminals disagree on how wide a sign is with it.
func Emoji(s string) string {
	var b strings.Builder
	kept := 0
	before, chosen := rune(0), false
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		after := s[i+size:]
		var form bool
		switch {
		case r == 0xfe0e, r == 0xfe0f:
			box := strings.HasPrefix(after, keycap) && strings.ContainsRune("#*0123456789", before)
			form = !chosen && (box || emoji(before))
			chosen = form
		case r == joiner:
			next, _ := utf8.DecodeRuneInString(after)
			form = emoji(before) && emoji(next)
		case r >= 0x1f3fb && r <= 0x1f3ff:
			form = emoji(before)
		}
		if !form {
			before, chosen = r, false
			continue
		}
		b.WriteString(s[kept:i])
		kept = i + size
	}
	if kept == 0 {
		return s
	}
	b.WriteString(s[kept:])
	return b.String()
}

// emoji reports whether r is a sign that may have a coloured form and a plain one. Four of
// them aren't symbols to Unicode: two marks, a letter and a dash.
func emoji(r rune) bool {
	switch r {
	case '‼', '⁉', 'ℹ', '〰':
		return true
	}
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.So, unicode.Sm) || r == '©' || r == '®'
}

// plain reports whether s is printable ASCII, which needs no cleaning.
func plain(s string, block bool) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 0x20 && !(block && (c == '\n' || c == '\t'))) || c >= 0x7f {
			return false
		}
	}
	return true
}

// printable returns how many bytes at the beginning of s are printable ASCII.
func printable(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return i
		}
	}
	return len(s)
}

// steers reports whether r affects how other text is shown or isn't visible itself:
// the characters in the Unicode categories Cc, Cf, Co, Cs, Zl and Zp, and other
// characters that are ignorable by default.
func steers(r rune) bool {
	switch {
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x17b4, r == 0x17b5:
		return true // grapheme joiner, Hangul fillers, Khmer inherent vowels
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return true // variation selectors
	case r >= 0xe0000 && r <= 0xe0fff, r >= 0xfff0 && r <= 0xfff8, r == 0x2065:
		return true // unassigned, but ignorable by default
	case r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
		return true // noncharacters
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}
