package github

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// Commit is a commit of a file's history.
type Commit struct {
	ID string
	At time.Time // the committer's date; zero if it isn't told
}

// FileCommits lists the latest commits that changed a file, as of a commit or branch, the
// newest first and at most limit (1 to 100), with one request.
func (c *Client) FileCommits(ctx context.Context, repo Repository, path, from string, limit int) ([]Commit, error) {
	var rows []struct {
		SHA    string `json:"sha"`
		Commit struct {
			Committer *struct {
				Date time.Time `json:"date"`
			} `json:"committer"`
		} `json:"commit"`
	}
	query := url.Values{"sha": {from}, "path": {path}, "per_page": {strconv.Itoa(limit)}}
	if err := c.ask(ctx, "the history of "+path, repo.path()+"/commits", query, &rows); err != nil {
		return nil, err
	}
	if rows == nil {
		return nil, broken("the history of %s is not a list", path)
	}
	all := make([]Commit, 0, len(rows))
	for _, r := range rows {
		if !commitID().MatchString(r.SHA) {
			return nil, broken("a commit in the history of %s has no full commit id", path)
		}
		commit := Commit{ID: r.SHA}
		if r.Commit.Committer != nil {
			commit.At = r.Commit.Committer.Date
		}
		all = append(all, commit)
	}
	return all, nil
}
