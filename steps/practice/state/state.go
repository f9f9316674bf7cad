package state

import (
	"bytes"
	"crypto/sha1" // for names only: git names commits so
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// Facts are what is so in a world, as its file has it. What follows from the
// time that has passed is not among them.
type Facts struct {
	Version  int       `json:"version"`
	Scenario string    `json:"scenario"`
	Airflow  int       `json:"airflow"`  // 2 or 3
	Releases []Release `json:"releases"` // newest first
	DAGRuns  []DAGRun  `json:"dag_runs"`
	// Paused has the DAGs that were paused or turned on since the start.
	Paused   map[string]bool `json:"paused,omitzero"`
	Deployed string          `json:"deployed"` // the tag that the instance runs
	Database bool            `json:"database"` // the database exists
	// Serial counts the changes of the infrastructure, as that of Terraform's state.
	Serial int `json:"serial,omitzero"`
	// Replaced is how often others have replaced the instance.
	Replaced int        `json:"replaced,omitzero"`
	News     []NewsItem `json:"news"`
}

// Release is a GitHub release; Published is zero for a draft.
type Release struct {
	ID        int64     `json:"id"`
	Tag       string    `json:"tag"`
	Commit    string    `json:"commit"`
	Annotated string    `json:"annotated,omitzero"` // of no use any more; older worlds have it
	Created   time.Time `json:"created"`
	Published time.Time `json:"published,omitzero"`
	Build     Build     `json:"build,omitzero"`
}

// Build says how long after a release is published the parts of its build are there.
type Build struct {
	Starts time.Duration `json:"starts"` // its workflow run
	Ends   time.Duration `json:"ends"`   // also its workflow run
	Image  time.Duration `json:"image"`
}

// UsualBuild is that of a release that has no other.
var UsualBuild = Build{Starts: 2 * time.Second, Ends: 6 * time.Second, Image: 8 * time.Second}

// BuildTimes returns the times of the release's build.
func (r Release) BuildTimes() Build {
	if r.Build == (Build{}) {
		return UsualBuild
	}
	return r.Build
}

func (r Release) Draft() bool { return r.Published.IsZero() }

func CommitOf(tag string) string { return SHA("commit " + tag) }

func SHA(of string) string {
	sum := sha1.Sum([]byte("openverse-catalog " + of))
	return hex.EncodeToString(sum[:])
}

// state is a world's state as one process sees it. A practice `just` and the
// program that runs the world each have one, on the same file. Its methods
// answer for the present moment of its clock, from what refresh has read, and
// may be called concurrently.
type Store struct {
	Now    func() time.Time
	folder Folder

	mu    sync.Mutex
	facts Facts  // never changed in place
	read  []byte // what they were read from; nil where that is not known
}

func Open(f Folder, now func() time.Time) (*Store, error) {
	s := &Store{Now: now, folder: f}
	return s, s.Refresh()
}

// Refresh reads what others may have changed.
func (s *Store) Refresh() error {
	s.mu.Lock() // while reading too: what was read earlier must not come later
	defer s.mu.Unlock()
	data, err := s.folder.read()
	if err != nil || s.read != nil && bytes.Equal(data, s.read) {
		return err // a screen asks often, and little changes
	}
	k, err := s.folder.decode(data)
	if err != nil {
		return err
	}
	s.facts, s.read = k, data
	return nil
}

// Fresh lets a service read the state before it answers a request.
func (s *Store) Fresh(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Refresh(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		service.ServeHTTP(w, r)
	})
}

func (s *Store) Known() Facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts
}

// Change does f to the state as it is now, and saves it, while nobody else can
// change it. f's error leaves everything as it was.
func (s *Store) Change(f func(k *Facts, now time.Time) error) error {
	unlock, err := s.folder.lock()
	if err != nil {
		return err
	}
	defer unlock()
	k, err := s.folder.Load()
	if err != nil {
		return err
	}
	if err := f(&k, s.Now()); err != nil {
		return err
	}
	if err := s.folder.Save(k); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts, s.read = k, nil
	return nil
}

// ReleaseList returns the releases, newest first.
func (s *Store) ReleaseList(drafts bool) []Release { return s.Known().releases(drafts) }

func (k Facts) releases(drafts bool) []Release {
	var out []Release
	for _, r := range k.Releases {
		if drafts || !r.Draft() {
			out = append(out, r)
		}
	}
	return out
}

// Images lists the releases whose image the registry has, oldest first.
func (s *Store) Images() []Release {
	var out []Release
	for _, r := range s.ReleaseList(false) {
		if s.Now().Sub(r.Published) >= r.BuildTimes().Image {
			out = append([]Release{r}, out...)
		}
	}
	return out
}

// Deployment is what the practice `just` needs to know of the world: what runs,
// and what is the newest release.
type Deployment struct {
	Deployed string `json:"deployed"`
	Database bool   `json:"database"`
	Replaced int    `json:"replaced,omitzero"`
	Serial   int    `json:"serial"`
	Newest   string `json:"-"`
}

// Deployment says what infrastructure there is.
func (s *Store) Deployment() Deployment {
	k := s.Known()
	return Deployment{Deployed: k.Deployed, Database: k.Database, Replaced: k.Replaced, Serial: k.Serial, Newest: k.releases(false)[0].Tag}
}

// Deploy makes the infrastructure what a finished apply says that it is.
func (s *Store) Deploy(tag string, database bool) error {
	return s.Change(func(k *Facts, now time.Time) error {
		if tag != k.Deployed {
			k.Tell(now, "", "AWS: the Catalog's instance was replaced and runs "+tag)
		}
		if k.Database && !database {
			k.Tell(now, "", "AWS: the Catalog's database was destroyed")
		}
		k.Deployed, k.Database = tag, database
		k.Serial++
		return nil
	})
}

// ReplaceInstance makes a new instance of the one that runs, with what it runs. Who
// holds a plan that was made before holds a stale one.
func (s *Store) ReplaceInstance() error {
	return s.Change(func(k *Facts, now time.Time) error {
		k.Tell(now, "", "AWS: a colleague has replaced the Catalog's instance, which runs "+k.Deployed+" as before")
		k.Replaced++
		k.Serial++
		return nil
	})
}
