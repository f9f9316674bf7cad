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
	"catalog-runbook/runbook/say"
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
			return soonIf(res.Verdict == runbook.Failed && res.Facts[factReleaseOlder] == "")
		},
		Override:  factReleaseOlder,
		Accepting: "An older release would be deployed. Why is that all right?",
	},
}

// factReleaseCommit is the commit of the release's tag.
const factReleaseCommit runbook.Fact = "release.commit"

// factReleaseOlder names a release that is not newer than the one before; an
// override accepts it, because rolling back deploys an older release on purpose.
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
	r.Saw("release", tag+", published "+stamp(rel.PublishedAt), rel.URL)
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
	built := build(ctx, in, r, repo, rel, all, commit, before)
	if built.Verdict == runbook.Passed && older != "" {
		r.Facts[factReleaseOlder] = older
		return r.Failed("%s. Accept it with a reason if this is a rollback.", older)
	}
	return built
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
func compare(r *steps.Report, all []github.Release, rel github.Release) (tag, older string) {
	var newer []string
	var before *github.Release
	for i := range all {
		other := &all[i]
		if other.Draft || other.Prerelease || other.Tag == rel.Tag {
			continue
		}
		if other.PublishedAt.After(rel.PublishedAt) || versionAfter(other.Tag, rel.Tag) {
			newer = append(newer, other.Tag)
		} else if before == nil || other.PublishedAt.After(before.PublishedAt) {
			before = other
		}
	}
	if len(newer) > 0 {
		slices.SortFunc(newer, func(a, b string) int { return cmp.Or(semver.Compare(b, a), strings.Compare(a, b)) })
		older = rel.Tag + " is not the newest: " + strings.Join(newer, ", ") + " came after it"
	}
	if before == nil {
		return "", older
	}
	r.Saw("release before", before.Tag+", published "+stamp(before.PublishedAt), before.URL)
	return before.Tag, older
}

// versionAfter reports whether a is a later semantic version than b. It returns false
// if one of them isn't a semantic version.
func versionAfter(a, b string) bool {
	return semver.IsValid(a) && semver.IsValid(b) && semver.Compare(a, b) > 0
}

// build judges the workflow runs that the release started. Two tags may be on one
// commit, so a run belongs to the release whose tag is the run's branch.
func build(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository, rel github.Release, all []github.Release, commit, before string) runbook.Result {
	runs, err := in.World.GitHub.WorkflowRuns(ctx, repo, in.Params["workflow"], "release", commit)
	if err != nil {
		return r.Problem("Looking for the build of "+rel.Tag, err)
	}
	builds, strays := startedBy(rel, all, runs)
	if len(builds) == 0 && len(strays) > 0 {
		r.Saw("workflow run", fmt.Sprintf("%s: for no tag (attempt %d, started %s)", strays[0].Name, strays[0].Attempt, stamp(strays[0].StartedAt)), strays[0].URL)
		return r.Unknown("GitHub does not say which tag the workflow runs of this commit are for, and by their times they may be another's than %s: look at %s.", rel.Tag, strays[0].URL)
	}
	if len(builds) == 0 {
		return r.Failed("The release %s has not started a workflow run yet.", rel.Tag)
	}
	for _, run := range builds {
		state := run.Status
		if run.Conclusion != "" {
			state += ", " + run.Conclusion
		}
		r.Saw("workflow run", fmt.Sprintf("%s: %s (attempt %d, started %s)", run.Name, state, run.Attempt, stamp(run.StartedAt)), run.URL)
	}
	for _, run := range builds {
		if run.Status != "completed" {
			return r.Failed("The build of %s is %s, for %s now%s.", rel.Tag, strings.ReplaceAll(run.Status, "_", " "), say.Between(run.StartedAt, r.Now), usual(ctx, in, r, repo, before))
		}
		if run.Conclusion != "success" {
			return r.Failed("The build of %s ended as %q: see %s.", rel.Tag, run.Conclusion, run.URL)
		}
	}
	return publishingJob(ctx, in, r, repo, rel, builds)
}

// factUsualBuild is what usual returned, so that it asks only once.
const factUsualBuild runbook.Fact = "release.usual-build"

// usual returns a clause that says how long the build of the release before took, or ""
// if that isn't known. It sends two requests, but only once.
func usual(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository, before string) string {
	if known, ok := in.Facts[factUsualBuild]; ok {
		r.Facts[factUsualBuild] = known
		return known
	}
	r.Facts[factUsualBuild] = ""
	if before == "" {
		return ""
	}
	commit, err := in.World.GitHub.TagCommit(ctx, repo, before)
	if err != nil {
		return ""
	}
	runs, err := in.World.GitHub.WorkflowRuns(ctx, repo, in.Params["workflow"], "release", commit)
	if err != nil {
		return ""
	}
	var longest time.Duration
	for _, run := range newestOfEach(runs, func(run github.WorkflowRun) bool { return run.HeadBranch == before }) {
		if run.Conclusion == "success" {
			longest = max(longest, run.UpdatedAt.Sub(run.StartedAt))
		}
	}
	if longest <= 0 {
		return ""
	}
	known := "; that of " + before + " took " + say.Between(r.Now.Add(-longest), r.Now)
	r.Facts[factUsualBuild] = known
	return known
}

// runsOpened is how many runs are searched for the publishing job. It keeps a check
// within six requests.
const runsOpened = 2

// publishingJob looks for the job that publishes the image: a run can succeed although
// a condition skipped that job. If another job that is about the image was skipped or
// failed, the result is unknown.
func publishingJob(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository, rel github.Release, builds []github.WorkflowRun) runbook.Result {
	found, doubt := false, ""
	most := runsOpened
	if rel.MovedTo != (github.Repository{}) {
		most-- // being sent to the new name has cost a request
	}
	for _, run := range builds[:min(len(builds), most)] {
		jobs, err := in.World.GitHub.Jobs(ctx, repo, run.ID)
		if err != nil {
			return r.Problem("Looking at the jobs of the build", err)
		}
		for _, j := range jobs {
			name := j.Name.String()
			ended := fmt.Sprintf("ended as %q", j.Conclusion)
			if j.Conclusion == "" {
				ended = "is " + j.Status
			}
			switch {
			case publishesImage(name):
				found = true
				r.Saw("publishing job", name+": "+cmp.Or(j.Conclusion, j.Status), j.URL)
				if j.Conclusion != "success" {
					return r.Failed("The build of %s succeeded, but its job %q %s, so no image may have been published.", rel.Tag, name, ended)
				}
			case ofImage.MatchString(name) && j.Conclusion != "success":
				r.Saw("job of the image", name+": "+cmp.Or(j.Conclusion, j.Status), j.URL)
				doubt = cmp.Or(doubt, fmt.Sprintf("its job %q %s, so the image may not have been built: look at %s", name, ended, cmp.Or(j.URL, run.URL)))
			}
		}
	}
	switch {
	case doubt != "":
		return r.Unknown("The build of %s succeeded, but %s.", rel.Tag, doubt)
	case len(builds) > most:
		return r.Unknown("%s has started %d workflows, and it is not known which of them publishes the image: name it in [github] workflow.", rel.Tag, len(builds))
	case found:
		return r.Passed("%s is published and its build succeeded.", rel.Tag)
	}
	return r.Unknown("The build of %s succeeded, but none of its jobs has a name that says it publishes an image: look at %s, or name the workflow in [github] workflow.", rel.Tag, builds[0].URL)
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
		options[i] = steps.ReleaseOption{Tag: r.Tag, Shown: clean.Line(r.Tag), Published: r.PublishedAt, Draft: r.Draft, URL: r.URL}
	}
	return options, nil
}
