package practice

import (
	"time"

	"catalog-runbook/steps/practice/state"
)

// The DAGs whose runs block the deployment in busy-dags.
const (
	runningDAG = "metropolitan_museum_reingestion_workflow"
	queuedDAG  = "add_license_url" // paused
)

// The DAGs of refresh-waits.
const (
	waitingDAG  = "image_data_refresh"
	consumerDAG = "recreate_image_popularity_calculation" // started by assets
)

const databaseFile = "environments/prod/catalog-db.tf"

// Scenarios returns all scenarios, the simplest first. The caller owns the slice.
//
// To add a scenario, add it here; nothing else needs to change.
func Scenarios() []Scenario {
	return []Scenario{
		{
			Name:  "calm",
			Title: "all goes well",
			Story: "A draft of release v1.5.4 waits to be published. Some seconds after you publish it, " +
				"its workflow run and its image are there. No DAG is active, and the plan replaces the Catalog's instance and nothing else.",
			teaches: "each step of a deployment, and what is checked before and after it",
		},
		{
			Name:  "busy-dags",
			Title: "DAG runs are in the way",
			Story: "Two DAG runs are active when you want to deploy. One ends by itself after half a minute; " +
				"the other is queued in a paused DAG and would wait for ever, so somebody has to end it in Airflow.",
			teaches: "waiting for a run that ends, and telling it from one that never will",
			runs: []run{
				{dag: runningDAG, running: true, age: 3 * time.Hour},
				{dag: queuedDAG, age: 26 * time.Hour},
			},
			elsewhere: []possibility{failRun{runningDAG}, failRun{queuedDAG}},
		},
		{
			Name:  "database-destroy",
			Title: "the plan would destroy the database",
			Story: "The release and its image are fine. But somebody removed the database from the configuration, " +
				"so the plan would destroy it besides replacing the instance. It must not be applied before that is reverted.",
			teaches:   "refusing a plan that destroys data, and where to look for the reason",
			removed:   removal{databaseFile, "Tidy up: drop the unused database module"},
			elsewhere: []possibility{restoreFile{"database"}},
		},
		{
			Name:  "plan-changed",
			Title: "somebody changes the infrastructure after you have read the plan",
			Story: "The plan is fine when you read it. Then, before you apply it, a colleague replaces the same instance from another machine (W plays the colleague), " +
				"so Terraform refuses your saved plan as stale and changes nothing: make the plan again, read it and apply that one.",
			teaches:   "what a stale plan is, and that nothing was changed by it",
			elsewhere: []possibility{replaceInstance{}},
		},
		{
			Name:  "apply-flags",
			Title: "the recipe takes no saved plan",
			Story: "The apply recipe passes a flag of its own, so Terraform would take no saved plan from it, and the settings say that it asks. " +
				"The plan that it prints is compared with the one that you have read before its question is answered: yes, or no if a colleague was quicker.",
			teaches:    "how an apply that asks is held to the plan that was read",
			applyFlags: "-lock-timeout=60s",
			elsewhere:  []possibility{replaceInstance{}},
		},
		{
			Name:  "runs-due",
			Title: "runs are about to start",
			Story: "No DAG run is active, but the next runs of two DAGs are due within a minute, and the deployment would cut them off. " +
				"Pause these DAGs until it is over (P); at its end you are asked to unpause them, which starts their runs.",
			teaches: "pausing DAGs for as long as a deployment takes, and what unpausing them starts",
			schedules: []state.Schedule{
				{DAG: "europeana_workflow", In: 50 * time.Second, Every: 2 * time.Minute, Lasts: 20 * time.Second},
				{DAG: "flickr_workflow", In: 55 * time.Second, Every: 2 * time.Minute, Lasts: 20 * time.Second},
			},
		},
		{
			Name:  "refresh-waits",
			Title: "a run may go on, and an event may start another",
			Story: "The run of image_data_refresh only waits in a sensor, and the settings allow that ([airflow] may_wait), so it is in nobody's way. " +
				"But an event of an asset waits for recreate_image_popularity_calculation, which may begin at any moment: pause this DAG (P), or clear the event in Airflow (W).",
			teaches:   "which run may go on, and that a DAG without a schedule can be about to start",
			runs:      []run{{dag: waitingDAG, running: true, age: 5 * time.Hour, waits: "deferred", lasts: 12 * time.Hour}},
			events:    []string{consumerDAG},
			elsewhere: []possibility{clearEvents{consumerDAG}, failRun{waitingDAG}},
		},
	}
}
