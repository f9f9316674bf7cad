package steps

import (
	"context"
	"errors"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/registry"
)

var _ = register(imageTagKind{})

// imageTagKind is a step in which somebody looks whether the image of the
// release is in the registry. At most four requests answer a check, but for the
// few cases that registry.Client.Inspect names.
type imageTagKind struct{}

func (imageTagKind) Name() string { return "image-tag" }
func (imageTagKind) Doc() string {
	return "See that the registry has an image under the release's tag, built from the release's commit."
}

func (imageTagKind) Params() []Param { return imageParams }

var imageParams = []Param{{Name: "image", Doc: "the image's reference without a tag", Required: true, Setting: "[image] reference"}}

// Needs names the commit: without it a check cannot say what was built.
func (imageTagKind) Needs() string { return runbook.FactReleaseCommit }

func (imageTagKind) Fresh() time.Duration { return 15 * time.Minute }

var (
	imageWords = []string{"docker", "image", "container"}
	tagWords   = []string{"tag", "tags"}
)

func (imageTagKind) Recognise(s *document.Step) (Match, bool) {
	for _, l := range s.Links {
		if image, ok := packageLink(l.Target); ok {
			return Match{By: ByLink, Why: clean.Linef("a link to the package %s", image), Params: Params{"image": image}}, true
		}
	}
	return Match{}, false
}

func (imageTagKind) Reads(s *document.Step) (string, bool) {
	text := s.Text.String()
	return "words about the tag of an image", strings.Contains(text, "tag") &&
		(near(text, imageWords, 40, tagWords...) || near(text, tagWords, 40, "ghcr", "registry", "image"))
}

func (imageTagKind) Check(ctx context.Context, in Input) runbook.Result {
	r := newReport(in)
	image, tag, commit := in.Params["image"], in.Release(), in.Facts[runbook.FactReleaseCommit]
	switch {
	case image == "":
		return r.unknown("The image is not known: set [image] reference.")
	case tag == "":
		return r.unknown("No release has been chosen, so there is no tag to look for.")
	}
	img, err := in.World.Registry.Inspect(ctx, image, tag, commit)
	if errors.Is(err, registry.ErrAbsent) {
		return r.failed("%s has no tag %s yet.", image, tag)
	}
	if err != nil {
		return r.problem("Looking for "+image+":"+tag, err)
	}
	r.facts[runbook.FactImageDigest] = img.Digest
	r.saw("digest", img.Digest, img.Reference)
	r.saw("created", stamp(img.Created), img.Reference)
	if len(img.Platforms) > 0 {
		r.saw("platforms", strings.Join(img.Platforms, ", "), img.Reference)
	}
	r.saw("built from", img.ProvenanceText.String(), img.Reference)
	switch {
	case img.Provenance == registry.OtherCommit:
		return r.failed("%s:%s is there, but was not built from the release's commit: %s.", image, tag, img.ProvenanceText)
	case commit == "":
		return r.unknown("%s:%s is there; which commit it should be built from is not known. Verify the release first.", image, tag)
	case img.Provenance != registry.FromCommit:
		return r.unknown("%s:%s is there, but nothing ties it to the release's commit: %s. Where you know what it was built from, skip this step with that as the reason.", image, tag, img.ProvenanceText)
	}
	return r.passed("%s:%s is there, built from the release's commit: %s.", image, tag, img.ProvenanceText)
}

func (imageTagKind) Again(res runbook.Result) time.Duration {
	if res.Verdict == runbook.Failed && len(res.Evidence) == 0 {
		return 5 * time.Second
	}
	return 0
}
