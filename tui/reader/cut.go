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
}

// cut cuts the document at the steps, and prose at blank lines.
func cut(bound *steps.Bound) []piece {
	source := bound.Document.Source
	var pieces []piece
	from := 0
	for i := range bound.Steps {
		s := bound.Steps[i].Step
		if s.Start < from || s.End <= s.Start || s.End > len(source) {
			continue // nested in the previous step
		}
		pieces = append(pieces, cutProse(source[from:s.Start])...)
		pieces = append(pieces, piece{source: s.Markdown(), step: s})
		from = s.End
	}
	return append(pieces, cutProse(source[from:])...)
}

// cutProse cuts long prose at blank lines outside of fences.
func cutProse(source string) []piece {
	var pieces []piece
	var b strings.Builder
	fenced := false
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			pieces = append(pieces, piece{source: b.String()})
		}
		b.Reset()
	}
	for line := range strings.SplitAfterSeq(source, "\n") {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "```") || strings.HasPrefix(t, "~~~") {
			fenced = !fenced
		} else if t == "" && !fenced || b.Len() > pieceLimit {
			flush()
			continue
		}
		b.WriteString(line)
	}
	flush()
	return pieces
}
