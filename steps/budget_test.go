package steps_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// asking begins a run over the embedded runbook's steps in which all is asked of
// base, and everything is asked about the release.
func asking(t *testing.T, base http.RoundTripper, c steps.Credentials) *steps.Engine {
	t.Helper()
	var s steps.Settings
	s.GitHub.APIURL, s.GitHub.Repository = fake.GitHubAPI, "o/r"
	s.Image.Reference, s.Airflow.URL = fake.ImageRef, fake.AirflowURL
	w, err := steps.Connect(s, c, false, nil, base)
	if err != nil {
		t.Fatal(err)
	}
	w.Executor = fake.NoCommand{T: t}
	e, err := steps.New(steps.Bind(fake.Parse(t, string(runbook.Default())), s, kinds.All()), w, steps.Options{Mode: runbook.Live})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Choose(fake.Tag); err != nil {
		t.Fatal(err)
	}
	return e
}

func check(t *testing.T, e *steps.Engine, step int) runbook.Result {
	t.Helper()
	res, err := e.Check(t.Context(), e.Bound().Steps[step].Step.ID)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestRequestsAsTimePasses counts the requests of every check of a run, the
// first time and later, in worlds of two sizes: they must cost the same.
func TestRequestsAsTimePasses(t *testing.T) {
	pulled := `Bearer realm="https://auth.test/token",service="registry.test"`
	docker := steps.Credentials{Docker: keychain{}}
	viewer := steps.Credentials{AirflowUsername: "viewer", AirflowPassword: "a-password-for-airflow"}
	for _, c := range []struct {
		name        string
		site        func(*fake.Site)
		credentials steps.Credentials
		step        int
		want        []int // a look, each 20 s after the one before
		verdicts    []runbook.Verdict
	}{
		{name: "a release", step: release, want: []int{7, 6, 6}}, // the workflow's file
		{name: "a release that is being built", step: release, want: []int{6, 5, 5}, site: func(s *fake.Site) { s.Building = true },
			verdicts: []runbook.Verdict{runbook.Failed, runbook.Failed, runbook.Failed}},
		// The first look also asks how else the version may be written: 1.5.4.
		{name: "an image that all may pull", step: imageTag, want: []int{4, 2, 2}},
		{name: "an image for which a token is needed", step: imageTag, want: []int{5, 2, 2}, site: func(s *fake.Site) { s.Auth = pulled }},
		{name: "an image with provenance", step: imageTag, want: []int{7, 5, 5}, site: func(s *fake.Site) { s.Index, s.Attested = true, true }},
		{name: "an image for two platforms", step: imageTag, want: []int{5, 3, 3}, site: func(s *fake.Site) { s.Index = true }},
		// Four can never be enough where an index is behind a token, and how one signs
		// in has to be asked; or where that token is not for everybody; or where the
		// image of an index has no label. Each is one request more, at the first look.
		{name: "an image for two platforms, with a token", step: imageTag, want: []int{6, 3, 3}, site: func(s *fake.Site) { s.Auth, s.Index = pulled, true }},
		{name: "an image that not everybody may pull", step: imageTag, credentials: docker, want: []int{6, 2, 2}, site: func(s *fake.Site) { s.Auth, s.Private = pulled, true }},
		{name: "an image for two platforms that not everybody may pull", step: imageTag, credentials: docker, want: []int{7, 3, 3},
			site: func(s *fake.Site) { s.Auth, s.Index, s.Private = pulled, true, true }},
		{name: "an image for two platforms without a label", step: imageTag, want: []int{6, 4, 4}, site: func(s *fake.Site) { s.Image, s.Tied, s.Index = fake.Bare, true, true }},
		{name: "an image without a label", step: imageTag, want: []int{5, 3, 3}, site: func(s *fake.Site) { s.Image, s.Tied = fake.Bare, true }},
		// The version; the queued and the running runs; the ended ones and the pools if
		// there are none; the DAGs, the scheduler, the tasks of five runs, the runs before these,
		// and their DAGs, as those are not in the list here. These are believed for a minute.
		{name: "no DAG runs", step: idleDAGs, want: []int{7, 4, 4, 6, 4, 4}},
		{name: "some DAG runs", step: idleDAGs, want: []int{20, 2, 2}, site: func(s *fake.Site) { s.Many() },
			verdicts: []runbook.Verdict{runbook.Failed, runbook.Failed, runbook.Failed}},
		{name: "no DAG runs, with a password", step: idleDAGs, want: []int{8, 4, 4}, credentials: viewer},
	} {
		for _, size := range []int{10, 10_000} {
			t.Run(fmt.Sprintf("%s of %d", c.name, size), func(t *testing.T) {
				world := fake.NewSite(size)
				sent := fake.Count(world)
				e := asking(t, transport.Patient(sent), c.credentials)
				now := fake.NewClock()
				e.World().Now, e.World().Airflow.Options.Now = now.Now, now.Now
				if c.step == imageTag {
					check(t, e, release)
					sent.Take()
				}
				if c.site != nil {
					c.site(world)
				}
				for i, want := range c.want {
					verdict := runbook.Passed
					if c.verdicts != nil {
						verdict = c.verdicts[i]
					}
					if res := check(t, e, c.step); res.Verdict != verdict {
						t.Errorf("look %d: %s, want %s: %s", i+1, res.Verdict, verdict, res.Summary)
					}
					if got := sent.Take(); got != want {
						t.Errorf("look %d: %d requests, want %d", i+1, got, want)
					}
					now.Pass(20 * time.Second)
				}
			})
		}
	}
}

// late lets every answer take its time, by the path that is asked for.
type late struct {
	inner http.RoundTripper
	delay func(*http.Request) time.Duration
	mu    sync.Mutex
	took  map[string]time.Duration // by host, one question after the other
}

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	d := l.delay(r)
	l.mu.Lock()
	l.took[r.URL.Host] += d
	l.mu.Unlock()
	select {
	case <-time.After(d):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return l.inner.RoundTrip(r)
}

// TestChecksSideBySide lets each service in turn be the slowest: all checks
// together take no longer than the slowest of them and a tenth more. They are
// asked again, as when a person returns to a run, so that no check has to wait
// for what another finds out first.
func TestChecksSideBySide(t *testing.T) {
	hosts := []string{"api.github.test", fake.RegistryAt, "airflow.test"}
	for _, slowest := range hosts {
		t.Run(slowest, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &late{inner: fake.NewSite(10), took: map[string]time.Duration{}}
				l.delay = func(r *http.Request) time.Duration {
					if r.URL.Host == slowest {
						return 2 * time.Second
					}
					return 300 * time.Millisecond
				}
				e := asking(t, transport.Patient(l), steps.Credentials{})
				var ids []document.StepID
				for _, i := range []int{release, imageTag, idleDAGs} {
					ids = append(ids, e.Bound().Steps[i].Step.ID)
				}
				e.CheckAll(t.Context(), ids)
				clear(l.took)
				begun := time.Now()
				e.CheckAll(t.Context(), ids)
				took := time.Since(begun)
				longest := time.Duration(0)
				for _, d := range l.took {
					longest = max(longest, d)
				}
				if longest < 2*time.Second || len(l.took) != len(hosts) || took > longest+longest/10 {
					t.Errorf("it took %v; one after the other: %v", took, l.took)
				}
				for _, id := range ids {
					if res := e.Run().Step(id).Result; res.Verdict != runbook.Passed {
						t.Errorf("%s: %s", res.Verdict, res.Summary)
					}
				}
			})
		})
	}
}

// TestTheFirstLookSideBySide: nothing is known yet, so the image waits for the
// release's commit, and nothing else waits for anything.
func TestTheFirstLookSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{inner: fake.NewSite(10), took: map[string]time.Duration{}, delay: func(*http.Request) time.Duration { return time.Second }}
		e := asking(t, transport.Patient(l), steps.Credentials{})
		var ids []document.StepID
		for _, i := range []int{idleDAGs, imageTag, release} {
			ids = append(ids, e.Bound().Steps[i].Step.ID)
		}
		begun := time.Now()
		e.CheckAll(t.Context(), ids)
		slowest := l.took["api.github.test"] + l.took[fake.RegistryAt]
		if took := time.Since(begun); took > slowest+slowest/10 {
			t.Errorf("it took %v, the release and then its image %v", took, slowest)
		}
	})
}

// tagger gives every answer of GitHub's an ETag, and says so when nothing has
// changed.
type tagger struct {
	inner http.RoundTripper

	mu              sync.Mutex
	sent, unchanged int
}

func (g *tagger) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.inner.RoundTrip(r)
	if err != nil || r.URL.Host != "api.github.test" {
		return resp, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent++
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	tag := fmt.Sprintf("%q", fake.Digest(body))
	resp.Header.Set("ETag", tag)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if r.Header.Get("If-None-Match") == tag {
		g.unchanged++
		resp.StatusCode, resp.Status, resp.Body = http.StatusNotModified, "304 Not Modified", http.NoBody
		resp.Header.Del("Content-Type")
	}
	return resp, nil
}

// When checks are repeated, most responses haven't changed, and GitHub doesn't count
// those requests. A change is noticed, with the time at which it was seen.
func TestRepeatedChecksAreFree(t *testing.T) {
	world := fake.NewSite(10)
	g := &tagger{inner: world}
	e := asking(t, transport.Patient(g), steps.Credentials{GitHubToken: transport.NewToken("a-token-for-github")})
	now := fake.NewClock()
	e.World().Now = now.Now
	first := check(t, e, release)
	if g.sent != 7 || g.unchanged != 0 {
		t.Fatalf("%d requests, of which %d were about nothing new", g.sent, g.unchanged)
	}
	g.sent = 0
	now.Pass(time.Minute)
	second := check(t, e, release)
	if g.unchanged*100 < 80*g.sent || g.sent != 6 {
		t.Errorf("%d of %d answers were that nothing is new", g.unchanged, g.sent)
	}
	if second.Verdict != runbook.Passed || second.Summary != first.Summary || len(second.Evidence) != len(first.Evidence) {
		t.Errorf("the second look finds something else: %s %s", second.Verdict, second.Summary)
	}
	for i, e := range second.Evidence {
		if want := fake.Moment.Add(time.Minute); !e.At.Equal(want) || e.Value != first.Evidence[i].Value {
			t.Errorf("%s: %s, seen at %v, want %v", e.Name, e.Value, e.At, want)
		}
	}
	g.sent, g.unchanged = 0, 0
	world.Move(fake.Other)
	if res := check(t, e, release); res.Facts["release.commit"] != fake.Other {
		t.Errorf("the tag was moved, and the commit is still %s", res.Facts["release.commit"])
	}
	if g.unchanged >= g.sent {
		t.Errorf("%d of %d", g.unchanged, g.sent)
	}
}
