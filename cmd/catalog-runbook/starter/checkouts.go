package starter

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// justfiles are the names that just looks for, and how much of one is read.
var justfiles = []string{"justfile", "Justfile", ".justfile"}

const justfileLimit = 1 << 20

// recipe matches the recipes that every infrastructure checkout has.
var recipe = pattern.Lazy(`(?m)^@?(plan|apply)\b[^:=\n]*:(?:[^=]|$)`)

// checkouts returns the git checkouts beside a folder, beside the two folders above it,
// and those folders themselves, whose justfile has the recipes plan and apply, nearest
// first. Those that are called after the infrastructure come alone if there are any.
func checkouts(folder string) []string {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	var all []string
	add := func(path string) {
		if !slices.Contains(all, path) && deploys(path) {
			all = append(all, path)
		}
	}
	for range 3 {
		add(folder)
		entries, _ := os.ReadDir(folder) // a folder that can't be read has none
		for _, e := range entries {
			if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				add(filepath.Join(folder, e.Name()))
			}
		}
		folder = filepath.Dir(folder)
	}
	named := slices.DeleteFunc(slices.Clone(all), func(path string) bool { return !strings.Contains(filepath.Base(path), "infra") })
	if len(named) > 0 {
		return named
	}
	return all
}

// deploys reports whether a folder is a checkout with the recipes plan and apply.
func deploys(folder string) bool {
	if _, err := os.Stat(filepath.Join(folder, ".git")); err != nil {
		return false
	}
	for _, name := range justfiles {
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			continue
		}
		data, _ := io.ReadAll(io.LimitReader(f, justfileLimit))
		_ = f.Close()
		seen := map[string]bool{}
		for _, m := range recipe().FindAllSubmatch(data, -1) {
			seen[string(m[1])] = true
		}
		return seen["plan"] && seen["apply"]
	}
	return false
}
