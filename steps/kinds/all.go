// Package kinds has the kinds of steps. A kind is one file, which says how it is
// recognized, what it asks, what it runs, and which facts it needs and leaves.
package kinds

import (
	"time"

	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/after"
	"catalog-runbook/steps/kinds/dags"
	"catalog-runbook/steps/kinds/database"
	"catalog-runbook/steps/kinds/which"
)

// All returns all kinds, sorted by name.
func All() []*steps.Kind {
	return []*steps.Kind{bump, after.BumpLanded, dags.On, dags.Synced, idleDAGs, imageTag, manual, database.Migration, planAndApply, database.Access, dags.PullRequest, release, after.ServiceBack, which.Deployment}
}

// soonIf is what Check.Again returns if asking again soon may give another answer.
func soonIf(again bool) time.Duration {
	if again {
		return 5 * time.Second
	}
	return 0
}
