// Package kinds holds what the steps of a runbook can mean. A kind is one file: it
// says by what it is recognised, what it asks, what it runs, and which facts it
// needs and leaves.
package kinds

import "catalog-runbook/steps"

// All returns all kinds, sorted by name.
func All() []*steps.Kind {
	return []*steps.Kind{bump, idleDAGs, imageTag, manual, planAndApply, release}
}
