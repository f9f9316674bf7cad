package practice

import (
	"fmt"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/practice/state"
)

// A Scenario describes what happens in a practice world. It is only data. The zero value
// of a field means that nothing unusual happens.
type Scenario struct {
	Name  string // what a person types: "busy-dags"
	Title string // a few words, without a final period
	Story string // two or three sentences
	// Rare says that it practices one state of a release or its image, for those who look
	// for that.
	Rare bool

	teaches    string           // what a person has learned afterwards
	runs       []run            // the DAG runs that are active at the start
	schedules  []state.Schedule // that start runs
	events     []string         // the DAGs for which an event of an asset waits
	removed    removal          // a file that is missing in the checkout
	applyFlags string           // flags that the apply recipe passes to Terraform, so that it takes no saved plan
	back       bool             // the newest release is deployed, and the walk goes back to the one before
	build      state.Build      // the timing of the draft's build after it is published
	draft      state.Release    // how the draft is otherwise than usual; only what the scenario sets
	pull       state.Pull       // the pull request that changes DAGs
	broken     bool             // the draft's image doesn't start
	migration  bool             // the database is migrated, and nothing is deployed
	older      time.Duration    // how much older the oldest release is
	elsewhere  []possibility    // what a person can do besides publishing the draft, in this order
}

// A run is a DAG run that is active when the world starts.
type run struct {
	dag     string
	running bool          // otherwise queued, which never ends in a paused DAG
	age     time.Duration // since its logical date
	waits   string        // the state in which it only waits, which the settings allow; "" if it works
	lasts   time.Duration // how long it runs after a query first showed it; 0 for half a minute
}

// A removal is a commit on main of the checkout that removed a file.
type removal struct{ file, subject string }

// FindScenario returns the scenario with a name. The error for an unknown name says which one
// may be meant.
func FindScenario(name string) (Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	err := fmt.Errorf("there is no scenario %q", clean.Line(name))
	const list = "`catalog-runbook practice --list` lists them"
	if near := say.Near(name, names); near != "" {
		return Scenario{}, say.Hint(err, "did you mean %s? %s", near, list)
	}
	return Scenario{}, say.Hint(err, "%s", list)
}
