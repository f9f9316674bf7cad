package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/steps/transport"
)

// PullRequest is a pull request of a repository.
type PullRequest struct {
	Number int
	Title  string
	Author string // who has opened it; "" for an account that is gone
	URL    string
	State  string // "open" or "closed"
	Draft  bool
	// Auto means that GitHub merges it by itself once its checks have passed.
	Auto bool
	// Merged says that it was merged, into the branch Base. Commit is then the full id of
	// the commit on that branch: of the merge, of the squashed change, or of the last commit
	// that was rebased. Before a merge GitHub reports a test merge there, which is left out.
	Merged   bool
	MergedAt time.Time
	Commit   string
	Base     string
	// BaseCommit is where Base was when the pull request was last compared with it.
	BaseCommit string
	// Default is the repository's default branch.
	Default string
	Files   int // how many it changes; 0 in a list
}

type pullBody struct {
	Number   int        `json:"number"`
	Title    string     `json:"title"`
	User     *login     `json:"user"`
	URL      string     `json:"html_url"`
	State    *string    `json:"state"`
	Draft    bool       `json:"draft"`
	Auto     *struct{}  `json:"auto_merge"`
	Merged   *bool      `json:"merged"`
	MergedAt *time.Time `json:"merged_at"`
	Commit   *string    `json:"merge_commit_sha"`
	Files    *int       `json:"changed_files"`
	Base     struct {
		Ref  string `json:"ref"`
		SHA  string `json:"sha"`
		Repo struct {
			Default string `json:"default_branch"`
		} `json:"repo"`
	} `json:"base"`
}

type login struct {
	Login string `json:"login"`
}

// author returns who has opened a pull request.
func (l *login) author() string {
	if l == nil {
		return ""
	}
	return l.Login
}

// PullRequest asks for one pull request with one request, and another if there is none.
// The error is ErrAbsent if a visible repository has no pull request of that number.
func (c *Client) PullRequest(ctx context.Context, repo Repository, number int) (PullRequest, error) {
	var b pullBody
	what := fmt.Sprintf("the pull request #%d", number)
	err := c.ask(ctx, what, repo.path()+"/pulls/"+strconv.Itoa(number), nil, &b)
	if transport.StatusOf(err) == http.StatusNotFound {
		return PullRequest{}, c.absent(ctx, repo, what)
	}
	if err != nil {
		return PullRequest{}, err
	}
	switch {
	case b.State == nil || b.Merged == nil || b.Files == nil || b.Base.Ref == "":
		return PullRequest{}, broken("%s lacks its state, merged, changed_files or base", what)
	case b.Number != number:
		return PullRequest{}, broken("asked for %s, got #%d", what, b.Number)
	case *b.Merged && (b.MergedAt == nil || b.Commit == nil || !commitID().MatchString(*b.Commit)):
		return PullRequest{}, broken("%s is merged, and its merged_at or merge_commit_sha is missing", what)
	}
	p := PullRequest{Number: number, Title: b.Title, Author: b.User.author(), URL: b.URL, State: *b.State, Draft: b.Draft, Auto: b.Auto != nil, Merged: *b.Merged,
		Base: b.Base.Ref, BaseCommit: b.Base.SHA, Default: b.Base.Repo.Default, Files: *b.Files}
	if p.Merged {
		p.MergedAt, p.Commit = *b.MergedAt, *b.Commit
	}
	return p, nil
}

// pullsListed is how many pull requests a list has at most.
const pullsListed = 30

// PullRequestsOf lists the newest pull requests of a branch of the repository, in any state,
// with one request. What it lists has no number of files.
func (c *Client) PullRequestsOf(ctx context.Context, repo Repository, branch string) ([]PullRequest, error) {
	if err := checkRef(branch); err != nil {
		return nil, err
	}
	// GitHub ignores a head without its owner.
	rows, err := c.pulls(ctx, repo, "the pull requests of "+branch, url.Values{"head": {repo.Owner + ":" + branch}})
	if err != nil {
		return nil, err
	}
	all := make([]PullRequest, 0, len(rows))
	for _, r := range rows {
		if r.Head.Ref != branch || !strings.EqualFold(r.Head.User.author(), repo.Owner) {
			return nil, broken("was asked for the pull requests of %s and listed one of %q", branch, r.Head.Ref)
		}
		all = append(all, r.pull())
	}
	return all, nil
}

// PullRequestsInto lists the pull requests into a branch, in any state, that were changed last,
// with one request. "" is the default branch. What it lists has no number of files.
func (c *Client) PullRequestsInto(ctx context.Context, repo Repository, branch string) ([]PullRequest, error) {
	query := url.Values{"sort": {"updated"}, "direction": {"desc"}}
	if branch != "" {
		if err := checkRef(branch); err != nil {
			return nil, err
		}
		query.Set("base", branch)
	}
	rows, err := c.pulls(ctx, repo, "the newest pull requests", query)
	if err != nil {
		return nil, err
	}
	all := make([]PullRequest, 0, len(rows))
	for _, r := range rows {
		if p := r.pull(); p.Base == cmp.Or(branch, p.Default) {
			all = append(all, p)
		}
	}
	return all, nil
}

// pullRow is a pull request in a list.
type pullRow struct {
	pullBody
	Head struct {
		Ref  string `json:"ref"`
		User *login `json:"user"`
	} `json:"head"`
}

func (r pullRow) pull() PullRequest {
	p := PullRequest{Number: r.Number, Title: r.Title, Author: r.User.author(), URL: r.URL, State: *r.State, Draft: r.Draft, Auto: r.Auto != nil,
		Merged: r.MergedAt != nil, Base: r.Base.Ref, BaseCommit: r.Base.SHA, Default: r.Base.Repo.Default}
	if p.Merged {
		p.MergedAt = *r.MergedAt
	}
	return p
}

// pulls lists a page of pull requests in any state.
func (c *Client) pulls(ctx context.Context, repo Repository, what string, query url.Values) (rows []pullRow, err error) {
	query.Set("state", "all")
	query.Set("per_page", strconv.Itoa(pullsListed))
	if err := c.ask(ctx, what, repo.path()+"/pulls", query, &rows); err != nil {
		return nil, err
	}
	if rows == nil {
		return nil, broken("%s are not a list", what)
	}
	for _, r := range rows {
		if r.Number <= 0 || r.State == nil || r.Base.Ref == "" {
			return nil, broken("one of %s lacks its number, state or base", what)
		}
	}
	return rows, nil
}

// InMergeQueue reports whether a pull request waits in the merge queue of a branch. The
// queue tests it on a branch of its own ("gh-readonly-queue/BASE/pr-NUMBER-…", GitHub's
// documentation, "Managing a merge queue"); REST has no other sign of it. It sends one
// request.
func (c *Client) InMergeQueue(ctx context.Context, repo Repository, base string, number int) (bool, error) {
	var refs []struct {
		Ref string `json:"ref"`
	}
	if err := checkRef(base); err != nil {
		return false, err
	}
	path := repo.path() + "/git/matching-refs/" + fmt.Sprintf("heads/gh-readonly-queue/%s/pr-%d-", base, number)
	err := c.ask(ctx, "the branches of the merge queue", path, nil, &refs)
	return len(refs) > 0, err
}

// pullFilesListed is the most files that GitHub lists of a pull request.
const pullFilesListed = 3000

// PullFiles lists the files that a pull request changes, with one request for each hundred.
// complete is false if GitHub doesn't list them all.
func (c *Client) PullFiles(ctx context.Context, repo Repository, p PullRequest) (files []ChangedFile, complete bool, err error) {
	for page := 1; len(files) < min(p.Files, pullFilesListed); page++ {
		var rows []fileBody
		query := url.Values{"per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}}
		if err := c.ask(ctx, "the list of changed files", fmt.Sprintf("%s/pulls/%d/files", repo.path(), p.Number), query, &rows); err != nil {
			return nil, false, err
		}
		if rows == nil {
			return nil, false, broken("the changed files of #%d are not a list", p.Number)
		}
		more, err := changedFiles(rows)
		if err != nil {
			return nil, false, err
		}
		if files = append(files, more...); len(rows) < pageSize {
			break
		}
	}
	return files, len(files) == p.Files, nil
}
