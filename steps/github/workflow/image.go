package workflow

import (
	"cmp"
	"regexp"
	"strings"
)

// A match says whether a text means something, as far as it is known.
type match int

const (
	other     match = iota
	elsewhere       // the same name at another registry, of which the image's may be a mirror
	maybe
	certain
)

// image is the reference of an image without a tag, in lower case: "ghcr.io/owner/name".
// If it is empty, every image may be it.
type image string

func (i image) registry() string {
	host, _, _ := strings.Cut(string(i), "/")
	return host
}

// named returns whether a reference, with or without a tag, names the image.
func (i image) named(reference string) match {
	reference = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(reference), "docker://"))
	reference, _, _ = strings.Cut(reference, "@")
	if at := strings.LastIndexByte(reference, ':'); at > strings.LastIndexByte(reference, '/') {
		reference = reference[:at]
	}
	reference = qualified(reference)
	m := same(reference, string(i))
	if _, name, ok := strings.Cut(reference, "/"); m == other && ok && !strings.Contains(name, gap) && strings.HasSuffix(string(i), "/"+name) {
		return elsewhere
	}
	return m
}

// qualified adds the registry that Docker takes for granted.
func qualified(reference string) string {
	host, rest, slash := strings.Cut(reference, "/")
	switch {
	case slash && (strings.ContainsAny(host, ".:"+gap) || host == "localhost"):
		return strings.Replace(reference, "index.docker.io/", "docker.io/", 1)
	case strings.HasPrefix(host, gap):
		return reference
	case !slash:
		return "docker.io/library/" + host
	}
	return "docker.io/" + host + "/" + rest
}

// at returns whether the host of a registry is the image's, as a login names it: no host
// is Docker's own.
func (i image) at(host string) match {
	host = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(host)), "https://"), "http://")
	host, _, _ = strings.Cut(host, "/")
	if host == "index.docker.io" || host == "registry-1.docker.io" {
		host = ""
	}
	return same(cmp.Or(host, "docker.io"), i.registry())
}

// same compares a text that may have gaps.
func same(text, want string) match {
	switch {
	case want == "":
		return maybe
	case !strings.Contains(text, gap) && text == want:
		return certain
	case strings.Contains(text, gap) && whole(shape(text)).MatchString(want):
		return maybe
	}
	return other
}

// shape returns an expression for what a text with gaps may be.
func shape(text string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(text), gap, ".*")
}

// whole compiles an expression for a whole text.
func whole(shape string) *regexp.Regexp { return regexp.MustCompile(`(?s)^(?:` + shape + `)$`) }
