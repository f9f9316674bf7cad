package review

import (
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// Report is a plan that was judged.
type Report struct {
	Plan      terraform.Plan
	Judgement terraform.Judgement
	Counts    string // what would happen to how many resources, in words
	// Lines returns what the plan would do to Plan.Changes[i], as Plan.Lines does. Only
	// Markdown uses it.
	Lines func(i int) ([]terraform.Line, clean.Text, error)
}

// blocking and others divide the findings.
func (r Report) blocking() (blocking, others []terraform.Finding) {
	for i, f := range r.Judgement.Findings {
		if !f.Blocks { // those that block come first
			return r.Judgement.Findings[:i], r.Judgement.Findings[i:]
		}
	}
	return r.Judgement.Findings, nil
}

// sign returns a sign for the verdict.
func sign(v terraform.Verdict) string {
	switch v {
	case terraform.Passed:
		return "✓"
	case terraform.Failed:
		return "✗"
	}
	return "?"
}
