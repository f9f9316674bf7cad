package checkout

import (
	"fmt"
	"net/netip"
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

// A token consists of the characters of an image's tag (OCI distribution
// specification, "Pulling manifests"). Versions are tokens.
var (
	token = pattern.Lazy(`[A-Za-z0-9._-]+`)
	whole = pattern.Lazy(`^[A-Za-z0-9._-]+$`)
	// A version has numbers with dots between them, a "v" before a number, or a date, or
	// it is a name that images have for their newest one.
	version  = pattern.Lazy(`(?i)^(?:latest|main|master|edge|stable|nightly)$|(?:^|[-_v])[0-9]+\.[0-9]+|(?:^|[-_])v[0-9]|^20[0-9]{6}`)
	commitID = pattern.Lazy(`^(?:sha-)?[0-9]*[a-f][0-9a-f]*$`)
	semantic = pattern.Lazy(`v?[0-9]+\.[0-9]+(?:\.[0-9]+)?[0-9A-Za-z.+-]*$`)
)

// VersionChange returns the version that a diff changes to tag. The diff must change
// nothing else: each removed line must have an added one that differs only in one
// token, which was the same version everywhere and now is tag. Otherwise VersionChange
// returns an error that says why.
func VersionChange(d Diff, tag string) (from string, err error) {
	if !whole().MatchString(tag) {
		return "", mismatch(unusableTag, "%q cannot be the tag of an image", tag)
	}
	for _, file := range d.Files {
		if file.State != modified {
			return "", mismatch(otherFile, "%s %s, but only a version was to change", file.Path, file.State)
		}
		for _, hunk := range file.Hunks {
			pairs, ok := hunk.pairs()
			if !ok {
				return "", mismatch(otherLines, "%s has lines more or less than before, but only a version was to change", file.Path)
			}
			for _, pair := range pairs {
				was, err := pair.version(file.Path, tag)
				if err != nil {
					return "", err
				}
				if from != "" && was != from {
					return "", mismatch(mixedBefore, "the version was %s in one place and %s in another", from, was)
				}
				from = was
			}
		}
	}
	if from == "" {
		return "", mismatch(noChange, "no version is changed")
	}
	return from, nil
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

// version returns the old version of a line whose only change is from it to tag.
func (p pair) version(path, tag string) (string, error) {
	before, after := token().FindAllString(p.old.Text, -1), token().FindAllString(p.new.Text, -1)
	differ := -1
	for i := range before {
		if i < len(after) && before[i] != after[i] {
			if differ >= 0 {
				differ = len(before) // a second one
				break
			}
			differ = i
		}
	}
	between := token().ReplaceAllString(p.old.Text, "x") == token().ReplaceAllString(p.new.Text, "x")
	switch {
	case len(before) != len(after) || !between || p.old.NoEOL != p.new.NoEOL || differ < 0 || differ == len(before):
		return "", mismatch(otherText, "%s changes more than a version: %q becomes %q", path, p.old.Text, p.new.Text)
	case after[differ] != tag && !(after[differ] == strings.TrimPrefix(tag, "v") && !strings.HasPrefix(before[differ], "v")):
		return "", mismatch(wrongTag, "%s changes to %s, but %s was chosen", path, after[differ], tag)
	case !isVersion(before[differ]):
		return "", mismatch(noVersion, "%s changes %q, which is no version", path, before[differ])
	}
	return before[differ], nil
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
