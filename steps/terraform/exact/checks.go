package exact

import (
	"github.com/go-json-experiment/json"
	tfjson "github.com/hashicorp/terraform-json"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// check is the result of one check block, precondition, postcondition or variable
// validation that didn't pass.
type check struct {
	address string
	kind    tfjson.CheckKind
	status  tfjson.CheckStatus
	title   clean.Text // says that it didn't pass
}

// checkResults reads the part "checks", and keeps the results that aren't "pass".
func (r *reader) checkResults() error {
	const most = 1000
	return r.array("checks", func() error {
		raw, err := r.in.dec.ReadValue()
		if err != nil {
			return err
		}
		var c tfjson.CheckResultStatic
		_ = json.Unmarshal(raw, &c) // a malformed result has no status, which is a problem
		if c.Status == tfjson.CheckStatusPass {
			return nil
		}
		if len(r.checks) == most {
			r.problem("the plan has very many checks that did not pass")
			return nil
		}
		r.checks = append(r.checks, check{c.Address.ToDisplay, c.Address.Kind, c.Status, title(c)})
		return nil
	})
}

// title returns a text that says that a check didn't pass, with its first message.
func title(c tfjson.CheckResultStatic) clean.Text {
	for _, instance := range c.Instances {
		for _, problem := range instance.Problems {
			if problem.Message != "" {
				return clean.Linef("the check %s did not pass: %s", c.Address.ToDisplay, problem.Message)
			}
		}
	}
	return clean.Linef("the check %s did not pass", c.Address.ToDisplay)
}

// judgeChecks adds the checks to the plan's warnings, errors and problems. As in
// Terraform, a failed check block is a warning and any other failed check an error.
// A check whose result isn't known yet is made by the apply, so it is a problem only
// if planning failed.
func (r *reader) judgeChecks() {
	for _, c := range r.checks {
		failed := c.status == tfjson.CheckStatusFail || c.status == tfjson.CheckStatusError
		switch {
		case failed && c.kind == tfjson.CheckKindCheckBlock:
			r.plan.Warnings = append(r.plan.Warnings, terraform.Warning{Title: c.title, About: terraform.FailedCheck})
		case failed && r.plan.Errored:
			r.plan.Errors = append(r.plan.Errors, c.title)
		case failed:
			r.problem("%s", c.title)
		case c.status != tfjson.CheckStatusUnknown:
			r.problem("can't interpret the outcome of the check %s: %q", c.address, c.status)
		case r.plan.Errored:
			r.problem("the check %s was not made", c.address)
		}
	}
}
