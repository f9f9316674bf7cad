package airflow

import (
	"context"
	"net/http"
	"net/url"

	"catalog-runbook/steps/transport"
)

// slots are those of all pools. Unlike the lists of runs, the pools count the task
// instances of all DAGs, whoever asks. They leave out those that wait for a retry, a
// reschedule or a person.
type slots struct {
	used     int // by those that run or are about to; -1 if the account may not ask
	deferred int // by deferred ones, which Airflow counts since 2.7
}

// less returns how many slots are left without others, which may not have been counted.
func (s slots) less(others slots) int {
	if s.used < 0 {
		return s.used
	}
	return max(0, s.used-others.used) + max(0, s.deferred-others.deferred)
}

// slots counts the slots that task instances use or wait for.
//
// It returns -1 used for an account that may not see the pools, if Options say how many DAGs
// there are; otherwise that is an error, because nothing then tells of DAGs that the
// account doesn't see.
func (c *Client) slots(ctx context.Context, version int) (sum slots, err error) {
	var list struct {
		Pools *[]struct {
			Running   *int `json:"running_slots"`
			Queued    *int `json:"queued_slots"`
			Scheduled int  `json:"scheduled_slots"`
			Deferred  int  `json:"deferred_slots"` // since 2.7
		} `json:"pools"`
	}
	err = c.ask(ctx, version, "/pools", url.Values{"limit": {c.limit()}}, &list)
	cause, _ := transport.CauseOf(err)
	switch forbidden := cause == transport.Credentials && transport.StatusOf(err) == http.StatusForbidden; {
	case forbidden && !c.unsaid:
		return slots{used: -1}, nil
	case forbidden:
		return slots{}, TooFewDAGs{&transport.Problem{Cause: transport.Credentials, Status: http.StatusForbidden,
			Text: "this account can't see Airflow's pools (403) or how many DAGs there are, so it can't tell whether a DAG that it doesn't see is running",
			Hint: "set expected_dags under [airflow], or use an account that can see the pools: the role Viewer, or Op on Airflow 2.5"}}
	case err != nil:
		return slots{}, err
	case list.Pools == nil:
		return slots{}, broken("listed no pools")
	}
	for _, p := range *list.Pools {
		if p.Running == nil || p.Queued == nil {
			return slots{}, broken("listed a pool without the slots in use")
		}
		sum.used += *p.Running + *p.Queued + p.Scheduled
		sum.deferred += p.Deferred
	}
	return sum, nil
}
