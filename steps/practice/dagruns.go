package practice

import (
	"fmt"
	"slices"
	"time"
)

const (
	runningDAG = "metropolitan_museum_reingestion_workflow"
	queuedDAG  = "add_license_url" // paused, so a run of it stays queued
)

// runLasts is how long the running DAG run goes on after somebody saw it first.
const runLasts = 30 * time.Second

// dagRun is an Airflow DAG run, as it was when something was last done to it.
type dagRun struct {
	DAG     string    `json:"dag"`
	ID      string    `json:"id"`
	Kind    string    `json:"run_type"`
	State   string    `json:"state"`
	Started time.Time `json:"started,omitzero"` // zero for a queued run
	Ended   time.Time `json:"ended,omitzero"`
	Logical time.Time `json:"logical"`
	Queued  time.Time `json:"queued,omitzero"` // where that was not at its logical date
	Ends    bool      `json:"ends,omitzero"`   // ends by itself some time after it was seen
	Seen    time.Time `json:"seen,omitzero"`   // when a query first showed it
}

func (r dagRun) active() bool { return r.State == "running" || r.State == "queued" }

// unseen says that the time of a run that ends by itself has not begun.
func (r dagRun) unseen() bool { return r.Ends && r.active() && r.Seen.IsZero() }

// at gives the run as it is at a moment.
func (r dagRun) at(now time.Time) dagRun {
	if r.active() && !r.Seen.IsZero() && now.Sub(r.Seen) >= runLasts {
		r.State, r.Ended = "success", r.Seen.Add(runLasts)
	}
	return r
}

// pastRuns gives every scheduled DAG a run that succeeded.
func pastRuns(start time.Time) []dagRun {
	var runs []dagRun
	for i, d := range dags {
		if d.schedule == "" {
			continue
		}
		began := start.Add(-time.Duration(20+i) * time.Hour).Truncate(time.Second)
		runs = append(runs, dagRun{
			DAG: d.id, ID: "scheduled__" + stamp(began), Kind: "scheduled", State: "success",
			Started: began, Ended: began.Add(17 * time.Minute), Logical: began,
		})
	}
	return runs
}

// activeRuns are the two that are in the way of a deployment.
func activeRuns(start time.Time) []dagRun {
	began := start.Add(-3 * time.Hour).Truncate(time.Second)
	asked := start.Add(-26 * time.Hour).Truncate(time.Second)
	return []dagRun{
		{DAG: runningDAG, ID: "scheduled__" + stamp(began), Kind: "scheduled", State: "running", Started: began, Logical: began, Ends: true},
		{DAG: queuedDAG, ID: "manual__" + stamp(asked), Kind: "manual", State: "queued", Logical: asked},
	}
}

// stamp writes a time as Airflow 2 does, with an offset instead of a Z.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999-07:00") }

// dagRunList returns all DAG runs as they are now.
func (s *state) dagRunList() []dagRun {
	now := s.now()
	var out []dagRun
	for _, r := range s.known().DAGRuns {
		out = append(out, r.at(now))
	}
	return out
}

// look is what somebody does who may see the DAG runs: from now on it is known
// when the running one ends, and what was queued behind one that has ended runs.
func (s *state) look() error {
	k := s.known()
	if !slices.ContainsFunc(k.DAGRuns, func(r dagRun) bool { return r.unseen() || k.ready(r, s.now()) }) {
		return nil
	}
	return s.change(func(k *facts, now time.Time) error {
		for i := range k.DAGRuns {
			if r := &k.DAGRuns[i]; r.unseen() {
				r.Seen = now
				k.foretellEnd(*r)
			}
		}
		k.begin(now)
		return nil
	})
}

// ready says that a queued run waits for nothing: its DAG is on and no other run
// of it runs, since one may at a time (max_active_runs).
func (k facts) ready(r dagRun, now time.Time) bool {
	d, known := findDAG(r.DAG)
	return r.State == "queued" && known && !k.paused(d) && k.Unusual.LastBeat.IsZero() &&
		!slices.ContainsFunc(k.DAGRuns, func(o dagRun) bool { return o.DAG == r.DAG && o.at(now).State == "running" })
}

// begin starts the runs that wait for nothing, the first of each DAG.
func (k *facts) begin(now time.Time) {
	for i := range k.DAGRuns {
		r := &k.DAGRuns[i]
		if !k.ready(*r, now) {
			continue
		}
		r.State, r.Started = "running", now
		if k.Unusual.Tasks[r.DAG] == "" {
			r.Seen = now
			k.foretellEnd(*r)
		}
	}
}

func (k *facts) foretellEnd(r dagRun) {
	k.foretell(r.Seen.Add(runLasts), r.DAG, "Airflow: the run of "+r.DAG+" ended as success")
}

// busyRun is a run that was active at the start.
type busyRun struct {
	dagRun
	was string
}

func (s *state) busyRuns() []busyRun {
	var out []busyRun
	for _, r := range s.dagRunList() {
		switch {
		case r.Ends:
			out = append(out, busyRun{r, "running"})
		case r.Kind == "manual":
			out = append(out, busyRun{r, "queued"})
		}
	}
	return out
}

// failRun marks the active run of a DAG as failed, as a person can in Airflow.
// It fails when there is none any more.
func (s *state) failRun(dagID string) error {
	return s.change(func(k *facts, now time.Time) error {
		i := slices.IndexFunc(k.DAGRuns, func(r dagRun) bool { return r.DAG == dagID && r.at(now).active() })
		if i < 0 {
			return fmt.Errorf("no run of %s is active any more", dagID)
		}
		k.DAGRuns[i].State, k.DAGRuns[i].Ended = "failed", now
		k.News = slices.DeleteFunc(k.News, func(n newsItem) bool { return n.DAG == dagID && n.Foretold && n.At.After(now) })
		k.tell(now, dagID, "Airflow: the run of "+dagID+" was marked as failed")
		k.begin(now)
		return nil
	})
}

// paused says whether a DAG is paused now.
func (s *state) paused(d dag) bool { return s.known().paused(d) }

func (k facts) paused(d dag) bool {
	if switched, ok := k.Paused[d.id]; ok {
		return switched
	}
	return d.paused
}

// pause pauses a DAG or turns it on. What is queued in a DAG that is turned on
// begins to run, one run at a time.
func (s *state) pause(d dag, paused bool) error {
	if s.paused(d) == paused {
		return nil
	}
	return s.change(func(k *facts, now time.Time) error {
		if k.Paused == nil {
			k.Paused = map[string]bool{}
		}
		k.Paused[d.id] = paused
		if paused {
			k.tell(now, d.id, "Airflow: "+d.id+" was paused")
			return nil
		}
		k.tell(now, d.id, "Airflow: "+d.id+" was turned on")
		k.begin(now)
		return nil
	})
}
