package steps

import (
	"context"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

var _ = register(planAndApply{})

// planAndApply is a step in which a maintainer makes a plan, judges it, and
// applies exactly that plan.
type planAndApply struct{}

// The effects, which are also just's recipes.
const (
	effectPlan  = "plan"
	effectApply = "apply"
)

// planLife is how long a plan may be relied on: Terraform does not notice what
// others change after it was made.
const planLife = 30 * time.Minute

func (planAndApply) Name() string { return "plan-and-apply" }
func (planAndApply) Doc() string {
	return "Make a plan, read it, and apply it if it looks correct."
}
func (planAndApply) Params() []Param { return infrastructureParams }

func (planAndApply) Recognise(s *runbook.Step) (Match, bool) {
	plan, apply := justCommand(s, "plan"), justCommand(s, "apply")
	if plan == nil || apply == nil || !slices.Equal(plan[2:], apply[2:]) {
		return Match{}, false
	}
	return Match{By: ByCommand, just: plan}, true
}

func (planAndApply) Reads(s *runbook.Step) (string, bool) {
	if justCommand(s, "plan") != nil && justCommand(s, "apply") != nil {
		// Commands for different places are not one deployment: a person sorts
		// that out.
		return "", false
	}
	return "words about a plan and its application", near(s.Text.String(), []string{"plan"}, 80, "apply")
}

func (planAndApply) Effects(p Params) []runbook.EffectSpec {
	return []runbook.EffectSpec{
		{Name: effectPlan, Label: CommandLine(just("plan", p)), Confirm: p["environment"]},
		{
			Name: effectApply, Label: CommandLine(just("apply", p)), Confirm: p["environment"],
			After: effectPlan, Judged: true, MaxAge: planLife,
			Same: []runbook.FactPair{
				{Then: runbook.FactPlanRelease, Now: runbook.FactReleaseTag, Text: clean.Line("The plan was made for another release; make it again.")},
				{Then: runbook.FactPlanCheckout, Now: runbook.FactBumpDiff, Text: clean.Line("The infrastructure checkout has changed since the plan was made; make it again.")},
			},
		},
	}
}

func (planAndApply) Command(effect string, p Params) []string { return just(effect, p) }

func (k planAndApply) Finish(ctx context.Context, in Input, effect string, exit int, output string) runbook.Result {
	if effect == effectPlan {
		return k.planned(ctx, in, exit, output)
	}
	return k.applied(in, exit, output)
}

// planned judges the plan's text and records what the plan was made from.
func (planAndApply) planned(ctx context.Context, in Input, exit int, output string) runbook.Result {
	r := newReport(in)
	if exit != 0 {
		return r.failed("`just plan` ended with exit code %d: read its output.", exit)
	}
	if strings.Contains(output, outputCut) {
		return r.unknown("The plan is longer than what is kept of it, so it cannot be judged.")
	}
	plan, err := terraform.ReadText(strings.NewReader(output))
	if err != nil {
		return r.unknown("The plan could not be read: %s.", err)
	}
	j := terraform.Judge(plan, terraform.Policy{Service: in.Params["service"]})
	for _, f := range j.Findings {
		r.saw(f.Rule, f.Text.String(), "just plan")
	}
	status, err := in.World.Checkout.Status(ctx)
	if err != nil {
		return r.problem("Reading the checkout that the plan was made from", err)
	}
	diff, err := in.World.Checkout.Diff(ctx)
	if err != nil {
		return r.problem("Reading the checkout that the plan was made from", err)
	}
	if before := in.Facts[runbook.FactBumpDiff]; before != "" && before != checkoutPrint(status, diff) {
		return r.unknown("The infrastructure checkout changed while the plan was being made; make it again.")
	}
	r.facts[runbook.FactPlanHash] = terraform.Fingerprint(output)
	r.facts[runbook.FactPlanRelease] = in.Release()
	r.facts[runbook.FactPlanCheckout] = checkoutPrint(status, diff)
	switch {
	case in.InDoubt == effectApply && plan.NoChanges && j.Verdict == terraform.Failed:
		return r.failed("Nothing is left to apply: as far as a plan can tell, the apply that is in doubt was carried out. Decide it.")
	case in.InDoubt == effectApply && j.Verdict == terraform.Passed:
		return r.passed("Something is left to apply: the apply that is in doubt was not carried out, or not to its end. %s.", upper(j.Summary.String()))
	case j.Verdict == terraform.Failed:
		return r.failed("%s.", upper(j.Summary.String()))
	case j.Verdict != terraform.Passed:
		return r.unknown("%s.", upper(j.Summary.String()))
	case r.facts[runbook.FactPlanHash] == "":
		return r.unknown("The output does not hold exactly one plan, so it cannot be told later whether that is what is applied.")
	}
	return r.passed("%s.", upper(j.Summary.String()))
}

func (planAndApply) applied(in Input, exit int, output string) runbook.Result {
	r := newReport(in)
	if exit != 0 {
		return r.failed("`just apply` ended with exit code %d: read its output before anything else. What it changed until then is changed.", exit)
	}
	if !strings.Contains(output, "Apply complete!") {
		return r.unknown("`just apply` ended well, but did not say that the apply is complete: read its output.")
	}
	if print := terraform.Fingerprint(output); print == "" || print != in.Facts[runbook.FactPlanHash] {
		return r.unknown("`just apply` ended well, but what it showed is not the plan that was reviewed: read its output.")
	}
	return r.passed("%s is applied.", in.Release())
}

// questionLength is how much of the end of an output holds Terraform's question,
// with room to spare.
const questionLength = 4 << 10

// prompt is how Terraform asks. One yes is given in a run of apply, never a
// second one: what a second question is about was not reviewed.
const prompt = "Enter a value:"

// Answer compares the plan that apply shows with the reviewed one before its
// question is answered: what is applied is what was read, or nothing.
func (planAndApply) Answer(in Input, effect, output string) (reply string, note clean.Text) {
	if effect != effectApply || !terraform.AsksApproval(output[max(0, len(output)-questionLength):]) {
		return "", clean.Text{}
	}
	if strings.Contains(output, outputCut) {
		return "no\n", clean.Line("The plan is longer than what is kept of it, so it cannot be compared with the reviewed one: answering no.")
	}
	if strings.Count(output, prompt) > 1 {
		return "no\n", clean.Line("This is a second question, about what nobody has reviewed: answering no.")
	}
	if print := terraform.Fingerprint(output); print != "" && print == in.Facts[runbook.FactPlanHash] {
		return "yes\n", clean.Line("This is the plan that was reviewed: answering yes.")
	}
	return "no\n", clean.Line("This is not the plan that was reviewed: answering no. Make the plan again and read what has changed.")
}
