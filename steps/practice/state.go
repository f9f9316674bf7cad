package practice

import (
	"crypto/sha1" // for names only: git names commits so
	"encoding/hex"
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

// runLasts is how long the running DAG run goes on after somebody saw it first.
const runLasts = 30 * time.Second

// state is what is so in a world. Every method answers for the present moment
// of its clock and may be called concurrently.
type state struct {
	now   func() time.Time
	start time.Time

	mu       sync.Mutex
	releases []release // newest first
	dagRuns  []dagRun
	deployed string // the tag that the instance runs
	database bool   // the database exists
	news     []newsItem
}

// release is a GitHub release; published is zero for a draft.
type release struct {
	id        int64
	tag       string
	commit    string
	annotated string // the tag object's SHA, "" for a lightweight tag
	created   time.Time
	published time.Time
}

func (r release) draft() bool { return r.published.IsZero() }

// dagRun is an Airflow DAG run. The state of one with seen set follows from the
// time that has passed since.
type dagRun struct {
	dag     string
	id      string
	kind    string // run_type
	state   string
	started time.Time // zero for a queued run
	ended   time.Time
	logical time.Time
	ends    bool      // ends by itself some time after it was seen
	seen    time.Time // when a query first showed it
}

func (r dagRun) active() bool { return r.state == "running" || r.state == "queued" }

func newState(s Scenario, now func() time.Time) *state {
	start := now()
	day := 24 * time.Hour
	st := &state{
		now: now, start: start, deployed: "v1.5.3", database: true,
		releases: []release{
			{id: 104, tag: draftTag, commit: commitOf(draftTag), created: start.Add(-2 * day)},
			{id: 103, tag: "v1.5.3", commit: commitOf("v1.5.3"), created: start.Add(-41 * day), published: start.Add(-40 * day)},
			{id: 102, tag: "v1.5.2", commit: commitOf("v1.5.2"), annotated: sha("tag v1.5.2"), created: start.Add(-49 * day), published: start.Add(-48 * day)},
		},
		dagRuns: pastRuns(start),
	}
	if s.busy {
		st.dagRuns = append(st.dagRuns, activeRuns(start)...)
	}
	st.tell(start, "", "the practice world starts: "+s.Title)
	return st
}

func commitOf(tag string) string { return sha("commit " + tag) }

func sha(of string) string {
	sum := sha1.Sum([]byte("openverse-catalog " + of))
	return hex.EncodeToString(sum[:])
}

// releaseList returns a copy of the releases, newest first.
func (s *state) releaseList(drafts bool) []release {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []release
	for _, r := range s.releases {
		if drafts || !r.draft() {
			out = append(out, r)
		}
	}
	return out
}

// newest is the tag of the newest published release.
func (s *state) newest() string { return s.releaseList(false)[0].tag }

// images lists the releases whose image the registry has, oldest first.
func (s *state) images() []release {
	var out []release
	for _, r := range s.releaseList(false) {
		if s.now().Sub(r.published) >= imageComes {
			out = append([]release{r}, out...)
		}
	}
	return out
}

// publish makes the draft a release, once.
func (s *state) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	r := &s.releases[0]
	if !r.draft() {
		return
	}
	r.published = now
	s.tell(now, "", "GitHub: release "+r.tag+" was published")
	s.tell(now.Add(runStarts), "", "GitHub: the workflow run of "+r.tag+" started")
	s.tell(now.Add(runEnds), "", "GitHub: the workflow run of "+r.tag+" succeeded")
	s.tell(now.Add(imageComes), "", "registry: the image "+r.tag+" arrived")
}

// deployment says what infrastructure there is.
func (s *state) deployment() deployment {
	newest := s.newest()
	s.mu.Lock()
	defer s.mu.Unlock()
	return deployment{Deployed: s.deployed, Database: s.database, Newest: newest}
}

// deploy makes the infrastructure what a finished apply says that it is.
func (s *state) deploy(tag string, database bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if tag != s.deployed {
		s.tell(s.now(), "", "AWS: the Catalog's instance was replaced and runs "+tag)
	}
	if s.database && !database {
		s.tell(s.now(), "", "AWS: the Catalog's database was destroyed")
	}
	s.deployed, s.database = tag, database
}
