package airflow

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook/clean"
)

// Stuck is why an active run doesn't end by itself.
type Stuck int

// The reasons. NotStuck includes what isn't known.
const (
	NotStuck       Stuck = iota
	PausedDAG            // Airflow starts nothing of a paused DAG, and sees none of its runs end
	GoneDAG              // the same for a DAG whose file is gone or can't be read
	PausedBackfill       // of a backfill that is paused
	NothingLeft          // all of its tasks have ended, and it hasn't
)

const (
	// examined is of how many runs the tasks are looked at, and of how many DAGs those before.
	examined = 5
	// examinedAge is how long what was found is believed, except of a run that may wait.
	examinedAge = time.Minute
	// leftAfter is how long the last task of a run has ended before nothing is left of it:
	// the scheduler needs some seconds to see that.
	leftAfter = time.Minute
)

// outlook finds out which active runs don't end by themselves, and how long others usually
// take, and takes those out that may wait and do nothing else. It needs two requests for
// each of the first running runs, and one for each DAG with a queued backfill. What it
// can't find out, it leaves alone.
func (c *Client) outlook(ctx context.Context, version int, a *Activity) {
	waits := make([]*slots, len(a.Runs)) // of a run that only waits
	c.mu.Lock()
	before, at := c.stuck, c.stuckAt
	c.mu.Unlock()
	now := c.o.Now()
	known := !at.IsZero() && now.Sub(at) >= 0 && now.Sub(at) < examinedAge
	var running []clean.Text // the first DAGs
	for _, run := range a.Runs {
		if run.State == "running" && len(running) < examined && !slices.Contains(running, run.DAG) {
			running = append(running, run.DAG)
		}
	}
	var all sync.WaitGroup
	var usual map[clean.Text]time.Duration
	all.Go(func() { usual = c.usually(ctx, version, running) })
	looked := 0
	for i := range a.Runs {
		run := &a.Runs[i]
		paused, listed := a.Due.Paused[run.DAG]
		switch {
		case paused:
			run.Stuck = PausedDAG
		case !listed && a.DAGs >= 0 && a.Due.Of == a.DAGs:
			run.Stuck = GoneDAG
		}
		mayWait := slices.Contains(c.o.MayWait, run.DAG.String())
		if known && !mayWait && run.Stuck == NotStuck {
			run.Stuck = before[run.URL]
		}
		if looked == examined || known && !mayWait {
			continue
		}
		switch {
		case run.State == "running":
			looked++
			all.Go(func() {
				if run.Stuck == NotStuck && !listed {
					run.Stuck = c.halted(ctx, version, run.DAG)
				}
				if tasks, err := c.tasks(ctx, version, *run); err == nil {
					waits[i] = c.look(run, tasks)
				}
			})
		case run.Type == "backfill" && version == 3:
			looked++
			all.Go(func() {
				if c.backfillPaused(ctx, *run) {
					run.Stuck = PausedBackfill
				}
			})
		}
	}
	all.Wait()
	if !known {
		found := map[string]Stuck{}
		for _, run := range a.Runs {
			found[run.URL] = run.Stuck
		}
		c.mu.Lock()
		c.stuck, c.stuckAt = found, now
		c.mu.Unlock()
	}
	var left []DAGRun
	for i, run := range a.Runs {
		if run.State == "running" {
			run.Usual = usual[run.DAG]
		}
		if waits[i] != nil && slices.Contains(c.o.MayWait, run.DAG.String()) {
			a.Waiting = append(a.Waiting, run)
			a.waitingSlots.used += waits[i].used
			a.waitingSlots.deferred += waits[i].deferred
			a.Total--
		} else {
			left = append(left, run)
		}
	}
	a.Runs = left
}

// halted asks for a DAG that isn't among those that were listed.
func (c *Client) halted(ctx context.Context, version int, dag clean.Text) Stuck {
	var r dagRow
	if !validID(dag.String()) || c.ask(ctx, version, "/dags/"+dag.String(), nil, &r) != nil {
		return NotStuck
	}
	switch d, err := r.dag(c.base); {
	case err != nil:
	case d.Gone:
		return GoneDAG
	case d.Paused:
		return PausedDAG
	}
	return NotStuck
}

// look finds out from its tasks whether nothing is left of a run, and returns the slots
// that it uses if all that it does is wait: in a sensor, or deferred to the triggerer. It
// returns nil if it does something else, or nothing.
func (c *Client) look(run *DAGRun, tasks []task) *slots {
	var uses slots
	var last time.Time
	unfinished, waiting, working := 0, 0, 0
	for _, t := range tasks {
		switch {
		case slices.Contains(finished, t.State):
			if at, err := time.Parse(time.RFC3339, t.End); err == nil && at.After(last) {
				last = at
			}
			continue
		case t.State == "": // not begun
		case t.State == "up_for_reschedule":
			waiting++
		case t.State == "deferred":
			waiting++
			uses.deferred++
		case t.State == "running" && strings.HasSuffix(t.Operator, "Sensor"):
			waiting++
			uses.used++
		default:
			working++
		}
		unfinished++
	}
	if unfinished == 0 && run.Stuck == NotStuck && c.now().Sub(latest(last, run.Since)) > leftAfter {
		run.Stuck = NothingLeft
	}
	if waiting == 0 || working > 0 {
		return nil
	}
	return &uses
}

// finished are the states of a task instance that is over.
var finished = []string{"success", "failed", "skipped", "upstream_failed", "removed"}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// backfillPaused reports whether every backfill of the run's DAG that isn't over is
// paused.
func (c *Client) backfillPaused(ctx context.Context, run DAGRun) bool {
	var list struct {
		Backfills []struct {
			Paused    bool    `json:"is_paused"`
			Completed *string `json:"completed_at"`
		} `json:"backfills"`
	}
	err := c.ask(ctx, 3, "/backfills", url.Values{"dag_id": {run.DAG.String()}, "limit": {c.limit()}}, &list)
	if err != nil {
		return false
	}
	open, paused := 0, 0
	for _, b := range list.Backfills {
		if b.Completed == nil {
			open++
			if b.Paused {
				paused++
			}
		}
	}
	return open > 0 && paused == open
}
