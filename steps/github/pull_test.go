package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

const (
	pullURI  = root + "/pulls/12"
	filesURI = root + "/pulls/12/files?page=1&per_page=100"
)

var pullCall = call{"PullRequest", pullURI, "", func(ctx context.Context, c *Client) error {
	_, err := c.PullRequest(ctx, repo, 12)
	return err
}}

var filesCall = call{"PullFiles", filesURI, "", func(ctx context.Context, c *Client) error {
	_, _, err := c.PullFiles(ctx, repo, PullRequest{Number: 12, Files: 3})
	return err
}}

var queueCall = call{"InMergeQueue", root + "/git/matching-refs/heads/gh-readonly-queue/main/pr-12-", "", func(ctx context.Context, c *Client) error {
	_, err := c.InMergeQueue(ctx, repo, "main", 12)
	return err
}}

const pullsURI = root + "/pulls?head=wordpress%3Aferry-v1&per_page=30&state=all"

var pullsCall = call{"PullRequestsOf", pullsURI, "", func(ctx context.Context, c *Client) error {
	_, err := c.PullRequestsOf(ctx, repo, "ferry-v1")
	return err
}}

var historyCall = call{"FileCommits", root + "/commits?path=dags%2Fa.py&per_page=8&sha=" + sha1, "", func(ctx context.Context, c *Client) error {
	_, err := c.FileCommits(ctx, repo, "dags/a.py", sha1, 8)
	return err
}}

var contentCall = call{"File", root + "/contents/dags/a.py?ref=" + sha1, "", func(ctx context.Context, c *Client) error {
	_, err := c.File(ctx, repo, "dags/a.py", sha1)
	return err
}}

const mergedPull = `{"number":12,"title":"Add","html_url":"https://github.com/p","state":"closed","draft":false,"merged":true,"merged_at":"2024-03-02T11:00:00Z",
	"merge_commit_sha":"` + sha1 + `","changed_files":2,"auto_merge":null,"base":{"ref":"main","sha":"` + sha1 + `","repo":{"default_branch":"main"}}}`

func TestPullRequest(t *testing.T) {
	got, err := serve(t, exchange{uri: pullURI, body: mergedPull}).client().PullRequest(t.Context(), repo, 12)
	want := PullRequest{Number: 12, Title: "Add", URL: "https://github.com/p", State: "closed", Merged: true, MergedAt: time.Date(2024, 3, 2, 11, 0, 0, 0, time.UTC),
		Commit: sha1, Base: "main", BaseCommit: sha1, Default: "main", Files: 2}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	// The commit of one that isn't merged is that of a test merge.
	open := strings.NewReplacer(`"closed"`, `"open"`, `"merged":true`, `"merged":false`, `"2024-03-02T11:00:00Z"`, `null`, `"auto_merge":null`, `"auto_merge":{"merge_method":"squash"}`).Replace(mergedPull)
	got, err = serve(t, exchange{uri: pullURI, body: open}).client().PullRequest(t.Context(), repo, 12)
	if err != nil || got.Merged || got.Commit != "" || !got.Auto || got.State != "open" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, body := range []string{"null", "[]", "{}", strings.Replace(mergedPull, `"number":12`, `"number":13`, 1), strings.Replace(mergedPull, sha1, "0123456", 1),
		strings.Replace(mergedPull, `"merged":true`, `"x":1`, 1), strings.Replace(mergedPull, `"2024-03-02T11:00:00Z"`, "null", 1), strings.Replace(mergedPull, `"changed_files":2`, `"x":2`, 1)} {
		err := pullCall.do(t.Context(), serve(t, exchange{uri: pullURI, body: body}).client())
		wantCause(t, err, transport.Broken)
	}
}

// One that isn't there is absent only in a repository that is visible.
func TestAbsentPullRequest(t *testing.T) {
	gone := exchange{uri: pullURI, status: 404, body: `{"message":"Not Found"}`}
	if err := pullCall.do(t.Context(), serve(t, gone, visible).client()); !errors.Is(err, ErrAbsent) {
		t.Errorf("got %v", err)
	}
	err := pullCall.do(t.Context(), serve(t, gone, hidden).client())
	wantCause(t, err, transport.NotFound)
}

// A list of files is complete only if it has as many as the pull request says.
func TestPullFiles(t *testing.T) {
	rows := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, file(fmt.Sprintf("f%d", i), "added", ""))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	second := strings.Replace(filesURI, "page=1", "page=2", 1)
	for _, c := range []struct {
		says  int
		pages []exchange
		want  int
		whole bool
	}{
		{0, nil, 0, true},
		{2, []exchange{{uri: filesURI, body: rows(2)}}, 2, true},
		{3, []exchange{{uri: filesURI, body: rows(2)}}, 2, false},
		{1, []exchange{{uri: filesURI, body: rows(2)}}, 2, false},
		{120, []exchange{{uri: filesURI, body: rows(100)}, {uri: second, body: rows(20)}}, 120, true},
		{120, []exchange{{uri: filesURI, body: rows(100)}, {uri: second, body: rows(0)}}, 100, false},
	} {
		got, whole, err := serve(t, c.pages...).client().PullFiles(t.Context(), repo, PullRequest{Number: 12, Files: c.says})
		if err != nil || len(got) != c.want || whole != c.whole {
			t.Errorf("of %d files: %d, whole %t, %v", c.says, len(got), whole, err)
		}
	}
	wantCause(t, filesCall.do(t.Context(), serve(t, exchange{uri: filesURI, body: `[{"filename":"a"}]`}).client()), transport.Broken)
}

// TestPullRequestsOf: GitHub lists all pull requests where it does not understand the head.
func TestPullRequestsOf(t *testing.T) {
	const row = `{"number":7,"title":"Run v1","html_url":"https://github.com/p/7","state":"open","draft":true,"user":{"login":"ana"},"merged_at":null,"auto_merge":null,
		"merge_commit_sha":"` + sha1 + `","head":{"ref":"ferry-v1","user":{"login":"WordPress"}},"base":{"ref":"main","sha":"` + sha1 + `","repo":{"default_branch":"main"}}}`
	merged := strings.NewReplacer(`"open"`, `"closed"`, `"draft":true`, `"draft":false`, `"merged_at":null`, `"merged_at":"2024-03-02T11:00:00Z"`, `"user":{"login":"ana"}`, `"user":null`).Replace(row)
	got, err := serve(t, exchange{uri: pullsURI, body: "[" + row + "," + merged + "]"}).client().PullRequestsOf(t.Context(), repo, "ferry-v1")
	one := PullRequest{Number: 7, Title: "Run v1", Author: "ana", URL: "https://github.com/p/7", State: "open", Draft: true, Base: "main", BaseCommit: sha1, Default: "main"}
	two := one
	two.State, two.Draft, two.Author, two.Merged, two.MergedAt = "closed", false, "", true, time.Date(2024, 3, 2, 11, 0, 0, 0, time.UTC)
	if err != nil || !slices.Equal(got, []PullRequest{one, two}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, body := range []string{"null", "{}", "[{}]", "[null]", "[" + strings.Replace(row, "ferry-v1", "another", 1) + "]", "[" + strings.Replace(row, "WordPress", "stranger", 1) + "]",
		"[" + strings.Replace(row, `"user":{"login":"WordPress"}`, `"user":null`, 1) + "]", "[" + strings.Replace(row, `"state"`, `"x"`, 1) + "]"} {
		wantCause(t, pullsCall.do(t.Context(), serve(t, exchange{uri: pullsURI, body: body}).client()), transport.Broken)
	}
	if _, err := serve(t).client().PullRequestsOf(t.Context(), repo, "a..b"); err == nil {
		t.Error("a name that Git refuses was asked for")
	}
}

// TestPullRequestsInto: those into another branch are left out, which GitHub doesn't do where no
// branch is named.
func TestPullRequestsInto(t *testing.T) {
	const row = `{"number":7,"state":"open","base":{"ref":"main","repo":{"default_branch":"main"}},"head":{"ref":"a","user":null}}`
	other := strings.Replace(row, `"ref":"main"`, `"ref":"next"`, 1)
	const uri = root + "/pulls?direction=desc&per_page=30&sort=updated&state=all"
	for branch, c := range map[string]exchange{
		"":     {uri: uri, body: "[" + other + "," + row + "]"},
		"main": {uri: strings.Replace(uri, "?", "?base=main&", 1), body: "[" + row + "]"},
	} {
		got, err := serve(t, c).client().PullRequestsInto(t.Context(), repo, branch)
		if err != nil || len(got) != 1 || got[0].Base != "main" {
			t.Errorf("%q: got %+v, %v", branch, got, err)
		}
	}
	_, err := serve(t, exchange{uri: uri, body: "null"}).client().PullRequestsInto(t.Context(), repo, "")
	wantCause(t, err, transport.Broken)
	if _, err := serve(t).client().PullRequestsInto(t.Context(), repo, "a..b"); err == nil {
		t.Error("a name that Git refuses was asked for")
	}
}

func TestInMergeQueue(t *testing.T) {
	for body, want := range map[string]bool{`[]`: false, `[{"ref":"refs/heads/gh-readonly-queue/main/pr-12-abc"}]`: true} {
		got, err := serve(t, exchange{uri: queueCall.uri, body: body}).client().InMergeQueue(t.Context(), repo, "main", 12)
		if err != nil || got != want {
			t.Errorf("%s: %t, %v", body, got, err)
		}
	}
	if _, err := serve(t).client().InMergeQueue(t.Context(), repo, "a..b", 12); err == nil {
		t.Error("a name that Git refuses was asked for")
	}
}

func TestFileCommits(t *testing.T) {
	body := `[{"sha":"` + sha1 + `","commit":{"committer":{"date":"2024-03-02T11:00:00Z"}}}]`
	got, err := serve(t, exchange{uri: historyCall.uri, body: body}).client().FileCommits(t.Context(), repo, "dags/a.py", sha1, 8)
	if err != nil || len(got) != 1 || got[0].ID != sha1 || got[0].At.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	wantCause(t, historyCall.do(t.Context(), serve(t, exchange{uri: historyCall.uri, body: `[{"sha":"x"}]`}).client()), transport.Broken)
}

// A file at a commit is asked for once, also if it isn't there; what went wrong is asked
// for again.
func TestFileAtACommit(t *testing.T) {
	const body = `{"type":"file","encoding":"base64","content":"YWJj\n"}`
	c := serve(t, exchange{uri: contentCall.uri, status: 502, body: "x"}, exchange{uri: contentCall.uri, body: body}).client()
	for i := range 3 {
		got, err := c.File(t.Context(), repo, "dags/a.py", sha1)
		if (err != nil) != (i == 0) || err == nil && string(got) != "abc" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	gone := serve(t, exchange{uri: contentCall.uri, status: 404, body: `{"message":"Not Found"}`}, visible).client()
	for range 2 {
		if _, err := gone.File(t.Context(), repo, "dags/a.py", sha1); !errors.Is(err, ErrAbsent) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := gone.File(t.Context(), repo, "../a.py", sha1); err == nil {
		t.Error("a path that leaves the repository was asked for")
	}
}
