package text

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// defuse makes Markdown safe for glamour. Glamour decodes references such as "&#27;"
// everywhere, some of them twice, and after it has removed marks such as "**" from their
// middle. So defuse leaves only references to one harmless character, and no ampersand
// that could begin another. The codes that replace other characters have no meaning in
// Markdown: "<FEFF>" would be a tag, and "^[" could begin a link.
func defuse(source string) string {
	source = strings.ReplaceAll(limit(source), "\r\n", "\n")
	source = reveal(clean.Emoji(strings.ReplaceAll(source, "\t", Tab)))
	source = neutralReferences(breakWords(source))
	return shallow(clean.Block(source).String()) // for secrets, and piled up marks
}

// Harmless reports whether a character may reach the terminal unchanged.
func Harmless(r rune) bool {
	switch {
	case r < 0x7f:
		return r >= 0x20
	case r >= 0xc0 && r < 0x300, r >= 0x2500 && r < 0x25a0: // letters, and lines of tables
		return true
	default:
		s := string(r)
		return clean.Line(s).String() == s
	}
}

// reveal replaces characters that are not harmless, except line ends, by visible codes.
func reveal(text string) string {
	clean := true
	for _, r := range text {
		clean = clean && (r == '\n' || r >= 0x20 && r < 0x7f)
	}
	if clean {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 64)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "⟦%02X⟧", text[i])
		} else {
			b.WriteString(revealed(r))
		}
		i += size
	}
	return b.String()
}

func revealed(r rune) string {
	switch {
	case r == '\n', Harmless(r):
		return string(r)
	case unicode.Is(unicode.Zs, r):
		return " "
	case r < 0x20:
		return string(0x2400 + r) // its control picture
	case r == 0x7f:
		return "\u2421"
	default:
		return fmt.Sprintf("⟦U+%04X⟧", r)
	}
}

// marker matches the marker of a block quote or of a list item.
var marker = pattern.Lazy(`^ *(?:>|[-+*] |[0-9]{1,9}[.)] )`)

// shallow limits the nesting of block quotes and lists, because every level makes
// glamour slower.
func shallow(source string) string {
	lines := strings.Split(source, "\n")
	for i, line := range lines {
		rest := line
		for range nestingLimit {
			rest = rest[len(marker().FindString(rest)):]
		}
		for marker().MatchString(rest) {
			line = line[:len(line)-len(rest)]
			rest = rest[len(marker().FindString(rest)):]
			line += rest
		}
		if trimmed := strings.TrimLeft(line, " "); len(line)-len(trimmed) > 4*nestingLimit {
			line = strings.Repeat(" ", 4*nestingLimit) + trimmed
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// breakWords breaks long words with spaces: the time for wrapping is quadratic in the
// length of a word.
func breakWords(source string) string {
	var b strings.Builder
	word := 0
	for _, r := range source {
		if r == ' ' || r == '\n' {
			word = 0
		} else if word++; word > wordLimit {
			b.WriteByte(' ')
			word = 1
		}
		b.WriteRune(r)
	}
	return b.String()
}

var reference = pattern.Lazy(`^&(?:#[xX][0-9a-fA-F]+|#[0-9]+|[A-Za-z][A-Za-z0-9]*);?`)

// neutralReferences keeps only references to one harmless character, and ends each with
// a semicolon, so that the text after it cannot become a part of it.
func neutralReferences(source string) string {
	if !strings.Contains(source, "&") {
		return source
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(source, '&')
		if i < 0 {
			b.WriteString(source)
			return b.String()
		}
		b.WriteString(source[:i])
		source = source[i:]
		ref := reference().FindString(source)
		decoded := html.UnescapeString(ref)
		switch {
		case ref == "" || decoded == ref || !strings.HasSuffix(ref, ";") && ref[1] != '#':
			// Not a reference, or one without an end, which is one for glamour
			// alone: "?a=1&copy=2".
			source = source[1:]
			b.WriteString(ampersand(source, decoded == ref))
		default:
			source = source[len(ref):]
			for _, r := range decoded {
				writeReference(&b, r, source)
			}
		}
	}
}

// writeReference writes a decoded character so that it has no other meaning. Rest is the
// text after it.
func writeReference(b *strings.Builder, r rune, rest string) {
	switch {
	case r == '&':
		b.WriteString(ampersand(rest, false))
	case r == '\n' || !Harmless(r):
		b.WriteString(revealed(r))
	case r == ' ' || unicode.IsLetter(r) || unicode.IsDigit(r):
		b.WriteRune(r)
	default:
		fmt.Fprintf(b, "&#%d;", r)
	}
}

// ampersand returns an ampersand that cannot begin a reference: its wide form,
// unless what follows is a space or, where the source has it bare, a word. An
// underscore is no word here: it may be a mark that glamour takes out.
func ampersand(rest string, bare bool) string {
	if rest == "" {
		return "&"
	}
	c := rest[0]
	word := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	and := rest == "&" || strings.HasPrefix(rest, "& ") || strings.HasPrefix(rest, "&\n") // "a && b"
	if c == ' ' || c == '\n' || bare && (word || and) {
		return "&"
	}
	return "＆"
}

// onlyColours keeps SGR sequences (ECMA-48, 8.3.117), and makes all other control
// characters visible.
func onlyColours(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for {
		i := strings.IndexByte(text, '\x1b')
		if i < 0 {
			b.WriteString(reveal(text))
			return b.String()
		}
		b.WriteString(reveal(text[:i]))
		n := max(sgr(text[i:]), 1)
		if n > 1 {
			b.WriteString(text[i : i+n])
		} else {
			b.WriteString(revealed('\x1b'))
		}
		text = text[i+n:]
	}
}

// sgr returns the length of the SGR sequence at the beginning of s, or 0.
func sgr(s string) int {
	if !strings.HasPrefix(s, "\x1b[") {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';' && c != ':':
			return 0
		}
	}
	return 0
}
