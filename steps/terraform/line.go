package terraform

import (
	"strings"

	"catalog-runbook/runbook/clean"
)

// Mark says how a line's attribute changes.
type Mark rune

// The values of Mark.
const (
	Same    Mark = ' '
	Added   Mark = '+'
	Removed Mark = '-'
	Changed Mark = '~'
)

// Line is one line of the comparison of a resource before and after a change.
//
// A line with neither Before nor After opens an object, a list or a multi-line text,
// whose parts follow one level deeper. The name of a list element is its index, "[0]".
// Lines of a text and remarks have no name.
type Line struct {
	Depth int
	Mark  Mark
	Name  clean.Text
	// Before and After are values for the screen: strings in quotation marks, numbers
	// as in the plan, "null" for null, and "" if there is no value.
	Before, After              clean.Text
	Forces, Sensitive, Unknown bool
}

// String returns the line without its mark, as Terraform prints it: "ami = old -> new".
func (l Line) String() string {
	before, after := l.Before.String(), l.After.String()
	switch {
	case l.Sensitive && before == "" && after == "":
		after = "(sensitive)"
	case l.Unknown && after == "":
		after = "(known after apply)"
	}
	line, value := l.Name.String(), before+after
	if before != "" && after != "" {
		value = before + " -> " + after
	}
	if line != "" && value != "" {
		line += " = "
	}
	line += value
	if l.Forces {
		line += "  (forces replacement)"
	}
	return line
}

// Sign returns the sign of the change's action, in three cells. It is that of Terraform
// if it has one.
func (c Change) Sign() string {
	switch c.Action {
	case Replace:
		if c.CreateFirst {
			return "+/-"
		}
		return "-/+"
	case Create:
		return "  +"
	case Update:
		return "  ~"
	case Delete:
		return "  -"
	case Forget:
		return "  ."
	case Read:
		return " <="
	case Move, Import:
		return "  ="
	default:
		return "  ?"
	}
}

// Remarks returns what the sign of the change doesn't tell, such as what forces its
// replacement.
func (c Change) Remarks() []clean.Text {
	var all []clean.Text
	add := func(format string, args ...any) { all = append(all, clean.Linef(format, args...)) }
	if c.Deposed != "" {
		add("the deposed object %s", c.Deposed)
	}
	if len(c.Triggers) > 0 && c.Action == Replace {
		names := make([]string, len(c.Triggers))
		for i, t := range c.Triggers {
			names[i] = t.String()
		}
		add("forced by %s", strings.Join(names, ", "))
	}
	if c.Previous != "" {
		add("moved from %s", c.Previous)
	}
	if c.Imported || c.Action == Import {
		add("imported")
	}
	if c.Creates {
		add("another is created in its place")
	}
	if c.Action == Unclear {
		add("not understood")
	}
	if c.Noise != 0 {
		add("%s", c.Noise)
	}
	return all
}

// Noise is a set of ways in which an update changes nothing that is known to matter.
type Noise uint8

// The ways.
const (
	Reordered Noise = 1 << iota // lists have the same elements in another order, as sets may
	Respelled                   // texts have the same meaning as JSON
	Computed                    // attributes that the configuration doesn't set aren't known yet
)

// String names the ways.
func (n Noise) String() string {
	var all []string
	for _, way := range []struct {
		noise Noise
		words string
	}{{Reordered, "only the order differs"}, {Respelled, "the same JSON, written differently"}, {Computed, "values known after apply, which the configuration doesn't set"}} {
		if n&way.noise != 0 {
			all = append(all, way.words)
		}
	}
	return strings.Join(all, "; ")
}
