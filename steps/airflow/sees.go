package airflow

import "context"

// Sees returns how many DAGs the account sees, at least Options.ExpectedDAGs, and
// two where nobody has said how many there are. Where it sees fewer, the error is a
// *transport.Problem about credentials that says how many; every other is one as
// well. It sends two requests at most, and what signing
// in costs.
func (c *Client) Sees(ctx context.Context) (dags int, err error) {
	version, doubt, err := c.discover(ctx)
	if err != nil {
		return 0, err
	}
	seen, _, err := c.visible(ctx, version, true)
	if err != nil {
		return 0, explain(doubt, err)
	}
	c.settle(version)
	return seen.dags, nil
}
