package airflow

import (
	"context"
	"strings"

	"catalog-runbook/runbook/clean"
)

// ImportError is a file of DAGs that Airflow couldn't read. The DAGs of its earlier
// version still exist: Airflow 2 keeps running them as they were, Airflow 3 doesn't run
// them.
type ImportError struct {
	File   clean.Text // as Airflow names it: a full path on Airflow 2, one within the bundle on 3
	Reason clean.Text // the last line of the stack trace
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
			out = append(out, ImportError{File: clean.Line(r.File), Reason: clean.Line(trace[strings.LastIndexByte(trace, '\n')+1:])})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
