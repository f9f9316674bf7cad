package airflow

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

const (
	runningDAG = "metropolitan_museum_reingestion_workflow"
	queuedDAG  = "add_license_url" // paused
)

// busyRuns are the latest runs of the two.
func busyRuns(s *state.Store) []state.DAGRun {
	return []state.DAGRun{LatestRun(s, runningDAG), LatestRun(s, queuedDAG)}
}

const password = "a-practice-password"

// world is Airflow alone.
type world struct {
	url   string
	state *state.Store
}

func (w *world) AirflowURL() string      { return w.url }
func (w *world) AirflowUser() string     { return Operator }
func (w *world) AirflowPassword() string { return password }

// News are the texts of what has happened or will.
func (w *world) News() []string {
	var out []string
	for _, n := range w.state.Facts().News {
		out = append(out, n.Text)
	}
	return out
}

// begin serves the Airflow of a scenario, "calm" or "busy-dags".
func begin(t *testing.T, scenario string, version int) (*world, *ask.Clock) {
	t.Helper()
	c := ask.NewClock()
	k := state.Facts{Airflow: version, DAGRuns: PastRuns(c.Now()), Releases: []state.Release{{Tag: "v1.5.3", Published: c.Now()}}}
	if strings.HasPrefix(scenario, "busy") {
		k.DAGRuns = append(k.DAGRuns, ActiveRun(runningDAG, true, c.Now().Add(-3*time.Hour), 0), ActiveRun(queuedDAG, false, c.Now().Add(-26*time.Hour), 0))
	}
	k.Tell(c.Now(), "", "the world begins")
	w := &world{state: ask.Store(t, k, c)}
	w.url = ask.Serve(t, func(string) http.Handler { return w.state.Fresh(New(version, password, w.state)) })
	return w, c
}
