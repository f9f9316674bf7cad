package github

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// call is one function of the client, with the question it asks first.
type call struct {
	name, uri, accept string
	do                func(context.Context, *Client) error
}

var calls = []call{
	{"Releases", root + "/releases?per_page=5", "", func(ctx context.Context, c *Client) error { _, _, err := c.Releases(ctx, repo, 5); return err }},
	{"ReleaseByTag", root + "/releases/tags/v1", "", func(ctx context.Context, c *Client) error { _, err := c.ReleaseByTag(ctx, repo, "v1"); return err }},
	{"TagCommit", root + "/commits/tags/v1", mediaSHA, func(ctx context.Context, c *Client) error { _, err := c.TagCommit(ctx, repo, "v1"); return err }},
	{"WorkflowRuns", root + "/actions/runs?event=release&head_sha=" + sha1 + "&per_page=100", "", func(ctx context.Context, c *Client) error {
		_, err := c.WorkflowRuns(ctx, repo, "", RunFilter{Event: "release", SHA: sha1})
		return err
	}},
	{"Jobs", root + "/actions/runs/9/jobs?filter=latest&per_page=100", "", func(ctx context.Context, c *Client) error { _, err := c.Jobs(ctx, repo, 9); return err }},
}

// No function may turn an answer that cannot be used into a result, and each
// such answer has its own cause and something that a person can do.
func TestAnswersThatCannotBeUsed(t *testing.T) {
	answers := []struct {
		name   string
		status int
		header map[string]string
		body   string
		cause  transport.Cause
		says   string
	}{
		{"unauthorized", 401, nil, `{"message":"Bad credentials"}`, transport.Credentials, "rejected the token (401)"},
		{"forbidden", 403, nil, `{"message":"Resource not accessible"}`, transport.Credentials, "returned 403 (Forbidden)"},
		{"single sign-on", 403, map[string]string{"X-GitHub-SSO": "required; url=https://x"}, `{}`, transport.Credentials, "single sign-on"},
		{"rate limit", 403, map[string]string{"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "1700000000"}, `{}`, transport.RateLimited, "try again at"},
		{"secondary limit", 403, map[string]string{"Retry-After": "60"}, `{}`, transport.RateLimited, "try again at"},
		{"secondary limit by message", 403, nil, `{"message":"You have exceeded a secondary rate limit."}`, transport.RateLimited, "try again after"},
		{"too many requests", 429, nil, `{}`, transport.RateLimited, "try again later"},
		{"server error", 502, nil, `{}`, transport.Broken, "failed (502"},
		{"login page", 200, map[string]string{"Content-Type": "text/html; charset=utf-8"}, `<html>Sign in</html>`, transport.Credentials, "login page"},
		{"no JSON", 200, nil, `{"total_count": 0, `, transport.Broken, "unexpected JSON"},
		{"two values", 200, nil, `{} {}`, transport.Broken, "unexpected JSON"},
		{"wrong shape", 200, nil, `"hello"`, transport.Broken, "unexpected JSON"},
		{"null", 200, nil, `null`, transport.Broken, ""},
		{"empty response", 200, nil, ``, transport.Broken, "empty response"},
	}
	for _, c := range calls {
		for _, a := range answers {
			t.Run(c.name+"/"+a.name, func(t *testing.T) {
				f := serve(t, exchange{uri: c.uri, accept: c.accept, status: a.status, header: a.header, body: a.body})
				err := c.do(t.Context(), f.client())
				wantCause(t, err, a.cause)
				if !strings.Contains(err.Error(), a.says) {
					t.Errorf("error is %q, want it to say %q", err, a.says)
				}
			})
		}
	}
}

// A field that a judgement rests on must be there; Go's zero value for it would
// be a claim that nobody made.
func TestFieldsThatMustBeThere(t *testing.T) {
	run := runJSON(1, 1, sha1, "v1", "2024-03-01T00:00:00Z", "completed", "success")
	release := releaseJSON(1, "v1", "2024-03-02T00:00:00Z", false)
	without := func(body, field string) string { return strings.Replace(body, `"`+field+`":`, `"x":`, 1) }
	answers := map[int][]string{
		0: {"[" + without(release, "draft") + "]", "[{}]", "[null]"},
		1: {without(release, "id"), without(release, "tag_name"), without(release, "draft"), without(release, "prerelease"), without(release, "published_at")},
		2: {`{}`, `{"sha":null}`},
		3: {
			`{}`, `{"total_count":0}`, `{"workflow_runs":[]}`, `{"total_count":0,"workflow_runs":null}`,
			runsJSON(1), runsJSON(2, run), runsJSON(1, without(run, "id")), runsJSON(1, without(run, "event")), runsJSON(1, without(run, "status")),
			runsJSON(1, without(run, "head_sha")), runsJSON(1, without(run, "run_attempt")), runsJSON(1, without(run, "run_started_at")),
		},
		4: {
			`{}`, `{"total_count":0}`, `{"jobs":[]}`, `{"total_count":3,"jobs":[]}`,
			`{"total_count":1,"jobs":[{"name":"Build"}]}`, `{"total_count":1,"jobs":[{"status":"queued"}]}`,
		},
	}
	for i, bodies := range answers {
		for _, body := range bodies {
			t.Run(calls[i].name, func(t *testing.T) {
				f := serve(t, exchange{uri: calls[i].uri, accept: calls[i].accept, body: body})
				if err := calls[i].do(t.Context(), f.client()); err == nil {
					t.Fatalf("accepted %s", body)
				} else {
					wantCause(t, err, transport.Broken)
				}
			})
		}
	}
}

func TestCancelled(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			f := serve(t, exchange{uri: c.uri, accept: c.accept, do: func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			}})
			wantCause(t, c.do(ctx, f.client()), transport.Cancelled)
		})
	}
}

func TestRenamedRepositoryIsFollowedOnTheSameHost(t *testing.T) {
	moved := "/repositories/42/releases?per_page=5"
	f := serve(t,
		exchange{uri: calls[0].uri, status: 301, header: map[string]string{"Location": moved}, body: `{}`},
		exchange{uri: moved, body: "[" + releaseJSON(1, "v1", "2024-03-02T00:00:00Z", false) + "]"})
	got, _, err := f.client().Releases(t.Context(), repo, 5)
	if err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRedirectToAnotherHostIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was asked, with Authorization %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, c := range calls {
		f := serve(t, exchange{uri: c.uri, accept: c.accept, status: 301, header: map[string]string{"Location": elsewhere.URL + "/x"}, body: `{}`})
		wantCause(t, c.do(t.Context(), f.client()), transport.Credentials)
	}
}

func TestEnterpriseAddressWithAPath(t *testing.T) {
	f := serve(t, exchange{uri: "/api/v3" + calls[0].uri, body: `[]`})
	c, err := New(f.url+"/api/v3/", transport.NewToken(token), true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := c.Releases(t.Context(), repo, 5); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAnonymous(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, sent := r.Header["Authorization"]; sent {
			t.Error("an anonymous client sent Authorization")
		}
		w.Header().Set("X-Ratelimit-Remaining", "0")
		w.WriteHeader(http.StatusForbidden)
	}))
	defer s.Close()
	c, err := New(s.URL, nil, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Releases(t.Context(), repo, 5)
	if p := wantCause(t, err, transport.RateLimited); !strings.Contains(p.Hint, "set GH_TOKEN") {
		t.Errorf("hint is %q", p.Hint)
	}
}

func TestNew(t *testing.T) {
	for address, ok := range map[string]bool{
		APIURL: true, "https://github.example/api/v3": true, "http://127.0.0.1:8080": true, "http://localhost:1": true, "http://[::1]:1": true,
		"http://github.example": false, "github.example": false, "": false,
	} {
		if _, err := New(address, transport.NewToken(token), true, nil); (err == nil) != ok {
			t.Errorf("%q: error %v, want accepted %t", address, err, ok)
		}
	}
	if _, err := New("http://github.example", nil, true, nil); err != nil {
		t.Errorf("an anonymous client has nothing to protect: %v", err)
	}
	if got := clean.Line("it was " + token).String(); strings.Contains(got, token) {
		t.Errorf("the token is not known as a secret: %q", got)
	}
}
