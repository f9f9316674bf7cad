package kinds

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
)

// planAndApply is a step in which a maintainer makes a plan, judges it, and
// applies exactly that plan.
var planAndApply = &steps.Kind{
	Name:   "plan-and-apply",
	Doc:    "Make a plan, read it, and apply it if it looks correct.",
	Params: infrastructureParams,
	Recognise: func(s *document.Step) (steps.Match, bool) {
		plan, apply := justCommand(s, "plan"), justCommand(s, "apply")
		if plan == nil || apply == nil || !slices.Equal(plan[2:], apply[2:]) {
			return steps.Match{}, false
		}
		return justMatch(plan)
	},
	Reads: func(s *document.Step) (string, bool) {
		if justCommand(s, "plan") != nil && justCommand(s, "apply") != nil {
			// Commands for different places are not one deployment: a person sorts
			// that out.
			return "", false
		}
		return "words about a plan and its application", near(s.Text.String(), []string{"plan"}, 80, "apply")
	},
	Mentions: []runbook.Mention{{Fact: factPlanHash, Name: "plan"}},
	Relies:   steps.Reliance{Fact: factBumpDiff, Missing: clean.Line("no step before it bumps the version, so it cannot be told whether the plan is still of what is checked out; annotate that step with kind=bump")},
	Effects: []steps.Effect{
		{
			Name: effectPlan,
			Spec: func(p steps.Params) runbook.EffectSpec {
				return runbook.EffectSpec{Label: say.CommandLine(just("plan", p)), Confirm: p["environment"], Hash: factPlanHash}
			},
			Command: func(p steps.Params) []string { return just("plan", p) },
			Prepare: preparePlan,
			Finish:  planned,
			Plan:    readPlan,
		},
		{
			Name: effectApply,
			Spec: func(p steps.Params) runbook.EffectSpec {
				return runbook.EffectSpec{
					Label: say.CommandLine(just("apply", p)), Confirm: p["environment"], Number: factPlanDestroys,
					After: effectPlan, Judged: true, MaxAge: planLife,
					Same: []runbook.FactPair{
						{Then: factPlanRelease, Now: runbook.ReleaseTag, Text: clean.Line("The plan was made for another release; make it again.")},
						{Then: factPlanCheckout, Now: factBumpDiff, Text: clean.Line("The infrastructure checkout has changed since the plan was made; make it again.")},
					},
				}
			},
			Command: func(p steps.Params) []string { return just("apply", p) },
			Prepare: prepareApply,
			Kept:    kept,
			Answer:  answerApply,
			Finish:  applied,
		},
	},
}

// The effects, which are also just's recipes.
const (
	effectPlan  = "plan"
	effectApply = "apply"
)

// planLife is how long a plan may be relied on: Terraform does not notice what
// others change after it was made.
const planLife = 30 * time.Minute

// planned judges the plan and records what it was made from.
func planned(ctx context.Context, in steps.Input, exit int, output string) runbook.Result {
	r := steps.NewReport(in)
	if in.Attempt != "" {
		removeOlder(in.Attempt)
	}
	if exit != 0 {
		return r.Failed("`just plan` ended with exit code %d: read its output.", exit)
	}
	status, err := in.World.Checkout.Status(ctx)
	if err != nil {
		return r.Problem("Reading the checkout that the plan was made from", err)
	}
	diff, err := in.World.Checkout.Diff(ctx)
	if err != nil {
		return r.Problem("Reading the checkout that the plan was made from", err)
	}
	if before := in.Facts[factBumpDiff]; before != "" && before != checkoutPrint(status, diff) {
		return r.Unknown("The infrastructure checkout changed while the plan was being made; make it again.")
	}
	plan, err := readMade(ctx, in, r, output)
	if err != nil {
		delete(r.Facts, factPlanHash)
		return r.Unknown("The plan could not be read: %s.", err)
	}
	j := terraform.Judge(plan, policyOf(in))
	for _, f := range j.Findings {
		r.Saw(f.Rule, f.Text.String(), "just plan")
	}
	r.Facts[factPlanRelease] = in.Release()
	r.Facts[factPlanCheckout] = checkoutPrint(status, diff)
	r.Facts[factPlanDestroys] = strconv.Itoa(plan.Counts.Destroy)
	switch {
	case in.InDoubt == effectApply && plan.NoChanges && j.Verdict == terraform.Failed:
		return r.Failed("Nothing is left to apply: as far as a plan can tell, the apply that is in doubt was carried out. Decide it.")
	case in.InDoubt == effectApply && j.Verdict == terraform.Passed:
		return r.Passed("Something is left to apply: the apply that is in doubt was not carried out, or not to its end. %s.", say.Capital(j.Summary.String()))
	case j.Verdict == terraform.Failed:
		return r.Failed("%s.", say.Capital(j.Summary.String()))
	case j.Verdict != terraform.Passed:
		return r.Unknown("%s.", say.Capital(j.Summary.String()))
	case r.Facts[factPlanHash] == "":
		return r.Unknown("The output does not hold exactly one plan, so it cannot be told later whether that is what is applied.")
	}
	return r.Passed("%s.", say.Capital(j.Summary.String()))
}

// readMade reads the exact form of the plan where there is one, and else what was
// printed. It notes what the plan will be known by.
func readMade(ctx context.Context, in steps.Input, r *steps.Report, output string) (terraform.Plan, error) {
	if text.CountPlans(output) > 1 {
		return terraform.Plan{}, errors.New("the recipe has made more than one")
	}
	printed, textErr := text.Read(strings.NewReader(output))
	if strings.Contains(output, command.Gap) {
		textErr = errors.New("it is longer than what is kept of it")
	}
	saved := filepath.Join(in.Attempt, savedPlanFile)
	hash, err := terraform.HashFile(saved)
	why := "the recipe has left no saved plan"
	if in.Attempt != "" && err == nil {
		_ = os.Chmod(saved, 0o600) // its folder is private already
		plan, how, err := readExact(ctx, in, textErr == nil)
		if err == nil {
			r.Facts[factPlanHash], r.Facts[factPlanForm] = hash, formSaved
			r.Facts[factPlanTool], r.Facts[factPlanDir] = how.program+" "+how.version, how.dir
			if textErr == nil {
				plan.Warnings = warnings(plan, printed)
			}
			if textErr == nil && same(plan, printed) { // else another plan was printed
				r.Facts[factPlanText] = text.Fingerprint(output)
			}
			r.Saw("read from", "the saved plan, with "+how.program+" "+how.version, how.program+" show -json")
			return plan, nil
		}
		// What nobody could read is not applied either.
		RemovePlans(filepath.Dir(in.Attempt), time.Time{})
		why = "the saved plan could not be read: " + err.Error()
	}
	if textErr != nil {
		return terraform.Plan{}, textErr
	}
	print := text.Fingerprint(output)
	r.Facts[factPlanHash], r.Facts[factPlanForm], r.Facts[factPlanText] = print, formText, print
	r.Saw("read from", "what was printed; "+why, "just plan")
	return printed, nil
}

// same reports whether two readings of a plan would do the same to the same
// resources.
func same(exact, printed terraform.Plan) bool {
	type what struct {
		address, deposed string
		action           terraform.Action
	}
	count := map[what]int{}
	for _, c := range exact.Changes {
		count[what{c.Address, c.Deposed, c.Action}]++
	}
	for _, c := range printed.Changes {
		count[what{c.Address, c.Deposed, c.Action}]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return exact.NoChanges == printed.NoChanges && exact.OutputsOnly == printed.OutputsOnly
}

// warnings returns those of the exact form with those that were printed: the JSON
// has none of them but failed checks, and OpenTofu's does not even say that
// resources were left out by -target.
func warnings(exact, printed terraform.Plan) []terraform.Warning {
	all := exact.Warnings
	for _, w := range printed.Warnings {
		if !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// policyOf is what a plan of this step may do.
func policyOf(in steps.Input) terraform.Policy {
	p := in.World.Policy
	p.Service, p.Release = in.Params["service"], in.Release()
	return p
}

func applied(_ context.Context, in steps.Input, exit int, output string) runbook.Result {
	if in.Relied != "" {
		RemovePlans(filepath.Dir(in.Relied), time.Time{})
	}
	r := steps.NewReport(in)
	asked, refused := in.World.ApplyAsks, text.NotRefused
	if exit != 0 && !asked {
		refused = text.Refused(output)
	}
	switch {
	case refused != text.NotRefused:
		return r.Failed("%s Terraform itself has changed nothing; read what else the recipe has done.", refusals[refused])
	case exit != 0:
		return r.Failed("`just apply` ended with exit code %d: read its output before anything else. What it changed until then is changed.", exit)
	case !text.Applied(output):
		return r.Unknown("`just apply` ended well, but did not say that the apply is complete: read its output.")
	case strings.Contains(output, command.Gap):
		return r.Unknown("`just apply` ended well, but printed more than is kept of it: read its output.")
	// Terraform applies a saved plan without showing it.
	case !asked && in.Facts[factPlanForm] == formSaved && !text.ShowsPlan(output):
		return r.Passed("%s is applied: the saved plan that was reviewed.", in.Release())
	case asked && in.Facts[factPlanText] != "" && text.Fingerprint(output) == in.Facts[factPlanText]:
		return r.Passed("%s is applied.", in.Release())
	}
	return r.Unknown("`just apply` ended well, but what it showed is not the plan that was reviewed: read its output.")
}

// refusals say why Terraform has not applied a saved plan, and what to do.
var refusals = map[text.Refusal]string{
	text.ItsArguments: "Terraform takes no saved plan from this recipe, which passes arguments of its own. If it shows its plan and asks before it changes anything, write apply = \"asks\" under [plan] in the settings and resume; else apply by hand.",
	text.Stale:        "The state has changed since the plan was made, so Terraform has refused it: make it again.",
	text.OtherVersion: "Another version of Terraform made the plan, so this one has refused it: make it again.",
	text.Incomplete:   "Terraform has refused the plan as incomplete: make it again.",
}

// questionLength is how much of the end of an output holds Terraform's question,
// with room to spare.
const questionLength = 4 << 10

// prompt is how Terraform asks. One yes is given in a run of apply, never a
// second one: what a second question is about was not reviewed.
const prompt = "Enter a value:"

// answerApply compares the plan that apply shows with the reviewed one before its
// question is answered: what is applied is what was read, or nothing. Whoever
// applies a saved plan is not asked.
func answerApply(in steps.Input, output string) (reply string, note clean.Text) {
	if !text.AsksApproval(output[max(0, len(output)-questionLength):]) {
		return "", clean.Text{}
	}
	if !in.World.ApplyAsks {
		return "no\n", clean.Line("The recipe has not taken the saved plan and asks about one of its own: answering no.")
	}
	if strings.Contains(output, command.Gap) {
		return "no\n", clean.Line("The plan is longer than what is kept of it, so it cannot be compared with the reviewed one: answering no.")
	}
	if strings.Count(output, prompt) > 1 {
		return "no\n", clean.Line("This is a second question, about what nobody has reviewed: answering no.")
	}
	if print := text.Fingerprint(output); print != "" && print == in.Facts[factPlanText] {
		return "yes\n", clean.Line("This is the plan that was reviewed: answering yes.")
	}
	return "no\n", clean.Line("This is not the plan that was reviewed: answering no. Make the plan again and read what has changed.")
}
