package kinds_test

import (
	"strings"
	"testing"

	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// around is a document with all that a sentence could be bound with: only its own words
// keep it from being bound.
const around = `# Deploying the ferry

Airflow: <https://airflow.harbour.example>. Releases: <https://github.com/harbour/ferry/releases>.
Image: <https://github.com/harbour/ferry/pkgs/container/ferry>.

1. `

// links are what {releases}, {image} and {dags} stand for in a sentence.
var links = strings.NewReplacer(
	"{releases}", "https://github.com/harbour/ferry/releases",
	"{image}", "https://github.com/harbour/ferry/pkgs/container/ferry",
	"{dags}", "https://airflow.harbour.example/dagrun/list/?_flt_3_state=running",
)

// right are sentences that ask for what a kind does, and for nothing else.
var right = map[string][]string{
	"release": {
		"Create a new GitHub release with the next version.",
		"Publish the release on GitHub.",
		"Issue a new release.",
		"Create the GitHub release for the new version.",
		"Cut a GitHub release with the next tag.",
		"Draft a release, fill in the notes, and publish it.",
		"Release a new version of the ferry on GitHub.",
		"First, publish the release in GitHub.",
		"Go ahead and publish the release.",
		"Visit [the releases page]({releases}), draft a new release and publish it.",
		"Create a new release for the ferry on GitHub.",
		"Cut a new release on GitHub.",
		"Cut the release.",
		"Create a GitHub release.",
		"Publish the draft release.",
		"Draft and publish a new release.",
		"Make a new release of the ferry.",
		"Please publish the drafted release on the releases page.",
		"Once the pull request is merged, cut a release.",
		"Then tag a new release from main.",
		"On GitHub, publish the next release.",
		"Cut a release and wait for its workflow to finish.",
		"Publish the ferry's new release before you deploy.",
		"Create the new ferry release in the repository.",
		"[Cut a new release]({releases}).",
		"Go to [the releases]({releases}) and publish the draft.",
		"Press the button on [the releases]({releases}).",
		"On [the releases page]({releases}), create a release for the version that goes out.",
		"[Publish the release that the bot has drafted]({releases}?q=ferry-).",
		"Draft the new release on [GitHub]({releases}) and publish it.",
		"**Release:** publish the new release on [GitHub]({releases}).",
	},
	"image-tag": {
		"Wait until the new Docker image has been published to the registry.",
		"Ensure that the Docker image with the release's tag exists on ghcr.io.",
		"Verify on [the package page]({image}) that the release's tag has been pushed.",
		"Wait for the image to show up in the registry.",
		"See that [the image](https://ghcr.io/harbour/ferry) was pushed.",
		"Check [the list of the image's tags]({image}).",
		"Check that the new image exists in the registry.",
		"Make sure the Docker tag of the release exists on ghcr.io.",
		"Wait until the image has been pushed.",
		"Verify that the image for the new release is in the container registry.",
		"Wait for the new image to appear on GHCR.",
		"Wait for the Docker image to be built and pushed.",
		"Make sure that the docker image has been published with the new tag.",
		"After a few minutes, check that the image is in the registry.",
		"Once the build has finished, check that the image tag is there.",
		"Confirm that the registry has the image of the release.",
		"Ensure the image of the release has been published to ghcr.io.",
		"Look for the release's tag in the registry.",
		"See that the ferry image is available on GitHub Packages.",
		"After the release workflow has run, verify that the new Docker tag exists.",
		"Check the registry for the new tag.",
		"Check whether the container image has been built.",
		"See that the image of the release is in [the registry]({image}).",
		"After the workflow has ended, [check that the tag exists]({image}).",
		"Look on [the package's page]({image}) for a tag like the release's name.",
	},
	"pull-request": {
		"Merge the pull request.",
		"Merge the PR into `main`.",
		"Merge the approved pull request into main.",
		"Make sure that the PR has been merged into `main`.",
		"The only precursor to a DAG deployment is merging the relevant PR into `main`.",
		"To deploy a DAG, merge your pull request.",
		"Merge your PR into main once it is approved.",
		"Get the relevant PR merged into the main branch.",
	},
	"dags-synced": {
		"Wait until Airflow has the new DAGs.",
		"Wait for the DAGs to be synced.",
		"Check that the DAGs have been updated in Airflow.",
		"Make sure the changed DAGs are synced to Airflow without import errors.",
		"The `dag-sync.sh` script is used in production to regularly update the repository (and thus the DAG files).",
		"The cron job periodically pulls the repository on the server.",
		"Ensure that Airflow has picked up the changed DAGs.",
	},
	"dags-on": {
		"Turn on the new DAGs.",
		"Enable any new DAGs in Airflow.",
		"Unpause the new DAG once it is deployed.",
		"New DAGs are not automatically enabled and will need to be turned on once deployed.",
		"New DAGs must be enabled manually after the deployment.",
		"Turn every new DAG on in the Airflow UI.",
		"If there are new DAGs, turn them on.",
	},
	"idle-dags": {
		"Wait until [Airflow]({dags}) has no active DAGs.",
		"Check that [the list]({dags}) is empty.",
		"See that no DAGs are still running.",
		"Confirm that there are no active DAG runs at the moment.",
		"Make sure [there are no running DAG runs]({dags}) before continuing.",
		"Double-check that no DAG runs are queued.",
		"Ensure that there are no running DAGs.",
		"Check that no DAGs are running in Airflow.",
		"Make sure no DAG is currently running.",
		"Verify that there are no actively running DAGs in production.",
		"Wait until no DAGs are running any more.",
		"Wait for all running DAGs to finish.",
		"Wait until all DAG runs have finished.",
		"Check for running DAGs.",
		"Confirm that Airflow lists no running DAG runs.",
		"No DAGs may be running.",
		"There must be no active DAG runs.",
		"Check whether any DAGs are running.",
		"Confirm no DAGs are running before proceeding.",
		"Wait until there are no running DAGs.",
		"Log in to Airflow and make sure no DAGs are running.",
		"If any DAGs are running, wait for them to finish.",
		"Please make sure that no DAGs are active before you deploy. If there are any, wait for them to finish.",
		"Check the running DAGs in Airflow to make sure no DAGs are running.",
		"Make certain there are no DAG runs that are still in progress.",
		"Ensure that there are [no running DAGs]({dags}).",
		"Check [the running DAGs]({dags}) to make sure none is left.",
		"Wait until [this list]({dags}) is empty.",
	},
	"postgres-access": {
		"Make sure that you can connect to the database through the jump host.",
		"Check that you can reach the production database.",
		"Verify that the database is reachable through the tunnel.",
		"Connect to the ferry's database through the jumphost.",
	},
	"migration": {
		"Run the database migrations.",
		"Apply any pending migrations to the ferry database by hand.",
		"Run the migration manually.",
		"Run the migrations against the ferry database.",
		"Migrate the database by hand.",
		"Run the new schema migration.",
	},
	"bump": {
		"Execute `just bump prod ferry` in the infrastructure checkout.",
		"Increase the ferry's version in the infrastructure repository.",
		"Raise the version of the ferry in the infrastructure repository to that of the release.",
		"Update the ferry version in the infrastructure repo.",
		"Bump the version in the infrastructure repository.",
		"In the infrastructure repository, raise the version of the ferry.",
		"Raise the deployed version in our infra repo to the new release.",
		"Set the image version in the infrastructure to the release's tag.",
		"Run `just bump prod ferry`.",
		"Raise the version in the infrastructure repository by running `just bump prod ferry`",
		"Check out the infrastructure repository and bump the version with the `just bump prod ferry` command.",
		"`just bump prod ferry`, which commits nothing",
		"Now type `$ just bump prod ferry` and look at the difference.",
		"Run `just bump prod ferry`. If that fails, ask the infrastructure team.",
		"From the root of the infrastructure repository, execute `just bump prod ferry`.",
		"Once it runs on staging, run `just bump prod ferry`.",
		"Bump production (`just bump prod ferry`).",
		"**Bump the version:** `just bump prod ferry`",
		"**Maintainers only:** run `just bump prod ferry`.",
		"Set the image's tag with `just bump prod ferry`.",
		"Pull the infrastructure repository and run `just bump prod ferry`.",
		"Raise the ferry's version in the infrastructure repository: run `just bump prod ferry`.",
		"Bump the version:\n   ```sh\n   just bump prod ferry\n   ```",
		"The version goes up here.\n\n   Run `just bump prod ferry`.",
	},
	"plan-and-apply": {
		"Make the plan, read it, and deploy:\n   ```sh\n   just plan prod ferry\n   just apply prod ferry\n   ```",
		"Plan, read, deploy:\n   ```sh\n   just plan prod ferry\n   just apply prod ferry\n   ```",
		"Generate the plan (`just plan prod ferry`), let a second person read it, then execute `just apply prod ferry`.",
		"Make a plan, check it, and apply it.",
		"`just plan prod ferry` → `just apply prod ferry`",
		"Run `just plan prod ferry`. If the plan looks correct, run `just apply prod ferry`.",
		"Make a plan and apply it if it looks correct.",
		"Plan the deployment, and then apply it.",
		"Make a Terraform plan, read it, and apply it once it looks right.",
		"Plan, read the plan, and apply.",
		"Create a plan in the infrastructure repository and, if it looks good, apply it.",
		"Run a plan, review it carefully, and then apply the plan.",
		"Plan the changes and apply them if the plan is fine.",
		"Run `just plan prod ferry`, read it, and run `just apply prod ferry`.",
		"Deploy: `just plan prod ferry` and, if it is right, `just apply prod ferry`",
		"Initiate the rollout via `just plan prod ferry` (and then `just apply prod ferry` once the plan looks correct).",
		"Begin with `just plan prod ferry`; go on with `just apply prod ferry` when two people have read the plan.",
		"Roll out the release with `just plan prod ferry` followed by `just apply prod ferry`.",
		"Type `just plan prod ferry`, read what it prints to its end, type `just apply prod ferry`.",
		"Run `just plan prod ferry`; read it; run `just apply prod ferry`. If the apply fails, tell the channel.",
		"Run `just plan prod ferry` and, once somebody else has read the plan, `just apply prod ferry`.",
		"Roll the release out with `just plan prod ferry` and `just apply prod ferry`.",
		"In the infrastructure repository, run `just plan prod ferry`, and `just apply prod ferry` if the plan shows the new image alone.",
	},
}

// wrong are sentences that only mention what a kind is about: a step with one of them is
// done by hand.
var wrong = []string{
	// what others do, or have done
	"The release is cut by a bot every Monday.",
	"A new image is pushed to the registry whenever a release is published.",
	"The release was published yesterday.",
	"When a release is created, the workflow builds the image and tags it.",
	"CI checks that the image exists in the registry.",
	"The scheduler makes sure that no DAGs are running.",
	"Our bot bumps the version in the infrastructure repository.",
	"Somebody else plans, and the operator applies.",
	"The plan is made in CI and applied by Atlantis.",
	"Last time no DAGs were running, and it still took an hour.",
	// about pull requests, the sync and new DAGs
	"Don't merge the pull request before the review.",
	"Once the pull request is merged, tell the team.",
	"Merge the pull request and delete its branch.",
	"Merge the changelog pull request.",
	"The pull request is merged by a bot.",
	"Merge main into your branch.",
	"If the pull request has been merged, revert it.",
	"Merge the pull request of the infrastructure repository.",
	"Merge the pull request into `staging-2`, deploy it, and merge it into main.",
	"Stop the script that updates the DAGs.",
	"The script is used in staging to regularly update the repository (and thus the DAG files).",
	"Wait until the DAGs are no longer synced.",
	"Make sure the DAG files are not updated during the deployment.",
	"Update the DAGs on the server by hand.",
	"New DAGs are not automatically enabled.",
	"New DAGs are turned on by the scheduler.",
	"Don't turn on new DAGs during the deployment.",
	"Turn off the new DAGs.",
	"Turn on the DAGs that you paused.",
	"Turn on the new DAGs in staging.",
	"If a new DAG fails, turn it off.",
	// to do something as soon as, before, or if
	"As soon as no DAGs are running any more, flip the switch.",
	"Once the image exists in the registry, restart the scheduler.",
	"When there are no running DAGs, scale the workers down to zero.",
	"Before you cut a new release, tell the channel.",
	"After the release has been published, close the milestone.",
	"If no DAGs are running, skip this step.",
	"Unless the image has been pushed, ask the infrastructure team.",
	"As soon as the plan has been applied, make a plan for the holidays.",
	"Wait until the release is cut, then delete the branch.",
	"Once the registry has the image, then edit `values.yaml`.",
	// something else than the thing
	"Create the release branch.",
	"Create a release ticket.",
	"Publish the release notes.",
	"Draft an announcement of the release.",
	"Tag the release manager in the thread.",
	"Cut a release candidate.",
	"Make a release plan and share it.",
	"Publish a short post about the release in the forum.",
	"Create a release in Sentry.",
	"Cut a release of the chart.",
	"Check that the base image is up to date.",
	"Make sure the image of the banner exists in the media library.",
	"Check that the image for the blog post has been published.",
	"Verify that the previous image still exists in the registry.",
	"Check that the latest tag exists in the registry.",
	"Ensure that no DAGs are paused.",
	"Ensure that there are no running DAGs in staging.",
	"Check that the flickr DAG is not running.",
	"Make sure that no DAG has import errors while others are running.",
	"Update the Terraform version in the infrastructure repository.",
	"Update the version of Airflow in the infrastructure repository.",
	"Bump the version in the infrastructure repository's README.",
	"Plan the outage and apply for a maintenance window.",
	"Make a plan for the migration and apply the new schema.",
	"Plan the changes.",
	// that, and something else
	"Cut a new release and tell the channel.",
	"Check that the image exists in the registry and delete the old one.",
	"Make sure no DAGs are running, then pause them all.",
	"Update the version in the infrastructure repo and open a pull request.",
	"Publish the release. Then merge the changelog's pull request.",
	"Put the new image tag into `values.yaml` and open a pull request.",
	"Edit `docker_image_tag` so that it has the release's tag.",
	"Open a ticket so that the chart team can make its own release.",
	"Check that the new image exists in the registry, otherwise run the workflow again.",
	"Make a plan, apply it, and restart Airflow.",
	// questions, prohibitions and notes
	"Has the new image been pushed to the registry?",
	"Are there no running DAGs?",
	"Do not cut a release on Fridays.",
	"Never publish a release before the plan has been applied.",
	"Nobody should cut a release while DAGs are running.",
	"Note: the image is in the registry ten minutes after the release.",
	"Remember that a DAG that is running is cut off.",
	"Go ahead and tell the team about the release.",
	"Remember to thank whoever cut the release.",
	"Draft a release, and leave it.",
	"Draft a release, fill in the notes, and send it to the lead.",
	"Release a new version of the chart on GitHub.",
	"Publish a new version on PyPI.",
	"If any DAGs are running, stop them.",
	"If there are new DAGs, turn them off.",
	"If no DAGs are running, wait for them to start.",
	"Log in to Airflow and stop the running DAGs.",
	"After a few minutes, delete the image from the registry.",
	"Wait for the Docker image to be built and scanned.",
	"Merge your PR into main once it is approved, and delete its branch.",
	// names and code
	"Start a scratch cluster with `kind create cluster --name release`.",
	"Throw away local work: `git reset --hard origin/release`.",
	"Tell `#release` that the `image` with the `tag` is there.",
	"Check `no DAGs are running` in the log.",
	// links
	"Install `yq` from [its releases](https://github.com/toolsmith/yq/releases).",
	"Download the newest client from [the releases]({releases}).",
	"Tell the channel about [the new release]({releases}).",
	"The notes are copied from [the releases]({releases}).",
	"Create a post about [the release]({releases}) in the forum.",
	"Publish the release notes, which link to [the releases]({releases}).",
	"Delete old versions of [the image]({image}).",
	"Once [no DAGs are running]({dags}), restart the scheduler.",
	"Check [the running DAGs]({dags}) and pause them.",
	"[Releases]({releases})",
	"Add a link to [the releases]({releases}) to the ticket.",
	"Run [the release]({releases}) checklist.",
	"Create a discussion for [the release]({releases}).",
	"Publish [the announcement]({releases}/tag/v1).",
	"Wait for [the running DAGs]({dags}) to catch up with the backlog.",
	"Look at [the running DAGs]({dags}) and note which are slow.",
	"Verify [the image]({image}) with cosign.",
	"Make sure that [the image]({image}) is signed.",
	"Ensure that [the image]({image}) is smaller than a gigabyte.",
	"Check [the releases]({releases}) of last month for regressions.",
	"Compare the output of `just plan prod ferry` with what the bot has posted.",
	"`just plan prod ferry` was run by the bot; read its output.",
	"Before running `just bump prod ferry`, check that main is green.",
	"Make a plan and have it applied by the operator.",
	"Plan the sprint and apply the label.",
	"Bump the version in package.json.",
	"Update the version in the infrastructure docs.",
	"Make sure that DAGs are running.",
	"Check that DAGs are running again.",
	"Pause the DAGs that are running.",
	"Ensure there are no running DAGs except for the image refresh.",
	"Once there are no running DAGs left, unpause the flickr DAG.",
	"Wait for the image scan to finish.",
	"Verify that the new image starts locally.",
	"Check that the image tag in production is the old one.",
	"Check that the image was built for arm64.",
	"Cut the new release's changelog.",
	"Publish a release of the ferry's documentation.",
	"Make sure the release manager has cut the release.",
	"Create the release in Jira and set its date.",
	"Published releases appear in the changelog.",
	"Look at [the releases]({releases}) to learn how versions are numbered.",
	"Set the version in the infrastructure repository back to the last release.",
	"Tell the operator to run `just plan prod ferry` and `just apply prod ferry`.",
	"Check [the running DAGs]({dags}), stop those that can be stopped.",
	"Ask the data team whether no DAGs are running.",
	"Make a plan of who is on call and apply it.",
	"Approve the release in the deployment dashboard.",
	"Check that nobody else is connected to the database.",
	"Connect to the database through the jump host and drop the old table.",
	"Make sure that you can reach the on-call engineer.",
	"Check that the database can be reached from the ferry.",
	"Access to the database through the jump host is logged.",
	"Run the migration guide past the data team.",
	"Undo the database migration by hand.",
	"Run the database migrations in staging.",
	"Wait for the database migration.",
	"Do not run the database migration by hand.",
	"Check [the image]({image}) for vulnerabilities and file tickets.",
	"Compare with [the last release]({releases}) and write down what differs.",
	"See [the releases]({releases}) for what has changed.",
	"While no DAGs are running, run `airflow db clean`.",
	"Should no DAGs be running, go ahead with the migration.",
	"A release must be published by a maintainer.",
	"Announce on Slack that you will publish a release.",
	"Make the release public in the forum.",
	"Publish the chart once the image is in the registry.",
	"Wait for all DAG runs to finish, then turn the scheduler off.",
	"Confirm that the image tag in the compose file is the new one.",
	"Ensure that no DAGs are running longer than an hour.",
	"Check that the release's image runs in staging.",
	"Cut the release's branch off main.",
	"Make sure that whoever cut the release also pushed the image.",
	"The image should be in the registry by now; if not, rerun the build.",
	"Having checked that no DAGs are running, drain the workers.",
	"Make sure that none of [these runs]({dags}) has failed.",
	"Ensure that there are no [runs without success](https://airflow.harbour.example/dagrun/list/?_flt_3_state=failed).",
	"See that no DAG in [Airflow]({dags}) is paused.",
	"Check that no DAG in [Airflow]({dags}) runs for longer than a night.",
	"Ensure that no DAGs are running in [Airflow]({dags}) or in [the one before](https://old.harbour.example/dagrun/list/).",
	"Make [the release]({releases}) the latest.",
	"Verify the signature of [the release]({releases}).",
	"Look at the labels of [the image]({image}).",
	"Check the size of [the package]({image}).",
	"Draft the next release.",
	"Create a draft release.",
	"Draft the notes of the next release on [GitHub]({releases}).",
	"Create the release on [GitHub]({releases}), but keep it unpublished.",
	"Create a draft of the release on [GitHub]({releases}).",
	"Go to [the releases]({releases}) and draft one, or let the bot do that.",
	"Publish [our release]({releases}) beside [theirs](https://github.com/harbour/pier/releases).",
}

// mentioned are sentences with commands that they don't tell to run.
var mentioned = []string{
	"The robot runs `just plan prod ferry` and `just apply prod ferry`; say yes to it.",
	"`just plan prod ferry` and `just apply prod ferry` are what the pipeline does.",
	"Press play on the job that does `just plan prod ferry` and `just apply prod ferry`.",
	"Hold `just plan prod ferry` against last week's `just apply prod ferry`.",
	"Keep what `just plan prod ferry` prints; the turn of `just apply prod ferry` comes later.",
	"Run `just plan prod ferry`, or in an emergency `just apply prod ferry` at once.",
	"Run `just plan prod ferry` and leave `just apply prod ferry` to the operator.",
	"Run `just plan prod ferry`, then `just apply prod ferry`, and restart the workers.",
	"Run `just plan prod ferry` and `just apply prod ferry` when nothing but the docs has changed.",
	"Run `just plan prod ferry`; Atlantis runs `just apply prod ferry` after the merge.",
	"Roll back with `just plan prod ferry` and `just apply prod ferry`.",
	"`just plan prod ferry` shows what `just apply prod ferry` is about to do.",
	"Revert what `just bump prod ferry` has committed.",
	"Run `just bump prod ferry`, replacing `prod` by your environment.",
	"Run `just bump prod ferry` with the right environment.",
	"Run `just bump prod ferry` for each environment.",
	"Option 1. `just bump prod ferry`",
	"When in doubt: `just bump prod ferry`",
	"Cf. `just bump prod ferry`",
	"`just bump prod ferry` once a week.",
	"Run `just bump prod ferry` in two weeks.",
	"Run `just bump prod ferry` on the first Monday.",
	"Skip `just bump prod ferry` if nothing but text has changed.",
	"Unless the robot was faster, run `just bump prod ferry`.",
	"If you like, run `just bump prod ferry`.",
	"This step is optional: `just bump prod ferry`",
	"To rehearse: `just bump prod ferry`, then discard the change.",
	"Try it in a second clone with `just bump prod ferry`.",
	"`just bump prod ferry` happens by itself.",
	"`just bump prod ferry` was the first thing we did on Monday.",
	"Here is what `just bump prod ferry` means.",
	"Have you run `just bump prod ferry`?",
	"`just bump prod ferry` wants a token, which the operator has.",
	"Run `just bump prod ferry` on staging.",
	"Staging: `just bump prod ferry`",
	"Run `just bump prod ferry`, commit and push.",
	"Run `just bump prod ferry`. Leave it out? Skip it if the robot was here.",
	"Update the ticket with `just bump prod ferry`.",
	"Open a ticket that is called `just bump prod ferry`.",
	"Wait until the robot has run `just bump prod ferry`.",
	"Example: `just bump prod ferry`",
	"The recipe `just bump prod ferry` writes the version into a file.",
	"Run `just bump prod ferry` or edit the file.",
	"In the pipeline, run `just bump prod ferry`.",
	"The robot does this:\n   ```sh\n   just bump prod ferry\n   ```",
	"The version goes up here.\n\n   The robot runs `just bump prod ferry`.",
}

// TestMentionedCommands: what only mentions a command is done by hand, with a problem.
func TestMentionedCommands(t *testing.T) {
	for _, s := range mentioned {
		bump := ""
		if strings.Contains(s, "just plan") {
			bump = "1. `just bump prod ferry`\n"
		}
		bound := steps.Bind(fake.Parse(t, "# Ferry\n\n"+bump+"1. "+s+"\n"), steps.Settings{}, kinds.All())
		if step := bound.Steps[len(bound.Steps)-1]; !step.Kind.Fallback || len(step.Problems) == 0 {
			t.Errorf("%q is bound to %s, with the problems %v", s, step.Kind.Name, step.Problems)
		}
	}
}

func TestSentences(t *testing.T) {
	all, missed := 0, 0
	for kind, sentences := range right {
		for _, s := range sentences {
			all++
			if got := boundAs(t, s); got != kind {
				if missed++; got != "manual" {
					t.Errorf("%q is bound to %s, want %s", s, got, kind)
				}
				t.Logf("%q is not bound to %s", s, kind)
			}
		}
	}
	if min(all, len(wrong)) < 75 {
		t.Errorf("%d sentences are right ones, and %d wrong ones", all, len(wrong))
	}
	if missed*10 > all {
		t.Errorf("%d of %d sentences are not bound", missed, all)
	}
	for _, s := range wrong {
		if got := boundAs(t, s); got != "manual" {
			t.Errorf("%q is bound to %s", s, got)
		}
	}
}

// boundAs returns the kind that a step with that sentence is bound to.
func boundAs(t *testing.T, sentence string) string {
	t.Helper()
	bound := steps.Bind(fake.Parse(t, around+links.Replace(sentence)+"\n"), steps.Settings{}, kinds.All())
	if n := len(bound.Steps) - len(bound.AddedSteps()); n != 1 {
		t.Fatalf("%q: %d steps", sentence, n)
	}
	return bound.Steps[0].Kind.Name
}
