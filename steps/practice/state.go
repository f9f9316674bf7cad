package practice

import (
	"bytes"
	"crypto/sha1" // for names only: git names commits so
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	repository   = "WordPress/openverse-catalog"
	imageName    = "wordpress/openverse-catalog"
	workflowFile = "ci_cd.yml"
	draftTag     = "v1.5.4"
)

// How long after a release is published the parts of its build are there.
const (
	runStarts  = 2 * time.Second
	runEnds    = 6 * time.Second
	imageComes = 8 * time.Second
)

// facts are what is so in a world, as its file has it. What follows from the
// time that has passed is not among them.
type facts struct {
	Version  int       `json:"version"`
	Scenario string    `json:"scenario"`
	Airflow  int       `json:"airflow"`  // 2 or 3
	Releases []release `json:"releases"` // newest first
	DAGRuns  []dagRun  `json:"dag_runs"`
	// Paused has the DAGs that were paused or turned on since the start.
	Paused   map[string]bool `json:"paused,omitzero"`
	Unusual  unusual         `json:"unusual,omitzero"`
	Deployed string          `json:"deployed"` // the tag that the instance runs
	Database bool            `json:"database"` // the database exists
	// Serial counts the changes of the infrastructure, as that of Terraform's state.
	Serial int `json:"serial,omitzero"`
	// Replaced is how often others have replaced the instance.
	Replaced int        `json:"replaced,omitzero"`
	News     []newsItem `json:"news"`
}

// release is a GitHub release; Published is zero for a draft.
type release struct {
	ID        int64     `json:"id"`
	Tag       string    `json:"tag"`
	Commit    string    `json:"commit"`
	Annotated string    `json:"annotated,omitzero"` // the tag object's SHA, "" for a lightweight tag
	Created   time.Time `json:"created"`
	Published time.Time `json:"published,omitzero"`
}

func (r release) draft() bool { return r.Published.IsZero() }

func newFacts(s Scenario, airflow int, start time.Time) facts {
	day := 24 * time.Hour
	k := facts{
		Version: stateVersion, Scenario: s.Name, Airflow: airflow, Deployed: "v1.5.3", Database: true,
		Releases: []release{
			{ID: 104, Tag: draftTag, Commit: commitOf(draftTag), Created: start.Add(-2 * day)},
			{ID: 103, Tag: "v1.5.3", Commit: commitOf("v1.5.3"), Created: start.Add(-41 * day), Published: start.Add(-40 * day)},
			{ID: 102, Tag: "v1.5.2", Commit: commitOf("v1.5.2"), Annotated: sha("tag v1.5.2"), Created: start.Add(-49 * day), Published: start.Add(-48 * day)},
		},
		DAGRuns: pastRuns(start),
	}
	if s.busy {
		k.DAGRuns = append(k.DAGRuns, activeRuns(start)...)
	}
	k.tell(start, "", "the practice world starts: "+s.Title)
	return k
}

func commitOf(tag string) string { return sha("commit " + tag) }

func sha(of string) string {
	sum := sha1.Sum([]byte("openverse-catalog " + of))
	return hex.EncodeToString(sum[:])
}

// state is a world's state as one process sees it. A practice `just` and the
// program that runs the world each have one, on the same file. Its methods
// answer for the present moment of its clock, from what refresh has read, and
// may be called concurrently.
type state struct {
	now    func() time.Time
	folder folder

	mu    sync.Mutex
	facts facts  // never changed in place
	read  []byte // what they were read from; nil where that is not known
}

func openState(f folder, now func() time.Time) (*state, error) {
	s := &state{now: now, folder: f}
	return s, s.refresh()
}

// refresh reads what others may have changed.
func (s *state) refresh() error {
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

// fresh lets a service read the state before it answers a request.
func (s *state) fresh(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.refresh(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		service.ServeHTTP(w, r)
	})
}

func (s *state) known() facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts
}

// change does f to the state as it is now, and saves it, while nobody else can
// change it. f's error leaves everything as it was.
func (s *state) change(f func(k *facts, now time.Time) error) error {
	unlock, err := s.folder.lock()
	if err != nil {
		return err
	}
	defer unlock()
	k, err := s.folder.load()
	if err != nil {
		return err
	}
	if err := f(&k, s.now()); err != nil {
		return err
	}
	if err := s.folder.save(k); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts, s.read = k, nil
	return nil
}

// releaseList returns the releases, newest first.
func (s *state) releaseList(drafts bool) []release { return s.known().releases(drafts) }

func (k facts) releases(drafts bool) []release {
	var out []release
	for _, r := range k.Releases {
		if drafts || !r.draft() {
			out = append(out, r)
		}
	}
	return out
}

// images lists the releases whose image the registry has, oldest first.
func (s *state) images() []release {
	var out []release
	for _, r := range s.releaseList(false) {
		if s.now().Sub(r.Published) >= imageComes {
			out = append([]release{r}, out...)
		}
	}
	return out
}

// publish makes the draft a release. It fails when there is no draft any more.
func (s *state) publish() error {
	return s.change(func(k *facts, now time.Time) error {
		r := &k.Releases[0]
		if !r.draft() {
			return fmt.Errorf("%s is published already", r.Tag)
		}
		r.Published = now
		k.tell(now, "", "GitHub: release "+r.Tag+" was published")
		k.foretell(now.Add(runStarts), "", "GitHub: the workflow run of "+r.Tag+" started")
		k.foretell(now.Add(runEnds), "", "GitHub: the workflow run of "+r.Tag+" succeeded")
		k.foretell(now.Add(imageComes), "", "registry: the image "+r.Tag+" arrived")
		return nil
	})
}

// deployment is what the practice `just` needs to know of the world: what runs,
// and what is the newest release.
type deployment struct {
	Deployed string `json:"deployed"`
	Database bool   `json:"database"`
	Replaced int    `json:"replaced,omitzero"`
	Serial   int    `json:"serial"`
	Newest   string `json:"-"`
}

// deployment says what infrastructure there is.
func (s *state) deployment() deployment {
	k := s.known()
	return deployment{Deployed: k.Deployed, Database: k.Database, Replaced: k.Replaced, Serial: k.Serial, Newest: k.releases(false)[0].Tag}
}

// deploy makes the infrastructure what a finished apply says that it is.
func (s *state) deploy(tag string, database bool) error {
	return s.change(func(k *facts, now time.Time) error {
		if tag != k.Deployed {
			k.tell(now, "", "AWS: the Catalog's instance was replaced and runs "+tag)
		}
		if k.Database && !database {
			k.tell(now, "", "AWS: the Catalog's database was destroyed")
		}
		k.Deployed, k.Database = tag, database
		k.Serial++
		return nil
	})
}

// replaceInstance makes a new instance of the one that runs, with what it runs. Who
// holds a plan that was made before holds a stale one.
func (s *state) replaceInstance() error {
	return s.change(func(k *facts, now time.Time) error {
		k.tell(now, "", "AWS: a colleague has replaced the Catalog's instance, which runs "+k.Deployed+" as before")
		k.Replaced++
		k.Serial++
		return nil
	})
}
