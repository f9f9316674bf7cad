// Package doctor looks whether a machine has what a runbook needs: for each
// service where it is, who one is there and what one may do; the infrastructure
// checkout; and the tools that commands start. It says what is missing, what it is
// needed for, and what to do next.
//
// It only looks: requests are GET and HEAD, tools are asked for their version, and
// nothing is written. It is a package beside the steps, not one of them: it asks
// about the means and not about the work, and no step knows of it.
package doctor

import (
	"cmp"
	"slices"

	"catalog-runbook/runbook/clean"
)

// State says how a thing was found.
type State string

// The states. NotKnown is what could not be asked, which is never good news.
const (
	OK       State = "ok"
	Missing  State = "missing"
	Wrong    State = "wrong"
	NotKnown State = "not known"
)

// Finding is what was found of one thing.
type Finding struct {
	ID   string     // for programs: "github.token"; stable
	Name clean.Text // for people: "GitHub token"
	// State is how it was found. Needed is whether the document cannot be walked
	// to its end without it.
	State  State
	Needed bool
	Found  clean.Text // a clause without a final period
	For    clean.Text // what it is needed for
	// Next is the next thing to do, in words. What stands between backticks is to
	// be typed or pasted as it stands. Empty where nothing is to be done.
	Next clean.Text
	// Denied means that credentials are missing or were refused.
	Denied bool
	// Waits means that nobody was asked, because of what another finding tells.
	Waits bool
}

// ok completes a finding that is in order.
func (f Finding) ok(format string, args ...any) Finding {
	return f.is(OK, "", format, args...)
}

// is completes a finding. next is what Next says of it.
func (f Finding) is(s State, next, format string, args ...any) Finding {
	f.State, f.Found, f.Next = s, clean.Linef(format, args...), clean.Line(next)
	return f
}

// optional marks what the document can do without.
func (f Finding) optional() Finding {
	f.Needed = false
	return f
}

// rank orders findings by what blocks a deployment.
func (f Finding) rank() int {
	switch {
	case f.State == OK:
		return 3
	case !f.Needed:
		return 2
	case f.State == NotKnown:
		return 1
	default:
		return 0
	}
}

// Sort orders findings: first what is in the way of a deployment, then what could
// not be asked, then what is only worth having, then what is in order. Those that
// are alike stay as they were.
func Sort(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(a.rank(), b.rank()) })
}

// Group is a part of sorted findings that stand under one heading.
type Group struct {
	Heading  string
	Findings []Finding
}

// Groups divides sorted findings. Empty groups are left out.
func Groups(all []Finding) []Group {
	var groups []Group
	for rank, heading := range []string{"In the way of a deployment", "Needed, and not known", "Worth a look", "In order"} {
		g := Group{Heading: heading}
		for _, f := range all {
			if f.rank() == rank {
				g.Findings = append(g.Findings, f)
			}
		}
		if len(g.Findings) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// Sum is what all findings come to.
type Sum int

// The sums, mildest first.
const (
	Fit      Sum = iota // all that the document needs is there
	Unknown             // something that it needs could not be asked
	Denied              // credentials are missing or refused
	Impaired            // something else that it needs is missing or wrong
)

// Of sums findings up: the worst of them counts.
func Of(all []Finding) Sum {
	worst := Fit
	for _, f := range all {
		switch {
		case !f.Needed || f.State == OK:
		case f.State == NotKnown:
			worst = max(worst, Unknown)
		case f.Denied:
			worst = max(worst, Denied)
		default:
			worst = max(worst, Impaired)
		}
	}
	return worst
}
