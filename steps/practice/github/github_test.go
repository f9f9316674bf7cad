package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

const release1 = "v1.5.3"

type releaseJSON struct {
	ID          int64   `json:"id"`
	Tag         string  `json:"tag_name"`
	Draft       *bool   `json:"draft"`
	PublishedAt *string `json:"published_at"`
	HTML        string  `json:"html_url"`
}

func TestDraftIsShownOnlyToThoseWithAToken(t *testing.T) {
	w, _ := begin(t)
	list := w.GitHubURL() + "/repos/" + w.Repository() + "/releases"
	for _, r := range ask.Wants[[]releaseJSON](t, ask.Get(t, list), http.StatusOK) {
		if *r.Draft {
			t.Errorf("anonymous sees the draft %s", r.Tag)
		}
	}
	seen := ask.Wants[[]releaseJSON](t, ask.Get(t, list, "Authorization", "Bearer "+w.GitHubToken()), http.StatusOK)
	if first := seen[0]; !*first.Draft || first.Tag != draftTag || first.PublishedAt != nil || !strings.Contains(first.HTML, "/releases/tag/untagged-") {
		t.Errorf("first release %+v, want the draft", first)
	}
	// A draft has no tag, so nobody can find it by one.
	for _, path := range []string{"/releases/tags/" + draftTag} {
		a := ask.Get(t, w.GitHubURL()+"/repos/"+w.Repository()+path, "Authorization", "Bearer "+w.GitHubToken())
		if a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
}

func TestGitHubErrors(t *testing.T) {
	w, _ := begin(t)
	repo := w.GitHubURL() + "/repos/" + w.Repository()
	type problem struct{ Message, Status, Documentation_url string }
	for _, c := range []struct {
		url, authorization string
		status             int
		message            string
	}{
		{repo + "/pulls/1", "", 404, "Not Found"},
		{repo + "/releases/tags/v9.9.9", "", 404, "Not Found"},
		{repo + "/actions/workflows/none.yml/runs", "", 404, "Not Found"},
		{repo + "/actions/runs/1/jobs", "", 404, "Not Found"},
		{w.GitHubURL() + "/repos/WordPress/another", "", 404, "Not Found"},
		{w.GitHubURL() + "/repos/WordPress/openverse-infrastructure/releases", "", 404, "Not Found"},
		{repo, "Bearer wrong", 401, "Bad credentials"},
		{repo + "/commits/tags/v9.9.9", "", 422, "No commit found for SHA: tags/v9.9.9"},
		{repo + "/commits/tags/" + draftTag, "", 422, "No commit found for SHA: tags/" + draftTag},
	} {
		head := []string{}
		if c.authorization != "" {
			head = []string{"Authorization", c.authorization}
		}
		p := ask.Wants[problem](t, ask.Get(t, c.url, head...), c.status)
		if p.Message != c.message || p.Status == "" || p.Documentation_url == "" {
			t.Errorf("%s: %+v", c.url, p)
		}
	}
	if a := ask.Fetch(t, http.MethodPost, repo+"/releases", "{}"); a.Status != http.StatusNotFound {
		t.Errorf("a POST got %d", a.Status)
	}
}

func TestGitHubHeaders(t *testing.T) {
	w, c := begin(t)
	a := ask.Get(t, w.GitHubURL()+"/repos/wordpress/OPENVERSE-catalog")
	repo := ask.Wants[struct {
		FullName string `json:"full_name"`
	}](t, a, http.StatusOK)
	if repo.FullName != w.Repository() {
		t.Errorf("repository %+v", repo)
	}
	for name, want := range map[string]string{
		"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59", "Content-Type": "application/json; charset=utf-8",
		"X-RateLimit-Reset": "1709287200",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q (now %s)", name, got, want, c.Now())
		}
	}
}

func TestReleasePages(t *testing.T) {
	w, _ := begin(t)
	url := w.GitHubURL() + "/repos/" + w.Repository() + "/releases?per_page=1"
	a := ask.Get(t, url)
	if got := ask.Wants[[]releaseJSON](t, a, http.StatusOK); len(got) != 1 || got[0].Tag != release1 {
		t.Fatalf("first page %+v", got)
	}
	link := a.Header.Get("Link")
	next, _, ok := strings.Cut(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	if !ok {
		t.Fatalf("link %q", link)
	}
	b := ask.Get(t, next)
	if got := ask.Wants[[]releaseJSON](t, b, http.StatusOK); len(got) != 1 || got[0].Tag != "v1.5.2" {
		t.Errorf("second page %+v", got)
	}
	if link := b.Header.Get("Link"); link != "" {
		t.Errorf("link of the last page %q", link)
	}
	if got := ask.Wants[[]releaseJSON](t, ask.Get(t, url+"&page=9"), http.StatusOK); len(got) != 0 {
		t.Errorf("a page after the last has %d rows", len(got))
	}
}

func TestReleaseByTag(t *testing.T) {
	w, _ := begin(t)
	repo := w.GitHubURL() + "/repos/" + w.Repository()
	for _, path := range []string{"/releases/tags/v1.5.3", "/releases/tags/v1.5.2"} {
		r := ask.Wants[releaseJSON](t, ask.Get(t, repo+path), http.StatusOK)
		if !strings.HasSuffix(path, r.Tag) || *r.Draft || r.PublishedAt == nil {
			t.Errorf("%s: %+v", path, r)
		}
		if a := ask.Get(t, r.HTML); a.Status != http.StatusOK || !strings.Contains(a.Body, "practice") {
			t.Errorf("the page %s: %d", r.HTML, a.Status)
		}
	}
}

func TestTheCommitOfATag(t *testing.T) {
	w, _ := begin(t)
	repo := w.GitHubURL() + "/repos/" + w.Repository()
	a := ask.Get(t, repo+"/commits/tags/v1.5.2", "Accept", "application/vnd.github.sha")
	if a.Body != state.CommitOf("v1.5.2") || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/vnd.github.sha") {
		t.Errorf("the SHA alone: %q as %q", a.Body, a.Header.Get("Content-Type"))
	}
}

type runsJSON struct {
	Total int `json:"total_count"`
	Runs  []struct {
		ID         int64   `json:"id"`
		Path       string  `json:"path"`
		Event      string  `json:"event"`
		Status     string  `json:"status"`
		Conclusion *string `json:"conclusion"`
		Branch     string  `json:"head_branch"`
		SHA        string  `json:"head_sha"`
		Attempt    int     `json:"run_attempt"`
	} `json:"workflow_runs"`
}

func TestRunFilters(t *testing.T) {
	w, _ := begin(t)
	actions := w.GitHubURL() + "/repos/" + w.Repository() + "/actions"
	for query, want := range map[string]int{
		"/runs":                                      5, // three commits with a push each, two releases
		"/workflows/ci_cd.yml/runs":                  5,
		"/runs?event=release":                        2,
		"/runs?branch=v1.5.3":                        1,
		"/runs?status=success":                       5,
		"/runs?status=completed&event=push":          3,
		"/runs?status=failure":                       0,
		"/runs?head_sha=" + state.CommitOf(draftTag): 1,
		"/workflows/ci_cd.yml/runs?event=release&per_page=100&head_sha=" + state.CommitOf(release1): 1,
	} {
		got := ask.Wants[runsJSON](t, ask.Get(t, actions+query), http.StatusOK)
		if got.Total != want || len(got.Runs) != want {
			t.Errorf("%s: total %d, %d rows, want %d", query, got.Total, len(got.Runs), want)
		}
	}
}

func TestReleaseRunGoesItsWay(t *testing.T) {
	w, c := begin(t)
	url := w.GitHubURL() + "/repos/" + w.Repository() + "/actions/workflows/" + w.Workflow() + "/runs?event=release&head_sha=" + state.CommitOf(draftTag)
	if got := ask.Wants[runsJSON](t, ask.Get(t, url), http.StatusOK); got.Total != 0 {
		t.Fatalf("a run before the release: %+v", got)
	}
	w.publish(t)
	type jobsJSON struct {
		Total int `json:"total_count"`
		Jobs  []struct {
			Name, Status string
			Conclusion   *string
			Completed    *string `json:"completed_at"`
		}
	}
	for _, at := range []struct {
		pass                      time.Duration
		status, conclusion, lastJ string
	}{
		{0, "queued", "", "queued"},
		{1999 * time.Millisecond, "queued", "", "queued"},
		{time.Millisecond, "in_progress", "", "queued"},
		{3 * time.Second, "in_progress", "", "in_progress"},
		{999 * time.Millisecond, "in_progress", "", "in_progress"},
		{time.Millisecond, "completed", "success", "completed"},
	} {
		c.Pass(at.pass)
		got := ask.Wants[runsJSON](t, ask.Get(t, url), http.StatusOK)
		if got.Total != 1 {
			t.Fatalf("%d runs", got.Total)
		}
		run := got.Runs[0]
		if run.Status != at.status || text(run.Conclusion) != at.conclusion || run.Branch != draftTag || run.Attempt != 1 || run.Path != ".github/workflows/ci_cd.yml" {
			t.Errorf("run %+v, want %s %s", run, at.status, at.conclusion)
		}
		jobs := ask.Wants[jobsJSON](t, ask.Get(t, fmt.Sprintf("%s/repos/%s/actions/runs/%d/jobs?filter=latest", w.GitHubURL(), w.Repository(), run.ID)), http.StatusOK)
		if jobs.Total != 4 {
			t.Fatalf("%d jobs", jobs.Total)
		}
		last := jobs.Jobs[3]
		if last.Name != "Publish Docker images" || last.Status != at.lastJ || text(last.Conclusion) != at.conclusion || (last.Completed != nil) != (at.lastJ == "completed") {
			t.Errorf("last job %+v, want %s", last, at.lastJ)
		}
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
