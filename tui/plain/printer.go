package plain

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// printer prints lines. It returns no errors but keeps the first one.
type printer struct {
	w   io.Writer
	err error
}

// line prints a line.
func (p *printer) line(format string, args ...any) {
	p.write(spoken(fmt.Sprintf(format, args...)) + "\n")
}

// lines prints lines that belong to the one before.
func (p *printer) lines(all []string) {
	for _, l := range all {
		p.line("  %s", l)
	}
}

// prompt prints the beginning of a line that a person ends.
func (p *printer) prompt(text string) { p.write(text + " ") }

// answer ends a prompt with the answer of a script.
func (p *printer) answer(text string) { p.line("%s", text) }

func (p *printer) write(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// words are what a screen reader says for the signs of the program.
var words = strings.NewReplacer(
	"🔒 ", "Locked: ", "🔒", "locked", "✓ ", "OK: ", "✗ ", "Not allowed: ", "…", "...", " · ", ", ", "•", "-",
	"─", "-", "│", "|", "■", "#", "□", ".", "→", "->", "▸", ">", "▾", ">",
)

// spoken returns a line that a screen reader can read and that moves no cursor: without
// control characters, boxes, blocks and Braille patterns, and with words for signs.
func spoken(line string) string {
	line = words.Replace(line)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x2500 && r <= 0x25ff, r >= 0x2800 && r <= 0x28ff: // boxes, blocks and shapes; Braille
			return '+'
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, line)
}
