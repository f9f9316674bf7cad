package airflow

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"
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
	// Usual is how long runs of its DAG take: the median of the last that succeeded. It is 0
	// for a queued run, and where it isn't known.
	Usual time.Duration
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

// LatestRun returns the run of a DAG that was made last, in any state, and whether there is
// one. Every error is a *transport.Problem; it is NotFound for a DAG that doesn't exist.
// LatestRun sends two requests if the version is known.
func (c *Client) LatestRun(ctx context.Context, dag string) (run DAGRun, ok bool, err error) {
	if _, err := c.DAG(ctx, dag); err != nil {
		return DAGRun{}, false, err
	}
	err = c.with(ctx, func(version int) error {
		rows, _, err := c.listRunsAt(ctx, version, "/dags/"+url.PathEscape(dag)+"/dagRuns", url.Values{"order_by": {"-id"}})
		if ok = err == nil && len(rows) > 0; !ok {
			return err
		}
		if rows[0].DAG != dag {
			return broken("was asked for runs of %s and listed one of %q", dag, rows[0].DAG)
		}
		if run, err = rows[0].run(c.base, version); err == nil {
			run.State = clean.Line(run.State).String()
		}
		return err
	})
	return run, ok && err == nil, err
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
	return c.listRunsAt(ctx, version, runsPath, query)
}

// listRunsAt is listRuns for the runs below a path.
func (c *Client) listRunsAt(ctx context.Context, version int, path string, query url.Values) (rows []row, total int, err error) {
	if !query.Has("limit") {
		query.Set("limit", c.limit())
	}
	var list struct {
		Runs  *[]row `json:"dag_runs"`
		Total *int   `json:"total_entries"`
	}
	if err := c.ask(ctx, version, path, query, &list); err != nil {
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

// measured is how many of the last runs of a DAG tell how long they usually take.
const measured = 5

// usually returns how long runs of the DAGs take, 0 where that isn't known. It asks once
// about each.
func (c *Client) usually(ctx context.Context, version int, dags []clean.Text) map[clean.Text]time.Duration {
	c.mu.Lock()
	before := maps.Clone(c.took)
	c.mu.Unlock()
	var all sync.WaitGroup
	for _, dag := range dags {
		if _, asked := before[dag]; asked || !validID(dag.String()) {
			continue
		}
		all.Go(func() {
			took := c.tookBefore(ctx, version, dag.String())
			if ctx.Err() != nil {
				return
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.took[dag] = took
		})
	}
	all.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.took)
}

// tookBefore returns the median of how long the last successful runs of a DAG took, 0 if
// that isn't known.
func (c *Client) tookBefore(ctx context.Context, version int, dag string) time.Duration {
	rows, _, err := c.listRunsAt(ctx, version, "/dags/"+url.PathEscape(dag)+"/dagRuns",
		url.Values{"state": {"success"}, "order_by": {"-end_date"}, "limit": {strconv.Itoa(measured)}})
	if err != nil {
		return 0
	}
	var took []time.Duration
	for _, r := range rows {
		start, unstarted := time.Parse(time.RFC3339, r.StartDate)
		end, unended := time.Parse(time.RFC3339, r.EndDate)
		if r.DAG != dag || r.State != "success" || unstarted != nil || unended != nil {
			return 0
		}
		took = append(took, end.Sub(start))
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return max(took[len(took)/2], 0)
}

// State returns the state of one run, in Airflow's word. Every error is a
// *transport.Problem; it is NotFound for a run that was deleted. It sends one request if
// the version is known.
func (c *Client) State(ctx context.Context, dag, run string) (state clean.Text, err error) {
	err = c.with(ctx, func(version int) error {
		var r row
		err := c.ask(ctx, version, "/dags/"+url.PathEscape(dag)+"/dagRuns/"+url.PathEscape(run), nil, &r)
		if err == nil && (r.DAG != dag || r.ID != run || r.State == "") {
			err = broken("was asked for the run %s of %s and returned another", run, dag)
		}
		state = clean.Line(r.State)
		return err
	})
	return state, err
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
