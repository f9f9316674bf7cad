package airflow

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/testdata/poll"
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
