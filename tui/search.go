package tui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"catalog-runbook/runbook/say"
)

// search looks for words in an output, line by line as the lines come. Words in
// lower case are found in any case, others as they are written.
type search struct {
	words []rune // none: nothing is looked for
	exact bool
	lines []int // the numbers of the lines that are kept and have the words
	seen  int   // the number of the first line that has not been looked at
	at    int   // the number of the line that the person has been led to, -1 for none
}

func newSearch(words string) search {
	return search{words: []rune(words), exact: strings.ToLower(words) != words, at: -1}
}

// on reports whether anything is looked for.
func (s *search) on() bool { return len(s.words) > 0 }

// find returns where in the text the words stand first, from a byte on; a
// negative start where they do not.
func (s *search) find(text string, from int) (start, end int) {
	for i := from; i < len(text); {
		r, size := s.rune(text[i:])
		if r == s.words[0] {
			if n := s.match(text[i:]); n > 0 {
				return i, i + n
			}
		}
		i += size
	}
	return -1, -1
}

// match returns how many bytes of the text the words are at its beginning, 0 if
// it begins with something else.
func (s *search) match(text string) int {
	at := 0
	for _, want := range s.words {
		r, size := s.rune(text[at:])
		if size == 0 || r != want {
			return 0
		}
		at += size
	}
	return at
}

// rune returns the first character of the text as it is compared.
func (s *search) rune(text string) (rune, int) {
	if text != "" && text[0] < utf8.RuneSelf {
		if c := text[0]; !s.exact && 'A' <= c && c <= 'Z' {
			return rune(c) + 'a' - 'A', 1
		}
		return rune(text[0]), 1
	}
	r, size := utf8.DecodeRuneInString(text)
	if !s.exact {
		r = unicode.ToLower(r)
	}
	return r, size
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

// found returns the places within a part of the text that have what is looked
// for; those that touch are one.
func (s *search) found(text string, from, to int) []span {
	var spans []span
	for at := 0; at < to; {
		start, end := s.find(text, at)
		if start < 0 || start >= to {
			break
		}
		at = end
		if end <= from {
			continue
		}
		if last := len(spans) - 1; last >= 0 && spans[last].to == start {
			spans[last].to = min(end, to)
		} else {
			spans = append(spans, span{max(start, from), min(end, to)})
		}
	}
	return spans
}

// title says what is looked for and how much of it there is.
func (s *search) title() string {
	title := fmt.Sprintf("%q ", string(s.words))
	switch at, led := slices.BinarySearch(s.lines, s.at); {
	case len(s.lines) == 0:
		return title + "none"
	case led:
		return title + say.Number(at+1) + " of " + say.Number(len(s.lines))
	default:
		return title + say.Number(len(s.lines)) + " found"
	}
}
