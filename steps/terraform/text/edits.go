package text

import (
	"regexp"
	"strings"

	"catalog-runbook/steps/terraform"
)

var opensText = regexp.MustCompile(`<<-EOT(?: # forces replacement)?$`)

// edits reads a resource's block of a plan's text. The marks stand two places
// left of what they mark, and those of a text's lines four places right of its
// attribute's; what looks like a mark further right belongs to the text itself.
func edits(body string) []terraform.Edit {
	var all []terraform.Edit
	inText, column, mark := false, 0, byte(' ')
	for line := range strings.SplitSeq(body, "\n") {
		bare := strings.TrimLeft(line, " ")
		at := len(line) - len(bare)
		if inText {
			if at == column+2 && strings.HasPrefix(bare, "EOT") {
				inText = false
				continue
			}
			own := mark
			if at == column+4 && bare != "" && strings.IndexByte("+-", bare[0]) >= 0 && (len(bare) == 1 || bare[1] == ' ') {
				own, bare = bare[0], bare[1:]
			}
			addMarked(&all[len(all)-1], own, strings.TrimSpace(bare))
			continue
		}
		column, mark = at-2, ' '
		if len(bare) > 2 && bare[1] == ' ' && strings.IndexByte("+-~", bare[0]) >= 0 {
			column, mark, bare = at, bare[0], bare[2:]
		}
		e := terraform.Edit{}
		before, after, two := outsideQuotes(bare, " -> ")
		switch {
		case opensText.MatchString(line):
			inText, e.Named = true, true
		case two && mark == '~':
			if _, value, ok := outsideQuotes(before, " = "); ok {
				before, e.Named = value, true
			}
			addMarked(&e, '-', strings.TrimSpace(before))
			addMarked(&e, '+', strings.TrimSuffix(after, " # forces replacement"))
		default:
			addMarked(&e, mark, bare)
		}
		all = append(all, e)
	}
	return all
}

func addMarked(e *terraform.Edit, mark byte, line string) {
	switch mark {
	case '-':
		e.Removed = append(e.Removed, line)
	case '+':
		e.Added = append(e.Added, line)
	}
}

// outsideQuotes cuts a line at the first separator that is not in a quoted string.
func outsideQuotes(line, separator string) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quoted:
			i++
		case line[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(line[i:], separator):
			return line[:i], line[i+len(separator):], true
		}
	}
	return line, "", false
}
