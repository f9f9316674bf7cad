package github

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/go-resty/resty/v2"
)

// GitHub sends every question about a repository that was renamed to a path with
// the repository's number, which it keeps for good (GitHub's documentation,
// "Best practices for using the REST API", on redirects). To be sent on each time
// would cost two requests a question.

// byNumber is such a path.
var byNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/repositories/[0-9]+(/|$)`) })

// split parts a path into that of the repository and the rest.
func split(path string) (repo, rest string, ok bool) {
	parts := strings.SplitN(path, "/", 5) // "", "repos", owner, name, rest
	if len(parts) < 4 || parts[1] != "repos" {
		return "", "", false
	}
	repo = strings.Join(parts[:4], "/")
	return repo, path[len(repo):], true
}

// settled returns the path under which GitHub has what is asked for, as far as
// that was learned.
func (c *Client) settled(path string) string {
	repo, rest, ok := split(path)
	if !ok {
		return path
	}
	if to, known := c.moved.Load(repo); known {
		return to.(string) + rest
	}
	return path
}

// learn remembers where a question was sent on to for good.
func (c *Client) learn(path string, resp *resty.Response) {
	repo, rest, ok := split(path)
	if !ok || resp.RawResponse == nil || resp.RawResponse.Request == nil {
		return
	}
	last := resp.RawResponse.Request
	if by := last.Response; by == nil || by.StatusCode != http.StatusMovedPermanently && by.StatusCode != http.StatusPermanentRedirect {
		return
	}
	at := last.URL.EscapedPath()
	place := byNumber().FindStringIndex(at)
	if place == nil || !strings.HasSuffix(at, rest) {
		return
	}
	to := strings.TrimSuffix(at[place[0]:], rest)
	if strings.Count(to, "/") == 2 {
		c.moved.Store(repo, to)
	}
}

// Is reports whether two names are of the same repository; GitHub does not tell
// upper from lower case.
func (r Repository) is(other Repository) bool { return strings.EqualFold(r.String(), other.String()) }

// movedTo reads a repository's name from the web address of one of its
// releases. It returns zero where that is the name that was asked for, and where
// the address has no such form.
func movedTo(asked Repository, page string) Repository {
	u, err := url.Parse(page)
	if err != nil {
		return Repository{}
	}
	name, _, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/releases/")
	if !ok {
		return Repository{}
	}
	repo, err := ParseRepository(name)
	if err != nil || repo.is(asked) {
		return Repository{}
	}
	return repo
}
