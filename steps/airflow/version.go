package airflow

import (
	"context"
	"errors"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// discover returns the server's major version. A server that isn't Airflow 3 is
// presumed to be Airflow 2, which saves a request: the next answer shows whether it
// is, and doubt says what it answered instead of its version. After an err nothing
// more need be asked.
func (c *Client) discover(ctx context.Context) (version int, doubt *transport.Problem, err error) {
	if version := c.known(); version != 0 {
		return version, nil, nil
	}
	named, doubt, err := c.probe(ctx)
	switch {
	case err != nil:
		return 0, nil, err
	case named != "":
		return 3, nil, nil
	}
	return 2, doubt, nil
}

// probe asks for the version where only Airflow 3 tells it, to everybody. Without one,
// doubt says what the server answered; after an err nothing more need be asked.
func (c *Client) probe(ctx context.Context) (version string, doubt *transport.Problem, err error) {
	var answer struct {
		Version string `json:"version"`
	}
	err = c.get(ctx, api(3)+"/version", nil, &answer)
	switch doubt = broken("didn't report its version"); {
	case err == nil && answer.Version != "":
		c.settle(3)
		return answer.Version, nil, nil
	case err != nil && !errors.As(err, &doubt):
		return "", nil, err
	}
	switch doubt.Cause {
	case transport.Unreachable, transport.Cancelled, transport.RateLimited:
		return "", nil, doubt
	}
	return "", doubt, nil
}

// identify asks for the server's version where both lines tell it to everybody,
// and keeps it. It sends one request to Airflow 3 and two to Airflow 2.
func (c *Client) identify(ctx context.Context) (major int, version clean.Text, err error) {
	named, doubt, err := c.probe(ctx)
	if err != nil || named != "" {
		return 3, clean.Line(named), err
	}
	var answer struct {
		Version string `json:"version"`
	}
	if err = c.get(ctx, api(2)+"/version", nil, &answer); err != nil {
		return 0, clean.Text{}, explain(doubt, err)
	}
	if answer.Version == "" {
		return 0, clean.Text{}, broken("didn't report its version")
	}
	c.settle(2)
	return 2, clean.Line(answer.Version), nil
}

// Version returns the server's version, such as "2.11.2". It needs no account. Every
// error is a *transport.Problem. It sends two requests at most.
func (c *Client) Version(ctx context.Context) (clean.Text, error) {
	_, version, err := c.identify(ctx)
	return version, err
}

// with does something that depends on the version. Unlike discover it makes sure of the
// version first, because even a real server may lack what it asks for. It does it
// twice if the server turns out to have been upgraded.
func (c *Client) with(ctx context.Context, do func(version int) error) error {
	version := c.known()
	remembered := version != 0
	if !remembered {
		var err error
		if version, _, err = c.identify(ctx); err != nil {
			return err
		}
	}
	err := do(version)
	if cause, _ := transport.CauseOf(err); err == nil || cause != transport.NotFound || !remembered {
		return err
	}
	now, _, again := c.identify(ctx)
	switch {
	case again != nil:
		return again
	case now == version:
		return err
	}
	return do(now)
}

// known returns the major version, 0 if it isn't known yet.
func (c *Client) known() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

// settle keeps a version that an answer has confirmed; 0 forgets it.
func (c *Client) settle(version int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version = version
}

// explain picks the more helpful problem of what a server answered at the path of
// Airflow 3 and then at that of Airflow 2.
func explain(doubt *transport.Problem, err error) error {
	cause, _ := transport.CauseOf(err)
	switch {
	case doubt == nil, errors.As(err, new(wrongPath)):
		return err
	case doubt.Cause == transport.NotFound && cause == transport.NotFound:
		return &transport.Problem{Cause: transport.NotFound, Status: doubt.Status,
			Text: "no Airflow 2 or 3 API at this address",
			Hint: "correct Airflow's address in the settings; it ends before /api"}
	case doubt.Cause == transport.NotFound, cause == transport.Cancelled, cause == transport.Unreachable:
		return err
	default:
		return doubt
	}
}
