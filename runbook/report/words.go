package report

import (
	"fmt"
	"strings"

	"catalog-runbook/runbook/clean"
)

// words are a sentence in which some pieces are code: commands, paths, hashes.
// They are written once and rendered twice.
type words []word

type word struct {
	text string
	code bool
}

// say returns the words with a piece of prose added.
func (w words) say(format string, args ...any) words {
	return append(w, word{text: clean.Linef(format, args...).String()})
}

// code returns the words with a piece of code added.
func (w words) code(t clean.Text) words {
	return append(w, word{text: oneLine(t).String(), code: true})
}

// plain returns the words without markup, code in back quotes.
func (w words) plain() clean.Text {
	var b strings.Builder
	for _, piece := range w {
		if piece.code {
			fmt.Fprintf(&b, "`%s`", piece.text)
		} else {
			b.WriteString(piece.text)
		}
	}
	return clean.Line(b.String())
}

// markdown returns the words as Markdown. A piece of prose that ends with a
// space, or begins with one, keeps it.
func (w words) markdown() string {
	var b strings.Builder
	for i, piece := range w {
		switch {
		case piece.code:
			b.WriteString(codeSpan(piece.text))
		case i == 0:
			b.WriteString(inline(piece.text))
		default:
			b.WriteString(inlineRest(piece.text))
		}
	}
	return b.String()
}
