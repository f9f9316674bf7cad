package kinds

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/justfile"
	"catalog-runbook/steps/terraform/guard"
	"catalog-runbook/steps/terraform/saved"
)

// preparePlan makes Terraform save the plan without touching the recipe, and
// prepareApply hands it the reviewed one: Terraform adds the words of TF_CLI_ARGS_name
// to the arguments of its command of that name (Terraform documentation, "Environment
// Variables"). They come before those of the recipe. The recipe can therefore keep
// Terraform from taking a saved plan, but it can't make Terraform apply another plan
// beside it, because Terraform takes at most one. A recipe that is seen to take the
// variable away is refused before anything runs, a guard on the PATH stops Terraform in
// others, and what the state holds afterwards shows what was applied.
//
// Without a saved plan only Terraform's question ties what is applied to what was
// reviewed, and only a person knows whether the recipe lets it ask.
func preparePlan(ctx context.Context, in steps.Input) ([]string, error) {
	if in.Attempt == "" {
		return nil, nil
	}
	return handOver(ctx, in, effectPlan, "-no-color", "-out="+saved.Folder(in.Attempt).Plan())
}

// prepareApply hands Terraform the plan that was reviewed.
func prepareApply(ctx context.Context, in steps.Input) ([]string, error) {
	hasSaved := in.Facts[factPlanForm] == formSaved
	if hasSaved {
		if err := unchanged(ctx, in); err != nil {
			return nil, err
		}
		// Another process may have read the plan.
		if err := saved.Folder(in.Relied).KnowSecrets(ctx); err != nil {
			return nil, lapse("can't read what the plan marks as sensitive: %s", err)
		}
	}
	switch {
	case in.World.ApplyAsks:
		return nil, asks(ctx, in)
	case hasSaved:
		return handOver(ctx, in, effectApply, saved.Folder(in.Relied).Plan())
	}
	return nil, errors.New("`just plan` has left no saved plan, so nothing ties what `just apply` would do to what was read; " +
		"hint: if it shows its plan and asks before it changes anything, write apply = \"asks\" under [plan] in the settings, and resume; else apply it by hand")
}

// handOver returns the variable that adds words to the arguments of Terraform's command
// of that name, after those that it has in the caller's environment or in .env. It
// returns an error if the variable would not reach Terraform.
func handOver(ctx context.Context, in steps.Input, recipe string, words ...string) ([]string, error) {
	file, err := justfile.Read(ctx, in.World.Checkout.Dir, in.World.Environ)
	if err != nil {
		return nil, fmt.Errorf("finding out what `just %s` does with the plan: %w", recipe, err)
	}
	name := saved.Variable(recipe)
	environ := in.World.Environ
	value, beats, err := file.Dotenv(ctx, environ, name)
	if err != nil {
		return nil, err
	}
	obstacles := file.Obstacles(recipe, name)
	switch {
	case value != "" && beats:
		obstacles = append(obstacles, ".env sets "+name+", and the justfile says `set dotenv-override`")
	case value != "" && !slices.ContainsFunc(environ, func(entry string) bool { return strings.HasPrefix(entry, name+"=") }):
		environ = append(slices.Clone(environ), name+"="+value)
	}
	if len(obstacles) > 0 && !in.World.ApplyAsks {
		return nil, obstructed(recipe, obstacles)
	}
	arguments, err := saved.Arguments(environ, recipe, words...)
	if err != nil {
		return nil, err
	}
	plan := ""
	if recipe == effectApply {
		plan = saved.Folder(in.Relied).Plan()
	}
	path, err := guardOf(in, recipe).Install(plan, variable(environ, "PATH"))
	return append(arguments, "PATH="+path), err
}

// guardOf returns what keeps a recipe from applying another plan.
func guardOf(in steps.Input, recipe string) guard.Folder {
	return guard.Folder(filepath.Join(filepath.Dir(in.Attempt), "guard-"+recipe))
}

// variable returns the value of a variable; the last entry counts.
func variable(environ []string, name string) (value string) {
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}

func obstructed(recipe string, obstacles []string) error {
	what := "the plan that it makes could not be saved"
	if recipe == effectApply {
		what = "it would not apply the plan that was reviewed"
	}
	return say.Hint(fmt.Errorf("`just %s` was not run, because %s: %s%s", recipe, what, clean.Line(obstacles[0]), more(len(obstacles)-1)),
		"pass arguments in the recipe's own command, and let it keep the caller's environment")
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

// asks returns an error if Terraform's question couldn't be answered, or wouldn't be
// asked.
func asks(ctx context.Context, in steps.Input) error {
	if in.Facts[factPlanText] == "" {
		return errors.New("what `just plan` has printed is not what its plan says, so what `just apply` shows can't be compared with it; hint: apply it by hand")
	}
	const approval = "auto-approve"
	for _, entry := range in.World.Environ {
		name, value, _ := strings.Cut(entry, "=")
		if (name == "TF_CLI_ARGS" || name == saved.Variable(effectApply)) && strings.Contains(value, approval) {
			return fmt.Errorf("%s lets Terraform apply without asking; hint: take it out of the environment, and resume", name)
		}
	}
	file, err := justfile.Read(ctx, in.World.Checkout.Dir, in.World.Environ)
	if err != nil {
		return fmt.Errorf("finding out whether `just apply` asks: %w", err)
	}
	found := file.Approvals(effectApply)
	for _, name := range []string{"TF_CLI_ARGS", saved.Variable(effectApply)} {
		value, _, err := file.Dotenv(ctx, in.World.Environ, name)
		if err != nil {
			return err
		}
		if strings.Contains(value, approval) {
			found = append(found, ".env gives "+name+" the flag -"+approval)
		}
	}
	if len(found) > 0 {
		return say.Hint(fmt.Errorf("`just apply` was not run, because it would not ask: %s%s", clean.Line(found[0]), more(len(found)-1)), "take the flag out, and make the plan again")
	}
	return nil
}

// unchanged returns a *steps.Lapse if the saved plan isn't the reviewed one, or was made
// by another version or from another configuration, which Terraform doesn't always say.
func unchanged(ctx context.Context, in steps.Input) error {
	if err := kept(in); err != nil {
		return err
	}
	reviewed := saved.Folder(in.Relied)
	hash, err := reviewed.Hash()
	switch {
	case err != nil:
		return lapse("can't read the plan that was reviewed: %s", err)
	case hash != in.Facts[factPlanHash]:
		return lapse("the saved plan is not the one that was reviewed")
	}
	if own := in.Facts[factPlanFile]; own != "" {
		if hash, err := saved.Hash(own); err != nil || hash != in.Facts[factPlanHash] {
			return lapse("%s is no longer the plan that was reviewed", own)
		}
	}
	program, version, ok := strings.Cut(in.Facts[factPlanTool], " ")
	if !ok {
		return nil // the saved plan couldn't be read, so what made it isn't known
	}
	dir := filepath.Join(in.World.Checkout.Dir, filepath.FromSlash(in.Facts[factPlanDir]))
	switch same, err := madeFrom(in, reviewed, dir); {
	case err != nil:
		return lapse("can't read the plan that was reviewed: %s", err)
	case !same:
		return lapse("the configuration in %s has changed since the plan was made", dir)
	}
	now, err := saved.Version(ctx, in.World.Environ, program, dir)
	if err != nil {
		return fmt.Errorf("finding out whether %s is still the one that made the plan: %w", program, err)
	}
	if now != version {
		return lapse("%s is %s now, and it was %s when the plan was made", program, now, version)
	}
	return nil
}

// madeFrom reports whether the configuration in a folder is still that of the plan.
func madeFrom(in steps.Input, plan saved.Folder, dir string) (bool, error) {
	if hash := in.Facts[factPlanConfiguration]; hash != "" {
		now, err := saved.HashConfiguration(dir)
		return now == hash, err
	}
	made, err := saved.ReadConfiguration(plan.Plan())
	return err == nil && made.In(dir), err
}

// kept returns a *steps.Lapse if there was a saved plan that is gone.
func kept(in steps.Input) error {
	if in.Facts[factPlanForm] != formSaved {
		return nil
	}
	if saved.Folder(in.Relied).Gone() {
		return lapse("the plan that was reviewed is gone")
	}
	return nil
}

func lapse(format string, args ...any) error {
	return &steps.Lapse{Why: clean.Linef(format, args...).String(), Hint: "make the plan again, and read it"}
}

// adoptPlan takes over the plan that a recipe has saved in a file of its own, if it was
// saved nowhere else: an -out of the recipe wins over ours. If apply is given that file,
// the guard compares it with what was reviewed. adoptPlan returns the folders in which
// the recipe has made plans, nil if that isn't known. It must be called while the guard
// is there.
func adoptPlan(in steps.Input, r *steps.Report) (folders []string) {
	if in.Attempt == "" {
		return nil
	}
	made, guard := saved.Folder(in.Attempt), guardOf(in, effectPlan)
	folders = guard.In()
	file, since := guard.Out()
	if file == "" || !made.Gone() {
		return folders
	}
	if file, err := made.Adopt(file, since); err == nil { // else there is no saved plan, which is reported
		r.Facts[factPlanFile] = file
		r.Saw("saved in", file, "just plan")
	}
	return folders
}

// withoutPlan returns a difference without the file in which a recipe has saved its
// plan, as long as that is new to git, and still the plan with this hash.
func withoutPlan(d checkout.Diff, file string, want func() (string, error)) checkout.Diff {
	root, err := filepath.EvalSymlinks(d.Root)
	if file == "" || err != nil {
		return d
	}
	i := slices.IndexFunc(d.Files, func(f checkout.FileDiff) bool {
		return f.State == checkout.Untracked && filepath.Join(root, filepath.FromSlash(f.Path)) == file
	})
	if i < 0 {
		return d
	}
	hash, err := want()
	if now, err2 := saved.Hash(file); err == nil && err2 == nil && now == hash {
		d.Files = slices.Delete(slices.Clone(d.Files), i, i+1)
	}
	return d
}
