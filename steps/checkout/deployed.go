package checkout

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// Deployed is the version that the main branch names for a service, which is what was
// deployed last if nobody deploys what isn't merged. Its strings are raw.
type Deployed struct {
	Version string // "" if none is named, or several are
	File    string // one that names it
	Branch  string // "origin/main" as it was fetched last, or "main" if it follows no other

	checkout Checkout
	ref      string
	at       func(ctx context.Context, commit, file string) (version string, err error)
}

// Limits of what is read to find the version.
const (
	filesRead   = 40 // with something like a version
	commitsRead = 40 // of the history of a file
)

// Deployed returns the version that the main branch names for a service in an environment.
// A version has the form of like, a tag: that of v1.5.4 is v1.5.3 or 1.5.3. It is found
// where PlaceOf would find a change of it.
func (c Checkout) Deployed(ctx context.Context, main, like, environment, service string) (Deployed, error) {
	form := formOf(like)
	root, err := c.root(ctx)
	if err != nil || form == "" {
		return Deployed{}, err
	}
	c = Checkout{Dir: root, Git: c.Git}
	ref, branch, err := c.upstreamOf(ctx, main)
	if err != nil {
		return Deployed{}, err
	}
	out, err := c.git(ctx, "grep", "-l", "-z", "-I", "-E", "-e", outside+form+outsideAfter, ref, "--")
	switch {
	case err != nil && answered(err):
		return Deployed{Branch: branch}, nil
	case err != nil:
		return Deployed{}, err
	}
	find, err := regexp.Compile(outside + "(" + form + ")" + outsideAfter)
	if err != nil {
		return Deployed{}, err
	}
	d := Deployed{Branch: branch, checkout: c, ref: ref}
	d.at = func(ctx context.Context, commit, file string) (string, error) {
		versions, err := c.versionsAt(ctx, commit, file, find, environment, service)
		return only(versions, like), err
	}
	var found []string
	names := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	for _, name := range names[:min(len(names), filesRead)] {
		file := strings.TrimPrefix(name, ref+":")
		versions, err := c.versionsAt(ctx, ref, file, find, environment, service)
		if err != nil {
			return Deployed{}, err
		}
		if found = append(found, versions...); len(versions) > 0 {
			d.File = file
		}
	}
	d.Version = only(found, like)
	return d, nil
}

// upstreamOf returns the branch that main follows, or main itself, as a full and as a
// short name.
func (c Checkout) upstreamOf(ctx context.Context, main string) (ref, short string, err error) {
	out, err := c.git(ctx, "for-each-ref", "--format=%(upstream)", "refs/heads/"+main)
	if err != nil {
		return "", "", err
	}
	for _, ref := range []string{strings.TrimSpace(out), "refs/remotes/origin/" + main} {
		if ref == "" {
			continue
		}
		if _, err := c.git(ctx, "show-ref", "--verify", "--quiet", ref); err == nil {
			return ref, strings.TrimPrefix(strings.TrimPrefix(ref, "refs/remotes/"), "refs/heads/"), nil
		} else if !answered(err) {
			return "", "", err
		}
	}
	return "refs/heads/" + main, main, nil
}

// What may not stand beside a version.
const (
	outside      = `(^|[^A-Za-z0-9._-])`
	outsideAfter = `($|[^A-Za-z0-9._-])`
)

var (
	digits = pattern.Lazy(`[0-9]+`)
	early  = pattern.Lazy(`-(?:rc|alpha|beta|pre|dev)[.0-9]*$`)
)

// formOf returns an extended regular expression for tags of the same form, "" if the tag
// is no version. git grep and package regexp read it alike.
func formOf(like string) string {
	if !isVersion(like) || !digits().MatchString(like) {
		return ""
	}
	like = early().ReplaceAllString(like, "")
	var form strings.Builder
	if rest, ok := strings.CutPrefix(like, "v"); ok {
		like = rest
		form.WriteString("v?")
	}
	for like != "" {
		at := digits().FindStringIndex(like)
		if at == nil {
			at = []int{len(like), len(like)}
		}
		form.WriteString(regexp.QuoteMeta(like[:at[0]]))
		if at[1] > at[0] {
			form.WriteString("[0-9]+")
		}
		like = like[at[1]:]
	}
	return form.String() + `(-(rc|alpha|beta|pre|dev)[.0-9]*)?`
}

// versionsAt returns the versions that a file names for the service in a commit.
func (c Checkout) versionsAt(ctx context.Context, commit, file string, find *regexp.Regexp, environment, service string) ([]string, error) {
	if isText(file) || otherEnvironment(file, environment) != "" {
		return nil, nil
	}
	text, err := c.git(ctx, "cat-file", "blob", commit+":"+file)
	if err != nil {
		if answered(err) {
			return nil, nil
		}
		return nil, err
	}
	const around = 3 // lines, as in a diff
	lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
	var found []string
	heading := ""
	for i, line := range lines {
		if line != "" && (line[0]|0x20 >= 'a' && line[0]|0x20 <= 'z' || line[0] == '_' || line[0] == '$') {
			heading = line // what git takes for the beginning of a block
		}
		m := find.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		h := Hunk{Heading: heading}
		for k := max(0, i-around); k < min(len(lines), i+around+1); k++ {
			op := byte(' ')
			if k == i {
				op = '+'
			}
			h.Lines = append(h.Lines, Line{Op: op, Text: lines[k]})
		}
		f := FileDiff{Path: file, Hunks: []Hunk{h}}
		if !f.onlyComments() && f.otherEnvironment(environment) == "" && f.names(service) && !f.ofAnother(service) {
			found = append(found, m[2])
		}
	}
	return found, nil
}

// only returns the one version that is named, "" if there are several or none. Numbers
// without the "v" of the form may be of something else, so they count only if there are no
// others.
func only(found []string, like string) string {
	if strings.HasPrefix(like, "v") && slices.ContainsFunc(found, func(v string) bool { return strings.HasPrefix(v, "v") }) {
		found = slices.DeleteFunc(slices.Clone(found), func(v string) bool { return !strings.HasPrefix(v, "v") })
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != 1 {
		return ""
	}
	return found[0]
}

// Previous returns the version that the branch named before the present one, "" if its
// history doesn't show that.
func (d Deployed) Previous(ctx context.Context) (string, error) {
	if d.Version == "" {
		return "", nil
	}
	out, err := d.checkout.git(ctx, "rev-list", fmt.Sprintf("--max-count=%d", commitsRead), d.ref, "--", d.File)
	if err != nil {
		return "", err
	}
	for commit := range strings.FieldsSeq(out) {
		if version, err := d.at(ctx, commit, d.File); err != nil || version != d.Version {
			return version, err
		}
	}
	return "", nil
}
