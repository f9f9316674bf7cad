package airflow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// DueRuns are the runs that Airflow starts next by itself, of the DAGs that are on.
type DueRuns struct {
	Next   []DueRun            // by their schedules, the soonest first
	Assets []clean.Text        // DAGs for which an event of an asset is waiting, so that a run may begin at any moment
	Paused map[clean.Text]bool // of the DAGs that were looked at, whether they are paused
	Of     int                 // how many DAGs were looked at, the first by name
	// Unasked are DAGs that wait for assets whose events weren't asked for, or can't be by this version.
	Unasked []clean.Text
}

// DueRun is the next run by a schedule.
type DueRun struct {
	DAG clean.Text
	At  time.Time
}

// For how many DAGs is asked whether events of their assets are waiting, and for how many
// of them at the same time.
const (
	assetsAsked    = 50
	assetsTogether = 5
)

// scheduled is what a row says about when its DAG runs next. A missing field is no
// reason to refuse the list.
type scheduled struct {
	ID           string          `json:"dag_id"`
	Paused       *bool           `json:"is_paused"`
	NextCreate   string          `json:"next_dagrun_create_after"` // Airflow 2
	NextRunAfter string          `json:"next_dagrun_run_after"`    // Airflow 3
	Summary      string          `json:"timetable_summary"`        // Airflow 3
	Description  string          `json:"timetable_description"`
	Interval     json.RawMessage `json:"schedule_interval"` // Airflow 2
}

// awaitsAssets reports whether the DAG is started by what others write: an asset, which
// Airflow 2 calls a dataset. No field says so but those for people.
func (s scheduled) awaitsAssets() bool {
	words := s.Summary + s.Description + string(s.Interval)
	return strings.Contains(words, "sset") || strings.Contains(words, "ataset")
}

// due reads the rows, and asks for which DAGs an event of an asset is waiting. Every error
// is a *transport.Problem of that question.
func (c *Client) due(ctx context.Context, version int, rows []scheduled) (DueRuns, error) {
	due := DueRuns{Of: len(rows), Paused: map[clean.Text]bool{}}
	var consumers []string
	for _, r := range rows {
		if r.ID == "" || r.Paused == nil {
			continue
		}
		due.Paused[clean.Line(r.ID)] = *r.Paused
		if *r.Paused {
			continue
		}
		if r.awaitsAssets() && validID(r.ID) {
			consumers = append(consumers, r.ID)
		}
		for _, next := range []string{r.NextCreate, r.NextRunAfter} {
			if at, err := time.Parse(time.RFC3339, next); err == nil {
				due.Next = append(due.Next, DueRun{clean.Line(r.ID), at})
				break
			}
		}
	}
	slices.SortStableFunc(due.Next, func(a, b DueRun) int { return a.At.Compare(b.At) })
	return due, c.assetEvents(ctx, version, consumers, &due)
}

// assetEvents asks for which DAGs an event of an asset is waiting.
func (c *Client) assetEvents(ctx context.Context, version int, dags []string, due *DueRuns) error {
	asked := dags[:min(len(dags), assetsAsked)]
	counts := make([]int, len(asked))
	errs := make([]error, len(asked))
	var all errgroup.Group
	all.SetLimit(assetsTogether)
	for i, id := range asked {
		all.Go(func() error {
			counts[i], errs[i] = c.assetEvent(ctx, version, id)
			return nil
		})
	}
	_ = all.Wait()
	none := sync.OnceValues(func() (bool, error) {
		if version == 3 {
			return true, nil
		}
		return c.countsAssetEvents(ctx)
	})
	for i, id := range dags {
		absent := i < len(asked) && transport.StatusOf(errs[i]) == http.StatusNotFound
		switch {
		case absent:
			known, err := none()
			if err != nil {
				return err
			}
			if !known {
				due.Unasked = append(due.Unasked, clean.Line(id))
			}
		case i >= len(asked):
			due.Unasked = append(due.Unasked, clean.Line(id))
		case errs[i] != nil:
			return errs[i]
		case counts[i] > 0:
			due.Assets = append(due.Assets, clean.Line(id))
		}
	}
	return nil
}

// assetEvent asks how many events wait for one DAG. Airflow 2 answers 404 if there is none.
func (c *Client) assetEvent(ctx context.Context, version int, id string) (int, error) {
	path := "/dags/" + url.PathEscape(id) + "/datasets/queuedEvent"
	if version == 3 {
		path = "/dags/" + url.PathEscape(id) + "/assets/queuedEvents"
	}
	var answer struct {
		Total *int `json:"total_entries"`
	}
	if err := c.ask(ctx, version, path, nil, &answer); err != nil {
		return 0, err
	}
	if answer.Total == nil || *answer.Total < 0 {
		return 0, broken("listed events of assets without saying how many there are")
	}
	return *answer.Total, nil
}

// countsAssetEvents reports whether this Airflow 2 knows the path of assetEvent, so that
// 404 means that there is none: from 2.9 on. It asks until it has been so. The error is
// that of a request without an answer; one that is refused counts as an older version.
func (c *Client) countsAssetEvents(ctx context.Context) (bool, error) {
	if c.assetsCounted.Load() {
		return true, nil
	}
	var answer struct {
		Version string `json:"version"`
	}
	if err := c.get(ctx, api(2)+"/version", nil, &answer); err != nil {
		if transport.StatusOf(err) == 0 {
			return false, err
		}
		return false, nil
	}
	var minor int
	_, err := fmt.Sscanf(answer.Version, "2.%d", &minor)
	if err == nil && minor >= 9 {
		c.assetsCounted.Store(true)
	}
	return c.assetsCounted.Load(), nil
}

// Schedule says when a DAG runs by itself while it is on.
type Schedule struct {
	Text    clean.Text // as Airflow shows it: "@daily", "0 0 * * *"; empty if only people start runs
	Assets  bool       // events of assets start its runs
	Catchup bool       // the intervals that have passed are made up for, each with a run
	Next    time.Time  // when the next run starts, or was to start; zero if none does
	First   time.Time  // the logical date of that run; zero if none is told
	AtATime int        // how many of its runs are active at a time at most; 0 if that isn't told
	Ran     bool       // it has or had a run
}

// Schedule asks when a DAG runs by itself. A DAG that is turned on starts the run of Next
// at once if that is in the past, and with Catchup the others up to now. Every error is a
// *transport.Problem. Schedule sends two requests.
func (c *Client) Schedule(ctx context.Context, d DAG) (out Schedule, err error) {
	id := d.ID.String()
	if !validID(id) {
		return Schedule{}, &transport.Problem{Cause: transport.Refused, Text: clean.Linef("%q is not a valid DAG name", id).String()}
	}
	err = c.with(ctx, func(version int) error {
		path := "/dags/" + url.PathEscape(id)
		var row detailRow
		if err := c.ask(ctx, version, path+"/details", nil, &row); err != nil {
			return err
		}
		if row.Catchup == nil || row.ID != id {
			return broken("doesn't say whether %s has catchup", id)
		}
		var runs struct {
			Total *int `json:"total_entries"`
		}
		if err := c.ask(ctx, version, path+"/dagRuns", url.Values{"limit": {"1"}}, &runs); err != nil {
			return err
		}
		if runs.Total == nil || *runs.Total < 0 {
			return broken("listed the runs of %s without saying how many there are", id)
		}
		out = row.schedule(d.NextRun)
		out.Ran = *runs.Total > 0
		return nil
	})
	return out, err
}

// detailRow is what /details says beyond the list.
type detailRow struct {
	scheduled
	Catchup  *bool  `json:"catchup"`
	AtATime  int    `json:"max_active_runs"`
	Date2    string `json:"next_dagrun"`              // Airflow 2
	Date3    string `json:"next_dagrun_logical_date"` // Airflow 3
	Timezone string `json:"timezone"`
}

func (r detailRow) schedule(next time.Time) Schedule {
	s := Schedule{Assets: r.awaitsAssets(), Catchup: *r.Catchup, AtATime: r.AtATime, Next: next}
	var interval struct {
		Type  string          `json:"__type"`
		Value json.RawMessage `json:"value"`
	}
	text := r.Summary
	if json.Unmarshal(r.Interval, &interval) == nil && interval.Type == "CronExpression" {
		_ = json.Unmarshal(interval.Value, &text)
	}
	// A timetable without an expression has a description only, and a DAG that only people
	// start says so in words.
	if text = cmp.Or(text, r.Description); !strings.HasPrefix(text, "Never") && text != "None" {
		s.Text = clean.Line(text)
	}
	for _, at := range []string{r.NextCreate, r.NextRunAfter} {
		if when, err := time.Parse(time.RFC3339, at); err == nil {
			s.Next = when
		}
	}
	for _, at := range []string{r.Date2, r.Date3} {
		if when, err := time.Parse(time.RFC3339, at); err == nil {
			s.First = when
		}
	}
	return s
}
