package practice

import (
	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/state"
	"time"
)

const draftTag = "v1.5.4"

func newFacts(s Scenario, version int, start time.Time) state.Facts {
	day := 24 * time.Hour
	k := state.Facts{
		Version: state.Version, Scenario: s.Name, Airflow: version, Deployed: "v1.5.3", Database: true,
		Releases: []state.Release{
			{ID: 104, Tag: draftTag, Commit: state.CommitOf(draftTag), Created: start.Add(-2 * day)},
			{ID: 103, Tag: "v1.5.3", Commit: state.CommitOf("v1.5.3"), Created: start.Add(-41 * day), Published: start.Add(-40 * day)},
			{ID: 102, Tag: "v1.5.2", Commit: state.CommitOf("v1.5.2"), Annotated: state.SHA("tag v1.5.2"), Created: start.Add(-49 * day), Published: start.Add(-48 * day)},
		},
		DAGRuns: airflow.PastRuns(start),
	}
	if s.busy {
		k.DAGRuns = append(k.DAGRuns, airflow.ActiveRuns(start)...)
	}
	k.Tell(start, "", "the practice world starts: "+s.Title)
	return k
}
