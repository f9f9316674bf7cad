package kinds

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/github/workflow"
	"catalog-runbook/steps/transport"
)

// runsOpened is how many runs are searched for the publishing job. It keeps a check
// within six requests.
const runsOpened = 2

// filesRead is how many workflows that a workflow calls are read. Each costs a request,
// once.
const filesRead = 3

// factReleaseLater is set if the result is unknown and may be another one soon.
const factReleaseLater runbook.Fact = "release.later"

// A jobsAnswer is what the jobs of a workflow's runs say about the image, the best last.
type jobsAnswer int

const (
	jobsUnread   jobsAnswer = iota // too many runs
	jobsUnlisted                   // GitHub doesn't list them yet
	jobsOther                      // none has a name that has to do with publishing the image
	jobsSilent                     // none pushes the image, as far as the workflow's file shows
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
		return b.r.Unknown("%s has started %d workflows, and which of them publishes the image is unknown: set workflow under [github] in catalog-runbook.toml.", b.rel.Tag, len(workflows))
	case has(jobsUnread):
		return b.r.Unknown("%s has started its workflow %d times, and the first runs have not published the image: look at %s.", b.rel.Tag, len(workflows[0]), url)
	case has(jobsPublish):
		return b.r.Passed("%s is published and its build succeeded.", b.rel.Tag)
	case has(jobsSilent):
		return b.r.Unknown("The build of %s succeeded, but none of its jobs pushes the image, as far as the workflow's file shows: look at %s, or set workflow under [github] in catalog-runbook.toml.", b.rel.Tag, url)
	}
	return b.r.Unknown("The build of %s succeeded, but none of its jobs has a name that says it publishes an image: look at %s, or set workflow under [github] in catalog-runbook.toml.", b.rel.Tag, url)
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
		var publishers []workflow.Publisher
		var filed bool
		var unread error
		var asking sync.WaitGroup
		asking.Go(func() { publishers, filed, unread = b.publishers(run) })
		jobs, err := b.in.World.GitHub.Jobs(b.ctx, b.repo, run.ID)
		asking.Wait()
		if err = cmp.Or(err, unread); err != nil {
			return 0, "", err
		}
		var answer jobsAnswer
		var why string
		switch {
		case len(jobs) == 0:
			answer = jobsUnlisted
		case filed:
			answer, why = b.publishersSay(publishers, jobs, run)
		default:
			answer, why = b.namesSay(jobs, run)
		}
		if answer > best {
			best, clause = answer, why
		}
		if answer == jobsPublish {
			break
		}
	}
	return best, clause, nil
}

// publishers returns the jobs that push the image, as the workflow's file at the
// release's commit says it, and whether it can be read.
func (b *building) publishers(run github.WorkflowRun) (_ []workflow.Publisher, filed bool, _ error) {
	file, err := b.file(run.Path)
	if err != nil || file == nil {
		return nil, false, err
	}
	called := map[string]*workflow.File{}
	for todo := file.Calls(); len(todo) > 0 && len(called) < filesRead; todo = todo[1:] {
		if _, known := called[todo[0]]; known {
			continue
		}
		other, err := b.file(todo[0])
		if err != nil {
			return nil, false, err
		}
		called[todo[0]] = other
		if other != nil {
			todo = append(todo, other.Calls()...)
		}
	}
	of := workflow.Run{Event: run.Event, Repository: b.repo.String(), Tag: b.rel.Tag, Commit: b.commit, Prerelease: b.rel.Prerelease}
	return file.Publishers(of, b.in.Params["image"], called), true, nil
}

// file returns a workflow's file, or nil with a piece of evidence if it can't be read.
func (b *building) file(path string) (*workflow.File, error) {
	if path == "" {
		return nil, nil
	}
	file, err := b.in.World.GitHub.Workflow(b.ctx, b.repo, path, b.commit)
	if cause, service := transport.CauseOf(err); service && cause != transport.NotFound {
		return nil, err
	}
	if err != nil {
		b.r.Saw("workflow's file", fmt.Sprintf("%s can't be read (%v), so jobs are judged by their names", clean.Line(path), err), b.rel.URL)
	}
	return file, nil
}

// publishersSay returns what the jobs that push the image say, with a clause.
func (b *building) publishersSay(publishers []workflow.Publisher, jobs []github.Job, run github.WorkflowRun) (answer jobsAnswer, clause string) {
	published, withheld, doubt := false, "", ""
	if !slices.ContainsFunc(publishers, func(p workflow.Publisher) bool { return !p.Hidden }) {
		return b.hiddenSay(publishers, jobs, run)
	}
	for i := range publishers {
		p := &publishers[i]
		listed := false
		for _, j := range jobs {
			if !p.Is(j.Name.String()) {
				continue
			}
			listed = true
			name, url := j.Name.String(), cmp.Or(j.URL, run.URL)
			if p.Unmeant && j.Conclusion == "skipped" {
				continue // it is for other events
			}
			b.r.Saw("publishing job", name+": "+cmp.Or(j.Conclusion, j.Status)+", as the workflow's file says", url)
			skipped := skippedPush(p, j)
			switch {
			case j.Conclusion != "success" && (p.Certain || len(publishers) == 1):
				withheld = cmp.Or(withheld, fmt.Sprintf("its job %q %s, so no image may have been published", name, ended(j)))
			case j.Conclusion != "success":
				doubt = cmp.Or(doubt, fmt.Sprintf("its job %q %s, which may be the one that publishes the image: look at %s", name, ended(j), url))
			case p.Never:
				withheld = cmp.Or(withheld, fmt.Sprintf("for the event %q its job %q builds the image without pushing it, as the workflow's file says", run.Event, name))
			case skipped != "":
				b.r.Saw("step", skipped+": skipped", url)
				withheld = cmp.Or(withheld, fmt.Sprintf("the step %q of its job %q was skipped, so no image was published", skipped, name))
			default:
				published = true
			}
		}
		if !listed && !p.Unmeant {
			doubt = cmp.Or(doubt, fmt.Sprintf("its job %q, which publishes the image as the workflow's file says, is not among those that GitHub lists: look at %s", p.ID, run.URL))
		}
	}
	switch {
	case withheld != "" && !published:
		return jobsWithheld, withheld
	case withheld != "" || doubt != "":
		return jobsDoubt, cmp.Or(withheld, doubt)
	case published:
		return jobsPublish, ""
	}
	return jobsWithheld, fmt.Sprintf("its jobs that push the image are for other events than %q, as the workflow's file says", run.Event)
}

// hiddenSay returns what jobs say of which the workflow's file doesn't show what they do:
// their names decide, but no other job's.
func (b *building) hiddenSay(hidden []workflow.Publisher, jobs []github.Job, run github.WorkflowRun) (answer jobsAnswer, clause string) {
	var some []github.Job
	for _, j := range jobs {
		if slices.ContainsFunc(hidden, func(p workflow.Publisher) bool { return p.Is(j.Name.String()) }) {
			some = append(some, j)
		}
	}
	if answer, clause = b.namesSay(some, run); answer == jobsOther {
		return jobsSilent, ""
	}
	return answer, clause
}

// skippedPush returns the name of a step that pushes the image if all of them were
// skipped. Where none of the job's steps is known from the file, their names decide.
func skippedPush(p *workflow.Publisher, j github.Job) (name string) {
	known := false
	for _, s := range j.Steps {
		if !p.Pushes(s.Name.String()) {
			continue
		}
		known = true
		if s.Conclusion != "skipped" {
			return ""
		}
		name = s.Name.String()
	}
	if !known {
		return j.SkippedPush()
	}
	return name
}

// ended returns how a job has ended, or what it is doing.
func ended(j github.Job) string {
	if j.Conclusion == "" {
		return "is " + j.Status
	}
	return fmt.Sprintf("ended as %q", j.Conclusion)
}

// namesSay returns what the jobs of a run say by their names, with a clause.
func (b *building) namesSay(jobs []github.Job, run github.WorkflowRun) (answer jobsAnswer, clause string) {
	publishes, doubt := false, ""
	for _, j := range jobs {
		name := j.Name.String()
		switch {
		case github.PublishesImage(name):
			b.r.Saw("publishing job", name+": "+cmp.Or(j.Conclusion, j.Status), j.URL)
			if j.Conclusion != "success" {
				return jobsWithheld, fmt.Sprintf("its job %q %s, so no image may have been published", name, ended(j))
			}
			if skipped := j.SkippedPush(); skipped != "" {
				b.r.Saw("step", skipped+": skipped", j.URL)
				return jobsWithheld, fmt.Sprintf("the step %q of its job %q was skipped, so no image was published", skipped, name)
			}
			publishes = true
		case github.ConcernsImage(name) && j.Conclusion != "success":
			b.r.Saw("job of the image", name+": "+cmp.Or(j.Conclusion, j.Status), j.URL)
			doubt = cmp.Or(doubt, fmt.Sprintf("its job %q %s, so the image may not have been built: look at %s", name, ended(j), cmp.Or(j.URL, run.URL)))
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
