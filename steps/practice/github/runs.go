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

// workflowRun is a run of the one workflow.
type workflowRun struct {
	id                    int64
	event, branch, commit string
	created               time.Time
	build                 state.Build
	jobs                  []job
}

// job is a job of a workflow run. Its times count from the creation of the run.
type job struct {
	name         string
	begins, ends time.Duration
}

// releaseJobs returns the jobs of a build, with times derived from those of the run.
func releaseJobs(b state.Build) []job {
	quarter := (b.Ends - b.Starts) / 4
	return []job{
		{"Lint", b.Starts, b.Starts + quarter},
		{"Build image", b.Starts, b.Starts + 2*quarter},
		{"Run tests", b.Starts + 2*quarter, b.Starts + 3*quarter},
		{"Publish Docker images", b.Starts + 3*quarter, b.Ends},
	}
}

// workflowRuns returns the runs that exist now, newest first: one for each published
// release, and one for the push of each commit.
func workflowRuns(s *state.Store) []workflowRun {
	var runs []workflowRun
	for _, r := range s.Releases(true) {
		id, usual := 4600000000+r.ID*10, state.UsualBuild
		// A push publishes nothing.
		runs = append(runs, workflowRun{id, "push", "main", r.Commit, r.Created, usual, releaseJobs(usual)[:3]})
		if !r.Draft() {
			runs = append(runs, workflowRun{id + 2, "release", r.Tag, r.Commit, r.Published, r.BuildTimes(), releaseJobs(r.BuildTimes())})
		}
	}
	slices.SortStableFunc(runs, func(a, b workflowRun) int { return b.created.Compare(a.created) })
	return runs
}

// progress returns GitHub's status and conclusion for a run or job that takes from
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

func (run workflowRun) progress(now time.Time) (status string, conclusion any) {
	return progress(now, run.created.Add(run.build.Starts), run.created.Add(run.build.Ends))
}

func (g *hub) runsOfWorkflow(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("file") != Workflow {
		g.notFound(w, r)
		return
	}
	g.runs(w, r)
}

func (g *hub) runs(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), g.state.Now()
	runs := slices.DeleteFunc(workflowRuns(g.state), func(run workflowRun) bool { return !run.matches(q, now) })
	rows := []server.Object{}
	for _, run := range paginate(w, r, g, runs) {
		rows = append(rows, g.runBody(run, now))
	}
	answer(w, http.StatusOK, server.Object{"total_count": len(runs), "workflow_runs": rows})
}

// matches reports whether a run matches GitHub's filters. The status filter accepts both
// statuses and conclusions.
func (run workflowRun) matches(q url.Values, now time.Time) bool {
	for name, value := range map[string]string{"event": run.event, "branch": run.branch, "head_sha": run.commit} {
		if want := q.Get(name); want != "" && want != value {
			return false
		}
	}
	status, conclusion := run.progress(now)
	want := q.Get("status")
	return want == "" || want == status || want == conclusion
}

func (g *hub) jobs(w http.ResponseWriter, r *http.Request) {
	for _, run := range workflowRuns(g.state) {
		if strconv.FormatInt(run.id, 10) != r.PathValue("id") {
			continue
		}
		var all []server.Object
		for i, j := range run.jobs {
			all = append(all, g.jobBody(run, i, j, g.state.Now()))
		}
		answer(w, http.StatusOK, server.Object{"total_count": len(all), "jobs": paginate(w, r, g, all)})
		return
	}
	g.notFound(w, r)
}

func (g *hub) runBody(run workflowRun, now time.Time) server.Object {
	status, conclusion := run.progress(now)
	updated := run.created
	for _, after := range []time.Duration{run.build.Starts, run.build.Ends} {
		if at := run.created.Add(after); !at.After(now) {
			updated = at
		}
	}
	return server.Object{
		"id": run.id, "name": "CI + CD", "path": ".github/workflows/" + Workflow, "event": run.event, "status": status, "conclusion": conclusion,
		"head_branch": run.branch, "head_sha": run.commit, "run_attempt": 1,
		"run_started_at": stamp(run.created), "updated_at": stamp(updated), "html_url": g.web(fmt.Sprintf("/actions/runs/%d", run.id)),
	}
}

func (g *hub) jobBody(run workflowRun, i int, j job, now time.Time) server.Object {
	begins, ends := run.created.Add(j.begins), run.created.Add(j.ends)
	status, conclusion := progress(now, begins, ends)
	// For a job that is waiting, GitHub's started_at is when it was created.
	var completed any
	switch status {
	case "queued":
		begins = run.created
	case "completed":
		completed = stamp(ends)
	}
	id := run.id*10 + int64(i)
	return server.Object{
		"id": id, "name": j.name, "status": status, "conclusion": conclusion, "started_at": stamp(begins), "completed_at": completed,
		"html_url": g.web(fmt.Sprintf("/actions/runs/%d/job/%d", run.id, id)),
	}
}
