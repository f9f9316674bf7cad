package airflow

import (
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

// TestContractOfWhoSeesOneDAG: nobody has said how many DAGs there are, as it is
// without settings. Who sees a single one is told nothing; who sees all is told
// how many that are.
func TestContractOfWhoSeesOneDAG(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		unsaid := func(o *Options) { o.ExpectedDAGs = 0 }
		got, err := g.client(t, "narrow", unsaid).ActiveRuns(t.Context())
		refuses(t, "one DAG of many is seen", err, transport.Credentials)
		if got.DAGs != 0 {
			t.Errorf("told %+v", got)
		}
		g.trigger(t, "contract_paused") // of which that account is shown nothing
		_, err = g.client(t, "narrow", unsaid).ActiveRuns(t.Context())
		refuses(t, "a run that is not seen is active", err, transport.Credentials)
		g.endRuns(t)
		who := "viewer"
		if g.idleSlots(who) < 0 {
			_, err = g.client(t, who, unsaid).ActiveRuns(t.Context())
			refuses(t, "the pools aren't shown", err, transport.Credentials)
			who = "admin"
		}
		if got, err = g.client(t, who, unsaid).ActiveRuns(t.Context()); err != nil || got.DAGs != g.dags {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// TestActiveRunsTellsWhatIsDueNext: the soonest of the schedules that are on, of
// both versions, and how many DAGs that is about.
func TestActiveRunsTellsWhatIsDueNext(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		api  string
		rows string
		dag  string
		of   int
	}{
		"3": {api: "/api/v2", rows: `{"dag_id":"later","is_paused":false,"next_dagrun_run_after":"2026-01-03T00:00:00Z"},
			{"dag_id":"off","is_paused":true,"next_dagrun_run_after":"2026-01-01T00:00:00Z"},
			{"dag_id":"next","is_paused":false,"next_dagrun_run_after":"2026-01-02T03:04:05Z"},
			{"dag_id":"never","is_paused":false,"next_dagrun_run_after":null}`, dag: "next", of: 4},
		"2":               {api: "/api/v1", rows: `{"dag_id":"a","is_paused":false,"next_dagrun":"2026-01-01T00:00:00Z","next_dagrun_create_after":"2026-01-02T03:04:05+00:00"}`, dag: "a", of: 1},
		"none has one":    {api: "/api/v2", rows: `{"dag_id":"a","is_paused":false},{"is_paused":false,"next_dagrun_run_after":"2026-01-01T00:00:00Z"},{"dag_id":"b","next_dagrun_run_after":"2026-01-01T00:00:00Z"}`, of: 3},
		"none is listed":  {api: "/api/v2"},
		"it is no moment": {api: "/api/v2", rows: `{"dag_id":"a","is_paused":false,"next_dagrun_run_after":"soon"}`, of: 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := []call{version3, runs3(none)}
			if c.api == "/api/v1" {
				calls = []call{version2, runs2(none)}
			}
			all := sees(c.api, 38)
			all.answer = `{"dags":[` + c.rows + `],"total_entries":38}`
			due := ask(t, client(t, script(t, append(calls, all)...).URL, Options{})).Due
			next := DueRun{}
			if len(due.Next) > 0 {
				next = due.Next[0]
			}
			if next.DAG.String() != c.dag || due.Of != c.of || next.At.IsZero() != (c.dag == "") || c.dag != "" && !next.At.Equal(at) {
				t.Errorf("got %+v", next)
			}
		})
	}
}
