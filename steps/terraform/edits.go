package terraform

import (
	"encoding/json"
	"regexp"
	"strings"
)

// edit is what differs in one value of a resource, in lines. Named says that the
// value has a name, so that what is added took the place of what was removed.
type edit struct {
	removed, added []string
	named          bool
}

// edits returns what differs in a change: of a JSON plan where its Raw was kept, of
// a text in its Body. Values that the plan marks as sensitive are not looked at.
func (c Change) edits() []edit {
	if c.Raw == nil {
		return textEdits(c.Body.String())
	}
	var object struct {
		Change struct {
			Before          any `json:"before"`
			After           any `json:"after"`
			BeforeSensitive any `json:"before_sensitive"`
			AfterSensitive  any `json:"after_sensitive"`
		} `json:"change"`
	}
	var all []edit
	if json.Unmarshal(c.Raw, &object) == nil {
		difference{object.Change.Before, object.Change.After, object.Change.BeforeSensitive, object.Change.AfterSensitive}.edits(&all, false)
	}
	return all
}

// difference is a value before and after, with the marks of what is sensitive.
// The marks mirror the values, and one that is true covers everything below it
// (Terraform's "JSON Output Format").
type difference struct{ before, after, markBefore, markAfter any }

func (d difference) edits(all *[]edit, named bool) {
	if d.markBefore == true || d.markAfter == true {
		return
	}
	olds, _ := d.before.(map[string]any)
	news, _ := d.after.(map[string]any)
	for name := range olds {
		d.each(func(v any) any { m, _ := v.(map[string]any); return m[name] }).edits(all, true)
	}
	for name := range news {
		if _, both := olds[name]; !both {
			d.each(func(v any) any { m, _ := v.(map[string]any); return m[name] }).edits(all, true)
		}
	}
	before, _ := d.before.([]any)
	after, _ := d.after.([]any)
	for i := range max(len(before), len(after)) {
		d.each(func(v any) any {
			if list, _ := v.([]any); i < len(list) {
				return list[i]
			}
			return nil
		}).edits(all, false)
	}
	was, _ := d.before.(string)
	is, _ := d.after.(string)
	if was != is {
		*all = append(*all, linesEdit(was, is, named))
	}
}

// each takes the same part of the values and of their marks.
func (d difference) each(part func(any) any) difference {
	return difference{part(d.before), part(d.after), part(d.markBefore), part(d.markAfter)}
}

// linesEdit has the lines that only one of two texts has.
func linesEdit(before, after string, named bool) edit {
	e := edit{named: named}
	count := map[string]int{}
	for line := range strings.SplitSeq(after, "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(before, "\n") {
		if count[line]--; count[line] < 0 {
			e.removed = append(e.removed, line)
		}
	}
	for line := range strings.SplitSeq(after, "\n") {
		if count[line] > 0 {
			count[line]--
			e.added = append(e.added, line)
		}
	}
	return e
}

var opensText = regexp.MustCompile(`<<-EOT(?: # forces replacement)?$`)

// textEdits reads a resource's block of a plan's text. The marks stand two places
// left of what they mark, and those of a text's lines four places right of its
// attribute's; what looks like a mark further right belongs to the text itself.
func textEdits(body string) []edit {
	var all []edit
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
			all[len(all)-1].mark(own, strings.TrimSpace(bare))
			continue
		}
		column, mark = at-2, ' '
		if len(bare) > 2 && bare[1] == ' ' && strings.IndexByte("+-~", bare[0]) >= 0 {
			column, mark, bare = at, bare[0], bare[2:]
		}
		e := edit{}
		before, after, two := outsideQuotes(bare, " -> ")
		switch {
		case opensText.MatchString(line):
			inText, e.named = true, true
		case two && mark == '~':
			if _, value, ok := outsideQuotes(before, " = "); ok {
				before, e.named = value, true
			}
			e.mark('-', strings.TrimSpace(before))
			e.mark('+', strings.TrimSuffix(after, " # forces replacement"))
		default:
			e.mark(mark, bare)
		}
		all = append(all, e)
	}
	return all
}

func (e *edit) mark(mark byte, line string) {
	switch mark {
	case '-':
		e.removed = append(e.removed, line)
	case '+':
		e.added = append(e.added, line)
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
