package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"catalog-runbook/steps/transport"
)

func TestAccess(t *testing.T) {
	w := newWorld(t)
	w.push(w.image("amd64", commit, built), "v1.9.0", "v1.10.0", commit, "latest", "1.2")
	a, err := w.client(Options{}).Access(t.Context(), onGHCR)
	if err != nil || a != (Access{Tags: 5, Newest: "v1.10.0", Some: "v1.9.0"}) {
		t.Errorf("got %+v, %v", a, err)
	}
	w.asked(Image{Requests: 2}, "GET ghcr.io/token", "GET ghcr.io/tags/list Bearer")
}

// Where everybody may read, no credentials are shown to anybody.
func TestAccessWithCredentials(t *testing.T) {
	robot := authn.AuthConfig{Username: "robot", Password: "docker-password-01"}
	for name, tc := range map[string]struct {
		image   string
		keys    keys
		private bool
		user    string
		want    Access
	}{
		"not wanted":               {image: onGHCR, keys: keys{"ghcr.io": robot}, want: Access{Tags: 1, Newest: "v1.0.0", Some: "v1.0.0"}},
		"the Docker configuration": {image: onGHCR, keys: keys{"ghcr.io": robot}, private: true, user: "robot:docker-password-01", want: Access{From: DockerConfig, User: "robot", Tags: 1, Newest: "v1.0.0", Some: "v1.0.0"}},
		"the GitHub token":         {image: onGHCR, private: true, user: "x-access-token:" + secret, want: Access{From: GitHubToken, Tags: 1, Newest: "v1.0.0", Some: "v1.0.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.push(w.image("amd64", commit, built), "v1.0.0")
			w.private, w.user = tc.private, tc.user
			a, err := w.client(Options{Keychain: tc.keys, GitHubToken: transport.NewToken(secret)}).Access(t.Context(), tc.image)
			if err != nil || a != tc.want {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

func TestAccessDenied(t *testing.T) {
	for name, tc := range map[string]struct {
		keys  keys
		token string
		image string
		want  Access
	}{
		"nothing to ask with":  {image: onGHCR},
		"a wrong password":     {image: onGHCR, keys: keys{"ghcr.io": {Username: "robot", Password: "docker-password-01"}}, want: Access{From: DockerConfig, User: "robot"}},
		"a token that may not": {image: onGHCR, token: secret, want: Access{From: GitHubToken}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.private, w.user = true, "somebody:else"
			a, err := w.client(Options{Keychain: tc.keys, GitHubToken: transport.NewToken(tc.token)}).Access(t.Context(), tc.image)
			p := wantCause(t, err, transport.Credentials)
			if a != tc.want || strings.Contains(p.Error(), "docker-password") || strings.Contains(p.Error(), secret) {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

func TestAccessAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		header map[string]string
		cause  transport.Cause
		want   *Access
	}{
		"no such repository": {status: 404, body: `{"errors":[{"code":"NAME_UNKNOWN"}]}`, cause: transport.NotFound},
		"out of order":       {status: 503, cause: transport.Broken},
		"rate limit":         {status: 429, body: `{}`, cause: transport.RateLimited},
		"a page":             {status: 200, body: "<html>", header: map[string]string{"Content-Type": "text/html"}, cause: transport.Credentials},
		"another list":       {status: 200, body: `{"tags":["v1.0.0"]}`, cause: transport.Broken},
		"more than a page":   {status: 200, body: `{"name":"x","tags":["v1.0.0","bad tag"]}`, header: map[string]string{"Link": `</v2/x>; rel="next"`}, want: &Access{Tags: 2, More: true, Newest: "v1.0.0", Some: "v1.0.0"}},
		"no tags":            {status: 200, body: `{"name":"x","tags":null}`, want: &Access{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open = true
			w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/tags/list") {
					return false
				}
				rw.Header().Set("Content-Type", "application/json")
				for k, v := range tc.header {
					rw.Header().Set(k, v)
				}
				rw.WriteHeader(tc.status)
				fmt.Fprint(rw, tc.body)
				return true
			}
			a, err := w.client(Options{}).Access(t.Context(), elsewhere)
			if tc.want == nil {
				wantCause(t, err, tc.cause)
			} else if err != nil || a != *tc.want {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

// The newest version can be on any page: registries list tags by their bytes, or by age.
// The library's registry has no pages.
func TestNewestOfManyTags(t *testing.T) {
	d := startDistribution(t, byToken)
	d.push(path, makeImage(t, "amd64", commit, built), "v1.9.0", "v1.10.0", "v1.2.0", "v1.100.0", "v1.3.0")
	for pages, want := range map[int]Access{
		10: {Tags: 5, Newest: "v1.100.0", Some: "v1.9.0"}, 3: {Tags: 5, Newest: "v1.100.0", Some: "v1.9.0"},
		2: {Tags: 4, More: true, Newest: "v1.100.0", Some: "v1.3.0"}, 1: {Tags: 2, More: true, Newest: "v1.100.0", Some: "v1.100.0"},
	} {
		repo, err := name.NewRepository(onGHCR)
		if err != nil {
			t.Fatal(err)
		}
		i := d.line(t).client(Options{}).inspection(t.Context(), repo)
		if err := i.open(); err != nil {
			t.Fatal(err)
		}
		if got, err := i.tags(2, pages, "listing"); err != nil || got != want {
			t.Errorf("%d pages: %+v, %v; want %+v", pages, got, err, want)
		}
	}
}

// TestNewestByAge: ghcr.io lists tags in the order in which they were made, the oldest
// first, so that the newest is on the last page.
func TestNewestByAge(t *testing.T) {
	var tags []string
	for i := range 1250 { // each build has a tag of its version and one of its commit
		tags = append(tags, fmt.Sprintf("v1.%d.%d", i/100, i%100), fmt.Sprintf("%040x", i))
	}
	for name, c := range map[string]struct {
		tags []string
		want Access
	}{
		"the newest version was made last": {tags, Access{Tags: 2500, Newest: "v1.12.49", Some: tags[2499]}},
		"an older one was patched since":   {append(tags[:len(tags):len(tags)], "v1.3.100"), Access{Tags: 2501, Newest: "v1.12.49", Some: "v1.3.100"}},
		"more than are listed":             {slices.Concat(tags, tags, tags, tags, []string{"v2.0.0"}), Access{Tags: 10_000, More: true, Newest: "v1.12.49", Some: tags[2499]}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/tags/list") {
					return false
				}
				n, from := 0, 0
				_, _ = fmt.Sscan(r.URL.Query().Get("n"), &n)
				_, _ = fmt.Sscan(r.URL.Query().Get("last"), &from) // a number here: a tag may occur twice
				page := c.tags[from:min(from+n, len(c.tags))]
				if end := from + n; end < len(c.tags) {
					rw.Header().Set("Link", fmt.Sprintf(`<%s?last=%d&n=%d>; rel="next"`, r.URL.Path, end, n))
				}
				rw.Header().Set("Content-Type", "application/json")
				if err := json.NewEncoder(rw).Encode(map[string]any{"name": path, "tags": page}); err != nil {
					t.Error(err)
				}
				return true
			}
			if got, err := w.client(Options{}).Access(t.Context(), onGHCR); err != nil || got != c.want {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

// TestNextPage: only another page of the same list is asked for.
func TestNextPage(t *testing.T) {
	at, err := url.Parse("https://registry.example/v2/o/n/tags/list?n=2")
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string]string{
		"": "", `</v2/o/n/tags/list?last=b&n=2>; rel="next"`: "https://registry.example/v2/o/n/tags/list?last=b&n=2",
		`<https://registry.example/v2/o/n/tags/list?last=b&n=2>; rel="next"`: "https://registry.example/v2/o/n/tags/list?last=b&n=2",
		`<?last=b&n=2>; rel="next"`:                                     "https://registry.example/v2/o/n/tags/list?last=b&n=2",
		`<http://registry.example/v2/o/n/tags/list?last=b>; rel="next"`: "more",
		`<https://evil.example/v2/o/n/tags/list?last=b>; rel="next"`:    "more",
		`<//evil.example/v2/o/n/tags/list?last=b>; rel="next"`:          "more",
		`</v2/other/tags/list?last=b>; rel="next"`:                      "more",
		`</v2/o/n/tags/list?n=2>; rel="next"`:                           "more",
		`<%zz>; rel="next"`:                                             "more",
		`</v2/o/n/tags/list?last=b>; rel="prev"`:                        "",
	} {
		next, more := following(at, link)
		got := ""
		if next != nil {
			got = next.String()
		} else if more {
			got = "more"
		}
		if got != want {
			t.Errorf("%s leads to %q, want %q", link, got, want)
		}
	}
}
