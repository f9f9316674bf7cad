// Package doctor checks whether a machine has what a runbook needs: for each
// service its address, who is signed in there and what they may do; the
// infrastructure checkout; and the tools that commands start. It says what is
// missing, what it is needed for, and what to do next.
//
// It only reads: requests are GET and HEAD, tools are asked for their version, and
// nothing is written. No step knows of it.
package doctor

import (
	"cmp"
	"slices"

	"catalog-runbook/runbook/clean"
)

// State says how a thing was found.
type State string

// The states. NotKnown means that it couldn't be asked, which is never good news.
const (
	OK       State = "ok"
	Missing  State = "missing"
	Wrong    State = "wrong"
	NotKnown State = "not known"
)

// Finding is what was found of one thing. `help json` documents its JSON.
type Finding struct {
	ID    string     `json:"id"`   // for programs: "github.token"; stable
	Name  clean.Text `json:"name"` // for people: "GitHub token"
	State State      `json:"state"`
	// Needed is whether the document can't be walked to its end without it.
	Needed bool       `json:"needed"`
	Found  clean.Text `json:"found"`      // a clause without a final period
	For    clean.Text `json:"needed_for"` // what it is needed for
	// Next is what to do next. Text between backticks can be typed or pasted as it
	// stands. Empty where there is nothing to do.
	Next clean.Text `json:"next"`
	// Denied means that credentials are missing or were refused.
	Denied bool `json:"-"`
	// Waits means that it wasn't asked, because of what another finding tells.
	Waits bool `json:"-"`
}

// Is completes a finding. next is what to do.
func (f *Finding) Is(s State, next, format string, args ...any) *Finding {
	f.State, f.Found, f.Next = s, clean.Linef(format, args...), clean.Line(next)
	return f
}

// ok completes a finding that is in order.
func (f *Finding) ok(format string, args ...any) *Finding { return f.Is(OK, "", format, args...) }

// optional marks what the document can do without.
func (f *Finding) optional() { f.Needed = false }

// waits completes a finding that wasn't asked because of another.
func (f *Finding) waits(on string) {
	f.Waits, f.Denied = true, false
	f.Is(NotKnown, "", "not checked because of %s", on)
}

// The ranks of findings, by what blocks a deployment.
const (
	blocking = iota
	needed
	recommended
	inOrder
)

func (f Finding) rank() int {
	switch {
	case f.State == OK:
		return inOrder
	case !f.Needed:
		return recommended
	case f.State == NotKnown:
		return needed
	default:
		return blocking
	}
}

// sortByRank orders findings by their ranks, and keeps the order of those with the
// same one.
func sortByRank(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(a.rank(), b.rank()) })
}

// headings stand above the findings of each rank.
var headings = [...]string{"Blocking", "Couldn't check", "Recommended", "OK"}

// Heading returns what to write above the findings of the same rank.
func (f Finding) Heading() string { return headings[f.rank()] }

// Sum is what all findings add up to.
type Sum int

// The sums, mildest first.
const (
	Fit      Sum = iota // everything that the document needs is there
	Unknown             // something that it needs couldn't be asked
	Denied              // credentials are missing or refused
	Impaired            // something else that it needs is missing or wrong
)

// Of returns the worst of the findings.
func Of(all []Finding) Sum {
	worst := Fit
	for _, f := range all {
		switch rank := f.rank(); {
		case rank == needed:
			worst = max(worst, Unknown)
		case rank == blocking && f.Denied:
			worst = max(worst, Denied)
		case rank == blocking:
			worst = max(worst, Impaired)
		}
	}
	return worst
}
