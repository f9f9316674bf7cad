// Package say formats durations, counts, names and command lines for sentences on the
// screen, in reports and in errors.
package say

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"mvdan.cc/sh/v3/syntax"

	"catalog-runbook/runbook/clean"
)

// unknownTime replaces a duration that can't be right, such as a negative one between
// the times of two clocks.
const unknownTime = "an unknown time"

// Duration formats d in one unit, rounded down, as in "90 s", "5 min" and "3 h".
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return unknownTime
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	default:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
}

// Between formats the time from one moment to another like Duration, from two
// days on in days. A zero from is an unknown time.
func Between(from, to time.Time) string {
	d := to.Sub(from)
	switch {
	case from.IsZero():
		return unknownTime
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	default:
		return Duration(d)
	}
}

// JustNow is what Ago says of the last minute.
const JustNow = "just now"

// Ago says how long before now a moment was, in one unit rounded down: "just now", "2 min
// ago". It changes once a minute at most. A moment after now, by another clock, is just now.
func Ago(now, then time.Time) string {
	switch d := now.Sub(then); {
	case d < time.Minute:
		return JustNow
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return Count(int(d.Hours()/24), "day") + " ago"
	}
}

// Number formats n with thousands separators, as in "12,345".
func Number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Count formats a number with its noun, as in "1 line" and "12,345 lines".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Number(n) + " " + noun
}

// Plural formats a number, without separators, with the words that agree with
// it, as in "1 file is changed" and "3 files are changed".
func Plural(n int, one, many string) string {
	if n != 1 {
		one = many
	}
	return fmt.Sprintf("%d %s", n, one)
}

// Capital returns s with its first letter in upper case.
func Capital(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// Shorten returns s in at most limit characters, the last of which is an
// ellipsis if something was cut off.
func Shorten(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

// Nearest returns the candidate that takes the fewest edits to become word, the
// first of them in a tie, or "" if there are no candidates.
func Nearest(word string, candidates []string) string {
	best, distance := "", -1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(word, c); distance < 0 || d < distance {
			best, distance = c, d
		}
	}
	return best
}

// Near returns the candidate that word is likely to be a slip of: the first that begins
// with it or has two neighbouring letters the other way round, else the nearest one, if that takes one edit, or as many as half of word and no
// more than three and both begin with the same character. It returns "" if there is none.
func Near(word string, candidates []string) string {
	for _, c := range candidates {
		if len(word) > 1 && strings.HasPrefix(c, word) {
			return c
		}
	}
	word = strings.ToLower(word)
	for i := 1; i < len(word); i++ {
		if swapped := word[:i-1] + word[i:i+1] + word[i-1:i] + word[i+1:]; slices.Contains(candidates, swapped) {
			return swapped
		}
	}
	near := Nearest(word, candidates)
	if near == "" || len(word) < 2 {
		return ""
	}
	edits := levenshtein.ComputeDistance(word, near)
	if edits > 1 && (near[0] != word[0] || edits > min(len(word)/2, 3)) {
		return ""
	}
	return near
}

// CommandLine formats an argument list as a person would type it into a shell,
// quoted where necessary. It is for the screen, a report or the clipboard, and
// is never run. An argument that no shell accepts is shown as it is. Variables that are
// assigned before the program stay so, and so does the "~/" of its path.
func CommandLine(argv []string) clean.Text {
	words := make([]string, len(argv))
	before := true // the program
	for i, a := range argv {
		kept, rest := "", a
		if name, value, ok := strings.Cut(a, "="); before && ok && syntax.ValidName(name) {
			kept, rest = name+"=", value
		} else if before {
			before = false
			if path, ok := strings.CutPrefix(a, "~/"); ok && path != "" {
				kept, rest = "~/", path
			}
		}
		quoted, err := syntax.Quote(rest, syntax.LangBash)
		if err != nil {
			quoted = rest
		}
		words[i] = kept + quoted
	}
	return clean.Line(strings.Join(words, " "))
}
