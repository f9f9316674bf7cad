package airflow

import (
	"context"
	"net/url"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// requestsAtMost is how many requests tell what runs, without those of signing in.
const requestsAtMost = 3

// pageSize is the most rows that Airflow 2 gives by default
// (maximum_page_limit); the count is taken from total_entries, never from it.
const pageSize = "100"

// DAGRun is a run that is queued or running.
type DAGRun struct {
	DAG, RunID clean.Text
	State      string    // "queued" or "running"
	Type       string    // Airflow's run_type, such as "scheduled"; may be empty
	Since      time.Time // start, else when it was queued, else its logical date; zero where unknown
	URL        string    // the run's page
}

// Activity is what an Airflow server does at the moment.
type Activity struct {
	Runs    []DAGRun // at most 100 of Total
	Total   int      // queued and running runs of all DAGs
	Version int      // 2 or 3
	DAGs    int      // how many DAGs the account sees; -1 where it was not asked
	Next    NextRun  // of the DAGs that it sees, as of when they were counted
	Source  string   // the URL that was asked; holds no secret
	// Scheduler is how the scheduler is, which starts what is queued and notices
	// what has ended; nil where that is not known.
	Scheduler *Part
}

// ActiveRuns counts the DAG runs that are queued or running, over all DAGs. A
// Total of 0 is only returned where the account is proved to see at least
// Options.ExpectedDAGs DAGs, because Airflow shows an account that may see none
// an empty list. Every error is a *transport.Problem and means that it cannot
// be told.
//
// It sends one request, and at most three however many DAGs there are: the
// version when it is not known yet, the runs, the proof when it is needed and
// older than a minute, and how the scheduler is when that is older than a minute.
// The last is only asked where it keeps to three, so that a first look that finds
// no run does not know it: it has had to ask for the version and the proof.
// Signing in to Airflow 3 with a password costs one request more at first, and
// two when the token has expired.
//
// The paths and parameters are Airflow's stable REST API, v1 and v2; state is
// repeated because Airflow 3 refuses a joined list.
func (c *Client) ActiveRuns(ctx context.Context) (Activity, error) {
	sent := 1
	if c.known() == 0 {
		sent++
	}
	version, doubt, err := c.discover(ctx)
	if err != nil {
		return Activity{}, err
	}
	activity, err := c.runs(ctx, version)
	if err != nil {
		if cause, _ := transport.CauseOf(err); cause == transport.NotFound {
			c.settle(0) // it may have been upgraded since: look again next time
		}
		return Activity{}, explain(doubt, err)
	}
	c.settle(version)
	idle := activity.Total == 0
	seen, asked, err := c.visible(ctx, version, idle)
	if err != nil {
		return Activity{}, err
	}
	activity.DAGs, activity.Next = seen.dags, seen.next
	if asked {
		sent++
	}
	// Where nothing runs it goes with the proof, so that the looks between cost one.
	activity.Scheduler = c.scheduler(ctx, version, sent < requestsAtMost && (asked || !idle))
	return activity, nil
}

func (c *Client) runs(ctx context.Context, version int) (Activity, error) {
	const path = "/dags/~/dagRuns"
	query := url.Values{"state": {"running", "queued"}, "limit": {pageSize}}
	var list struct {
		Runs  *[]row `json:"dag_runs"`
		Total *int   `json:"total_entries"`
	}
	if err := c.ask(ctx, version, path, query, &list); err != nil {
		return Activity{}, err
	}
	switch {
	case list.Total == nil || list.Runs == nil:
		return Activity{}, broken("listed DAG runs without saying how many there are")
	case *list.Total < len(*list.Runs):
		return Activity{}, broken("listed %d DAG runs but counts %d", len(*list.Runs), *list.Total)
	}
	activity := Activity{Total: *list.Total, Version: version, Source: c.address(api(version)+path, query)}
	for _, r := range *list.Runs {
		run, err := r.run(c.base, version)
		if err != nil {
			return Activity{}, err
		}
		activity.Runs = append(activity.Runs, run)
	}
	return activity, nil
}

// row is a DAG run of either version: execution_date is what Airflow 2 calls
// the logical date.
type row struct {
	DAG           string `json:"dag_id"`
	ID            string `json:"dag_run_id"`
	State         string `json:"state"`
	Type          string `json:"run_type"`
	StartDate     string `json:"start_date"`
	QueuedAt      string `json:"queued_at"`
	LogicalDate   string `json:"logical_date"`
	ExecutionDate string `json:"execution_date"`
}

// run refuses a row of another state: the server did not filter, and its count
// is then not the count of active runs.
func (r row) run(base *url.URL, version int) (DAGRun, error) {
	switch {
	case r.State != "running" && r.State != "queued":
		return DAGRun{}, broken("was asked for running and queued DAG runs and listed one that is %q", r.State)
	case r.DAG == "" || r.ID == "":
		return DAGRun{}, broken("listed a DAG run without its name")
	}
	run := DAGRun{
		DAG: clean.Line(r.DAG), RunID: clean.Line(r.ID),
		State: r.State, Type: clean.Line(r.Type).String(),
		URL: base.String() + "/dags/" + url.PathEscape(r.DAG) + "/runs/" + url.PathEscape(r.ID),
	}
	if version == 2 {
		run.URL = base.String() + "/dags/" + url.PathEscape(r.DAG) + "/grid?dag_run_id=" + url.QueryEscape(r.ID)
	}
	for _, date := range []string{r.StartDate, r.QueuedAt, r.LogicalDate, r.ExecutionDate} {
		if at, err := time.Parse(time.RFC3339, date); err == nil {
			run.Since = at
			break
		}
	}
	return run, nil
}
