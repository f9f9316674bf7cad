package registry

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"golang.org/x/mod/semver"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// Absent says that the registry shows a repository that doesn't have a tag, nor the same
// version in another spelling. It is ErrAbsent.
type Absent struct {
	Tag  string
	Tags []string // those that the repository has, as far as the first page lists them
	More bool     // there are more
}

// Error returns a clause.
func (a *Absent) Error() string {
	return clean.Linef("looking for the tag %s: %v", a.Tag, ErrAbsent).String()
}

// Unwrap returns ErrAbsent.
func (a *Absent) Unwrap() error { return ErrAbsent }

// Near returns the tags nearest to the one that is absent: those that move on with each
// version, such as "1.5" of v1.5.4, and the versions just before and after it.
func (a *Absent) Near() (moving []string, before, after string) {
	bare := strings.TrimPrefix(a.Tag, "v")
	version := inSemver(a.Tag)
	for _, tag := range a.Tags {
		v := inSemver(tag)
		switch other := strings.TrimPrefix(tag, "v"); {
		case other != "" && strings.HasPrefix(bare, other+"."):
			moving = append(moving, tag)
		case !semver.IsValid(version) || !semver.IsValid(v) || !strings.Contains(other, "."):
		case semver.Compare(v, version) < 0 && (before == "" || semver.Compare(v, inSemver(before)) > 0):
			before = tag
		case semver.Compare(v, version) > 0 && (after == "" || semver.Compare(v, inSemver(after)) < 0):
			after = tag
		}
	}
	return moving, before, after
}

var numbers = pattern.Lazy(`^[0-9]+(\.[0-9]+)(\.[0-9]+)?(?:[-.][0-9A-Za-z.-]+)?$`)

// spellings returns how else the tag of a version is written: docker/metadata-action
// (github.com/docker/metadata-action, "type=semver") makes 1.5.4 of the Git tag v1.5.4, and
// 0.34.0 of v0.34.
func spellings(tag string) []string {
	bare, had := strings.CutPrefix(tag, "v")
	m := numbers().FindStringSubmatch(bare)
	switch {
	case m == nil:
		return nil
	case had && m[2] == "" && len(bare) == strings.Index(bare, m[1])+len(m[1]):
		return []string{bare + ".0", bare}
	case had:
		return []string{bare}
	}
	return []string{"v" + bare}
}

// spelled is what is remembered of a tag: how the repository writes it, and the image to
// which no other spelling led anywhere else.
type spelled struct {
	tag, digest string
	until       time.Time
}

// spellingLasts is how long that counts: as long as a check of the image does.
const spellingLasts = 15 * time.Minute

// known returns what is remembered of a tag.
func (i *inspection) known(tag string) spelled {
	i.c.mu.Lock()
	defer i.c.mu.Unlock()
	if known := i.c.spellings[i.repo.Name()+":"+tag]; i.c.now().Before(known.until) {
		return known
	}
	return spelled{}
}

// find reads the manifest or the index of a tag, else that of another spelling of it, and
// records in img which it was. Registries answer MANIFEST_UNKNOWN also for a repository
// that doesn't exist or is hidden, so a tag is absent only if the repository's tags can be
// listed as the same user.
func (i *inspection) find(img *Image, tag string) (manifest, error) {
	first, others := tag, spellings(tag)
	if known := i.known(tag).tag; known != "" && known != tag {
		first, others = known, []string{tag}
	}
	for {
		top, found, err := i.firstOf(img, first)
		if found || err != nil {
			return top, err
		}
		anonymous := i.who() == authn.Anonymous
		i.listed = nil
		a, err := i.tags(mostTags, 1, "finding whether the repository is visible")
		if err != nil {
			return top, err
		}
		if anonymous != (i.who() == authn.Anonymous) {
			continue // the tags were listed with credentials; ask for the tag with them too
		}
		i.wire.most += len(others)
		has := func(other string) bool { return a.More || slices.Contains(i.listed, other) }
		if top, found, err = i.firstOf(img, slices.DeleteFunc(others, func(o string) bool { return !has(o) })...); found || err != nil {
			return top, err
		}
		return top, &Absent{Tag: tag, Tags: i.listed, More: a.More}
	}
}

// firstOf reads what the first of the tags leads to that is there.
func (i *inspection) firstOf(img *Image, tags ...string) (top manifest, found bool, err error) {
	for _, tag := range tags {
		top, err = i.manifest(i.repo.Tag(tag))
		switch {
		case err == nil:
			img.Tag, img.Reference = tag, i.repo.Name()+":"+tag
			return top, true, nil
		case status(err) != http.StatusNotFound:
			return top, false, i.problem("signing in and finding the tag", err)
		case unaccepted(err):
			return top, false, i.broken("%s returned the tag in a format that wasn't requested", i.host())
		}
	}
	return top, false, nil
}

// compareSpellings finds out whether another spelling of the tag leads to another image,
// if that isn't remembered, and records it in img. Of an image that wasn't built from the
// commit it doesn't matter.
func (i *inspection) compareSpellings(img *Image, tag string) error {
	if img.Provenance != FromCommit || i.known(tag).digest == img.Digest {
		return nil
	}
	for _, other := range append([]string{tag}, spellings(tag)...) {
		if other == img.Tag {
			continue
		}
		i.wire.most++
		switch digest, err := i.digestOf(other); {
		case status(err) == http.StatusNotFound:
		case err != nil:
			return err
		case digest != img.Digest:
			img.Other = other
			return nil
		}
	}
	i.c.mu.Lock()
	defer i.c.mu.Unlock()
	i.c.spellings[i.repo.Name()+":"+tag] = spelled{img.Tag, img.Digest, i.c.now().Add(spellingLasts)}
	return nil
}
