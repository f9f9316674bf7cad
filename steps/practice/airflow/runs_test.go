package airflow

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

// strange begins a calm world in whose Airflow something is unusual.
func strange(t *testing.T, version int, f func(*state.Facts)) (w *world, c *ask.Clock, query func(user, path string) ask.Answer) {
	t.Helper()
	w, c = begin(t, "calm", version)
	err := w.state.Change(func(k *state.Facts, _ time.Time) error {
		f(k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, c, func(user, path string) ask.Answer {
		t.Helper()
		api, who := signIn(t, w, version, user)
		return ask.Get(t, api+path, "Authorization", who)
	}
}

func queued(at time.Time, dag string, ids ...string) []state.DAGRun {
	var runs []state.DAGRun
	for _, id := range ids {
		runs = append(runs, state.DAGRun{DAG: dag, ID: id, Kind: "manual", State: "queued", Logical: at})
	}
	return runs
}

func TestRunsOfADAGWaitForEachOther(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c, query := strange(t, version, func(k *state.Facts) {
			k.DAGRuns = append(queued(k.News[0].At, runningDAG, "a", "b", "c"), queued(k.News[0].At, queuedDAG, "d", "e")...)
		})
		states := func() string {
			t.Helper()
			var out []string
			for _, r := range ask.Wants[runListJSON](t, query(ViewerUser, "/dags/~/dagRuns"), http.StatusOK).Runs {
				out = append(out, r.ID+" "+r.State)
			}
			return strings.Join(out, ", ")
		}
		is := func(want string) {
			t.Helper()
			if got := states(); got != want {
				t.Errorf("Airflow %d: %s, want %s", version, got, want)
			}
		}
		is("a running, b queued, c queued, d queued, e queued")
		c.Pass(30 * time.Second)
		is("a success, b running, c queued, d queued, e queued")
		if err := FailRun(w.state, runningDAG); err != nil {
			t.Fatal(err)
		}
		is("a success, b failed, c running, d queued, e queued")
		d, _ := findDAG(state.Facts{}, time.Time{}, queuedDAG)
		if err := pause(w.state, d, false); err != nil {
			t.Fatal(err)
		}
		is("a success, b failed, c running, d running, e queued")
		c.Pass(30 * time.Second)
		is("a success, b failed, c success, d success, e running")
		c.Pass(30 * time.Second)
		is("a success, b failed, c success, d success, e success")
		if news := strings.Join(w.News(), "\n"); strings.Count(news, "ended as success") != 4 || strings.Count(news, "marked as failed") != 1 {
			t.Errorf("news:\n%s", news)
		}
	}
}
