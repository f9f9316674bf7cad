package exact

import (
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// step is one step into a value: a name, or an index.
type step struct {
	name  string
	index int // of a list, or one of the constants
}

// Steps that are no index.
const (
	isName  = -1
	isWhole = -2 // no step at all
)

// title writes the step as people do: "size", "[0]", and nothing for the whole.
func (s step) title() clean.Text {
	switch {
	case s.index >= 0:
		return clean.Line("[" + strconv.Itoa(s.index) + "]")
	case s.index == isWhole || terraform.IsIdentifier(s.name):
		return clean.Line(s.name)
	}
	return clean.Line(strconv.Quote(clean.Masked(s.name)))
}

const maxTriggers = 50 // of one resource; Terraform names a few

// paths reads replace_paths. What is no name and no index, as an element of a
// set, ends its path: it leads to the set.
func paths(raw []byte) [][]step {
	var all [][]step
	for path := range elements(raw) {
		var steps []step
		for s := range elements(path) {
			if name, ok := word(s); ok {
				steps = append(steps, step{name: name, index: isName})
				continue
			}
			n, err := strconv.Atoi(string(s))
			if err != nil || n < 0 {
				break
			}
			steps = append(steps, step{index: n})
		}
		if all = append(all, steps); len(all) == maxTriggers {
			break
		}
	}
	return all
}

// pathText writes a path as people do: "disk[0].size".
func pathText(steps []step) clean.Text {
	var b strings.Builder
	for _, s := range steps {
		switch {
		case s.index >= 0:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case !terraform.IsIdentifier(s.name):
			b.WriteString("[" + strconv.Quote(s.name) + "]")
		case b.Len() > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	return clean.Line(b.String())
}
