package practice

import (
	"fmt"
	"strings"
)

// Scenario is one story that a practice world can tell.
type Scenario struct {
	Name  string // what a person types: "busy-dags"
	Title string // a few words, without a final period
	Story string // two or three sentences

	busy         bool // two DAG runs are active at the start
	withoutDBDef bool // the checkout no longer describes the database
}

// Scenarios lists all scenarios, the simplest first. The slice is the caller's.
func Scenarios() []Scenario {
	return []Scenario{
		{
			Name:  "calm",
			Title: "all goes well",
			Story: "A draft of release v1.5.4 waits to be published. Some seconds after you publish it, " +
				"its workflow run and its image are there. No DAG is active, and the plan replaces the Catalog's instance and nothing else.",
		},
		{
			Name:  "busy-dags",
			Title: "DAG runs are in the way",
			Story: "Two DAG runs are active when you want to deploy. One ends by itself after half a minute; " +
				"the other is queued in a paused DAG and would wait for ever, so somebody has to end it in Airflow.",
			busy: true,
		},
		{
			Name:  "database-destroy",
			Title: "the plan would destroy the database",
			Story: "The release and its image are fine. But somebody removed the database from the configuration, " +
				"so the plan would destroy it besides replacing the instance. It must not be applied before that is reverted.",
			withoutDBDef: true,
		},
	}
}

func findScenario(name string) (Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("starting the practice world: there is no scenario %q; hint: choose one of %s", name, strings.Join(names, ", "))
}
