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

// newDAG is the DAG that pull requests add.
const newDAG = "rijksmuseum_workflow"

const databaseFile = "environments/prod/catalog-db.tf"

// Scenarios returns all scenarios, the simplest first and the rare ones last. The caller
// owns the slice.
//
// To add a scenario, add it here; nothing else needs to change.
func Scenarios() []Scenario {
	return []Scenario{
		{
			Name:  "calm",
			Title: "all goes well",
			Story: "A draft of release v1.5.4 waits to be published. A few seconds after you publish it, " +
				"its workflow run and its image are there. No DAG is active, and the plan replaces the Catalog's instance and nothing else.",
			teaches: "each step of a deployment, and what is checked before and after it",
		},
		{
			Name:  "busy-dags",
			Title: "DAG runs block the deployment",
			Story: "Two DAG runs are active when you want to deploy. One ends by itself after half a minute; " +
				"the other is queued in a paused DAG and would wait forever, so someone has to end it in Airflow.",
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
			Story: "The release and its image are fine. But someone removed the database from the configuration, " +
				"so the plan would destroy it besides replacing the instance. It must not be applied before that is reverted.",
			teaches:   "refusing a plan that destroys data, and where to look for the reason",
			removed:   removal{databaseFile, "Tidy up: drop the unused database module"},
			elsewhere: []possibility{restoreFile{"database"}},
		},
		{
			Name:  "plan-changed",
			Title: "someone changes the infrastructure after you have read the plan",
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
			Title: "a run may continue, and an event may start another",
			Story: "The run of image_data_refresh only waits in a sensor, and the settings allow that ([airflow] may_wait), so it doesn't block the deployment. " +
				"But an event of an asset waits for recreate_image_popularity_calculation, which may begin at any moment: pause this DAG (P), or clear the event in Airflow (W).",
			teaches:   "which run may continue, and that a DAG without a schedule can be about to start",
			runs:      []run{{dag: waitingDAG, running: true, age: 5 * time.Hour, waits: "deferred", lasts: 12 * time.Hour}},
			events:    []string{consumerDAG},
			elsewhere: []possibility{clearEvents{consumerDAG}, failRun{waitingDAG}},
		},
		{
			Name:  "dags-only",
			Title: "DAGs are deployed, but no service",
			Story: "A pull request changes a DAG and adds another. Merge it (W): a few seconds later the sync has brought it to Airflow, " +
				"which parses it. The new DAG is paused then; turn it on (P).",
			teaches:   "merging, waiting for the sync, and turning a new DAG on",
			pull:      state.Pull{Number: 1094, Title: "Add a workflow for a new provider", Files: []state.PullFile{{DAG: "europeana_workflow"}, {DAG: newDAG, New: true}}},
			elsewhere: []possibility{mergePull{}},
		},
		{
			Name:  "broken-dag",
			Title: "a deployed DAG can't be imported",
			Story: "The pull request looks fine, and Airflow can't import what it changes: it keeps the earlier text (Airflow 3 no longer runs the DAG). " +
				"A colleague repairs it with another commit (W), which is what Airflow has then.",
			teaches:   "seeing an import error, and that a later commit counts as well",
			pull:      state.Pull{Number: 1095, Title: "Use the new client for Europeana", Files: []state.PullFile{{DAG: "europeana_workflow", Broken: "ModuleNotFoundError: No module named 'europeana_client'"}}},
			elsewhere: []possibility{mergePull{}, repairPull{}},
		},
		{
			Name:  "dag-starts",
			Title: "a new DAG starts at once when it is turned on",
			Story: "The pull request adds a DAG with a schedule and catchup. As soon as it is turned on, it makes up for each day that it has missed: " +
				"read what starts before you turn it on (P), or accept with a reason that it stays paused.",
			teaches:   "what turning a DAG on starts",
			pull:      state.Pull{Number: 1096, Title: "Ingest a new provider every day", Files: []state.PullFile{{DAG: newDAG, New: true, Schedule: "@daily"}}},
			elsewhere: []possibility{mergePull{}},
		},
		{
			Name:  "not-back",
			Title: "the service doesn't come back",
			Story: "All goes well until the apply has ended, and then Airflow no longer answers: the new image doesn't start. " +
				"Give it the time that it usually takes (w), read what the run knows about the deployment, and how to go back to the version before.",
			teaches: "that an apply which ended well is not a deployment, and what to go back to",
			broken:  true,
		},
		{
			Name:  "migration",
			Title: "the database is migrated by hand",
			Story: "An index is to be added to a large table. Run the migration (W) and wait for it: the first attempt fails and leaves an index that is not valid. " +
				"Drop it and run the migration again, verify that the database has the index now, and tick the step to record who ran it.",
			teaches:   "proving a migration by what it leaves, and telling a valid index from what a failed attempt leaves",
			migration: true,
			elsewhere: []possibility{migrate{}},
		},
		{
			Name:  "rollback",
			Title: "back to the release before",
			Story: "v1.5.4 has run since yesterday and has to go: the walk goes back to v1.5.3, by the same steps and gates. " +
				"`just bump` would take the newest release, so you write the version yourself (W plays the editor), and the plan replaces the instance as always.",
			teaches:   "going back with the same care as forward, and what stays as the newer release left it",
			back:      true,
			elsewhere: []possibility{setBack{}},
		},
		rare("pre-release", "the release is a pre-release", "GitHub doesn't name it as the latest release, so it has to be accepted with a reason.",
			state.Release{Prerelease: true}),
		rare("two-builds", "one build is done, and another is still running", "The publication has started two runs, and the second may push the image again.",
			state.Release{Runs: []state.Run{{}, {After: time.Second, Lasts: 2 * time.Minute}}}),
		rare("built-before", "the build began before the publication", "A run that began an hour earlier proves nothing about this publication.",
			state.Release{Runs: []state.Run{{After: -time.Hour}}}),
		rare("approval", "the build waits for an approval", "A job of the build waits for a review; the link leads to it.",
			state.Release{Runs: []state.Run{{Waits: true}}}),
		rare("moved-tag", "the tag was moved", "The build ran for another commit than the tag is at now.",
			state.Release{Runs: []state.Run{{Commit: state.CommitOf("before the tag was moved")}}}),
		rare("skipped-job", "the job that publishes was skipped", "The build succeeded, but published nothing.",
			state.Release{Runs: []state.Run{{Withheld: "job"}}, Image: state.Image{Deleted: true}}),
		rare("skipped-push", "the steps that push were skipped", "The job that publishes succeeded, but none of its steps did anything.",
			state.Release{Runs: []state.Run{{Withheld: "steps"}}, Image: state.Image{Deleted: true}}),
		rare("unlisted-jobs", "GitHub doesn't list the jobs yet", "The build succeeded, and GitHub doesn't say yet which of its jobs ran.",
			state.Release{Runs: []state.Run{{Unlisted: true}}}),
		rare("other-workflow", "only another workflow ran", "The run of another workflow never stands in for the one that builds the image.",
			state.Release{Runs: []state.Run{{Workflow: "notes.yml"}}}),
		rare("tag-started", "the tag started the build", "The push of the tag started the build, not the release.",
			state.Release{Runs: []state.Run{{Event: "push"}}}),
		rare("workflow-token", "a workflow published the release", "What a workflow does with its own token starts no other one, so nothing was built.",
			state.Release{Unbuilt: true, Author: "github-actions[bot]", Image: state.Image{Deleted: true}}),
		rare("dropped-event", "GitHub lists no build", "Its event may have been dropped, or is late.",
			state.Release{Unbuilt: true, Image: state.Image{Deleted: true}}),
		rare("edited-notes", "the notes were edited later", "The edit has started a second run that skips everything; the first one published the image.",
			state.Release{Runs: []state.Run{{}, {After: 20 * time.Second, Conclusion: "skipped"}}}),
		rare("base-label", "the image has its base's label", "The label names a commit of apache/airflow; the tag of the commit ties the image to the release.",
			state.Release{Image: state.Image{Revision: airflowCommit}}),
		rare("untied-image", "nothing ties the image to its commit", "The label is the base image's, and no tag is named by the commit.",
			state.Release{Image: state.Image{Revision: airflowCommit, Untied: true}}),
		rare("wrong-provenance", "BuildKit built another commit", "The label names the release's commit, but the image's provenance names another one, which counts.",
			state.Release{Image: state.Image{Attested: state.CommitOf("v1.5.3")}}),
		rare("bare-tag", "the image's tag has no v", "The registry has 1.5.4 for the release v1.5.4, and the bump writes that.",
			state.Release{Image: state.Image{Tag: "1.5.4"}}),
		rare("deleted-image", "the image was deleted", "The build succeeded, but its image is gone.",
			state.Release{Image: state.Image{Deleted: true}}),
		rare("private-image", "the package is private", "The registry shows it only to those who are signed in.",
			state.Release{Image: state.Image{Hidden: true}}),
		{
			Name: "old-release", Title: "GitHub no longer has the runs of an old release", Rare: true,
			Story:   "v1.5.2 was published more than 400 days ago, so its runs are gone. Choose it for a rollback: how its build ended is no longer recorded anywhere.",
			teaches: teachesStates, older: 400 * 24 * time.Hour,
		},
	}
}

// airflowCommit is the commit that images of apache/airflow 2.10.5 name in their label.
const airflowCommit = "223b0a4b61a44a83895371b2c9a3a5cafa5df8ea"

const teachesStates = "what the first two steps say about one state of a release or its image"

// rare is a scenario of one state of the release or its image.
func rare(name, title, story string, draft state.Release) Scenario {
	return Scenario{Name: name, Title: title, Story: "Publish the release. " + story, Rare: true, teaches: teachesStates, draft: draft}
}
