package github

import (
	"cmp"
	"strings"

	"golang.org/x/mod/semver"

	"catalog-runbook/runbook/pattern"
)

// Part returns what stands before the version in a tag: "catalog-" of "catalog-v1.5.4",
// as tags are formed in a repository that releases several parts. It is "" for "v1.5.4".
func Part(tag string) string {
	i := strings.IndexAny(tag, "0123456789")
	if i < 0 {
		return tag
	}
	if at := versionIn().FindStringSubmatchIndex(tag); at != nil {
		i = at[2] // not a digit in a name: "k8s-v1.2.0"
	}
	return strings.TrimRight(tag[:i], "vV")
}

// versionIn finds a number that begins a word, also behind a "v", and is no part of a name.
var versionIn = pattern.Lazy(`^(?:[^.]*?[-_@/+])??[vV]?([0-9]+)(?:[-_.+]|$)`)

// version returns the version in a tag as package semver has it.
func version(tag string) string {
	return "v" + strings.TrimLeft(strings.TrimPrefix(tag, Part(tag)), "vV")
}

// VersionAfter reports whether the version in tag a is a later semantic version than
// that in b. It returns false if one of them isn't a semantic version.
func VersionAfter(a, b string) bool {
	a, b = version(a), version(b)
	return semver.IsValid(a) && semver.IsValid(b) && semver.Compare(a, b) > 0
}

// CompareTags orders tags by their versions, the latest first.
func CompareTags(a, b string) int {
	return cmp.Or(semver.Compare(version(b), version(a)), strings.Compare(a, b))
}
