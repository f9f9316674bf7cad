package kinds

import (
	"regexp"
	"slices"
	"time"

	"catalog-runbook/steps/github"
)

// skew is how much the times that GitHub gives for one event may differ.
const skew = time.Minute

// startedBy returns the newest run of each workflow that the release started. A release
// may start several, and all must succeed. GitHub doesn't always say which tag a run is
// for. Such a run counts if it can't be another release's, because it began after this
// one was published and before the next one was. All others are returned as strays, and
// so is a later attempt, because GitHub doesn't say when the first one began.
func startedBy(rel github.Release, all []github.Release, runs []github.WorkflowRun) (builds, strays []github.WorkflowRun) {
	builds = newestOfEach(runs, func(run github.WorkflowRun) bool { return run.HeadBranch == rel.Tag })
	nameless := newestOfEach(runs, func(run github.WorkflowRun) bool {
		if run.HeadBranch != "" {
			return false
		}
		if run.Attempt > 1 || !between(rel, all, run.StartedAt) {
			strays = append(strays, run)
			return false
		}
		return true
	})
	for _, run := range nameless {
		if !slices.ContainsFunc(builds, sameWorkflow(run)) {
			builds = append(builds, run)
		}
	}
	return builds, strays
}

// between reports whether at is after the publication of the release and before
// that of every later one.
func between(rel github.Release, all []github.Release, at time.Time) bool {
	if rel.PublishedAt.IsZero() || at.Before(rel.PublishedAt.Add(-skew)) {
		return false
	}
	return !slices.ContainsFunc(all, func(other github.Release) bool {
		return other.Tag != rel.Tag && !other.Draft && !other.PublishedAt.Before(rel.PublishedAt.Add(-skew)) && other.PublishedAt.Before(at.Add(skew))
	})
}

// newestOfEach returns the newest wanted run of each workflow. The runs are sorted, the
// newest first.
func newestOfEach(runs []github.WorkflowRun, wanted func(github.WorkflowRun) bool) (newest []github.WorkflowRun) {
	for _, run := range runs {
		if wanted(run) && !slices.ContainsFunc(newest, sameWorkflow(run)) {
			newest = append(newest, run)
		}
	}
	return newest
}

func sameWorkflow(run github.WorkflowRun) func(github.WorkflowRun) bool {
	return func(other github.WorkflowRun) bool { return other.Path == run.Path }
}

// These match words in a job's name that say that something is published, that it is
// the image, or that it is something else.
var (
	publishing = word(`publish(?:es|ing)?|push(?:es|ing)?`)
	releasing  = word(`releas(?:es?|ing)`)
	ofImage    = word(`images?|docker|containers?`)
	ofRegistry = word(`registry|ghcr|dockerhub`)
	ofOther    = word(`releases?|notes|changelog|docs?|documentation|coverage|reports?|results?|pages|site|website|storybook|pypi|npm`)
)

func word(of string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^a-z])(?:` + of + `)(?:[^a-z]|$)`)
}

// publishesImage reports whether a job's name says that the job publishes the image. A
// release isn't an image, and neither are its notes. A name that says "publish" and not
// what is taken to mean the image.
func publishesImage(name string) bool {
	image := ofImage.MatchString(name) || ofRegistry.MatchString(name)
	if image {
		return publishing.MatchString(name) || releasing.MatchString(name)
	}
	return publishing.MatchString(name) && !ofOther.MatchString(name)
}
