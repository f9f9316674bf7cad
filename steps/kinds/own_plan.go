package kinds

import (
	"path/filepath"
	"slices"

	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/terraform/saved"
)

// adoptPlan takes over the plan that a recipe has saved in a file of its own, if it was
// saved nowhere else: an -out of the recipe wins over ours. If apply is given that file,
// the guard compares it with what was reviewed.
func adoptPlan(in steps.Input, r *steps.Report) {
	made := saved.Folder(in.Attempt)
	if in.Attempt == "" || !made.Gone() {
		return
	}
	file, since := guardOf(in, effectPlan).Out()
	if file == "" {
		return
	}
	if file, err := made.Adopt(file, since); err == nil { // else there is no saved plan, which is reported
		r.Facts[factPlanFile] = file
		r.Saw("saved in", file, "just plan")
	}
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
