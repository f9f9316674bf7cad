package github

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/transport"
)

// commitID is a full object id, SHA-1 or SHA-256.
var commitID = pattern.Lazy(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// TagCommit returns the full id of the commit that a tag points to. Annotated tags are
// peeled, so that the id is the one in workflow runs and image labels. It returns
// ErrAbsent if a visible repository has no such tag. It sends one request, and another
// if there is no such tag.
//
// The path names tags/ because a bare name could be a branch.
func (c *Client) TagCommit(ctx context.Context, repo Repository, tag string) (string, error) {
	if err := checkRef(tag); err != nil {
		return "", err
	}
	path := repo.path() + "/commits/tags"
	for _, part := range strings.Split(tag, "/") {
		path += "/" + url.PathEscape(part)
	}
	id, err := c.commit(ctx, repo, path, "the tag "+tag)
	if err == nil && !commitID().MatchString(id) {
		err = &transport.Problem{Cause: transport.Broken, Status: http.StatusOK,
			Text: clean.Linef("%s: the commit of the tag %s is %.80q, which isn't a full commit id", service, tag, id).String()}
	}
	if err != nil {
		return "", err
	}
	return id, nil
}

// HasCommit reports whether a commit, named by seven or more of its hexadecimal digits,
// is one of the repository's. GitHub also finds those of its forks. It sends one request,
// and another if there is no such commit.
func (c *Client) HasCommit(ctx context.Context, repo Repository, id string) (bool, error) {
	_, err := c.commit(ctx, repo, repo.path()+"/commits/"+url.PathEscape(id), "the commit "+id)
	if errors.Is(err, ErrAbsent) {
		return false, nil
	}
	return err == nil, err
}

// commit returns the full id of the commit at a path, and ErrAbsent if there is none.
func (c *Client) commit(ctx context.Context, repo Repository, path, what string) (string, error) {
	// The bare id: as JSON, a commit comes with its whole diff.
	resp, err := c.get(ctx, path, mediaSHA, nil)
	if err == nil {
		switch resp.StatusCode() {
		case http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
			// 422: no such ref. 409: the repository is empty.
			return "", c.absent(ctx, repo, what)
		}
	}
	if err == nil && resp.StatusCode() == http.StatusOK && bareID(resp.Header()) {
		return strings.TrimSpace(string(resp.Body())), nil
	}
	var body struct {
		SHA string `json:"sha"`
	}
	err = c.read(what, resp, err, &body)
	return body.SHA, err
}

func bareID(h http.Header) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind == mediaSHA || kind == "text/plain"
}
