package airflow

import (
	"fmt"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

// TestPausedDAGsWithoutAFilter: Airflow 2.5 refuses the parameter paused with status 400,
// so that all DAGs are listed instead, and none being paused is believed from an account
// that sees enough of them.
func TestPausedDAGsWithoutAFilter(t *testing.T) {
	refused := call{uri: "/api/v1/dags?limit=100&paused=true", status: 400, answer: `{"detail":"Extra query parameter(s) paused not in spec","status":400}`}
	known := call{uri: "/api/v1/version", answer: `{"version":"2.5.3"}`}
	one := fmt.Sprintf(`{"dags":[`+smk2+`],"total_entries":1}`, false)
	two := `{"dags":[` + fmt.Sprintf(smk2, false) + `,{"dag_id":"flickr","is_paused":true,"is_active":true,"has_import_errors":false}],"total_entries":2}`

	all := call{uri: "/api/v1/dags?limit=100", answer: two}
	got, err := client(t, script(t, version2, known, refused, all).URL, Options{ExpectedDAGs: 2}).PausedDAGs(t.Context())
	if err != nil || len(got) != 1 || got[0].ID.String() != "flickr" {
		t.Errorf("got %+v, %v", got, err)
	}
	all.answer = one
	got, err = client(t, script(t, version2, known, refused, all, all).URL, Options{ExpectedDAGs: 2}).PausedDAGs(t.Context())
	refuses(t, "one DAG of two is seen", err, transport.Credentials)
	if got != nil {
		t.Errorf("got %+v", got)
	}
}

// TestAnOldAuditLogTellsNoEnd: before Airflow 2.9 the log names no runs and lacks what was
// done through the API, so that a run without a mark didn't need to end by itself.
func TestAnOldAuditLogTellsNoEnd(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ended := call{uri: "/api/v1" + runsPath + "?end_date_gte=2026-01-02T02%3A49%3A05Z&limit=100&order_by=-end_date",
		answer: `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"success","end_date":"2026-01-02T03:04:00Z"}],"total_entries":1}`}
	for run, want := range map[string]Ending{``: untold, `,"run_id":null`: alone, `,"run_id":"r"`: alone} {
		log := call{uri: "/api/v1/eventLogs?limit=100&order_by=-when", answer: `{"event_logs":[{"when":"2026-01-02T03:00:00Z","event":"cli_scheduler","dag_id":null` + run + `}],"total_entries":1}`}
		a := ask(t, client(t, script(t, version2, ended, log).URL, Options{Now: func() time.Time { return now }}))
		if len(a.Ended) != 1 || a.Ended[0].How != want {
			t.Errorf("%q: ended %+v, want %q", run, a.Ended, want)
		}
	}
}
