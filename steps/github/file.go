package github

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/github/workflow"
	"catalog-runbook/steps/transport"
)

// readFile is a workflow's file at a commit, or why it can't be read.
type readFile struct {
	file *workflow.File
	err  error
}

// Workflow returns a workflow's file at a commit, named by its full id. path is as in
// WorkflowRun. It sends one request and keeps the file, which can't change, and also
// that it isn't there or can't be seen. That is a *transport.Problem with the cause NotFound;
// a file that isn't a workflow's is an error that is no *transport.Problem.
func (c *Client) Workflow(ctx context.Context, repo Repository, path, commit string) (*workflow.File, error) {
	path, _, _ = strings.Cut(path, "@") // GitHub may add the branch
	if !commitID().MatchString(commit) || path == "" || strings.Contains(path, "..") {
		return nil, fmt.Errorf("reading the workflow %q at %q: no path and commit", clean.Line(path), clean.Line(commit))
	}
	key := strings.ToLower(repo.String()) + " " + commit + " " + path
	if known, ok := c.files.Load(key); ok {
		return known.(readFile).file, known.(readFile).err
	}
	data, err := c.file(ctx, repo, path, commit)
	var read readFile
	if err == nil {
		read.file, read.err = workflow.Parse(data)
	} else if cause, _ := transport.CauseOf(err); cause != transport.NotFound {
		return nil, err
	} else {
		read.err = err
	}
	c.files.Store(key, read)
	return read.file, read.err
}

// File returns the content of a file at a commit, named by its full id, of at most 1 MB. The
// error is ErrAbsent if the file isn't there in a repository that is visible. It sends one
// request, and another if the file isn't there, and keeps both answers, which can't change.
func (c *Client) File(ctx context.Context, repo Repository, path, commit string) ([]byte, error) {
	if !commitID().MatchString(commit) || path == "" || strings.Contains(path, "..") {
		return nil, fmt.Errorf("reading the file %q at %q: no path and commit", clean.Line(path), clean.Line(commit))
	}
	type content struct {
		data []byte
		err  error
	}
	key := "content " + strings.ToLower(repo.String()) + " " + commit + " " + path
	if known, ok := c.files.Load(key); ok {
		return known.(content).data, known.(content).err
	}
	data, err := c.file(ctx, repo, path, commit)
	if transport.StatusOf(err) == http.StatusNotFound {
		err = c.absent(ctx, repo, "the file "+path)
	}
	if err == nil || errors.Is(err, ErrAbsent) {
		c.files.Store(key, content{data, err})
	}
	return data, err
}

// file returns the content of a file of at most 1 MB (GitHub's description,
// repos/get-content).
func (c *Client) file(ctx context.Context, repo Repository, path, commit string) ([]byte, error) {
	var body struct {
		Type     *string `json:"type"`
		Encoding string  `json:"encoding"`
		Content  *string `json:"content"`
	}
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	what := "the file " + path
	if err := c.ask(ctx, what, repo.path()+"/contents/"+strings.Join(parts, "/"), url.Values{"ref": {commit}}, &body); err != nil {
		return nil, err
	}
	if body.Type == nil {
		return nil, broken("the answer for %s lacks its type", what)
	}
	if *body.Type != "file" || body.Content == nil || body.Encoding != "base64" {
		return nil, &transport.Problem{Cause: transport.NotFound, Status: http.StatusOK,
			Text: clean.Linef("%s returned no content for %s", service, what).String()}
	}
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(*body.Content, "\n", ""))
	if err != nil {
		return nil, broken("the content of %s is not base64", what)
	}
	return data, nil
}
