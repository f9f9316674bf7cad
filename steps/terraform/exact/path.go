package exact

import (
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// step is one step of a path into a value: a name or an index.
type step struct {
	name  string
	index int // of a list, or one of the constants
}

// Values of step.index for steps without one.
const (
	isName  = -1
	isWhole = -2 // the value itself
)

// title returns the step for the screen: "size", "[0]", or "" for the value itself.
func (s step) title() clean.Text {
	switch {
	case s.index >= 0:
		return clean.Line("[" + strconv.Itoa(s.index) + "]")
	case s.index == isWhole || terraform.IsIdentifier(s.name):
		return clean.Line(s.name)
	}
	return clean.Line(strconv.Quote(clean.Masked(s.name)))
}

const maxTriggers = 50 // of one resource; usually there are a few

// paths reads replace_paths. A path ends before a step that is neither a name nor an
// index, such as an element of a set, and so leads to the set.
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

// pathText returns a path for the screen: "disk[0].size".
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
