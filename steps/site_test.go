package steps_test

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// site stands in the place of all services and answers whatever the checks ask:
// the release is published and built, its image is there and no DAG runs.
type site struct {
	size int // how many DAGs, releases and tags there are

	mu     sync.Mutex
	commit string // of the release and its image
	active []object
}

func newSite(size int) *site { return &site{size: size, commit: commit} }

// move changes the commit that the release's tag leads to; the image stays.
func (s *site) move(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit = to
}

// runs makes DAG runs active.
func (s *site) runs(active ...object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = active
}

func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	e := s.answer(r.URL.Host + r.URL.Path)
	return reply(r, e, e.text(nil)), nil
}

func (s *site) answer(path string) exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	img := image(commit)
	switch {
	case path == "airflow.test/api/v2/version":
		return exchange{body: object{"version": "3.0.2"}}
	case path == "airflow.test/api/v2/dags/~/dagRuns":
		return exchange{body: object{"dag_runs": append([]object{}, s.active...), "total_entries": len(s.active)}}
	case path == "airflow.test/api/v2/dags":
		return exchange{body: object{"dags": []object{}, "total_entries": s.size}}
	case path == "api.github.test/repos/o/r":
		return exchange{body: object{"full_name": "o/r"}}
	case strings.HasSuffix(path, "/releases/tags/"+tag):
		return exchange{body: releaseBody(tag, moment.Add(-time.Hour))}
	case strings.HasSuffix(path, "/releases/tags/v1.5.5"):
		return exchange{body: releaseBody("v1.5.5", moment)}
	case strings.Contains(path, "/commits/tags/v1.5."):
		return exchange{body: object{"sha": s.commit}}
	case strings.HasSuffix(path, "/repos/o/r/releases"):
		page := make([]object, min(s.size, 100))
		for i := range page {
			page[i] = releaseBody(at("v1.4.%d", i), moment.Add(-time.Duration(i+1)*24*time.Hour))
		}
		return exchange{body: page}
	case strings.HasSuffix(path, "/runs"):
		run := runBody(7, tag, "completed", "success")
		run["head_sha"] = s.commit
		return exchange{body: object{"total_count": 1, "workflow_runs": []object{run}}}
	case strings.HasSuffix(path, "/jobs"):
		return exchange{body: object{"total_count": 1, "jobs": []object{jobBody("Publish", "success")}}}
	case path == registryAt+"/v2/":
		return exchange{body: "{}"}
	case path == registryAt+"/v2/o/catalog/manifests/"+tag:
		return img.manifestAnswer()
	case strings.HasSuffix(path, "/blobs/"+img.configDigest):
		return exchange{body: img.config}
	case path == registryAt+"/v2/o/catalog/tags/list":
		names := make([]string, s.size)
		for i := range names {
			names[i] = at("v1.4.%d", i)
		}
		return exchange{body: object{"name": "o/catalog", "tags": names}}
	case strings.HasPrefix(path, registryAt):
		return exchange{status: http.StatusNotFound, body: object{"errors": []object{{"code": "MANIFEST_UNKNOWN"}}}}
	}
	return exchange{status: http.StatusNotFound, body: missing}
}
