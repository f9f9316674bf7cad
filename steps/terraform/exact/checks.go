package exact

import (
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// check is what became of one check block, precondition, postcondition or
// validation of a variable.
type check struct {
	address, kind, status string
	message               string // the first that it has; may be empty
}

// checkResults reads checks, those that passed aside.
func (r *reader) checkResults() error {
	const most = 1000
	return r.array("checks", func() error {
		raw, _, err := r.in.value()
		if err != nil {
			return err
		}
		if c := readCheck(raw); c.status != "pass" {
			if len(r.checks) == most {
				r.problem("the plan has very many checks that did not pass")
				return nil
			}
			r.checks = append(r.checks, c)
		}
		return nil
	})
}

func readCheck(raw []byte) (c check) {
	for name, value := range members(raw) {
		switch string(name) {
		case "status":
			c.status, _ = word(value)
		case "address":
			for name, value := range members(value) {
				switch string(name) {
				case "kind":
					c.kind, _ = word(value)
				case "to_display":
					c.address, _ = word(value)
				}
			}
		case "instances":
			c.message = firstMessage(value)
		}
	}
	return c
}

func firstMessage(instances []byte) string {
	for instance := range elements(instances) {
		for name, value := range members(instance) {
			if string(name) != "problems" {
				continue
			}
			for problem := range elements(value) {
				for name, value := range members(problem) {
					if text, ok := word(value); ok && string(name) == "message" {
						return text
					}
				}
			}
		}
	}
	return ""
}

// judgeChecks says what the checks mean for the plan. A check block that fails is
// a warning, as Terraform has it, and any other an error. What is not known yet is
// made up for by the apply, unless planning failed.
func (r *reader) judgeChecks() {
	for _, c := range r.checks {
		title := clean.Linef("the check %s did not pass", c.address)
		if c.message != "" {
			title = clean.Linef("%s: %s", title, c.message)
		}
		failed := c.status == "fail" || c.status == "error"
		switch {
		case failed && c.kind == "check":
			r.plan.Warnings = append(r.plan.Warnings, terraform.Warning{Title: title, About: terraform.FailedCheck})
		case failed && r.plan.Errored:
			r.plan.Errors = append(r.plan.Errors, title)
		case failed:
			r.problem("%s", title)
		case c.status != "unknown":
			r.problem("what became of the check %s is not understood: %q", c.address, c.status)
		case r.plan.Errored:
			r.problem("the check %s was not made", c.address)
		}
	}
}
