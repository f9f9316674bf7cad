package airflow

import (
	"context"
	"slices"
	"sync"
	"time"

	"catalog-runbook/steps/transport"
)

// Activity is what an Airflow server is doing, as far as that tells whether anything is
// cut off when its machine is replaced.
type Activity struct {
	Runs    []DAGRun  // two pages of Total at most
	Total   int       // queued and running runs of all DAGs
	Version int       // 2 or 3
	Source  string    // the URL that was asked; holds no secret
	At      time.Time // when it was asked, by the server's clock

	// Waiting are runs of the DAGs in Options.MayWait that do nothing but wait, in a
	// sensor or in the triggerer. They aren't among Runs and Total.
	Waiting []DAGRun

	DAGs int     // how many DAGs the account sees; -1 if that isn't known, as can be while runs are active
	Due  DueRuns // of those DAGs, as of when they were counted
	// Scheduler is the condition of the scheduler, which starts queued runs and
	// notices the end of others; nil if it isn't known, as can be while runs are active.
	Scheduler *Part

	// What follows is asked only while no run is active.

	Ended []EndedRun // the latest first: those that may still be working, and those that failed lately
	// Gone are runs that this client saw active within the settling time, and that
	// are neither active nor ended now: someone deleted them.
	Gone []DAGRun
	// Slots are the pool slots that task instances use or wait for, of all DAGs, seen
	// by the account or not; -1 if it may not ask.
	Slots int

	waitingSlots slots // those that the waiting runs use
}

// ActiveRuns counts the DAG runs that are queued or running, over all DAGs. It returns
// a Total of 0 only if the account is known to see at least Options.ExpectedDAGs DAGs,
// because Airflow shows an account without rights an empty list. Every error is a
// *transport.Problem and means that the answer isn't known.
//
// It sends seven requests at most, and one more for each further page of DAGs up to
// visiblePages, and for each of the first DAGs that wait for assets, and up to three for
// each of the first runs that are active: the version if it isn't known yet; the queued
// runs; the running ones; if they are older than a minute, the scheduler's condition
// and the DAGs; and if no run is active, the runs that ended lately and the pools. Signing
// in to Airflow 3 with a password takes another request at first, and two if the token
// has expired.
//
// The paths and parameters are Airflow's stable REST API, v1 and v2. A request names one
// state: Airflow 3 refuses a joined list, and a proxy can drop one of two parameters of
// the same name. The order is that in which a run changes its state, so that none is
// missed while it does.
func (c *Client) ActiveRuns(ctx context.Context) (Activity, error) {
	ctx = renewedOnce(ctx)
	version, doubt, err := c.discover(ctx)
	if err != nil {
		return Activity{}, err
	}
	queued, err := c.runs(ctx, version, "queued")
	if err != nil {
		if cause, _ := transport.CauseOf(err); cause == transport.NotFound {
			c.settle(0) // it may have been upgraded since: look again next time
		}
		return Activity{}, explain(doubt, err)
	}
	c.settle(version)

	a := Activity{Version: version, Source: queued.source, DAGs: -1, Slots: -1}
	var seen visibility
	var unwell, unseen, unread, unpooled error
	var beside sync.WaitGroup
	besides, stop := context.WithCancel(ctx)
	defer stop()
	beside.Go(func() { a.Scheduler, unwell = c.scheduler(besides, version) })
	beside.Go(func() { seen, unseen = c.visible(besides, version) })
	running, err := c.runs(ctx, version, "running")
	began := len(queued.rows)
	queued.rows = slices.DeleteFunc(queued.rows, func(q DAGRun) bool { // between the two requests
		return slices.ContainsFunc(running.rows, func(r DAGRun) bool { return r.DAG == q.DAG && r.RunID == q.RunID })
	})
	began -= len(queued.rows)
	a.Total, a.Runs, a.At = queued.total+running.total-began, slices.Concat(running.rows, queued.rows), c.now()
	if err != nil {
		stop()
		beside.Wait()
		return Activity{}, err
	}
	if active := a.Runs; a.Total > 0 {
		limited := time.AfterFunc(besideLimit, stop)
		beside.Wait()
		limited.Stop()
		if unseen == nil {
			a.DAGs, a.Due = seen.dags, seen.due
		}
		c.outlook(ctx, version, &a)
		if a.Total > 0 {
			c.remember(active, a.At)
			return a, nil
		}
	}
	beside.Go(func() { a.Ended, unread = c.ended(ctx, version) })
	var used slots
	beside.Go(func() { used, unpooled = c.slots(ctx, version) })
	beside.Wait()
	for _, err := range []error{unseen, unwell, unread, unpooled} {
		if err != nil {
			return Activity{}, err
		}
	}
	a.DAGs, a.Due, a.Gone = seen.dags, seen.due, c.gone(a.Ended, a.Waiting, a.At)
	a.Slots = used.less(a.waitingSlots)
	return a, nil
}
