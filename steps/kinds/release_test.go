package kinds_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

const repo = fake.GitHubAPI + "/repos/o/r"

func draftBody(tag string) fake.Object {
	return fake.Object{"id": 2, "tag_name": tag, "name": tag, "draft": true, "prerelease": false,
		"published_at": nil, "created_at": fake.Stamp(fake.Moment), "html_url": "https://github.com/o/r/releases/edit/" + tag}
}

// renamed is a release of the repository as it is called now.
func renamed(body fake.Object) fake.Object {
	body = maps.Clone(body)
	body["html_url"] = strings.Replace(body["html_url"].(string), "/o/r/", "/o/renamed/", 1)
	return body
}

func prereleaseBody(tag string, published time.Time) fake.Object {
	body := fake.ReleaseBody(tag, published)
	body["prerelease"] = true
	return body
}

func hoursAgo(n int) time.Time { return fake.Moment.Add(-time.Duration(n) * time.Hour) }

// The requests of a release's check, in their order.
func byTag(body fake.Object) fake.Exchange {
	return fake.Exchange{URL: repo + "/releases/tags/" + fake.Tag, Body: body}
}

func tagged() fake.Exchange {
	return fake.Exchange{URL: repo + "/commits/tags/" + fake.Tag, Kind: "application/vnd.github.sha", Body: fake.Commit}
}

func listed(releases ...fake.Object) fake.Exchange {
	return fake.Exchange{URL: repo + "/releases?per_page=30", Body: releases}
}

// ofCatalog is the same request about a release of one part of a repository.
func ofCatalog(asked fake.Exchange) fake.Exchange {
	asked.URL = strings.Replace(asked.URL, fake.Tag, "catalog-"+fake.Tag, 1)
	return asked
}

// latest is the release that GitHub names as the latest.
func latest(release fake.Object) fake.Exchange {
	return fake.Exchange{URL: repo + "/releases/latest", Body: release}
}

// built are the requests about a build that succeeded.
func built() []fake.Exchange {
	return []fake.Exchange{ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))}
}

// limited is an answer with which GitHub allows 30 more requests within half an hour.
func limited(asked fake.Exchange) fake.Exchange {
	asked.Header = map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "30", "X-RateLimit-Reset": strconv.FormatInt(fake.Moment.Add(30*time.Minute).Unix(), 10)}
	return asked
}

// exhausted is an answer with which GitHub refuses, for half an hour.
func exhausted(asked fake.Exchange) fake.Exchange {
	asked = limited(asked)
	asked.Status, asked.Body = 403, fake.Object{"message": "API rate limit exceeded"}
	asked.Header["X-RateLimit-Remaining"] = "0"
	return asked
}

// andMore is a list that has another page.
func andMore(list fake.Exchange) fake.Exchange {
	list.Header = map[string]string{"Link": `<` + list.URL + `&page=2>; rel="next"`}
	return list
}

func ran(runs ...fake.Object) fake.Exchange {
	if runs == nil {
		runs = []fake.Object{}
	}
	return fake.Exchange{URL: repo + "/actions/workflows/ci_cd.yml/runs?head_sha=" + fake.Commit + "&per_page=100",
		Body: fake.Object{"total_count": len(runs), "workflow_runs": runs}}
}

// ranForTag is what is asked if the release has started no run.
func ranForTag(runs ...fake.Object) fake.Exchange {
	asked := ran(runs...)
	asked.URL = repo + "/actions/workflows/ci_cd.yml/runs?branch=" + fake.Tag + "&per_page=100"
	return asked
}

// by is a run of another event, or for another commit.
func by(event, commit string, run fake.Object) fake.Object {
	run["event"], run["head_sha"] = event, commit
	return run
}

// madeBy is a release that someone else has made.
func madeBy(login string, release fake.Object) fake.Object {
	release = maps.Clone(release)
	release["author"] = fake.Object{"login": login}
	return release
}

// withSteps is a job with steps, given as name and conclusion in turn.
func withSteps(job fake.Object, steps ...string) fake.Object {
	var all []fake.Object
	for i := 0; i < len(steps); i += 2 {
		all = append(all, fake.Object{"name": steps[i], "status": "completed", "conclusion": steps[i+1], "number": i/2 + 1})
	}
	job["steps"] = all
	return job
}

func worked(run int, jobs ...fake.Object) fake.Exchange {
	if jobs == nil {
		jobs = []fake.Object{}
	}
	return fake.Exchange{URL: fmt.Sprintf("%s/actions/runs/%d/jobs?filter=latest&per_page=100", repo, run), Body: fake.Object{"total_count": len(jobs), "jobs": jobs}}
}

// imageJobs is a workflow whose one job pushes the image for a release.
const imageJobs = `
on: {release: {types: [published]}, push: {branches: [main]}}
jobs:
  lint: {steps: [{run: make lint}]}
  ship:
    name: Ship it
    steps:
      - uses: docker/login-action@v3
        with: {registry: registry.test}
      - name: Push
        run: docker push registry.test/o/catalog:${{ github.ref_name }}
  chart:
    name: Publish Docker chart
    if: github.event_name == 'push'
    steps: [{run: helm push chart oci://registry.test/o/charts}]
`

// filed is the workflow's file at the release's commit.
func filed(text string) fake.Exchange { return filedAt("ci_cd.yml", text) }

func filedAt(name, text string) fake.Exchange {
	return fake.Exchange{URL: repo + "/contents/.github/workflows/" + name + "?ref=" + fake.Commit, Body: fake.Object{
		"type": "file", "name": name, "path": ".github/workflows/" + name, "sha": fake.Commit, "size": len(text),
		"encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(text)),
		"url": repo, "html_url": nil, "git_url": nil, "download_url": nil, "_links": fake.Object{"self": repo, "git": nil, "html": nil}}}
}

// countsMore is a list whose count is off by one.
func countsMore(list fake.Exchange) fake.Exchange {
	body := maps.Clone(list.Body.(fake.Object))
	body["total_count"] = body["total_count"].(int) + 1
	list.Body = body
	return list
}

// ofImage are the parameters of a release whose image is known.
var ofImage = steps.Params{"repository": "o/r", "workflow": "ci_cd.yml", "image": fake.ImageRef}

// filedAndRan are the requests up to the jobs of a run that succeeded, with the workflow's file.
func filedAndRan(file fake.Exchange, jobs ...fake.Object) []fake.Exchange {
	return published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, jobs...), file)
}

var (
	visible  = fake.Exchange{URL: repo, Body: fake.Object{"full_name": "o/r"}}
	noLatest = fake.Exchange{URL: repo + "/releases/latest", Status: 404, Body: fake.Missing}
	hidden   = fake.Exchange{URL: repo, Status: 404, Body: fake.Missing}
	before   = fake.ReleaseBody("v1.5.3", hoursAgo(900))
	newest   = fake.ReleaseBody(fake.Tag, hoursAgo(1))
)

// published are the requests up to the workflow runs, and those that follow.
func published(then ...fake.Exchange) []fake.Exchange {
	return append([]fake.Exchange{byTag(newest), tagged(), listed(newest, before)}, then...)
}

// otherWorkflow is a newer run of another workflow that the release started.
func otherWorkflow(id int) fake.Object {
	body := fake.Attempt(id, 1, fake.Tag, "completed", "success", fake.Moment.Add(-5*time.Minute))
	body["path"], body["name"] = ".github/workflows/notes.yml", "Notes"
	return body
}

// failedNotes is a run of that workflow that failed, and notesOnly its file.
func failedNotes(id int) fake.Object {
	body := otherWorkflow(id)
	body["conclusion"] = "failure"
	return body
}

const notesOnly = "on: release\njobs: {notes: {name: Notes, steps: [{uses: softprops/action-gh-release@v2}]}}"

// begun is a run that began then with its first attempt.
func begun(run fake.Object, at time.Time) fake.Object {
	run["created_at"] = fake.Stamp(at)
	return run
}

// nameless is a failed run of which GitHub does not say the branch.
func nameless(run fake.Object) fake.Object {
	run["head_branch"], run["conclusion"] = nil, "failure"
	return run
}

const commitBefore = "89abcdef0123456789abcdef0123456789abcdef"

// ranBefore is what is asked about the release before, for how long its build took.
func ranBefore(runs ...fake.Object) fake.Exchange {
	asked := ran(runs...)
	asked.URL = repo + "/actions/workflows/ci_cd.yml/runs?branch=v1.5.3&event=release&per_page=100"
	return asked
}

func buildBefore(took time.Duration) fake.Object {
	body := fake.Attempt(5, 1, "v1.5.3", "completed", "success", hoursAgo(900))
	body["head_sha"], body["updated_at"] = commitBefore, fake.Stamp(hoursAgo(900).Add(took))
	return body
}

// ended is a run for the release that succeeded so long ago.
func ended(id int, ago time.Duration) fake.Object {
	body := fake.RunBody(id, fake.Tag, "completed", "success")
	body["updated_at"] = fake.Stamp(fake.Moment.Add(-ago))
	return body
}

var releaseFixture = fixture{
	params: steps.Params{"repository": "o/r", "workflow": "ci_cd.yml"},
	facts:  runbook.Facts{runbook.ReleaseTag: fake.Tag},
	hang:   hangingService,
	cases: []kindCase{
		{
			name:    "published and built",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Lint", "success"), fake.JobBody("Publish images", "success"))),
			verdict: runbook.Passed, says: []string{fake.Tag, "build succeeded"},
			sees:   []string{"published 2024-03-02 11:00:00 UTC", "commit: " + fake.Commit, "release before: v1.5.3", "CI + CD: completed, success (attempt 1", "Publish images: success"},
			leaves: runbook.Facts{"release.commit": fake.Commit, "release.older": "", "release.built": "", "release.moved": ""},
		},
		{
			name:    "built by several runs, of a repository that has another name now",
			asks:    append(published(ran(ended(7, 9*time.Minute), ended(8, 4*time.Minute)), worked(7, fake.JobBody("Publish images", "success")))[1:], byTag(renamed(newest))),
			verdict: runbook.Passed, leaves: runbook.Facts{"release.built": fake.Moment.Add(-4 * time.Minute).Format(time.RFC3339), "release.moved": "o/renamed"},
		},
		{
			name: "published and built, with more releases than are listed",
			asks: []fake.Exchange{byTag(newest), tagged(), andMore(listed(newest, before)),
				ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Passed, sees: []string{"compared with: the 2 releases that GitHub lists first; there are more"},
		},
		{
			name: "published by the job that the workflow's file names, whatever it is called", params: ofImage,
			asks:    filedAndRan(filed(imageJobs), fake.JobBody("lint", "success"), withSteps(fake.JobBody("Ship it", "success"), "Push", "success"), fake.JobBody("Publish Docker chart", "skipped")),
			verdict: runbook.Passed, sees: []string{"Ship it: success, as the workflow's file says"},
		},
		{
			name: "the job that the workflow's file names was skipped, and another one published", params: ofImage,
			asks:    filedAndRan(filed(imageJobs), fake.JobBody("Ship it", "skipped"), fake.JobBody("Publish Docker chart", "success")),
			verdict: runbook.Failed, says: []string{`"Ship it" ended as "skipped"`}, again: true,
		},
		{
			name: "the step that the workflow's file names was skipped", params: ofImage,
			asks:    filedAndRan(filed(imageJobs), withSteps(fake.JobBody("Ship it", "success"), "Push", "skipped", "Push notes", "success")),
			verdict: runbook.Failed, says: []string{`the step "Push" of its job "Ship it" was skipped`}, again: true,
		},
		{
			name: "the workflow's file pushes for another event only", params: ofImage,
			asks: filedAndRan(filed("on: [push, release]\njobs: {ship: {name: Publish image, steps: [{uses: docker/build-push-action@v6, with: {push: \"${{ github.event_name == 'push' }}\", tags: \"registry.test/o/catalog:x\"}}]}}"),
				fake.JobBody("Publish image", "success")),
			verdict: runbook.Failed, says: []string{"builds the image without pushing it"}, again: true,
		},
		{
			name: "the workflow's file leaves the job out for a release", params: ofImage,
			asks: filedAndRan(filed("on: [push, release]\njobs: {ship: {name: Publish image, if: \"github.event_name == 'push'\", steps: [{run: docker push registry.test/o/catalog}]}}"),
				fake.JobBody("Publish image", "skipped")),
			verdict: runbook.Failed, says: []string{`for other events than "release"`}, again: true,
		},
		{
			name: "the workflow's file calls another, which publishes", params: ofImage,
			asks: append(filedAndRan(filed("on: release\njobs: {call: {name: Images, uses: ./.github/workflows/images.yml}}"), fake.JobBody("Images / ship", "success")),
				filedAt("images.yml", "on: {workflow_call: {}}\njobs: {ship: {steps: [{run: docker push registry.test/o/catalog}]}}")),
			verdict: runbook.Passed,
		},
		{
			name: "the workflow that the file calls was skipped", params: ofImage,
			asks: append(filedAndRan(filed("on: release\njobs: {call: {name: Images, uses: ./.github/workflows/images.yml}}"), fake.JobBody("Images", "skipped")),
				filedAt("images.yml", "on: {workflow_call: {}}\njobs: {ship: {steps: [{run: docker push registry.test/o/catalog}]}}")),
			verdict: runbook.Failed, says: []string{`"Images" ended as "skipped"`}, again: true,
		},
		{
			name: "two jobs may publish, and one of them was skipped", params: ofImage,
			asks: filedAndRan(filed("on: release\njobs: {a: {steps: [{run: docker push $A}]}, b: {steps: [{run: docker push $B}]}}"),
				fake.JobBody("a", "success"), fake.JobBody("b", "skipped")),
			verdict: runbook.Unknown, says: []string{`"b" ended as "skipped", which may be the one`},
		},
		{
			name: "built, and the push of the tag builds it again", waits: true,
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success"), by("push", fake.Commit, fake.RunBody(6, fake.Tag, "in_progress", ""))), ranBefore()),
			verdict: runbook.Failed, says: []string{"The build of v1.5.4 is in progress"}, sees: []string{"by the event push"}, again: true,
		},
		{
			name: "built, as the commit's push was, and its nightly build goes on",
			asks: published(ran(fake.RunBody(7, fake.Tag, "completed", "success"), by("push", fake.Commit, fake.RunBody(6, "main", "completed", "failure")),
				by("schedule", fake.Commit, fake.RunBody(5, "main", "in_progress", ""))), worked(7, fake.JobBody("Publish images", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "GitHub counts a run more than it lists, long after the publication",
			asks:    published(countsMore(ran(fake.RunBody(7, fake.Tag, "completed", "success"))), countsMore(worked(7, fake.JobBody("Publish images", "success")))),
			verdict: runbook.Passed,
		},
		{
			name: "GitHub counts a run more than it lists, soon after the publication",
			asks: []fake.Exchange{byTag(fake.ReleaseBody(fake.Tag, fake.Moment.Add(-9*time.Minute))), tagged(), listed(newest, before),
				countsMore(ran(begun(fake.RunBody(7, fake.Tag, "completed", "success"), fake.Moment.Add(-8*time.Minute))))},
			verdict: runbook.Unknown, says: []string{"only 1 of 2 workflow runs were listed"},
		},
		{
			name:    "GitHub's limit is reached, and waiting goes on when it ends",
			asks:    []fake.Exchange{exhausted(byTag(newest))},
			verdict: runbook.Unknown, says: []string{"Looking for the release v1.5.4: GitHub's rate limit"}, again: true,
			leaves: runbook.Facts{"release.pause": "30m0s"},
		},
		{
			name: "the workflow's file can't be read", params: ofImage,
			asks:    filedAndRan(filed("jobs: ["), fake.JobBody("Publish images", "success")),
			verdict: runbook.Passed, sees: []string{"workflow's file: .github/workflows/ci_cd.yml can't be read", "so jobs are judged by their names"},
		},
		{
			name: "the workflow's file shows nothing that pushes, whatever its jobs are called", params: ofImage,
			asks:    filedAndRan(filed("on: release\njobs: {a: {name: Publish, steps: [{uses: softprops/action-gh-release@v2}]}}"), fake.JobBody("Publish", "success")),
			verdict: runbook.Unknown, says: []string{"none of its jobs pushes the image, as far as the workflow's file shows"},
		},
		{
			name: "the workflow's file calls another repository's workflow, so its name decides", params: ofImage,
			asks:    filedAndRan(filed("on: release\njobs: {a: {name: Publish image, uses: o/shared/.github/workflows/x.yml@v1}, b: {name: Publish notes image, steps: [{run: x}]}}"), fake.JobBody("Publish image / go", "success"), fake.JobBody("Publish notes image", "skipped")),
			verdict: runbook.Passed,
		},
		{
			name: "the workflow's file can't be asked for", params: ofImage,
			asks:    filedAndRan(fake.Exchange{URL: filed("").URL, Status: 500, Body: fake.Missing}, fake.JobBody("Publish images", "success")),
			verdict: runbook.Unknown, says: []string{"Looking at the jobs of the build"},
		},
		{
			name: "the workflow does not start when a release is published", params: ofImage,
			asks:    published(ran(), ranForTag(), filed("on: {push: {branches: [main]}, release: {types: [edited]}}\njobs: {a: {steps: [{run: docker push x}]}}")),
			verdict: runbook.Unknown, says: []string{"doesn't start when a release is published, only for: push, release (edited)"},
		},
		{
			name: "the tag started the build, and the workflow does not start for a release", params: ofImage,
			asks: published(ran(), ranForTag(by("push", fake.Commit, fake.RunBody(7, fake.Tag, "completed", "success"))),
				filed("on: {push: {tags: ['v*']}}\njobs: {a: {steps: [{run: docker push x}]}}")),
			verdict: runbook.Unknown, says: []string{"doesn't start when a release is published, only for: push.", `The event "push" started one for its tag`},
		},
		{
			name:    "built by jobs of which none says that it publishes",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Build", "success"))),
			verdict: runbook.Unknown, says: []string{"none of its jobs has a name that says it publishes an image"},
		},
		{
			name:    "built by a job that only has to do with the release's notes",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Build docker image", "success"), fake.JobBody("Update release notes", "success"))),
			verdict: runbook.Unknown, says: []string{"none of its jobs has a name that says it publishes an image"},
		},
		{
			name:    "the job that builds the image was skipped",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Build docker image", "skipped"), fake.JobBody("Update release notes", "success"))),
			verdict: runbook.Unknown, says: []string{`"Build docker image" ended as "skipped"`, "https://github.com/o/r/actions/job/1"}, sees: []string{"job of the image: Build docker image: skipped"},
		},
		{
			name:    "a job of the image failed, though one publishes",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Container tests", "failure"), fake.JobBody("Publish", "success"))),
			verdict: runbook.Unknown, says: []string{`"Container tests" ended as "failure"`},
		},
		{
			name:    "a job of the image was skipped, and so was the one that publishes it",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Build image", "skipped"), fake.JobBody("Push to GHCR", "skipped"))),
			verdict: runbook.Failed, says: []string{`"Push to GHCR" ended as "skipped"`}, again: true,
		},
		{
			name:    "the job that releases the image",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Lint", "skipped"), fake.JobBody("Release images", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "a draft",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Status: 404, Body: fake.Missing}, visible, listed(draftBody(fake.Tag), before)},
			verdict: runbook.Failed, says: []string{"still a draft", "https://github.com/o/r/releases/edit/" + fake.Tag}, sees: []string{"draft: " + fake.Tag}, again: true,
		},
		{
			name:    "absent",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Status: 404, Body: fake.Missing}, visible, listed(draftBody("v1.6.0"), before)},
			verdict: runbook.Failed, says: []string{"There is no published release " + fake.Tag + " in o/r"}, again: true,
		},
		{
			name:    "absent, and whether it is a draft cannot be told",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Status: 404, Body: fake.Missing}, visible, {URL: repo + "/releases?per_page=30", Status: 500, Body: fake.Missing}},
			verdict: runbook.Unknown, says: []string{"Looking for a draft"},
		},
		{
			name:    "not visible",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Status: 404, Body: fake.Missing}, hidden},
			verdict: runbook.Unknown, says: []string{"your account can't see it"},
		},
		{
			name:    "a login page",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Kind: "text/html", Body: "<title>Sign in</title>"}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name:    "the token is refused",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Status: 401, Body: fake.Missing}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name:    "no connection",
			asks:    []fake.Exchange{{URL: repo + "/releases/tags/" + fake.Tag, Err: errors.New("connection refused")}},
			verdict: runbook.Unknown, says: []string{"Can't reach GitHub"},
		},
		{
			name:    "the tag is gone",
			asks:    []fake.Exchange{byTag(newest), {URL: repo + "/commits/tags/" + fake.Tag, Status: 422, Body: fake.Missing}, visible, listed(newest, before)},
			verdict: runbook.Failed, says: []string{"no Git tag"}, again: true,
		},
		{
			name:    "an older release",
			asks:    []fake.Exchange{byTag(newest), tagged(), listed(fake.ReleaseBody("v1.5.5", hoursAgo(0)), newest, before), ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish", "success"))},
			verdict: runbook.Failed, says: []string{"not the newest", "v1.5.5 came after it", "rollback"},
			leaves: runbook.Facts{"release.older": fake.Tag + " is not the newest: v1.5.5 came after it", "release.commit": fake.Commit},
		},
		{
			name:    "an older release whose build failed cannot be accepted",
			asks:    []fake.Exchange{byTag(newest), tagged(), listed(fake.ReleaseBody("v1.5.5", hoursAgo(0)), newest, before), ran(fake.RunBody(7, fake.Tag, "completed", "failure"))},
			verdict: runbook.Failed, says: []string{`ended as "failure"`}, leaves: runbook.Facts{"release.older": ""}, again: true,
		},
		{
			name: "a job that publishes something else does not stand for one that failed",
			asks: published(fake.Exchange{URL: ran().URL, Body: fake.Object{"total_count": 2, "workflow_runs": []fake.Object{otherWorkflow(8), fake.RunBody(7, fake.Tag, "completed", "success")}}},
				worked(8, fake.JobBody("Publish release notes", "success")), worked(7, fake.JobBody("Publish images", "skipped"))),
			verdict: runbook.Failed, says: []string{`"Publish images" ended as "skipped"`}, again: true,
		},
		{
			name: "two workflows in a repository that has another name now: the way there has cost a request",
			asks: []fake.Exchange{byTag(renamed(newest)), tagged(), listed(newest, before),
				{URL: ran().URL, Body: fake.Object{"total_count": 2, "workflow_runs": []fake.Object{otherWorkflow(8), fake.RunBody(7, fake.Tag, "completed", "success")}}},
				worked(8, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Unknown, says: []string{"has started 2 workflows"},
		},
		{
			name:    "a lower version that was published later",
			asks:    []fake.Exchange{byTag(newest), tagged(), listed(newest, fake.ReleaseBody("v1.10.0", hoursAgo(50))), ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish", "success"))},
			verdict: runbook.Failed, says: []string{"v1.10.0 came after it"},
			leaves: runbook.Facts{"release.older": fake.Tag + " is not the newest: v1.10.0 came after it"},
		},
		{
			name:    "GitHub names it as the latest, and a lower version was published later",
			asks:    append([]fake.Exchange{byTag(newest), tagged(), latest(newest), listed(fake.ReleaseBody("v1.4.9", hoursAgo(0)), newest, before)}, built()...),
			verdict: runbook.Passed, sees: []string{"published later: v1.4.9", "GitHub names v1.5.4 as the latest", "release before: v1.5.3"},
		},
		{
			name:    "GitHub names it as the latest, and there is a higher version",
			asks:    append([]fake.Exchange{byTag(newest), tagged(), latest(newest), listed(newest, fake.ReleaseBody("v1.6.0", hoursAgo(50)))}, built()...),
			verdict: runbook.Failed, says: []string{"v1.6.0 came after it"},
		},
		{
			name:    "GitHub names another release as the latest, which is beyond the list",
			asks:    append([]fake.Exchange{byTag(newest), tagged(), latest(fake.ReleaseBody("v2.0.0", hoursAgo(9000))), andMore(listed(newest, before))}, built()...),
			verdict: runbook.Failed, says: []string{"v1.5.4 is not the newest: GitHub names v2.0.0 as the latest release"}, sees: []string{"latest release: GitHub names v2.0.0"},
			leaves: runbook.Facts{"release.older": "v1.5.4 is not the newest: GitHub names v2.0.0 as the latest release"},
		},
		{
			name: "GitHub still names the release before as the latest",
			asks: []fake.Exchange{byTag(fake.ReleaseBody(fake.Tag, fake.Moment.Add(-time.Minute))), tagged(), latest(before), listed(fake.ReleaseBody(fake.Tag, fake.Moment.Add(-time.Minute)), before),
				ran(fake.Attempt(7, 1, fake.Tag, "completed", "success", fake.Moment.Add(-30*time.Second))), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Passed, sees: []string{"latest release: GitHub names v1.5.3"},
		},
		{
			name:    "GitHub names a release of another part as the latest",
			asks:    append([]fake.Exchange{byTag(newest), tagged(), latest(fake.ReleaseBody("api-v3.2.0", hoursAgo(0))), listed(newest, before)}, built()...),
			verdict: runbook.Passed,
		},
		{
			name:    "the latest release cannot be asked for",
			asks:    []fake.Exchange{byTag(newest), tagged(), {URL: repo + "/releases/latest", Status: 502, Body: fake.Missing}, listed(newest, before)},
			verdict: runbook.Unknown, says: []string{"Comparing with the releases before it"},
		},
		{
			name:    "GitHub names none as the latest",
			asks:    []fake.Exchange{byTag(newest), tagged(), noLatest, listed(newest, before)},
			verdict: runbook.Unknown, says: []string{"GitHub names no release as the latest (404), although v1.5.4 is published"},
		},
		{
			name:    "a pre-release as the latest is no answer",
			asks:    []fake.Exchange{byTag(newest), tagged(), latest(prereleaseBody("v2.0.0", hoursAgo(1))), listed(newest, before)},
			verdict: runbook.Unknown, says: []string{"is a draft or a pre-release"},
		},
		{
			name:  "newer releases of another part of the repository",
			facts: runbook.Facts{runbook.ReleaseTag: "catalog-v1.5.4"},
			asks: []fake.Exchange{ofCatalog(byTag(fake.ReleaseBody("catalog-v1.5.4", hoursAgo(1)))), ofCatalog(tagged()),
				listed(fake.ReleaseBody("api-v3.2.0", hoursAgo(0)), fake.ReleaseBody("v9.0.0", hoursAgo(0)), fake.ReleaseBody("catalog-v1.5.4", hoursAgo(1)), fake.ReleaseBody("catalog-v1.5.3", hoursAgo(900))),
				ran(fake.RunBody(7, "catalog-v1.5.4", "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Passed, sees: []string{"release before: catalog-v1.5.3"},
		},
		{
			name:  "a tag with the folder of a part of the repository",
			facts: runbook.Facts{runbook.ReleaseTag: "catalog/v1.5.4"},
			asks: []fake.Exchange{{URL: repo + "/releases/tags/catalog%2Fv1.5.4", Body: fake.ReleaseBody("catalog/v1.5.4", hoursAgo(1))},
				{URL: repo + "/commits/tags/catalog/v1.5.4", Kind: "application/vnd.github.sha", Body: fake.Commit},
				listed(fake.ReleaseBody("api/v3.2.0", hoursAgo(0)), fake.ReleaseBody("catalog/v1.5.4", hoursAgo(1)), fake.ReleaseBody("catalog/v1.5.3", hoursAgo(900))),
				ran(fake.RunBody(7, "catalog/v1.5.4", "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Passed, sees: []string{"release before: catalog/v1.5.3"},
		},
		{
			name:  "a higher version of the same part of the repository",
			facts: runbook.Facts{runbook.ReleaseTag: "catalog-v1.5.4"},
			asks: []fake.Exchange{ofCatalog(byTag(fake.ReleaseBody("catalog-v1.5.4", hoursAgo(1)))), ofCatalog(tagged()),
				listed(fake.ReleaseBody("catalog-v1.5.4", hoursAgo(1)), fake.ReleaseBody("catalog-v1.10.0", hoursAgo(900))),
				ran(fake.RunBody(7, "catalog-v1.5.4", "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Failed, says: []string{"catalog-v1.10.0 came after it"},
		},
		{
			name: "newer drafts and pre-releases do not count",
			asks: []fake.Exchange{byTag(newest), tagged(), listed(draftBody("v1.6.0"), prereleaseBody("v2.0.0-rc1", hoursAgo(0)), newest, before),
				ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish", "success"))},
			verdict: runbook.Passed,
		},
		{
			name:    "GitHub lists no run, long after the publication",
			asks:    published(ran(), ranForTag()),
			verdict: runbook.Unknown, says: []string{"GitHub lists no workflow run for the release v1.5.4, 60 min after its publication", "may have been dropped"},
			leaves: runbook.Facts{"release.found": "GitHub lists no workflow run for the release v1.5.4"},
		},
		{
			name: "GitHub lists no run yet", waits: true,
			asks:    []fake.Exchange{byTag(fake.ReleaseBody(fake.Tag, fake.Moment.Add(-2*time.Minute))), tagged(), listed(newest, before), ran(), ranForTag()},
			verdict: runbook.Failed, says: []string{"GitHub lists no workflow run for the release v1.5.4 yet, 2 min after"}, again: true,
		},
		{
			name:    "a workflow has published the release with its own token",
			asks:    []fake.Exchange{byTag(madeBy("github-actions[bot]", newest)), tagged(), listed(newest, before), ran(), ranForTag()},
			verdict: runbook.Unknown, says: []string{"a workflow's own token, whose releases start none"},
		},
		{
			name:    "the tag was pushed, and that started the build",
			asks:    published(ran(), ranForTag(by("push", fake.Commit, fake.RunBody(7, fake.Tag, "completed", "success")))),
			verdict: runbook.Unknown, says: []string{`The event "push" started one for its tag, which ended as "success"`, "actions/runs/7"}, sees: []string{", by the event push"},
		},
		{
			name: "the tag was pushed, and that build goes on", waits: true,
			asks:    published(ran(), ranForTag(by("push", fake.Commit, fake.RunBody(7, fake.Tag, "in_progress", "")))),
			verdict: runbook.Failed, says: []string{`the event "push" has started one for its tag, which is in progress`}, again: true,
		},
		{
			name:    "the tag was moved after the publication",
			asks:    published(ran(), ranForTag(by("release", commitBefore, fake.RunBody(7, fake.Tag, "completed", "success")))),
			verdict: runbook.Failed, says: []string{"The tag v1.5.4 was moved: its workflow ran for the commit 89abcdef0123"}, again: true, sees: []string{"for the commit " + commitBefore},
		},
		{
			name:    "other runs cannot be listed",
			asks:    published(ran(), fake.Exchange{URL: ranForTag().URL, Status: 502, Body: fake.Missing}),
			verdict: runbook.Unknown, says: []string{"Looking for other builds of v1.5.4"},
		},
		{
			name:    "its runs are too old to be listed",
			asks:    []fake.Exchange{byTag(fake.ReleaseBody(fake.Tag, hoursAgo(401*24))), tagged(), listed(newest, before), ran()},
			verdict: runbook.Unknown, says: []string{"GitHub no longer has the workflow runs of v1.5.4", "400 days"},
		},
		{
			name:    "a run of before the publication proves nothing",
			asks:    published(ran(fake.Attempt(7, 1, fake.Tag, "completed", "success", hoursAgo(2))), ranForTag(fake.Attempt(7, 1, fake.Tag, "completed", "success", hoursAgo(2)))),
			verdict: runbook.Unknown, says: []string{"the one before proves nothing about it"}, sees: []string{"before the release was published"},
		},
		{
			name:    "a run of before the publication that was started again proves nothing either",
			asks:    published(ran(begun(fake.Attempt(7, 2, fake.Tag, "completed", "success", hoursAgo(0)), hoursAgo(2))), ranForTag()),
			verdict: runbook.Unknown, says: []string{"the one before proves nothing about it"},
		},
		{
			name: "one run is done, and another of the same workflow goes on", waits: true,
			asks:    published(ran(fake.Attempt(8, 1, fake.Tag, "completed", "success", fake.Moment.Add(-50*time.Minute)), fake.Attempt(7, 1, fake.Tag, "in_progress", "", fake.Moment.Add(-51*time.Minute)))),
			verdict: runbook.Failed, says: []string{"One build of v1.5.4 has succeeded, and another is in progress, for 51 min now"}, again: true,
		},
		{
			name: "an edit of the notes started a run that failed",
			asks: published(ran(fake.Attempt(8, 1, fake.Tag, "completed", "failure", fake.Moment.Add(-5*time.Minute)), fake.Attempt(7, 1, fake.Tag, "completed", "success", fake.Moment.Add(-50*time.Minute))),
				worked(7, fake.JobBody("Publish images", "success"))),
			verdict: runbook.Passed, sees: []string{"completed, failure", "completed, success"},
		},
		{
			name: "an edit of the notes started a run that published nothing",
			asks: published(ran(fake.Attempt(8, 1, fake.Tag, "completed", "success", fake.Moment.Add(-5*time.Minute)), fake.Attempt(7, 1, fake.Tag, "completed", "success", fake.Moment.Add(-50*time.Minute))),
				worked(7, fake.JobBody("Publish images", "success"))),
			verdict: runbook.Passed,
		},
		{
			name: "only the second run of the workflow published",
			asks: published(ran(fake.Attempt(8, 1, fake.Tag, "completed", "success", fake.Moment.Add(-50*time.Minute)), fake.Attempt(7, 1, fake.Tag, "completed", "success", fake.Moment.Add(-51*time.Minute))),
				worked(7, fake.JobBody("Publish images", "skipped")), worked(8, fake.JobBody("Publish images", "success"))),
			verdict: runbook.Passed,
		},
		{
			name: "the run is in progress, and GitHub allows few more requests", waits: true,
			facts:   runbook.Facts{runbook.ReleaseTag: fake.Tag, "release.usual-build": ""},
			asks:    published(limited(ran(fake.RunBody(7, fake.Tag, "in_progress", "")))),
			verdict: runbook.Failed, says: []string{"is in progress"}, again: true, leaves: runbook.Facts{"release.pause": "6m0s"},
		},
		{
			name: "somebody has to approve the build", waits: true,
			asks:    published(ran(fake.RunBody(7, fake.Tag, "waiting", ""))),
			verdict: runbook.Failed, says: []string{"waits for an approval, for 10 min now: see https://github.com/o/r/actions/runs/7"}, again: true,
		},
		{
			name:    "GitHub lists the jobs later",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7)),
			verdict: runbook.Unknown, says: []string{"GitHub does not list its jobs yet"}, again: true,
		},
		{
			name:    "the steps that push were skipped",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, withSteps(fake.JobBody("Publish images", "success"), "Set up job", "success", "Log in", "skipped", "Build and push", "skipped", "Post Build and push", "success"))),
			verdict: runbook.Failed, says: []string{`the step "Build and push" of its job "Publish images" was skipped`}, sees: []string{"step: Build and push: skipped"}, again: true,
		},
		{
			name:    "one of two steps that push was skipped",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, withSteps(fake.JobBody("Publish images", "success"), "Push the nightly tag", "skipped", "Push", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "what gives the image its tag was skipped, and something else was published",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("promote-latest", "skipped"), fake.JobBody("publish-apt", "success"))),
			verdict: runbook.Unknown, says: []string{"none of its jobs has a name"},
		},
		{
			name:    "a chart was published, and the job of the registry was skipped",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish Helm chart", "success"), fake.JobBody("ghcr", "skipped"))),
			verdict: runbook.Unknown, says: []string{`"ghcr" ended as "skipped"`},
		},
		{
			name:    "a pre-release",
			asks:    []fake.Exchange{byTag(prereleaseBody(fake.Tag, hoursAgo(1))), tagged(), listed(newest, before), ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Failed, says: []string{"v1.5.4 is a pre-release", "Accept it with a reason"}, sees: []string{"v1.5.4, a pre-release, published"},
			leaves: runbook.Facts{"release.older": "v1.5.4 is a pre-release"},
		},
		{
			name:    "a pre-release that isn't the newest",
			asks:    []fake.Exchange{byTag(prereleaseBody(fake.Tag, hoursAgo(1))), tagged(), listed(fake.ReleaseBody("v1.5.5", hoursAgo(0)), before), ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Publish images", "success"))},
			verdict: runbook.Failed, says: []string{"v1.5.5 came after it, and it is a pre-release"},
			leaves: runbook.Facts{"release.older": "v1.5.4 is not the newest: v1.5.5 came after it\nv1.5.4 is a pre-release"},
		},
		{
			name: "the run is queued", waits: true,
			asks:    published(ran(fake.RunBody(7, fake.Tag, "queued", "")), ranBefore()),
			verdict: runbook.Failed, says: []string{"is queued, for 10 min now."}, again: true,
		},
		{
			name: "the run is in progress", waits: true,
			asks:    published(ran(fake.RunBody(7, fake.Tag, "in_progress", "")), ranBefore(buildBefore(7*time.Minute))),
			verdict: runbook.Failed, says: []string{"is in progress, for 10 min now; that of v1.5.3 took 7 min."}, again: true,
			leaves: runbook.Facts{"release.usual-build": "; that of v1.5.3 took 7 min"},
		},
		{
			name: "the run is in progress, and how long the one before took is known", waits: true,
			facts:   runbook.Facts{runbook.ReleaseTag: fake.Tag, "release.usual-build": "; that of v1.5.3 took 7 min"},
			asks:    published(ran(fake.RunBody(7, fake.Tag, "in_progress", ""))),
			verdict: runbook.Failed, says: []string{"; that of v1.5.3 took 7 min."}, again: true,
		},
		{
			name: "the run is in progress, and the one before failed", waits: true,
			asks:    published(ran(fake.RunBody(7, fake.Tag, "in_progress", "")), ranBefore(fake.Object{"id": 5, "name": "CI", "path": "ci", "event": "release", "status": "completed", "conclusion": "failure", "head_branch": "v1.5.3", "head_sha": commitBefore, "run_attempt": 1, "run_started_at": fake.Stamp(hoursAgo(900)), "updated_at": fake.Stamp(hoursAgo(899))})),
			verdict: runbook.Failed, says: []string{"is in progress, for 10 min now."}, again: true,
		},
		{
			name:    "the run failed",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "failure"))),
			verdict: runbook.Failed, says: []string{`ended as "failure"`, "actions/runs/7"}, again: true,
		},
		{
			name:    "the run was cancelled",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "cancelled"))),
			verdict: runbook.Failed, says: []string{`ended as "cancelled"`}, again: true,
		},
		{
			name:    "the run was skipped",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "skipped"))),
			verdict: runbook.Failed, says: []string{`ended as "skipped"`}, again: true,
		},
		{
			name:    "the publishing job was skipped",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), worked(7, fake.JobBody("Build", "success"), fake.JobBody("Publish images", "skipped"))),
			verdict: runbook.Failed, says: []string{`"Publish images" ended as "skipped"`}, again: true,
		},
		{
			name:    "the list of jobs is cut",
			asks:    published(ran(fake.RunBody(7, fake.Tag, "completed", "success")), fake.Exchange{URL: repo + "/actions/runs/7/jobs?filter=latest&per_page=100", Body: fake.Object{"total_count": 3, "jobs": []fake.Object{fake.JobBody("Publish", "success")}}}),
			verdict: runbook.Unknown, says: []string{"only 1 of 3"},
		},
		{
			name: "two tags on one commit",
			asks: published(ran(fake.Attempt(9, 1, "v1.5.4-rc1", "completed", "success", hoursAgo(0)), fake.Attempt(8, 1, "", "completed", "success", hoursAgo(1)),
				fake.Attempt(7, 1, fake.Tag, "completed", "failure", hoursAgo(1)))),
			verdict: runbook.Failed, says: []string{"actions/runs/7"}, again: true,
		},
		{
			name:    "only another tag of the commit was built",
			asks:    published(ran(fake.Attempt(9, 1, "v1.5.4-rc1", "completed", "success", hoursAgo(0))), ranForTag()),
			verdict: runbook.Unknown, says: []string{"GitHub lists no workflow run for the release v1.5.4"},
		},
		{
			name:    "a run whose branch GitHub does not say",
			asks:    published(ran(fake.Attempt(9, 1, "", "completed", "success", hoursAgo(0))), worked(9, fake.JobBody("Publish", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "a run whose branch GitHub does not say, of long before the release",
			asks:    published(ran(fake.Attempt(9, 1, "", "completed", "success", hoursAgo(30*24)))),
			verdict: runbook.Unknown, says: []string{"GitHub does not say which tag", "actions/runs/9"}, sees: []string{"for no tag (attempt 1, started 2024-02-01"},
		},
		{
			name:    "a run whose branch GitHub does not say, a moment before the release",
			asks:    published(ran(fake.Attempt(9, 1, "", "completed", "success", hoursAgo(1).Add(-30*time.Second))), worked(9, fake.JobBody("Publish", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "a later attempt of a run whose branch GitHub does not say",
			asks:    published(ran(fake.Attempt(9, 2, "", "completed", "success", hoursAgo(0)))),
			verdict: runbook.Unknown, says: []string{"GitHub does not say which tag"},
		},
		{
			name: "a run whose branch GitHub does not say, after the next release",
			asks: []fake.Exchange{byTag(newest), tagged(), listed(prereleaseBody("v1.6.0-rc1", fake.Moment.Add(-30*time.Minute)), newest, before),
				ran(fake.Attempt(9, 1, "", "completed", "success", fake.Moment.Add(-20*time.Minute)))},
			verdict: runbook.Unknown, says: []string{"GitHub does not say which tag"},
		},
		{
			name: "a run whose branch GitHub does not say, before the next release",
			asks: []fake.Exchange{byTag(newest), tagged(), listed(prereleaseBody("v1.6.0-rc1", fake.Moment.Add(-30*time.Minute)), newest, before),
				ran(fake.Attempt(9, 1, "", "completed", "success", fake.Moment.Add(-50*time.Minute))), worked(9, fake.JobBody("Publish", "success"))},
			verdict: runbook.Passed,
		},
		{
			name:    "a workflow that names the tag, and one that does not and failed",
			asks:    published(fake.Exchange{URL: ran().URL, Body: fake.Object{"total_count": 2, "workflow_runs": []fake.Object{nameless(otherWorkflow(8)), fake.RunBody(7, fake.Tag, "completed", "success")}}}),
			verdict: runbook.Failed, says: []string{`ended as "failure"`, "actions/runs/8"}, again: true,
		},
		{
			name: "another workflow failed, whose file shows that it pushes no image", params: ofImage,
			asks: published(ran(failedNotes(8), fake.RunBody(7, fake.Tag, "completed", "success")), filedAt("notes.yml", notesOnly), filed(imageJobs),
				worked(7, fake.JobBody("Ship it", "success"))),
			verdict: runbook.Passed, sees: []string{"Notes: completed, failure", "not of the image: Notes pushes no image, as its file says"},
		},
		{
			name: "another workflow failed, whose file shows that it may push the image", params: ofImage,
			asks:    published(ran(failedNotes(8), fake.RunBody(7, fake.Tag, "completed", "success")), filedAt("notes.yml", imageJobs)),
			verdict: runbook.Failed, says: []string{`ended as "failure"`, "actions/runs/8"}, again: true,
		},
		{
			name: "the workflow of the image failed, and another succeeded", params: ofImage,
			asks:    published(ran(otherWorkflow(8), fake.RunBody(7, fake.Tag, "completed", "failure")), filed(imageJobs)),
			verdict: runbook.Failed, says: []string{`ended as "failure"`, "actions/runs/7"}, again: true,
		},
		{
			name: "only another workflow has started, and failed", params: ofImage,
			asks:    published(ran(failedNotes(8))),
			verdict: runbook.Failed, says: []string{`ended as "failure"`}, again: true,
		},
		{
			name: "the newest attempt counts",
			asks: published(ran(fake.Attempt(7, 1, fake.Tag, "completed", "failure", hoursAgo(2)), fake.Attempt(8, 3, fake.Tag, "completed", "success", hoursAgo(1))),
				worked(8, fake.JobBody("Publish", "success"))),
			verdict: runbook.Passed, sees: []string{"attempt 3"},
		},
		{
			name:    "the workflow is not found",
			asks:    published(fake.Exchange{URL: repo + "/actions/workflows/ci_cd.yml/runs?head_sha=" + fake.Commit + "&per_page=100", Status: 404, Body: fake.Missing}),
			verdict: runbook.Unknown, says: []string{"ci_cd.yml"},
		},
		{
			name:   "no workflow is named",
			params: steps.Params{"repository": "o/r"},
			asks: published(fake.Exchange{URL: repo + "/actions/runs?head_sha=" + fake.Commit + "&per_page=100",
				Body: fake.Object{"total_count": 1, "workflow_runs": []fake.Object{fake.RunBody(7, fake.Tag, "completed", "success")}}}, worked(7, fake.JobBody("Publish", "success"))),
			verdict: runbook.Passed,
		},
		{
			name:    "no release is chosen",
			facts:   runbook.Facts{},
			asks:    []fake.Exchange{{URL: repo + "/releases?per_page=10", Body: []fake.Object{draftBody("v1.6.0"), newest, before}}},
			verdict: runbook.Unknown, says: []string{"No release chosen yet", fake.Tag}, sees: []string{"draft: v1.6.0", "newest release: " + fake.Tag},
		},
		{
			name:    "nothing was ever released",
			facts:   runbook.Facts{},
			asks:    []fake.Exchange{noLatest, {URL: repo + "/releases?per_page=10", Body: []fake.Object{}}},
			verdict: runbook.Failed, says: []string{"no published release"}, again: true,
		},
		{
			name:    "the newest is a pre-release, and no release is chosen",
			facts:   runbook.Facts{},
			asks:    []fake.Exchange{{URL: repo + "/releases?per_page=10", Body: []fake.Object{prereleaseBody("v1.6.0-rc1", hoursAgo(0)), newest, before}}},
			verdict: runbook.Unknown, says: []string{"The newest published release is " + fake.Tag}, sees: []string{"pre-release: v1.6.0-rc1", "newest release: " + fake.Tag},
		},
		{
			name:    "no release is chosen, and the latest is not the one published last",
			facts:   runbook.Facts{},
			asks:    []fake.Exchange{latest(newest), {URL: repo + "/releases?per_page=10", Body: []fake.Object{fake.ReleaseBody("v1.4.9", hoursAgo(0)), newest, before}}},
			verdict: runbook.Unknown, says: []string{"The newest published release is " + fake.Tag}, sees: []string{"published last: v1.4.9", "newest release: " + fake.Tag},
		},
		{
			name:    "no release is chosen, of one part of the repository",
			facts:   runbook.Facts{},
			params:  steps.Params{"repository": "o/r", "tag-prefix": "catalog-"},
			asks:    []fake.Exchange{latest(fake.ReleaseBody("api-v3.2.0", hoursAgo(0))), {URL: repo + "/releases?per_page=10", Body: []fake.Object{fake.ReleaseBody("api-v3.2.0", hoursAgo(0)), fake.ReleaseBody("catalog-v1.5.4", hoursAgo(1))}}},
			verdict: runbook.Unknown, says: []string{"The newest published release is catalog-v1.5.4"},
		},
		{
			name:    "a release of another part of the repository",
			params:  steps.Params{"repository": "o/r", "tag-prefix": "catalog-"},
			verdict: runbook.Failed, again: true, says: []string{"The tag v1.5.4 belongs to another part of o/r: those of this one begin with catalog-."},
		},
		{
			name:    "only drafts are among those that are listed",
			facts:   runbook.Facts{},
			asks:    []fake.Exchange{noLatest, andMore(fake.Exchange{URL: repo + "/releases?per_page=10", Body: []fake.Object{draftBody("v1.6.0")}})},
			verdict: runbook.Unknown, says: []string{"None of the 1 releases of o/r that GitHub lists first is published"},
		},
		{
			name:    "a tag that git would not take",
			facts:   runbook.Facts{runbook.ReleaseTag: "release/../1.5"},
			verdict: runbook.Failed, says: []string{"not well formed"}, again: true,
		},
		{
			name:    "no repository",
			params:  steps.Params{},
			verdict: runbook.Unknown, says: []string{"repository"},
		},
	},
}
