package checkout

import (
	"slices"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// reference is how a line names an image: by a tag, by a digest, or by both, as in
// name:tag@sha256:… (the grammar of references in github.com/distribution/reference).
type reference struct{ tag, digest string }

// Lines are compared item by item: digests, tokens, and single characters between them.
var (
	item        = pattern.Lazy(`^(?:sha256:[0-9a-f]{64}\b|[A-Za-z0-9._-]+|(?s:.))`)
	byDigest    = pattern.Lazy(`^@?sha256:([0-9a-f]{64})\b`)
	byTag       = pattern.Lazy(`^:?([A-Za-z0-9._-]+)(?:@sha256:([0-9a-f]{64})\b)?`)
	bareHex     = pattern.Lazy(`^[0-9a-f]{64}$`)
	tagBefore   = pattern.Lazy(`(?:^|[^A-Za-z0-9._/-])([A-Za-z0-9._-]+)@?$`)
	aloneDigest = pattern.Lazy(`(?:^|[^@A-Za-z0-9._-])(sha256:[0-9a-f]{64})\b`)
)

// cutReference returns the reference at the beginning of a text, and the rest.
func cutReference(text string) (reference, string) {
	if m := byDigest().FindStringSubmatch(text); m != nil {
		return reference{digest: "sha256:" + m[1]}, text[len(m[0]):]
	}
	m := byTag().FindStringSubmatch(text)
	switch {
	case m == nil:
		return reference{}, text
	case m[2] != "":
		return reference{tag: m[1], digest: "sha256:" + m[2]}, text[len(m[0]):]
	case bareHex().MatchString(m[1]):
		return reference{digest: "sha256:" + m[1]}, text[len(m[0]):]
	}
	return reference{tag: m[1]}, text[len(m[0]):]
}

// changedReference is a reference in a line that has become another one.
type changedReference struct {
	old, new reference
	// tag is what stands before a digest that was changed or added: "v1.5.4" of
	// name:v1.5.4@sha256:…; "" if nothing does.
	tag string
}

// changedReferences returns the references in which two lines differ, false if they
// differ in anything else.
func changedReferences(old, now string) (all []changedReference, ok bool) {
	line := now
	for {
		for old != "" && now != "" {
			a, b := item().FindString(old), item().FindString(now)
			if a != b {
				break
			}
			old, now = old[len(a):], now[len(b):]
		}
		if old == now {
			return all, old == ""
		}
		c := changedReference{}
		if m := tagBefore().FindStringSubmatch(strings.TrimSuffix(line, now)); m != nil {
			c.tag = m[1]
		}
		c.old, old = cutReference(old)
		if c.new, now = cutReference(now); c.new == (reference{}) {
			return nil, false
		}
		all = append(all, c)
	}
}

// keptDigest returns a line near the changed ones with a digest that stands for itself,
// such as digest = "sha256:…", and isn't one of these; "" if there is none.
func (h Hunk) keptDigest(digests []string) string {
	for _, line := range h.Lines {
		if m := aloneDigest().FindStringSubmatch(line.Text); m != nil && line.Op == ' ' && !slices.Contains(digests, m[1]) {
			return strings.TrimSpace(line.Text)
		}
	}
	return ""
}
