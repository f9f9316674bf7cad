package airflow

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// span reads limit and offset as Airflow does; ok is false after an error was
// answered.
func (a *airflowServer) span(w http.ResponseWriter, q url.Values) (limit, offset int, ok bool) {
	limit = a.pageLimit()
	if a.major == 3 {
		limit = 50
	}
	for _, p := range []struct {
		name string
		to   *int
	}{{"limit", &limit}, {"offset", &offset}} {
		text := q.Get(p.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		switch {
		case (err != nil || n < 0) && a.major == 3:
			a.fail(w, http.StatusUnprocessableEntity, "", []server.Object{{
				"type": "int_parsing", "loc": []string{"query", p.name}, "input": text,
				"msg": "Input should be a valid integer, unable to parse string as an integer"}})
			return 0, 0, false
		case err != nil:
			a.fail(w, http.StatusBadRequest, "Bad Request", "Wrong type, expected 'integer' for query parameter '"+p.name+"'")
			return 0, 0, false
		case p.name == "limit" && n <= 0 && a.major == 2:
			continue // falls back to the default
		}
		*p.to = max(n, 0)
	}
	return min(limit, a.pageLimit()), offset, true
}

func cutPage[T any](all []T, limit, offset int) []T {
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))]
}

func (a *airflowServer) dags(w http.ResponseWriter, r *http.Request, who asker) {
	if who.sees == "" && a.major == 2 {
		a.forbid(w) // Airflow 3 answers 200 and no rows
		return
	}
	q := r.URL.Query()
	limit, offset, ok := a.span(w, q)
	if !ok {
		return
	}
	var found []dag
	for _, d := range dags {
		paused, err := strconv.ParseBool(q.Get("paused"))
		_, _, gone := a.parsed(d)
		if who.maySee(d.id) && !gone && (err != nil || paused == isPaused(a.state, d)) && strings.Contains(d.id, q.Get("dag_id_pattern")) {
			found = append(found, d)
		}
	}
	rows := []server.Object{}
	for _, d := range cutPage(found, limit, offset) {
		rows = append(rows, a.dagBody(d))
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"dags": rows, "total_entries": len(found)})
}

func (a *airflowServer) dag(w http.ResponseWriter, r *http.Request, who asker) {
	id := r.PathValue("dag")
	d, ok := findDAG(id)
	switch {
	case !who.maySee(id):
		a.forbid(w)
	case !ok:
		a.noDAG(w, id)
	default:
		server.Reply(w, http.StatusOK, "application/json", a.dagBody(d))
	}
}

// changeDAG pauses a DAG or turns it on, which is all that Airflow lets change.
func (a *airflowServer) changeDAG(w http.ResponseWriter, r *http.Request, who asker) {
	var ask struct {
		Paused *bool `json:"is_paused"`
	}
	unread := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ask)
	masked := r.URL.Query()["update_mask"]
	d, ok := findDAG(r.PathValue("dag"))
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

func (a *airflowServer) noDAG(w http.ResponseWriter, id string) {
	if a.major == 3 {
		a.fail(w, http.StatusNotFound, "", "The DAG with ID: `"+id+"` was not found")
		return
	}
	a.fail(w, http.StatusNotFound, "DAG not found", "The DAG with dag_id: "+id+" was not found")
}

// dagBody is a DAG as this version shows it. The two differ in more than names:
// is_active became is_stale, which means the opposite.
func (a *airflowServer) dagBody(d dag) server.Object {
	parsedAt, failed, gone := a.parsed(d)
	body := server.Object{
		"dag_id": d.id, "description": nil, "is_paused": isPaused(a.state, d), "owners": []string{"data-eng-admins"},
		"file_token": "practice." + d.id, "fileloc": airflowFolder + fileOf(d),
		"has_import_errors": failed, "has_task_concurrency_limits": false,
		"last_parsed_time": a.time(parsedAt), "last_expired": nil,
		"max_active_runs": 1, "max_active_tasks": 16, "tags": []server.Object{},
		"next_dagrun_data_interval_start": nil, "next_dagrun_data_interval_end": nil,
		"timetable_description": "Never, external triggers only",
	}
	if d.schedule != "" {
		body["timetable_description"] = "Schedule: " + d.schedule
	}
	if a.major == 3 {
		body["dag_display_name"], body["is_stale"] = d.id, gone
		body["bundle_name"], body["bundle_version"] = "dags-folder", nil
		body["relative_fileloc"], body["timetable_summary"] = fileOf(d), nullable(d.schedule)
		body["max_consecutive_failed_dag_runs"] = 0
		body["next_dagrun_logical_date"], body["next_dagrun_run_after"] = nil, nil
		return body
	}
	body["is_active"], body["is_subdag"], body["root_dag_id"] = !gone, false, nil
	body["default_view"], body["pickle_id"], body["last_pickled"] = "grid", nil, nil
	body["scheduler_lock"], body["next_dagrun"], body["next_dagrun_create_after"] = nil, nil, nil
	body["schedule_interval"] = nil
	if d.schedule != "" {
		body["schedule_interval"] = server.Object{"__type": "CronExpression", "value": d.schedule}
	}
	return body
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (a *airflowServer) dagRuns(w http.ResponseWriter, r *http.Request, who asker) {
	q := r.URL.Query()
	limit, offset, ok := a.span(w, q)
	if !ok {
		return
	}
	var only []string
	if id := r.PathValue("dag"); id != "~" {
		if !who.maySee(id) {
			a.forbid(w)
			return
		}
		if _, known := findDAG(id); !known && a.major == 3 {
			a.noDAG(w, id) // Airflow 2 answers 200 and no rows
			return
		}
		only = []string{id}
	}
	states := q["state"]
	if a.major == 2 && states != nil {
		states = strings.Split(strings.Join(states, ","), ",") // Airflow 3 wants them apart
	}
	a.listRuns(w, who, runQuery{dags: only, states: states, order: q.Get("order_by"), limit: limit, offset: offset})
}

func (a *airflowServer) dagRunBatch(w http.ResponseWriter, r *http.Request, who asker) {
	var ask struct {
		DAGs   []string `json:"dag_ids"`
		States []string `json:"states"`
		Order  string   `json:"order_by"`
		Limit  *int     `json:"page_limit"`
		Offset int      `json:"page_offset"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&ask); err != nil {
		a.fail(w, http.StatusBadRequest, "Bad Request", "Request body is not valid JSON")
		return
	}
	limit := a.pageLimit()
	if ask.Limit != nil {
		limit = min(max(*ask.Limit, 0), limit)
	}
	a.listRuns(w, who, runQuery{dags: ask.DAGs, states: ask.States, order: ask.Order, limit: limit, offset: max(ask.Offset, 0)})
}

type runQuery struct {
	dags, states  []string // nil for all
	order         string
	limit, offset int
}

func (a *airflowServer) listRuns(w http.ResponseWriter, who asker, q runQuery) {
	known := []string{"queued", "running", "success", "failed"}
	for _, s := range q.states {
		// Airflow 2 compares strings: a misspelt state finds nothing.
		if a.major == 3 && !slices.Contains(known, s) {
			a.fail(w, http.StatusUnprocessableEntity, "", "Invalid value for state. Valid values are "+strings.Join(known, ", "))
			return
		}
	}
	if who.sees == allDAGs {
		if err := look(a.state); err != nil {
			a.fail(w, http.StatusInternalServerError, "Internal Server Error", err.Error())
			return
		}
	}
	var found []state.DAGRun
	for _, r := range dagRunList(a.state) {
		if who.maySee(r.DAG) && (q.dags == nil || slices.Contains(q.dags, r.DAG)) && (q.states == nil || slices.Contains(q.states, r.State)) {
			found = append(found, r)
		}
	}
	switch q.order {
	case "start_date":
		slices.SortStableFunc(found, func(x, y state.DAGRun) int { return x.Started.Compare(y.Started) })
	case "-start_date":
		slices.SortStableFunc(found, func(x, y state.DAGRun) int { return y.Started.Compare(x.Started) })
	}
	rows := []server.Object{}
	for _, r := range cutPage(found, q.limit, q.offset) {
		rows = append(rows, a.runBody(r))
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"dag_runs": rows, "total_entries": len(found)})
}

func (a *airflowServer) runBody(r state.DAGRun) server.Object {
	body := server.Object{
		"dag_id": r.DAG, "dag_run_id": r.ID, "state": r.State, "run_type": r.Kind,
		"logical_date": a.time(r.Logical), "start_date": a.time(r.Started), "end_date": a.time(r.Ended),
		"data_interval_start": a.time(r.Logical), "data_interval_end": a.time(r.Logical),
		"last_scheduling_decision": a.time(r.Started), "conf": server.Object{}, "note": nil,
	}
	if a.major == 2 {
		body["execution_date"], body["external_trigger"] = body["logical_date"], r.Kind == "manual"
		return body
	}
	body["queued_at"], body["run_after"] = a.time(r.Logical), a.time(r.Logical)
	if !r.Queued.IsZero() {
		body["queued_at"] = a.time(r.Queued)
	}
	body["dag_display_name"], body["bundle_version"], body["dag_versions"] = r.DAG, nil, []server.Object{}
	body["triggered_by"], body["triggering_user_name"], body["duration"] = "timetable", nil, nil
	switch r.Kind {
	case "manual":
		body["triggered_by"], body["triggering_user_name"] = "ui", "a.person"
	case "backfill":
		body["triggered_by"], body["triggering_user_name"] = "backfill", "a.person"
	}
	if !r.Ended.IsZero() && !r.Started.IsZero() {
		body["duration"] = r.Ended.Sub(r.Started).Seconds()
	}
	return body
}
