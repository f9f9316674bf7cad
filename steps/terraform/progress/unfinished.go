package progress

import (
	"strings"
	"time"

	"catalog-runbook/steps/terraform"
)

// Unfinished is a resource that an apply took away, or began to, without putting the new
// one in its place.
type Unfinished struct {
	Address string
	Gone    bool // Terraform printed that it was destroyed; else it was being destroyed
	Begun   bool // the new one was being created
	Final   bool // no new one was planned
}

// Words says what is left of the resource.
func (u Unfinished) Words() string {
	switch {
	case u.Final && u.Gone:
		return "destroyed, as planned"
	case u.Final:
		return "being destroyed when the apply ended"
	case u.Gone && u.Begun:
		return "the old one is gone, the new one was being created"
	case u.Gone:
		return "the old one is gone, the new one was not created"
	}
	return "the old one was being destroyed, the new one was not created"
}

// Left reads what an apply printed until it ended early, and returns what it took away of
// the resources that its plan destroys or replaces, in the order of the plan. A resource
// that was replaced to the end is not among them. Changes without a line in the output
// count as not begun, so an incomplete output makes the result incomplete too.
func Left(changes []terraform.Change, output string) []Unfinished {
	a := NewApply()
	a.Expect(changes, Durations{})
	for line := range strings.Lines(output) {
		a.Line(strings.TrimRight(line, "\n"), time.Time{})
	}
	var left []Unfinished
	for _, c := range changes {
		planned := planOf(c)
		r := a.resources[name(c)]
		if len(planned) == 0 || planned[0] != destroying || r == nil {
			continue // what is created first takes nothing away
		}
		u := Unfinished{Address: r.address, Gone: r.did == destroying && r.now != destroying, Begun: r.now == creating, Final: len(planned) == 1}
		if u.Gone || r.now == destroying {
			left = append(left, u)
		}
	}
	return left
}
