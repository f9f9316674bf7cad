package airflow

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/testdata/poll"
	"catalog-runbook/steps/transport"
)

// TestContractOfEndedRuns: a run that was marked by hand while its task ran is over at
// once, and said to have ended so; nobody's pool counts it any more.
func TestContractOfEndedRuns(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		g.trigger(t, "contract_running")
		poll.UntilEvery(t, 200*time.Millisecond, "its task runs", func() bool { return slices.Equal(g.states(t, "contract_running", "tasks"), []string{"running"}) })
		poll.UntilEvery(t, 200*time.Millisecond, "the pool counts it", func() bool {
			n, err := g.client(t, "admin").slots(t.Context(), g.version)
			return err == nil && n == slots{used: 1}
		})
		g.endRuns(t)
		for _, account := range []string{"admin", "viewer"} {
			got := ask(t, g.client(t, account))
			if got.Total != 0 || len(got.Ended) == 0 || got.Slots != g.idleSlots(account) {
				t.Fatalf("%s: got %+v", account, got)
			}
			last := got.Ended[0]
			if last.DAG.String() != g.dag("contract_running") || last.State != "failed" || last.Settling <= 0 || last.Settling > Settling {
				t.Errorf("%s: ended last: %+v", account, last)
			}
			// A viewer may not see the audit log, and that of 2.5 lacks what was done through the API.
			if last.How != byHand && (account == "admin" && g.line != "2.5" || last.How != untold) {
				t.Errorf("%s: it ended %q", account, last.How)
			}
		}
	})
}

// TestContractOfPools: who sees one DAG may not see the pools, so that nothing is believed
// that this account says as long as nobody says how many DAGs there are.
func TestContractOfPools(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		want := map[string]int{"admin": 200, "viewer": 200, "narrow": 403, "blind": 403, "nobody": 403}
		if g.idleSlots("viewer") < 0 {
			want["viewer"] = 403
		}
		for account, status := range want {
			if got := g.api(t, account, http.MethodGet, "/pools", nil); got.status != status {
				t.Errorf("%s: %d %v, want %d", account, got.status, got.body, status)
			}
		}
	})
}

// TestContractOfUsualTimes: how long the last successful runs of a DAG took is told to whom
// may see the DAG.
func TestContractOfUsualTimes(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		if g.real() { // in practice, runs of every scheduled DAG have ended before
			ended := func() int {
				return g.api(t, "admin", http.MethodGet, "/dags/contract_idle/dagRuns?state=success", nil).count()
			}
			before := ended()
			g.trigger(t, "contract_idle")
			poll.UntilEvery(t, 200*time.Millisecond, "a run has succeeded", func() bool { return ended() > before })
		}
		ran, never, unknown := clean.Line(g.dag("contract_idle")), clean.Line(g.dag("contract_paused")), clean.Line("no_such_dag")
		for account, told := range map[string]bool{"admin": true, "viewer": true, "narrow": true, "blind": false} {
			got := g.client(t, account).usually(t.Context(), g.version, []clean.Text{ran, never, unknown})
			if took := got[ran]; (took > 0) != told || took > time.Hour || got[never] != 0 || got[unknown] != 0 {
				t.Errorf("%s: got %v", account, got)
			}
		}
	})
}

// idleSlots is Activity.Slots for an account while nothing runs: Airflow 2.5 doesn't show
// its pools to a viewer.
func (g ground) idleSlots(account string) int {
	if account == "viewer" && g.line == "2.5" {
		return -1
	}
	return 0
}

// TestContractOfTheLatestRun: it is the one that was made last, whatever its date and its
// state, and told to whom may see the DAG.
func TestContractOfTheLatestRun(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		latest := func(account, name string) (DAGRun, bool) {
			t.Helper()
			run, ok, err := g.client(t, account).LatestRun(t.Context(), g.dag(name))
			if err != nil {
				t.Fatalf("%s asks for the latest run of %s: %v", account, name, err)
			}
			return run, ok
		}
		// A page has two, so that the latest of three is not on the page of the first.
		for range 3 {
			before, ran := latest("viewer", "contract_idle")
			g.trigger(t, "contract_idle")
			var run DAGRun
			poll.UntilEvery(t, 200*time.Millisecond, "the run is the latest", func() bool {
				var ok bool
				run, ok = latest("viewer", "contract_idle")
				return ok && (!ran || run.RunID != before.RunID)
			})
			if run.DAG.String() != g.dag("contract_idle") || run.RunID.Empty() || run.URL == "" {
				t.Errorf("got %+v", run)
			}
			if !g.real() {
				continue // a run of that DAG goes on there
			}
			poll.UntilEvery(t, 200*time.Millisecond, "it has succeeded", func() bool {
				now, _ := latest("narrow", "contract_idle")
				if now.RunID != run.RunID {
					t.Fatalf("another run is the latest: %+v, not %+v", now, run)
				}
				return now.State == "success" && !now.Since.IsZero()
			})
		}
		if g.real() { // one for a day that has long passed
			body := map[string]any{"logical_date": "2024-01-05T00:00:00Z", "dag_run_id": "of-before-" + time.Now().UTC().Format("150405.000000")}
			if r := g.api(t, "admin", http.MethodPost, "/dags/contract_idle/dagRuns", body); r.status != http.StatusOK {
				t.Fatalf("a run of before: %d %v", r.status, r.body)
			}
			if run, _ := latest("viewer", "contract_idle"); run.RunID.String() != body["dag_run_id"] {
				t.Errorf("the latest run is %+v, not the one of before", run)
			}
		}
		g.trigger(t, "contract_running")
		poll.UntilEvery(t, 200*time.Millisecond, "it runs", func() bool {
			run, _ := latest("viewer", "contract_running")
			return run.State == "running"
		})
		g.endRuns(t)
		if run, ok := latest("viewer", "contract_running"); !ok || run.State != "failed" {
			t.Errorf("marked as failed, it is %+v", run)
		}

		_, _, err := g.client(t, "viewer").LatestRun(t.Context(), "no_such_dag")
		refuses(t, "a DAG that is not there", err, transport.NotFound)
		for _, account := range []string{"narrow", "blind", "nobody", ""} {
			_, ok, err := g.client(t, account).LatestRun(t.Context(), g.dag("contract_running"))
			if refuses(t, account+" asks for a run that it may not see", err, transport.Credentials); ok {
				t.Errorf("%s is told of a run", account)
			}
		}
	})
}
