package github

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// The numbers GitHub gives to the repository's two workflows.
const (
	buildWorkflow = 11287001
	draftWorkflow = 11287002
	draftFile     = "draft_release.yml"
)

// workflowRun is one run of a workflow. begins and ends may lie in the future.
type workflowRun struct {
	id       int64
	workflow int64
	file     string
	name     string
	event    string
	branch   string
	commit   string
	created  time.Time
	begins   time.Time
	ends     time.Time
	jobs     []job
}

// job is a part of a workflow run; its times count from the run's creation.
type job struct {
	name         string
	begins, ends time.Duration
}

// releaseJobs are those of a build: when they begin and end follows from the run's.
func releaseJobs(b state.Build) []job {
	quarter := (b.Ends - b.Starts) / 4
	return []job{
		{"Lint", b.Starts, b.Starts + quarter},
		{"Build image", b.Starts, b.Starts + 2*quarter},
		{"Run tests", b.Starts + 2*quarter, b.Starts + 3*quarter},
		{"Publish Docker images", b.Starts + 3*quarter, b.Ends},
	}
}

// workflowRuns lists the runs there are now, the newest first: one for every
// published release, and what a push to main started for each commit.
func workflowRuns(s *state.Store) []workflowRun {
	usual := state.UsualBuild
	var runs []workflowRun
	for _, r := range s.ReleaseList(true) {
		push := workflowRun{
			id: 4600000000 + r.ID*10, workflow: buildWorkflow, file: Workflow, name: "CI + CD",
			event: "push", branch: "main", commit: r.Commit, created: r.Created,
			begins: r.Created.Add(usual.Starts), ends: r.Created.Add(usual.Ends),
			jobs: releaseJobs(usual)[:3], // a push publishes nothing
		}
		draft := push
		draft.id, draft.workflow, draft.file, draft.name = push.id+1, draftWorkflow, draftFile, "Draft release"
		draft.jobs = []job{{"Update draft release", usual.Starts, usual.Ends}}
		runs = append(runs, push, draft)
		if !r.Draft() {
			built, build := push, r.BuildTimes()
			built.id, built.event, built.branch, built.created, built.jobs = push.id+2, "release", r.Tag, r.Published, releaseJobs(build)
			built.begins, built.ends = r.Published.Add(build.Starts), r.Published.Add(build.Ends)
			runs = append(runs, built)
		}
	}
	slices.SortStableFunc(runs, func(a, b workflowRun) int { return b.created.Compare(a.created) })
	return runs
}

// progress gives GitHub's status and conclusion for something that runs from
// begins to ends.
func progress(now, begins, ends time.Time) (status string, conclusion any) {
	switch {
	case now.Before(begins):
		return "queued", nil
	case now.Before(ends):
		return "in_progress", nil
	default:
		return "completed", "success"
	}
}

func (g *hub) runs(w http.ResponseWriter, r *http.Request) {
	g.listRuns(w, r, workflowRuns(g.state))
}

func (g *hub) workflowRuns(w http.ResponseWriter, r *http.Request) {
	var id int64
	switch asked := r.PathValue("file"); asked {
	case Workflow, strconv.Itoa(buildWorkflow):
		id = buildWorkflow
	case draftFile, strconv.Itoa(draftWorkflow):
		id = draftWorkflow
	default:
		g.notFound(w, r)
		return
	}
	g.listRuns(w, r, slices.DeleteFunc(workflowRuns(g.state), func(run workflowRun) bool { return run.workflow != id }))
}

func (g *hub) listRuns(w http.ResponseWriter, r *http.Request, runs []workflowRun) {
	q, now := r.URL.Query(), g.state.Now()
	runs = slices.DeleteFunc(runs, func(run workflowRun) bool { return !run.matches(q, now) })
	rows := []server.Object{}
	for _, run := range paginate(w, r, g, runs) {
		rows = append(rows, g.runBody(run, now))
	}
	githubJSON(w, http.StatusOK, server.Object{"total_count": len(runs), "workflow_runs": rows})
}

// matches applies GitHub's filters. The status filter takes both statuses and
// conclusions.
func (run workflowRun) matches(q url.Values, now time.Time) bool {
	status, conclusion := progress(now, run.begins, run.ends)
	for name, value := range map[string]string{"event": run.event, "branch": run.branch, "head_sha": run.commit} {
		if want := q.Get(name); want != "" && want != value {
			return false
		}
	}
	want := q.Get("status")
	return want == "" || want == status || want == conclusion
}

func (g *hub) findRun(r *http.Request) (workflowRun, bool) {
	for _, run := range workflowRuns(g.state) {
		if strconv.FormatInt(run.id, 10) == r.PathValue("id") {
			return run, true
		}
	}
	return workflowRun{}, false
}

func (g *hub) run(w http.ResponseWriter, r *http.Request) {
	if run, ok := g.findRun(r); ok {
		githubJSON(w, http.StatusOK, g.runBody(run, g.state.Now()))
		return
	}
	g.notFound(w, r)
}

func (g *hub) jobs(w http.ResponseWriter, r *http.Request) {
	run, ok := g.findRun(r)
	if !ok {
		g.notFound(w, r)
		return
	}
	var all []server.Object
	for i, j := range run.jobs {
		all = append(all, g.jobBody(run, i, j, g.state.Now()))
	}
	githubJSON(w, http.StatusOK, server.Object{"total_count": len(all), "jobs": paginate(w, r, g, all)})
}

func (g *hub) runBody(run workflowRun, now time.Time) server.Object {
	status, conclusion := progress(now, run.begins, run.ends)
	updated := run.created
	for _, at := range []time.Time{run.begins, run.ends} {
		if !at.After(now) {
			updated = at
		}
	}
	id := fmt.Sprintf("/actions/runs/%d", run.id)
	actor, repo, person := g.userBody(maintainer, maintainerID, "User"), g.repositoryBody(), server.Object{"name": "A Person", "email": "person@example.org"}
	title := run.branch
	if run.event == "push" {
		title = "Prepare a release"
	}
	return server.Object{
		"id": run.id, "node_id": nodeID("WFR", run.id), "name": run.name, "path": ".github/workflows/" + run.file, "workflow_id": run.workflow,
		"event": run.event, "status": status, "conclusion": conclusion, "display_title": title,
		"head_branch": run.branch, "head_sha": run.commit, "run_number": run.id % 1000, "run_attempt": 1,
		"created_at": githubTime(run.created), "updated_at": githubTime(updated), "run_started_at": githubTime(run.created),
		"url": g.api(id), "html_url": g.web(id), "jobs_url": g.api(id + "/jobs"), "logs_url": g.api(id + "/logs"),
		"cancel_url": g.api(id + "/cancel"), "rerun_url": g.api(id + "/rerun"), "artifacts_url": g.api(id + "/artifacts"),
		"workflow_url":   g.api(fmt.Sprintf("/actions/workflows/%d", run.workflow)),
		"check_suite_id": run.id + 1000, "check_suite_node_id": nodeID("CS", run.id+1000), "check_suite_url": g.api(fmt.Sprintf("/check-suites/%d", run.id+1000)),
		"pull_requests": []server.Object{}, "referenced_workflows": []server.Object{}, "previous_attempt_url": nil,
		"actor": actor, "triggering_actor": actor, "repository": repo, "head_repository": repo,
		"head_commit": server.Object{
			"id": run.commit, "tree_id": state.SHA("tree " + run.commit), "message": "Prepare a release",
			"timestamp": githubTime(run.created), "author": person, "committer": person,
		},
	}
}

func (g *hub) jobBody(run workflowRun, i int, j job, now time.Time) server.Object {
	begins, ends := run.created.Add(j.begins), run.created.Add(j.ends)
	status, conclusion := progress(now, begins, ends)
	// GitHub gives the time of creation as started_at of a job that waits.
	var completed any
	switch status {
	case "queued":
		begins = run.created
	case "completed":
		completed = githubTime(ends)
	}
	id := run.id*10 + int64(i)
	return server.Object{
		"id": id, "node_id": nodeID("CR", id), "run_id": run.id, "run_attempt": 1, "workflow_name": run.name, "name": j.name,
		"head_branch": run.branch, "head_sha": run.commit, "status": status, "conclusion": conclusion,
		"created_at": githubTime(run.created), "started_at": githubTime(begins), "completed_at": completed,
		"url": g.api(fmt.Sprintf("/actions/jobs/%d", id)), "html_url": g.web(fmt.Sprintf("/actions/runs/%d/job/%d", run.id, id)),
		"run_url": g.api(fmt.Sprintf("/actions/runs/%d", run.id)), "labels": []string{"ubuntu-latest"}, "steps": []server.Object{},
		"check_run_url": g.api(fmt.Sprintf("/check-runs/%d", id)),
		"runner_name":   nil, "runner_id": nil, "runner_group_name": nil, "runner_group_id": nil,
	}
}
