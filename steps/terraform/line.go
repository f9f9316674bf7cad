package terraform

import "catalog-runbook/runbook/clean"

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
