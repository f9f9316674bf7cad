package checkout

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Names returns the sorted names of the files in the checked-out commit that contain the
// version as a whole word. They include files that only mention it, such as a change
// log.
func (c Checkout) Names(ctx context.Context, version string) ([]string, error) {
	root, err := c.root(ctx)
	if err != nil {
		return nil, err
	}
	pattern := `(^|[^A-Za-z0-9._-])` + regexp.QuoteMeta(version) + `($|[^A-Za-z0-9._-])`
	out, err := Checkout{Dir: root, Git: c.Git}.git(ctx, "grep", "-l", "-z", "-I", "-E", "-e", pattern, "HEAD", "--")
	switch {
	case err != nil && answered(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		files = append(files, strings.TrimPrefix(name, "HEAD:"))
	}
	return files, nil
}

// IgnoredConfiguration returns the sorted names of files that git ignores and that
// Terraform or OpenTofu reads: variables (*.auto.tfvars), overrides (*_override.tf), and
// any other configuration. Nobody else has them, and they change a plan. Files that
// Terraform itself has put into .terraform don't count.
func (c Checkout) IgnoredConfiguration(ctx context.Context) ([]string, error) {
	root, err := c.root(ctx)
	if err != nil {
		return nil, err
	}
	out, err := Checkout{Dir: root, Git: c.Git}.git(ctx, "ls-files", "--others", "--ignored", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		if isConfiguration(path.Base(name)) && !slices.Contains(strings.Split(name, "/"), ".terraform") {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files, nil
}

// isConfiguration reports whether Terraform or OpenTofu reads a file with this name by
// itself ("Files and Configuration Structure" and "Input Variables" in their
// documentations). Of the files with variables, it reads only some by itself.
func isConfiguration(name string) bool {
	plain := strings.TrimSuffix(name, ".json")
	return strings.HasSuffix(plain, ".tf") || strings.HasSuffix(plain, ".tofu") || strings.HasSuffix(plain, ".auto.tfvars") || plain == "terraform.tfvars"
}
