package airflow

import (
	"context"
	"net/url"
	"time"

	"catalog-runbook/runbook/clean"
)

const (
	// Settling is how long a run that has ended may still be working, if Options don't
	// say otherwise. Airflow 2.11 needed up to 85 s to end the task of a run that was
	// marked by hand, because it gives a task 60 s (killed_task_cleanup_time).
	Settling = 90 * time.Second
	// lately is how long a run that failed is worth a word: its task may run on without
	// its supervisor until the task's own end.
	lately = 15 * time.Minute
)

// EndedRun is a run that ended lately.
type EndedRun struct {
	DAGRun
	End      time.Time
	How      Ending
	Settling time.Duration // for how much longer it may be working; 0 if that time has passed
}

// ended lists the runs that ended within the settling time, and those that failed
// lately, the latest first.
func (c *Client) ended(ctx context.Context, version int) ([]EndedRun, error) {
	now := c.now()
	since := now.Add(-max(lately, c.o.Settling))
	rows, _, err := c.listRuns(ctx, version, url.Values{
		"end_date_gte": {since.UTC().Format("2006-01-02T15:04:05Z")}, "order_by": {"-end_date"},
	})
	if err != nil {
		return nil, err
	}
	var out []EndedRun
	for _, r := range rows {
		end, err := time.Parse(time.RFC3339, r.EndDate)
		switch {
		case err != nil:
			return nil, broken("was asked for DAG runs that have ended and listed one without an end")
		case end.Before(since.Add(-time.Second)):
			return nil, broken("was asked for DAG runs that ended since %s and listed one that ended at %s", since.UTC().Format(time.RFC3339), r.EndDate)
		}
		run, err := r.run(c.base, version)
		if err != nil {
			return nil, err
		}
		run.State = clean.Line(r.State).String()
		left := max(0, c.o.Settling-max(0, now.Sub(end)))
		if left > 0 || r.State == "failed" {
			out = append(out, EndedRun{DAGRun: run, End: end, Settling: left})
		}
	}
	c.explainEnds(ctx, version, out)
	return out, nil
}

// remember keeps which runs are active, for gone.
func (c *Client) remember(runs []DAGRun, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active, c.activeAt = runs, at
}

// gone returns the runs that were active within the settling time, haven't ended, and
// don't wait.
func (c *Client) gone(ended []EndedRun, waiting []DAGRun, now time.Time) (out []DAGRun) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.activeAt) > c.o.Settling {
		return nil
	}
	over := map[[2]clean.Text]bool{}
	for _, e := range ended {
		over[[2]clean.Text{e.DAG, e.RunID}] = true
	}
	for _, r := range waiting {
		over[[2]clean.Text{r.DAG, r.RunID}] = true
	}
	for _, r := range c.active {
		if !over[[2]clean.Text{r.DAG, r.RunID}] {
			out = append(out, r)
		}
	}
	return out
}
