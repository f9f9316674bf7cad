package github

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"catalog-runbook/steps/github/testdata/openapi"
	"catalog-runbook/steps/transport"
)

// description is GitHub's own of its API.
var description = sync.OnceValues(func() (*openapi.API, error) { return openapi.Load("testdata/openapi.json") })

func described(t *testing.T) *openapi.API {
	t.Helper()
	api, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return api
}

const token = "github-test-token-0123456789"

var repo = Repository{Owner: "wordpress", Name: "openverse-catalog"}

// exchange is one question that the fake expects, and its answer.
type exchange struct {
	uri    string // escaped path and query, as on the wire
	accept string // empty: mediaJSON
	status int    // 0: 200
	header map[string]string
	body   string
	do     func(http.ResponseWriter, *http.Request) // instead of status, header and body
}

// fake answers the exchanges in their order. It fails the test for a question
// that is not the next one, for one that GitHub does not describe, and for one
// that was never asked. Its answers have only what a test is about.
type fake struct {
	t    *testing.T
	url  string
	mu   sync.Mutex
	left []exchange
}

func serve(t *testing.T, exchanges ...exchange) *fake {
	t.Helper()
	f := &fake{t: t, left: exchanges}
	s := httptest.NewServer(f)
	f.url = s.URL
	t.Cleanup(func() {
		s.Close()
		for _, e := range f.left {
			t.Errorf("never asked: %s", e.uri)
		}
	})
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if len(f.left) == 0 || f.left[0].uri != r.RequestURI || r.Method != http.MethodGet {
		f.t.Errorf("unexpected request %s %s", r.Method, r.RequestURI)
		f.mu.Unlock()
		w.WriteHeader(http.StatusTeapot)
		return
	}
	e := f.left[0]
	f.left = f.left[1:]
	f.mu.Unlock()

	prefix := ""
	if strings.HasPrefix(r.RequestURI, enterprise) {
		prefix = enterprise
	}
	if err := described(f.t).Request(r, prefix); err != nil {
		f.t.Errorf("%s is no request that GitHub describes: %v", r.RequestURI, err)
	}
	if e.accept == "" {
		e.accept = mediaJSON
	}
	for name, want := range map[string]string{
		"Accept":               e.accept,
		"Authorization":        "Bearer " + token,
		"User-Agent":           "catalog-runbook",
		"X-GitHub-Api-Version": "2022-11-28",
	} {
		if got := r.Header.Get(name); got != want {
			f.t.Errorf("%s: %s is %q, want %q", r.RequestURI, name, got, want)
		}
	}
	if e.do != nil {
		e.do(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for k, v := range e.header {
		w.Header().Set(k, v)
	}
	if e.status != 0 {
		w.WriteHeader(e.status)
	}
	fmt.Fprint(w, e.body)
}

func (f *fake) client() *Client {
	f.t.Helper()
	c, err := New(f.url, transport.NewToken(token), true, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// enterprise is what stands before the paths on an Enterprise server.
const enterprise = "/api/v3"

const root = "/repos/wordpress/openverse-catalog"

// visible is the probe of a repository that may be seen, hidden of one that may not.
var (
	visible = exchange{uri: root, body: `{"full_name":"wordpress/openverse-catalog"}`}
	hidden  = exchange{uri: root, status: 404, body: `{"message":"Not Found"}`}
)

func releaseJSON(id int, tag, published string, draft bool) string {
	at := "null"
	if published != "" {
		at = `"` + published + `"`
	}
	return fmt.Sprintf(`{"id":%d,"tag_name":%q,"name":"Release \u001b[2J%s","draft":%t,"prerelease":false,
		"published_at":%s,"created_at":"2024-03-01T00:00:00Z","html_url":"https://github.com/r/%s","target_commitish":"main"}`,
		id, tag, tag, draft, at, tag)
}

func runJSON(id, attempt int, sha, branch, started, status, conclusion string) string {
	if conclusion != "null" {
		conclusion = `"` + conclusion + `"`
	}
	return fmt.Sprintf(`{"id":%d,"name":"Release app","path":".github/workflows/release-app.yml","event":"release",
		"status":%q,"conclusion":%s,"head_branch":%q,"head_sha":%q,"run_attempt":%d,"run_started_at":%q,
		"html_url":"https://github.com/runs/%d"}`, id, status, conclusion, branch, sha, attempt, started, id)
}

func runsJSON(total int, runs ...string) string {
	return fmt.Sprintf(`{"total_count":%d,"workflow_runs":[%s]}`, total, strings.Join(runs, ","))
}
