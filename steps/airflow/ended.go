package airflow

import (
	"context"
	"encoding/json"
	"net/url"
	"sync"
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
		case err != nil && (r.State == "running" || r.State == "queued"):
			continue // Airflow 3.0 counts it as ending now
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

// Ending is how a run came to its end.
type Ending int

// The endings. alone means that its tasks brought it there.
const (
	untold Ending = iota
	alone
	byHand
	overdue // dagrun_timeout
)

// String returns words for the screen, "" for untold.
func (e Ending) String() string {
	return [...]string{"", "by itself", "marked by hand", "timed out"}[e]
}

// endsExplained is for how many runs is asked how they ended.
const endsExplained = 3

// marks are the events in the audit log of a person's or a program's change of a run's
// state: through the API of Airflow 3 and 2, and on the pages of Airflow 2.
var marks = map[string]bool{
	"patch_dag_run": true, "api.update_dag_run_state": true,
	"dagrun_success": true, "dagrun_failed": true, "dagrun_queued": true,
}

// explainEnds sets How of the first runs that may still be working. It sends a request
// for all and one for each that failed. How stays untold where that isn't told,
// such as to an account that may not see the audit log.
func (c *Client) explainEnds(ctx context.Context, version int, runs []EndedRun) {
	runs = runs[:min(len(runs), endsExplained)]
	if len(runs) == 0 || runs[0].Settling == 0 {
		return
	}
	marked, since := c.marked(ctx, version)
	var all sync.WaitGroup
	for i := range runs {
		run := &runs[i]
		switch {
		case run.Settling == 0:
		case marked[run.DAG.String()+" "+run.RunID.String()], marked[run.DAG.String()+" "]:
			run.How = byHand
		case run.State == "failed":
			all.Go(func() {
				if late, ok := c.timedOut(ctx, version, run.DAGRun); ok && late {
					run.How = overdue
				} else if ok && run.End.After(since) {
					run.How = alone
				}
			})
		case run.End.After(since):
			run.How = alone
		}
	}
	all.Wait()
}

// marked returns the runs whose states were changed lately by a person or a program,
// and since when all such changes are known; that is now if none is, as before Airflow 2.9,
// which logs no change through the API. It is known by the run that each row names since.
func (c *Client) marked(ctx context.Context, version int) (runs map[string]bool, since time.Time) {
	var log struct {
		Events *[]struct {
			When  time.Time       `json:"when"`
			Event string          `json:"event"`
			DAG   string          `json:"dag_id"`
			Run   json.RawMessage `json:"run_id"` // a string or null
		} `json:"event_logs"`
	}
	now := c.now()
	err := c.ask(ctx, version, "/eventLogs", url.Values{"order_by": {"-when"}, "limit": {c.limit()}}, &log)
	if err != nil || log.Events == nil {
		return nil, now
	}
	runs, since = map[string]bool{}, now
	older := false
	for _, e := range *log.Events {
		if e.When.Before(since) {
			since = e.When
		}
		var run string
		older = older || json.Unmarshal(e.Run, &run) != nil
		if marks[e.Event] {
			runs[e.DAG+" "+run] = true
		}
	}
	if older {
		since = now
	}
	return runs, since
}

// timedOut reports whether a failed run took longer than its DAG allows: a task of it
// was begun, and skipped without an end. ok is false if that isn't known.
func (c *Client) timedOut(ctx context.Context, version int, run DAGRun) (late, ok bool) {
	tasks, err := c.tasks(ctx, version, run)
	if err != nil {
		return false, false
	}
	for _, t := range tasks {
		late = late || t.State == "skipped" && t.Start != "" && t.End == ""
	}
	return late, true
}

// task is a task instance of a run.
type task struct {
	ID       string `json:"task_id"`
	State    string `json:"state"` // "" before it is scheduled
	Start    string `json:"start_date"`
	End      string `json:"end_date"`
	Operator string `json:"operator"`
}

// tasks lists the task instances of a run. Every error is a *transport.Problem, as it
// is if there are more than a page.
func (c *Client) tasks(ctx context.Context, version int, run DAGRun) ([]task, error) {
	var list struct {
		Tasks *[]task `json:"task_instances"`
		Total *int    `json:"total_entries"`
	}
	path := "/dags/" + url.PathEscape(run.DAG.String()) + "/dagRuns/" + url.PathEscape(run.RunID.String()) + "/taskInstances"
	if err := c.ask(ctx, version, path, url.Values{"limit": {c.limit()}}, &list); err != nil {
		return nil, err
	}
	if list.Tasks == nil || list.Total == nil || *list.Total != len(*list.Tasks) {
		return nil, broken("didn't list all tasks of %s", run.DAG)
	}
	return *list.Tasks, nil
}
