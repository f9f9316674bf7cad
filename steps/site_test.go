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
	commit string   // of the release and its image
	active []object // DAG runs that are listed
	total  int      // DAG runs that there are, if that is more
	// building: the workflow run that the release started has not ended.
	building bool
	image    built
	tied     bool   // the image has a tag that is named by the commit, too
	index    bool   // the image's tag leads to an index, as buildx makes it
	auth     string // the registry's challenge, "" where it lets everybody in
	private  bool   // the registry gives a token only to those who say who they are
}

// Tokens that the site gives.
const (
	airflowIssued  = "a-token-that-airflow-gave"
	registryIssued = "a-token-for-one-repository"
)

func newSite(size int) *site { return &site{size: size, commit: commit, image: image(commit)} }

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

// many makes as many DAG runs active as there are DAGs; a page lists 100.
func (s *site) many() {
	all := make([]object, min(s.size, 100))
	for i := range all {
		all[i] = object{"dag_id": at("dag_%d", i), "dag_run_id": "1", "state": "running", "start_date": stamp(moment)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, s.total = all, s.size
}

func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	e := s.answer(r, r.URL.Host+r.URL.Path)
	return reply(r, e, e.text(nil)), nil
}

func (s *site) answer(r *http.Request, path string) exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	img := s.image
	switch {
	case s.auth != "" && strings.HasPrefix(path, registryAt) && r.Header.Get("Authorization") != "Bearer "+registryIssued:
		return exchange{status: http.StatusUnauthorized, header: map[string]string{"WWW-Authenticate": s.auth}, body: object{"errors": []object{{"code": "UNAUTHORIZED"}}}}
	case path == "auth.test/token" && s.private && r.Header.Get("Authorization") == "":
		return exchange{status: http.StatusForbidden, body: object{"errors": []object{{"code": "DENIED"}}}}
	case path == "auth.test/token":
		return exchange{body: object{"token": registryIssued, "expires_in": 300}}
	case path == "airflow.test/api/v2/version":
		return exchange{body: object{"version": "3.0.2"}}
	case path == "airflow.test/api/v2/dags/~/dagRuns":
		return exchange{body: object{"dag_runs": append([]object{}, s.active...), "total_entries": max(s.total, len(s.active))}}
	case path == "airflow.test/api/v2/dags":
		return exchange{body: object{"dags": []object{}, "total_entries": s.size}}
	case path == "airflow.test/auth/token":
		return exchange{status: http.StatusCreated, body: object{"access_token": airflowIssued}}
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
		if s.building {
			run["status"], run["conclusion"] = "in_progress", nil
		}
		return exchange{body: object{"total_count": 1, "workflow_runs": []object{run}}}
	case strings.HasSuffix(path, "/jobs"):
		return exchange{body: object{"total_count": 1, "jobs": []object{jobBody("Publish", "success")}}}
	case path == registryAt+"/v2/":
		return exchange{body: "{}"}
	case path == registryAt+"/v2/o/catalog/manifests/"+tag && s.index:
		return img.indexAnswer()
	case path == registryAt+"/v2/o/catalog/manifests/"+tag, path == registryAt+"/v2/o/catalog/manifests/"+img.digest:
		return img.manifestAnswer()
	case strings.HasSuffix(path, "/blobs/"+img.configDigest):
		return exchange{body: img.config}
	case path == registryAt+"/v2/o/catalog/tags/list":
		names := make([]string, s.size)
		for i := range names {
			names[i] = at("v1.4.%d", i)
		}
		return exchange{body: object{"name": "o/catalog", "tags": names}}
	case path == registryAt+"/v2/o/catalog/manifests/"+s.commit && s.tied && s.index:
		return img.indexAnswer()
	case path == registryAt+"/v2/o/catalog/manifests/"+s.commit && s.tied:
		return img.manifestAnswer()
	case strings.HasPrefix(path, registryAt):
		return exchange{status: http.StatusNotFound, body: object{"errors": []object{{"code": "MANIFEST_UNKNOWN"}}}}
	}
	return exchange{status: http.StatusNotFound, body: missing}
}

// indexAnswer is an index of the image and of what buildx adds beside it.
func (b built) indexAnswer() exchange {
	const kind = "application/vnd.oci.image.index.v1+json"
	entry := func(size int, digest string, os string) object {
		return object{"mediaType": manifestType, "size": size, "digest": digest, "platform": object{"os": os, "architecture": map[string]string{"linux": "amd64", "unknown": "unknown"}[os]}}
	}
	e := exchange{kind: kind, body: object{"schemaVersion": 2, "mediaType": kind, "manifests": []object{
		entry(len(b.manifest), b.digest, "linux"), entry(7, digest([]byte("beside")), "unknown"),
	}}}
	e.header = map[string]string{"Docker-Content-Digest": digest(e.text(nil))}
	return e
}
