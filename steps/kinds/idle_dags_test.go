package kinds_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

const dagRuns = fake.AirflowURL + "/api/v2/dags/~/dagRuns?limit=100&state=running&state=queued"

var airflow3 = fake.Exchange{URL: fake.AirflowURL + "/api/v2/version", Body: fake.Object{"version": "3.0.2"}}

func active(total int, runs ...fake.Object) fake.Exchange {
	if runs == nil {
		runs = []fake.Object{}
	}
	return fake.Exchange{URL: dagRuns, Body: fake.Object{"dag_runs": runs, "total_entries": total}}
}

func sees(dags int, rows ...fake.Object) fake.Exchange {
	if rows == nil {
		rows = []fake.Object{}
	}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags?limit=100", Body: fake.Object{"dags": rows, "total_entries": dags}}
}

// scheduled is a DAG that its schedule starts so long after the moment.
func scheduled(dag string, in time.Duration) fake.Object {
	return fake.Object{"dag_id": dag, "is_paused": false, "next_dagrun_run_after": fake.Stamp(fake.Moment.Add(in))}
}

// beats is a scheduler that was last seen so long before the moment; below 0 it
// never was.
func beats(status string, ago time.Duration) fake.Exchange {
	part := fake.Object{"status": status, "latest_scheduler_heartbeat": nil}
	if ago >= 0 {
		part["latest_scheduler_heartbeat"] = fake.Stamp(fake.Moment.Add(-ago))
	}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/monitor/health", Body: fake.Object{"metadatabase": fake.Object{"status": "healthy"}, "scheduler": part}}
}

var well = beats("healthy", 3*time.Second)

func manyRuns(n int) []fake.Object {
	var runs []fake.Object
	for i := range n {
		runs = append(runs, fake.DAGRun(fmt.Sprintf("dag_%03d", i), "r", "running", time.Minute))
	}
	return runs
}

func expecting(dags int) func(*testing.T, *steps.World) {
	return func(_ *testing.T, w *steps.World) { w.Airflow.Options.ExpectedDAGs = dags }
}

// known is a world whose Airflow was asked before, more than a minute ago.
func known(t *testing.T, w *steps.World) {
	before := fake.NewScript(t, airflow3, active(0), sees(38))
	then := w.Airflow.Options.Base
	asked := false
	w.Airflow.Options.Base = fake.RoundTripper(func(r *http.Request) (*http.Response, error) {
		if asked {
			return then.RoundTrip(r)
		}
		return before.RoundTrip(r)
	})
	w.Airflow.Options.Now = func() time.Time {
		if asked {
			return fake.Moment
		}
		return fake.Moment.Add(-2 * time.Minute)
	}
	client, err := w.Airflow.At(fake.AirflowURL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ActiveRuns(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked = true
}

var idleDAGsFixture = fixture{
	params: steps.Params{"airflow": fake.AirflowURL},
	hang:   hangingService,
	cases: []kindCase{
		{
			name: "idle", asks: []fake.Exchange{airflow3, active(0), sees(38)},
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued, among the 38 DAGs that this account sees."},
			sees: []string{"active DAG runs: 0", "DAGs this account sees: 38\n", "all DAGs: not known: write how many there are into [airflow] expected_dags"}, leaves: runbook.Facts{"dags.active": ""},
		},
		{
			name: "idle, and how many DAGs there are is in the settings", asks: []fake.Exchange{airflow3, active(0), sees(38)}, world: expecting(38),
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued."}, sees: []string{"DAGs this account sees: 38\n"},
		},
		{
			name: "idle, and the account sees fewer than there are", asks: []fake.Exchange{airflow3, active(0), sees(37)}, world: expecting(38),
			verdict: runbook.Unknown, denied: true, says: []string{"sees 37 of at least 38 DAGs"},
		},
		{
			name: "idle, and the account sees one of nobody knows how many", asks: []fake.Exchange{airflow3, active(0), sees(1)},
			verdict: runbook.Unknown, denied: true, says: []string{"sees a single DAG", "[airflow] expected_dags = 1"},
		},
		{
			name: "idle, and the account sees the only one there is", asks: []fake.Exchange{airflow3, active(0), sees(1)}, world: expecting(1),
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued."},
		},
		{
			name: "idle, and a schedule is about to start a run", asks: []fake.Exchange{airflow3, active(0), sees(3, scheduled("b", 3*time.Minute), scheduled("a", time.Hour), fake.Object{"dag_id": "c", "is_paused": true})},
			verdict: runbook.Passed, sees: []string{"next scheduled run: b, due in 3 min\n"},
		},
		{
			name: "idle, and a run should have begun", asks: []fake.Exchange{airflow3, active(0), sees(250, scheduled("b", -20*time.Minute))},
			verdict: runbook.Passed, sees: []string{"next scheduled run: b, due 20 min ago, of the first 1 DAGs\n"},
		},
		{
			name: "idle under a dead scheduler", asks: []fake.Exchange{active(0), sees(38), beats("unhealthy", 5*time.Minute)}, world: known,
			verdict: runbook.Unknown, says: []string{"No DAG run is running or queued, among the 38 DAGs that this account sees, but Airflow's scheduler stands still, last seen 5 min ago", "verify again"},
			sees: []string{"scheduler: not healthy, last seen 5 min ago"},
		},
		{
			name: "idle under a live scheduler", asks: []fake.Exchange{active(0), sees(38), well}, world: known,
			verdict: runbook.Passed, sees: []string{"scheduler: healthy\n"},
		},
		{
			name: "idle, and nothing is told of the scheduler", asks: []fake.Exchange{active(0), sees(38), {URL: well.URL, Status: 404, Body: fake.Object{}}}, world: known,
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued"},
		},
		{
			name: "idle on Airflow 2",
			asks: []fake.Exchange{
				{URL: fake.AirflowURL + "/api/v2/version", Status: 404, Body: fake.Object{}},
				{URL: strings.Replace(dagRuns, "v2", "v1", 1), Body: fake.Object{"dag_runs": []fake.Object{}, "total_entries": 0}},
				{URL: fake.AirflowURL + "/api/v1/dags?limit=100", Body: fake.Object{"dags": []fake.Object{}, "total_entries": 2}},
			},
			verdict: runbook.Passed, sees: []string{"DAGs this account sees: 2"},
		},
		{
			name: "no runs, but no DAG is visible either", asks: []fake.Exchange{airflow3, active(0), sees(0)},
			verdict: runbook.Unknown, denied: true, says: []string{"sees 0 of at least 1 DAGs", "role Viewer"},
		},
		{
			name:    "two runs",
			asks:    []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "manual", "running", 90*time.Minute), fake.DAGRun("a", "s\x1b[2J", "queued", 0)), well},
			verdict: runbook.Failed, says: []string{"2 DAG runs are active", "wait for them to end"}, again: true,
			sees:   []string{"active DAG runs: 2", "running: b, for 90 min", "queued: a\n"},
			leaves: runbook.Facts{"dags.active": "a s^[[2J\nb manual"},
		},
		{
			name: "one run", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", 10*time.Second)), well},
			verdict: runbook.Failed, says: []string{"1 DAG run is active: wait for it to end"}, again: true, sees: []string{"b, for 10 s"},
		},
		{
			name: "a run under a dead scheduler", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", time.Hour)), beats("unhealthy", 5*time.Minute)},
			verdict: runbook.Failed, says: []string{"1 DAG run is active, and Airflow's scheduler stands still, last seen 5 min ago: it will not be seen to end", "accept it with a reason"}, again: true,
			leaves: runbook.Facts{"dags.active": "b x"},
		},
		{
			name: "runs under a scheduler that never was", asks: []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "x", "queued", 0), fake.DAGRun("b", "y", "queued", 0)), beats("unhealthy", -1)},
			verdict: runbook.Failed, says: []string{"2 DAG runs are active, and Airflow's scheduler is not started: they will not be seen to end"}, again: true,
		},
		{
			name: "more runs than are listed", asks: []fake.Exchange{airflow3, active(250, manyRuns(100)...), well},
			verdict: runbook.Failed, says: []string{"250 DAG runs are active"}, again: true,
			leaves: runbook.Facts{"dags.active": ""},
		},
		{
			name: "no count", asks: []fake.Exchange{airflow3, {URL: dagRuns, Body: fake.Object{"dag_runs": []fake.Object{}}}},
			verdict: runbook.Unknown, says: []string{"Asking Airflow for active DAG runs"},
		},
		{
			name: "a login page", asks: []fake.Exchange{airflow3, {URL: dagRuns, Kind: "text/html", Body: "<title>Sign in</title>"}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name: "forbidden", asks: []fake.Exchange{airflow3, {URL: dagRuns, Status: 403, Body: fake.Object{}}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name: "a garbled body", asks: []fake.Exchange{airflow3, {URL: dagRuns, Body: "{\"dag_runs\":"}},
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
