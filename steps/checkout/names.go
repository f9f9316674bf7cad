package checkout

import (
	"context"
	"regexp"
	"strings"
)

// Names returns the files of the checked-out commit in which the version stands
// as a whole word, sorted, or none. It says where a version is written, not
// what it is written for: a change log names versions, too.
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
