package progress

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/terraform"
)

// mostResources is how many resources an Apply follows that aren't in the plan.
const mostResources = 10_000

// Apply follows one apply. Its methods must not be called concurrently.
type Apply struct {
	resources map[string]*resource
	order     []*resource // those of the plan, in its order
	running   []*resource // in the order in which they began
	ended     []*resource // the newest last, at most recent of them
	between   []*resource // of which something has ended, and more is planned
	waiting   int         // the first in order that may not have begun
	slowest   []*resource // those of the plan by how long they will take, the slowest first
	started   int         // the first in slowest that may not have begun
	done      int         // of the plan
	unknown   int         // of the plan, neither done nor with a known duration
	known     Durations
	seen      bool // a line was about a resource
}

// resource is a resource that the apply is about.
type resource struct {
	address string
	planned []verb // still to be done, in their order
	now     verb   // 0 while nothing is done to it
	since   time.Time
	did     verb // the last that was done
	took    time.Duration
	guess   time.Duration // how long all of planned has taken before
	guessed bool
	inPlan  bool
}

// recent is how many ended resources are remembered.
const recent = 20

// NewApply returns an Apply of which no plan is known yet.
func NewApply() *Apply { return &Apply{resources: map[string]*resource{}} }

// Expect says what the apply is to do, and how long that has taken before. It may be
// called once, also while the apply goes on.
func (a *Apply) Expect(changes []terraform.Change, known Durations) {
	a.known = known
	for _, c := range changes {
		planned := planOf(c)
		if planned == nil {
			continue
		}
		address := name(c)
		r := a.resources[address]
		if r == nil {
			r = &resource{address: address}
			a.resources[address] = r
		}
		if r.inPlan {
			continue
		}
		r.inPlan, r.planned = true, planned
		if r.did != 0 { // before the plan was known
			if r.finish(r.did); len(r.planned) > 0 && r.now == 0 {
				a.between = append(a.between, r)
			}
		}
		a.order = append(a.order, r)
		r.estimate(known)
		switch {
		case len(r.planned) == 0:
			a.done++
		case !r.guessed:
			a.unknown++
		}
	}
	a.slowest = slices.Clone(a.order)
	slices.SortStableFunc(a.slowest, func(x, y *resource) int { return cmp.Compare(y.guess, x.guess) })
}

// name returns how Terraform names the resource of a change in what it prints.
func name(c terraform.Change) string {
	name := clean.Line(c.Address).String()
	if c.Deposed != "" {
		name += clean.Linef(" (deposed object %s)", c.Deposed).String()
	}
	return name
}

// planOf returns what an apply does for a change, nil for nothing that it counts.
func planOf(c terraform.Change) []verb {
	switch c.Action {
	case terraform.Create:
		return []verb{creating}
	case terraform.Update:
		return []verb{updating}
	case terraform.Delete:
		return []verb{destroying}
	case terraform.Replace:
		if c.CreateFirst {
			return []verb{creating, destroying}
		}
		return []verb{destroying, creating}
	}
	return nil
}

// estimate sets how long what is planned has taken before.
func (r *resource) estimate(known Durations) {
	r.guess, r.guessed = 0, true
	for _, v := range r.planned {
		took, ok := known.of(r.address, v)
		r.guess, r.guessed = r.guess+took, r.guessed && ok
	}
}

// finish removes a verb from what is planned. One that stands behind others ends those as
// well, whose lines are missing.
func (r *resource) finish(v verb) {
	if i := slices.Index(r.planned, v); i >= 0 {
		r.planned = r.planned[i+1:]
	}
}

// colours matches the sequences that colour a line.
var colours = pattern.Lazy(`\x1b\[[0-9;]*m`)

// trimmed returns a line without colours and the end that a terminal gives it.
func trimmed(line string) string {
	if strings.IndexByte(line, '\x1b') >= 0 {
		line = colours().ReplaceAllString(line, "")
	}
	return strings.TrimRight(line, " \r")
}

// Line takes a line of the output, which came at a time. It reports whether the line was
// about a resource.
func (a *Apply) Line(line string, at time.Time) bool {
	e, ok := parse(trimmed(line))
	if !ok {
		return false
	}
	r := a.resources[e.resource]
	if r == nil {
		if len(a.resources) >= mostResources+len(a.order) {
			return false
		}
		r = &resource{address: e.resource}
		a.resources[e.resource] = r
	}
	a.seen = true
	if e.phase == ends {
		a.end(r, e, at)
		return true
	}
	if r.now != e.verb {
		if r.now == 0 {
			a.running, a.between = append(a.running, r), without(a.between, r)
		}
		r.now, r.since = e.verb, at
	}
	if began := at.Add(-e.took); e.took > 0 && began.Before(r.since) {
		r.since = began // its first line came late, as after a resume
	}
	return true
}

// end takes the end of a verb.
func (a *Apply) end(r *resource, e event, at time.Time) {
	took := e.took
	if took < 0 && r.now == e.verb {
		took = max(at.Sub(r.since), 0)
	}
	a.running = without(a.running, r)
	r.now, r.did, r.took = 0, e.verb, max(took, 0)
	if a.ended = append(without(a.ended, r), r); len(a.ended) > recent {
		a.ended = a.ended[1:]
	}
	if !r.inPlan || len(r.planned) == 0 {
		return
	}
	guessed := r.guessed
	r.finish(e.verb)
	r.estimate(a.known)
	if len(r.planned) == 0 {
		a.done++
	} else {
		a.between = append(without(a.between, r), r)
	}
	if !guessed && (r.guessed || len(r.planned) == 0) {
		a.unknown--
	}
}

func without(all []*resource, r *resource) []*resource {
	return slices.DeleteFunc(all, func(other *resource) bool { return other == r })
}

// Row is one resource for the screen.
type Row struct {
	Address string
	State   State
	words   string
	since   time.Time
	usual   time.Duration // how long it takes; 0 if that isn't known
}

// State is how far a resource is.
type State int

// The states.
const (
	Waiting State = iota
	Running
	Done
)

// Words says what is done to the resource, and for how long.
func (r Row) Words(now time.Time) string {
	if r.State != Running {
		return r.words
	}
	words := r.words + " for " + say.Duration(max(now.Sub(r.since), 0))
	if r.usual > 0 {
		words += ", usually " + say.Duration(r.usual)
	}
	return words
}

// Status is how far an apply is. The zero value is that of an apply about which nothing is
// known.
type Status struct {
	Seen        bool // the output is that of an apply
	Done, Total int  // of the plan's resources that are changed; Total is 0 if the plan isn't known
	Rows        []Row

	running []Row         // all of them, with what comes afterwards
	later   time.Duration // how long what hasn't begun takes
	unknown bool          // of something it isn't known how long it takes
}

// Status returns how far the apply is, with at most rows rows: what goes on, the longest
// first, then what has ended, the newest first, then what is to come.
func (a *Apply) Status(rows int) Status {
	s := Status{Seen: a.seen, Done: a.done, Total: len(a.order), unknown: a.unknown > 0}
	for _, r := range a.running {
		usual, _ := a.known.of(r.address, r.now)
		row := Row{Address: r.address, State: Running, words: r.now.doing(), since: r.since, usual: usual}
		s.Rows = append(s.Rows, row)
		row.usual = r.guess
		s.running = append(s.running, row)
	}
	slices.SortStableFunc(s.Rows, func(x, y Row) int { return x.since.Compare(y.since) })
	for i := len(a.ended) - 1; i >= 0 && len(s.Rows) < rows; i-- {
		if r := a.ended[i]; r.now == 0 {
			s.Rows = append(s.Rows, r.row())
		}
	}
	for ; a.waiting < len(a.order) && a.order[a.waiting].begun(); a.waiting++ {
	}
	for i := a.waiting; i < len(a.order) && len(s.Rows) < rows; i++ {
		if r := a.order[i]; !r.begun() {
			s.Rows = append(s.Rows, Row{Address: r.address, words: "waiting to be " + r.planned[0].done()})
		}
	}
	s.Rows = s.Rows[:min(len(s.Rows), rows)]
	for ; a.started < len(a.slowest) && a.slowest[a.started].begun(); a.started++ {
	}
	if a.started < len(a.slowest) {
		s.later = a.slowest[a.started].guess
	}
	for _, r := range a.between {
		s.later = max(s.later, r.guess)
	}
	return s
}

// begun reports whether anything was done to a resource.
func (r *resource) begun() bool { return r.now != 0 || r.did != 0 }

// row returns the row of a resource to which nothing is done now.
func (r *resource) row() Row {
	row := Row{Address: r.address, State: Done, words: r.did.done() + " in " + say.Duration(r.took)}
	if len(r.planned) > 0 {
		row.State = Waiting
		row.words += ", waiting to be " + r.planned[0].done()
	}
	return row
}

// Words says how many resources are done, and how long the rest takes, going by earlier
// applies: at least as long as the slowest resource.
func (s Status) Words(now time.Time) string {
	if s.Total == 0 {
		return ""
	}
	words := say.Number(s.Done) + " of " + say.Number(s.Total) + " done"
	left := s.later
	for _, r := range s.running {
		left = max(left, r.usual-max(now.Sub(r.since), 0))
	}
	switch {
	case left < time.Second:
	case s.unknown:
		words += ", at least " + say.Duration(left) + " left"
	default:
		words += ", about " + say.Duration(left) + " left"
	}
	return words
}
