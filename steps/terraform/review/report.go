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

// findings returns the findings that block, and the others that say more than what would
// be done to a resource.
func (r Report) findings() (blocking, others []terraform.Finding) {
	for _, f := range r.Judgement.Findings {
		switch {
		case f.Blocks:
			blocking = append(blocking, f)
		case !f.Minor():
			others = append(others, f)
		}
	}
	return blocking, others
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
