package state

import (
	"encoding/json"
	"testing"
	"time"
)

// No part of a file is taken for the whole.
func TestHalfAFileIsRefused(t *testing.T) {
	k := Facts{Version: Version, Airflow: 3, Deployed: "v1", Releases: []Release{{Tag: "v1", Published: time.Now(), Build: Build{Ends: time.Second}}}}
	k.Tell(time.Now(), "a_dag", "something")
	data, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(data); err != nil {
		t.Error(err)
	}
	for n := range data {
		if _, err := decode(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken for all", n, len(data))
		}
	}
}

// A world that an earlier version has left can be gone on with.
func TestAnEarlierFileIsRead(t *testing.T) {
	const earlier = `{"version": 1, "scenario": "busy-dags", "airflow": 2, "releases": [
		{"id": 104, "tag": "v1.5.4", "commit": "c4", "created": "2024-02-28T09:00:00Z"},
		{"id": 102, "tag": "v1.5.2", "commit": "c2", "annotated": "a2", "created": "2024-01-12T09:00:00Z", "published": "2024-01-13T09:00:00Z"}],
		"dag_runs": [{"dag": "a_dag", "id": "scheduled__1", "run_type": "scheduled", "state": "running",
		"started": "2024-03-01T06:00:00Z", "logical": "2024-03-01T06:00:00Z", "ends": true, "seen": "2024-03-01T09:00:00Z"}],
		"paused": {"other": true}, "deployed": "v1.5.2", "database": true, "serial": 2, "replaced": 1,
		"news": [{"at": "2024-03-01T09:00:30Z", "dag": "a_dag", "text": "it ended", "foretold": true}]}`
	k, err := decode([]byte(earlier))
	if err != nil {
		t.Fatal(err)
	}
	seen := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	if k.Releases[0].BuildTimes() != UsualBuild || !k.DAGRuns[0].Ending().Equal(seen.Add(30*time.Second)) {
		t.Errorf("read as %+v", k)
	}
}
