package plain

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// printer prints lines. It returns no errors but keeps the first one.
type printer struct {
	w     io.Writer
	width func() int // of the terminal in cells, 0 if lines aren't wrapped; may be nil
	whole []string   // what is never broken
	err   error
}

// line prints a line, on as many rows as it needs.
func (p *printer) line(format string, args ...any) {
	p.write(strings.Join(p.rows(spoken(fmt.Sprintf(format, args...))), "\n") + "\n")
}

// verbatim prints a line that isn't broken, however long it is.
func (p *printer) verbatim(line string) { p.write(spoken(line) + "\n") }

// cells returns the width of the terminal now, and 0 if lines aren't wrapped.
func (p *printer) cells() int {
	if p.width == nil {
		return 0
	}
	return p.width()
}

func (p *printer) rows(line string) []string { return wrap(line, p.cells(), p.whole) }

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
