package kinds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
)

// release is a step in which someone publishes a release on GitHub, whose
// workflow then builds the image. Six requests answer a check. The first one needs another
// for the workflow's file, and one for each workflow that it calls.
var release = &steps.Kind{
	Name:    "release",
	Doc:     "Publish a release on GitHub and see that the workflow it starts has built it.",
	Explain: why.Release,
	Params: []steps.Param{
		{Name: "repository", Doc: "the repository whose releases are deployed", Required: true, Setting: "[github] repository", Owner: repositoryOwner},
		{Name: "tag-prefix", Doc: "what the tags of the releases begin with, where one repository releases several parts", Setting: "[github] tag_prefix"},
		{Name: "workflow", Doc: "the file name of the workflow that a release starts", Setting: "[github] workflow"},
		{Name: "image", Doc: "the image that it publishes, without a tag", Setting: "[image] reference"},
	},
	Recognise: linked("repository", releasesLink, "a link to the releases of %s", releaseDeed, isReleased, releasesFilter),
	Reads: sentence.Reads("words about cutting a release", []string{"elease"}, func(text string) bool {
		return near(text, releaseVerbs, 30, "release")
	}, releaseSentence),
	Link:     releaseParams,
	Mentions: []runbook.Mention{{Fact: factReleaseCommit, Name: "commit"}},
	Releases: releases,
	Check: &steps.Check{
		Ask:      askRelease,
		Fresh:    15 * time.Minute,
		Harmless: true, // the plan shows what would be deployed
		Again: func(res runbook.Result) time.Duration {
			refused := res.Unasked && res.Facts[factReleasePause] != "" // until GitHub allows more
			if res.Verdict == runbook.Failed && res.Facts[factReleaseOlder] == "" || res.Facts[factReleaseLater] != "" || refused {
				pause, _ := time.ParseDuration(res.Facts[factReleasePause])
				return max(soonIf(true), pause)
			}
			return 0
		},
		Override:  factReleaseOlder,
		Accepting: "That isn't the newest release, or it is a pre-release. Why is that acceptable?",
	},
}

// factReleaseCommit is the commit of the release's tag.
const factReleaseCommit runbook.Fact = "release.commit"

// factReleaseRepository is the repository whose release it is, "owner/name".
const factReleaseRepository runbook.Fact = "release.repository"

// What the image's step says of an image that isn't there depends on whether the build has
// ended, and on whether the repository was renamed.
const (
	factReleaseBuilt runbook.Fact = "release.built" // when all of the builds had ended, by RFC 3339
	factReleaseMoved runbook.Fact = "release.moved" // how the repository is called now
)

// factReleaseOlder says, one per line, that the release is not newer than the one before
// and that it is a pre-release. An override accepts that, because rolling back deploys an
// older release on purpose.
const factReleaseOlder runbook.Fact = "release.older"

// factReleaseFound is what a person accepts who knows that the release is right.
const factReleaseFound runbook.Fact = "release.found"

// How many of the newest releases are looked at, and how many are offered.
const (
	releasesListed  = 30
	releasesOffered = 10
)

// latestIsKnownBy is how long after a publication GitHub may still name the release
// before as the latest: it was seen to be seconds behind.
const latestIsKnownBy = 2 * time.Minute

// What a check costs, and the pause up to which repeated checks need none of their own.
const (
	releaseRequests = 6
	usualPause      = 30 * time.Second
)

// factReleasePause is the pause that GitHub's limit demands between two checks.
const factReleasePause runbook.Fact = "release.pause"

func askRelease(ctx context.Context, in steps.Input) runbook.Result {
	res := checkRelease(ctx, in)
	if pause := in.World.GitHub.Pause(releaseRequests, in.World.Now()); pause > usualPause && res.Facts != nil {
		res.Facts[factReleasePause] = pause.Round(time.Second).String()
	}
	return res
}

func checkRelease(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	if in.Params["repository"] == "" {
		return r.Unknown("%s", in.World.Unset("repository", "[github] repository"))
	}
	repo, err := github.ParseRepository(in.Params["repository"])
	if err != nil {
		return r.Unknown("%s.", err)
	}
	tag := in.Release()
	if tag == "" {
		return suggest(ctx, in, r, repo)
	}
	if !steps.WellFormedRelease(tag) || !strings.ContainsAny(tag, "0123456789") {
		return r.Failed("The tag %q is not well formed: a version has a digit, and otherwise letters, digits and . _ - @ / only.", clean.Line(tag))
	}
	if prefix := in.Params["tag-prefix"]; !strings.HasPrefix(tag, prefix) {
		return r.Failed("The tag %s belongs to another part of %s: those of this one begin with %s.", tag, repo, clean.Line(prefix))
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
		r.Facts[factReleaseMoved] = rel.MovedTo.String()
		r.Saw("repository", repo.String()+" is called "+rel.MovedTo.String()+" now: correct the document or the settings", rel.URL)
	}
	if rel.Draft {
		return r.Failed("The release %s is a draft again: publish it at %s.", tag, rel.URL)
	}
	var others releaseList
	var asking sync.WaitGroup
	asking.Go(func() { others = listReleases(ctx, in, repo, releasesListed, in.Params["tag-prefix"]) })
	commit, err := in.World.GitHub.TagCommit(ctx, repo, tag)
	asking.Wait()
	if errors.Is(err, github.ErrAbsent) {
		return r.Failed("The release %s has no Git tag.", tag)
	}
	if err != nil {
		return r.Problem("Looking for the commit of the tag "+tag, err)
	}
	r.Facts[factReleaseCommit], r.Facts[factReleaseRepository] = commit, repo.String()
	r.Saw("commit", commit, "git tag "+tag)
	if others.err != nil {
		return r.Problem("Comparing with the releases before it", others.err)
	}
	if others.more {
		r.Saw("compared with", fmt.Sprintf("the %d releases that GitHub lists first; there are more", others.listed), rel.URL)
	}
	if others.latest == nil && !rel.Prerelease && r.Now.Sub(rel.PublishedAt) > latestIsKnownBy {
		return r.Unknown("GitHub names no release as the latest (404), although %s is published. Verify again; if it stays so, look at %s.", tag, rel.URL)
	}
	before, older := compare(r, others, rel)
	if in.Rollback != nil {
		older = "" // an older release is what is wanted
	}
	b := building{ctx: ctx, in: in, r: r, repo: repo, rel: rel, all: others.all, commit: commit, before: before}
	now, image := in.Deployed(ctx, tag)
	if now.Version != "" {
		r.Saw("deployed now", now.Version+", as "+now.Branch+" names it in "+now.File, "git grep")
	}
	built := b.judge()
	if built.Verdict != runbook.Passed {
		return built
	}
	return b.against(built, older, now.Version != "" && steps.SameTag(now.Version, image))
}

// against returns the result for a release that is built, but older than others, a
// pre-release, or what is deployed now; built if it is none of these. Once a command of the
// run was begun, the release may well be deployed.
func (b building) against(built runbook.Result, older string, deployed bool) runbook.Result {
	r, tag, draft := b.r, b.rel.Tag, draftAfter(b.all, b.rel)
	back := b.in.Rollback
	deployed = deployed && !b.in.Begun && (back == nil || back.From == tag)
	early, names := tag+" is a pre-release", []string{}
	if older != "" {
		names = append(names, older)
	}
	if b.rel.Prerelease {
		names = append(names, early)
	}
	if deployed {
		r.Facts[steps.FactDeployed] = tag
	}
	switch {
	case len(names) == 0 && deployed:
		if draft != "" {
			draft = ", or publish the draft " + draft
		}
		return r.Unknown("%s is what is deployed now, as the checkout names it: choose another release%s. Accept this with a reason if it is to be deployed again, or if its bump was merged and isn't deployed yet.", tag, draft)
	case len(names) == 0:
		return built
	}
	switch r.Facts[factReleaseOlder] = strings.Join(names, "\n"); {
	case b.rel.Prerelease && older != "":
		return r.Failed("%s, and it is a pre-release. Accept that with a reason if it is intended.", older)
	case b.rel.Prerelease:
		return r.Failed("%s, though its build succeeded. Accept it with a reason if it is meant to be deployed.", early)
	}
	return r.Failed("%s. Accept it with a reason if this is a rollback.", older)
}

// draftAfter returns the tag of the newest draft of a later release, "" if there is none.
func draftAfter(all []github.Release, rel github.Release) string {
	for _, other := range all {
		if other.Draft && github.Part(other.Tag) == github.Part(rel.Tag) && github.VersionAfter(other.Tag, rel.Tag) {
			return other.Tag
		}
	}
	return ""
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
	found := listReleases(ctx, in, repo, releasesOffered, in.Params["tag-prefix"])
	if found.err != nil {
		return r.Problem("Listing the releases", found.err)
	}
	newest, last := found.latest, false
	if newest != nil {
		r.Saw("newest release", newest.Tag+", published "+stamp(newest.PublishedAt)+", as GitHub names it", newest.URL)
	}
	for i := range found.all {
		rel := &found.all[i]
		switch {
		case rel.Draft:
			r.Saw("draft", rel.Tag+", not published yet", rel.URL)
		case last:
		case rel.Prerelease:
			r.Saw("pre-release", rel.Tag+", published "+stamp(rel.PublishedAt), rel.URL)
		default:
			last = true
			switch {
			case newest == nil:
				newest = rel
				r.Saw("newest release", rel.Tag+", published "+stamp(rel.PublishedAt), rel.URL)
			case newest.Tag != rel.Tag:
				r.Saw("published last", rel.Tag+", published "+stamp(rel.PublishedAt), rel.URL)
			}
		}
	}
	if newest == nil && found.more {
		return r.Unknown("None of the %d releases of %s that GitHub lists first is published: name one with --release.", found.listed, in.Params["repository"])
	}
	if newest == nil {
		return r.Failed("%s has no published release yet.", in.Params["repository"])
	}
	return r.Unknown("No release chosen yet. Publish the new one, then choose it. The newest published release is %s.", newest.Tag)
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

// A releaseList is what GitHub says of the releases of one part of a repository.
type releaseList struct {
	all    []github.Release // those that GitHub lists first, the newest first
	listed int              // how many those are together with other parts' releases
	more   bool             // there are others
	latest *github.Release  // which GitHub names as the latest; nil if it names none or another part's
	err    error
}

// listReleases lists the releases whose tags begin with a prefix, with two requests.
func listReleases(ctx context.Context, in steps.Input, repo github.Repository, most int, prefix string) (l releaseList) {
	var latest github.Release
	var named bool
	var latestErr error
	var asking sync.WaitGroup
	asking.Go(func() { latest, named, latestErr = in.World.GitHub.Latest(ctx, repo) })
	l.all, l.more, l.err = in.World.GitHub.Releases(ctx, repo, most)
	asking.Wait()
	l.listed = len(l.all)
	if l.err == nil {
		l.err = latestErr
	}
	l.all = slices.DeleteFunc(l.all, func(rel github.Release) bool { return !strings.HasPrefix(rel.Tag, prefix) })
	if named && strings.HasPrefix(latest.Tag, prefix) {
		l.latest = &latest
	}
	return l
}

// compare returns the tag of the release that was published before this one, or "" if
// there is none, and a clause that names the releases that came after this one, or "".
// GitHub's word decides which release is the newest; but one with a higher version came
// after this one in any case.
// What is deployed now isn't published anywhere; the release before is the best guess.
// Where a repository releases several parts, only those of the same part count.
func compare(r *steps.Report, others releaseList, rel github.Release) (tag, older string) {
	var newer []string
	var before *github.Release
	isLatest := others.latest != nil && others.latest.Tag == rel.Tag
	for i := range others.all {
		other := &others.all[i]
		if other.Draft || other.Prerelease || other.Tag == rel.Tag || github.Part(other.Tag) != github.Part(rel.Tag) {
			continue
		}
		if github.VersionAfter(other.Tag, rel.Tag) || !isLatest && other.PublishedAt.After(rel.PublishedAt) {
			newer = append(newer, other.Tag)
		} else if other.PublishedAt.After(rel.PublishedAt) {
			r.Saw("published later", other.Tag+", published "+stamp(other.PublishedAt)+"; GitHub names "+rel.Tag+" as the latest release", other.URL)
		} else if before == nil || other.PublishedAt.After(before.PublishedAt) {
			before = other
		}
	}
	if len(newer) > 0 {
		slices.SortFunc(newer, github.CompareTags)
		older = rel.Tag + " is not the newest: " + strings.Join(newer, ", ") + " came after it"
	}
	if latest := others.latest; latest != nil && !isLatest && github.Part(latest.Tag) == github.Part(rel.Tag) && !slices.Contains(newer, latest.Tag) {
		r.Saw("latest release", "GitHub names "+latest.Tag+", published "+stamp(latest.PublishedAt), latest.URL)
		if older == "" && !rel.Prerelease && r.Now.Sub(rel.PublishedAt) > latestIsKnownBy {
			older = rel.Tag + " is not the newest: GitHub names " + latest.Tag + " as the latest release"
		}
	}
	if before == nil {
		return "", older
	}
	r.Saw("release before", before.Tag+", published "+stamp(before.PublishedAt), before.URL)
	return before.Tag, older
}

// releases lists the newest releases of the repository.
func releases(ctx context.Context, in steps.Input) ([]steps.ReleaseOption, error) {
	repo, err := github.ParseRepository(in.Params["repository"])
	if err != nil {
		return nil, err
	}
	found := listReleases(ctx, in, repo, releasesOffered, in.Params["tag-prefix"])
	if found.err != nil {
		return nil, found.err
	}
	latest := found.latest
	if latest != nil && !slices.ContainsFunc(found.all, func(r github.Release) bool { return r.Tag == latest.Tag }) {
		found.all = append(found.all, *latest)
	}
	options := make([]steps.ReleaseOption, len(found.all))
	for i, r := range found.all {
		options[i] = steps.ReleaseOption{Tag: r.Tag, Shown: clean.Line(r.Tag), Published: r.PublishedAt, URL: r.URL,
			Draft: r.Draft, Prerelease: r.Prerelease, Latest: latest != nil && r.Tag == latest.Tag}
	}
	return options, nil
}
