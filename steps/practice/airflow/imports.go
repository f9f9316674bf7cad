package airflow

import (
	"net/http"
	"slices"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

const (
	airflowFolder   = "/opt/airflow/catalog/dags/"
	missedAfter     = 30 * time.Second // Airflow's scheduler_health_check_threshold
	reparsedAfter   = 30 * time.Second // Airflow's min_file_process_interval
	airflowPageSize = 100              // Airflow's maximum_page_limit, which clamps without a word
)

func fileOf(d dag) string { return d.id + ".py" }

func (a *airflowServer) unusual() state.Unusual { return a.state.Known().Unusual }

// pageLimit is the most rows that a list gives at a time.
func (a *airflowServer) pageLimit() int {
	if n := a.unusual().PageLimit; n > 0 {
		return n
	}
	return airflowPageSize
}

// parsed says when a DAG's file was read last, whether that failed since, and
// whether Airflow no longer runs the DAG: where its file was removed and, on
// Airflow 3, also where it cannot be read.
func (a *airflowServer) parsed(d dag) (at time.Time, failed, gone bool) {
	at, gone = a.state.Now().Truncate(reparsedAfter), slices.Contains(a.unusual().Removed, d.id)
	for _, f := range a.unusual().Unread {
		if f.Name == fileOf(d) {
			at, failed, gone = f.Since, true, gone || a.major == 3
		}
	}
	return at, failed, gone
}

// scheduler is a part of the health. One that has died is not missed at once.
func (a *airflowServer) scheduler(now time.Time) server.Object {
	beat, status := now.Add(-2*time.Second), "healthy"
	if last := a.unusual().LastBeat; !last.IsZero() {
		beat = last
		if now.Sub(last) > missedAfter {
			status = "unhealthy"
		}
	}
	return server.Object{"status": status, "latest_scheduler_heartbeat": a.time(beat)}
}

// importErrors lists the files that cannot be read. Who does not see all DAGs is
// told of those that have a DAG that it sees, and on Airflow 3 also of those
// that never had one.
func (a *airflowServer) importErrors(w http.ResponseWriter, r *http.Request, who asker) {
	if !who.errors {
		a.forbid(w)
		return
	}
	limit, offset, ok := a.span(w, r.URL.Query())
	if !ok {
		return
	}
	all := []server.Object{}
	for i, f := range a.unusual().Unread {
		owner := slices.IndexFunc(dags, func(d dag) bool { return fileOf(d) == f.Name })
		if who.sees == allDAGs || owner >= 0 && who.maySee(dags[owner].id) || owner < 0 && a.major == 3 {
			all = append(all, a.unreadBody(i+1, f))
		}
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"import_errors": cutPage(all, limit, offset), "total_entries": len(all)})
}

func (a *airflowServer) unreadBody(id int, f state.UnreadFile) server.Object {
	body := server.Object{
		"import_error_id": id, "timestamp": a.time(f.Since), "filename": airflowFolder + f.Name,
		"stack_trace": "Traceback (most recent call last):\n  File \"" + airflowFolder + f.Name + "\", line 3, in <module>\n" + f.Reason + "\n",
	}
	if a.major == 3 {
		body["filename"], body["bundle_name"] = f.Name, "dags-folder"
	}
	return body
}

// backfills lists those of one DAG, which is all that Airflow 3 gives at a time.
// An Airflow 2 has no such list.
func (a *airflowServer) backfills(w http.ResponseWriter, r *http.Request, who asker) {
	q := r.URL.Query()
	limit, offset, ok := a.span(w, q)
	switch {
	case !ok:
		return
	case who.sees != allDAGs:
		a.forbid(w)
		return
	case !q.Has("dag_id"):
		a.fail(w, http.StatusUnprocessableEntity, "", []server.Object{{"type": "missing", "loc": []string{"query", "dag_id"}, "msg": "Field required", "input": nil}})
		return
	}
	all := []server.Object{}
	for i, b := range a.unusual().Backfills {
		if b.DAG == q.Get("dag_id") {
			all = append(all, server.Object{
				"id": i + 1, "dag_id": b.DAG, "dag_display_name": b.DAG, "from_date": a.time(b.From), "to_date": a.time(b.To),
				"dag_run_conf": nil, "is_paused": b.Paused, "reprocess_behavior": "completed", "max_active_runs": 1,
				"created_at": a.time(b.Created), "updated_at": a.time(b.Created), "completed_at": nil,
			})
		}
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"backfills": cutPage(all, limit, offset), "total_entries": len(all)})
}
