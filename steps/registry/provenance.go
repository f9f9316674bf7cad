package registry

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/transport"
)

var (
	fullID  = pattern.Lazy(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	shortID = pattern.Lazy(`^[0-9a-f]{7,64}$`)
)

// trace finds out whether the image was built from the commit: by the provenances and
// the labels of its builds, else by a tag named after the commit. It returns an error only
// if the context was canceled; any other leaves the provenance unknown.
func (i *inspection) trace(img *Image, builds []build, commit string) error {
	if !fullID().MatchString(commit) {
		img.ProvenanceText = clean.Line("no full commit id to compare the image with")
		return nil
	}
	same, label, by, other := 0, "", "revision label", ""
	for _, b := range builds {
		if len(b.attested) > 0 {
			if done := attest(img, b, builds, commit); done {
				return nil
			}
			by = "provenance"
		}
		revision := strings.ToLower(b.revision)
		differs := shortID().MatchString(revision) && !strings.HasPrefix(commit, revision)
		if differs && other == "" {
			img.OtherRevision = revision
			other = clean.Linef("the revision label of %s names another commit, %s%s", b.platform, revision, oneOf(builds)).String()
		}
		switch {
		case revision == commit || len(b.attested) > 0:
			same++
		case revision != "" && !differs:
			label = revision
		}
	}
	if same == len(builds) {
		img.Provenance = FromCommit
		img.ProvenanceText = clean.Linef("the %s of %s names the commit%s", by, names(builds), unread(img.Platforms, builds))
		if other != "" {
			img.ProvenanceText = clean.Linef("%s; %s", img.ProvenanceText, other)
		}
		return nil
	}
	why := "no revision label"
	if label != "" {
		why = "the revision label is not a full commit id"
	}
	if len(builds) > 1 {
		why += " for all of " + names(builds)
	}
	if other != "" {
		why = other
		i.wire.most++
		img.Provenance = OtherCommit // unless a tag ties it
	}
	if types.MediaType(img.mediaType).IsIndex() {
		i.wire.most++
	}
	if i.wire.count >= i.wire.most {
		img.ProvenanceText = clean.Linef("%s; not checked: the tag of the commit, because %d requests were used already; verify again to check it", why, i.wire.count)
		return nil
	}
	found, err := i.digestOf(commit)
	if status(err) == http.StatusNotFound {
		// What docker/metadata-action makes of type=sha.
		i.wire.most++
		found, err = i.digestOf("sha-" + commit[:7])
	}
	switch {
	case err == nil && found == img.Digest:
		img.Provenance, img.OtherRevision = FromCommit, ""
		img.ProvenanceText = clean.Linef("%s; the tag of the commit has the same digest", why)
	case err == nil:
		img.ProvenanceText = clean.Linef("%s, and the tag of the commit has a different digest, so nothing links the two", why)
	case status(err) == http.StatusNotFound:
		img.ProvenanceText = clean.Linef("%s, and no tag is named after the commit", why)
	case errors.Is(err, errBudget):
		img.ProvenanceText = clean.Linef("%s; the tag of the commit was not fully checked, because %d requests were used; verify again to check it", why, i.wire.count)
	default:
		problem := i.problem("reading the tag of the commit", err)
		if cause, _ := transport.CauseOf(problem); cause == transport.Cancelled {
			return problem
		}
		text, advice := transport.Divide(problem)
		img.ProvenanceText = clean.Linef("%s, and reading the tag of the commit failed: %s", why, text)
		img.Advice = clean.Line(advice)
	}
	return nil
}

// digestOf returns the digest of what a tag names.
func (i *inspection) digestOf(tag string) (digest string, err error) {
	err = i.do(func(rt http.RoundTripper) error {
		d, err := remote.Head(i.repo.Tag(tag), remote.WithTransport(rt), remote.WithContext(i.ctx))
		if err == nil {
			digest = d.Digest.String()
		}
		return err
	})
	return digest, err
}

// attest compares the commits that an image's provenance names, which outranks its label:
// the label is what whoever builds says, or was inherited from the base image. It reports
// whether that settles the image.
func attest(img *Image, b build, builds []build, commit string) bool {
	for _, c := range b.attested {
		switch {
		case c.revision == commit:
			continue
		case c.revision == commit+dirty:
			img.ProvenanceText = clean.Linef("the provenance of %s names the commit, but with uncommitted changes", b.platform)
		case c.source:
			img.ProvenanceText = clean.Linef("the provenance of %s says that %s was built, which is another commit or an annotated tag", b.platform, c.revision)
		default:
			img.Provenance = OtherCommit
			img.ProvenanceText = clean.Linef("the provenance of %s names another commit, %s%s", b.platform, c.revision, oneOf(builds))
		}
		return true
	}
	return false
}

// oneOf says that a build is one of several, of which a machine may take any.
func oneOf(builds []build) string {
	if len(builds) == 1 {
		return ""
	}
	return ", in one of the index's entries for " + names(builds)
}

// unread names the platforms whose label wasn't read: each is built by itself, and
// may come from another commit.
func unread(platforms []string, read []build) string {
	rest := slices.DeleteFunc(slices.Clone(platforms), func(p string) bool {
		return slices.ContainsFunc(read, func(b build) bool { return b.platform == p })
	})
	if len(rest) == 0 {
		return ""
	}
	return "; not read: " + strings.Join(rest, ", ")
}
