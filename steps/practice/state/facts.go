// Package state keeps the state of a practice world in a file, which the world's
// services and the practice `just` read and change, each in a process of its own.
package state

import (
	"crypto/sha1" // for names only: git names commits so
	"encoding/hex"
	"time"
)

// Facts are the state of a world, as stored in its file. What follows from the time that
// has passed is not stored.
type Facts struct {
	Version  int       `json:"version"`
	Scenario string    `json:"scenario"`
	Airflow  int       `json:"airflow"`  // major version: 2 or 3
	Releases []Release `json:"releases"` // newest first
	DAGRuns  []DAGRun  `json:"dag_runs"`
	Pull     Pull      `json:"pull,omitzero"`
	// Migrated is when the migration of the database was begun each time.
	Migrated []time.Time `json:"migrated,omitzero"`
	// Paused has the DAGs that were paused or turned on since the start.
	Paused map[string]bool `json:"paused,omitzero"`
	// Schedules are those that start runs in this world, as most don't.
	Schedules []Schedule `json:"schedules,omitzero"`
	// AssetEvents has the DAGs for which an event of an asset is waiting.
	AssetEvents []string `json:"asset_events,omitzero"`
	Deployed    string   `json:"deployed"` // the tag that the instance runs
	Database    bool     `json:"database"` // the database exists
	// Replacing says that the instance was replaced and nobody has asked it since.
	Replacing bool `json:"replacing,omitzero"`
	// DeployedAt is when it was asked first after that, so that nobody comes too late to see
	// it start; zero if it is as at the start.
	DeployedAt time.Time `json:"deployed_at,omitzero"`
	// Instant says that a new instance is up as soon as it is there.
	Instant bool `json:"instant,omitzero"`
	// Landed says that the version is on the main branch of the infrastructure's remote.
	Landed bool `json:"landed,omitzero"`
	// Broken is a tag whose image doesn't start.
	Broken string `json:"broken,omitzero"`
	// Serial counts changes of the infrastructure, like the serial of a Terraform state.
	Serial int `json:"serial,omitzero"`
	// Replaced counts how often others have replaced the instance.
	Replaced int        `json:"replaced,omitzero"`
	News     []NewsItem `json:"news"`
}

// CommitOf returns the id of the commit that a tag names.
func CommitOf(tag string) string { return SHA("commit " + tag) }

// SHA returns the same 40 hexadecimal digits for the same name in every world.
func SHA(of string) string {
	sum := sha1.Sum([]byte("openverse-catalog " + of))
	return hex.EncodeToString(sum[:])
}

// AirflowVersion is the version of Airflow in all images.
func (k Facts) AirflowVersion() string {
	if k.Airflow == 3 {
		return "3.3.2"
	}
	return "2.11.2"
}

func (k Facts) releases(drafts bool) []Release {
	var out []Release
	for _, r := range k.Releases {
		if drafts || !r.Draft() {
			out = append(out, r)
		}
	}
	return out
}
