package airflow

import (
	"context"
	"net/url"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// requestsAtMost is the most requests of ActiveRuns, without those to sign in.
const requestsAtMost = 3

// pageSize is the most rows that Airflow 2 returns by default (maximum_page_limit).
// Counts come from total_entries, never from the number of rows.
const pageSize = "100"

// DAGRun is a run that is queued or running.
type DAGRun struct {
	DAG, RunID clean.Text
	State      string    // "queued" or "running"
	Type       string    // Airflow's run_type, such as "scheduled"; may be empty
	Since      time.Time // start, else when it was queued, else its logical date; zero where unknown
	URL        string    // the run's page
}

// Activity is what an Airflow server is doing.
type Activity struct {
	Runs    []DAGRun // at most 100 of Total
	Total   int      // queued and running runs of all DAGs
	Version int      // 2 or 3
	DAGs    int      // how many DAGs the account sees; -1 where it was not asked
	Next    NextRun  // of the DAGs that it sees, as of when they were counted
	Source  string   // the URL that was asked; holds no secret
	// Scheduler is the condition of the scheduler, which starts queued runs and
	// notices the end of others; nil if it isn't known.
	Scheduler *Part
}

// ActiveRuns counts the DAG runs that are queued or running, over all DAGs. It returns
// a Total of 0 only if the account is known to see at least Options.ExpectedDAGs DAGs,
// because Airflow shows an account without rights an empty list. Every error is a
// *transport.Problem and means that the answer isn't known.
//
// It sends one request, and at most three however many DAGs there are: the version if
// it isn't known yet, the runs, the number of DAGs if it is needed and older than a
// minute, and the scheduler's condition if that is older than a minute. The last is
// only asked for within the three, so that the first call doesn't know it if no DAG is
// running. Signing in to Airflow 3 with a password takes another request at first, and
// two if the token has expired.
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
	// If nothing runs, ask along with the number of DAGs, so that the calls between
	// send one request.
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

// run refuses a row in another state: then the server didn't filter, and its count
// isn't that of active runs.
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
