package github

import (
	"errors"
	"strings"
	"testing"

	"catalog-runbook/steps/transport"
)

func sentOn(from, to string, status int) exchange {
	return exchange{uri: from, status: status, header: map[string]string{"Location": to},
		body: `{"message":"Moved Permanently","url":"https://api.github.com/repositories/42","documentation_url":"https://docs.github.com/rest"}`}
}

// A release of a repository that was renamed or transferred tells its new name.
func TestReleaseTellsTheNewName(t *testing.T) {
	for page, want := range map[string]Repository{
		"https://github.com/openverse/catalog/releases/tag/v1":            {"openverse", "catalog"},
		"https://git.example/openverse/catalog/releases/tag/v1":           {"openverse", "catalog"},
		"https://github.com/WordPress/Openverse-Catalog/releases/tag/v1":  {}, // the name that was asked for
		"https://github.com/wordpress/openverse-catalog/releases/tag/a/b": {},
		"https://github.com/openverse/catalog":                            {},
		"https://github.com/releases/tag/v1":                              {},
		"https://github.com/a/b/c/releases/tag/v1":                        {},
		"https://github.com/open%20verse/catalog/releases/tag/v1":         {},
		"https://github.com/../catalog/releases/tag/v1":                   {},
		"::": {},
		"":   {},
		"https://github.com/openverse/catalog/releases/tag/v1/releases/tag": {"openverse", "catalog"},
	} {
		body := strings.Replace(releaseJSON(7, "v1", "2024-03-02T00:00:00Z", false), "https://github.com/r/v1", page, 1)
		got, err := serve(t, exchange{uri: calls[1].uri, body: body}).client().ReleaseByTag(t.Context(), repo, "v1")
		if err != nil || got.MovedTo != want {
			t.Errorf("%q: %v, %v; want %v", page, got.MovedTo, err, want)
		}
	}
}

// Being sent on for good is remembered, for this repository only.
func TestRedirectIsRemembered(t *testing.T) {
	for _, prefix := range []string{"", enterprise} {
		there := exchange{uri: prefix + "/repositories/42/releases?per_page=5", body: `[]`}
		f := serve(t,
			sentOn(prefix+calls[0].uri, there.uri, 301), there,
			exchange{uri: prefix + "/repositories/42/commits/tags/a/b%23c", accept: mediaSHA, body: `{"sha":"` + sha1 + `"}`},
			exchange{uri: prefix + "/repos/wordpress/another/releases?per_page=5", body: `[]`},
			there)
		c, err := New(f.url+prefix, transport.NewToken(token), true, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err1 := c.Releases(t.Context(), repo, 5)
		commit, err2 := c.TagCommit(t.Context(), repo, "a/b#c")
		_, _, err3 := c.Releases(t.Context(), Repository{"wordpress", "another"}, 5)
		_, _, err4 := c.Releases(t.Context(), repo, 5)
		if err := errors.Join(err1, err2, err3, err4); err != nil || commit != sha1 {
			t.Errorf("commit %q, %v", commit, err)
		}
	}
}

// Being sent on for now is not, nor is a place that is no repository's.
func TestRedirectIsNotRemembered(t *testing.T) {
	described := exchange{uri: calls[0].uri, body: `[]`}
	for to, status := range map[string]int{"/repositories/42/releases?per_page=5": 302, root + "/releases?per_page=6": 301} {
		f := serve(t, sentOn(calls[0].uri, to, status), exchange{uri: to, body: `[]`}, described)
		c := f.client()
		for range 2 {
			if _, _, err := c.Releases(t.Context(), repo, 5); err != nil {
				t.Error(err)
			}
		}
	}
}
