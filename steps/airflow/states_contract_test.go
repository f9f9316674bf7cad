package airflow

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// TestContractOfAssetEvents: an event that waits for a DAG is told, from 2.9 on. Before,
// it is told that this isn't known.
func TestContractOfAssetEvents(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		consumer := g.dag("contract_assets")
		due := func() DueRuns { return ask(t, g.client(t, "viewer")).Due }
		if g.line == "2.5" {
			if got := due(); len(got.Assets) != 0 || len(got.Unasked) != 1 || got.Unasked[0].String() != consumer {
				t.Errorf("got %+v", got)
			}
			return
		}
		g.forgetEvents(t)
		t.Cleanup(func() { g.forgetEvents(t) })
		if got := due(); len(got.Assets) != 0 || len(got.Unasked) != 0 {
			t.Errorf("without an event: %+v", got)
		}
		g.event(t, "contract://assets/one")
		if got := due(); len(got.Assets) != 1 || got.Assets[0].String() != consumer || len(got.Unasked) != 0 {
			t.Errorf("with an event of one of two assets: %+v", got)
		}
	})
}

// TestContractOfOverdueRuns: a DAG that is turned on while the scheduler stands still is
// due already, and nothing runs.
func TestContractOfOverdueRuns(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		if !g.real() {
			t.Skip("no DAG of the practice is ever due")
		}
		set := func(paused bool) {
			if r := g.api(t, "admin", http.MethodPatch, "/dags/contract_daily?update_mask=is_paused", map[string]bool{"is_paused": paused}); r.status != http.StatusOK {
				t.Fatalf("%d %v", r.status, r.body)
			}
		}
		thaw := g.freeze(t)
		defer thaw()
		set(false)
		defer set(true)
		a := ask(t, g.client(t, "viewer"))
		if a.Total != 0 || len(a.Due.Next) != 1 || a.Due.Next[0].DAG.String() != "contract_daily" || a.Due.Next[0].At.After(a.At) {
			t.Errorf("got %+v", a)
		}
		thaw()
		poll.UntilEvery(t, 200*time.Millisecond, "it begins", func() bool {
			return g.api(t, "admin", http.MethodGet, "/dags/contract_daily/dagRuns", nil).count() > 0
		})
	})
}

// TestContractOfStuckRuns: why a run doesn't end by itself.
func TestContractOfStuckRuns(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		works := func(t *testing.T) {
			t.Helper()
			poll.UntilEvery(t, 200*time.Millisecond, "its task runs", func() bool { return slices.Equal(g.states(t, "contract_running", "tasks"), []string{"running"}) })
		}
		for name, s := range map[string]struct {
			bring func(*testing.T)
			want  Stuck
		}{
			"a running run":                {bring: func(t *testing.T) { g.trigger(t, "contract_running") }},
			"a queued run of a paused DAG": {bring: func(t *testing.T) { g.trigger(t, "contract_paused") }, want: PausedDAG},
			"a running run of a DAG that is paused": {bring: func(t *testing.T) {
				g.trigger(t, "contract_running")
				works(t)
				set := func(paused bool) {
					g.api(t, "admin", http.MethodPatch, "/dags/"+g.dag("contract_running")+"?update_mask=is_paused", map[string]bool{"is_paused": paused})
				}
				set(true)
				t.Cleanup(func() { set(false) })
			}, want: PausedDAG},
			"a run whose DAG's file is gone": {bring: func(t *testing.T) {
				c := g.client(t, "viewer")
				file := func(there bool) {
					if there {
						g.write(t, true)
					} else {
						g.remove(t)
					}
					poll.UntilEvery(t, 200*time.Millisecond, "that is noticed", func() bool {
						d, err := c.DAG(context.WithoutCancel(t.Context()), g.dag("contract_later"))
						return err == nil && d.Gone != there
					})
				}
				file(true)
				g.trigger(t, "contract_later")
				file(false)
				t.Cleanup(func() { // a run of a DAG that is gone can't be ended on Airflow 2
					file(true)
					g.endRuns(t)
					g.remove(t)
				})
			}, want: GoneDAG},
		} {
			t.Run(name, func(t *testing.T) {
				g.endRuns(t)
				s.bring(t)
				a := ask(t, g.client(t, "viewer", func(o *Options) { o.ExpectedDAGs = 1 }))
				if a.Total != 1 || len(a.Runs) != 1 || a.Runs[0].Stuck != s.want {
					t.Errorf("got %+v, want one with %d", a.Runs, s.want)
				}
			})
		}
	})
}

// TestContractOfWaitingRuns: runs that only wait, in a sensor or deferred, don't count if
// their DAGs may wait, and neither do their slots.
func TestContractOfWaitingRuns(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		dags := []string{"contract_deferred", "contract_sensor"}
		for _, dag := range dags {
			g.trigger(t, dag)
		}
		poll.UntilEvery(t, 200*time.Millisecond, "both wait", func() bool {
			return slices.Equal(g.states(t, "contract_deferred", "tasks"), []string{"deferred"}) &&
				slices.Equal(g.states(t, "contract_sensor", "tasks"), []string{"running"})
		})
		for n := range len(dags) + 1 {
			var allowed []string
			for _, dag := range dags[:n] {
				allowed = append(allowed, g.dag(dag))
			}
			var a Activity
			poll.UntilEvery(t, 200*time.Millisecond, "no pool counts a task of an earlier test", func() bool {
				a = ask(t, g.client(t, "admin", func(o *Options) { o.MayWait = allowed }))
				return a.Slots <= 0
			})
			if a.Total != len(dags)-n || len(a.Waiting) != n || n == len(dags) && a.Slots != 0 {
				t.Errorf("with %q: %d active, waiting %+v, %d slots", allowed, a.Total, a.Waiting, a.Slots)
			}
		}
		// A run that works beside them counts.
		g.trigger(t, "contract_paused")
		a := ask(t, g.client(t, "admin", func(o *Options) { o.MayWait = []string{g.dag(dags[0]), g.dag(dags[1])} }))
		if a.Total != 1 || len(a.Waiting) != 2 {
			t.Errorf("%d active, waiting %+v", a.Total, a.Waiting)
		}
	})
}

// event lets something write an asset.
func (g ground) event(t *testing.T, uri string) {
	t.Helper()
	if !g.real() {
		g.practice.event(t, g.dag("contract_assets"))
		return
	}
	path, body := "/datasets/events", map[string]any{"dataset_uri": uri}
	if g.version == 3 {
		path = "/assets/events"
		for _, asset := range g.api(t, "admin", http.MethodGet, "/assets", nil).rows("assets") {
			if asset["uri"] == uri {
				body = map[string]any{"asset_id": asset["id"]}
			}
		}
	}
	if r := g.api(t, "admin", http.MethodPost, path, body); r.status != http.StatusOK {
		t.Fatalf("%d %v", r.status, r.body)
	}
}

// forgetEvents takes the events back that wait for contract_assets.
func (g ground) forgetEvents(t *testing.T) {
	if !g.real() {
		g.practice.forgetEvents(t)
		return
	}
	path := map[int]string{2: "/dags/contract_assets/datasets/queuedEvent", 3: "/dags/contract_assets/assets/queuedEvents"}[g.version]
	if r := g.api(t, "admin", http.MethodDelete, path, nil); r.status != http.StatusNoContent && r.status != http.StatusNotFound {
		t.Errorf("%d %v", r.status, r.body)
	}
}
