package plain

import (
	"cmp"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps"
	"catalog-runbook/tui/text"
)

// narrowest is the least width in cells to which lines are wrapped.
const narrowest = 20

// marker is what begins an item of a list or a line of a plan.
var marker = pattern.Lazy(`^(-|\+|~|[0-9]+\.) +`)

// wrap breaks a line at spaces into rows of less than w cells: some terminals add an empty
// line after a full one. The rows after the first are indented below it. What is whole or
// stands between backquotes is a word, and a word that is wider than a row is left as it is,
// so that it can be copied.
func wrap(line string, w int, whole []string) []string {
	if w < narrowest || text.Width(line) < w {
		return []string{line}
	}
	body := strings.TrimLeft(line, " ")
	first := line[:len(line)-len(body)]
	hang := first + strings.Repeat(" ", max(2, len(marker().FindString(body))))
	if len(hang) > w/2 {
		first, hang = "  ", "    "
	}
	var rows []string
	row, begun := first, false
	for _, word := range strings.SplitAfter(glue(body, whole), " ") {
		bare := strings.TrimSuffix(word, " ")
		if begun && text.Width(row+bare) >= w {
			rows = append(rows, strings.TrimRight(row, " "))
			row, begun = hang, false
		}
		if bare != "" || begun {
			row += word
			begun = true
		}
	}
	rows = append(rows, strings.TrimRight(row, " "))
	for i := range rows {
		rows[i] = strings.ReplaceAll(rows[i], glued, " ")
	}
	return rows
}

// glued stands for a space at which a line isn't broken. No spoken line has one.
const glued = "\x00"

// quoted is a command in a sentence.
var quoted = pattern.Lazy("`[^`]+`|\\bcatalog-runbook [a-z]+")

// glue replaces the spaces in what must be copied whole.
func glue(s string, whole []string) string {
	for _, part := range whole {
		s = strings.ReplaceAll(s, part, strings.ReplaceAll(part, " ", glued))
	}
	return quoted().ReplaceAllStringFunc(s, func(part string) string { return strings.ReplaceAll(part, " ", glued) })
}

// whole returns what may be copied of the lines of a walk and has spaces, the longest first:
// the code in the document, the commands of its steps, and the folder in which they run.
func whole(e *steps.Engine) []string {
	all := []string{clean.Line(e.World().Checkout.Dir).String()}
	for _, spec := range e.Run().Specs() {
		for _, effect := range spec.Effects {
			all = append(all, effect.Label.String())
		}
	}
	fenced := false
	for line := range strings.Lines(e.Bound().Document.Text()) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "~~~"):
			fenced = !fenced
		case fenced:
			all = append(all, line)
		default:
			for _, code := range quoted().FindAllString(line, -1) {
				all = append(all, strings.Trim(code, "`"))
			}
		}
	}
	all = slices.DeleteFunc(all, func(s string) bool { return !strings.Contains(s, " ") })
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(all)
}
