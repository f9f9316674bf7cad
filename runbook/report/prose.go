package report

import (
	"fmt"
	"strings"

	"catalog-runbook/runbook/clean"
)

// prose is a sentence with pieces of code in it, such as commands, paths and
// hashes. It is rendered both as plain text and as Markdown.
type prose []piece

type piece struct {
	text string
	code bool
}

// said returns a sentence that begins with text.
func said(format string, args ...any) prose { return prose{}.say(format, args...) }

// say returns w with text appended.
func (w prose) say(format string, args ...any) prose {
	return append(w, piece{text: clean.Linef(format, args...).String()})
}

// code returns w with a piece of code appended.
func (w prose) code(t clean.Text) prose {
	return append(w, piece{text: oneLine(t).String(), code: true})
}

// plain returns the sentence as plain text, with code in backquotes.
func (w prose) plain() clean.Text {
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

// markdown returns the sentence as Markdown. Spaces at the ends of its pieces
// stay.
func (w prose) markdown() string {
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
