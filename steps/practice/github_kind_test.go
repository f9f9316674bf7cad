package practice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/github/testdata/openapi"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/transport"
)

// The tests in this file let the kind that checks a release meet what GitHub can
// answer. The practice world answers; an edit changes what it says to what is to
// be met; and what comes out is held against GitHub's own description.

// edit changes the answers whose path ends in a suffix. Status and body are as
// the world gave them; a nil body after it leaves the answer as it was.
type edit struct {
	suffix string
	change func(resp *http.Response, body any) any
}

// editor makes the edits. It counts what passes and which edits were made.
type editor struct {
	base  http.RoundTripper
	edits []edit

	mu    sync.Mutex
	asked []string
	made  map[string]bool
}

func (e *editor) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := e.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, r.URL.RequestURI())
	for _, edit := range e.edits {
		if !strings.HasSuffix(r.URL.Path, edit.suffix) {
			continue
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		var body any
		_ = json.Unmarshal(text, &body) // a bare commit id is no JSON
		if changed := edit.change(resp, body); changed != nil {
			if text, err = json.Marshal(changed); err != nil {
				return nil, err
			}
			resp.Header.Set("Content-Type", "application/json; charset=utf-8")
			resp.Header.Del("Content-Length")
			resp.ContentLength = int64(len(text))
		}
		e.made[edit.suffix] = true
		resp.Body = io.NopCloser(bytes.NewReader(text))
	}
	return resp, nil
}

// description is GitHub's own description of what the practice world answers.
var description = sync.OnceValues(func() (*openapi.API, error) { return openapi.LoadPartial("../github/testdata/openapi.json") })

// asDescribed returns a transport that fails the test for a request that GitHub
// does not describe, and for an answer that GitHub would not give.
func asDescribed(t *testing.T, base http.RoundTripper) http.RoundTripper {
	t.Helper()
	api, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return &openapi.Check{API: api, Base: base, Tell: func(err error) { t.Error(err) }}
}

// desk is a release check with its world.
type desk struct {
	t      *testing.T
	world  *World
	clock  *ask.Clock
	editor *editor
	live   *steps.World
	facts  runbook.Facts
	repo   string
	most   int // requests
}

// published is a world in which the draft was published and its build has ended.
func published(t *testing.T) (*World, *ask.Clock) {
	t.Helper()
	w, c := begin(t, "calm", 2)
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	c.Pass(time.Minute)
	return w, c
}

// atDesk sits down in such a world.
func atDesk(t *testing.T, edits ...edit) *desk {
	t.Helper()
	w, c := published(t)
	return sit(t, w, c, edits...)
}

func sit(t *testing.T, w *World, c *ask.Clock, edits ...edit) *desk {
	t.Helper()
	d := &desk{t: t, world: w, clock: c, facts: runbook.Facts{runbook.ReleaseTag: draftTag}, repo: w.Repository(), most: 7}
	d.editor = &editor{base: ask.FreshConnections(), edits: edits, made: map[string]bool{}}
	t.Cleanup(func() {
		for _, e := range edits {
			if !d.editor.made[e.suffix] {
				t.Errorf("nobody asked for what ends in %s", e.suffix)
			}
		}
	})
	var s steps.Settings
	s.GitHub.APIURL = w.GitHubURL()
	live, err := steps.Connect(s, steps.Credentials{GitHubToken: transport.NewToken(w.GitHubToken())}, true, nil, asDescribed(t, d.editor))
	if err != nil {
		t.Fatal(err)
	}
	live.Now = c.Now
	d.live = live
	return d
}

// check asks whether the release step holds.
func (d *desk) check() runbook.Result {
	d.t.Helper()
	for _, k := range kinds.All() {
		if k.Name == "release" {
			d.editor.asked = nil
			return k.Check.Ask(d.t.Context(), steps.Input{
				Params: steps.Params{"repository": d.repo, "workflow": d.world.Workflow()}, Facts: d.facts, World: d.live,
			})
		}
	}
	d.t.Fatal("there is no kind for releases")
	return runbook.Result{}
}

// is fails unless the check has the verdict, says all parts, and costs no more
// than its six requests.
func (d *desk) is(want runbook.Verdict, says ...string) runbook.Result {
	d.t.Helper()
	res := d.check()
	text := res.Summary.String()
	for _, e := range res.Evidence {
		text += "\n" + e.Name.String() + ": " + e.Value.String()
	}
	if res.Verdict != want {
		d.t.Errorf("it is %s, want %s: %s", res.Verdict, want, text)
	}
	for _, part := range says {
		if !strings.Contains(text, part) {
			d.t.Errorf("%q is not in %q", part, text)
		}
	}
	if n := len(d.editor.asked); n > d.most {
		d.t.Errorf("%d requests: %s", n, strings.Join(d.editor.asked, "\n"))
	}
	return res
}

// rows is a list in an answer.
func rows(body any, list string) []any { return body.(server.Object)[list].([]any) }

// setRows puts a list into an answer, with its count.
func setRows(body any, list string, all []any) any {
	body.(server.Object)[list], body.(server.Object)["total_count"] = all, len(all)
	return body
}

// fields changes the first row of a list.
func fields(list string, set server.Object) func(*http.Response, any) any {
	return func(_ *http.Response, body any) any {
		maps.Copy(rows(body, list)[0].(server.Object), set)
		return body
	}
}

func runsOf(change func(*http.Response, any) any) edit {
	return edit{"/actions/workflows/ci_cd.yml/runs", change}
}

func jobsOf(change func(*http.Response, any) any) edit { return edit{"/jobs", change} }

// like returns a copy of a row with other fields.
func like(row any, set server.Object) any {
	out := maps.Clone(row.(server.Object))
	maps.Copy(out, set)
	return out
}

func TestReleaseKindPasses(t *testing.T) {
	d := atDesk(t)
	res := d.is(runbook.Passed, "release: "+draftTag, "release before: v1.5.3", "Publish Docker images: success")
	if res.Facts["release.commit"] != state.CommitOf(draftTag) {
		t.Errorf("facts %v", res.Facts)
	}
}

// A run that is not one of success is none, whatever else it may be called.
func TestReleaseKindAndRuns(t *testing.T) {
	later := ask.NewClock().Now().Add(30 * time.Second).Format(time.RFC3339)
	type runCase struct {
		edit edit
		want runbook.Verdict
		says string
	}
	cases := map[string]runCase{
		"zero runs": {runsOf(func(_ *http.Response, body any) any { return setRows(body, "workflow_runs", []any{}) }),
			runbook.Failed, "GitHub lists no workflow run for the release v1.5.4 yet"},
		"of another tag on the commit": {runsOf(fields("workflow_runs", server.Object{"head_branch": "v1.5.4-rc1"})), runbook.Failed, "GitHub lists no workflow run for the release v1.5.4 yet"},
		"a newer one of another tag": {runsOf(func(_ *http.Response, body any) any {
			all := rows(body, "workflow_runs")
			return setRows(body, "workflow_runs", append(all, like(all[0], server.Object{"id": 99, "head_branch": "v1.5.4-rc1", "conclusion": "failure", "run_started_at": later})))
		}), runbook.Passed, "attempt 1"},
		"no branch":              {runsOf(fields("workflow_runs", server.Object{"head_branch": nil})), runbook.Passed, ""},
		"of another commit":      {runsOf(fields("workflow_runs", server.Object{"head_sha": state.CommitOf("v1.5.3")})), runbook.Failed, "The tag v1.5.4 was moved"},
		"of another event":       {runsOf(fields("workflow_runs", server.Object{"event": "push"})), runbook.Unknown, `The event "push" started one for its tag`},
		"neither status nor end": {runsOf(fields("workflow_runs", server.Object{"status": nil, "conclusion": nil})), runbook.Unknown, "status"},
		"a status of the future": {runsOf(fields("workflow_runs", server.Object{"status": "resting", "conclusion": nil})), runbook.Failed, "is resting"},
		"more than one page": {runsOf(func(resp *http.Response, body any) any {
			all := rows(body, "workflow_runs")
			for i := range 99 {
				all = append(all, like(all[0], server.Object{"id": 100 + i}))
			}
			setRows(body, "workflow_runs", all)
			body.(server.Object)["total_count"] = 150
			resp.Header.Set("Link", `<https://api.github.com/repositories/1/actions/runs?page=2>; rel="next"`)
			return body
		}), runbook.Unknown, "of 150 workflow runs were listed"},
		"more jobs than one page": {jobsOf(func(_ *http.Response, body any) any {
			all := rows(body, "jobs")
			for i := range 96 {
				all = append(all, like(all[0], server.Object{"id": 100 + i}))
			}
			setRows(body, "jobs", all)
			body.(server.Object)["total_count"] = 128
			return body
		}), runbook.Unknown, "only 100 of 128 jobs were listed"},
		"a job that waits in a run that ended": {jobsOf(func(_ *http.Response, body any) any {
			maps.Copy(rows(body, "jobs")[3].(server.Object), server.Object{"status": "queued", "conclusion": nil, "completed_at": nil})
			return body
		}), runbook.Failed, `"Publish Docker images" is queued`},
		"no jobs":    {jobsOf(func(_ *http.Response, body any) any { return setRows(body, "jobs", []any{}) }), runbook.Unknown, "does not list its jobs yet"},
		"other jobs": {jobsOf(func(_ *http.Response, body any) any { return setRows(body, "jobs", rows(body, "jobs")[:3]) }), runbook.Unknown, "is not among those that GitHub lists"},
	}
	for _, end := range []string{"failure", "cancelled", "skipped", "neutral", "timed_out", "action_required", "stale", "startup_failure"} {
		cases["ended as "+end] = runCase{runsOf(fields("workflow_runs", server.Object{"conclusion": end})), runbook.Failed, `ended as "` + end + `"`}
	}
	for _, status := range []string{"queued", "in_progress", "requested", "pending"} {
		cases["is "+status] = runCase{runsOf(fields("workflow_runs", server.Object{"status": status, "conclusion": nil})), runbook.Failed, "is " + strings.ReplaceAll(status, "_", " ")}
	}
	cases["is waiting"] = runCase{runsOf(fields("workflow_runs", server.Object{"status": "waiting", "conclusion": nil})), runbook.Failed, "waits for an approval"}
	for _, end := range []string{"skipped", "neutral", "failure", "cancelled"} {
		cases["the publishing job ended as "+end] = runCase{jobsOf(func(_ *http.Response, body any) any {
			rows(body, "jobs")[3].(server.Object)["conclusion"] = end
			return body
		}), runbook.Failed, `"Publish Docker images" ended as "` + end + `"`}
	}
	w, c := published(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { sit(t, w, c, tc.edit).is(tc.want, tc.says) })
	}
}

// A run that succeeded can be run again: it keeps its id, counts its attempts,
// and is then no success until the new attempt is one.
func TestReleaseKindAndAnotherAttempt(t *testing.T) {
	var again server.Object
	d := atDesk(t, runsOf(func(_ *http.Response, body any) any {
		maps.Copy(rows(body, "workflow_runs")[0].(server.Object), again)
		return body
	}))
	first := d.is(runbook.Passed, "attempt 1")
	started := d.clock.Now()
	again = server.Object{"run_attempt": 2, "status": "queued", "conclusion": nil, "run_started_at": started.Format(time.RFC3339),
		"previous_attempt_url": d.world.GitHubURL() + "/repos/" + d.repo + "/actions/runs/4600001042/attempts/1"}
	d.is(runbook.Failed, "is queued", "attempt 2")
	again["status"] = "in_progress"
	d.is(runbook.Failed, "is in progress", "attempt 2")
	again["status"], again["conclusion"] = "completed", "failure"
	d.is(runbook.Failed, `ended as "failure"`, "attempt 2")
	again["conclusion"] = "success"
	if second := d.is(runbook.Passed, "attempt 2"); second.Facts["release.commit"] != first.Facts["release.commit"] {
		t.Errorf("the commit changed: %v", second.Facts)
	}
}

func TestReleaseKindAndDrafts(t *testing.T) {
	w, c := begin(t, "calm", 2)
	d := sit(t, w, c)
	d.is(runbook.Failed, "still a draft")
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	d.is(runbook.Failed, "is queued")
	c.Pass(time.Minute)
	d.is(runbook.Passed)
	// GitHub makes a release whose tag is deleted a draft again.
	d.change(func(k *state.Facts) { k.Releases[0].Published = time.Time{} })
	d.is(runbook.Failed, "still a draft")
	d.change(func(k *state.Facts) { k.Releases = k.Releases[1:] })
	d.is(runbook.Failed, "There is no published release "+draftTag)
}

// GitHub doesn't show the draft to a person without push access.
func TestReleaseKindWithoutSightOfDrafts(t *testing.T) {
	w, c := begin(t, "calm", 2)
	d := sit(t, w, c)
	var s steps.Settings
	s.GitHub.APIURL = w.GitHubURL()
	live, err := steps.Connect(s, steps.Credentials{}, true, nil, asDescribed(t, d.editor))
	if err != nil {
		t.Fatal(err)
	}
	live.Now, d.live = c.Now, live
	d.is(runbook.Failed, "There is no published release "+draftTag)
}

// The commit of an annotated tag is not the tag object, under whose id no run
// would be found.
func TestReleaseKindAndAnnotatedTags(t *testing.T) {
	d := atDesk(t)
	d.facts = runbook.Facts{runbook.ReleaseTag: "v1.5.2"}
	res := d.is(runbook.Failed, "is not the newest: v1.5.4, v1.5.3 came after it", "CI + CD: completed, success", "Publish Docker images: success")
	if res.Facts["release.commit"] != state.CommitOf("v1.5.2") || res.Facts["release.older"] == "" {
		t.Errorf("facts %v", res.Facts)
	}
}

// change changes what is so in the world.
func (d *desk) change(f func(*state.Facts)) {
	d.t.Helper()
	err := d.world.state.Change(func(k *state.Facts, _ time.Time) error {
		f(k)
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// many puts older releases behind those that there are.
func (d *desk) many(n int) {
	d.t.Helper()
	d.change(func(k *state.Facts) {
		oldest := k.Releases[len(k.Releases)-1]
		for i := len(k.Releases); i < n; i++ {
			tag := "v1.4." + strconv.Itoa(n-i)
			at := oldest.Published.Add(-time.Duration(i) * time.Hour)
			k.Releases = append(k.Releases, state.Release{ID: int64(100000 - i), Tag: tag, Commit: state.CommitOf(tag), Created: at, Published: at.Add(time.Minute)})
		}
	})
}

// The cost of a check, the first about its commit, does not grow with the number of releases and tags, in any
// of the ways in which it can end.
func TestReleaseKindRequests(t *testing.T) {
	situations := []struct {
		name string
		tag  string
		make func(*desk)
		want runbook.Verdict
		cost int
	}{
		{"nothing chosen", "", func(*desk) {}, runbook.Unknown, 2},
		{"built", draftTag, func(*desk) {}, runbook.Passed, 7},
		{"being built", draftTag, func(d *desk) { d.change(func(k *state.Facts) { k.Releases[0].Published = d.clock.Now() }) }, runbook.Failed, 6},
		{"older", "v1.5.2", func(*desk) {}, runbook.Failed, 7},
		{"a draft", draftTag, func(d *desk) { d.change(func(k *state.Facts) { k.Releases[0].Published = time.Time{} }) }, runbook.Failed, 3},
		{"absent", "v9.9.9", func(*desk) {}, runbook.Failed, 3},
		{"the last of all", "v1.4.1", func(*desk) {}, runbook.Failed, 7},
	}
	for _, n := range []int{10, 10000} {
		d := atDesk(t)
		d.many(n)
		if got := len(d.world.state.Facts().Releases); got != n {
			t.Fatalf("there are %d releases", got)
		}
		for _, s := range situations {
			s.make(d)
			d.facts = runbook.Facts{runbook.ReleaseTag: s.tag}
			d.is(s.want)
			if got := len(d.editor.asked); got != s.cost {
				t.Errorf("%s, of %d: %d requests, want %d:\n%s", s.name, n, got, s.cost, strings.Join(d.editor.asked, "\n"))
			}
			d.change(func(k *state.Facts) { k.Releases[0].Published = d.clock.Now().Add(-time.Minute) })
		}
	}
}

// The client says when there are more releases than it was given.
func TestReleasesListed(t *testing.T) {
	d := atDesk(t)
	d.many(10)
	repo, err := github.ParseRepository(d.repo)
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int]bool{1: true, 9: true, 10: false, 100: false} {
		got, more, err := d.live.GitHub.Releases(t.Context(), repo, limit)
		if err != nil || len(got) != min(limit, 10) || more != want || got[0].Tag != draftTag || got[0].MovedTo != (github.Repository{}) {
			t.Errorf("at most %d: %d releases, more %t, %v", limit, len(got), more, err)
		}
	}
}

// GitHub does not promise in which order it lists. A release that was published
// last can stand behind all those that are listed first.
func TestReleaseKindAndOtherPages(t *testing.T) {
	d := atDesk(t)
	d.many(200)
	d.change(func(k *state.Facts) { // the newest goes to the very end
		newest := k.Releases[0]
		k.Releases = append(slices.Clone(k.Releases[1:]), newest)
	})
	res := d.is(runbook.Passed, "published 2024-03-01 09:00:00 UTC", "release before: v1.5.3")
	if res.Facts["release.older"] != "" {
		t.Errorf("the newest is called older: %v", res.Facts)
	}
	d.facts = runbook.Facts{runbook.ReleaseTag: "v1.4.1"} // not on the first page either
	d.is(runbook.Failed, "v1.4.1 is not the newest")
}

// A renamed repository is requested by its number on the same host, and the check works
// as before.
func TestReleaseKindAndARenamedRepository(t *testing.T) {
	d := atDesk(t)
	d.repo = "WordPress/the-old-name"
	var moved int
	d.editor.base = redirecting{base: d.editor.base, to: d.world.GitHubURL() + "/repositories/" + "387427000", moved: &moved}
	d.most = 8 // the way to the new name is one more, once
	d.is(runbook.Passed)
	d.facts = runbook.Facts{runbook.ReleaseTag: "v9.9.9"}
	d.is(runbook.Failed, "There is no published release v9.9.9")
	if moved != 1 {
		t.Errorf("%d redirects: where the repository went to is not remembered", moved)
	}
	if n := len(d.editor.asked); n != 3 {
		t.Errorf("%d requests, want 3: %s", n, strings.Join(d.editor.asked, "\n"))
	}
}

// redirecting answers for a name that the repository no longer has.
type redirecting struct {
	base  http.RoundTripper
	to    string
	moved *int
}

func (r redirecting) RoundTrip(req *http.Request) (*http.Response, error) {
	rest, old := strings.CutPrefix(req.URL.Path, "/repos/WordPress/the-old-name")
	if !old {
		return r.base.RoundTrip(req)
	}
	*r.moved++
	to, err := url.Parse(r.to + rest)
	if err != nil {
		return nil, err
	}
	to.RawQuery = req.URL.RawQuery
	body := fmt.Sprintf(`{"message":"Moved Permanently","url":%q,"documentation_url":"https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"}`, to)
	return &http.Response{StatusCode: http.StatusMovedPermanently, Header: http.Header{"Location": {to.String()}, "Content-Type": {"application/json; charset=utf-8"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
}

// What GitHub withholds is not known, at whichever question it begins.
func TestReleaseKindAndWhatIsWithheld(t *testing.T) {
	answers := map[string]struct {
		status int
		header http.Header
		body   server.Object
		says   string
		denied bool
	}{
		"the hour's requests are used up": {403, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1709287200"}}, server.Object{"message": "API rate limit exceeded for user ID 1001."}, "rate limit", false},
		"a secondary limit":               {403, http.Header{"Retry-After": {"90"}}, server.Object{"message": "You have exceeded a secondary rate limit."}, "rate limit", false},
		"a limit of the other status":     {429, http.Header{"Retry-After": {"90"}}, server.Object{"message": "You have exceeded a secondary rate limit."}, "rate limit", false},
		"bad credentials":                 {401, nil, server.Object{"message": "Bad credentials"}, "rejected the token", true},
		"not allowed":                     {403, nil, server.Object{"message": "Resource not accessible by personal access token"}, "returned 403 (Forbidden)", true},
		"withheld by law":                 {451, nil, server.Object{"message": "Repository access blocked", "block": server.Object{"reason": "dmca"}}, "451", false},
	}
	w, c := published(t)
	for name, a := range answers {
		for _, suffix := range []string{"/releases/tags/" + draftTag, "/releases/latest", "/commits/tags/" + draftTag, "/releases", "/actions/workflows/ci_cd.yml/runs", "/jobs"} {
			t.Run(name+suffix, func(t *testing.T) {
				d := sit(t, w, c, edit{suffix, func(resp *http.Response, _ any) any {
					resp.StatusCode = a.status
					maps.Copy(resp.Header, a.header)
					return a.body
				}})
				if res := d.is(runbook.Unknown, a.says); res.Denied != a.denied {
					t.Errorf("denied is %t", res.Denied)
				}
			})
		}
	}
}
