package airflow

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"catalog-runbook/runbook/clean"
)

// DAGRun is a run that is queued or running.
type DAGRun struct {
	DAG, RunID clean.Text
	State      string    // "queued" or "running"
	Type       string    // Airflow's run_type, such as "scheduled"; may be empty
	Since      time.Time // start, else when it was queued, else its logical date; zero where unknown
	URL        string    // the run's page
	Stuck      Stuck     // why it doesn't end by itself
}

const (
	runsPath = "/dags/~/dagRuns"
	// pageSize is the most rows that Airflow returns by default (maximum_page_limit).
	// Counts come from total_entries, never from the number of rows.
	pageSize = 100
)

// limit returns how many rows to ask for. It is different each second, so that no cache
// on the way has an answer: some ignore Cache-Control. Airflow lowers a limit that is
// too high to the highest that it allows.
func (c *Client) limit() string {
	const spread = 900
	return strconv.FormatInt(pageSize+c.o.Now().Unix()%spread, 10)
}

// runList is a page of runs in one state.
type runList struct {
	rows   []DAGRun
	total  int
	source string
}

// runs lists the runs in one state, of all DAGs.
func (c *Client) runs(ctx context.Context, version int, state string) (out runList, err error) {
	rows, total, err := c.listRuns(ctx, version, url.Values{"state": {state}})
	if err != nil {
		return runList{}, err
	}
	out.total, out.source = total, c.address(api(version)+runsPath, nil)
	for _, r := range rows {
		if r.State != state {
			// The server didn't filter, so its count isn't that of these runs.
			return runList{}, broken("was asked for %s DAG runs and listed one that is %q", state, r.State)
		}
		run, err := r.run(c.base, version)
		if err != nil {
			return runList{}, err
		}
		out.rows = append(out.rows, run)
	}
	return out, nil
}

// listRuns returns a page of the runs of all DAGs that the query selects, and how many
// there are.
func (c *Client) listRuns(ctx context.Context, version int, query url.Values) (rows []row, total int, err error) {
	query.Set("limit", c.limit())
	var list struct {
		Runs  *[]row `json:"dag_runs"`
		Total *int   `json:"total_entries"`
	}
	if err := c.ask(ctx, version, runsPath, query, &list); err != nil {
		return nil, 0, err
	}
	switch {
	case list.Total == nil || list.Runs == nil:
		return nil, 0, broken("listed DAG runs without saying how many there are")
	case *list.Total < len(*list.Runs):
		return nil, 0, broken("listed %d DAG runs but counts %d", len(*list.Runs), *list.Total)
	case *list.Total > 0 && len(*list.Runs) == 0:
		return nil, 0, broken("counts %d DAG runs and listed none", *list.Total)
	}
	return *list.Runs, *list.Total, nil
}

// row is a DAG run of either version: execution_date is what Airflow 2 calls
// the logical date.
type row struct {
	DAG           string `json:"dag_id"`
	ID            string `json:"dag_run_id"`
	State         string `json:"state"`
	Type          string `json:"run_type"`
	StartDate     string `json:"start_date"`
	EndDate       string `json:"end_date"`
	QueuedAt      string `json:"queued_at"`
	LogicalDate   string `json:"logical_date"`
	ExecutionDate string `json:"execution_date"`
}

func (r row) run(base *url.URL, version int) (DAGRun, error) {
	if r.DAG == "" || r.ID == "" {
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
