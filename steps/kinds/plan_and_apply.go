package kinds

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/saved"
	"catalog-runbook/steps/terraform/text"
)

// planAndApply is a step in which a maintainer makes a plan, judges it, and
// applies exactly that plan.
var planAndApply = &steps.Kind{
	Name:    "plan-and-apply",
	Doc:     "Make a plan, read it, and apply it if it looks correct.",
	Explain: why.PlanAndApply,
	Params:  infrastructureParams,
	Recognise: func(s *document.Step) (steps.Match, bool) {
		plan, apply := justCommand(s, "plan"), justCommand(s, "apply")
		if plan == nil || apply == nil || !slices.Equal(plan[2:], apply[2:]) {
			return steps.Match{}, false
		}
		return justMatch(plan)
	},
	Reads: sentence.Reads("words about a plan and its application", []string{"apply"}, func(text string) bool {
		return near(text, []string{"plan"}, 80, "apply")
	}, planSentence),
	Recipes:    []string{effectPlan, effectApply},
	Deploys:    true,
	Elsewhere:  elsewhere,
	Unrestored: unrestored,
	Mentions:   []runbook.Mention{{Fact: factPlanHash, Name: "plan"}},
	Relies:     steps.Reliance{Fact: factBumpDiff, Missing: clean.Line("no step before it bumps the version, so the plan can't be compared with what is checked out; annotate that step with kind=bump")},
	Effects: []steps.Effect{
		{
			Name: effectPlan,
			Spec: func(p steps.Params) runbook.EffectSpec {
				return runbook.EffectSpec{Label: say.CommandLine(just("plan", p)), Confirm: p["environment"], Hash: factPlanHash, Ends: []int{changesExit}}
			},
			Command: func(p steps.Params) []string { return just("plan", p) },
			Prepare: saysYes(preparePlan),
			Asks:    confirmations(effectPlan),
			Refuse:  refusePlan,
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
			Prepare: saysYes(prepareApply),
			Asks:    confirmations(effectApply),
			Kept:    kept,
			Answer:  answerApply,
			Refuse:  refuseApply,
			Finish:  applied,
		},
	},
}

const (
	makePlan    = `(?:(?:make|create|run|do|produce|generate|prepare) (?:(?:a|the) )?(?:(?:new|fresh|terraform|tofu|opentofu) )*plan|plan(?: (?:the (?:change|changes|deployment|rollout)|it|name))?)(?: for (?:the )?name)?(?: ` + inInfrastructure + `)?`
	readPlanned = `(?:(?:,|,? and|,? then) (?:read|review|check|inspect) (?:it|the plan)(?: (?:carefully|closely))?|, read|, review)?`
	thePlan     = `(?:it|them|the plan|that plan|the changes?|everything)`
	looksGood   = `(?:,? (?:if|once|when|only if|only when|provided|provided that|as long as) ` + thePlan + ` (?:looks|look|is|are) (?:correct|right|good|fine|ok|okay|well|as expected))?`
)

// planSentence asks to make a plan and to apply it.
var planSentence = pattern.Lazy(`^` + wordAfter + makePlan + readPlanned +
	`(?:,|,? and|,? then|,? and then|,? and subsequently|,? and only then)` + looksGood + `,? apply(?: ` + thePlan + `)?` + looksGood + `$`)

// The effects, which are also just's recipes.
const (
	effectPlan  = "plan"
	effectApply = "apply"
)

// The facts of a plan.
const (
	factPlanHash          runbook.Fact = "plan.hash"          // of the saved plan, else of what was printed
	factPlanRelease       runbook.Fact = "plan.release"       // the release that it deploys
	factPlanTag           runbook.Fact = "plan.tag"           // the tag of that release's image
	factPlanCheckout      runbook.Fact = "plan.checkout"      // the Print of what it was made from
	factPlanDestroys      runbook.Fact = "plan.destroys"      // how many resources it destroys, also to replace them
	factPlanForm          runbook.Fact = "plan.form"          // formSaved or formText
	factPlanText          runbook.Fact = "plan.text"          // the fingerprint of the plan as it was printed
	factPlanTool          runbook.Fact = "plan.tool"          // what read the saved plan: "terraform 1.11.4"
	factPlanDir           runbook.Fact = "plan.dir"           // where its configuration is, seen from the checkout
	factPlanConfiguration runbook.Fact = "plan.configuration" // the hash of the configuration there, if the plan doesn't show its own
	factPlanFile          runbook.Fact = "plan.file"          // the full path of the file in which the recipe has saved it, if it does
)

// The forms of a plan.
const (
	formSaved = "saved"
	formText  = "text"
)

// unrestored is what the instance takes from elsewhere than from its image, or has changed.
var unrestored = struct {
	Brief string
	All   []string
}{
	Brief: "Not restored: Airflow's database, migrations, compose file, sync script.",
	All: []string{
		"Airflow's metadata database: a newer Airflow has upgraded it, and an older one may not start with it. If the minor version differs, go forward, or downgrade the database with the newer image first, or restore its snapshot.",
		"Migrations of the Catalog's own database: what they have changed stays changed.",
		"The compose file, the sync script and the DAGs, which the machine takes from the Catalog's repository and not from the image.",
	},
}

// elsewhere looks at what the main branch of the checkout names, and at the version that
// Airflow reports.
func elsewhere(ctx context.Context, in steps.Input, r *steps.Report) {
	if now, image := in.Deployed(ctx, in.Release()); now.Version != "" {
		named := now.Version
		if !steps.SameTag(named, image) {
			named += ", which is not " + image
		}
		r.Saw(now.Branch+" names", named+", in "+now.File, "git grep")
	}
	address := in.World.Airflow.Trusted
	if _, asked, ok := strings.Cut(in.Facts[steps.FactDAGsSeen], " "); ok {
		address = asked
	}
	if address == "" {
		return
	}
	client, err := in.World.Airflow.At(address)
	if err != nil {
		return
	}
	if version, err := client.Version(ctx); err == nil {
		r.Saw("Airflow reports", version.String()+", its own version and not that of the release", address)
	}
}

// planLife is how long a plan may be relied on: Terraform doesn't notice what others
// change after it was made.
const planLife = 30 * time.Minute

// planned judges the plan and records what it was made from.
func planned(ctx context.Context, in steps.Input, exit int, output string) runbook.Result {
	r := steps.NewReport(in)
	if in.Attempt != "" {
		saved.Folder(in.Attempt).RemoveOlder()
	}
	folders := adoptPlan(in, r)
	if stopped(in, effectPlan) {
		return r.Failed("`just plan` would have applied something, and was kept from it: take that out of the recipe.")
	}
	if exit != 0 && (exit != changesExit || saved.Folder(in.Attempt).Gone()) {
		return r.Failed("`just plan` ended with exit code %d: read its output.%s", exit, aboutChangesExit(in, exit, output))
	}
	status, err := in.World.Checkout.Status(ctx)
	if err != nil {
		return r.Problem("Reading the checkout that the plan was made from", err)
	}
	diff, err := in.World.Checkout.Diff(ctx)
	if err != nil {
		return r.Problem("Reading the checkout that the plan was made from", err)
	}
	diff = withoutPlan(diff, r.Facts[factPlanFile], saved.Folder(in.Attempt).Hash)
	if before := in.Facts[factBumpDiff]; before != "" && before != diff.Print(status.Commit) {
		return r.Unknown("The infrastructure checkout changed while the plan was being made; make it again.")
	}
	plan, err := readMade(ctx, in, r, folders, output)
	if err != nil {
		delete(r.Facts, factPlanHash)
		return r.Unknown("The plan could not be read: %s.", err)
	}
	if exit == changesExit {
		if r.Facts[factPlanForm] != formSaved || plan.NoChanges {
			delete(r.Facts, factPlanHash)
			return r.Failed("`just plan` ended with exit code %d, which its plan does not explain: read its output.%s", exit, aboutChangesExit(in, exit, output))
		}
		r.Saw("exit code", "2, with which -detailed-exitcode says that there are changes; lines of the recipe after that were not run", "just plan")
	}
	j := terraform.Judge(plan, policyOf(in))
	for _, f := range j.Findings {
		r.Saw(f.Rule, f.Text.String(), "just plan")
	}
	r.Facts[factPlanRelease], r.Facts[factPlanTag] = in.Release(), policyOf(in).Release
	r.Facts[factPlanCheckout] = diff.Print(status.Commit)
	r.Facts[factPlanDestroys] = strconv.Itoa(plan.Counts.Destroy)
	switch {
	case in.InDoubt == effectApply && plan.NoChanges && j.Verdict == terraform.Failed:
		return r.Failed("Nothing is left to apply: as far as a plan can tell, the apply was carried out. Say so, to resolve its outcome.")
	case in.InDoubt == effectApply && j.Verdict == terraform.Passed:
		return r.Passed("Something is left to apply: the apply whose outcome is unknown was not carried out, or not to its end. %s.", say.Capital(j.Summary.String()))
	case j.Verdict == terraform.Failed && plan.NoChanges:
		r.Facts[steps.FactNothingToDo] = in.Release()
		return r.Failed("%s.", say.Capital(j.Summary.String()))
	case j.Verdict == terraform.Failed:
		return r.Failed("%s.", say.Capital(j.Summary.String()))
	case j.Verdict != terraform.Passed:
		return r.Unknown("%s.", say.Capital(j.Summary.String()))
	case r.Facts[factPlanHash] == "":
		return r.Unknown("The output doesn't have exactly one plan, so an apply can't be compared with it later.")
	}
	return r.Passed("%s.", say.Capital(j.Summary.String()))
}

// readMade reads the plan that was just made: the saved one if there is one, else what
// was printed. It adds the facts that identify the plan to the report. folders are those
// in which it may have been made, nil if that isn't known.
func readMade(ctx context.Context, in steps.Input, r *steps.Report, folders []string, output string) (terraform.Plan, error) {
	if text.CountPlans(output) > 1 {
		return terraform.Plan{}, errors.New("the recipe has made more than one")
	}
	printed, textErr := text.Read(strings.NewReader(output))
	if strings.Contains(output, command.Gap) {
		textErr = errors.New("it is longer than what is kept of it")
	}
	made := saved.Folder(in.Attempt)
	hash, err := made.Hash()
	why := "the recipe has left no saved plan"
	if err == nil {
		var evidence *terraform.Plan
		if textErr == nil {
			evidence = &printed
		}
		plan, how, err := readExact(ctx, in, folders, evidence)
		if err == nil {
			r.Facts[factPlanHash], r.Facts[factPlanForm] = hash, formSaved
			r.Facts[factPlanTool], r.Facts[factPlanDir] = how.Program+" "+how.Version, how.Dir
			if how.Configuration != "" {
				r.Facts[factPlanConfiguration] = how.Configuration
			}
			if textErr == nil {
				plan.Warnings = saved.Warnings(plan, printed)
			}
			if textErr == nil && saved.Same(plan, printed) { // else another plan was printed
				r.Facts[factPlanText] = fingerprint(output)
			}
			r.Saw("read from", "the saved plan, with "+how.Program+" "+how.Version, how.Program+" show -json")
			return plan, nil
		}
		// A plan that can't be read must not be applied either.
		made.RemoveAll()
		why = "the saved plan could not be read: " + err.Error()
	}
	if textErr != nil {
		return terraform.Plan{}, textErr
	}
	print := fingerprint(output)
	r.Facts[factPlanHash], r.Facts[factPlanForm], r.Facts[factPlanText] = print, formText, print
	r.Saw("read from", "what was printed; "+why, "just plan")
	return printed, nil
}

// fingerprint is that of what is shown of an output: that of an apply has the plan's
// secrets masked already.
func fingerprint(output string) string { return text.Fingerprint(clean.Masked(output)) }

// readExact reads the saved plan.
func readExact(ctx context.Context, in steps.Input, folders []string, printed *terraform.Plan) (terraform.Plan, saved.Shown, error) {
	made := saved.Folder(in.Attempt)
	how, err := made.Show(ctx, saved.Made{
		Checkout: in.World.Checkout.Dir, Folders: folders, Environ: in.World.Environ, Through: recipeCommand(ctx, in),
	})
	if err != nil {
		return terraform.Plan{}, saved.Shown{}, err
	}
	plan, err := made.Read(ctx, policyOf(in), printed)
	return plan, how, err
}

// policyOf returns what a plan of this step may do.
func policyOf(in steps.Input) terraform.Policy {
	p := in.World.Policy
	p.Service, p.Release = in.Params["service"], cmp.Or(in.Facts[factImageTag], in.Facts[factPlanTag], in.Release())
	return p
}

// readPlan reads the plan of an execution: its JSON if that is kept, else what was
// printed.
func readPlan(ctx context.Context, in steps.Input) (*steps.PlanReading, error) {
	policy, made := policyOf(in), saved.Folder(in.Attempt)
	r := &steps.PlanReading{Asked: in.World.ApplyAsks}
	printed, textErr := made.Printed(ctx)
	var evidence *terraform.Plan
	if textErr == nil {
		evidence = &printed
	}
	var err error
	switch r.Plan, err = made.Read(ctx, policy, evidence); {
	case err == nil:
		r.Exact, r.Plan.Warnings = true, saved.Warnings(r.Plan, printed)
		r.Lines = func(i int) ([]terraform.Line, clean.Text, error) {
			lines, err := made.Lines(r.Plan.Changes[i])
			return lines, clean.Text{}, err
		}
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case textErr != nil:
		return nil, fmt.Errorf("reading the plan: %w", textErr)
	default:
		r.Plan = printed
		r.Lines = func(i int) ([]terraform.Line, clean.Text, error) { return nil, r.Plan.Changes[i].Body, nil }
	}
	r.Judgement = terraform.Judge(r.Plan, policy)
	r.Groups = terraform.Order(r.Plan, r.Judgement)
	return r, nil
}

// questionLength is how many bytes at the end of an output are searched for Terraform's
// question, which is shorter.
const questionLength = 4 << 10

// prompt is how Terraform asks. An apply is answered yes at most once: what a second
// question is about wasn't reviewed.
const prompt = "Enter a value:"

// answerApply compares the plan that apply shows with the reviewed one before it answers
// the question: what was reviewed is applied, or nothing. Terraform doesn't ask about a
// saved plan.
func answerApply(in steps.Input, output string) (reply string, note clean.Text) {
	if !text.AsksApproval(output[max(0, len(output)-questionLength):]) {
		return "", clean.Text{}
	}
	if !in.World.ApplyAsks {
		return "no\n", clean.Line("The recipe has not taken the saved plan and asks about one of its own: answering no.")
	}
	if strings.Contains(output, command.Gap) {
		return "no\n", clean.Line("The plan is too long to be kept in full, so it can't be compared with the reviewed one: answering no.")
	}
	if strings.Count(output, prompt) > 1 {
		return "no\n", clean.Line("This is a second question, about what nobody has reviewed: answering no.")
	}
	if print := fingerprint(output); print != "" && print == in.Facts[factPlanText] {
		return "yes\n", clean.Line("This is the plan that was reviewed: answering yes.")
	}
	return "no\n", clean.Line("This is not the plan that was reviewed: answering no. Make the plan again and read what has changed.")
}

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
