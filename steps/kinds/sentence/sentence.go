// Package sentence has what the kinds share that a document's words bind.
package sentence

import (
	"regexp"
	"slices"
	"strings"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/wording"
)

// Reads returns a function for Kind.Reads. No text without one of the needed words, without their
// first letters, asks for what the kind does; like reports whether one looks as if it did.
// Words count only where nothing but them is in the step.
func Reads(why string, needed []string, like func(string) bool, asked func() *regexp.Regexp) func(*document.Step, wording.Names) steps.Reading {
	return func(s *document.Step, names wording.Names) steps.Reading {
		if !slices.ContainsFunc(needed, func(word string) bool { return strings.Contains(s.Words, word) }) {
			return steps.Reading{}
		}
		if len(s.Commands) == 0 && len(s.Code) == 0 && alone(s) && wording.Asks(s.Words, names, asked()) {
			return steps.Reading{Why: why, Asks: true}
		}
		if like(s.Words) {
			return steps.Reading{Why: why}
		}
		return steps.Reading{}
	}
}

// alone reports whether a step is a paragraph and nothing else.
func alone(s *document.Step) bool {
	_, rest, more := strings.Cut(s.Markdown(), "\n")
	for more {
		var line string
		line, rest, more = strings.Cut(rest, "\n")
		if line = strings.TrimSpace(line); line == "" || strings.ContainsRune("-*+>|`~#:<0123456789", rune(line[0])) {
			return false
		}
	}
	return true
}
