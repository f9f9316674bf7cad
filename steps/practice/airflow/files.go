package airflow

import (
	"net/http"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// token names the file of a DAG to Airflow 2.
func token(dag string) string { return "file-of-" + dag }

// source serves Airflow's copy of a DAG's file, as it was parsed last without an error.
func (a *airflow) source(w http.ResponseWriter, r *http.Request, who asker) {
	k, now := a.state.Facts(), a.state.Now()
	for _, d := range known(k, now) {
		if name := r.PathValue("file"); a.major == 2 && name != token(d.id) || a.major == 3 && name != d.id {
			continue
		}
		if who.sees != allDAGs {
			a.forbid(w) // it takes a right of its own
			return
		}
		if a.major == 2 && r.Header.Get("Accept") == "" {
			w.WriteHeader(http.StatusNotAcceptable)
			return
		}
		commit := state.PullBase
		if f, ok := k.Pull.File(d.id); ok {
			commit, _ = k.Pull.Has(f, now)
		}
		server.Reply(w, http.StatusOK, "application/json", server.Object{"content": state.DAGText(d.id, commit)})
		return
	}
	if who.sees != allDAGs {
		a.forbid(w)
		return
	}
	a.fail(w, http.StatusNotFound, "Dag source not found", nil)
}

// stale reports whether Airflow 3 no longer runs a DAG because its file is broken.
func (a *airflow) stale(d dag) bool {
	k := a.state.Facts()
	f, ok := k.Pull.File(d.id)
	_, failed := k.Pull.Has(f, a.state.Now())
	return ok && a.major == 3 && !failed.IsZero()
}

// importErrors lists the files of the pull request that can't be imported.
func (a *airflow) importErrors(w http.ResponseWriter, r *http.Request, who asker) {
	if !who.errors {
		a.forbid(w)
		return
	}
	k := a.state.Facts()
	var rows []server.Object
	for i, f := range k.Pull.Files {
		_, failed := k.Pull.Has(f, a.state.Now())
		if failed.IsZero() || !who.maySee(f.DAG) {
			continue
		}
		row := server.Object{"import_error_id": i + 1, "timestamp": a.time(failed), "filename": "/opt/airflow/" + f.Path(), "stack_trace": "Traceback (most recent call last):\n" + f.Broken + "\n"}
		if a.major == 3 {
			row["filename"], row["bundle_name"] = f.DAG+".py", "dags-folder"
		}
		rows = append(rows, row)
	}
	list(w, r.URL.Query(), "import_errors", rows)
}

// details serves a DAG with its schedule.
func (a *airflow) details(w http.ResponseWriter, r *http.Request, who asker) {
	k, now := a.state.Facts(), a.state.Now()
	id := r.PathValue("dag")
	d, ok := findDAG(k, now, id)
	switch {
	case !who.maySee(id):
		a.forbid(w)
		return
	case !ok:
		a.noDAG(w, id)
		return
	}
	body := a.dagBody(d)
	body["catchup"], body["max_active_runs"] = d.catchup, 1
	date := "next_dagrun"
	if a.major == 3 {
		date = "next_dagrun_logical_date"
	}
	if next := nextRun(k, id); !next.IsZero() {
		body[date] = a.time(next.AddDate(0, 0, -1))
	}
	switch {
	case d.assets:
	case d.schedule == "":
		body["timetable_description"] = "Never, external triggers only"
	case a.major == 3:
		body["timetable_summary"] = d.schedule
	default:
		body["schedule_interval"] = server.Object{"__type": "CronExpression", "value": d.schedule}
	}
	server.Reply(w, http.StatusOK, "application/json", body)
}
