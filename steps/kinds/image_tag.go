package kinds

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/registry"
)

// imageTag is a step in which a person makes sure that the registry has the release's
// image. A check costs at most four requests, except in the few cases that
// registry.Client.Inspect names.
var imageTag = &steps.Kind{
	Name:      "image-tag",
	Doc:       "See that the registry has an image under the release's tag, built from the release's commit.",
	Params:    []steps.Param{{Name: "image", Doc: "the image's reference without a tag", Required: true, Setting: "[image] reference"}},
	Recognise: linked("image", packageLink, "a link to the package %s"),
	Reads: func(s *document.Step) (string, bool) {
		text := s.Text.String()
		return "words about the tag of an image", strings.Contains(text, "tag") &&
			(near(text, imageWords, 40, tagWords...) || near(text, tagWords, 40, "ghcr", "registry", "image"))
	},
	Link:     linkParam("image", packageLink),
	Mentions: []runbook.Mention{{Fact: factImageDigest, Name: "image"}},
	Check: &steps.Check{
		Ask:      checkImageTag,
		Fresh:    15 * time.Minute,
		Harmless: true,              // the plan shows what would be deployed
		Needs:    factReleaseCommit, // without it a check can't tell what was built
		Again: func(res runbook.Result) time.Duration {
			return soonIf(res.Verdict == runbook.Failed && len(res.Evidence) == 0)
		},
	},
}

const (
	// factImageDigest is the digest of what the tag names, an index or a manifest.
	factImageDigest runbook.Fact = "image.digest"
	// factImageManifests lists the manifests of an index, one per line: a digest, a space,
	// and the platform.
	factImageManifests runbook.Fact = "image.manifests"
)

var (
	imageWords = []string{"docker", "image", "container"}
	tagWords   = []string{"tag", "tags"}
)

func checkImageTag(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	image, tag := in.Params["image"], in.Release()
	switch {
	case image == "":
		return r.Unknown("The image is not known: set [image] reference.")
	case tag == "":
		return r.Unknown("No release has been chosen, so there is no tag to look for.")
	}
	built := func() string { return in.Await(ctx, factReleaseCommit) }
	img, err := in.World.Registry.InspectBuilt(ctx, image, tag, built)
	if errors.Is(err, registry.ErrAbsent) {
		return r.Failed("%s has no tag %s yet.", image, tag)
	}
	var not *registry.NotImage
	if errors.As(err, &not) {
		r.Saw("digest", not.Digest, img.Reference)
		if !not.Known {
			return r.Unknown("%s:%s holds %s, which may be no container image. Look at it, and push the image under this tag or correct [image] reference.", image, tag, not.What)
		}
		return r.Failed("%s:%s holds %s, not a container image. Push the image under this tag, or correct [image] reference.", image, tag, not.What)
	}
	if err != nil {
		return r.Problem("Looking for "+image+":"+tag, err)
	}
	r.Facts[factImageDigest] = img.Digest
	for _, digest := range slices.Sorted(maps.Keys(img.Manifests)) {
		r.Facts[factImageManifests] += digest + " " + img.Manifests[digest] + "\n"
	}
	r.Saw("digest", img.Digest, img.Reference)
	r.Saw("created", stamp(img.Created), img.Reference)
	if len(img.Platforms) > 0 {
		r.Saw("platforms", strings.Join(img.Platforms, ", "), img.Reference)
	}
	r.Saw("built from", img.ProvenanceText.String(), img.Reference)
	if img.OtherRevision != "" {
		if res, settled := judgeLabel(ctx, in, r, img, image, tag); settled {
			return res
		}
	}
	switch {
	case img.Provenance == registry.OtherCommit:
		return r.Failed("%s:%s is there, but was not built from the release's commit: %s.", image, tag, img.ProvenanceText)
	case built() == "":
		return r.Unknown("%s:%s is there; which commit it should be built from is not known. Verify the release first.", image, tag)
	case img.Provenance != registry.FromCommit:
		return r.Unknown("%s:%s is there, but nothing ties it to the release's commit: %s. Where you know what it was built from, skip this step with that as the reason.", image, tag, img.ProvenanceText)
	}
	return r.Passed("%s:%s is there, built from the release's commit: %s.", image, tag, img.ProvenanceText)
}

// judgeLabel finds out whether the other commit that the image's label names is one of
// the release's repository. If it isn't, the label was inherited from the base image, as
// that of apache/airflow is, and settles nothing.
func judgeLabel(ctx context.Context, in steps.Input, r *steps.Report, img registry.Image, image, tag string) (_ runbook.Result, settled bool) {
	label := clean.Line(img.OtherRevision)
	repo, err := github.ParseRepository(in.Await(ctx, factReleaseRepository))
	if err != nil {
		return r.Unknown("%s:%s is there; whether the commit %s, which its label names, is one of the release's repository is not known. Verify the release first.", image, tag, label), true
	}
	ours, err := in.World.GitHub.HasCommit(ctx, repo, img.OtherRevision)
	switch {
	case err != nil:
		return r.Problem("Looking for the commit "+label.String()+", which the image's label names", err), true
	case ours && img.Provenance == registry.FromCommit:
		return r.Unknown("%s:%s is there, but its label names another commit of %s than its provenance: %s.", image, tag, repo, img.ProvenanceText), true
	case ours:
		return r.Failed("%s:%s is there, but was not built from the release's commit: %s.", image, tag, img.ProvenanceText), true
	}
	r.Saw("label", "the commit "+label.String()+" isn't one of "+repo.String()+", so the base image's", img.Reference)
	if img.Provenance == registry.FromCommit {
		return runbook.Result{}, false
	}
	return r.Unknown("%s:%s is there, but nothing ties it to the release's commit: %s, which was inherited from a base image. Where you know what it was built from, skip this step with that as the reason.", image, tag, img.ProvenanceText), true
}

// stamp formats a time for evidence. It is in UTC, so that everybody reads the same.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
