package airflow

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/steps/practice/state"
)

// PastRuns returns a successful run of every scheduled DAG. To ingest all works again takes
// hours.
func PastRuns(start time.Time) []state.DAGRun {
	var runs []state.DAGRun
	for i, d := range dags {
		if d.schedule == "" {
			continue
		}
		began := start.Add(-time.Duration(20+i) * time.Hour).Truncate(time.Second)
		took := 17 * time.Minute
		if strings.HasSuffix(d.id, "_reingestion_workflow") {
			took = 3*time.Hour + 5*time.Minute
		}
		runs = append(runs, state.DAGRun{
			DAG: d.id, ID: "scheduled__" + stamp(began), Kind: "scheduled", State: "success",
			Started: began, Ended: began.Add(took), Logical: began,
		})
	}
	return runs
}

// ActiveRun returns a DAG run that has not ended: either a scheduled one that is running
// and ends some time after a client first listed it, or a queued one that a person has
// triggered.
func ActiveRun(dag string, running bool, logical time.Time, lasts time.Duration) state.DAGRun {
	logical = logical.Truncate(time.Second)
	if !running {
		return state.DAGRun{DAG: dag, ID: "manual__" + stamp(logical), Kind: "manual", State: "queued", Logical: logical}
	}
	return state.DAGRun{DAG: dag, ID: "scheduled__" + stamp(logical), Kind: "scheduled", State: "running", Started: logical, Logical: logical, Ends: true, Lasts: lasts}
}

// stamp formats a time as Airflow 2 does, with an offset instead of a Z.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999-07:00") }

// dagRunList returns all DAG runs as they are now.
func dagRunList(s *state.Store) []state.DAGRun {
	now := s.Now()
	var out []state.DAGRun
	for _, r := range s.Facts().DAGRuns {
		out = append(out, r.At(now))
	}
	return out
}

// advanceRuns is called when a client that may see all DAG runs lists them. It sets the
// end of runs that are listed for the first time, and starts runs that were queued
// behind one that has ended.
func advanceRuns(s *state.Store) error {
	k := s.Facts()
	scheduled := slices.ContainsFunc(k.Schedules, func(c state.Schedule) bool { return c.Next.IsZero() || begins(k, c, s.Now()) })
	if !scheduled && !slices.ContainsFunc(k.DAGRuns, func(r state.DAGRun) bool { return r.Unseen() || ready(k, r, s.Now()) }) {
		return nil
	}
	return s.Change(func(k *state.Facts, now time.Time) error {
		for i := range k.Schedules {
			if c := &k.Schedules[i]; c.Next.IsZero() {
				c.Next = now.Add(c.In).Truncate(time.Second)
			}
		}
		beginScheduled(k, now)
		for i := range k.DAGRuns {
			if r := &k.DAGRuns[i]; r.Unseen() {
				r.Seen = now
				foretellEnd(k, *r)
			}
		}
		beginRuns(k, now)
		return nil
	})
}

// begins reports whether a schedule starts a run now: one is due, and its DAG is on and has
// no active run.
func begins(k state.Facts, c state.Schedule, now time.Time) bool {
	_, due := c.Due(now)
	d, known := findDAG(k, now, c.DAG)
	return due && known && !pausedIn(k, d) &&
		!slices.ContainsFunc(k.DAGRuns, func(r state.DAGRun) bool { return r.DAG == c.DAG && r.At(now).Active() })
}

// beginScheduled starts the runs that are due: of each DAG that of the last interval.
func beginScheduled(k *state.Facts, now time.Time) {
	for i := range k.Schedules {
		c := &k.Schedules[i]
		if !begins(*k, *c, now) {
			continue
		}
		last, _ := c.Due(now)
		r := state.DAGRun{DAG: c.DAG, ID: "scheduled__" + stamp(last), Kind: "scheduled", State: "running",
			Started: now, Logical: last.Add(-c.Every), Ends: true, Seen: now, Lasts: c.Lasts}
		k.DAGRuns = append(k.DAGRuns, r)
		k.Tell(now, c.DAG, "Airflow: the scheduled run of "+c.DAG+" started")
		foretellEnd(k, r)
		c.Next = last.Add(c.Every)
	}
}

// nextRun returns when the schedule of a DAG starts its next run, zero if it starts none.
func nextRun(k state.Facts, dagID string) time.Time {
	for _, c := range k.Schedules {
		if c.DAG == dagID {
			return c.Next
		}
	}
	if f, ok := k.Pull.File(dagID); ok && f.New && f.Schedule != "" {
		return firstRun(k.Pull).AddDate(0, 0, 1)
	}
	return time.Time{}
}

// ready reports whether a run is queued and could start: its DAG is not paused and has
// no running run (max_active_runs is 1).
func ready(k state.Facts, r state.DAGRun, now time.Time) bool {
	d, known := findDAG(k, now, r.DAG)
	return r.State == "queued" && known && !pausedIn(k, d) &&
		!slices.ContainsFunc(k.DAGRuns, func(o state.DAGRun) bool { return o.DAG == r.DAG && o.At(now).State == "running" })
}

// beginRuns starts the queued runs that are ready, one of each DAG.
func beginRuns(k *state.Facts, now time.Time) {
	for i := range k.DAGRuns {
		r := &k.DAGRuns[i]
		if !ready(*k, *r, now) {
			continue
		}
		r.State, r.Started, r.Seen = "running", now, now
		foretellEnd(k, *r)
	}
}

func foretellEnd(k *state.Facts, r state.DAGRun) {
	k.Foretell(r.Ending(), r.DAG, "Airflow: the run of "+r.DAG+" ended as success")
}

// LatestRun returns the newest run of a DAG as it is now, or the zero value.
func LatestRun(s *state.Store, dagID string) (latest state.DAGRun) {
	for _, r := range dagRunList(s) {
		if r.DAG == dagID {
			latest = r
		}
	}
	return latest
}

// FailRun marks the active run of a DAG as failed, as a person can in Airflow. It
// returns an error if no run is active.
func FailRun(s *state.Store, dagID string) error {
	return s.Change(func(k *state.Facts, now time.Time) error {
		i := slices.IndexFunc(k.DAGRuns, func(r state.DAGRun) bool { return r.DAG == dagID && r.At(now).Active() })
		if i < 0 {
			return fmt.Errorf("no run of %s is active now", dagID)
		}
		k.DAGRuns[i].State, k.DAGRuns[i].Ended, k.DAGRuns[i].Marked = "failed", now, true
		k.Forget(dagID, now)
		k.Tell(now, dagID, "Airflow: the run of "+dagID+" was marked as failed")
		beginRuns(k, now)
		return nil
	})
}

// missed is how many runs a new DAG with a schedule has missed when it is turned on.
const missed = 3

// catchUp adds the runs that a new DAG makes up for when it is turned on.
func catchUp(k *state.Facts, d dag, now time.Time) {
	if !d.catchup || slices.ContainsFunc(k.DAGRuns, func(r state.DAGRun) bool { return r.DAG == d.id }) {
		return
	}
	for at := firstRun(k.Pull); at.Before(now); at = at.AddDate(0, 0, 1) {
		k.DAGRuns = append(k.DAGRuns, state.DAGRun{DAG: d.id, ID: "scheduled__" + stamp(at), Kind: "scheduled", State: "queued", Logical: at, Ends: true})
	}
	k.Tell(now, d.id, "Airflow: the runs that "+d.id+" has missed were queued")
}

// firstRun is the first date of a new DAG's schedule.
func firstRun(p state.Pull) time.Time {
	return p.Merged.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-missed)
}

// isPaused reports whether a DAG is paused.
func isPaused(s *state.Store, d dag) bool { return pausedIn(s.Facts(), d) }

func pausedIn(k state.Facts, d dag) bool {
	if switched, ok := k.Paused[d.id]; ok {
		return switched
	}
	return d.paused
}

// pause pauses a DAG or turns it on, which starts its queued runs, one at a time.
func pause(s *state.Store, d dag, paused bool) error {
	if isPaused(s, d) == paused {
		return nil
	}
	return s.Change(func(k *state.Facts, now time.Time) error {
		if k.Paused == nil {
			k.Paused = map[string]bool{}
		}
		k.Paused[d.id] = paused
		if paused {
			k.Tell(now, d.id, "Airflow: "+d.id+" was paused")
			return nil
		}
		k.Tell(now, d.id, "Airflow: "+d.id+" was turned on")
		catchUp(k, d, now)
		beginScheduled(k, now)
		beginRuns(k, now)
		return nil
	})
}
