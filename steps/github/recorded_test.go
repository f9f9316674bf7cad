package github

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

// recordings names the unpacked package of GitHub's recorded answers, of which
// testdata/recorded.json is then made again:
// go test ./steps/github -run TestRecordings -args -recordings FOLDER
var recordings = flag.String("recordings", "", "make testdata/recorded.json again from these")

const recordedFile = "testdata/recorded.json"

// recording is one question that GitHub was asked, and its answer.
type recording struct {
	Scenario string            `json:"scenario"`
	Path     string            `json:"path"`
	Status   int               `json:"status"`
	Header   map[string]string `json:"headers"`
	Body     json.RawMessage   `json:"response,omitempty"`
}

// taken are the recordings that concern our questions, by their place in a
// scenario. Of those with a false, only how GitHub pages through a list is kept.
var taken = []struct {
	scenario string
	place    int
	body     bool
}{
	{"get-repository", 0, true},
	{"paginate-issues", 0, false},
	{"paginate-issues", 2, false},
	{"paginate-issues", 4, false},
	{"release-assets", 0, true},
	{"rename-repository", 1, true},
	{"rename-repository", 2, true},
}

func TestRecordings(t *testing.T) {
	if *recordings == "" {
		if got := len(recorded(t)); got != len(taken) {
			t.Errorf("%d recordings are kept, want %d", got, len(taken))
		}
		return
	}
	var kept []recording
	for _, take := range taken {
		var all []struct {
			Path     string                     `json:"path"`
			Status   int                        `json:"status"`
			Header   map[string]json.RawMessage `json:"headers"`
			Response json.RawMessage            `json:"response"`
		}
		readJSON(t, filepath.Join(*recordings, "scenarios", "api.github.com", take.scenario, "normalized-fixture.json"), &all)
		one := all[take.place]
		r := recording{Scenario: take.scenario, Path: one.Path, Status: one.Status, Header: map[string]string{}}
		for _, name := range []string{"content-type", "link", "location"} {
			var value string
			if json.Unmarshal(one.Header[name], &value) == nil {
				r.Header[name] = value
			}
		}
		if take.body {
			r.Body = one.Response
		}
		kept = append(kept, r)
	}
	var lines []string // one for each
	for _, r := range kept {
		var line strings.Builder
		e := json.NewEncoder(&line)
		e.SetEscapeHTML(false)
		if err := e.Encode(r); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(line.String()))
	}
	if err := os.WriteFile(recordedFile, []byte("[\n"+strings.Join(lines, ",\n")+"\n]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func recorded(t *testing.T, scenarios ...string) []recording {
	t.Helper()
	var all, out []recording
	readJSON(t, recordedFile, &all)
	if len(scenarios) == 0 {
		return all
	}
	for _, r := range all {
		if r.Scenario == scenarios[0] {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		t.Fatalf("nothing is recorded of %s", scenarios[0])
	}
	return out
}

// replay answers what was recorded, in its order, in the place of GitHub. It
// fails the test for a question that was not recorded, and for an answer that
// nobody asked for.
type replay struct {
	t    *testing.T
	left []recording
}

func replaying(t *testing.T, answers ...recording) *Client {
	t.Helper()
	r := &replay{t: t, left: answers}
	t.Cleanup(func() {
		for _, a := range r.left {
			t.Errorf("never asked: %s", a.Path)
		}
	})
	c, err := New(APIURL, transport.NewToken(token), true, r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := described(r.t).Request(req, ""); err != nil {
		r.t.Errorf("%s is no request that GitHub describes: %v", req.URL, err)
	}
	if len(r.left) == 0 || req.Method != http.MethodGet || req.URL.String() != APIURL+r.left[0].Path {
		r.t.Errorf("unexpected request %s %s", req.Method, req.URL)
		return nil, errors.New("nothing is recorded")
	}
	a := r.left[0]
	r.left = r.left[1:]
	h := http.Header{}
	for name, value := range a.Header {
		h.Set(name, value)
	}
	return &http.Response{StatusCode: a.Status, Header: h, Body: io.NopCloser(strings.NewReader(string(a.Body))), Request: req, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
}

// TestRecordingsFit holds what GitHub once said against what it describes now:
// nothing but what is newer is missing.
func TestRecordingsFit(t *testing.T) {
	for _, r := range recorded(t) {
		if r.Body == nil {
			continue
		}
		var body map[string]any
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		if body["full_name"] != nil {
			body["has_discussions"] = false
		}
		if assets, ok := body["assets"].([]any); ok {
			for _, asset := range assets {
				asset.(map[string]any)["digest"] = nil
			}
		}
		fits(t, r.Path, r.Status, r.Header["content-type"], body)
	}
}

// fits fails the test for an answer that GitHub does not describe.
func fits(t *testing.T, path string, status int, kind string, body any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, APIURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"User-Agent": "tests", "X-GitHub-Api-Version": apiVersion, "Accept": mediaJSON} {
		req.Header.Set(name, value)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := described(t).Answer(req, "", status, http.Header{"Content-Type": {kind}}, text); err != nil {
		t.Errorf("%s with %d: %v", path, status, err)
	}
}

func TestRecordedRelease(t *testing.T) {
	c := replaying(t, recorded(t, "release-assets")...)
	got, err := c.ReleaseByTag(t.Context(), Repository{"octokit-fixture-org", "release-assets"}, "v1.0.0")
	at := time.Date(2017, 10, 10, 16, 0, 0, 0, time.UTC)
	if err != nil || got.Tag != "v1.0.0" || got.Draft || !got.PublishedAt.Equal(at) || got.MovedTo != (Repository{}) ||
		got.URL != "https://github.com/octokit-fixture-org/release-assets/releases/tag/v1.0.0" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// notThere is what GitHub documents for what it does not find.
func notThere(path string) recording {
	return recording{Path: path, Status: 404, Header: map[string]string{"content-type": "application/json; charset=utf-8"},
		Body: json.RawMessage(`{"message":"Not Found","documentation_url":"https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name","status":"404"}`)}
}

func TestRecordedProbe(t *testing.T) {
	repo := Repository{"octokit-fixture-org", "hello-world"}
	c := replaying(t, append([]recording{notThere("/repos/octokit-fixture-org/hello-world/releases/tags/v9")}, recorded(t, "get-repository")...)...)
	if _, err := c.ReleaseByTag(t.Context(), repo, "v9"); !errors.Is(err, ErrAbsent) || strings.Contains(err.Error(), "called") {
		t.Errorf("error is %v, want ErrAbsent", err)
	}
}

// A question about a repository that was renamed is sent on, the answer tells
// the new name, and the next question goes where the first one ended.
func TestRecordedRename(t *testing.T) {
	old := Repository{"octokit-fixture-org", "rename-repository"}
	answers := append([]recording{notThere("/repos/octokit-fixture-org/rename-repository/releases/tags/v9")}, recorded(t, "rename-repository")...)
	answers = append(answers, notThere("/repositories/1000/releases/tags/v10"), answers[2])
	c := replaying(t, answers...)
	for _, tag := range []string{"v9", "v10"} {
		_, err := c.ReleaseByTag(t.Context(), old, tag)
		if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "was renamed to octokit-fixture-org/rename-repository-newname") {
			t.Errorf("error is %v, want ErrAbsent and the new name", err)
		}
	}
}

func TestRecordedPages(t *testing.T) {
	var more []bool
	for _, r := range recorded(t, "paginate-issues") {
		more = append(more, hasNext(http.Header{"Link": {r.Header["link"]}}))
	}
	if len(more) != 3 || !more[0] || !more[1] || more[2] {
		t.Errorf("the first, a middle and the last page have another after them: %v", more)
	}
}
