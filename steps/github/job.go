package github

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"catalog-runbook/runbook/clean"
)

// Job is one job of a workflow run's newest attempt. A run that succeeded can
// hold jobs that were skipped.
type Job struct {
	Name               clean.Text
	Status, Conclusion string // as in WorkflowRun
	URL                string
	Steps              []JobStep // empty where GitHub doesn't list them
}

// JobStep is one step of a Job.
type JobStep struct {
	Name       clean.Text
	Conclusion string // empty until it completes
}

type jobBody struct {
	Name       *string `json:"name"`
	Status     *string `json:"status"`
	Conclusion string  `json:"conclusion"`
	URL        string  `json:"html_url"`
	Steps      []struct {
		Name       string `json:"name"`
		Conclusion string `json:"conclusion"`
	} `json:"steps"`
}

// Jobs returns the jobs of a run's newest attempt, in GitHub's order, with one
// request. A list that is not complete is an error, except that GitHub may count one more.
func (c *Client) Jobs(ctx context.Context, repo Repository, runID int64) ([]Job, error) {
	var page struct {
		Total *int      `json:"total_count"`
		Jobs  []jobBody `json:"jobs"`
	}
	path := fmt.Sprintf("%s/actions/runs/%d/jobs", repo.path(), runID)
	query := url.Values{"filter": {"latest"}, "per_page": {strconv.Itoa(pageSize)}}
	if err := c.ask(ctx, "the list of jobs", path, query, &page); err != nil {
		return nil, err
	}
	if err := complete("jobs", page.Total, len(page.Jobs), page.Jobs == nil, true); err != nil {
		return nil, err
	}
	jobs := make([]Job, 0, len(page.Jobs))
	for _, b := range page.Jobs {
		if b.Name == nil || b.Status == nil {
			return nil, broken("a job lacks its name or status")
		}
		job := Job{Name: clean.Line(*b.Name), Status: *b.Status, Conclusion: b.Conclusion, URL: b.URL}
		for _, s := range b.Steps {
			job.Steps = append(job.Steps, JobStep{Name: clean.Line(s.Name), Conclusion: s.Conclusion})
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}
