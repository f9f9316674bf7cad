package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// ErrAbsent means that GitHub was asked, shows the repository, and does not have
// the thing in it. It is an answer, unlike a *transport.Problem.
var ErrAbsent = errors.New("not there")

// Repository names a repository.
type Repository struct{ Owner, Name string }

// nameShape is stricter than nothing and laxer than GitHub: what matters is that
// a name cannot leave its place in a path.
var nameShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`) })

// ParseRepository reads "owner/name".
func ParseRepository(s string) (Repository, error) {
	owner, name, _ := strings.Cut(s, "/")
	for _, part := range []string{owner, name} {
		if !nameShape().MatchString(part) || part == "." || part == ".." {
			return Repository{}, fmt.Errorf("reading the repository %q: want owner/name", s)
		}
	}
	return Repository{Owner: owner, Name: name}, nil
}

// String returns "owner/name".
func (r Repository) String() string { return r.Owner + "/" + r.Name }

func (r Repository) path() string {
	return "/repos/" + url.PathEscape(r.Owner) + "/" + url.PathEscape(r.Name)
}

// notShown is the problem of a repository that GitHub says 404 about: it says
// the same of what is not there and of what the asker may not see.
func notShown(repo Repository) error {
	return &transport.Problem{Cause: transport.NotFound, Status: http.StatusNotFound,
		Text: clean.Linef("%s does not show the repository %s: it is absent or not visible", service, repo).String(),
		Hint: "check the name, or give a token that may read the repository"}
}

// absent decides what it means that GitHub did not find something in the
// repository. GitHub says 404 also for what the asker may not see, so only a
// repository that is itself visible proves the thing to be absent.
func (c *Client) absent(ctx context.Context, repo Repository, what string) error {
	var seen struct {
		FullName *string `json:"full_name"`
	}
	err := c.ask(ctx, "the repository "+repo.String(), repo.path(), nil, &seen)
	if cause, ok := transport.CauseOf(err); ok && cause == transport.NotFound {
		return notShown(repo)
	}
	if err != nil {
		return err
	}
	if seen.FullName == nil || *seen.FullName == "" {
		return broken("the answer about the repository %s has no full_name", repo)
	}
	if now, err := ParseRepository(*seen.FullName); err == nil && !now.is(repo) {
		return fmt.Errorf("looking for %s in %s, which is called %s now: %w", clean.Line(what), repo, now, ErrAbsent)
	}
	return fmt.Errorf("looking for %s in %s: %w", clean.Line(what), repo, ErrAbsent)
}

// checkRef refuses what Git would refuse in a tag's name and what could leave
// its place in a path (git-check-ref-format).
func checkRef(tag string) error {
	bad := tag == "" || strings.Contains(tag, "..") || strings.HasPrefix(tag, "/") || strings.HasSuffix(tag, "/") ||
		strings.Contains(tag, "//") || strings.ContainsAny(tag, " ~^:?*[\\\x7f")
	for _, part := range strings.Split(tag, "/") {
		bad = bad || strings.HasPrefix(part, ".")
	}
	for i := range len(tag) {
		bad = bad || tag[i] < 0x20
	}
	if bad {
		return fmt.Errorf("reading the tag %q: not a name that Git allows", tag)
	}
	return nil
}
