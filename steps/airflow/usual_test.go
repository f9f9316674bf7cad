package airflow

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
)

// past is a successful run of a DAG that took some seconds.
func past(dag string, seconds int) string {
	return fmt.Sprintf(`{"dag_id":%q,"dag_run_id":"r","state":"success","start_date":"2026-01-02T03:00:00Z","end_date":"2026-01-02T03:00:%02d.5Z"}`, dag, seconds)
}

func pastRuns(rows ...string) string {
	return fmt.Sprintf(`{"dag_runs":[%s],"total_entries":90}`, strings.Join(rows, ","))
}

// TestUsual: of a DAG with a running run is asked once how long its last runs took. What
// isn't told, or isn't believed, is not known and hurts nobody.
func TestUsual(t *testing.T) {
	const path = "/dags/a/dagRuns?limit=100&order_by=-end_date&state=success"
	for name, c := range map[string]struct {
		status int
		answer string
		want   time.Duration
	}{
		"the median":           {0, pastRuns(past("a", 9), past("a", 50), past("a", 1), past("a", 7), past("a", 8)), 8500 * time.Millisecond},
		"of two, the longer":   {0, pastRuns(past("a", 9), past("a", 50)), 50500 * time.Millisecond},
		"it never ran":         {0, none, 0},
		"it may not be seen":   {403, `{"detail":"Forbidden"}`, 0},
		"runs of another":      {0, pastRuns(past("b", 9)), 0},
		"runs in other states": {0, pastRuns(strings.Replace(past("a", 9), "success", "failed", 1)), 0},
		"runs without a start": {0, pastRuns(strings.Replace(past("a", 9), "2026-01-02T03:00:00Z", "", 1)), 0},
		"clocks that differ":   {0, pastRuns(strings.Replace(past("a", 9), "03:00:00Z", "04:00:00Z", 1)), 0},
		"no list":              {0, `{}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			asker := client(t, script(t, version3, runs3(oneRun), call{uri: "/api/v2" + path, status: c.status, answer: c.answer}, runs3(oneRun)).URL, Options{})
			for range 2 {
				if got := ask(t, asker).Runs[0].Usual; got != c.want {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
	t.Run("on Airflow 2", func(t *testing.T) {
		asker := client(t, script(t, version2, runs2(oneRun), call{uri: "/api/v1" + path, answer: pastRuns(past("a", 9))}).URL, Options{})
		if got := ask(t, asker).Runs[0].Usual; got != 9500*time.Millisecond {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a name that isn't a DAG's", func(t *testing.T) {
		asker := client(t, script(t).URL, Options{})
		if got := asker.usually(t.Context(), 3, []clean.Text{clean.Line("../a"), clean.Line("~")}); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
}
