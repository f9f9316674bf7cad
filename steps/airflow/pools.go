package airflow

import (
	"context"
	"net/http"
	"net/url"

	"catalog-runbook/steps/transport"
)

// slots counts the slots of all pools that task instances use or wait for. Unlike the
// lists of runs, the pools count the task instances of all DAGs, whoever asks. They
// leave out those that wait for a retry, a reschedule or a person.
//
// It returns -1 for an account that may not see the pools, if Options say how many DAGs
// there are; otherwise that is an error, because nothing then tells of DAGs that the
// account doesn't see.
func (c *Client) slots(ctx context.Context, version int) (int, error) {
	var list struct {
		Pools *[]struct {
			Running   *int `json:"running_slots"`
			Queued    *int `json:"queued_slots"`
			Scheduled int  `json:"scheduled_slots"`
			Deferred  int  `json:"deferred_slots"` // since 2.7
		} `json:"pools"`
	}
	err := c.ask(ctx, version, "/pools", url.Values{"limit": {c.limit()}}, &list)
	cause, _ := transport.CauseOf(err)
	switch forbidden := cause == transport.Credentials && transport.StatusOf(err) == http.StatusForbidden; {
	case forbidden && !c.unsaid:
		return -1, nil
	case forbidden:
		return 0, TooFewDAGs{&transport.Problem{Cause: transport.Credentials, Status: http.StatusForbidden,
			Text: "the account may not see Airflow's pools (403), and how many DAGs there are isn't known, so it can't tell whether one that it doesn't see is running",
			Hint: "set expected_dags under [airflow], or use an account that may see the pools: the role Viewer, or Op on Airflow 2.5"}}
	case err != nil:
		return 0, err
	case list.Pools == nil:
		return 0, broken("listed no pools")
	}
	sum := 0
	for _, p := range *list.Pools {
		if p.Running == nil || p.Queued == nil {
			return 0, broken("listed a pool without the slots in use")
		}
		sum += *p.Running + *p.Queued + p.Scheduled + p.Deferred
	}
	return sum, nil
}
