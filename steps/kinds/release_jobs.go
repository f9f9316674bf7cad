package kinds

import (
	"cmp"
	"fmt"
	"slices"

	"catalog-runbook/runbook"
	"catalog-runbook/steps/github"
)

// runsOpened is how many runs are searched for the publishing job. It keeps a check
// within six requests.
const runsOpened = 2

// factReleaseLater is set if the result is unknown and may be another one soon.
const factReleaseLater runbook.Fact = "release.later"

// A jobsAnswer is what the jobs of a workflow's runs say about the image, the best last.
type jobsAnswer int

const (
	jobsUnread   jobsAnswer = iota // too many runs
	jobsUnlisted                   // GitHub doesn't list them yet
	jobsOther                      // none has to do with publishing the image
	jobsDoubt                      // a job of the image did not succeed
	jobsWithheld                   // the publishing job published nothing
	jobsPublish
)

// published looks for the job that publishes the image: a run can succeed although
// a condition skipped that job, or all of its steps. If another job that is about the
// image was skipped or failed, the result is unknown.
func (b *building) published(workflows [][]github.WorkflowRun) runbook.Result {
	answers := map[jobsAnswer]string{}
	for _, runs := range workflows {
		answer, clause, err := b.publishedBy(runs)
		if err != nil {
			return b.r.Problem("Looking at the jobs of the build", err)
		}
		if _, twice := answers[answer]; !twice {
			answers[answer] = clause
		}
	}
	url := workflows[0][0].URL
	has := func(a jobsAnswer) bool { _, ok := answers[a]; return ok }
	switch {
	case has(jobsWithheld):
		return b.r.Failed("The build of %s succeeded, but %s.", b.rel.Tag, answers[jobsWithheld])
	case has(jobsDoubt):
		return b.r.Unknown("The build of %s succeeded, but %s.", b.rel.Tag, answers[jobsDoubt])
	case has(jobsUnlisted):
		b.r.Facts[factReleaseLater] = "jobs"
		return b.r.Unknown("The build of %s succeeded, but GitHub does not list its jobs yet: see %s.", b.rel.Tag, url)
	case has(jobsUnread) && len(workflows) > 1:
		return b.r.Unknown("%s has started %d workflows, and it is not known which of them publishes the image: name it in [github] workflow.", b.rel.Tag, len(workflows))
	case has(jobsUnread):
		return b.r.Unknown("%s has started its workflow %d times, and the first runs have not published the image: look at %s.", b.rel.Tag, len(workflows[0]), url)
	case has(jobsPublish):
		return b.r.Passed("%s is published and its build succeeded.", b.rel.Tag)
	}
	return b.r.Unknown("The build of %s succeeded, but none of its jobs has a name that says it publishes an image: look at %s, or name the workflow in [github] workflow.", b.rel.Tag, url)
}

// publishedBy returns what the runs of one workflow that succeeded say, with a clause.
// The first of them decides if it has published; an edit of the notes starts later
// ones, which may have nothing to publish.
func (b *building) publishedBy(runs []github.WorkflowRun) (best jobsAnswer, clause string, err error) {
	most := runsOpened
	if b.rel.MovedTo != (github.Repository{}) {
		most-- // being sent to the new name has cost a request
	}
	for _, run := range slices.Backward(runs) {
		if !succeeded(run) {
			continue
		}
		if b.opened == most {
			if best < jobsDoubt {
				return jobsUnread, "", nil
			}
			break
		}
		b.opened++
		jobs, err := b.in.World.GitHub.Jobs(b.ctx, b.repo, run.ID)
		if err != nil {
			return 0, "", err
		}
		answer, why := b.jobsSay(jobs, run)
		if answer > best {
			best, clause = answer, why
		}
		if answer == jobsPublish {
			break
		}
	}
	return best, clause, nil
}

// jobsSay returns what the jobs of a run say, with a clause.
func (b *building) jobsSay(jobs []github.Job, run github.WorkflowRun) (answer jobsAnswer, clause string) {
	if len(jobs) == 0 {
		return jobsUnlisted, ""
	}
	publishes, doubt := false, ""
	for _, j := range jobs {
		name := j.Name.String()
		ended := fmt.Sprintf("ended as %q", j.Conclusion)
		if j.Conclusion == "" {
			ended = "is " + j.Status
		}
		switch {
		case github.PublishesImage(name):
			b.r.Saw("publishing job", name+": "+cmp.Or(j.Conclusion, j.Status), j.URL)
			if j.Conclusion != "success" {
				return jobsWithheld, fmt.Sprintf("its job %q %s, so no image may have been published", name, ended)
			}
			if skipped := j.SkippedPush(); skipped != "" {
				b.r.Saw("step", skipped+": skipped", j.URL)
				return jobsWithheld, fmt.Sprintf("the step %q of its job %q was skipped, so no image was published", skipped, name)
			}
			publishes = true
		case github.ConcernsImage(name) && j.Conclusion != "success":
			b.r.Saw("job of the image", name+": "+cmp.Or(j.Conclusion, j.Status), j.URL)
			doubt = cmp.Or(doubt, fmt.Sprintf("its job %q %s, so the image may not have been built: look at %s", name, ended, cmp.Or(j.URL, run.URL)))
		}
	}
	switch {
	case doubt != "":
		return jobsDoubt, doubt
	case publishes:
		return jobsPublish, ""
	}
	return jobsOther, ""
}
