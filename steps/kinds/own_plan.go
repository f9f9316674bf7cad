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
