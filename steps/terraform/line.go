package terraform

import "catalog-runbook/runbook/clean"

// Mark is what becomes of a line's attribute.
type Mark rune

// The marks.
const (
	Same    Mark = ' '
	Added   Mark = '+'
	Removed Mark = '-'
	Changed Mark = '~'
)

// Line is one line of what would be done to a resource.
//
// A line with neither Before nor After opens what has parts, an object, a list or a
// text of several lines: they follow one level deeper. An element of a list is
// named by its index, "[0]"; a line of a text and a remark have no name.
type Line struct {
	Depth int
	Mark  Mark
	Name  clean.Text
	// Before and After are values as they are read by people: strings in
	// quotation marks, numbers as they are written, "null" where the plan says so,
	// and empty where there is none.
	Before, After              clean.Text
	Forces, Sensitive, Unknown bool
}
