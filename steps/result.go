package steps

import (
	"fmt"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// report gathers what a check sees and makes the result of it.
type report struct {
	now      time.Time
	evidence []runbook.Evidence
	facts    runbook.Facts
}

func newReport(in Input) *report {
	return &report{now: in.World.Now(), facts: runbook.Facts{}}
}

// saw adds one piece of evidence. Source is the address or command it came from.
func (r *report) saw(name, value, source string) {
	r.evidence = append(r.evidence, runbook.Evidence{
		Name: clean.Line(name), Value: clean.Line(value), Source: clean.Line(source), At: r.now,
	})
}

func (r *report) passed(format string, args ...any) runbook.Result {
	return r.result(runbook.Passed, format, args...)
}

func (r *report) failed(format string, args ...any) runbook.Result {
	return r.result(runbook.Failed, format, args...)
}

func (r *report) unknown(format string, args ...any) runbook.Result {
	return r.result(runbook.Unknown, format, args...)
}

// problem is the result of a question that got no usable answer: unknown, in
// words and with what to do.
func (r *report) problem(doing string, err error) runbook.Result {
	res := r.unknown("%s: %s.", doing, err)
	if c, ok := transport.CauseOf(err); ok && c == transport.Credentials {
		res.Denied = true
	}
	return res
}

// evidenceKept is how many pieces of evidence a result has at the most: more of
// them nobody reads, and a record of the journal has its limit.
const evidenceKept = 500

func (r *report) result(v runbook.Verdict, format string, args ...any) runbook.Result {
	if more := len(r.evidence) - evidenceKept; more > 0 {
		r.evidence = r.evidence[:evidenceKept]
		r.saw("…", fmt.Sprintf("%d more", more), "")
	}
	return runbook.Result{Verdict: v, Summary: clean.Line(fmt.Sprintf(format, args...)), Evidence: r.evidence, Facts: r.facts}
}

// stamp writes a time for evidence: in UTC, so that two people read the same.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
