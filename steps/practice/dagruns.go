package practice

import (
	"slices"
	"time"
)

const (
	runningDAG = "metropolitan_museum_reingestion_workflow"
	queuedDAG  = "add_license_url" // paused, so a run of it stays queued
)

// pastRuns gives every scheduled DAG a run that succeeded.
func pastRuns(start time.Time) []dagRun {
	var runs []dagRun
	for i, d := range dags {
		if d.schedule == "" {
			continue
		}
		began := start.Add(-time.Duration(20+i) * time.Hour).Truncate(time.Second)
		runs = append(runs, dagRun{
			dag: d.id, id: "scheduled__" + stamp(began), kind: "scheduled", state: "success",
			started: began, ended: began.Add(17 * time.Minute), logical: began,
		})
	}
	return runs
}

// activeRuns are the two that are in the way of a deployment.
func activeRuns(start time.Time) []dagRun {
	began := start.Add(-3 * time.Hour).Truncate(time.Second)
	asked := start.Add(-26 * time.Hour).Truncate(time.Second)
	return []dagRun{
		{dag: runningDAG, id: "scheduled__" + stamp(began), kind: "scheduled", state: "running", started: began, logical: began, ends: true},
		{dag: queuedDAG, id: "manual__" + stamp(asked), kind: "manual", state: "queued", logical: asked},
	}
}

// stamp writes a time as Airflow 2 does, with an offset instead of a Z.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999-07:00") }

// dagRunList returns a copy of all DAG runs. With seen, somebody looks at the
// active ones: from now on it is known when the running one ends.
func (s *state) dagRunList(seen bool) []dagRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for i := range s.dagRuns {
		r := &s.dagRuns[i]
		if seen && r.ends && r.active() && r.seen.IsZero() {
			r.seen = now
			s.tell(now.Add(runLasts), r.dag, "Airflow: the run of "+r.dag+" ended as success")
		}
		if r.active() && !r.seen.IsZero() && now.Sub(r.seen) >= runLasts {
			r.state, r.ended = "success", r.seen.Add(runLasts)
		}
	}
	return slices.Clone(s.dagRuns)
}

// busyRun is a run that was active at the start.
type busyRun struct {
	dagRun
	was string
}

func (s *state) busyRuns() []busyRun {
	var out []busyRun
	for _, r := range s.dagRunList(false) {
		switch {
		case r.ends:
			out = append(out, busyRun{r, "running"})
		case r.kind == "manual":
			out = append(out, busyRun{r, "queued"})
		}
	}
	return out
}

// failRun marks the active run of a DAG as failed, as a person can in Airflow.
func (s *state) failRun(dagID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for i := range s.dagRuns {
		r := &s.dagRuns[i]
		if r.dag != dagID || !r.active() {
			continue
		}
		r.state, r.ended = "failed", now
		s.news = slices.DeleteFunc(s.news, func(n newsItem) bool { return n.dag == dagID && n.at.After(now) })
		s.tell(now, dagID, "Airflow: the run of "+dagID+" was marked as failed")
	}
}
