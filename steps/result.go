package steps

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/transport"
)

// Report collects the evidence and facts of a check and makes its result.
type Report struct {
	Now   time.Time     // of the evidence
	Facts runbook.Facts // that the result leaves

	evidence []runbook.Evidence
}

// NewReport returns a report without evidence or facts.
func NewReport(in Input) *Report {
	return &Report{Now: in.World.Now(), Facts: runbook.Facts{}}
}

// Saw adds one piece of evidence. Source is the address or command it came from.
func (r *Report) Saw(name, value, source string) {
	r.evidence = append(r.evidence, runbook.Evidence{
		Name: clean.Line(name), Value: clean.Line(value), Source: clean.Line(source), At: r.Now,
	})
}

// Passed returns a passed result, with a summary formatted as by fmt.Sprintf.
func (r *Report) Passed(format string, args ...any) runbook.Result {
	return r.result(runbook.Passed, format, args...)
}

// Failed returns a failed result, with a summary formatted as by fmt.Sprintf.
func (r *Report) Failed(format string, args ...any) runbook.Result {
	return r.result(runbook.Failed, format, args...)
}

// Waiting returns a failed result that is expected to pass by itself, with a summary
// formatted as by fmt.Sprintf.
func (r *Report) Waiting(format string, args ...any) runbook.Result {
	res := r.Failed(format, args...)
	res.Waiting = true
	return res
}

// Unknown returns an unknown result, with a summary formatted as by fmt.Sprintf.
func (r *Report) Unknown(format string, args ...any) runbook.Result {
	return r.result(runbook.Unknown, format, args...)
}

// Problem returns the unknown result of a check that failed with err while doing
// something. Its summary is a sentence that says what went wrong and, if there is a hint,
// another one that says what to do.
func (r *Report) Problem(doing string, err error) runbook.Result {
	text, hint := transport.Divide(err)
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Unreachable {
		text = doing + ": " + text
	}
	text = say.Capital(text) + "."
	if hint != "" {
		text += " " + say.Capital(hint) + "."
	}
	res := r.Unknown("%s", text)
	res.Unasked = true
	if c, ok := transport.CauseOf(err); ok && c == transport.Credentials {
		res.Denied = true
	}
	return res
}

// evidenceKept is the most pieces of evidence that a result has: nobody would read
// more, and the size of a journal record is limited.
const evidenceKept = 500

func (r *Report) result(v runbook.Verdict, format string, args ...any) runbook.Result {
	if more := len(r.evidence) - evidenceKept; more > 0 {
		r.evidence = r.evidence[:evidenceKept]
		r.Saw("…", fmt.Sprintf("%d more", more), "")
	}
	return runbook.Result{Verdict: v, Summary: clean.Line(fmt.Sprintf(format, args...)), Evidence: r.evidence, Facts: r.Facts}
}

// Accepting returns the question to the person who accepts the step's result, ""
// if it can't be accepted.
func (b *Binding) Accepting(res runbook.Result) string {
	c := b.Check()
	switch {
	case c == nil:
		return ""
	case c.Harmless && (res.Verdict == runbook.Unknown || res.Facts[c.Override] == ""):
		return "The step stays " + string(res.Verdict) + ", and counts as accepted. Why is that acceptable?"
	}
	return c.Accepting
}

// found names the fact with all that a failed or unknown check of the kind has found.
func (b *Binding) found() runbook.Fact { return runbook.Fact(b.Kind.Name + ".found") }

// withFound returns the result with what a person accepts of it, if nothing is destroyed
// by going on without the step: its sentence, or the kind's in which no time passes, and
// which commit, image or checkout it is about, so that the same sentence about another one
// isn't accepted. What is unknown can be accepted only if it is about one of these. facts
// are those of the run.
func (b *Binding) withFound(res runbook.Result, facts runbook.Facts) runbook.Result {
	c, fact := b.Check(), b.found()
	switch {
	case c == nil || !c.Harmless:
		return res
	case res.Verdict == runbook.Failed && res.Facts[c.Override] != "":
		return res
	case res.Verdict != runbook.Failed && (res.Verdict != runbook.Unknown || res.Unasked):
		return res
	}
	found := strings.TrimSuffix(cmp.Or(res.Facts[fact], res.Summary.String()), ".")
	pinned := false
	pin := func(name, value string) {
		if value = strings.TrimPrefix(value, "sha256:"); value != "" {
			found += fmt.Sprintf(" (%s %s)", name, value[:min(len(value), 12)])
			pinned = true
		}
	}
	for _, m := range b.Kind.Mentions {
		pin(m.Name, res.Facts[m.Fact])
	}
	if b.Kind.Leaves != "" {
		pin("checkout", res.Facts[b.Kind.Leaves])
	}
	if res.Verdict == runbook.Unknown && !pinned {
		return res
	}
	if c.Needs != "" && b.Kind.Leaves == "" {
		_, name, _ := strings.Cut(string(c.Needs), ".")
		pin(name, facts[c.Needs])
	}
	res.Facts = maps.Clone(res.Facts)
	if res.Facts == nil {
		res.Facts = runbook.Facts{}
	}
	res.Facts[fact] = found
	return res
}
