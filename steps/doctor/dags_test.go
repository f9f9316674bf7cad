package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// dagsServer is an Airflow 3 that everybody may look at, of 7 DAGs.
func dagsServer(t *testing.T, change map[string]answer) string {
	t.Helper()
	all := map[string]answer{
		"/api/v2/version":        {body: `{"version":"3.1.0"}`},
		"/api/v2/monitor/health": {body: `{"metadatabase":{"status":"healthy"},"scheduler":{"status":"healthy"},"dag_processor":{"status":"healthy"}}`},
		"/api/v2/dags":           {body: `{"dags":[{"dag_id":"a","is_paused":true,"is_stale":false,"has_import_errors":false}],"total_entries":1}`},
		"/api/v2/importErrors":   {body: `{"import_errors":[],"total_entries":0}`},
	}
	for path, a := range change {
		all[path] = a
	}
	return server(t, all)
}

// What Airflow says of its DAGs is told, and is in no deployment's way.
func TestDAGs(t *testing.T) {
	const secret = "airflow-secret-in-a-trace-01"
	clean.Secret(secret)
	errorsIn := func(reasons ...string) answer {
		var rows []string
		for i, reason := range reasons {
			rows = append(rows, fmt.Sprintf(`{"filename":"dags/%d.py","timestamp":"2026-06-01T00:00:00Z","stack_trace":%q}`, i, "Traceback:\n"+reason))
		}
		return answer{body: fmt.Sprintf(`{"import_errors":[%s],"total_entries":%d}`, strings.Join(rows, ","), len(rows))}
	}
	many := answer{body: `{"dags":[],"total_entries":501}`}
	for name, tc := range map[string]struct {
		change          map[string]answer
		imports, paused string
	}{
		"none":            {nil, "ok none", "ok 1 of 1"},
		"one file":        {map[string]answer{"/api/v2/importErrors": errorsIn("ImportError: x")}, "wrong can't read 1 file: dags/0.py (ImportError: x) -> open http://", "ok 1 of 1"},
		"many files":      {map[string]answer{"/api/v2/importErrors": errorsIn("a", "b", "c", "d")}, "wrong can't read 4 files: dags/0.py (a), dags/1.py (b), dags/2.py (c), … -> open http://", "ok"},
		"a secret":        {map[string]answer{"/api/v2/importErrors": errorsIn("KeyError: " + secret)}, "wrong dags/0.py (KeyError: [redacted]) -> open", "ok"},
		"a long reason":   {map[string]answer{"/api/v2/importErrors": errorsIn(strings.Repeat("é", 1000))}, "wrong dags/0.py (" + strings.Repeat("é", 120) + "…) -> open", "ok"},
		"may not see":     {map[string]answer{"/api/v2/importErrors": {status: http.StatusForbidden, body: `{"detail":"Forbidden"}`}}, "not known returned 403 (Forbidden)", "ok"},
		"out of order":    {map[string]answer{"/api/v2/importErrors": {status: http.StatusInternalServerError, body: `{}`}}, "not known failed (500", "ok"},
		"too many DAGs":   {map[string]answer{"/api/v2/dags": many}, "ok none", "not known not counted: there are 501 DAGs"},
		"told by halves":  {map[string]answer{"/api/v2/dags": {body: `{"dags":[{"dag_id":"a"}],"total_entries":1}`}}, "ok none", "not known doesn't say whether a is paused"},
		"sees no DAG":     {map[string]answer{"/api/v2/dags": {body: `{"dags":[],"total_entries":0}`}}, "", ""},
		"may see nothing": {map[string]answer{"/api/v2/dags": {status: http.StatusUnauthorized, body: `{}`}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			s.Airflow.URL, s.Airflow.ExpectedDAGs = dagsServer(t, tc.change), 1
			p, to := patient(t, idle, s, steps.Credentials{})
			all := look(t, p)
			want(t, all, "airflow.imports", tc.imports)
			want(t, all, "airflow.paused", tc.paused)
			if f := all["airflow.imports"]; f.Denied || f.Needed {
				t.Errorf("a fact is in the way: %+v", f)
			}
			if sum := Of(values(all)); tc.imports != "" && sum != Fit {
				t.Errorf("it comes to %d: %v", sum, all)
			}
			if len(to.sent) > 8 {
				t.Errorf("sent %q", to.sent)
			}
		})
	}
}

// A practice world tells them too.
func TestDAGsInPractice(t *testing.T) {
	w := world(t, 2)
	var s steps.Settings
	s.Airflow.URL, s.Airflow.ExpectedDAGs = w.AirflowURL(), 3
	p, to := patient(t, idle, s, steps.Credentials{AirflowUsername: w.AirflowUser(), AirflowPassword: w.AirflowPassword()})
	p.Airflow = Account{Given: "the user practice"}
	all := look(t, p)
	want(t, all, "airflow.imports", "ok none")
	want(t, all, "airflow.paused", "ok of 38")
	if len(to.sent) > 8 {
		t.Errorf("sent %q", to.sent)
	}
}

// All that the credentials lack is told, even where Airflow cannot be asked, and in
// place of what it says of the account.
func TestAllThatIsLacking(t *testing.T) {
	for name, url := range map[string]string{"answers": dagsServer(t, nil), "does not": "http://" + listener(t, nil)} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			s.Airflow.URL, s.Airflow.ExpectedDAGs = url, 1
			p, _ := patient(t, idle, s, steps.Credentials{})
			p.Airflow.Problems = []error{say.Hint(errors.New("no password"), "set AIRFLOW_PASSWORD"), say.Hint(errors.New("no header"), "set HEADER")}
			var told []string
			for _, f := range Diagnose(t.Context(), p) {
				if f.ID == "airflow.account" {
					told = append(told, fmt.Sprintf("%s, %t, %t, %s -> %s", f.State, f.Needed, f.Denied, f.Found, f.Next))
				}
			}
			if got, want := strings.Join(told, "\n"), "missing, true, true, no password -> set AIRFLOW_PASSWORD\nmissing, true, true, no header -> set HEADER"; got != want {
				t.Errorf("told is\n%s\nwant\n%s", got, want)
			}
		})
	}
}
