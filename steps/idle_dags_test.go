package steps_test

import (
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

const dagRuns = airflowURL + "/api/v2/dags/~/dagRuns?limit=100&state=running&state=queued"

var airflow3 = exchange{url: airflowURL + "/api/v2/version", body: object{"version": "3.0.2"}}

func active(total int, runs ...object) exchange {
	if runs == nil {
		runs = []object{}
	}
	return exchange{url: dagRuns, body: object{"dag_runs": runs, "total_entries": total}}
}

func sees(dags int) exchange {
	return exchange{url: airflowURL + "/api/v2/dags?limit=1", body: object{"dags": []object{}, "total_entries": dags}}
}

func dagRun(dag, id, state string, since time.Duration) object {
	body := object{"dag_id": dag, "dag_run_id": id, "state": state, "run_type": "scheduled"}
	if since > 0 {
		body["start_date"] = stamp(moment.Add(-since))
	}
	return body
}

func manyRuns(n int) []object {
	var runs []object
	for i := range n {
		runs = append(runs, dagRun(at("dag_%03d", i), "r", "running", time.Minute))
	}
	return runs
}

var idleDAGsFixture = fixture{
	params: steps.Params{"airflow": airflowURL},
	hang:   hangingService,
	cases: []kindCase{
		{
			name: "idle", asks: []exchange{airflow3, active(0), sees(38)},
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued"},
			sees: []string{"active DAG runs: 0", "DAGs this account sees: 38"}, leaves: runbook.Facts{runbook.FactActiveRuns: ""},
		},
		{
			name: "idle on Airflow 2",
			asks: []exchange{
				{url: airflowURL + "/api/v2/version", status: 404, body: object{}},
				{url: strings.Replace(dagRuns, "v2", "v1", 1), body: object{"dag_runs": []object{}, "total_entries": 0}},
				{url: airflowURL + "/api/v1/dags?limit=1", body: object{"dags": []object{}, "total_entries": 2}},
			},
			verdict: runbook.Passed, sees: []string{"DAGs this account sees: 2"},
		},
		{
			name: "no runs, but no DAG is visible either", asks: []exchange{airflow3, active(0), sees(0)},
			verdict: runbook.Unknown, denied: true, says: []string{"sees 0 of at least 1 DAGs", "role Viewer"},
		},
		{
			name:    "two runs",
			asks:    []exchange{airflow3, active(2, dagRun("b", "manual", "running", 90*time.Minute), dagRun("a", "s\x1b[2J", "queued", 0))},
			verdict: runbook.Failed, says: []string{"2 DAG runs are active", "wait for them to end"}, again: true,
			sees:   []string{"active DAG runs: 2", "running: b, for 90 min", "queued: a\n"},
			leaves: runbook.Facts{runbook.FactActiveRuns: "a s^[[2J\nb manual"},
		},
		{
			name: "one run", asks: []exchange{airflow3, active(1, dagRun("b", "x", "running", 10*time.Second))},
			verdict: runbook.Failed, says: []string{"1 DAG run is active: wait for it to end"}, again: true, sees: []string{"b, for 10 s"},
		},
		{
			name: "more runs than are listed", asks: []exchange{airflow3, active(250, manyRuns(100)...)},
			verdict: runbook.Failed, says: []string{"250 DAG runs are active"}, again: true,
			leaves: runbook.Facts{runbook.FactActiveRuns: ""},
		},
		{
			name: "no count", asks: []exchange{airflow3, {url: dagRuns, body: object{"dag_runs": []object{}}}},
			verdict: runbook.Unknown, says: []string{"Asking Airflow for active DAG runs"},
		},
		{
			name: "a login page", asks: []exchange{airflow3, {url: dagRuns, kind: "text/html", body: "<title>Sign in</title>"}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name: "forbidden", asks: []exchange{airflow3, {url: dagRuns, status: 403, body: object{}}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name: "a garbled body", asks: []exchange{airflow3, {url: dagRuns, body: "{\"dag_runs\":"}},
			verdict: runbook.Unknown,
		},
		{
			name: "no address", params: steps.Params{},
			verdict: runbook.Unknown, says: []string{"[airflow] url"},
		},
		{
			name: "no address that can be one", params: steps.Params{"airflow": "airflow"},
			verdict: runbook.Unknown, says: []string{"airflow"},
		},
	},
}
