package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Site stands in the place of all services and answers whatever the checks ask:
// the release is published and built, its image is there and no DAG runs.
type Site struct {
	size int // how many DAGs, releases and tags there are

	mu     sync.Mutex
	commit string   // of the release and its image
	active []Object // DAG runs that are listed
	total  int      // DAG runs that there are, if that is more
	// Building: the workflow run that the release started has not ended.
	Building bool
	Image    Built
	Tied     bool   // the image has a tag that is named by the commit, too
	Index    bool   // the image's tag leads to an index, as buildx makes it
	Attested bool   // in the index is also BuildKit's provenance, which names the commit
	Assets   bool   // a DAG is on that events of an asset start
	Auth     string // the registry's challenge, "" where it lets everybody in
	Private  bool   // the registry gives a token only to those who say who they are
}

// Tokens that the site gives.
const (
	AirflowIssued  = "a-token-that-airflow-gave"
	RegistryIssued = "a-token-for-one-repository"
)

func NewSite(size int) *Site { return &Site{size: size, commit: Commit, Image: Image(Commit)} }

// Move changes the commit that the release's tag leads to; the image stays.
func (s *Site) Move(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit = to
}

// Runs makes DAG runs active.
func (s *Site) Runs(active ...Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = active
}

// Many makes as many DAG runs active as there are DAGs; a page lists 100.
func (s *Site) Many() {
	all := make([]Object, min(s.size, 100))
	for i := range all {
		all[i] = Object{"dag_id": fmt.Sprintf("dag_%d", i), "dag_run_id": "1", "state": "running", "start_date": Stamp(Moment)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, s.total = all, s.size
}

func (s *Site) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	e := s.Answer(r, r.URL.Host+r.URL.Path)
	return Reply(r, e, e.Text(nil)), nil
}

func (s *Site) Answer(r *http.Request, path string) Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	img := s.Image
	switch {
	case s.Auth != "" && strings.HasPrefix(path, RegistryAt) && r.Header.Get("Authorization") != "Bearer "+RegistryIssued:
		return Exchange{Status: http.StatusUnauthorized, Header: map[string]string{"WWW-Authenticate": s.Auth}, Body: Object{"errors": []Object{{"code": "UNAUTHORIZED"}}}}
	case path == "auth.test/token" && s.Private && r.Header.Get("Authorization") == "":
		return Exchange{Status: http.StatusForbidden, Body: Object{"errors": []Object{{"code": "DENIED"}}}}
	case path == "auth.test/token":
		return Exchange{Body: Object{"token": RegistryIssued, "expires_in": 300}}
	case path == "airflow.test/api/v2/version":
		return Exchange{Body: Object{"version": "3.0.2"}}
	case path == "airflow.test/api/v2/dags/~/dagRuns":
		picked := Pick(s.active, r.URL.Query())
		return Exchange{Body: Object{"dag_runs": picked, "total_entries": max(len(picked), s.total*min(1, len(picked)))}}
	case path == "airflow.test/api/v2/dags" && s.Assets:
		rows := []Object{{"dag_id": "fed", "is_paused": false, "timetable_summary": "Asset"}}
		for len(rows) < s.size {
			rows = append(rows, Object{"dag_id": fmt.Sprintf("dag_%d", len(rows)), "is_paused": true})
		}
		return Exchange{Body: Object{"dags": rows, "total_entries": s.size}}
	case path == "airflow.test/api/v2/dags/fed/assets/queuedEvents":
		return Exchange{Body: Object{"queued_events": []Object{}, "total_entries": 0}}
	case path == "airflow.test/api/v2/dags":
		return Exchange{Body: Object{"dags": []Object{}, "total_entries": s.size}}
	case strings.HasPrefix(path, "airflow.test/") && strings.HasSuffix(path, "/taskInstances"):
		return Exchange{Body: oneTask}
	case path == "airflow.test/api/v2/pools":
		return Exchange{Body: quiet["pools"]}
	case path == "airflow.test/api/v2/monitor/health":
		return Exchange{Body: well}
	case path == "airflow.test/auth/token":
		return Exchange{Status: http.StatusCreated, Body: Object{"access_token": AirflowIssued}}
	case path == "api.github.test/repos/o/r":
		return Exchange{Body: Object{"full_name": "o/r"}}
	case strings.HasSuffix(path, "/releases/tags/"+Tag), strings.HasSuffix(path, "/releases/latest"):
		return Exchange{Body: ReleaseBody(Tag, Moment.Add(-time.Hour))}
	case strings.HasSuffix(path, "/releases/tags/v1.5.5"):
		return Exchange{Body: ReleaseBody("v1.5.5", Moment)}
	case strings.Contains(path, "/commits/tags/v1.5."):
		return Exchange{Body: Object{"sha": s.commit}}
	case strings.Contains(path, "/repos/o/r/commits/"):
		return Exchange{Body: Object{"sha": path[strings.LastIndex(path, "/")+1:]}}
	case strings.HasSuffix(path, "/repos/o/r/releases"):
		page := make([]Object, min(s.size, 100))
		for i := range page {
			page[i] = ReleaseBody(fmt.Sprintf("v1.4.%d", i), Moment.Add(-time.Duration(i+1)*24*time.Hour))
		}
		return Exchange{Body: page}
	case strings.HasSuffix(path, "/runs"):
		run := RunBody(7, Tag, "completed", "success")
		run["head_sha"] = s.commit
		if s.Building {
			run["status"], run["conclusion"] = "in_progress", nil
		}
		return Exchange{Body: Object{"total_count": 1, "workflow_runs": []Object{run}}}
	case strings.HasSuffix(path, "/jobs"):
		return Exchange{Body: Object{"total_count": 1, "jobs": []Object{JobBody("Publish", "success")}}}
	case path == RegistryAt+"/v2/":
		return Exchange{Body: "{}"}
	case path == RegistryAt+"/v2/o/catalog/manifests/"+Tag && s.Index:
		return img.indexAnswer(s.attestations()...)
	case s.Attested && path == RegistryAt+"/v2/o/catalog/manifests/"+s.attestation().Digest:
		return s.attestation().ManifestAnswer()
	case s.Attested && strings.HasSuffix(path, "/blobs/"+s.attestation().ConfigDigest):
		return Exchange{Body: s.attestation().Config}
	case path == RegistryAt+"/v2/o/catalog/manifests/"+Tag, path == RegistryAt+"/v2/o/catalog/manifests/"+img.Digest:
		return img.ManifestAnswer()
	case strings.HasSuffix(path, "/blobs/"+img.ConfigDigest):
		return Exchange{Body: img.Config}
	case path == RegistryAt+"/v2/o/catalog/tags/list":
		names := make([]string, s.size)
		for i := range names {
			names[i] = fmt.Sprintf("v1.4.%d", i)
		}
		return Exchange{Body: Object{"name": "o/catalog", "tags": names}}
	case path == RegistryAt+"/v2/o/catalog/manifests/"+s.commit && s.Tied && s.Index:
		return img.indexAnswer(s.attestations()...)
	case path == RegistryAt+"/v2/o/catalog/manifests/"+s.commit && s.Tied:
		return img.ManifestAnswer()
	case strings.HasPrefix(path, RegistryAt):
		return Exchange{Status: http.StatusNotFound, Body: Object{"errors": []Object{{"code": "MANIFEST_UNKNOWN"}}}}
	}
	return Exchange{Status: http.StatusNotFound, Body: Missing}
}

// indexAnswer is an index of the image and of what buildx adds beside it.
func (b Built) indexAnswer(more ...Object) Exchange {
	const kind = "application/vnd.oci.image.index.v1+json"
	entry := func(size int, digest string, os string) Object {
		return Object{"mediaType": ManifestType, "size": size, "digest": digest, "platform": Object{"os": os, "architecture": map[string]string{"linux": "amd64", "unknown": "unknown"}[os]}}
	}
	e := Exchange{Kind: kind, Body: Object{"schemaVersion": 2, "mediaType": kind, "manifests": append([]Object{
		entry(len(b.Manifest), b.Digest, "linux"), entry(7, Digest([]byte("beside")), "unknown"),
	}, more...)}}
	e.Header = map[string]string{"Docker-Content-Digest": Digest(e.Text(nil))}
	return e
}

// attestation is what BuildKit puts beside the image: its Config is the provenance.
func (s *Site) attestation() Built {
	provenance, err := json.Marshal(Object{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
		"subject":   []Object{{"digest": Object{"sha256": strings.TrimPrefix(s.Image.Digest, "sha256:")}}},
		"predicate": Object{"metadata": Object{"https://mobyproject.org/buildkit@v1#metadata": Object{"vcs": Object{"revision": s.commit}}}}})
	if err != nil {
		panic(err)
	}
	manifest, err := json.Marshal(Object{"schemaVersion": 2, "mediaType": ManifestType,
		"config": Object{"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": Digest([]byte("{}"))},
		"layers": []Object{{"mediaType": "application/vnd.in-toto+json", "size": len(provenance), "digest": Digest(provenance),
			"annotations": Object{"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}}}})
	if err != nil {
		panic(err)
	}
	return Built{manifest, provenance, Digest(manifest), Digest(provenance)}
}

// attestations are the entries of the index for attestation, if there is one.
func (s *Site) attestations() []Object {
	if !s.Attested {
		return nil
	}
	a := s.attestation()
	return []Object{{"mediaType": ManifestType, "size": len(a.Manifest), "digest": a.Digest, "platform": Object{"os": "unknown", "architecture": "unknown"},
		"annotations": Object{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": s.Image.Digest}}}
}
