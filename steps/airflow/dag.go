package airflow

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// DAG is what Airflow knows of a DAG.
type DAG struct {
	ID           clean.Text
	Paused       bool
	Gone         bool       // Airflow no longer runs it: its file does not define it any more or, on Airflow 3, cannot be read
	ImportErrors bool       // its file could not be read lately, so what is known of it is old
	LastParsed   time.Time  // when its file was last read, with or without a change; zero if unknown
	NextRun      time.Time  // when its schedule starts the next run; zero if none
	File         clean.Text // the full path on the server
	URL          string     // the DAG's page
}

// DAG returns one DAG. Every error is a *transport.Problem; it is NotFound for a DAG
// that doesn't exist, if the account may read all DAGs, and a refusal otherwise. DAG
// sends one request if the version is known.
func (c *Client) DAG(ctx context.Context, id string) (DAG, error) {
	return c.dag(ctx, id, http.MethodGet, nil, nil)
}

// Unpause turns one DAG on, and returns it as the server then reports it: not paused.
// It changes nothing else, and no other DAG. A read-only client refuses. Every error is
// a *transport.Problem; if it is Unreachable, the DAG may have been turned on all the
// same: ask for it.
//
// A DAG with a schedule and catchup may start many runs at once. Only an account
// that may edit the DAG can do it; a Viewer cannot.
func (c *Client) Unpause(ctx context.Context, id string) (DAG, error) {
	d, err := c.dag(ctx, id, http.MethodPatch, url.Values{"update_mask": {"is_paused"}}, map[string]bool{"is_paused": false})
	switch cause, _ := transport.CauseOf(err); {
	case err != nil && cause == transport.ReadOnly:
		return DAG{}, &transport.Problem{Cause: transport.ReadOnly, Text: "turning a DAG on is not done in a dry run"}
	case err != nil:
		return DAG{}, err
	case d.Paused:
		return DAG{}, broken("was asked to turn %s on and says that it is still paused", d.ID)
	}
	return d, nil
}

// PausedDAGs lists all DAGs that are paused and not Gone. It returns none only if the
// account is known to see at least Options.ExpectedDAGs DAGs; others that it may not
// see can be paused too. Every error is a *transport.Problem and means that the list
// isn't known.
func (c *Client) PausedDAGs(ctx context.Context) (out []DAG, err error) {
	err = c.with(ctx, func(version int) error {
		rows, err := list[dagRow](ctx, c, version, "/dags", "dags", url.Values{"paused": {"true"}})
		filtered := transport.StatusOf(err) != http.StatusBadRequest
		if !filtered { // Airflow 2.5 has no such parameter
			rows, err = list[dagRow](ctx, c, version, "/dags", "dags", nil)
		}
		if err != nil {
			return err
		}
		for _, r := range rows {
			d, err := r.dag(c.base)
			if err != nil {
				return err
			}
			if !d.Paused && !filtered {
				continue
			}
			if !d.Paused {
				return broken("was asked for paused DAGs and listed %s, which is not", d.ID)
			}
			out = append(out, d)
		}
		if len(out) == 0 && !filtered {
			_, err = c.visible(ctx, version)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// validID reports whether Airflow allows id as a DAG's name: 1 to 250 letters,
// numbers, "_", "." and "-". Anything else in its place in a path could mean
// several DAGs: "~" is all of them, and ".." is the list.
func validID(id string) bool {
	const longest = 250 // characters
	for _, r := range id {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_.-", r) {
			return false
		}
	}
	return strings.Trim(id, ".") != "" && utf8.RuneCountInString(id) <= longest
}

func (c *Client) dag(ctx context.Context, id, method string, query url.Values, body any) (d DAG, err error) {
	if !validID(id) {
		return DAG{}, &transport.Problem{Cause: transport.Refused, Text: clean.Linef("%q is not the name of a DAG", id).String()}
	}
	err = c.with(ctx, func(version int) error {
		var r dagRow
		err := c.request(ctx, version, method, "/dags/"+url.PathEscape(id), query, body, &r)
		if err != nil {
			return err
		}
		if r.ID != id {
			return broken("was asked for the DAG %s and answered with %q", id, r.ID)
		}
		d, err = r.dag(c.base)
		return err
	})
	if err != nil {
		return DAG{}, err
	}
	return d, nil
}

// dagRow is a DAG of either version. The field that tells whether it is still run has
// the opposite meaning in the two.
type dagRow struct {
	ID           string `json:"dag_id"`
	Paused       *bool  `json:"is_paused"`
	Active       *bool  `json:"is_active"` // Airflow 2
	Stale        *bool  `json:"is_stale"`  // Airflow 3
	ImportErrors *bool  `json:"has_import_errors"`
	LastParsed   string `json:"last_parsed_time"`
	NextCreate   string `json:"next_dagrun_create_after"` // Airflow 2
	NextRunAfter string `json:"next_dagrun_run_after"`    // Airflow 3
	File         string `json:"fileloc"`
}

// dag refuses a row that leaves out what its absence would seem to say.
func (r dagRow) dag(base *url.URL) (DAG, error) {
	switch {
	case r.ID == "":
		return DAG{}, broken("listed a DAG without its name")
	case r.Paused == nil:
		return DAG{}, broken("does not say whether %s is paused", r.ID)
	case r.Active == nil && r.Stale == nil:
		return DAG{}, broken("does not say whether %s is still in use", r.ID)
	case r.ImportErrors == nil:
		return DAG{}, broken("does not say whether the file of %s can be read", r.ID)
	}
	d := DAG{ID: clean.Line(r.ID), Paused: *r.Paused, Gone: r.Stale != nil && *r.Stale || r.Active != nil && !*r.Active,
		ImportErrors: *r.ImportErrors, File: clean.Line(r.File), URL: base.String() + "/dags/" + url.PathEscape(r.ID)}
	d.LastParsed, _ = time.Parse(time.RFC3339, r.LastParsed)
	for _, next := range []string{r.NextCreate, r.NextRunAfter} {
		if at, err := time.Parse(time.RFC3339, next); err == nil {
			d.NextRun = at
		}
	}
	return d, nil
}
