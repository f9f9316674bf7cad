package github

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"catalog-runbook/steps/github/testdata/openapi"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

// githubDescription is GitHub's own description of what the practice world answers.
var githubDescription = sync.OnceValues(func() (*openapi.API, error) { return openapi.LoadPartial("../../github/testdata/openapi.json") })

// asDescribed returns a transport that fails the test for a request that GitHub
// does not describe, and for an answer that GitHub would not give. A nil base
// asks the world.
func asDescribed(t *testing.T, base http.RoundTripper) http.RoundTripper {
	t.Helper()
	api, err := githubDescription()
	if err != nil {
		t.Fatal(err)
	}
	if base == nil {
		base = ask.FreshConnections()
	}
	return &openapi.Check{API: api, Base: base, Tell: func(err error) { t.Error(err) }}
}

// TestEveryAnswerIsAsDescribed asks everything that the practice GitHub knows,
// at every moment at which it answers differently.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	w, c := begin(t)
	draft := state.CommitOf(draftTag)
	paths := map[string][]string{ // by the pattern of the operation
		"":                               {""},
		"/releases":                      {"/releases", "/releases?per_page=1", "/releases?per_page=1&page=2", "/releases?page=99"},
		"/releases/latest":               {"/releases/latest"},
		"/releases/tags/{tag...}":        {"/releases/tags/v1.5.3", "/releases/tags/" + draftTag, "/releases/tags/none", "/releases/tags/a/b"},
		"/commits/tags/{tag...}":         {"/commits/tags/v1.5.3", "/commits/tags/v1.5.2", "/commits/tags/none"},
		"/commits/{id}":                  {"/commits/" + draft, "/commits/" + draft[:12], "/commits/" + strings.Repeat("0", 40)},
		"/actions/runs":                  {"/actions/runs", "/actions/runs?event=release&head_sha=" + draft + "&per_page=100", "/actions/runs?status=in_progress&branch=main&per_page=2&page=2"},
		"/actions/workflows/{file}/runs": {"/actions/workflows/ci_cd.yml/runs?event=release", "/actions/workflows/none.yml/runs"},
		"/actions/runs/{id}/jobs":        {"/actions/runs/4600001032/jobs?filter=latest&per_page=100", "/actions/runs/4600001042/jobs", "/actions/runs/4600001042/jobs?per_page=2&page=2", "/actions/runs/1/jobs"},
		"/contents/{path...}":            {"/contents/.github/workflows/ci_cd.yml?ref=" + draft, "/contents/README.md", "/contents/catalog/dags/europeana_workflow.py?ref=" + state.PullBase},
		"/pulls":                         {"/pulls", "/pulls?base=main&direction=desc&per_page=30&sort=updated&state=all", "/pulls?head=a%3Ab&state=all"},
		"/pulls/{number}":                {"/pulls/1094", "/pulls/1"},
		"/pulls/{number}/files":          {"/pulls/1094/files?per_page=100", "/pulls/1/files"},
		"/compare/{range}":               {"/compare/" + state.PullBase + "...main?per_page=1", "/compare/main..." + state.PullBase, "/compare/a...b"},
		"/commits":                       {"/commits?sha=main&path=catalog/dags/europeana_workflow.py&per_page=8"},
		"/git/matching-refs/{ref...}":    {"/git/matching-refs/heads/gh-readonly-queue/main/pr-1-"},
	}
	g := &hub{}
	for pattern := range g.operations() {
		if len(paths[pattern]) == 0 {
			t.Errorf("nothing is asked of %q", pattern)
		}
	}
	client := http.Client{Transport: asDescribed(t, nil)}
	statuses := map[int]int{}
	ask := func(base, path, authorization string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.GitHubURL()+base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"User-Agent": "tests", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "Authorization": authorization} {
			req.Header.Set(name, value)
		}
		if authorization == "" {
			req.Header.Del("Authorization")
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		statuses[resp.StatusCode]++
	}
	everything := func() {
		for _, authorization := range []string{"", "Bearer " + w.GitHubToken(), "Bearer wrong"} {
			for pattern, list := range paths {
				if !strings.HasPrefix(pattern, "/releases") && !strings.HasPrefix(pattern, "/actions") && authorization == "Bearer wrong" {
					continue // one refusal is like the other
				}
				for _, path := range list {
					ask("/repos/"+w.Repository(), path, authorization)
				}
			}
		}
		ask("/user", "", "")
		ask("/user", "", "Bearer "+w.GitHubToken())
		ask("/repos/WordPress/another", "", "")
		ask("/repositories/387427000", "/releases?per_page=2", "")
	}
	everything()
	w.publish(t)
	everything()
	c.Pass(state.UsualBuild.Starts)
	everything()
	c.Pass(state.UsualBuild.Ends - state.UsualBuild.Starts)
	everything()
	for _, status := range []int{200, 401, 404, 422} {
		if statuses[status] == 0 {
			t.Errorf("no answer had the status %d: %v", status, statuses)
		}
	}
}
