package exact

import (
	"encoding/json"
	"strings"

	"catalog-runbook/steps/terraform"
)

// edits returns what differs in a resource change. Values that the plan marks as
// sensitive are not looked at.
func edits(raw []byte) []terraform.Edit {
	var object struct {
		Change struct {
			Before          any `json:"before"`
			After           any `json:"after"`
			BeforeSensitive any `json:"before_sensitive"`
			AfterSensitive  any `json:"after_sensitive"`
		} `json:"change"`
	}
	var all []terraform.Edit
	if json.Unmarshal(raw, &object) == nil {
		difference{object.Change.Before, object.Change.After, object.Change.BeforeSensitive, object.Change.AfterSensitive}.edits(&all, false)
	}
	return all
}

// difference is a value before and after, with the marks of what is sensitive.
// The marks mirror the values, and one that is true covers everything below it
// (Terraform's "JSON Output Format").
type difference struct{ before, after, markBefore, markAfter any }

func (d difference) edits(all *[]terraform.Edit, named bool) {
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
func linesEdit(before, after string, named bool) terraform.Edit {
	e := terraform.Edit{Named: named}
	count := map[string]int{}
	for line := range strings.SplitSeq(after, "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(before, "\n") {
		if count[line]--; count[line] < 0 {
			e.Removed = append(e.Removed, line)
		}
	}
	for line := range strings.SplitSeq(after, "\n") {
		if count[line] > 0 {
			count[line]--
			e.Added = append(e.Added, line)
		}
	}
	return e
}
