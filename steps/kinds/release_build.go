package kinds

import (
	"regexp"
	"slices"
	"time"

	"catalog-runbook/steps/github"
)

// skew is how far the times that GitHub gives to one event may lie apart.
const skew = time.Minute

// startedBy returns the newest run of every workflow that the release started.
// It may start several, and every one of them must succeed. GitHub does not
// always say which tag a run is for. Such a run counts where it can be no other
// release's: it began after this one was published and before the next one was.
// Those that may be another's are returned as strays. A later attempt is a stray
// too, because nobody says when the first one began.
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

// newestOfEach returns the newest of the wanted runs of every workflow. They
// come the newest first.
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

// What the words of a job's name say: that something is published, that it is the
// image, or that it is something else.
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

// publishesImage reports whether a job's name says that the job publishes the
// image. A release is not an image, and neither are its notes. A job that only
// says that it publishes is taken at its word.
func publishesImage(name string) bool {
	image := ofImage.MatchString(name) || ofRegistry.MatchString(name)
	if image {
		return publishing.MatchString(name) || releasing.MatchString(name)
	}
	return publishing.MatchString(name) && !ofOther.MatchString(name)
}
