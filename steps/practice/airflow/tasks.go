package airflow

import (
	"net/http"
	"slices"
	"strings"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

var taskStates = []string{"removed", "scheduled", "queued", "running", "success", "restarting", "failed",
	"up_for_retry", "up_for_reschedule", "upstream_failed", "skipped", "deferred"}

// tasks lists the tasks of DAG runs. Every run has one here.
func (a *airflowServer) tasks(w http.ResponseWriter, r *http.Request, who asker) {
	q, dagID, runID := r.URL.Query(), r.PathValue("dag"), r.PathValue("run")
	limit, offset, ok := a.span(w, q)
	_, known := findDAG(dagID)
	unknown := slices.ContainsFunc(q["state"], func(s string) bool { return !slices.Contains(taskStates, s) })
	switch {
	case !ok:
		return
	case who.sees != allDAGs:
		a.forbid(w)
		return
	case dagID != "~" && !known && a.major == 3:
		a.noDAG(w, dagID) // Airflow 2 answers 200 and no rows
		return
	case unknown && a.major == 3:
		a.fail(w, http.StatusUnprocessableEntity, "", "Invalid value for state. Valid values are "+strings.Join(taskStates, ", "))
		return
	case unknown:
		server.Page(w, http.StatusInternalServerError, "Internal Server Error", "Internal Server Error")
		return
	}
	if err := look(a.state); err != nil {
		a.fail(w, http.StatusInternalServerError, "Internal Server Error", err.Error())
		return
	}
	runs := dagRunList(a.state)
	if a.major == 3 && runID != "~" && !slices.ContainsFunc(runs, func(run state.DAGRun) bool { return run.DAG == dagID && run.ID == runID }) {
		a.fail(w, http.StatusNotFound, "", "DagRun with dag_id: `"+dagID+"` and run_id: `"+runID+"` was not found")
		return
	}
	all := []server.Object{}
	for _, run := range runs {
		body := a.taskBody(run)
		state, _ := body["state"].(string)
		if (dagID == "~" || dagID == run.DAG) && (runID == "~" || runID == run.ID) && (!q.Has("state") || slices.Contains(q["state"], state)) {
			all = append(all, body)
		}
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"task_instances": cutPage(all, limit, offset), "total_entries": len(all)})
}

// taskBody is the task of a run. It waits in a state of its own in some DAGs,
// while the run is running; that of a queued run has no state.
func (a *airflowServer) taskBody(r state.DAGRun) server.Object {
	body := server.Object{
		"task_id": "pull_data", "task_display_name": "pull_data", "dag_id": r.DAG, "dag_run_id": r.ID, "map_index": -1,
		"state": r.State, "try_number": 1, "max_tries": 0, "operator": "PythonOperator",
		"start_date": a.time(r.Started), "end_date": a.time(r.Ended), "duration": nil,
		"pool": "default_pool", "pool_slots": 1, "queue": "default", "priority_weight": 1,
		"executor_config": "{}", "note": nil, "trigger": nil, "triggerer_job": nil,
	}
	waits := a.unusual().Tasks[r.DAG]
	switch {
	case r.State == "queued":
		body["state"], body["try_number"] = nil, 0
	case r.State == "running" && waits != "":
		body["state"] = waits
	}
	switch body["state"] {
	case "up_for_retry":
		body["end_date"], body["max_tries"] = a.time(r.Started), 3
	case "deferred":
		body["trigger"] = server.Object{"id": 1, "classpath": "airflow.triggers.temporal.DateTimeTrigger", "kwargs": "{}",
			"created_date": a.time(r.Started), "triggerer_id": nil}
	}
	if a.major == 2 {
		body["execution_date"], body["sla_miss"] = a.time(r.Logical), nil
		return body
	}
	body["logical_date"], body["run_after"], body["dag_display_name"] = a.time(r.Logical), a.time(r.Logical), r.DAG
	return body
}
