package reader

import (
	"strings"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// pieceLimit is the greatest length in bytes of a piece of prose.
const pieceLimit = 8 << 10

// piece is a part of the document: a step, or prose.
type piece struct {
	source string
	step   *document.Step // nil for prose
	line   int            // in the file
}

// cut cuts the document at the steps, and prose at blank lines.
func cut(bound *steps.Bound) []piece {
	source := bound.Document.Source
	var pieces []piece
	from := 0
	line := 1 + strings.Count(bound.Document.Text(), "\n") - strings.Count(source, "\n") // behind the front matter
	prose := func(to int) {
		pieces = append(pieces, cutProse(source[from:to], line)...)
		line += strings.Count(source[from:to], "\n")
	}
	for _, b := range bound.InOrder() {
		s := b.Step
		if s.Start < from || s.End <= s.Start || s.End > len(source) {
			continue // nested in the previous step
		}
		prose(s.Start)
		pieces = append(pieces, piece{source: s.Markdown(), step: s, line: line})
		line += strings.Count(source[s.Start:s.End], "\n")
		from = s.End
	}
	prose(len(source))
	return pieces
}

// cutProse cuts long prose at blank lines outside of fences. It begins in a line of the file.
func cutProse(source string, at int) []piece {
	var pieces []piece
	var b strings.Builder
	fenced, first := false, at
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			pieces = append(pieces, piece{source: b.String(), line: first})
		}
		b.Reset()
		first = at
	}
	for line := range strings.SplitAfterSeq(source, "\n") {
		at++
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "```") || strings.HasPrefix(t, "~~~") {
			fenced = !fenced
		} else if t == "" && !fenced {
			flush()
			continue
		}
		if b.Len() > pieceLimit {
			flush()
			first = at - 1
		}
		b.WriteString(line)
	}
	flush()
	return pieces
}
