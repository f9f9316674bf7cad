package github

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

const (
	sha1   = "0123456789abcdef0123456789abcdef01234567"
	sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

func day(d int) time.Time { return time.Date(2024, 3, d, 0, 0, 0, 0, time.UTC) }

func TestParseRepository(t *testing.T) {
	for s, ok := range map[string]bool{
		"wordpress/openverse-catalog": true, "a/.github": true, "a/b.c_d": true,
		"": false, "a": false, "a/": false, "/b": false, "a/b/c": false, "a/..": false, "a/b c": false, "a/b?c": false, "a/b%2f": false,
	} {
		got, err := ParseRepository(s)
		if (err == nil) != ok {
			t.Errorf("%q: error %v, want accepted %t", s, err, ok)
		}
		if ok && got.String() != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestReleases(t *testing.T) {
	f := serve(t, exchange{uri: root + "/releases?per_page=4", body: "[" +
		releaseJSON(1, "v1", "2024-03-02T00:00:00Z", false) + "," +
		releaseJSON(3, "v3", "2024-03-09T00:00:00Z", false) + "," +
		releaseJSON(2, "v2", "2024-03-05T00:00:00Z", false) + "," +
		releaseJSON(4, "v4", "", true) + "]"})
	got, _, err := f.client().Releases(t.Context(), repo, 4)
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, r := range got {
		tags = append(tags, r.Tag)
	}
	if want := []string{"v3", "v2", "v1", "v4"}; !reflect.DeepEqual(tags, want) {
		t.Errorf("order is %v, want %v", tags, want)
	}
	want := Release{id: 3, Tag: "v3", PublishedAt: day(9), createdAt: day(1), URL: "https://github.com/r/v3"}
	if !reflect.DeepEqual(got[0], want) {
		t.Errorf("release is %+v, want %+v", got[0], want)
	}
	if !got[3].Draft || !got[3].PublishedAt.IsZero() {
		t.Errorf("the draft is %+v", got[3])
	}
}

func TestReleasesRefusesALimitThatGitHubWouldCut(t *testing.T) {
	c := serve(t).client()
	for _, limit := range []int{-1, 0, 101} {
		if _, _, err := c.Releases(t.Context(), repo, limit); err == nil {
			t.Errorf("limit %d was accepted", limit)
		}
	}
}

func TestReleaseByTag(t *testing.T) {
	f := serve(t, exchange{uri: root + "/releases/tags/catalog%2Fv1", body: releaseJSON(7, "catalog/v1", "2024-03-02T00:00:00Z", false)})
	got, err := f.client().ReleaseByTag(t.Context(), repo, "catalog/v1")
	if err != nil || got.id != 7 || got.Draft || got.PublishedAt != day(2) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReleaseByTagOfAnotherTagIsBroken(t *testing.T) {
	f := serve(t, exchange{uri: root + "/releases/tags/v1", body: releaseJSON(7, "v2", "2024-03-02T00:00:00Z", false)})
	_, err := f.client().ReleaseByTag(t.Context(), repo, "v1")
	wantCause(t, err, transport.Broken)
}

func TestTagNamesThatGitRefuses(t *testing.T) {
	c := serve(t).client()
	for _, tag := range []string{"", "..", "a/../b", "/a", "a/", "a//b", ".a", "a b", "a\nb", "a?b", "a:b"} {
		if _, err := c.TagCommit(t.Context(), repo, tag); err == nil {
			t.Errorf("TagCommit accepted %q", tag)
		}
		if _, err := c.ReleaseByTag(t.Context(), repo, tag); err == nil {
			t.Errorf("ReleaseByTag accepted %q", tag)
		}
	}
}

// The commits endpoint peels: for an annotated tag it names the commit, where
// git/ref/tags would name the tag object.
func TestTagCommit(t *testing.T) {
	uri := root + "/commits/tags/v1"
	plain := map[string]string{"Content-Type": "application/vnd.github.sha; charset=utf-8"}
	for name, e := range map[string]exchange{
		"bare id":      {uri: uri, accept: mediaSHA, header: plain, body: sha1},
		"with newline": {uri: uri, accept: mediaSHA, header: plain, body: sha1 + "\n"},
		"JSON":         {uri: uri, accept: mediaSHA, body: `{"sha":"` + sha1 + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, e).client().TagCommit(t.Context(), repo, "v1")
			if err != nil || got != sha1 {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	t.Run("SHA-256 and two tags on one commit", func(t *testing.T) {
		f := serve(t,
			exchange{uri: uri, accept: mediaSHA, header: plain, body: sha256},
			exchange{uri: root + "/commits/tags/a/b%23c", accept: mediaSHA, header: plain, body: sha256})
		c := f.client()
		one, err1 := c.TagCommit(t.Context(), repo, "v1")
		two, err2 := c.TagCommit(t.Context(), repo, "a/b#c")
		if err1 != nil || err2 != nil || one != sha256 || two != one {
			t.Errorf("got %q %v, %q %v", one, err1, two, err2)
		}
	})
	for name, body := range map[string]string{"short": "0123456", "upper case": strings.ToUpper(sha1), "words": "no commit", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, exchange{uri: uri, accept: mediaSHA, header: plain, body: body})
			_, err := f.client().TagCommit(t.Context(), repo, "v1")
			wantCause(t, err, transport.Broken)
		})
	}
}

func TestPause(t *testing.T) {
	now := day(1)
	reset := strconv.FormatInt(now.Add(30*time.Minute).Unix(), 10)
	for name, c := range map[string]struct {
		left, reset string
		want        time.Duration
	}{
		"five rounds are left":   {"30", reset, 6 * time.Minute},
		"not one round is left":  {"5", reset, 30 * time.Minute},
		"plenty":                 {"4999", reset, 30 * time.Minute / 833},
		"the hour is over":       {"0", strconv.FormatInt(now.Unix(), 10), 0},
		"GitHub doesn't say how": {"", reset, 0},
	} {
		t.Run(name, func(t *testing.T) {
			header := map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": c.left, "X-RateLimit-Reset": c.reset}
			client := serve(t, exchange{uri: "/repos/wordpress/openverse-catalog/releases/latest", header: header, body: releaseJSON(7, "v1.5.4", "2024-03-01T09:00:00Z", false)}).client()
			if got := client.Pause(6, now); got != 0 {
				t.Errorf("before any answer: %v", got)
			}
			if _, _, err := client.Latest(t.Context(), repo); err != nil {
				t.Fatal(err)
			}
			if got := client.Pause(6, now); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestHasCommit(t *testing.T) {
	at := "/repos/wordpress/openverse-catalog/commits/" + sha1
	for name, c := range map[string]struct {
		answers []exchange
		want    bool
		err     bool
	}{
		"one of the repository's": {answers: []exchange{{uri: at, accept: mediaSHA, header: map[string]string{"Content-Type": mediaSHA}, body: sha1}}, want: true},
		"a stranger's":            {answers: []exchange{{uri: at, accept: mediaSHA, status: 422, body: `{"message":"No commit found for SHA"}`}, {uri: "/repos/wordpress/openverse-catalog", body: `{"id":1,"full_name":"wordpress/openverse-catalog"}`}}},
		"of what is not visible":  {answers: []exchange{{uri: at, accept: mediaSHA, status: 404, body: `{"message":"Not Found"}`}, {uri: "/repos/wordpress/openverse-catalog", status: 404, body: `{"message":"Not Found"}`}}, err: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, c.answers...).client().HasCommit(t.Context(), repo, sha1)
			if got != c.want || (err != nil) != c.err {
				t.Errorf("got %t, %v", got, err)
			}
		})
	}
}

func TestLatest(t *testing.T) {
	const at = "/repos/wordpress/openverse-catalog/releases/latest"
	got, named, err := serve(t, exchange{uri: at, body: releaseJSON(7, "v1.5.4", "2024-03-01T09:00:00Z", false)}).client().Latest(t.Context(), repo)
	if err != nil || !named || got.Tag != "v1.5.4" {
		t.Errorf("got %+v, %t, %v", got, named, err)
	}
	got, named, err = serve(t, exchange{uri: at, status: 404, body: `{"message":"Not Found"}`}).client().Latest(t.Context(), repo)
	if err != nil || named {
		t.Errorf("got %+v, %t, %v", got, named, err)
	}
	_, named, err = serve(t, exchange{uri: at, body: releaseJSON(7, "v1.5.4", "2024-03-01T09:00:00Z", true)}).client().Latest(t.Context(), repo)
	if err == nil || named {
		t.Errorf("a draft is the latest: %t, %v", named, err)
	}
}

func TestAbsentAndInvisible(t *testing.T) {
	ask := map[string]struct {
		uri, accept string
		statuses    []int
		call        func(*Client) error
	}{
		"release": {root + "/releases/tags/v1", "", []int{404}, func(c *Client) error { _, err := c.ReleaseByTag(t.Context(), repo, "v1"); return err }},
		"commit":  {root + "/commits/tags/v1", mediaSHA, []int{404, 409, 422}, func(c *Client) error { _, err := c.TagCommit(t.Context(), repo, "v1"); return err }},
	}
	for name, a := range ask {
		for _, status := range a.statuses {
			missing := exchange{uri: a.uri, accept: a.accept, status: status, body: `{"message":"Not Found"}`}
			t.Run(name+" absent", func(t *testing.T) {
				err := a.call(serve(t, missing, visible).client())
				if !errors.Is(err, ErrAbsent) {
					t.Errorf("error is %v, want ErrAbsent", err)
				}
				if _, is := transport.CauseOf(err); is {
					t.Errorf("an answer became a Problem: %v", err)
				}
			})
			t.Run(name+" invisible", func(t *testing.T) {
				err := a.call(serve(t, missing, hidden).client())
				wantCause(t, err, transport.NotFound)
				if errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "your account can't see it") {
					t.Errorf("error is %v", err)
				}
			})
			t.Run(name+" probe fails", func(t *testing.T) {
				err := a.call(serve(t, missing, exchange{uri: root, status: 502}).client())
				wantCause(t, err, transport.Broken)
			})
			t.Run(name+" probe is no repository", func(t *testing.T) {
				err := a.call(serve(t, missing, exchange{uri: root, body: `{}`}).client())
				wantCause(t, err, transport.Broken)
			})
		}
	}
}

func TestWorkflowRuns(t *testing.T) {
	uri := root + "/actions/workflows/release-app.yml/runs?event=release&head_sha=" + sha1 + "&per_page=100"
	f := serve(t, exchange{uri: uri, body: runsJSON(5,
		runJSON(10, 1, sha1, "v1", "2024-03-01T00:00:00Z", "completed", "success"),
		runJSON(11, 1, sha1, "v2", "2024-03-02T00:00:00Z", "completed", "failure"),
		runJSON(9, 2, sha1, "v1", "2024-03-03T00:00:00Z", "queued", "null"),
		runJSON(8, 3, sha1, "v1", "2024-03-02T00:00:00Z", "in_progress", "null"),
		runJSON(12, 1, sha256, "v0", "2024-03-09T00:00:00Z", "completed", "success"))})
	got, err := f.client().WorkflowRuns(t.Context(), repo, "release-app.yml", RunFilter{Event: "release", SHA: sha1})
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, r := range got {
		ids = append(ids, r.ID)
	}
	// The re-run that started last leads although its id is old; at the same
	// time the higher attempt leads; another commit's run is left out.
	if want := []int64{9, 8, 11, 10}; !reflect.DeepEqual(ids, want) {
		t.Errorf("order is %v, want %v", ids, want)
	}
	want := WorkflowRun{ID: 9, Name: clean.Line("Release app"), Path: ".github/workflows/release-app.yml", Event: "release",
		Status: "queued", HeadBranch: "v1", HeadSHA: sha1, Attempt: 2, StartedAt: day(3), URL: "https://github.com/runs/9"}
	if !reflect.DeepEqual(got[0], want) {
		t.Errorf("run is %+v, want %+v", got[0], want)
	}
}

func TestWorkflowRunsOfAllWorkflows(t *testing.T) {
	f := serve(t, exchange{uri: root + "/actions/runs?per_page=100", body: runsJSON(0)})
	got, err := f.client().WorkflowRuns(t.Context(), repo, "", RunFilter{})
	if err != nil || got == nil || len(got) != 0 {
		t.Errorf("got %v, %v; want an empty list", got, err)
	}
}

func TestWorkflowThatIsNotFoundIsUnknown(t *testing.T) {
	f := serve(t, exchange{uri: root + "/actions/workflows/a%2Fb.yml/runs?per_page=100", status: 404, body: `{}`})
	_, err := f.client().WorkflowRuns(t.Context(), repo, "a/b.yml", RunFilter{})
	wantCause(t, err, transport.NotFound)
	if errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "a/b.yml") {
		t.Errorf("error is %v", err)
	}
}

func TestJobs(t *testing.T) {
	f := serve(t, exchange{uri: root + "/actions/runs/9/jobs?filter=latest&per_page=100", body: `{"total_count":2,"jobs":[
		{"name":"Publish \u202eimage","status":"completed","conclusion":"skipped","html_url":"https://github.com/j/1","started_at":"2024-03-01T00:00:00Z","completed_at":"2024-03-02T00:00:00Z"},
		{"name":"Build","status":"queued","conclusion":null,"html_url":"","started_at":null,"completed_at":null}]}`})
	got, err := f.client().Jobs(t.Context(), repo, 9)
	want := []Job{
		{Name: clean.Line("Publish \u202eimage"), Status: "completed", Conclusion: "skipped", URL: "https://github.com/j/1"},
		{Name: clean.Line("Build"), Status: "queued"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func wantCause(t *testing.T, err error, want transport.Cause) *transport.Problem {
	t.Helper()
	var p *transport.Problem
	if !errors.As(err, &p) {
		t.Fatalf("error is %v, want a Problem with cause %d", err, want)
	}
	if p.Cause != want {
		t.Errorf("cause is %d (%v), want %d", p.Cause, p, want)
	}
	return p
}
