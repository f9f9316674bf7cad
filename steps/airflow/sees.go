package airflow

import "context"

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
