package airflow

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

const (
	pageLimit     = 100              // Airflow's maximum_page_limit; a higher limit is lowered silently
	reparsedAfter = 30 * time.Second // Airflow's min_file_process_interval
)

// list writes the rows that limit and offset select, and the total number of rows.
func list(w http.ResponseWriter, q url.Values, key string, all []server.Object) {
	limit, offset := pageLimit, 0
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		limit = min(n, pageLimit)
	}
	if n, err := strconv.Atoi(q.Get("offset")); err == nil && n > 0 {
		offset = min(n, len(all))
	}
	rows := append([]server.Object{}, all[offset:min(offset+limit, len(all))]...)
	server.Reply(w, http.StatusOK, "application/json", server.Object{key: rows, "total_entries": len(all)})
}

func (a *airflow) dags(w http.ResponseWriter, r *http.Request, who asker) {
	if who.sees == "" && a.major == 2 {
		a.forbid(w) // Airflow 3 answers 200 and no rows
		return
	}
	if who.sees == allDAGs {
		if err := advanceRuns(a.state); err != nil {
			a.fail(w, http.StatusInternalServerError, "Internal Server Error", err.Error())
			return
		}
	}
	q := r.URL.Query()
	var found []server.Object
	hidden := !(q.Get("only_active") == "false" && a.major == 2 || q.Get("exclude_stale") == "false" && a.major == 3)
	for _, d := range known(a.state.Facts(), a.state.Now()) {
		paused, err := strconv.ParseBool(q.Get("paused"))
		if who.maySee(d.id) && (err != nil || paused == isPaused(a.state, d)) && !(hidden && a.stale(d)) {
			found = append(found, a.dagBody(d))
		}
	}
	list(w, q, "dags", found)
}

func (a *airflow) dag(w http.ResponseWriter, r *http.Request, who asker) {
	id := r.PathValue("dag")
	d, ok := findDAG(a.state.Facts(), a.state.Now(), id)
	switch {
	case !who.maySee(id):
		a.forbid(w)
	case !ok:
		a.noDAG(w, id)
	default:
		server.Reply(w, http.StatusOK, "application/json", a.dagBody(d))
	}
}

// changeDAG pauses a DAG or turns it on. Airflow allows no other change.
func (a *airflow) changeDAG(w http.ResponseWriter, r *http.Request, who asker) {
	var ask struct {
		Paused *bool `json:"is_paused"`
	}
	unread := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ask)
	masked := r.URL.Query()["update_mask"]
	d, ok := findDAG(a.state.Facts(), a.state.Now(), r.PathValue("dag"))
	switch {
	case !who.edits:
		a.forbid(w)
	case unread != nil || ask.Paused == nil:
		a.fail(w, http.StatusBadRequest, "Bad Request", "is_paused is missing")
	case len(masked) > 0 && !slices.Equal(masked, []string{"is_paused"}):
		a.fail(w, http.StatusBadRequest, "Bad Request", "Only `is_paused` field can be updated through the REST API")
	case !ok:
		a.noDAG(w, r.PathValue("dag"))
	default:
		if err := pause(a.state, d, *ask.Paused); err != nil {
			a.fail(w, http.StatusInternalServerError, "Internal Server Error", err.Error())
			return
		}
		server.Reply(w, http.StatusOK, "application/json", a.dagBody(d))
	}
}

func (a *airflow) noDAG(w http.ResponseWriter, id string) {
	a.fail(w, http.StatusNotFound, "DAG not found", "The DAG with dag_id: "+id+" was not found")
}

// dagBody returns a DAG in the format of this version. Version 3 has is_stale, the
// opposite of version 2's is_active.
func (a *airflow) dagBody(d dag) server.Object {
	k, now := a.state.Facts(), a.state.Now()
	parsed := k.Parsed(now, reparsedAfter)
	failed := false
	if f, ok := k.Pull.File(d.id); ok {
		at := state.Parsed(k.Pull.Merged, now)
		if commit, broken := k.Pull.Has(f, now); !broken.IsZero() {
			failed, parsed = true, k.Pull.Merged // the last time without an error
		} else if commit != state.PullBase && parsed.Before(at) {
			parsed = at
		}
	}
	body := server.Object{
		"dag_id": d.id, "is_paused": isPaused(a.state, d), "has_import_errors": failed, "fileloc": "/opt/airflow/" + state.DAGPath(d.id),
		"last_parsed_time": a.time(parsed), "file_token": token(d.id),
	}
	next := a.time(nextRun(a.state.Facts(), d.id))
	if a.major == 3 {
		body["is_stale"], body["next_dagrun_run_after"], body["relative_fileloc"] = a.stale(d), next, d.id+".py"
	} else {
		body["is_active"], body["next_dagrun_create_after"] = true, next
	}
	switch {
	case d.assets && a.major == 3:
		body["timetable_summary"], body["timetable_description"] = "Asset", "Triggered by assets"
	case d.assets:
		body["timetable_description"] = "Triggered by datasets"
		body["schedule_interval"] = server.Object{"__type": "CronExpression", "value": "Dataset"}
	}
	return body
}

// dagRun returns one run.
func (a *airflow) dagRun(w http.ResponseWriter, r *http.Request, who asker) {
	dag, id := r.PathValue("dag"), r.PathValue("run")
	if !who.maySee(dag) {
		a.forbid(w)
		return
	}
	for _, run := range dagRunList(a.state) {
		if run.DAG == dag && run.ID == id {
			server.Reply(w, http.StatusOK, "application/json", a.runBody(run))
			return
		}
	}
	a.fail(w, http.StatusNotFound, "DAGRun not found", "DAGRun with DAG ID: '"+dag+"' and DagRun ID: '"+id+"' not found")
}

// dagRuns lists the runs of a DAG, or of all.
func (a *airflow) dagRuns(w http.ResponseWriter, r *http.Request, who asker) {
	if who.sees == allDAGs {
		if err := advanceRuns(a.state); err != nil {
			a.fail(w, http.StatusInternalServerError, "Internal Server Error", err.Error())
			return
		}
	}
	q := r.URL.Query()
	var runs []state.DAGRun
	for _, run := range dagRunList(a.state) {
		if of := r.PathValue("dag"); who.maySee(run.DAG) && (of == allDAGs || of == run.DAG) && (!q.Has("state") || slices.Contains(q["state"], run.State)) && endedSince(run, q.Get("end_date_gte")) {
			runs = append(runs, run)
		}
	}
	switch q.Get("order_by") {
	case "-end_date":
		slices.SortStableFunc(runs, func(a, b state.DAGRun) int { return b.Ended.Compare(a.Ended) })
	case "-id":
		slices.Reverse(runs)
	}
	var found []server.Object
	for _, run := range runs {
		found = append(found, a.runBody(run))
	}
	list(w, q, "dag_runs", found)
}

// endedSince reports whether a run has ended since a time, or whether none is given.
func endedSince(r state.DAGRun, since string) bool {
	at, err := time.Parse(time.RFC3339, since)
	return err != nil || !r.Ended.IsZero() && !r.Ended.Before(at)
}

// assetEvents lists the events of assets that wait for a DAG. Airflow 2 answers 404 if there
// is none.
func (a *airflow) assetEvents(w http.ResponseWriter, r *http.Request, who asker) {
	id, at := r.PathValue("dag"), a.time(a.state.Now())
	var found []server.Object
	for _, dag := range a.state.Facts().AssetEvents {
		if dag == id {
			found = append(found, server.Object{"dag_id": id, "uri": "s3://openverse-catalog/image", "created_at": at})
		}
	}
	switch {
	case !who.maySee(id):
		a.forbid(w)
	case a.major == 2 && len(found) == 0:
		a.fail(w, http.StatusNotFound, "Queue event not found", "Queue event with dag_id: `"+id+"` was not found")
	default:
		list(w, r.URL.Query(), "queued_events", found)
	}
}

// pools lists the one pool there is. It counts the runs of all DAGs, whoever asks.
func (a *airflow) pools(w http.ResponseWriter, r *http.Request, who asker) {
	if !who.pools {
		a.forbid(w)
		return
	}
	running, deferred := 0, 0
	for _, run := range dagRunList(a.state) {
		switch {
		case run.State != "running" || run.Waits == "up_for_reschedule":
		case run.Waits == "deferred":
			deferred++
		default:
			running++
		}
	}
	list(w, r.URL.Query(), "pools", []server.Object{{
		"name": "default_pool", "slots": 128, "occupied_slots": running, "running_slots": running, "queued_slots": 0, "scheduled_slots": 0,
		"deferred_slots": deferred, "open_slots": 128 - running,
	}})
}

func (a *airflow) runBody(r state.DAGRun) server.Object {
	body := server.Object{
		"dag_id": r.DAG, "dag_run_id": r.ID, "state": r.State, "run_type": r.Kind,
		"logical_date": a.time(r.Logical), "start_date": a.time(r.Started), "end_date": a.time(r.Ended),
	}
	if a.major == 3 {
		body["queued_at"], body["run_after"] = a.time(r.Logical), a.time(r.Logical)
	} else {
		body["execution_date"] = body["logical_date"]
	}
	return body
}

// tasks lists the one task that each run has here, and before it one that waits if the run
// does.
func (a *airflow) tasks(w http.ResponseWriter, r *http.Request, who asker) {
	if who.sees != allDAGs {
		a.forbid(w)
		return
	}
	for _, run := range dagRunList(a.state) {
		if run.DAG == r.PathValue("dag") && run.ID == r.PathValue("run") {
			task := server.Object{"task_id": "ingest", "operator": "PythonOperator", "state": run.State, "start_date": a.time(run.Started), "end_date": a.time(run.Ended)}
			tasks := []server.Object{task}
			switch {
			case run.State == "queued":
				task["state"] = nil
			case run.State == "running" && run.Waits != "":
				task["task_id"], task["operator"], task["state"] = "wait", "ExternalDAGsSensor", run.Waits
				tasks = append(tasks, server.Object{"task_id": "ingest", "operator": "PythonOperator", "state": nil, "start_date": nil, "end_date": nil})
			}
			list(w, r.URL.Query(), "task_instances", tasks)
			return
		}
	}
	a.fail(w, http.StatusNotFound, "DAGRun not found", "The DagRun was not found")
}

// eventLogs lists the changes of runs by people, the latest first.
func (a *airflow) eventLogs(w http.ResponseWriter, r *http.Request, who asker) {
	if who.sees != allDAGs {
		a.forbid(w)
		return
	}
	event := "api.update_dag_run_state"
	if a.major == 3 {
		event = "patch_dag_run"
	}
	runs := dagRunList(a.state)
	slices.SortStableFunc(runs, func(x, y state.DAGRun) int { return y.Ended.Compare(x.Ended) })
	var all []server.Object
	for _, run := range runs {
		if run.Marked {
			all = append(all, server.Object{"when": a.time(run.Ended), "event": event, "dag_id": run.DAG, "run_id": run.ID, "task_id": nil, "owner": "practice"})
		}
	}
	list(w, r.URL.Query(), "event_logs", all)
}
