package kinds

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
)

// The facts of a plan.
const (
	factPlanHash     runbook.Fact = "plan.hash"     // of the saved plan, else of what was printed
	factPlanRelease  runbook.Fact = "plan.release"  // the release that it deploys
	factPlanCheckout runbook.Fact = "plan.checkout" // the checkoutPrint of what it was made from
	factPlanDestroys runbook.Fact = "plan.destroys" // how many resources it destroys, also to replace them
	factPlanForm     runbook.Fact = "plan.form"     // formSaved or formText
	factPlanText     runbook.Fact = "plan.text"     // the fingerprint of the plan as it was printed
	factPlanTool     runbook.Fact = "plan.tool"     // what read the saved plan: "terraform 1.11.4"
	factPlanDir      runbook.Fact = "plan.dir"      // where its configuration is, seen from the checkout
)

// The forms of a plan.
const (
	formSaved = "saved"
	formText  = "text"
)

// preparePlan asks Terraform for a saved plan without touching the recipe, and prepareApply
// hands it the one that was reviewed: Terraform adds the words of TF_CLI_ARGS_name
// to the arguments of its command of that name (its documentation, "Environment
// Variables"). They come before those of the recipe, which therefore can keep a plan
// from being saved, and Terraform from taking a saved one, but cannot make it apply
// another beside it: it takes one plan at the most.
//
// Without a saved plan nothing but a question ties what is applied to what was
// reviewed, and whether a recipe asks can only be known from people.
func preparePlan(_ context.Context, in steps.Input) ([]string, error) {
	if in.Attempt == "" {
		return nil, nil
	}
	return arguments(in.World.Environ, "plan", "-no-color", "-out="+filepath.Join(in.Attempt, savedPlanFile))
}

// prepareApply hands Terraform the plan that was reviewed.
func prepareApply(ctx context.Context, in steps.Input) ([]string, error) {
	saved := in.Facts[factPlanForm] == formSaved
	if saved {
		if err := unchanged(ctx, in); err != nil {
			return nil, err
		}
	}
	switch {
	case in.World.ApplyAsks:
		return nil, asks(in)
	case saved:
		return arguments(in.World.Environ, "apply", filepath.Join(in.Relied, savedPlanFile))
	}
	return nil, errors.New("`just plan` has left no saved plan, so that nothing ties what `just apply` would do to what was read; " +
		"hint: if it shows its plan and asks before it changes anything, write apply = \"asks\" under [plan] in the settings, and resume; else apply it by hand")
}

// asks refuses where the question of the apply could not be answered, or would not
// be asked.
func asks(in steps.Input) error {
	if in.Facts[factPlanText] == "" {
		return errors.New("what `just plan` has printed is not what its plan says, so that what `just apply` shows cannot be compared with it; hint: apply it by hand")
	}
	for _, entry := range in.World.Environ {
		name, value, _ := strings.Cut(entry, "=")
		if (name == "TF_CLI_ARGS" || name == "TF_CLI_ARGS_apply") && strings.Contains(value, "auto-approve") {
			return fmt.Errorf("%s lets Terraform apply without asking; hint: take it out of the environment, and resume", name)
		}
	}
	return nil
}

// arguments adds to those of a command of Terraform that the environment has.
func arguments(environ []string, command string, words ...string) ([]string, error) {
	name := "TF_CLI_ARGS_" + command + "="
	value := ""
	for _, entry := range environ {
		if rest, ok := strings.CutPrefix(entry, name); ok {
			value = rest + " "
		}
	}
	for _, w := range words {
		if strings.ContainsAny(w, "'\n") {
			return nil, fmt.Errorf("the folder of the run has a quotation mark in its name (%s), with which Terraform cannot be given a plan; hint: set XDG_STATE_HOME to another", clean.Line(w))
		}
		value += "'" + w + "' "
	}
	return []string{name + strings.TrimSpace(value)}, nil
}

// unchanged finds a saved plan lapsed that is not the reviewed one, or of which
// Terraform would not say that the world has moved on.
func unchanged(ctx context.Context, in steps.Input) error {
	if err := kept(in); err != nil {
		return err
	}
	saved := filepath.Join(in.Relied, savedPlanFile)
	hash, err := terraform.HashFile(saved)
	switch {
	case err != nil:
		return lapse("the plan that was reviewed cannot be read: %s", err)
	case hash != in.Facts[factPlanHash]:
		return lapse("the saved plan is not the one that was reviewed")
	}
	program, version, ok := strings.Cut(in.Facts[factPlanTool], " ")
	if !ok {
		return nil // nobody could read the saved plan, so nobody knows what made it
	}
	dir := filepath.Join(in.World.Checkout.Dir, filepath.FromSlash(in.Facts[factPlanDir]))
	made, err := terraform.ReadConfiguration(saved)
	if err != nil {
		return lapse("the plan that was reviewed cannot be read: %s", err)
	}
	if !made.In(dir) {
		return lapse("the configuration in %s has changed since the plan was made", dir)
	}
	now, err := toolVersion(ctx, in.World, program, dir)
	if err != nil {
		return fmt.Errorf("finding out whether %s is still the one that made the plan: %w", program, err)
	}
	if now != version {
		return lapse("%s is %s now, and it was %s when the plan was made", program, now, version)
	}
	return nil
}

// kept finds a saved plan lapsed that is not there any more.
func kept(in steps.Input) error {
	if in.Facts[factPlanForm] != formSaved {
		return nil
	}
	if _, err := os.Lstat(filepath.Join(in.Relied, savedPlanFile)); in.Relied == "" || errors.Is(err, os.ErrNotExist) {
		return lapse("the plan that was reviewed is not kept any more")
	}
	return nil
}

func lapse(format string, args ...any) error {
	return &steps.Lapse{Why: clean.Linef(format, args...).String(), Hint: "make the plan again, and read it"}
}
