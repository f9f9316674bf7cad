package kinds

import (
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform/text"
)

// refusePlan keeps a person from approving what a recipe that is called plan applies.
func refusePlan(_ steps.Input, output, _ string) clean.Text {
	if text.AsksApproval(output) {
		return clean.Line("Terraform asks whether to apply something, and this is to make a plan only. Interrupt it (q).")
	}
	return clean.Text{}
}

// refuseApply lets a person answer the questions of an apply recipe, but never those of
// Terraform, which takes nothing but yes for an approval, and which may read what was
// typed for another question: ahead of time, or what is left of a line of which that
// has read only the first characters. So no line that ends in yes is passed on.
//
// If the program may answer yes, nothing is passed on: Terraform could read it in the
// place of that answer, which would then be there for the next question.
func refuseApply(in steps.Input, output, line string) clean.Text {
	switch {
	case in.World.ApplyAsks:
		return clean.Line("this command is answered by what was judged.")
	case text.AsksApproval(output):
		return clean.Line("the question whether to apply a plan is answered by what was judged.")
	case strings.HasSuffix(strings.ToLower(strings.TrimSpace(line)), "yes"):
		return clean.Line("Terraform could take a yes for the approval of a plan that nobody has read.")
	}
	return clean.Text{}
}
