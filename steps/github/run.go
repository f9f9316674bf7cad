package github

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// WorkflowRun is one run of a workflow, in its newest attempt.
type WorkflowRun struct {
	ID    int64
	Name  clean.Text
	Path  string // of the workflow's file
	event string
	// Status and Conclusion are GitHub's own words. A run has succeeded only if they
	// are "completed" and "success"; Conclusion is empty until it completes.
	Status, Conclusion string
	// HeadBranch is the tag's name for most runs that a release started; it may
	// be empty.
	HeadBranch, headSHA string
	Attempt             int
	StartedAt           time.Time // of the newest attempt
	UpdatedAt           time.Time // of a completed run: when it ended; zero where GitHub does not say
	URL                 string
}

type runBody struct {
	ID         *int64     `json:"id"`
	Name       string     `json:"name"`
	Path       string     `json:"path"`
	Event      *string    `json:"event"`
	Status     *string    `json:"status"`
	Conclusion string     `json:"conclusion"`
	HeadBranch string     `json:"head_branch"`
	HeadSHA    *string    `json:"head_sha"`
	Attempt    *int       `json:"run_attempt"`
	StartedAt  *time.Time `json:"run_started_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	URL        string     `json:"html_url"`
}

func (b runBody) run() (WorkflowRun, error) {
	switch {
	case b.ID == nil, b.Event == nil, b.Status == nil, b.HeadSHA == nil:
		return WorkflowRun{}, broken("a workflow run lacks its id, event, status or head_sha")
	case b.Attempt == nil, b.StartedAt == nil:
		return WorkflowRun{}, broken("a workflow run lacks its run_attempt or run_started_at, so that the newest cannot be told")
	}
	return WorkflowRun{ID: *b.ID, Name: clean.Line(b.Name), Path: b.Path, event: *b.Event, Status: *b.Status,
		Conclusion: b.Conclusion, HeadBranch: b.HeadBranch, headSHA: *b.HeadSHA, Attempt: *b.Attempt,
		StartedAt: *b.StartedAt, UpdatedAt: b.UpdatedAt, URL: b.URL}, nil
}

// WorkflowRuns returns the runs that an event started for a commit, the newest
// first, with one request. workflow is the file's name or the workflow's id; empty
// means all workflows. An empty event or sha matches every run. An empty result means
// that nothing has started yet. An incomplete list is an error, because the newest run
// could be missing from it.
func (c *Client) WorkflowRuns(ctx context.Context, repo Repository, workflow, event, sha string) ([]WorkflowRun, error) {
	path := repo.path() + "/actions/runs"
	if workflow != "" {
		path = repo.path() + "/actions/workflows/" + url.PathEscape(workflow) + "/runs"
	}
	query := url.Values{"per_page": {strconv.Itoa(pageSize)}}
	if event != "" {
		query.Set("event", event)
	}
	if sha != "" {
		query.Set("head_sha", sha)
	}
	var page struct {
		Total *int      `json:"total_count"`
		Runs  []runBody `json:"workflow_runs"`
	}
	err := c.ask(ctx, "the list of workflow runs", path, query, &page)
	if p, ok := err.(*transport.Problem); ok && p.Status == http.StatusNotFound && workflow != "" {
		// Not ErrAbsent: without the right to read Actions it looks the same.
		p.Text = clean.Linef("%s does not find the workflow %s in %s, or does not let you see it (404)", service, workflow, repo).String()
		p.Hint = "check the workflow's file name in the settings, or give a token that may read Actions"
	}
	if err != nil {
		return nil, err
	}
	if err := complete("workflow runs", page.Total, len(page.Runs), page.Runs == nil); err != nil {
		return nil, err
	}
	runs := make([]WorkflowRun, 0, len(page.Runs))
	for _, b := range page.Runs {
		r, err := b.run()
		if err != nil {
			return nil, err
		}
		// GitHub filters already, but a proxy that drops the query must not make
		// another commit's run look like this one's.
		if (event == "" || r.event == event) && (sha == "" || r.headSHA == sha) {
			runs = append(runs, r)
		}
	}
	slices.SortStableFunc(runs, func(a, b WorkflowRun) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.Attempt, a.Attempt), cmp.Compare(b.ID, a.ID))
	})
	return runs, nil
}

// complete refuses a list that is missing, uncounted or cut.
func complete(what string, total *int, received int, null bool) error {
	switch {
	case total == nil || null:
		return broken("the answer has no list of %s with a total_count", what)
	case *total > received:
		return broken("only %d of %d %s were listed, so that nothing can be concluded", received, *total, what)
	}
	return nil
}
