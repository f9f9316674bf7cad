package kinds

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/after"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/registry"
	"catalog-runbook/steps/transport"
)

// imageTag is a step in which a person makes sure that the registry has the release's
// image. A check costs at most five requests once it was answered, except in the few cases
// that registry.Client.Inspect names.
var imageTag = &steps.Kind{
	Name:    "image-tag",
	Doc:     "See that the registry has an image under the release's tag, built from the release's commit.",
	Explain: why.ImageTag,
	Params: []steps.Param{{Name: "image", Doc: "the image's reference without a tag", Required: true, Setting: "[image] reference", Owner: imageOwner},
		{Name: "tag", Doc: "how the image's tag is formed from the release's", Setting: "[image] tag"}},
	Recognise: linked("image", packageLink, "a link to the package %s", onlyChecks, isPushed),
	Reads: sentence.Reads("words about the tag of an image", []string{"image", "tag"}, func(text string) bool {
		return near(text, imageWords, 40, "tag", "tags", "exists", "pushed", "registry", "ghcr") || near(text, tagWords, 40, "ghcr", "registry", "image")
	}, imageSentence),
	Link:     linkParam("image", packageLink),
	Mentions: []runbook.Mention{{Fact: factImageDigest, Name: "image"}},
	Check: &steps.Check{
		Ask:      checkImageTag,
		Fresh:    15 * time.Minute,
		Harmless: true,              // the plan shows what would be deployed
		Needs:    factReleaseCommit, // without it a check can't tell what was built
		Again: func(res runbook.Result) time.Duration {
			return soonIf(res.Facts[factImageComing] != "")
		},
	},
}

const (
	// factImageDigest is the digest of what the tag names, an index or a manifest.
	factImageDigest runbook.Fact = "image.digest"
	// factImageManifests lists the manifests of an index, one per line: a digest, a space,
	// and the platform.
	factImageManifests runbook.Fact = "image.manifests"
	// factImageTag is the tag of the release's image, as the registry spells it.
	factImageTag runbook.Fact = "image.tag"
	// factImageComing is set while the image may be pushed any moment.
	factImageComing runbook.Fact = "image.coming"
)

// pushedBy is how long after the end of its build an image is there at the latest.
const pushedBy = 10 * time.Minute

var (
	imageWords = []string{"docker", "image", "container"}
	tagWords   = []string{"tag", "tags"}
)

// Parts of sentences about an image.
const (
	theImage = `(?:(?:the|a|an|that|its|this) )?(?:(?:new|release|release's|released|corresponding|matching|docker|container|oci|ghcr|name|name's|production) )*(?:image tag|image's tag|docker tag|image|tag)` +
		`(?: (?:corresponding to|that corresponds to|that belongs to|belonging to|of|for|with|matching|that matches|named after|tagged with|under|carrying) (?:(?:the|this|that) )?(?:(?:new|chosen|name|docker) )*(?:release tag|release's tag|release's name|release|version|image|tag|name)(?: tag)?)*`
	inRegistry  = `(?:on|in|at|to) (?:the )?(?:name )?(?:ghcr\.io|ghcr|registry|container registry|image registry|docker registry|package registry|github container registry|github's container registry|github packages)`
	theRegistry = `(?:the )?(?:ghcr\.io|ghcr|registry|container registry|image registry|github container registry|github's container registry|github packages)`
	isThere     = `(?:exists|appears|appeared|shows up|arrives|can be pulled|has arrived|has appeared|(?:is|are)(?: (?:now|already))? (?:there|available|present|published|up|visible|listed|pushed|built)|(?:has|have) been (?:built and )?(?:pushed|published|built|uploaded|tagged)(?: (?:with|under) (?:the|its) (?:new|release|release's) (?:tag|name))?|was (?:pushed|published|built))`
	toBeThere   = `to (?:appear|arrive|exist|show up|be (?:built and )?(?:pushed|published|built|available|there|uploaded))`
)

// imageSentence asks to see that the registry has the image.
var imageSentence = pattern.Lazy(`^` + wordAfter + `(?:after (?:a|one|a few|some|two|five|ten|about [0-9]+|[0-9]+) minutes?, )?(?:` +
	`(?:` + wordCheck + `(?: that| whether| if)?|wait (?:until|till)) ` + theImage + ` (?:` + isThere + `(?: ` + inRegistry + `)?|is(?: (?:now|already))? ` + inRegistry + `)` +
	`|wait for ` + theImage + `(?: ` + toBeThere + `)?(?: ` + inRegistry + `)?` +
	`|(?:` + wordCheck + `(?: that| whether| if)?|wait (?:until|till)) ` + theRegistry + ` (?:has|lists|shows|holds|contains) ` + theImage +
	`|(?:look for|look up|find) ` + theImage + ` ` + inRegistry +
	`|(?:look ` + inRegistry + `|check ` + theRegistry + `) for ` + theImage +
	`)` + wordBefore + `$`)

// isPushed says of an image that it is there.
var isPushed = pattern.Lazy(`\b(?:exists?|(?:is|are) (?:already |now )?(?:there|in|on|listed|available|present|up)|available|pushed|published|uploaded|built|appear\w*|shows? up|arriv\w*|for (?:a|an|the|its|that) [^,.;:]*\b(?:tag|image|version|release)|has (?:a|the|its|an) [^,.;:]*\b(?:tag|image|version))\b`)

// onlyChecks is the deed of a link to what is to be checked, and nothing else.
func onlyChecks(clause string) (rest string, found bool) { return clause, false }

func checkImageTag(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	image, tag := in.Params["image"], in.Release()
	switch {
	case image == "":
		return r.Unknown("%s", in.World.Unset("image", "[image] reference"))
	case tag == "":
		return r.Unknown("Choose a release first.")
	}
	tag, err := steps.MapTag(in.Params["tag"], tag)
	if err != nil {
		return r.Unknown("%s.", say.Capital(err.Error()))
	}
	built := func() string { return in.Await(ctx, factReleaseCommit) }
	img, err := in.World.Registry.InspectBuilt(ctx, image, tag, built)
	var absent *registry.Absent
	if errors.As(err, &absent) {
		return missing(ctx, in, r, image, absent)
	}
	var not *registry.NotImage
	if errors.As(err, &not) {
		r.Saw("digest", not.Digest, img.Reference)
		if !not.Known {
			return r.Unknown("%s:%s holds %s, which may not be a container image. Look at it, and push the image under this tag or correct [image] reference.", image, tag, not.What)
		}
		return r.Failed("%s:%s holds %s, not a container image. Push the image under this tag, or correct [image] reference.", image, tag, not.What)
	}
	if err != nil {
		return hidden(ctx, in, image, r.Problem("Looking for "+image+":"+tag, err), err)
	}
	if img.Tag != tag {
		r.Saw("tag", img.Tag+", which is "+tag+" as the registry spells it", img.Reference)
		tag = img.Tag
	}
	r.Facts[factImageTag] = tag
	r.Facts[factImageDigest] = img.Digest
	for _, digest := range slices.Sorted(maps.Keys(img.Manifests)) {
		r.Facts[factImageManifests] += digest + " " + img.Manifests[digest] + "\n"
	}
	r.Saw("digest", img.Digest, img.Reference)
	r.Saw("created", stamp(img.Created), img.Reference)
	if len(img.Platforms) > 0 {
		r.Saw("platforms", strings.Join(img.Platforms, ", "), img.Reference)
	}
	for _, entry := range img.Environ {
		// Images of apache/airflow have it, and those that are built from one.
		if version, ok := strings.CutPrefix(entry, "AIRFLOW_VERSION="); ok {
			r.Saw("Airflow in it", version, img.Reference)
			r.Facts[after.FactImageAirflow] = version
		}
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
		return r.Unknown("%s:%s is there; which commit it should be built from is unknown. Verify the release first.", image, tag)
	case img.Provenance != registry.FromCommit:
		return r.Unknown("%s:%s is there, but nothing ties it to the release's commit: %s.%s %s", image, tag, img.ProvenanceText, advised(img), acceptOrigin)
	}
	if img.Other != "" {
		return r.Unknown("%s has two images of this version: %s, which was built from the release's commit, and %s, which is another one. See which of them the infrastructure names, and delete the other tag.", image, tag, img.Other)
	}
	return r.Passed("%s:%s is there, built from the release's commit: %s.", image, tag, img.ProvenanceText)
}

// missing returns the result for a repository that lacks the release's tag.
func missing(ctx context.Context, in steps.Input, r *steps.Report, image string, absent *registry.Absent) runbook.Result {
	built, err := time.Parse(time.RFC3339, in.Await(ctx, factReleaseBuilt))
	moving, before, after := absent.Near()
	near := slices.DeleteFunc(append(moving, before, after), func(tag string) bool { return tag == "" })
	if len(near) > 0 {
		r.Saw("tags like it", strings.Join(near, ", "), image)
	}
	none := fmt.Sprintf("%s has no tag %s", image, absent.Tag)
	if moved := in.Await(ctx, factReleaseMoved); moved != "" {
		return r.Failed("%s. The release's repository is called %s now, and a registry doesn't follow renames: correct [image] reference if the image is pushed under the new name.", none, moved)
	}
	if err != nil || r.Now.Sub(built) < pushedBy {
		r.Facts[factImageComing] = "soon"
		if in.Await(ctx, factReleaseCommit) == "" {
			return r.Failed("%s yet.", none) // first the release has to be published
		}
		if until := in.Facts[steps.FactUntil]; until != "" {
			r.Facts[steps.FactUntil] = until // the build pushes it
		}
		return r.Waiting("%s yet.", none)
	}
	r.Saw("build ended", stamp(built), "GitHub Actions")
	restore := ""
	if strings.HasPrefix(image, "ghcr.io/") {
		restore = ", which GitHub can undo for 30 days"
	}
	switch {
	case len(absent.Tags) == 0:
		return r.Failed("%s, nor any other, although its build has ended: all of its versions were deleted%s, or none was ever pushed.", none, restore)
	case len(moving) > 0:
		return r.Failed("%s, although its build has ended. It has %s, which names another image after each release: have the workflow push %s too.", none, strings.Join(moving, " and "), absent.Tag)
	}
	return r.Failed("%s, although its build has ended: it pushed another tag, or this version was deleted%s.", none, restore)
}

// hidden adds to the result for a repository that the registry doesn't show what is known
// about it: what is private, was renamed or was deleted is refused alike.
func hidden(ctx context.Context, in steps.Input, image string, res runbook.Result, err error) runbook.Result {
	var p *transport.Problem
	if !errors.As(err, &p) || !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, p.Status) {
		return res
	}
	add := func(format string, args ...any) {
		res.Summary = clean.Linef("%s "+format, append([]any{res.Summary}, args...)...)
	}
	switch moved := in.Await(ctx, factReleaseMoved); {
	case moved != "":
		add("The release's repository is called %s now, and a registry doesn't follow renames: correct [image] reference if the image is pushed under the new name.", moved)
	case in.Await(ctx, factReleaseBuilt) == "":
	case strings.HasPrefix(image, "ghcr.io/"):
		add("The release's build has ended, so the package is most likely private: each new one is, even that of a public repository. One that was deleted or renamed is refused in the same way.")
	case p.Status == http.StatusNotFound:
		add("The release's build has ended, so it pushed somewhere else, or the repository was deleted or renamed.")
	}
	return res
}

// judgeLabel finds out whether the other commit that the image's label names is one of
// the release's repository. If it isn't, the label was inherited from the base image, as
// that of apache/airflow is, and settles nothing.
func judgeLabel(ctx context.Context, in steps.Input, r *steps.Report, img registry.Image, image, tag string) (_ runbook.Result, settled bool) {
	label := clean.Line(img.OtherRevision)
	repo, err := github.ParseRepository(in.Await(ctx, factReleaseRepository))
	if err != nil {
		return r.Unknown("%s:%s is there; whether the commit %s, which its label names, is one of the release's repository is unknown. Verify the release first.", image, tag, label), true
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
	return r.Unknown("%s:%s is there, but nothing ties it to the release's commit: %s. That label was inherited from a base image.%s %s", image, tag, img.ProvenanceText, advised(img), acceptOrigin), true
}

// stamp formats a time for evidence. It is in UTC, so that everybody reads the same.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// acceptOrigin says what a person can do who knows better than the image.
const acceptOrigin = "If you know what the image was built from, accept this step with that as the reason."

// advised returns what can be done about a request that failed, as a sentence after another.
func advised(img registry.Image) string {
	if img.Advice.Empty() {
		return ""
	}
	return " " + say.Capital(img.Advice.String()) + "."
}
