package github

import (
	"cmp"
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
	file                  string // of the workflow
	waits                 bool   // for someone's approval
	conclusion            string // once it has ended
}

// job is a job of a workflow run. Its times count from the creation of the run.
type job struct {
	name         string
	begins, ends time.Duration
	conclusion   string   // once it has ended; "" is success
	steps        []string // where some were skipped, with all names
}

// releaseJobs returns the jobs of a build, with times derived from those of the run.
func releaseJobs(b state.Build) []job {
	quarter := (b.Ends - b.Starts) / 4
	return []job{
		{name: "Lint", begins: b.Starts, ends: b.Starts + quarter},
		{name: "Build image", begins: b.Starts, ends: b.Starts + 2*quarter},
		{name: "Run tests", begins: b.Starts + 2*quarter, ends: b.Starts + 3*quarter},
		{name: "Publish Docker images", begins: b.Starts + 3*quarter, ends: b.Ends},
	}
}

// pushing are the steps of the job that publishes the image.
var pushing = []string{"Log in to the registry", "Push the image"}

// startedBy returns a run for a release's tag.
func startedBy(r state.Release, id int64, run state.Run) workflowRun {
	build := r.BuildTimes()
	build.Ends += run.Lasts
	w := workflowRun{
		id: id, event: cmp.Or(run.Event, "release"), branch: r.Tag, commit: cmp.Or(run.Commit, r.Commit), created: r.Published.Add(run.After),
		build: build, jobs: releaseJobs(build), file: cmp.Or(run.Workflow, Workflow), waits: run.Waits, conclusion: cmp.Or(run.Conclusion, "success"),
	}
	last := &w.jobs[len(w.jobs)-1]
	last.conclusion = run.Conclusion
	switch {
	case run.Unlisted:
		w.jobs = nil
	case run.Withheld == "job":
		last.conclusion = "skipped"
	case run.Withheld == "steps":
		last.steps = pushing
	}
	return w
}

// workflowRuns returns the runs that exist now, newest first: one for each published
// release, and one for the push of each commit.
func workflowRuns(s *state.Store) []workflowRun {
	var runs []workflowRun
	for _, r := range s.Releases(true) {
		id, usual := 4600000000+r.ID*10, state.UsualBuild
		// A push publishes nothing.
		runs = append(runs, workflowRun{id: id, event: "push", branch: "main", commit: r.Commit, created: r.Created, build: usual, jobs: releaseJobs(usual)[:3], file: Workflow, conclusion: "success"})
		if r.Draft() || r.Unbuilt {
			continue
		}
		for i, run := range append(r.Runs, make([]state.Run, max(0, 1-len(r.Runs)))...) {
			if started := startedBy(r, id+2+int64(i), run); !started.created.After(s.Now()) {
				runs = append(runs, started)
			}
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
	status, conclusion = progress(now, run.created.Add(run.build.Starts), run.created.Add(run.build.Ends))
	switch {
	case run.waits && status != "queued":
		return "waiting", nil
	case conclusion != nil:
		conclusion = run.conclusion
	}
	return status, conclusion
}

func (g *hub) runsOfWorkflow(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("file") != Workflow {
		g.notFound(w, r)
		return
	}
	g.listRuns(w, r, Workflow)
}

func (g *hub) runs(w http.ResponseWriter, r *http.Request) { g.listRuns(w, r, "") }

// listRuns serves the runs of a workflow, of all if it is "".
func (g *hub) listRuns(w http.ResponseWriter, r *http.Request, file string) {
	q, now := r.URL.Query(), g.state.Now()
	runs := slices.DeleteFunc(workflowRuns(g.state), func(run workflowRun) bool { return !run.matches(q, now) || file != "" && run.file != file })
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
		all := []server.Object{}
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
		"id": run.id, "name": "CI + CD", "path": ".github/workflows/" + run.file, "event": run.event, "status": status, "conclusion": conclusion,
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
	if run.waits && status != "queued" && i == len(run.jobs)-1 {
		status, conclusion, completed = "waiting", nil, nil
	}
	if conclusion != nil && j.conclusion != "" {
		conclusion = j.conclusion
	}
	id := run.id*10 + int64(i)
	body := server.Object{
		"id": id, "name": j.name, "status": status, "conclusion": conclusion, "started_at": stamp(begins), "completed_at": completed,
		"html_url": g.web(fmt.Sprintf("/actions/runs/%d/job/%d", run.id, id)),
	}
	if len(j.steps) > 0 && conclusion != nil {
		var rows []server.Object
		for n, name := range j.steps {
			rows = append(rows, server.Object{"name": name, "number": n + 1, "status": "completed", "conclusion": "skipped"})
		}
		body["steps"] = rows
	}
	return body
}
