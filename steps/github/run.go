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
	ID   int64
	Name clean.Text
	Path string // of the workflow's file
	// Event is what started the run: "release", "push", "workflow_dispatch", ...
	Event string
	// Status and Conclusion are GitHub's own words. A run has succeeded only if they
	// are "completed" and "success"; Conclusion is empty until it completes.
	Status, Conclusion string
	// HeadBranch is the tag's name for most runs that a release started; it may
	// be empty.
	HeadBranch string
	HeadSHA    string // the commit that the event was about
	Attempt    int
	CreatedAt  time.Time // when the first attempt was; zero where GitHub does not say
	StartedAt  time.Time // of the newest attempt
	UpdatedAt  time.Time // of a completed run: when it ended; zero where GitHub does not say
	URL        string
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
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"run_started_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	URL        string     `json:"html_url"`
}

func (b runBody) run() (WorkflowRun, error) {
	switch {
	case b.ID == nil, b.Event == nil, b.Status == nil, b.HeadSHA == nil:
		return WorkflowRun{}, broken("a workflow run lacks its id, event, status or head_sha")
	case b.Attempt == nil, b.StartedAt == nil:
		return WorkflowRun{}, broken("a workflow run lacks its run_attempt or run_started_at, so there is no telling which is the newest")
	}
	return WorkflowRun{ID: *b.ID, Name: clean.Line(b.Name), Path: b.Path, Event: *b.Event, Status: *b.Status,
		Conclusion: b.Conclusion, HeadBranch: b.HeadBranch, HeadSHA: *b.HeadSHA, Attempt: *b.Attempt,
		CreatedAt: b.CreatedAt, StartedAt: *b.StartedAt, UpdatedAt: b.UpdatedAt, URL: b.URL}, nil
}

// Began returns when the run began with its first attempt, as far as GitHub says it.
func (r WorkflowRun) Began() time.Time {
	if r.Attempt > 1 && !r.CreatedAt.IsZero() {
		return r.CreatedAt
	}
	return r.StartedAt
}

// RunFilter selects workflow runs. An empty field matches every run.
type RunFilter struct {
	Event  string
	SHA    string // the commit that the event was about
	Branch string // a branch, or a tag
	// Settled accepts a list that is one run short of GitHub's count. The count may be
	// ahead of the list for some minutes, and it may stay so after a run was deleted.
	Settled bool
}

func (f RunFilter) matches(r WorkflowRun) bool {
	return (f.Event == "" || r.Event == f.Event) && (f.SHA == "" || r.HeadSHA == f.SHA) && (f.Branch == "" || r.HeadBranch == f.Branch)
}

// WorkflowRuns returns the runs that a filter selects, the newest first, with one
// request. workflow is the file's name or the workflow's id; empty means all workflows.
// An empty result means that GitHub lists none: it may leave runs out for minutes, and
// it keeps them for 400 days. An incomplete list is an error, because the newest run
// could be missing from it.
func (c *Client) WorkflowRuns(ctx context.Context, repo Repository, workflow string, filter RunFilter) ([]WorkflowRun, error) {
	path := repo.path() + "/actions/runs"
	if workflow != "" {
		path = repo.path() + "/actions/workflows/" + url.PathEscape(workflow) + "/runs"
	}
	query := url.Values{"per_page": {strconv.Itoa(pageSize)}}
	for name, value := range map[string]string{"event": filter.Event, "head_sha": filter.SHA, "branch": filter.Branch} {
		if value != "" {
			query.Set(name, value)
		}
	}
	var page struct {
		Total *int      `json:"total_count"`
		Runs  []runBody `json:"workflow_runs"`
	}
	err := c.ask(ctx, "the list of workflow runs", path, query, &page)
	if p, ok := err.(*transport.Problem); ok && p.Status == http.StatusNotFound && workflow != "" {
		// Not ErrAbsent: without the right to read Actions it looks the same.
		p.Text = clean.Linef("%s returned 404 for the workflow %s in %s: it doesn't exist, or your account can't see it", service, workflow, repo).String()
		p.Hint = "check the workflow's file name in the settings, or use a token that can read Actions"
	}
	if err != nil {
		return nil, err
	}
	if err := complete("workflow runs", page.Total, len(page.Runs), page.Runs == nil, filter.Settled); err != nil {
		if p, ok := err.(*transport.Problem); ok && workflow == "" && len(page.Runs) == pageSize {
			p.Hint = "set workflow under [github] to the workflow that builds the image"
		}
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
		if filter.matches(r) {
			runs = append(runs, r)
		}
	}
	slices.SortStableFunc(runs, func(a, b WorkflowRun) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.Attempt, a.Attempt), cmp.Compare(b.ID, a.ID))
	})
	return runs, nil
}

// complete refuses a list that is missing, uncounted or cut. A settled one may be one row
// short if its page wasn't full.
func complete(what string, total *int, received int, null, settled bool) error {
	switch {
	case total == nil || null:
		return broken("the response has no list of %s with a total_count", what)
	case settled && *total == received+1 && received > 0 && received < pageSize:
		return nil
	case *total > received:
		return broken("only %d of %d %s were listed, so nothing can be concluded", received, *total, what)
	}
	return nil
}
