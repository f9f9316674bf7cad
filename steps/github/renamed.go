package github

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/runbook/pattern"
)

// GitHub redirects every request for a renamed repository to a path with the
// repository's number, permanently (GitHub's documentation, "Best practices for using
// the REST API"). Following the redirect each time would double the requests.

// byNumber matches such a path.
var byNumber = pattern.Lazy(`/repositories/[0-9]+(/|$)`)

// split divides a path into that of the repository and the rest.
func split(path string) (repo, rest string, ok bool) {
	parts := strings.SplitN(path, "/", 5) // "", "repos", owner, name, rest
	if len(parts) < 4 || parts[1] != "repos" {
		return "", "", false
	}
	repo = strings.Join(parts[:4], "/")
	return repo, path[len(repo):], true
}

// settled returns the path with the repository's number, if it was learned.
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

// learn remembers where a request was redirected to permanently.
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

// is reports whether two names are of the same repository; GitHub ignores case.
func (r Repository) is(other Repository) bool { return strings.EqualFold(r.String(), other.String()) }

// movedTo reads a repository's name from the web address of one of its releases. It
// returns zero if that is the name that was asked for, or if the address has another
// form.
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
