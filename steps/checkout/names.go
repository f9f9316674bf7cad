package checkout

import (
	"context"
	"regexp"
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
