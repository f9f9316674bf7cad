package airflow

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// ImportError is a file of DAGs that Airflow couldn't read. The DAGs of its earlier
// version still exist: Airflow 2 keeps running them as they were, Airflow 3 doesn't run
// them.
type ImportError struct {
	File   clean.Text // as Airflow names it: a full path on Airflow 2, one within the bundle on 3
	Reason clean.Text // the last line of the stack trace
	At     time.Time  // when Airflow tried last; zero if it doesn't say
}

// ImportErrors lists all files that Airflow couldn't read. It returns none only if the
// account is known to see at least Options.ExpectedDAGs DAGs, because Airflow shows an
// account only the files whose DAGs it may read. Every error is a *transport.Problem
// and means that the list isn't known.
//
// Airflow reads a changed file again after an interval, 30 seconds by default and far
// more for new files: until then its error is the previous one, or none. Compare
// DAG.LastParsed.
func (c *Client) ImportErrors(ctx context.Context) (out []ImportError, err error) {
	type row struct {
		File  string `json:"filename"`
		Trace string `json:"stack_trace"`
		At    string `json:"timestamp"`
	}
	err = c.with(ctx, func(version int) error {
		rows, err := list[row](ctx, c, version, "/importErrors", "import_errors", nil)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.File == "" {
				return broken("listed an import error without its file")
			}
			trace := strings.TrimSpace(r.Trace)
			at, _ := time.Parse(time.RFC3339, r.At)
			out = append(out, ImportError{File: clean.Line(r.File), Reason: clean.Line(trace[strings.LastIndexByte(trace, '\n')+1:]), At: at})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Source returns Airflow's own copy of the source of a DAG's file, as its latest parse
// without an error has stored it: a file that is broken now still has its earlier text. It
// is not clean. Airflow 2 has one copy for each file, Airflow 3 one for each DAG. Every
// error is a *transport.Problem. Only an account that may read the code of the DAG is
// answered. Source sends one request.
func (c *Client) Source(ctx context.Context, d DAG) (text string, err error) {
	id := d.ID.String()
	if !validID(id) {
		return "", &transport.Problem{Cause: transport.Refused, Text: clean.Linef("%q is not a valid DAG name", id).String()}
	}
	err = c.with(ctx, func(version int) error {
		path := "/dagSources/" + url.PathEscape(id)
		if version == 2 {
			if d.token == "" {
				return broken("doesn't name the file of %s", id)
			}
			path = "/dagSources/" + url.PathEscape(d.token)
		}
		var answer struct {
			Content *string `json:"content"`
		}
		if err := c.ask(ctx, version, path, nil, &answer); err != nil {
			return err
		}
		if answer.Content == nil {
			return broken("returned no source for %s", id)
		}
		text = *answer.Content
		return nil
	})
	cause, _ := transport.CauseOf(err)
	if cause == transport.Credentials && transport.StatusOf(err) == http.StatusForbidden && !errors.As(err, new(tokenRefused)) {
		return "", &transport.Problem{Cause: transport.Credentials, Status: http.StatusForbidden,
			Text: clean.Linef("%s returned 403: this account can't see the source of %s", service, id).String(),
			Hint: "use an account that can read DAG Code, such as one with the role Viewer"}
	}
	return text, err
}
