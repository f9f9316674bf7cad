package kinds

import (
	"fmt"
	"slices"
	"strings"
	"syscall"

	"catalog-runbook/steps"
)

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
	return "`just apply` " + how + ", although Terraform has printed \"Apply complete!\"" + state + ". Read what else the recipe has not done, and run the plan again: it shows whether anything is left to apply."
}
