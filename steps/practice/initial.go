package practice

import (
	"slices"
	"time"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/state"
)

const draftTag = "v1.5.4"

// newFacts returns the state of a scenario's world when it starts.
func newFacts(s Scenario, airflowVersion int, start time.Time) state.Facts {
	ago := func(days int) time.Time { return start.Add(-time.Duration(days) * 24 * time.Hour) }
	k := state.Facts{
		Version: state.Version, Scenario: s.Name, Airflow: airflowVersion, Deployed: "v1.5.3", Database: true,
		Releases: []state.Release{
			{ID: 104, Tag: draftTag, Commit: state.CommitOf(draftTag), Created: ago(2), Build: s.build},
			{ID: 103, Tag: "v1.5.3", Commit: state.CommitOf("v1.5.3"), Created: ago(41), Published: ago(40)},
			{ID: 102, Tag: "v1.5.2", Commit: state.CommitOf("v1.5.2"), Created: ago(49), Published: ago(48)},
		},
		DAGRuns: airflow.PastRuns(start),
	}
	draft := &k.Releases[0]
	draft.Prerelease, draft.Author, draft.Unbuilt, draft.Runs, draft.Image = s.draft.Prerelease, s.draft.Author, s.draft.Unbuilt, s.draft.Runs, s.draft.Image
	if s.broken {
		k.Broken = draftTag
	}
	if s.back {
		draft.Published, k.Deployed = ago(1), draft.Tag
	}
	if s.older > 0 {
		oldest := &k.Releases[len(k.Releases)-1]
		oldest.Created, oldest.Published, oldest.Unbuilt = oldest.Created.Add(-s.older), oldest.Published.Add(-s.older), true
	}
	for _, r := range s.runs {
		run := airflow.ActiveRun(r.dag, r.running, start.Add(-r.age), r.lasts)
		run.Waits = r.waits
		k.DAGRuns = append(k.DAGRuns, run)
	}
	k.Pull = s.pull
	k.Schedules, k.AssetEvents = slices.Clone(s.schedules), slices.Clone(s.events)
	k.Tell(start, "", "the practice world starts: "+s.Title)
	return k
}
