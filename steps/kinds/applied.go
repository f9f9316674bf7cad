package kinds

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/justfile"
	"catalog-runbook/steps/terraform/progress"
	"catalog-runbook/steps/terraform/saved"
	"catalog-runbook/steps/terraform/state"
	"catalog-runbook/steps/terraform/text"
)

// applied judges what the apply has done, and removes the plan.
func applied(ctx context.Context, in steps.Input, exit int, output string) runbook.Result {
	if in.Relied != "" {
		defer saved.Folder(in.Relied).RemoveAll()
	}
	r := steps.NewReport(in)
	if !in.World.ApplyAsks && stopped(in, effectApply) { // else there was no guard
		return r.Failed("`just apply` was kept from applying or destroying anything but what was reviewed: read its output, and what else the recipe has done.")
	}
	asked, refused := in.World.ApplyAsks, text.NotRefused
	if exit != 0 && !asked {
		refused = text.Refused(output)
	}
	switch {
	case refused != text.NotRefused:
		return r.Failed("%s Terraform itself has changed nothing; read what else the recipe has done.", refusals[refused])
	case exit != 0 && text.Applied(output):
		return r.Failed("%s", halfApplied(exit, asPlanned(ctx, in)))
	case exit != 0:
		return r.Failed("`just apply` ended with exit code %d. %s", exit, mayBeDown(ctx, in, r, output))
	case !asked && in.Facts[factPlanForm] == formSaved && text.ShowsPlan(output):
		// Terraform applies a saved plan without showing it.
		return r.Unknown("`just apply` ended well, but it showed a plan of its own instead of applying the one that was reviewed: read its output.")
	case !asked && in.Facts[factPlanForm] == formSaved:
		return stateAfter(ctx, in, r)
	case !text.Applied(output):
		return r.Unknown("`just apply` ended well, but did not say that the apply is complete: read its output.")
	case strings.Contains(output, command.Gap):
		return r.Unknown("`just apply` ended well, but printed more than is kept of it: read its output.")
	case asked && in.Facts[factPlanText] != "" && fingerprint(output) == in.Facts[factPlanText]:
		return r.Passed("%s is applied.", in.Release())
	}
	return r.Unknown("`just apply` ended well, but what it showed is not the plan that was reviewed: read its output.")
}

// mayBeDown says what an apply that ended early has taken away, going by its plan and by
// what it printed, and what to do next.
func mayBeDown(ctx context.Context, in steps.Input, r *steps.Report, output string) string {
	const next = "Read the output, then run the plan again: it shows what is left to do."
	var left []progress.Unfinished
	if in.Attempt = in.Relied; in.Attempt != "" {
		if reading, err := readPlan(ctx, in); err == nil {
			left = progress.Left(reading.Plan.Changes, output)
		}
	}
	if len(left) == 0 {
		return "What it changed until then stays changed. " + next
	}
	for _, u := range left {
		r.Saw(u.Address, u.Words(), "just apply")
	}
	r.Facts[runbook.MayBeDown] = in.Params["service"] + " may be down"
	return fmt.Sprintf("The service %s may be down. Of %s, %s%s. %s", in.Params["service"], left[0].Address, left[0].Words(), more(len(left)-1), next)
}

// stopped reports whether the guard has kept the recipe from applying something. The
// guard is removed.
func stopped(in steps.Input, recipe string) bool {
	if in.Attempt == "" {
		return false
	}
	g := guardOf(in, recipe)
	defer g.Remove()
	return g.Refused()
}

// stateAfter judges an apply that ended well by the state, which is what the reviewed
// plan said only if that plan was applied, or one that does the same. Neither the exit
// code nor what was printed tells: a recipe may apply another plan and hide that.
func stateAfter(ctx context.Context, in steps.Input, r *steps.Report) runbook.Result {
	program, _, _ := strings.Cut(in.Facts[factPlanTool], " ")
	c, err := compareState(ctx, in, program)
	if err != nil {
		return r.Unknown("`just apply` ended well, but whether it did what was reviewed is unknown, because the state can't be read: %s. Make the plan again: if nothing is left to apply, it was carried out.", err)
	}
	r.Saw("resources in the state", strconv.Itoa(c.Resources), program+" show -json")
	for _, d := range c.Differences {
		r.Saw("not as planned", d.String(), program+" show -json")
	}
	if n := len(c.Differences) + c.More; n > 0 {
		return r.Unknown("`just apply` ended well, but the state is not what the reviewed plan said: %s%s. Someone else may have changed it, or another plan was applied.", c.Differences[0], more(n-1))
	}
	return r.Passed("%s is applied: the state is what the reviewed plan said.", in.Release())
}

// asPlanned reports whether the state is known to be what the reviewed plan said.
func asPlanned(ctx context.Context, in steps.Input) bool {
	if in.Facts[factPlanForm] != formSaved {
		return false
	}
	program, _, _ := strings.Cut(in.Facts[factPlanTool], " ")
	c, err := compareState(ctx, in, program)
	return err == nil && len(c.Differences)+c.More == 0
}

func compareState(ctx context.Context, in steps.Input, program string) (state.Comparison, error) {
	dir := filepath.Join(in.World.Checkout.Dir, filepath.FromSlash(in.Facts[factPlanDir]))
	return saved.Folder(in.Relied).CompareState(ctx, program, dir, in.World.Environ, recipeCommand(ctx, in))
}

// recipeCommand returns the beginning of a command that runs another one in the
// environment of the recipes, nil if there is none or it isn't known.
func recipeCommand(ctx context.Context, in steps.Input) []string {
	file, err := justfile.Read(ctx, in.World.Checkout.Dir, in.World.Environ)
	if err != nil {
		return nil
	}
	return file.Command()
}

// refusals say why Terraform hasn't applied a saved plan, and what to do.
var refusals = map[text.Refusal]string{
	text.ItsArguments: "Terraform takes no saved plan from this recipe, which passes arguments of its own. If it shows its plan and asks before it changes anything, write apply = \"asks\" under [plan] in the settings and resume; else apply by hand.",
	text.Stale:        "Terraform refused the plan: the state has changed since it was made. Run the plan again.",
	text.OtherVersion: "Terraform refused the plan: it was made by a different version. Run the plan again.",
	text.Incomplete:   "Terraform refused the plan: it is incomplete. Run the plan again.",
}

// changesExit is the exit code of `terraform plan -detailed-exitcode` for a plan with
// changes (Terraform documentation, "Command: plan"). just ends with it too, after the
// line of the recipe that did, but so does a recipe in which something else fails with
// it. What was saved shows which.
const changesExit = 2

// aboutChangesExit returns a sentence to add to that a plan has failed, "" if the exit
// code can't come from -detailed-exitcode.
func aboutChangesExit(in steps.Input, exit int, output string) string {
	const option = "-detailed-exitcode"
	inEnviron := slices.ContainsFunc(in.World.Environ, func(entry string) bool {
		return strings.HasPrefix(entry, "TF_CLI_ARGS") && strings.Contains(entry, option)
	})
	if exit != changesExit || !inEnviron && !strings.Contains(output, option) {
		return ""
	}
	return " With " + option + ", Terraform ends so if there are changes, but it has left no saved plan with changes: take " + option + " out of the recipe."
}

// halfApplied describes an apply that was completed according to Terraform, although
// the recipe has failed. just doesn't pass a SIGINT or a SIGHUP on: it waits for the
// recipe, and then ends with 128 and the signal's number even if the recipe ended well.
// asPlanned says that the state was compared with the plan.
func halfApplied(exit int, asPlanned bool) string {
	how := fmt.Sprintf("ended with exit code %d", exit)
	if name, ok := map[syscall.Signal]string{syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM"}[syscall.Signal(exit-128)]; ok {
		how += ", which says that a " + name + " has ended it or something in its recipe"
	}
	state := ""
	if asPlanned {
		state = ", and the state is what the reviewed plan said"
	}
	return "`just apply` " + how + ", although Terraform has printed \"Apply complete!\"" + state + ". Read what the recipe has left undone, and run the plan again: it shows whether anything is left to apply."
}
