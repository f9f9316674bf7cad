package github_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"catalog-runbook/steps/github/testdata/openapi"
)

func load(t *testing.T) *openapi.API {
	t.Helper()
	a, err := openapi.Load(kept)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func request(t *testing.T, uri string, change ...func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.github.com"+uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"User-Agent": "x", "X-GitHub-Api-Version": "2022-11-28", "Accept": "application/vnd.github+json"} {
		r.Header.Set(name, value)
	}
	for _, c := range change {
		c(r)
	}
	return r
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestRequests(t *testing.T) {
	a := load(t)
	for uri, says := range map[string]string{
		"/repos/o/r": "",
		"/repos/o/r/releases?per_page=100&page=2":                                    "",
		"/repos/o/r/releases/latest":                                                 "",
		"/repos/o/r/releases/12":                                                     "",
		"/repos/o/r/releases/tags/a%2Fb":                                             "",
		"/repos/o/r/releases/tags/a/b":                                               "",
		"/repos/o/r/commits/tags/a/b%23c":                                            "",
		"/repos/o/r/compare/v1...a%2Fb?per_page=1":                                   "",
		"/repos/o/r/actions/workflows/ci_cd.yml/runs?event=release&status=cancelled": "",
		"/repos/o/r/actions/runs/7/jobs?filter=latest":                               "",
		"/repos/o/r/pulls?head=o%3Ab&per_page=30&state=all":                          "",
		"/repositories/42/releases?per_page=5":                                       "",
		"/repositories/42":                                                           "",
		"/repositories/all":                                                          "not described",
		"/repos/o/r/issues/1":                                                        "not described",
		"/repos/o":                                                                   "not described",
		"/repos/o/r/actions/runs?event=release&sha=x":                                `no parameter "sha"`,
		"/repos/o/r/actions/runs?event=a&event=b":                                    "2 times",
		"/repos/o/r/actions/runs?status=bogus":                                       "not one of the allowed values",
		"/repos/o/r/actions/runs/seven/jobs":                                         "run_id",
		"/repos/o/r/actions/runs/7/jobs?filter=newest":                               "not one of the allowed values",
		"/repos/o/r/releases?per_page=101":                                           "per_page",
		"/repos/o/r/releases?per_page=many":                                          "per_page",
	} {
		if err := a.Request(request(t, uri), ""); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", uri, err, says)
		}
	}
	for name, r := range map[string]*http.Request{
		"a POST":          request(t, "/repos/o/r/releases", func(r *http.Request) { r.Method = http.MethodPost }),
		"no agent":        request(t, "/repos/o/r", with("User-Agent", "")),
		"no version":      request(t, "/repos/o/r", with("X-GitHub-Api-Version", "")),
		"another type":    request(t, "/repos/o/r", with("Accept", "*/*")),
		"a token as such": request(t, "/repos/o/r", with("Authorization", "token x")),
	} {
		if err := a.Request(r, ""); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := a.Request(request(t, "/api/v3/repos/o/r"), "/api/v3"); err != nil {
		t.Error(err)
	}
	if err := a.Request(request(t, "/repos/o/r"), "/api/v3"); err == nil {
		t.Error("a request without the prefix is accepted")
	}
}

const gitRef = `{"ref":"refs/tags/v1","node_id":"x","url":"https://api.github.com/x","object":{"type":"commit","sha":"0123456789abcdef0123456789abcdef01234567","url":"https://api.github.com/y"}}`

func TestAnswers(t *testing.T) {
	a := load(t)
	const ref, commit = "/repos/o/r/git/ref/tags/v1", "/repos/o/r/commits/tags/v1"
	for name, c := range map[string]struct {
		uri    string
		status int
		kind   string
		body   string
		says   string // "": it fits
	}{
		"fits":               {ref, 200, "application/json; charset=utf-8", gitRef, ""},
		"a bare id":          {commit, 200, "application/vnd.github.sha; charset=utf-8", "0123", ""},
		"a field is missing": {ref, 200, "application/json", strings.Replace(gitRef, `"node_id":"x",`, "", 1), "node_id"},
		"a short sha":        {ref, 200, "application/json", strings.Replace(gitRef, "0123456789abcdef", "", 1), "minimum string length"},
		"no absolute URL":    {ref, 200, "application/json", strings.Replace(gitRef, "https://api.github.com/x", "/x", 1), "uri"},
		"another type":       {ref, 200, "application/json", strings.Replace(gitRef, `"x"`, "1", 1), "string"},
		"a list":             {ref, 200, "application/json", "[]", "object"},
		"a web page":         {ref, 200, "text/html", "<p>", "text/html"},
		"cut":                {ref, 200, "application/json", gitRef[:60], "unexpected"},
		"a described error":  {ref, 404, "application/json", `{"message":"Not Found"}`, ""},
		"a common error":     {ref, 401, "application/json", `{"message":"Bad credentials","documentation_url":"x","status":"401"}`, ""},
		"a common web page":  {ref, 401, "text/html", `<p>`, "text/html"},
		"no message":         {ref, 429, "application/json", `{}`, "message"},
		"a strange status":   {ref, 418, "application/json", `{"message":"x"}`, "not described"},
		"an unknown request": {"/repos/o/r/issues/1", 200, "application/json", `{}`, "not described"},
	} {
		err := a.Answer(request(t, c.uri), "", c.status, http.Header{"Content-Type": {c.kind}}, []byte(c.body))
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

type answer struct {
	body string
	err  error
}

func (a answer) RoundTrip(*http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

// TestCheckTells passes everything on, and tells of each fault once.
func TestCheckTells(t *testing.T) {
	var told []error
	check := func(base answer) *openapi.Check {
		told = nil
		return &openapi.Check{API: load(t), Base: base, Tell: func(err error) { told = append(told, err) }}
	}
	for _, body := range []string{gitRef, "{}"} {
		resp, err := check(answer{body: body}).RoundTrip(request(t, "/repos/o/r/git/ref/tags/v1"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != body || err != nil {
			t.Errorf("the body became %q, %v", got, err)
		}
		if (len(told) == 1) != (body == "{}") {
			t.Errorf("%s: told %v", body, told)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := check(answer{body: gitRef}).RoundTrip(request(t, "/repos/o/r/git/ref/tags/v1").WithContext(ctx)); err != nil || len(told) != 0 {
		t.Errorf("with a context that has ended: %v, told %v", err, told)
	}
	down := errors.New("down")
	if _, err := check(answer{err: down}).RoundTrip(request(t, "/repos/o/r?x=1")); !errors.Is(err, down) || len(told) != 1 {
		t.Errorf("error %v, told %v", err, told)
	}
}
