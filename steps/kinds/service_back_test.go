package kinds_test

import (
	"net/http"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// deployed is an apply that ended so long ago, begun with what was noted before.
func deployed(ago time.Duration, before runbook.Facts) *runbook.Carried {
	at := fake.Moment.Add(-ago)
	return &runbook.Carried{By: clean.Line("mar@desk"), Argv: []string{"just", "apply", "prod", "ferry"}, Begun: at.Add(-time.Minute), Ended: at, Before: before}
}

// noted is what a check notes before a deployment.
var noted = runbook.Facts{"back.version-before": "3.0.1", "back.imports-before": "1\nold.py", "bump.previous": "v1.5.3"}

// airflowIs is Airflow's version, asked for by the check and by the client.
func airflowIs(version string) []fake.Exchange {
	e := fake.Exchange{URL: fake.AirflowURL + "/api/v2/version", Body: fake.Object{"version": version}}
	return []fake.Exchange{e, e}
}

func unreadable(files ...string) fake.Exchange {
	rows := []fake.Object{}
	for _, f := range files {
		rows = append(rows, fake.Object{"filename": f, "stack_trace": "Traceback\nImportError: no"})
	}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/importErrors?limit=100", Body: fake.Object{"import_errors": rows, "total_entries": len(rows)}}
}

// parsedAgo are DAGs, the last of which was read so long before the moment.
func parsedAgo(ago time.Duration) fake.Exchange {
	all := []fake.Object{fake.DAG("a", false), fake.DAG("b", true), fake.DAG("broken", false)}
	all[0]["last_parsed_time"], all[1]["last_parsed_time"] = fake.Stamp(fake.Moment), fake.Stamp(fake.Moment.Add(-ago))
	all[2]["has_import_errors"], all[2]["last_parsed_time"] = true, fake.Stamp(fake.Moment.Add(-24*time.Hour))
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags?limit=100", Body: fake.Object{"dags": all, "total_entries": len(all)}}
}

func runIs(dag, state string) fake.Exchange {
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dags/" + dag + "/dagRuns/r", Body: fake.Object{"dag_id": dag, "dag_run_id": "r", "state": state}}
}

// gone is an Airflow that a proxy stands before.
func gone(status int) []fake.Exchange {
	var all []fake.Exchange
	for _, path := range []string{"/api/v2/version", "/api/v1/version"} {
		all = append(all, fake.Exchange{URL: fake.AirflowURL + path, Status: status, Kind: "text/html", Body: "<html>"})
	}
	return all
}

func all(parts ...any) (out []fake.Exchange) {
	for _, p := range parts {
		switch p := p.(type) {
		case fake.Exchange:
			out = append(out, p)
		case []fake.Exchange:
			out = append(out, p...)
		}
	}
	return out
}

// lasted is a world in which the service took so long to come back last time.
func lasted(took time.Duration) func(*testing.T, *steps.World) {
	return func(_ *testing.T, w *steps.World) {
		w.Earlier = func() steps.Earlier { return steps.Earlier{Back: map[string]time.Duration{fake.AirflowURL: took}} }
	}
}

var serviceBackFixture = fixture{
	params: steps.Params{"airflow": fake.AirflowURL},
	facts:  runbook.Facts{runbook.ReleaseTag: fake.Tag},
	hang:   hangingService,
	cases: []kindCase{
		{
			name: "before the deployment", asks: all(airflow3, unreadable("old.py")),
			verdict: runbook.Unknown, says: []string{"Nothing has been deployed in this run yet. Airflow 3.0.2 responds, with 1 import error in its DAGs."},
			leaves: runbook.Facts{"back.version-before": "3.0.2", "back.imports-before": "1\nold.py"},
		},
		{
			name: "back", follows: deployed(2*time.Minute, noted), asks: all(airflowIs("3.0.2"), well, unreadable("old.py"), parsedAgo(time.Minute)),
			verdict: runbook.Passed, says: []string{"Airflow 3.0.2 is back: its scheduler works, and it has read its DAGs."},
			sees: []string{"scheduler: healthy, last seen 3 s ago", "version before: 3.0.1", "import error, as before: old.py: ImportError: no", "DAGs that it has read since: 2 of 3"},
		},
		{
			name: "back, with the image's version, and two runs were active", follows: deployed(2*time.Minute, runbook.Facts{"dags.runs": "a r\nb r"}),
			facts:   runbook.Facts{runbook.ReleaseTag: fake.Tag, "image.airflow": "3.0.2", "back.not-yet": fake.Stamp(fake.Moment.Add(-10 * time.Second))},
			asks:    all(airflowIs("3.0.2"), airflow3, well, unreadable(), parsedAgo(time.Minute), parsedAgo(time.Minute), runIs("a", "running"), fake.Exchange{URL: runIs("b", "").URL, Status: http.StatusNotFound, Body: fake.Object{"detail": "gone"}}),
			verdict: runbook.Passed, says: []string{"Runs that were active before: a running, b deleted."}, sees: []string{"version in the image: 3.0.2", "run that was active before: b r: deleted"},
			leaves: runbook.Facts{"back.after": "2m0s " + fake.AirflowURL},
		},
		{
			name: "it does not respond yet", follows: deployed(40*time.Second, noted), asks: gone(521), world: lasted(2 * time.Minute),
			verdict: runbook.Failed, waits: true, again: true, says: []string{"Airflow doesn't respond yet: ", "40 s after the deployment. Last time it took 2 min."},
			leaves: runbook.Facts{"back.not-yet": fake.Stamp(fake.Moment)},
		},
		{
			name: "it does not come back", follows: deployed(16*time.Minute, noted), asks: gone(521),
			verdict: runbook.Failed, says: []string{"16 min after the deployment", "To go back to v1.5.3, run `catalog-runbook rollback`", "doesn't restore Airflow's metadata database"},
			sees:   []string{"deployed by: mar@desk, `just apply prod ferry`", "ended: 2024-03-02 11:44:00 UTC", "version: v1.5.4, before that v1.5.3", "Airflow before: 3.0.1"},
			leaves: runbook.Facts{"back.not-yet": ""},
		},
		{
			name: "it took long before", follows: deployed(16*time.Minute, noted), asks: gone(521), world: lasted(6 * time.Minute),
			verdict: runbook.Failed, waits: true, again: true, says: []string{"Last time it took 6 min."},
		},
		{
			name: "a login page responds", follows: deployed(40*time.Second, noted), asks: gone(http.StatusForbidden), verdict: runbook.Unknown, denied: true, says: []string{"Airflow doesn't respond yet"},
		},
		{
			name: "the scheduler was seen last before the deployment ended", follows: deployed(2*time.Second, noted), asks: all(airflow3, well),
			verdict: runbook.Failed, waits: true, again: true, says: []string{"its scheduler hasn't been seen since the deployment ended, 2 s after"},
		},
		{
			name: "the scheduler is not started", follows: deployed(2*time.Minute, noted), asks: all(airflow3, beats("unhealthy", -1)),
			verdict: runbook.Failed, waits: true, again: true, says: []string{"its scheduler isn't healthy"},
		},
		{
			name: "the version is another one than the image's", follows: deployed(2*time.Minute, noted), facts: runbook.Facts{runbook.ReleaseTag: fake.Tag, "image.airflow": "3.1.0"},
			asks: all(airflowIs("3.0.2"), well), verdict: runbook.Failed, waits: true, again: true, says: []string{"Airflow 3.0.2 responds, and the image of v1.5.4 has Airflow 3.1.0"},
		},
		{
			name: "there is a new import error", follows: deployed(2*time.Minute, noted), asks: all(airflowIs("3.0.2"), well, unreadable("old.py", "new.py"), parsedAgo(time.Minute)),
			verdict: runbook.Failed, says: []string{"can't read 1 file that it could read before: new.py.", "go back to v1.5.3"}, sees: []string{"import error: new.py: ImportError: no"},
		},
		{
			name: "nobody knows whether the import error is new", follows: deployed(2*time.Minute, nil), asks: all(airflowIs("3.0.2"), well, unreadable("new.py"), parsedAgo(time.Minute)),
			verdict: runbook.Unknown, says: []string{"Which of them it couldn't read before is unknown"},
		},
		{
			name: "a DAG has not been read since", follows: deployed(2*time.Minute, noted), asks: all(airflowIs("3.0.2"), well, unreadable(), parsedAgo(3*time.Minute), parsedAgo(3*time.Minute)),
			verdict: runbook.Failed, waits: true, again: true, says: []string{"hasn't read 1 DAG since: b"},
		},
		{
			name: "DAGs are still paused", follows: deployed(2*time.Minute, noted), held: []string{"a"}, asks: all(airflowIs("3.0.2"), well, unreadable(), parsedAgo(time.Minute), parsedAgo(time.Minute)),
			verdict: runbook.Failed, says: []string{"Airflow 3.0.2 is back. 1 DAG is still paused by this run: a."}, leaves: runbook.Facts{"held": "a"},
		},
	},
}
