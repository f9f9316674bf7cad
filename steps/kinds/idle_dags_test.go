package kinds_test

import (
	"fmt"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

const dagRuns = fake.AirflowURL + "/api/v2/dags/~/dagRuns"

var airflow3 = fake.Exchange{URL: fake.AirflowURL + "/api/v2/version", Body: fake.Object{"version": "3.0.2"}}

func active(total int, runs ...fake.Object) fake.Exchange {
	return fake.Active("/api/v2", total, runs...)
}

func sees(dags int, rows ...fake.Object) fake.Exchange {
	if rows == nil {
		rows = []fake.Object{}
	}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags?limit=100", Body: fake.Object{"dags": rows, "total_entries": dags}}
}

// manyFed is an Airflow with so many DAGs that wait for assets, of which none has an event
// as far as it is asked.
func manyFed(n int) []fake.Exchange {
	var rows []fake.Object
	asks := []fake.Exchange{airflow3, active(0)}
	for i := range n {
		id := fmt.Sprintf("fed_%02d", i)
		rows = append(rows, fake.Object{"dag_id": id, "is_paused": false, "timetable_summary": "Asset"})
		if i < 50 {
			asks = append(asks, events(id, 0))
		}
	}
	return append(asks, sees(n, rows...))
}

// events is how many events of assets wait for a DAG.
func events(dag string, n int) fake.Exchange {
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags/" + dag + "/assets/queuedEvents", Body: fake.Object{"queued_events": []fake.Object{}, "total_entries": n}}
}

func auditLog(events ...fake.Object) fake.Exchange {
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/eventLogs?limit=100&order_by=-when", Body: fake.Object{"event_logs": events, "total_entries": len(events)}}
}

// tasks are those of the run r of a DAG.
func tasks(dag string, all ...fake.Object) fake.Exchange {
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags/" + dag + "/dagRuns/r/taskInstances?limit=100", Body: fake.Object{"task_instances": all, "total_entries": len(all)}}
}

// earlier is what an earlier run tells.
func earlier(dags int, takes time.Duration) func(*testing.T, *steps.World) {
	return func(_ *testing.T, w *steps.World) {
		w.Earlier = func() steps.Earlier {
			return steps.Earlier{DAGs: map[string]int{fake.AirflowURL: dags, "https://other.test": 1000}, Takes: takes}
		}
	}
}

func paused(dag string, is bool) fake.Object { return fake.Object{"dag_id": dag, "is_paused": is} }

func task(state, operator string) fake.Object {
	return fake.Object{"task_id": "t", "state": state, "operator": operator}
}

// over is a task that ended so long before the moment.
func over(ago time.Duration) fake.Object {
	return fake.Object{"task_id": "o", "state": "success", "end_date": fake.Stamp(fake.Moment.Add(-ago))}
}

func mayWait(dags ...string) func(*testing.T, *steps.World) {
	return func(_ *testing.T, w *steps.World) { w.Airflow.Options.MayWait = dags }
}

// pools is how many slots tasks use; Airflow counts those that are deferred since 2.7.
func pools(running int, deferred ...int) fake.Exchange {
	pool := fake.Object{"name": "default_pool", "running_slots": running, "queued_slots": 0}
	for _, n := range deferred {
		pool["deferred_slots"] = n
	}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/pools?limit=100", Body: fake.Object{"pools": []fake.Object{pool}}}
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

// took is the run of a DAG before.
func took(dag string, long time.Duration) fake.Exchange {
	begun := fake.Moment.Add(-24 * time.Hour)
	run := fake.Object{"dag_id": dag, "dag_run_id": "before", "state": "success", "start_date": fake.Stamp(begun), "end_date": fake.Stamp(begun.Add(long))}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags/" + dag + "/dagRuns?limit=100&order_by=-end_date&state=success", Body: fake.Object{"dag_runs": []fake.Object{run}, "total_entries": 1}}
}

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

var idleDAGsFixture = fixture{
	params: steps.Params{"airflow": fake.AirflowURL},
	hang:   hangingService,
	cases: []kindCase{
		{
			name: "idle", asks: []fake.Exchange{airflow3, active(0), sees(38)},
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued, among the 38 DAGs that this account sees."},
			sees: []string{"active DAG runs: 0", "DAGs this account sees: 38\n", "all DAGs: unknown: set expected_dags under [airflow] to how many there are"}, leaves: runbook.Facts{"dags.active": ""},
		},
		{
			name: "idle, and how many DAGs there are is in the settings", asks: []fake.Exchange{airflow3, active(0), sees(38)}, world: expecting(38),
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued."}, sees: []string{"DAGs this account sees: 38\n"},
		},
		{
			name: "idle, and the account sees fewer than there are", asks: []fake.Exchange{airflow3, active(0), sees(37)}, world: expecting(38),
			verdict: runbook.Unknown, denied: true, says: []string{"the account sees 37 of at least 38 DAGs, so it can't tell whether any is running"},
		},
		{
			name: "idle, and the account sees one of nobody knows how many", asks: []fake.Exchange{airflow3, active(0), sees(1)},
			verdict: runbook.Unknown, denied: true, says: []string{"sees a single DAG", "if there is only one DAG, set expected_dags = 1 under [airflow]"},
		},
		{
			name: "idle, and the account sees the only one there is", asks: []fake.Exchange{airflow3, active(0), sees(1)}, world: expecting(1),
			verdict: runbook.Passed, says: []string{"No DAG run is running or queued."},
		},
		{
			name: "idle, and a schedule starts a run later", asks: []fake.Exchange{airflow3, active(0), sees(3, scheduled("b", 3*time.Minute), scheduled("a", time.Hour), fake.Object{"dag_id": "c", "is_paused": true})},
			verdict: runbook.Passed, sees: []string{"next scheduled run: b, due in 3 min\n"},
		},
		{
			name: "idle, and a schedule is about to start a run", asks: []fake.Exchange{airflow3, active(0), sees(2, scheduled("b", 40*time.Second), scheduled("a", time.Hour))},
			verdict: runbook.Failed, again: true, says: []string{"No DAG run is running or queued, among the 2 DAGs that this account sees, but b is due in 40 s, and would be cut off: pause it until the deployment is over, or accept it with a reason."},
			sees: []string{"next scheduled run: b, due in 40 s\n"}, leaves: runbook.Facts{"dags.active": "due: b"},
		},
		{
			name: "idle, and a run should have begun", asks: []fake.Exchange{airflow3, active(0), sees(250, scheduled("b", -20*time.Minute))},
			verdict: runbook.Failed, again: true, says: []string{"b is due 20 min ago"}, sees: []string{"schedules: known of the first 1 DAGs of 250\n", "next scheduled run: b, due 20 min ago\n"},
		},
		{
			name: "idle, and a schedule that isn't on the first page is about to start a run",
			asks: []fake.Exchange{airflow3, active(0), sees(2, paused("a", false)),
				{URL: sees(0).URL + "&offset=1", Body: fake.Object{"dags": []fake.Object{scheduled("b", 40*time.Second)}, "total_entries": 2}}},
			verdict: runbook.Failed, again: true, says: []string{"but b is due in 40 s"},
		},
		{
			name: "idle, and a schedule starts a run before a deployment is over", asks: []fake.Exchange{airflow3, active(0), sees(2, scheduled("b", 3*time.Minute), scheduled("a", time.Hour))},
			world: earlier(0, 4*time.Minute), verdict: runbook.Failed, again: true, says: []string{"b is due in 3 min"}, leaves: runbook.Facts{"dags.active": "due: b"},
		},
		{
			name: "idle, and an earlier run saw more DAGs", asks: []fake.Exchange{airflow3, active(0), sees(10)}, world: earlier(20, 0),
			verdict: runbook.Failed, again: true, says: []string{"among the 10 DAGs that this account sees, but an earlier run saw 20 DAGs: find out where the others are, then set expected_dags = 10 under [airflow], or accept it with a reason."},
			sees: []string{"DAGs in an earlier run: 20\n"}, leaves: runbook.Facts{"dags.active": "10 DAGs instead of 20", "dags.seen": "10 https://airflow.test"},
		},
		{
			name: "idle, an earlier run saw more DAGs, and fewer are enough", asks: []fake.Exchange{airflow3, active(0), sees(10)},
			world:   func(t *testing.T, w *steps.World) { earlier(20, 0)(t, w); expecting(10)(t, w) },
			verdict: runbook.Passed, sees: []string{"DAGs in an earlier run: 20\n"},
		},
		{
			name: "idle, and an earlier run saw fewer DAGs", asks: []fake.Exchange{airflow3, active(0), sees(10)}, world: earlier(9, 0), verdict: runbook.Passed,
		},
		{
			name: "idle, and an asset has an event", asks: []fake.Exchange{airflow3, active(0), sees(2, fake.Object{"dag_id": "b", "is_paused": false, "timetable_summary": "Asset"}), events("b", 1)},
			verdict: runbook.Failed, again: true, says: []string{"an event of an asset is waiting for b"}, leaves: runbook.Facts{"dags.active": "event of an asset: b"},
		},
		{
			name: "idle, and more DAGs wait for assets than are asked about", asks: manyFed(51),
			verdict: runbook.Failed, again: true,
			says:   []string{"whether an event of an asset waits for fed_50 is unknown: pause it until"},
			sees:   []string{"events of assets: not known for fed_50"},
			leaves: runbook.Facts{"dags.active": "unknown event of an asset: fed_50"},
		},
		{
			name: "idle, and an asset has none", asks: []fake.Exchange{airflow3, active(0), sees(2, fake.Object{"dag_id": "b", "is_paused": false, "timetable_summary": "Asset"}), events("b", 0)},
			verdict: runbook.Passed,
		},
		{
			name: "idle, and a run has just ended", asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.Over("b", "r", "success", 3*time.Second), fake.Over("old", "r", "success", 5*time.Minute))},
			verdict: runbook.Failed, again: true, says: []string{"b ended 3 s ago (success), and may still be working: wait 87 s, or accept it with a reason."}, sees: []string{"still working: no request shows its process: look on the machine"},
			leaves: runbook.Facts{"dags.active": "b r"},
		},
		{
			name: "idle, and a run was marked by hand, another timed out and a third failed by itself",
			asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.Over("a", "r", "success", 3*time.Second), fake.Over("b", "r", "failed", 6*time.Second), fake.Over("c", "r", "failed", 7*time.Second)),
				auditLog(fake.Object{"when": fake.Stamp(fake.Moment.Add(-4 * time.Second)), "event": "patch_dag_run", "dag_id": "a", "run_id": "r"},
					fake.Object{"when": fake.Stamp(fake.Moment.Add(-time.Hour)), "event": "patch_dag_run", "dag_id": "c", "run_id": "earlier"}),
				tasks("b", fake.Object{"task_id": "t", "state": "skipped", "start_date": fake.Stamp(fake.Moment), "end_date": nil}, fake.Object{"task_id": "u", "state": nil}),
				tasks("c", fake.Object{"task_id": "t", "state": "failed", "start_date": fake.Stamp(fake.Moment), "end_date": fake.Stamp(fake.Moment)})},
			verdict: runbook.Failed, again: true,
			says: []string{"a ended 3 s ago (success, marked by hand), b ended 6 s ago (failed, timed out), c ended 7 s ago (failed, by itself), and may still be working: wait 87 s"},
		},
		{
			name: "idle, and how a run ended may not be asked", asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.Over("a", "r", "success", 3*time.Second)),
				{URL: auditLog().URL, Status: 403, Body: fake.Object{}}},
			verdict: runbook.Failed, again: true, says: []string{"a ended 3 s ago (success), and"},
		},
		{
			name: "idle, and a run has had time to end", asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.Over("b", "r", "success", 91*time.Second))},
			verdict: runbook.Passed,
		},
		{
			name: "idle, and a run has just ended, with little time to settle", asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.Over("b", "r", "success", 11*time.Second))},
			world:   func(_ *testing.T, w *steps.World) { w.Airflow.Options.Settling = 10 * time.Second },
			verdict: runbook.Passed,
		},
		{
			name: "idle, and a run failed minutes ago", asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.Over("b", "r", "failed", 5*time.Minute))},
			verdict: runbook.Passed, sees: []string{"failed lately: b, 5 min ago; if its worker was cut off, no request shows its process: look on the machine with ps -ef"},
		},
		{
			name: "idle, and a run that is said to have ended has no end", asks: []fake.Exchange{airflow3, active(0), fake.Ended("/api/v2", fake.DAGRun("b", "r", "success", time.Minute))},
			verdict: runbook.Unknown, says: []string{"listed one without an end"},
		},
		{
			name: "no run in sight, and tasks of other DAGs run", asks: []fake.Exchange{airflow3, active(0), sees(2), pools(1)},
			verdict: runbook.Unknown, says: []string{"among the 2 DAGs that this account sees, but Airflow's pools count 1 task slot in use: this account doesn't see every DAG"},
		},
		{
			name: "no run in sight, and the pools may not be seen", asks: []fake.Exchange{airflow3, active(0), sees(2), {URL: pools(0).URL, Status: 403, Body: fake.Object{}}},
			verdict: runbook.Unknown, denied: true, says: []string{"this account can't see Airflow's pools (403) or how many DAGs there are, so it can't tell whether a DAG that it doesn't see is running", "expected_dags"},
		},
		{
			name: "no run in sight, the pools may not be seen, and how many DAGs there are is in the settings", asks: []fake.Exchange{airflow3, active(0), sees(38), {URL: pools(0).URL, Status: 403, Body: fake.Object{}}},
			world: expecting(38), verdict: runbook.Passed, sees: []string{"task slots in use: unknown"},
		},
		{
			name: "idle under a dead scheduler", asks: []fake.Exchange{airflow3, active(0), sees(38, scheduled("b", -68*time.Second)), beats("unhealthy", 5*time.Minute)},
			verdict: runbook.Unknown, says: []string{"No DAG run is running or queued, among the 38 DAGs that this account sees, but Airflow's scheduler has stopped, last seen 5 min ago", "verify again"},
			sees: []string{"scheduler: not healthy, last seen 5 min ago", "next scheduled run: b, due 68 s ago"},
		},
		{
			name: "idle, and that the scheduler is healthy is an old answer", asks: []fake.Exchange{airflow3, active(0), beats("healthy", 6*time.Minute)},
			verdict: runbook.Unknown, says: []string{"Airflow's scheduler has stopped, last seen 6 min ago"},
		},
		{
			name: "idle under a live scheduler", asks: []fake.Exchange{airflow3, active(0), sees(38), well},
			verdict: runbook.Passed, sees: []string{"scheduler: healthy\n"},
		},
		{
			name: "idle, and nothing is told of the scheduler", asks: []fake.Exchange{airflow3, active(0), sees(38), {URL: well.URL, Status: 404, Body: fake.Object{}}},
			verdict: runbook.Unknown, says: []string{"404"},
		},
		{
			name: "idle on Airflow 2",
			asks: []fake.Exchange{
				{URL: fake.AirflowURL + "/api/v2/version", Status: 404, Body: fake.Object{}},
				fake.Active("/api/v1", 0),
				{URL: fake.AirflowURL + "/api/v1/dags?limit=100", Body: fake.Object{"dags": []fake.Object{}, "total_entries": 2}},
			},
			verdict: runbook.Passed, sees: []string{"DAGs this account sees: 2"},
		},
		{
			name: "idle, on another Airflow than the document's", asks: []fake.Exchange{airflow3, active(0)},
			params:  steps.Params{"airflow": fake.AirflowURL, "linked-airflow": "https://airflow.openverse.engineering"},
			verdict: runbook.Passed, says: []string{"sees. https://airflow.test was asked; the document links to https://airflow.openverse.engineering."},
			sees: []string{"another Airflow than the document's: https://airflow.test was asked; the document links to https://airflow.openverse.engineering\n"},
		},
		{
			name: "no runs, but no DAG is visible either", asks: []fake.Exchange{airflow3, active(0), sees(0)},
			verdict: runbook.Unknown, denied: true, says: []string{"the account sees 0 of at least 1 DAGs, so it can't tell whether any is running", "role Viewer"},
		},
		{
			name: "two runs", waits: true,
			asks:    []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "manual", "running", 90*time.Minute), fake.DAGRun("a", "s\x1b[2J", "queued", 0)), well},
			verdict: runbook.Failed, says: []string{"2 DAG runs are active", "wait for them to end"}, again: true,
			sees:   []string{"active DAG runs: 2", "running: b, for 90 min", "queued: a\n"},
			leaves: runbook.Facts{"dags.active": "a s^[[2J\nb manual"},
		},
		{
			name: "one run", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", 10*time.Second)), well},
			verdict: runbook.Failed, says: []string{"1 DAG run is active: wait for it to end"}, again: true, sees: []string{"b, for 10 s"},
		},
		{
			name: "runs whose DAGs ran before", waits: true,
			asks:    []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "x", "running", 10*time.Second), fake.DAGRun("c", "x", "running", time.Hour)), took("b", 20*time.Minute), took("c", 75*time.Minute)},
			verdict: runbook.Failed, says: []string{"2 DAG runs are active: wait for them to end"}, again: true,
			sees:   []string{"running: b, for 10 s; usually takes 20 min", "running: c, for 60 min; usually takes 75 min"},
			leaves: runbook.Facts{steps.FactUntil: fake.Stamp(fake.Moment.Add(20*time.Minute - 10*time.Second))},
		},
		{
			name: "runs of which one's DAG never ran before", waits: true,
			asks:    []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "x", "running", 10*time.Second), fake.DAGRun("c", "x", "running", time.Hour)), took("b", 20*time.Minute)},
			verdict: runbook.Failed, again: true, sees: []string{"running: b, for 10 s; usually takes 20 min", "running: c, for 60 min\n"}, leaves: runbook.Facts{steps.FactUntil: ""},
		},
		{
			name: "a run under a dead scheduler", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", time.Hour)), beats("unhealthy", 5*time.Minute)},
			verdict: runbook.Failed, says: []string{"1 DAG run is active, but Airflow's scheduler has stopped, last seen 5 min ago, so nothing records when it ends", "accept it with a reason"}, again: true,
			leaves: runbook.Facts{"dags.active": "b x"},
		},
		{
			name: "runs under a scheduler that never was", asks: []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "x", "queued", 0), fake.DAGRun("b", "y", "queued", 0)), beats("unhealthy", -1)},
			verdict: runbook.Failed, says: []string{"2 DAG runs are active, but Airflow's scheduler is not started, so nothing records when they end"}, again: true,
		},
		{
			name: "a run of a paused DAG", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "queued", 0)), sees(2, paused("b", true), paused("c", false))},
			verdict: runbook.Failed, says: []string{"1 DAG run is active, and b won't end by itself: its DAG is paused. Unpause the DAG in Airflow, or mark the run as failed there, or accept it with a reason."},
			sees: []string{"queued: b; its DAG is paused\n"}, leaves: runbook.Facts{"dags.active": "b x"},
		},
		{
			name: "a run of a paused DAG, and another", asks: []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "x", "running", time.Minute), fake.DAGRun("c", "x", "running", time.Minute)), sees(2, paused("b", true), paused("c", false))},
			verdict: runbook.Failed, again: true, says: []string{"2 DAG runs are active, and b won't end by itself: its DAG is paused. Unpause the DAG in Airflow, or mark the run as failed there and wait for the rest to end"},
		},
		{
			name: "a run of a DAG that is gone", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", time.Minute)), sees(2, paused("a", false), paused("c", false))},
			verdict: runbook.Failed, says: []string{"b won't end by itself: its DAG is gone"},
		},
		{
			name: "a run of a DAG that is beyond the page", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", time.Minute)), sees(3, paused("a", false), paused("c", false))},
			verdict: runbook.Failed, again: true, says: []string{"1 DAG run is active: wait for it to end"},
		},
		{
			name: "a run of a paused DAG that is beyond the page", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "x", "running", time.Minute)), sees(3, paused("a", false), paused("c", false)),
				{URL: fake.AirflowURL + "/api/v2/dags/b", Body: fake.DAG("b", true)}},
			verdict: runbook.Failed, says: []string{"b won't end by itself: its DAG is paused"},
		},
		{
			name: "a run of a backfill that is paused", asks: []fake.Exchange{airflow3, active(1, fake.Object{"dag_id": "b", "dag_run_id": "x", "state": "queued", "run_type": "backfill"}),
				{URL: fake.AirflowURL + "/api/v2/backfills?dag_id=b&limit=100", Body: fake.Object{"backfills": []fake.Object{{"is_paused": true, "completed_at": nil}, {"is_paused": false, "completed_at": fake.Stamp(fake.Moment)}}}}},
			verdict: runbook.Failed, says: []string{"b won't end by itself: its backfill is paused. Unpause the backfill, or cancel it"},
		},
		{
			name: "a run of which nothing is left", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), tasks("b", over(2*time.Minute), over(time.Hour))},
			verdict: runbook.Failed, says: []string{"b won't end by itself: it has no unfinished task. Mark the run"},
		},
		{
			name: "a run whose last task has just ended", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), tasks("b", over(2*time.Second), over(time.Hour))},
			verdict: runbook.Failed, again: true, says: []string{"wait for it to end"},
		},
		{
			name: "a run that may wait, and does", asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), pools(1, 1),
				tasks("b", over(time.Hour), task("deferred", "Other"), task("running", "ExternalTaskSensor"), task("up_for_reschedule", "X"), fake.Object{"task_id": "later", "state": nil})},
			world: mayWait("b"), verdict: runbook.Passed, says: []string{"No DAG run is running or queued, except 1 that only waits, among"},
			sees: []string{"only waiting: b, as [airflow] may_wait allows\n", "task slots in use: 0\n"},
		},
		{
			name:  "a run that may wait, does, and a task runs that isn't in sight",
			asks:  []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), pools(1), tasks("b", task("deferred", "Other"))},
			world: mayWait("b"), verdict: runbook.Unknown, says: []string{"pools count 1 task slot in use"},
		},
		{
			name: "a run that may wait, does, and another works", waits: true, asks: []fake.Exchange{airflow3, active(2, fake.DAGRun("b", "r", "running", time.Hour), fake.DAGRun("c", "r", "running", time.Hour)), tasks("b", task("deferred", "Other"))},
			world: mayWait("b"), verdict: runbook.Failed, again: true, says: []string{"1 DAG run is active: wait"}, leaves: runbook.Facts{"dags.active": "c r"},
		},
		{
			name: "a run that may wait, and works besides", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), tasks("b", task("deferred", "Other"), task("queued", "Other"))},
			world: mayWait("b"), verdict: runbook.Failed, again: true, says: []string{"1 DAG run is active"},
		},
		{
			name: "a run that may wait, and has not begun to", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), tasks("b", fake.Object{"task_id": "later", "state": nil})},
			world: mayWait("b"), verdict: runbook.Failed, again: true, says: []string{"1 DAG run is active"},
		},
		{
			name: "a run that may wait, and whose tasks may not be seen", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), {URL: tasks("b").URL, Status: 403, Body: fake.Object{}}},
			world: mayWait("b"), verdict: runbook.Failed, again: true, says: []string{"1 DAG run is active"},
		},
		{
			name: "a run that waits, and may not", waits: true, asks: []fake.Exchange{airflow3, active(1, fake.DAGRun("b", "r", "running", time.Hour)), tasks("b", task("deferred", "Other"))},
			world: mayWait("c"), verdict: runbook.Failed, again: true, says: []string{"1 DAG run is active"},
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
			verdict: runbook.Unknown, says: []string{"set url under [airflow] in catalog-runbook.toml"},
		},
		{
			name: "no address that can be one", params: steps.Params{"airflow": "airflow"},
			verdict: runbook.Unknown, says: []string{"airflow"},
		},
	},
}
