package kinds

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/semver"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
)

// release is a step in which somebody publishes a release on GitHub, whose
// workflow then builds the image. At most six requests answer a check.
var release = &steps.Kind{
	Name: "release",
	Doc:  "Publish a release on GitHub and see that the workflow it starts has built it.",
	Params: []steps.Param{
		{Name: "repository", Doc: "the repository whose releases are deployed", Required: true, Setting: "[github] repository"},
		{Name: "workflow", Doc: "the file name of the workflow that a release starts", Setting: "[github] workflow"},
	},
	Recognise: linked("repository", releasesLink, "a link to the releases of %s"),
	Reads: func(s *document.Step) (string, bool) {
		return "words about cutting a release", near(s.Text.String(), releaseVerbs, 30, "release")
	},
	Link:     linkParam("repository", releasesLink),
	Mentions: []runbook.Mention{{Fact: factReleaseCommit, Name: "commit"}},
	Releases: releases,
	Check: &steps.Check{
		Ask:   checkRelease,
		Fresh: 15 * time.Minute,
		Again: func(res runbook.Result) time.Duration {
			return soonIf(res.Verdict == runbook.Failed && res.Facts[factReleaseOlder] == "" || res.Facts[factReleaseLater] != "")
		},
		Override:  factReleaseOlder,
		Accepting: "That isn't the newest release, or it is a pre-release. Why is that all right?",
	},
}

// factReleaseCommit is the commit of the release's tag.
const factReleaseCommit runbook.Fact = "release.commit"

// factReleaseOlder says, one per line, that the release is not newer than the one before
// and that it is a pre-release. An override accepts that, because rolling back deploys an
// older release on purpose.
const factReleaseOlder runbook.Fact = "release.older"

// releasesListed is how many of the newest releases are looked at.
const releasesListed = 30

var releaseVerbs = []string{"cut", "create", "publish", "draft", "tag", "make"}

func checkRelease(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	if in.Params["repository"] == "" {
		return r.Unknown("The repository is not known: set [github] repository.")
	}
	repo, err := github.ParseRepository(in.Params["repository"])
	if err != nil {
		return r.Unknown("%s.", err)
	}
	tag := in.Release()
	if tag == "" {
		return suggest(ctx, in, r, repo)
	}
	if !steps.WellFormedTag(tag) || !strings.ContainsAny(tag, "0123456789") {
		return r.Failed("The tag %q is not well formed: a version has a digit, and letters, digits, \".\", \"_\" and \"-\" only.", clean.Line(tag))
	}
	rel, err := in.World.GitHub.ReleaseByTag(ctx, repo, tag)
	if errors.Is(err, github.ErrAbsent) {
		return unpublished(ctx, in, r, repo, tag)
	}
	if err != nil {
		return r.Problem("Looking for the release "+tag, err)
	}
	r.Saw("release", tag+described(rel), rel.URL)
	if rel.MovedTo != (github.Repository{}) {
		r.Saw("repository", repo.String()+" is called "+rel.MovedTo.String()+" now: correct the document or the settings", rel.URL)
	}
	if rel.Draft {
		return r.Failed("The release %s is a draft again: publish it at %s.", tag, rel.URL)
	}
	var all []github.Release
	var more bool
	var listErr error
	var listing sync.WaitGroup
	listing.Go(func() { all, more, listErr = in.World.GitHub.Releases(ctx, repo, releasesListed) })
	commit, err := in.World.GitHub.TagCommit(ctx, repo, tag)
	listing.Wait()
	if errors.Is(err, github.ErrAbsent) {
		return r.Failed("The release %s has no Git tag.", tag)
	}
	if err != nil {
		return r.Problem("Looking for the commit of the tag "+tag, err)
	}
	r.Facts[factReleaseCommit] = commit
	r.Saw("commit", commit, "git tag "+tag)
	if listErr != nil {
		return r.Problem("Comparing with the releases before it", listErr)
	}
	if more {
		r.Saw("compared with", fmt.Sprintf("the %d releases that GitHub lists first; there are more", len(all)), rel.URL)
	}
	before, older := compare(r, all, rel)
	b := building{ctx: ctx, in: in, r: r, repo: repo, rel: rel, all: all, commit: commit, before: before}
	built := b.judge()
	if built.Verdict != runbook.Passed {
		return built
	}
	switch early := tag + " is a pre-release"; {
	case rel.Prerelease && older != "":
		r.Facts[factReleaseOlder] = older + "\n" + early
		return r.Failed("%s, and it is a pre-release. Accept that with a reason if it is meant.", older)
	case rel.Prerelease:
		r.Facts[factReleaseOlder] = early
		return r.Failed("%s, though its build succeeded. Accept it with a reason if it is meant to be deployed.", early)
	case older != "":
		r.Facts[factReleaseOlder] = older
		return r.Failed("%s. Accept it with a reason if this is a rollback.", older)
	}
	return built
}

// described returns what the evidence says of a release behind its tag.
func described(rel github.Release) string {
	if rel.Prerelease {
		return ", a pre-release, published " + stamp(rel.PublishedAt)
	}
	return ", published " + stamp(rel.PublishedAt)
}

// suggest returns the result while no release is chosen, which names the newest.
func suggest(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository) runbook.Result {
	all, more, err := in.World.GitHub.Releases(ctx, repo, 10)
	if err != nil {
		return r.Problem("Listing the releases", err)
	}
	var newest *github.Release
	for i := range all {
		switch rel := &all[i]; {
		case rel.Draft:
			r.Saw("draft", rel.Tag+", not published yet", rel.URL)
		case rel.Prerelease && newest == nil:
			r.Saw("pre-release", rel.Tag+", published "+stamp(rel.PublishedAt), rel.URL)
		case newest == nil:
			newest = rel
			r.Saw("newest release", rel.Tag+", published "+stamp(rel.PublishedAt), rel.URL)
		}
	}
	if newest == nil && more {
		return r.Unknown("None of the %d releases of %s that GitHub lists first is published: name one with --release.", len(all), in.Params["repository"])
	}
	if newest == nil {
		return r.Failed("%s has no published release yet.", in.Params["repository"])
	}
	return r.Unknown("No release has been chosen. Publish the new one, then choose it; the newest that is published is %s.", newest.Tag)
}

// unpublished distinguishes a draft from a release that doesn't exist.
func unpublished(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository, tag string) runbook.Result {
	all, _, err := in.World.GitHub.Releases(ctx, repo, releasesListed)
	if err != nil {
		return r.Problem("Looking for a draft of "+tag, err)
	}
	for _, rel := range all {
		if rel.Draft && rel.Tag == tag {
			r.Saw("draft", tag, rel.URL)
			return r.Failed("The release %s is still a draft: publish it at %s.", tag, rel.URL)
		}
	}
	return r.Failed("There is no published release %s in %s.", tag, in.Params["repository"])
}

// compare returns the tag of the release that was published before this one, or "" if
// there is none, and a clause that names the releases that came after this one, or "".
// What is deployed now isn't published anywhere; the release before is the best guess.
// Where a repository releases several parts, only those of the same part count.
func compare(r *steps.Report, all []github.Release, rel github.Release) (tag, older string) {
	var newer []string
	var before *github.Release
	for i := range all {
		other := &all[i]
		if other.Draft || other.Prerelease || other.Tag == rel.Tag || part(other.Tag) != part(rel.Tag) {
			continue
		}
		if other.PublishedAt.After(rel.PublishedAt) || versionAfter(other.Tag, rel.Tag) {
			newer = append(newer, other.Tag)
		} else if before == nil || other.PublishedAt.After(before.PublishedAt) {
			before = other
		}
	}
	if len(newer) > 0 {
		slices.SortFunc(newer, func(a, b string) int { return cmp.Or(semver.Compare(version(b), version(a)), strings.Compare(a, b)) })
		older = rel.Tag + " is not the newest: " + strings.Join(newer, ", ") + " came after it"
	}
	if before == nil {
		return "", older
	}
	r.Saw("release before", before.Tag+", published "+stamp(before.PublishedAt), before.URL)
	return before.Tag, older
}

// part returns what stands before the version in a tag: "catalog-" of "catalog-v1.5.4",
// as tags are formed in a repository that releases several parts.
func part(tag string) string {
	i := strings.IndexAny(tag, "0123456789")
	if i < 0 {
		return tag
	}
	return strings.TrimRight(tag[:i], "vV")
}

// version returns the version in a tag as package semver has it.
func version(tag string) string {
	return "v" + strings.TrimLeft(strings.TrimPrefix(tag, part(tag)), "vV")
}

// versionAfter reports whether the version in tag a is a later semantic version than
// that in b. It returns false if one of them isn't a semantic version.
func versionAfter(a, b string) bool {
	a, b = version(a), version(b)
	return semver.IsValid(a) && semver.IsValid(b) && semver.Compare(a, b) > 0
}

// releases lists the newest releases of the repository.
func releases(ctx context.Context, in steps.Input) ([]steps.ReleaseOption, error) {
	repo, err := github.ParseRepository(in.Params["repository"])
	if err != nil {
		return nil, err
	}
	all, _, err := in.World.GitHub.Releases(ctx, repo, 10)
	if err != nil {
		return nil, err
	}
	options := make([]steps.ReleaseOption, len(all))
	for i, r := range all {
		options[i] = steps.ReleaseOption{Tag: r.Tag, Shown: clean.Line(r.Tag), Published: r.PublishedAt, Draft: r.Draft, Prerelease: r.Prerelease, URL: r.URL}
	}
	return options, nil
}
