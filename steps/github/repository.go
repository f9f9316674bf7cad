package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/transport"
)

// ErrAbsent means that GitHub shows the repository, which doesn't have the thing. It
// is an answer, unlike a *transport.Problem.
var ErrAbsent = errors.New("not there")

// Repository names a repository.
type Repository struct{ Owner, Name string }

// nameShape is laxer than GitHub's rules: it only keeps a name from changing the path
// that it is put into.
var nameShape = pattern.Lazy(`^[A-Za-z0-9._-]{1,100}$`)

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

// notShown is the Problem of a repository that GitHub answers 404 for, which can also
// mean that the client may not see it.
func notShown(repo Repository) error {
	return &transport.Problem{Cause: transport.NotFound, Status: http.StatusNotFound,
		Text: clean.Linef("the repository %[2]s doesn't exist on %[1]s, or your account can't see it", service, repo).String(),
		Hint: "check the name, or use a token that can read the repository"}
}

// absent decides what a 404 for something in the repository means. GitHub also answers
// 404 for what the client may not see, so the thing is absent only if the repository
// itself is visible.
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
		return broken("the response for the repository %s has no full_name", repo)
	}
	if now, err := ParseRepository(*seen.FullName); err == nil && !now.is(repo) {
		return fmt.Errorf("looking for %s in %s, which was renamed to %s: %w", clean.Line(what), repo, now, ErrAbsent)
	}
	return fmt.Errorf("looking for %s in %s: %w", clean.Line(what), repo, ErrAbsent)
}

// checkRef refuses tag names that Git would refuse (git-check-ref-format) and those that
// would change the path that they are put into.
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
