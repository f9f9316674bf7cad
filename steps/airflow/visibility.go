package airflow

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"catalog-runbook/steps/transport"
)

// proofAge is how long the number of DAGs that the account sees is believed. While
// someone waits for runs to end, polling then takes one request.
const proofAge = 60 * time.Second

// visibility is what an account sees of the DAGs.
type visibility struct {
	dags int
	due  DueRuns
	at   time.Time
}

// visiblePages is the most pages that are read of the list of DAGs for their schedules:
// 2,000 DAGs by default.
const visiblePages = 20

// visible returns what the account sees of the DAGs, and keeps it for a minute. It asks
// for the list, page by page, because of the schedules. If there are more than visiblePages, or
// a page is empty, only those of the pages before are known.
func (c *Client) visible(ctx context.Context, version int) (visibility, error) {
	c.mu.Lock()
	proof := c.proof
	c.mu.Unlock()
	if age := c.o.Now().Sub(proof.at); !proof.at.IsZero() && age >= 0 && age < proofAge {
		return proof, nil
	}
	var rows []scheduled
	total := 0
	for page := range visiblePages {
		var list struct {
			Rows  []scheduled `json:"dags"`
			Total *int        `json:"total_entries"`
		}
		query := url.Values{"limit": {c.limit()}}
		if page > 0 {
			query.Set("offset", strconv.Itoa(len(rows)))
		}
		err := c.ask(ctx, version, "/dags", query, &list)
		if err == nil && (list.Total == nil || *list.Total < 0) {
			err = broken("listed DAGs without saying how many there are")
		}
		if err != nil {
			return visibility{}, err
		}
		if page == 0 {
			total = *list.Total
			if err := c.tooFew(total); err != nil {
				return visibility{}, err
			}
		}
		rows = append(rows, list.Rows...)
		if len(list.Rows) == 0 || len(rows) >= total {
			break
		}
	}
	due, err := c.due(ctx, version, rows)
	if err != nil {
		return visibility{}, err
	}
	proof = visibility{dags: total, due: due, at: c.o.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proof = proof
	return proof, nil
}

// TooFewDAGs is the Problem of an account that Airflow accepts but that sees too few
// DAGs to be believed.
type TooFewDAGs struct{ *transport.Problem }

// Unwrap returns the Problem.
func (t TooFewDAGs) Unwrap() error { return t.Problem }

// tooFew returns TooFewDAGs for an account that sees only so many DAGs, or nil. If
// nobody has said how many there are, a single one is too few: an account that was
// given one DAG of many looks exactly like one that sees the only DAG there is, and
// the first is far more common.
func (c *Client) tooFew(dags int) error {
	p := &transport.Problem{Cause: transport.Credentials, Status: http.StatusOK,
		Hint: "use an account that can read all DAGs, such as one with the role Viewer"}
	switch {
	case dags < c.o.ExpectedDAGs:
		p.Text = fmt.Sprintf("the account sees %d of at least %d DAGs, so it can't tell whether any is running", dags, c.o.ExpectedDAGs)
	case dags == 1 && c.unsaid:
		p.Text = "the account sees a single DAG, so it can't tell whether another is running"
		p.Hint += "; if there is only one DAG, set expected_dags = 1 under [airflow]"
	default:
		return nil
	}
	return TooFewDAGs{p}
}

// Sees returns how many DAGs the account sees: at least Options.ExpectedDAGs, or two if
// that isn't set. If it sees fewer, the error is TooFewDAGs; every error is a
// *transport.Problem. Sees sends two requests at most, besides those to sign in.
func (c *Client) Sees(ctx context.Context) (dags int, err error) {
	version, doubt, err := c.discover(ctx)
	if err != nil {
		return 0, err
	}
	seen, err := c.visible(ctx, version)
	if err != nil {
		return 0, explain(doubt, err)
	}
	c.settle(version)
	return seen.dags, nil
}
