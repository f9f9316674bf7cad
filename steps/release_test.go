package steps_test

import (
	"errors"
	"maps"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

const repo = githubAPI + "/repos/o/r"

// release bodies are as GitHub's REST documentation has them.
func releaseBody(tag string, published time.Time) object {
	return object{"id": 1, "tag_name": tag, "name": tag, "draft": false, "prerelease": false,
		"published_at": stamp(published), "created_at": stamp(published.Add(-time.Hour)), "html_url": "https://github.com/o/r/releases/tag/" + tag}
}

func draftBody(tag string) object {
	return object{"id": 2, "tag_name": tag, "name": tag, "draft": true, "prerelease": false,
		"published_at": nil, "created_at": stamp(moment), "html_url": "https://github.com/o/r/releases/edit/" + tag}
}

// renamed is a release of the repository as it is called now.
func renamed(body object) object {
	body = maps.Clone(body)
	body["html_url"] = strings.Replace(body["html_url"].(string), "/o/r/", "/o/renamed/", 1)
	return body
}

func prereleaseBody(tag string, published time.Time) object {
	body := releaseBody(tag, published)
	body["prerelease"] = true
	return body
}

func runBody(id int, branch, status, conclusion string) object {
	return attempt(id, 1, branch, status, conclusion, moment.Add(-10*time.Minute))
}

func attempt(id, attempt int, branch, status, conclusion string, started time.Time) object {
	body := object{"id": id, "name": "CI + CD", "path": ".github/workflows/ci_cd.yml", "event": "release", "status": status,
		"conclusion": nil, "head_branch": branch, "head_sha": commit, "run_attempt": attempt,
		"run_started_at": stamp(started), "html_url": at("https://github.com/o/r/actions/runs/%d", id)}
	if conclusion != "" {
		body["conclusion"] = conclusion
	}
	return body
}

func jobBody(name, conclusion string) object {
	return object{"name": name, "status": "completed", "conclusion": conclusion, "html_url": "https://github.com/o/r/actions/job/1",
		"started_at": stamp(moment), "completed_at": stamp(moment)}
}

func hoursAgo(n int) time.Time { return moment.Add(-time.Duration(n) * time.Hour) }

// The requests of a release's check, in their order.
func byTag(body object) exchange { return exchange{url: repo + "/releases/tags/" + tag, body: body} }

func tagged() exchange {
	return exchange{url: repo + "/commits/tags/" + tag, kind: "application/vnd.github.sha", body: commit}
}

func listed(releases ...object) exchange {
	return exchange{url: repo + "/releases?per_page=30", body: releases}
}

// andMore is a list that has another page.
func andMore(list exchange) exchange {
	list.header = map[string]string{"Link": `<` + list.url + `&page=2>; rel="next"`}
	return list
}

func ran(runs ...object) exchange {
	if runs == nil {
		runs = []object{}
	}
	return exchange{url: repo + "/actions/workflows/ci_cd.yml/runs?event=release&head_sha=" + commit + "&per_page=100",
		body: object{"total_count": len(runs), "workflow_runs": runs}}
}

func worked(run int, jobs ...object) exchange {
	return exchange{url: at("%s/actions/runs/%d/jobs?filter=latest&per_page=100", repo, run), body: object{"total_count": len(jobs), "jobs": jobs}}
}

var (
	missing = object{"message": "Not Found"}
	visible = exchange{url: repo, body: object{"full_name": "o/r"}}
	hidden  = exchange{url: repo, status: 404, body: missing}
	before  = releaseBody("v1.5.3", hoursAgo(900))
	newest  = releaseBody(tag, hoursAgo(1))
)

// published are the requests up to the workflow runs, and those that follow.
func published(then ...exchange) []exchange {
	return append([]exchange{byTag(newest), tagged(), listed(newest, before)}, then...)
}

// otherWorkflow is a newer run of another workflow that the release started.
func otherWorkflow(id int) object {
	body := attempt(id, 1, tag, "completed", "success", moment.Add(-5*time.Minute))
	body["path"], body["name"] = ".github/workflows/notes.yml", "Notes"
	return body
}

// nameless is a failed run of which GitHub does not say the branch.
func nameless(run object) object {
	run["head_branch"], run["conclusion"] = nil, "failure"
	return run
}

const commitBefore = "89abcdef0123456789abcdef0123456789abcdef"

// taggedBefore and ranBefore are what is asked about the release before, for how
// long its build took.
func taggedBefore() exchange {
	asked := tagged()
	asked.url = strings.Replace(asked.url, tag, "v1.5.3", 1)
	asked.body = commitBefore
	return asked
}

func ranBefore(runs ...object) exchange {
	asked := ran(runs...)
	asked.url = strings.Replace(asked.url, commit, commitBefore, 1)
	return asked
}

func buildBefore(took time.Duration) object {
	body := attempt(5, 1, "v1.5.3", "completed", "success", hoursAgo(900))
	body["head_sha"], body["updated_at"] = commitBefore, stamp(hoursAgo(900).Add(took))
	return body
}

var releaseFixture = fixture{
	params: steps.Params{"repository": "o/r", "workflow": "ci_cd.yml"},
	facts:  runbook.Facts{runbook.ReleaseTag: tag},
	hang:   hangingService,
	cases: []kindCase{
		{
			name:    "published and built",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Lint", "success"), jobBody("Publish images", "success"))),
			verdict: runbook.Passed, says: []string{tag, "build succeeded"},
			sees:   []string{"published 2024-03-02 11:00:00 UTC", "commit: " + commit, "release before: v1.5.3", "CI + CD: completed, success (attempt 1", "Publish images: success"},
			leaves: runbook.Facts{"release.commit": commit, "release.older": ""},
		},
		{
			name: "published and built, with more releases than are listed",
			asks: []exchange{byTag(newest), tagged(), andMore(listed(newest, before)),
				ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Publish images", "success"))},
			verdict: runbook.Passed, sees: []string{"compared with: the 2 releases that GitHub lists first; there are more"},
		},
		{
			name:    "built by jobs of which none says that it publishes",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Build", "success"))),
			verdict: runbook.Unknown, says: []string{"none of its jobs has a name that says it publishes an image"},
		},
		{
			name:    "built by a job that only has to do with the release's notes",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Build docker image", "success"), jobBody("Update release notes", "success"))),
			verdict: runbook.Unknown, says: []string{"none of its jobs has a name that says it publishes an image"},
		},
		{
			name:    "the job that builds the image was skipped",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Build docker image", "skipped"), jobBody("Update release notes", "success"))),
			verdict: runbook.Unknown, says: []string{`"Build docker image" ended as "skipped"`, "https://github.com/o/r/actions/job/1"}, sees: []string{"job of the image: Build docker image: skipped"},
		},
		{
			name:    "a job of the image failed, though one publishes",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Container tests", "failure"), jobBody("Publish", "success"))),
			verdict: runbook.Unknown, says: []string{`"Container tests" ended as "failure"`},
		},
		{
			name:    "a job of the image was skipped, and so was the one that publishes it",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Build image", "skipped"), jobBody("Push to GHCR", "skipped"))),
			verdict: runbook.Failed, says: []string{`"Push to GHCR" ended as "skipped"`}, again: true,
		},
		{
			name:    "the job that releases the image",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Lint", "skipped"), jobBody("Release images", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "a draft",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, status: 404, body: missing}, visible, listed(draftBody(tag), before)},
			verdict: runbook.Failed, says: []string{"still a draft", "https://github.com/o/r/releases/edit/" + tag}, sees: []string{"draft: " + tag}, again: true,
		},
		{
			name:    "absent",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, status: 404, body: missing}, visible, listed(draftBody("v1.6.0"), before)},
			verdict: runbook.Failed, says: []string{"There is no published release " + tag + " in o/r"}, again: true,
		},
		{
			name:    "absent, and whether it is a draft cannot be told",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, status: 404, body: missing}, visible, {url: repo + "/releases?per_page=30", status: 500, body: missing}},
			verdict: runbook.Unknown, says: []string{"Looking for a draft"},
		},
		{
			name:    "not visible",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, status: 404, body: missing}, hidden},
			verdict: runbook.Unknown, says: []string{"absent or not visible"},
		},
		{
			name:    "a login page",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, kind: "text/html", body: "<title>Sign in</title>"}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name:    "the token is refused",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, status: 401, body: missing}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name:    "no connection",
			asks:    []exchange{{url: repo + "/releases/tags/" + tag, err: errors.New("connection refused")}},
			verdict: runbook.Unknown, says: []string{"Looking for the release " + tag},
		},
		{
			name:    "the tag is gone",
			asks:    []exchange{byTag(newest), {url: repo + "/commits/tags/" + tag, status: 422, body: missing}, visible},
			verdict: runbook.Failed, says: []string{"no Git tag"}, again: true,
		},
		{
			name:    "an older release",
			asks:    []exchange{byTag(newest), tagged(), listed(releaseBody("v1.5.5", hoursAgo(0)), newest, before), ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Publish", "success"))},
			verdict: runbook.Failed, says: []string{"not the newest", "v1.5.5 came after it", "rollback"},
			leaves: runbook.Facts{"release.older": tag + " is not the newest: v1.5.5 came after it", "release.commit": commit},
		},
		{
			name:    "an older release whose build failed cannot be accepted",
			asks:    []exchange{byTag(newest), tagged(), listed(releaseBody("v1.5.5", hoursAgo(0)), newest, before), ran(runBody(7, tag, "completed", "failure"))},
			verdict: runbook.Failed, says: []string{`ended as "failure"`}, leaves: runbook.Facts{"release.older": ""}, again: true,
		},
		{
			name: "a job that publishes something else does not stand for one that failed",
			asks: published(exchange{url: ran().url, body: object{"total_count": 2, "workflow_runs": []object{otherWorkflow(8), runBody(7, tag, "completed", "success")}}},
				worked(8, jobBody("Publish release notes", "success")), worked(7, jobBody("Publish images", "skipped"))),
			verdict: runbook.Failed, says: []string{`"Publish images" ended as "skipped"`}, again: true,
		},
		{
			name: "two workflows in a repository that has another name now: the way there has cost a request",
			asks: []exchange{byTag(renamed(newest)), tagged(), listed(newest, before),
				{url: ran().url, body: object{"total_count": 2, "workflow_runs": []object{otherWorkflow(8), runBody(7, tag, "completed", "success")}}},
				worked(8, jobBody("Publish images", "success"))},
			verdict: runbook.Unknown, says: []string{"has started 2 workflows"},
		},
		{
			name:    "a lower version that was published later",
			asks:    []exchange{byTag(newest), tagged(), listed(newest, releaseBody("v1.10.0", hoursAgo(50))), ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Publish", "success"))},
			verdict: runbook.Failed, says: []string{"v1.10.0 came after it"},
			leaves: runbook.Facts{"release.older": tag + " is not the newest: v1.10.0 came after it"},
		},
		{
			name: "newer drafts and pre-releases do not count",
			asks: []exchange{byTag(newest), tagged(), listed(draftBody("v1.6.0"), prereleaseBody("v2.0.0-rc1", hoursAgo(0)), newest, before),
				ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Publish", "success"))},
			verdict: runbook.Passed,
		},
		{
			name:    "no run has started",
			asks:    published(ran()),
			verdict: runbook.Failed, says: []string{"has not started a workflow run yet"}, again: true,
		},
		{
			name:    "the run is queued",
			asks:    published(ran(runBody(7, tag, "queued", "")), taggedBefore(), ranBefore()),
			verdict: runbook.Failed, says: []string{"is queued, for 10 min now."}, again: true,
		},
		{
			name:    "the run is in progress",
			asks:    published(ran(runBody(7, tag, "in_progress", "")), taggedBefore(), ranBefore(buildBefore(7*time.Minute))),
			verdict: runbook.Failed, says: []string{"is in progress, for 10 min now; that of v1.5.3 took 7 min."}, again: true,
			leaves: runbook.Facts{"release.usual-build": "; that of v1.5.3 took 7 min"},
		},
		{
			name:    "the run is in progress, and how long the one before took is known",
			facts:   runbook.Facts{runbook.ReleaseTag: tag, "release.usual-build": "; that of v1.5.3 took 7 min"},
			asks:    published(ran(runBody(7, tag, "in_progress", ""))),
			verdict: runbook.Failed, says: []string{"; that of v1.5.3 took 7 min."}, again: true,
		},
		{
			name:    "the run is in progress, and the one before failed",
			asks:    published(ran(runBody(7, tag, "in_progress", "")), taggedBefore(), ranBefore(object{"id": 5, "name": "CI", "path": "ci", "event": "release", "status": "completed", "conclusion": "failure", "head_branch": "v1.5.3", "head_sha": commitBefore, "run_attempt": 1, "run_started_at": stamp(hoursAgo(900)), "updated_at": stamp(hoursAgo(899))})),
			verdict: runbook.Failed, says: []string{"is in progress, for 10 min now."}, again: true,
		},
		{
			name:    "the run failed",
			asks:    published(ran(runBody(7, tag, "completed", "failure"))),
			verdict: runbook.Failed, says: []string{`ended as "failure"`, "actions/runs/7"}, again: true,
		},
		{
			name:    "the run was cancelled",
			asks:    published(ran(runBody(7, tag, "completed", "cancelled"))),
			verdict: runbook.Failed, says: []string{`ended as "cancelled"`}, again: true,
		},
		{
			name:    "the run was skipped",
			asks:    published(ran(runBody(7, tag, "completed", "skipped"))),
			verdict: runbook.Failed, says: []string{`ended as "skipped"`}, again: true,
		},
		{
			name:    "the publishing job was skipped",
			asks:    published(ran(runBody(7, tag, "completed", "success")), worked(7, jobBody("Build", "success"), jobBody("Publish images", "skipped"))),
			verdict: runbook.Failed, says: []string{`"Publish images" ended as "skipped"`}, again: true,
		},
		{
			name:    "the list of jobs is cut",
			asks:    published(ran(runBody(7, tag, "completed", "success")), exchange{url: repo + "/actions/runs/7/jobs?filter=latest&per_page=100", body: object{"total_count": 2, "jobs": []object{jobBody("Publish", "success")}}}),
			verdict: runbook.Unknown, says: []string{"only 1 of 2"},
		},
		{
			name: "two tags on one commit",
			asks: published(ran(attempt(9, 1, "v1.5.4-rc1", "completed", "success", hoursAgo(0)), attempt(8, 1, "", "completed", "success", hoursAgo(1)),
				attempt(7, 1, tag, "completed", "failure", hoursAgo(2)))),
			verdict: runbook.Failed, says: []string{"actions/runs/7"}, again: true,
		},
		{
			name:    "only another tag of the commit was built",
			asks:    published(ran(attempt(9, 1, "v1.5.4-rc1", "completed", "success", hoursAgo(0)))),
			verdict: runbook.Failed, says: []string{"has not started a workflow run yet"}, again: true,
		},
		{
			name:    "a run whose branch GitHub does not say",
			asks:    published(ran(attempt(9, 1, "", "completed", "success", hoursAgo(0))), worked(9, jobBody("Publish", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "a run whose branch GitHub does not say, of long before the release",
			asks:    published(ran(attempt(9, 1, "", "completed", "success", hoursAgo(30*24)))),
			verdict: runbook.Unknown, says: []string{"GitHub does not say which tag", "actions/runs/9"}, sees: []string{"for no tag (attempt 1, started 2024-02-01"},
		},
		{
			name:    "a run whose branch GitHub does not say, a moment before the release",
			asks:    published(ran(attempt(9, 1, "", "completed", "success", hoursAgo(1).Add(-30*time.Second))), worked(9, jobBody("Publish", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "a later attempt of a run whose branch GitHub does not say",
			asks:    published(ran(attempt(9, 2, "", "completed", "success", hoursAgo(0)))),
			verdict: runbook.Unknown, says: []string{"GitHub does not say which tag"},
		},
		{
			name: "a run whose branch GitHub does not say, after the next release",
			asks: []exchange{byTag(newest), tagged(), listed(prereleaseBody("v1.6.0-rc1", moment.Add(-30*time.Minute)), newest, before),
				ran(attempt(9, 1, "", "completed", "success", moment.Add(-20*time.Minute)))},
			verdict: runbook.Unknown, says: []string{"GitHub does not say which tag"},
		},
		{
			name: "a run whose branch GitHub does not say, before the next release",
			asks: []exchange{byTag(newest), tagged(), listed(prereleaseBody("v1.6.0-rc1", moment.Add(-30*time.Minute)), newest, before),
				ran(attempt(9, 1, "", "completed", "success", moment.Add(-50*time.Minute))), worked(9, jobBody("Publish", "success"))},
			verdict: runbook.Passed,
		},
		{
			name:    "a workflow that names the tag, and one that does not and failed",
			asks:    published(exchange{url: ran().url, body: object{"total_count": 2, "workflow_runs": []object{nameless(otherWorkflow(8)), runBody(7, tag, "completed", "success")}}}),
			verdict: runbook.Failed, says: []string{`ended as "failure"`, "actions/runs/8"}, again: true,
		},
		{
			name: "the newest attempt counts",
			asks: published(ran(attempt(7, 1, tag, "completed", "failure", hoursAgo(2)), attempt(8, 3, tag, "completed", "success", hoursAgo(1))),
				worked(8, jobBody("Publish", "success"))),
			verdict: runbook.Passed, sees: []string{"attempt 3"},
		},
		{
			name:    "the workflow is not found",
			asks:    published(exchange{url: repo + "/actions/workflows/ci_cd.yml/runs?event=release&head_sha=" + commit + "&per_page=100", status: 404, body: missing}),
			verdict: runbook.Unknown, says: []string{"ci_cd.yml"},
		},
		{
			name:   "no workflow is named",
			params: steps.Params{"repository": "o/r"},
			asks: published(exchange{url: repo + "/actions/runs?event=release&head_sha=" + commit + "&per_page=100",
				body: object{"total_count": 1, "workflow_runs": []object{runBody(7, tag, "completed", "success")}}}, worked(7, jobBody("Publish", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "no release is chosen",
			facts:   runbook.Facts{},
			asks:    []exchange{{url: repo + "/releases?per_page=10", body: []object{draftBody("v1.6.0"), newest, before}}},
			verdict: runbook.Unknown, says: []string{"No release has been chosen", tag}, sees: []string{"draft: v1.6.0", "newest release: " + tag},
		},
		{
			name:    "nothing was ever released",
			facts:   runbook.Facts{},
			asks:    []exchange{{url: repo + "/releases?per_page=10", body: []object{}}},
			verdict: runbook.Failed, says: []string{"no published release"}, again: true,
		},
		{
			name:    "only drafts are among those that are listed",
			facts:   runbook.Facts{},
			asks:    []exchange{andMore(exchange{url: repo + "/releases?per_page=10", body: []object{draftBody("v1.6.0")}})},
			verdict: runbook.Unknown, says: []string{"None of the 1 releases of o/r that GitHub lists first is published"},
		},
		{
			name:    "a tag that no image can have",
			facts:   runbook.Facts{runbook.ReleaseTag: "release/1.5"},
			verdict: runbook.Failed, says: []string{"not well formed"}, again: true,
		},
		{
			name:    "no repository",
			params:  steps.Params{},
			verdict: runbook.Unknown, says: []string{"repository"},
		},
	},
}
