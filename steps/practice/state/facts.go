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
	// Paused has the DAGs that were paused or turned on since the start.
	Paused map[string]bool `json:"paused,omitzero"`
	// Schedules are those that start runs in this world, as most don't.
	Schedules []Schedule `json:"schedules,omitzero"`
	// AssetEvents has the DAGs for which an event of an asset is waiting.
	AssetEvents []string `json:"asset_events,omitzero"`
	Deployed    string   `json:"deployed"` // the tag that the instance runs
	Database    bool     `json:"database"` // the database exists
	// Serial counts changes of the infrastructure, like the serial of a Terraform state.
	Serial int `json:"serial,omitzero"`
	// Replaced counts how often others have replaced the instance.
	Replaced int        `json:"replaced,omitzero"`
	News     []NewsItem `json:"news"`
}

// Release is a GitHub release; Published is zero for a draft.
type Release struct {
	ID        int64     `json:"id"`
	Tag       string    `json:"tag"`
	Commit    string    `json:"commit"`
	Annotated string    `json:"annotated,omitzero"` // unused, but in files of earlier versions
	Created   time.Time `json:"created"`
	Published time.Time `json:"published,omitzero"`
	Build     Build     `json:"build,omitzero"` // zero for UsualBuild
}

// Build says how long after a release is published its workflow run starts and
// ends, and its image arrives in the registry.
type Build struct {
	Starts time.Duration `json:"starts"`
	Ends   time.Duration `json:"ends"`
	Image  time.Duration `json:"image"`
}

// UsualBuild is the build of a release that does not state another.
var UsualBuild = Build{Starts: 2 * time.Second, Ends: 6 * time.Second, Image: 8 * time.Second}

// BuildTimes returns the release's build.
func (r Release) BuildTimes() Build {
	if r.Build == (Build{}) {
		return UsualBuild
	}
	return r.Build
}

// Draft reports whether the release is not published yet.
func (r Release) Draft() bool { return r.Published.IsZero() }

// CommitOf returns the id of the commit that a tag names.
func CommitOf(tag string) string { return SHA("commit " + tag) }

// SHA returns the same 40 hexadecimal digits for the same name in every world.
func SHA(of string) string {
	sum := sha1.Sum([]byte("openverse-catalog " + of))
	return hex.EncodeToString(sum[:])
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
