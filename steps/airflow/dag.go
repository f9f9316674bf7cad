package airflow

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
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
	InBundle     clean.Text // the path within its bundle, which only Airflow 3 tells
	URL          string     // the DAG's page
	token        string     // that of its file, by which Airflow 2 knows the source
}

// DAG returns one DAG. Every error is a *transport.Problem; it is NotFound for a DAG
// that doesn't exist, if the account may read all DAGs, and a refusal otherwise. DAG
// sends one request if the version is known.
func (c *Client) DAG(ctx context.Context, id string) (DAG, error) {
	return c.dag(ctx, id, http.MethodGet, nil, nil)
}

// Undecided is the Problem of a change that may have been made, or may still be made: its
// answer was lost, and so was that to the question what became of it.
type Undecided struct{ *transport.Problem }

// Unwrap returns the Problem.
func (u Undecided) Unwrap() error { return u.Problem }

// readBackLimit is how long to ask for what became of a change whose answer was lost.
const readBackLimit = 15 * time.Second

// SetPaused pauses one DAG or turns it on, and returns it as the server then reports it. It
// changes nothing else, and no other DAG. A read-only client refuses. The request is sent
// once: if its answer is lost, SetPaused asks for the DAG, also after ctx has ended, and
// the answer to that counts. Every error is a *transport.Problem. It is Undecided if the
// change may have been made or may still arrive; any other says that it was not made.
//
// A DAG that is turned on starts the run of the last interval at once if that has not
// run yet, and with catchup one for each interval that has passed. Only an account that
// may edit the DAG can do it; a Viewer cannot.
func (c *Client) SetPaused(ctx context.Context, id string, paused bool) (DAG, error) {
	d, err := c.dag(ctx, id, http.MethodPatch, url.Values{"update_mask": {"is_paused"}}, map[string]bool{"is_paused": paused})
	c.mu.Lock()
	c.proof = visibility{} // its schedules are those of before
	c.mu.Unlock()
	if err == nil && d.Paused == paused {
		return d, nil
	}
	p := broken("was asked to %s %s and reports that it isn't", pausing(paused), id)
	errors.As(err, &p)
	switch {
	case p.Cause == transport.ReadOnly:
		return DAG{}, &transport.Problem{Cause: transport.ReadOnly, Text: "to " + pausing(paused) + " a DAG is not done in a dry run"}
	case p.Status == http.StatusForbidden && !errors.As(err, new(tokenRefused)):
		return DAG{}, &transport.Problem{Cause: transport.Credentials, Status: p.Status,
			Text: clean.Linef("%s returned 403: this account can't %s %s", service, pausing(paused), id).String(),
			Hint: clean.Linef("use an account that has can_edit on DAGs, or on DAG:%s, such as one with the role User or Op", id).String()}
	}
	switch p.Cause {
	case transport.Credentials, transport.RateLimited, transport.NotFound, transport.Refused:
		return DAG{}, err
	}
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), readBackLimit)
	defer cancel()
	now, unread := c.DAG(back, id)
	switch arrives := p.Status == 0 || p.Status > http.StatusInternalServerError; {
	case unread == nil && now.Paused == paused:
		return now, nil
	case unread != nil || arrives:
		return DAG{}, Undecided{p}
	}
	return DAG{}, p
}

func pausing(paused bool) string {
	if paused {
		return "pause"
	}
	return "unpause"
}

// DAGs lists all DAGs that are not Gone, in the order of their names as Airflow sorts
// them. It returns none only if the account is known to see at least
// Options.ExpectedDAGs DAGs. Every error is a *transport.Problem and means that the list
// isn't known.
func (c *Client) DAGs(ctx context.Context) ([]DAG, error) { return c.dags(ctx, nil) }

// KnownDAGs lists all DAGs that Airflow has on record, also those that are Gone, as DAGs
// does.
func (c *Client) KnownDAGs(ctx context.Context) (all []DAG, err error) {
	err = c.with(ctx, func(version int) error {
		name, value := "only_active", "false"
		if version == 3 {
			name = "exclude_stale"
		}
		all, err = c.dags(ctx, url.Values{name: {value}})
		return err
	})
	return all, err
}

// PausedDAGs lists all DAGs that are paused and not Gone, as DAGs does; others that the
// account may not see can be paused too.
func (c *Client) PausedDAGs(ctx context.Context) ([]DAG, error) {
	all, err := c.dags(ctx, url.Values{"paused": {"true"}})
	on := func(d DAG) bool { return !d.Paused }
	switch i := slices.IndexFunc(all, on); {
	case transport.StatusOf(err) == http.StatusBadRequest: // Airflow 2.5 has no such parameter
		if all, err = c.DAGs(ctx); err != nil {
			return nil, err
		}
		if all = slices.DeleteFunc(all, on); len(all) == 0 {
			_, err = c.Sees(ctx)
			return nil, err
		}
	case i >= 0:
		return nil, broken("was asked for paused DAGs and listed %s, which isn't paused", all[i].ID)
	}
	return all, err
}

func (c *Client) dags(ctx context.Context, query url.Values) (out []DAG, err error) {
	err = c.with(ctx, func(version int) error {
		rows, err := list[dagRow](ctx, c, version, "/dags", "dags", query)
		if err != nil {
			return err
		}
		out = nil
		for _, r := range rows {
			d, err := r.dag(c.base)
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
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
		return DAG{}, &transport.Problem{Cause: transport.Refused, Text: clean.Linef("%q is not a valid DAG name", id).String()}
	}
	err = c.with(ctx, func(version int) error {
		var r dagRow
		err := c.request(ctx, version, method, "/dags/"+url.PathEscape(id), query, body, &r)
		if err != nil {
			return err
		}
		if r.ID != id {
			return broken("was asked for the DAG %s and returned %q", id, r.ID)
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
	InBundle     string `json:"relative_fileloc"` // Airflow 3
	Token        string `json:"file_token"`
}

// dag refuses a row that leaves out what its absence would seem to say.
func (r dagRow) dag(base *url.URL) (DAG, error) {
	switch {
	case r.ID == "":
		return DAG{}, broken("listed a DAG without its name")
	case r.Paused == nil:
		return DAG{}, broken("doesn't say whether %s is paused", r.ID)
	case r.Active == nil && r.Stale == nil:
		return DAG{}, broken("doesn't say whether %s is still in use", r.ID)
	case r.ImportErrors == nil:
		return DAG{}, broken("doesn't say whether it can import the file of %s", r.ID)
	}
	d := DAG{ID: clean.Line(r.ID), Paused: *r.Paused, Gone: r.Stale != nil && *r.Stale || r.Active != nil && !*r.Active,
		ImportErrors: *r.ImportErrors, File: clean.Line(r.File), InBundle: clean.Line(r.InBundle), token: r.Token, URL: base.String() + "/dags/" + url.PathEscape(r.ID)}
	d.LastParsed, _ = time.Parse(time.RFC3339, r.LastParsed)
	for _, next := range []string{r.NextCreate, r.NextRunAfter} {
		if at, err := time.Parse(time.RFC3339, next); err == nil {
			d.NextRun = at
		}
	}
	return d, nil
}
