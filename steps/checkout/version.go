package checkout

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// reason is why a diff isn't a change of a version.
type reason int

// The reasons.
const (
	noChange    reason = iota // nothing is changed
	otherFile                 // a file isn't just modified: new, gone, untracked, another mode
	otherLines                // lines were added or removed, not changed
	otherText                 // something else in a line is changed
	noVersion                 // the changed word was no version
	wrongTag                  // the new version isn't the chosen one
	mixedBefore               // the old version wasn't the same everywhere
	unusableTag               // the tag can't be that of an image
)

// versionError says why a diff isn't a change of a version and nothing else.
type versionError struct {
	Reason reason
	Text   clean.Text // a sentence without a final period
}

// Error returns the sentence.
func (e *versionError) Error() string { return e.Text.String() }

// Tokens consist of the characters of an image's tag (OCI distribution specification,
// "Pulling manifests"). Versions are tokens.
var (
	whole = pattern.Lazy(`^[A-Za-z0-9._-]+$`)
	// A version has numbers with dots between them, a "v" before a number, or a date, or
	// it is a name that images have for their newest one.
	version  = pattern.Lazy(`(?i)^(?:latest|main|master|edge|stable|nightly)$|(?:^|[-_v])[0-9]+\.[0-9]+|(?:^|[-_])v[0-9]|^20[0-9]{6}`)
	commitID = pattern.Lazy(`^(?:sha-)?[0-9]*[a-f][0-9a-f]*$`)
	semantic = pattern.Lazy(`v?[0-9]+\.[0-9]+(?:\.[0-9]+)?[0-9A-Za-z.+-]*$`)
)

// Change is a change of a version and of nothing else.
type Change struct {
	From    string   // the version before, as far as a tag named it, else its digest
	Digests []string // those that name the image now, besides the tag or instead of it
	// Kept is a line near the changed ones with a digest that was not changed although a
	// tag was; "" if there is none.
	Kept string
}

// VersionChange returns the change of a version to tag. The diff must change nothing
// else: each removed line must have an added one that differs only in references to an
// image. They must name the same version everywhere before, and afterwards the tag, a
// digest or both. Which image a digest is isn't known here. If the diff is anything else,
// VersionChange returns an error that says why.
func VersionChange(d Diff, tag string) (Change, error) {
	if !whole().MatchString(tag) {
		return Change{}, mismatch(unusableTag, "%q is not a valid image tag", tag)
	}
	var c Change
	var from reference
	for _, file := range d.Files {
		if file.State != modified {
			return Change{}, mismatch(otherFile, "%s %s, but only the version should change", file.Path, file.State)
		}
		for _, hunk := range file.Hunks {
			pairs, ok := hunk.pairs()
			if !ok {
				return Change{}, mismatch(otherLines, "%s has lines added or removed, but only the version should change", file.Path)
			}
			for _, pair := range pairs {
				changes, err := pair.versions(file.Path, tag)
				if err != nil {
					return Change{}, err
				}
				for _, one := range changes {
					if err := from.add(one.old); err != nil {
						return Change{}, err
					}
					if digest := one.new.digest; digest != "" && !slices.Contains(c.Digests, digest) {
						c.Digests = append(c.Digests, digest)
					}
				}
			}
		}
	}
	if c.From = cmp.Or(from.tag, from.digest); c.From == "" {
		return Change{}, mismatch(noChange, "no version changed")
	}
	for _, file := range d.Files {
		for _, hunk := range file.Hunks {
			c.Kept = cmp.Or(c.Kept, hunk.keptDigest(c.Digests))
		}
	}
	return c, nil
}

// add adds what another place named before to r. A tag may stand in one place and the
// digest in another.
func (r *reference) add(old reference) error {
	for _, part := range []struct {
		have *string
		was  string
	}{{&r.tag, old.tag}, {&r.digest, old.digest}} {
		if part.was != "" && *part.have != "" && part.was != *part.have {
			return mismatch(mixedBefore, "the version was %s in one place and %s in another", *part.have, part.was)
		}
		*part.have = cmp.Or(*part.have, part.was)
	}
	return nil
}

type pair struct{ old, new Line }

// pairs pairs the removed and added lines of each run of changes. It returns false if
// their numbers differ.
func (h Hunk) pairs() ([]pair, bool) {
	var all []pair
	var removed, added []Line
	flush := func() bool {
		if len(removed) != len(added) {
			return false
		}
		for i := range removed {
			all = append(all, pair{removed[i], added[i]})
		}
		removed, added = nil, nil
		return true
	}
	for _, line := range h.Lines {
		switch {
		case line.Op == '+':
			added = append(added, line)
		case line.Op == '-' && len(added) == 0:
			removed = append(removed, line)
		case !flush():
			return nil, false
		case line.Op == '-':
			removed = append(removed, line)
		}
	}
	return all, flush()
}

// versions returns the changes of a line in which nothing but versions are changed, to
// tag or to a digest.
func (p pair) versions(path, tag string) ([]changedReference, error) {
	all, ok := changedReferences(p.old.Text, p.new.Text)
	if !ok || p.old.NoEOL != p.new.NoEOL || len(all) == 0 {
		return nil, mismatch(otherText, "%s changes more than a version: %q becomes %q", path, p.old.Text, p.new.Text)
	}
	for i, c := range all {
		isTag := func(name string) bool {
			return name == tag || name == strings.TrimPrefix(tag, "v") && !strings.HasPrefix(c.old.tag, "v")
		}
		switch {
		case c.new.tag != "" && !isTag(c.new.tag):
			return nil, mismatch(wrongTag, "%s changes to %s, but %s was chosen", path, c.new.tag, tag)
		case c.new.tag == "" && isVersion(c.tag) && !isTag(c.tag):
			return nil, mismatch(wrongTag, "%s changes a digest but still names %s, and %s was chosen", path, c.tag, tag)
		case c.old == (reference{}) && c.new.tag == "" && isTag(c.tag):
			all[i].old.tag = c.tag // the digest was added to it
		case c.old == (reference{}):
			return nil, mismatch(otherText, "%s changes more than a version: %q becomes %q", path, p.old.Text, p.new.Text)
		case c.old.tag != "" && !isVersion(c.old.tag):
			return nil, mismatch(noVersion, "%s changes %q, which is not a version", path, c.old.tag)
		}
	}
	return all, nil
}

// isVersion reports whether a token can be a version. A port, the number of an account,
// an address or the type of a machine is none.
func isVersion(token string) bool {
	if _, err := netip.ParseAddr(token); err == nil {
		return false
	}
	return version().MatchString(token) || len(token) >= 7 && commitID().MatchString(token)
}

// Older reports whether one version precedes another, as far as both are semantic
// versions (semver.org), with or without a "v".
func Older(version, than string) bool {
	a, b := semanticPart(version), semanticPart(than)
	return a != "" && b != "" && semver.Compare(a, b) < 0
}

func semanticPart(version string) string {
	v := semantic().FindString(version)
	if v != "" && v[0] != 'v' {
		v = "v" + v
	}
	if !semver.IsValid(v) {
		return ""
	}
	return v
}

func mismatch(reason reason, format string, args ...any) error {
	return &versionError{Reason: reason, Text: clean.Line(fmt.Sprintf(format, args...))}
}

// String returns a stable name for the reason.
func (r reason) String() string {
	return strings.Fields("no-change other-file other-lines other-text no-version wrong-tag mixed-before unusable-tag")[r]
}
