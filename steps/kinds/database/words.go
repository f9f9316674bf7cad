package database

import (
	"regexp"
	"slices"
	"strings"

	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/wording"
)

// reads returns a function for Kind.Reads. A passage asks for what the kind does if one of
// its sentences tells of it, and an item if all of it asks for that.
func reads(why string, needed []string, told, asked func() *regexp.Regexp) func(*document.Step, wording.Names) steps.Reading {
	item := sentence.Reads(why, needed, func(string) bool { return false }, asked)
	return func(s *document.Step, names wording.Names) steps.Reading {
		if s.Shape != document.Passage {
			return item(s, names)
		}
		if !slices.ContainsFunc(needed, func(word string) bool { return strings.Contains(s.Words, word) }) {
			return steps.Reading{}
		}
		for _, text := range ends().Split(strings.ToLower(strings.Join(strings.Fields(s.Words), " ")), -1) {
			if told().MatchString(text) && !denied().MatchString(text) {
				return steps.Reading{Why: why, Asks: true}
			}
		}
		return steps.Reading{}
	}
}

// ends are the ends of sentences.
var ends = pattern.Lazy(`[.!?;](?:\s+|$)`)

// denied are words by which a sentence says something else than it seems to.
var denied = pattern.Lazy(`\b(?:not|never|no longer|nobody|cannot|unless|used to|if)\b|n['’]t\b`)
