package just

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/steps/practice/server"
)

// text is the resource's block in a plan with its header, in the words of
// Terraform 1.11 with -no-color; "" for one that stays as it is.
func (r resource) text() string {
	words, symbol := "", ""
	switch {
	case r.before == nil:
		words, symbol = " will be created", "  +"
	case r.after == nil:
		words, symbol = " will be destroyed\n  # (because "+r.address+" is not in configuration)", "  -"
	case r.forces != "":
		words, symbol = " must be replaced", "-/+"
	default:
		return ""
	}
	return fmt.Sprintf("\n  # %s%s\n%s resource %q %q {\n%s    }\n", r.address, words, symbol, r.kind(), r.name(), r.body(r.before, r.after, "      "))
}

// body is the inside of a block. The marks of its lines stand after the indent.
func (r resource) body(before, after server.Object, indent string) string {
	var b strings.Builder
	attributes, blocks := names(before, after)
	width, hidden := 0, 0
	for _, name := range attributes {
		width = max(width, len(name))
	}
	for _, name := range attributes {
		mark, value := r.change(before, after, name, indent)
		if mark == "" {
			hidden++
			continue
		}
		force := ""
		if name == r.forces {
			force = " # forces replacement"
		}
		if first, rest, ok := strings.Cut(value, "\n"); ok { // the comment stands where the value begins
			value = first + force + "\n" + rest
		} else {
			value += force
		}
		fmt.Fprintf(&b, "%s%s %-*s = %s\n", indent, mark, width, name, value)
	}
	if hidden > 0 {
		fmt.Fprintf(&b, "%s  # (%d unchanged attributes hidden)\n", indent, hidden)
	}
	for _, name := range blocks {
		was, will := before[name].([]server.Object)[0], after[name].([]server.Object)[0] // the practice replaces what has blocks, and only that
		fmt.Fprintf(&b, "\n%s~ %s {\n%s%s  }\n", indent, name, r.body(was, will, indent+"    "), indent)
	}
	return b.String()
}

// shownAlways are the attributes that Terraform shows also where they do not
// change.
var shownAlways = []string{"id", "name", "tags"}

// change returns an attribute's mark and what stands after its name; no mark
// where it is hidden.
func (r resource) change(before, after server.Object, name, indent string) (mark, value string) {
	was, will := before[name], after[name]
	switch {
	case after == nil && was == nil:
		return "", ""
	case after == nil:
		return "-", r.value(name, was, indent) + " -> null"
	case before == nil:
		return "+", r.value(name, will, indent)
	case equal(was, will) && slices.Contains(shownAlways, name):
		return " ", r.value(name, will, indent)
	case equal(was, will):
		return "", ""
	}
	if lines, ok := will.(string); ok && strings.Contains(lines, "\n") {
		return "~", changedLines(was.(string), lines, indent)
	}
	return "~", r.value(name, was, indent) + " -> " + r.value(name, will, indent)
}

func (r resource) value(name string, v any, indent string) string {
	if slices.Contains(r.sensitive, name) {
		return "(sensitive value)"
	}
	switch v := v.(type) {
	case unknown:
		return "(known after apply)"
	case string:
		return strconv.Quote(v)
	case server.Object:
		keys, _ := names(v)
		width := 0
		for _, key := range keys {
			width = max(width, len(key)+2)
		}
		text := "{\n"
		for _, key := range keys {
			text += fmt.Sprintf("%s      %-*s = %s\n", indent, width, strconv.Quote(key), r.value(key, v[key], indent+"    "))
		}
		return text + indent + "  }"
	default:
		return fmt.Sprint(v)
	}
}

// changedLines compares two texts of as many lines.
func changedLines(was, will, indent string) string {
	old, lines := strings.Split(strings.TrimSuffix(was, "\n"), "\n"), strings.Split(strings.TrimSuffix(will, "\n"), "\n")
	text := "<<-EOT\n"
	for i, line := range lines {
		if line == old[i] {
			text += indent + "      " + line + "\n"
		} else {
			text += indent + "    - " + old[i] + "\n" + indent + "    + " + line + "\n"
		}
	}
	return text + indent + "  EOT"
}
