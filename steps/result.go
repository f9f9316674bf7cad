package steps

import (
	"fmt"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
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

// Unknown returns an unknown result, with a summary formatted as by fmt.Sprintf.
func (r *Report) Unknown(format string, args ...any) runbook.Result {
	return r.result(runbook.Unknown, format, args...)
}

// Problem returns the unknown result of a check that failed with err while doing
// something.
func (r *Report) Problem(doing string, err error) runbook.Result {
	res := r.Unknown("%s: %s.", doing, err)
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
