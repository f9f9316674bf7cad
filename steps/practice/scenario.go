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
	colleague    bool // somebody else may replace the instance at any time
	ownFlags     bool // the apply recipe passes a flag of its own to Terraform
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
		{
			Name:  "plan-changed",
			Title: "somebody changes the infrastructure after you have read the plan",
			Story: "The plan is fine when you read it. Then, before you apply it, a colleague replaces the same instance from another machine (W plays the colleague), " +
				"so Terraform refuses your saved plan as stale and changes nothing: make the plan again, read it and apply that one.",
			colleague: true,
		},
		{
			Name:  "apply-flags",
			Title: "the recipe takes no saved plan",
			Story: "The apply recipe passes a flag of its own, so Terraform would take no saved plan from it, and the settings say that it asks. " +
				"The plan that it prints is compared with the one that you have read before its question is answered: yes, or no if a colleague was quicker.",
			colleague: true,
			ownFlags:  true,
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
