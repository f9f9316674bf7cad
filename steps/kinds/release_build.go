package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
)

// A building is the judgement of what a release's workflow runs have built.
type building struct {
	ctx    context.Context
	in     steps.Input
	r      *steps.Report
	repo   github.Repository
	rel    github.Release
	all    []github.Release // those that GitHub lists first
	commit string           // of the release's tag
	before string           // the tag of the release before, or ""
	opened int              // runs whose jobs were asked for
}

// skew is how much the times that GitHub gives for one event may differ.
const skew = time.Minute

// judge judges the workflow runs that the release started. Two tags may be on one
// commit, so a run belongs to the release whose tag is the run's branch.
func (b *building) judge() runbook.Result {
	settled := b.r.Now.Sub(b.rel.PublishedAt) > runsListedBy
	runs, err := b.in.World.GitHub.WorkflowRuns(b.ctx, b.repo, b.in.Params["workflow"], github.RunFilter{SHA: b.commit, Settled: settled})
	if err != nil {
		return b.r.Problem("Looking for the build of "+b.rel.Tag, err)
	}
	of := sortRuns(b.rel, b.all, runs)
	switch {
	case len(of.workflows) == 0 && len(of.strays) > 0:
		stray := of.strays[0]
		b.r.Saw("workflow run", fmt.Sprintf("%s: for no tag (attempt %d, started %s)", stray.Name, stray.Attempt, stamp(stray.StartedAt)), stray.URL)
		return b.r.Unknown("GitHub does not say which tag the workflow runs of this commit are for, and by their times they may be for another release than %s: look at %s.", b.rel.Tag, stray.URL)
	case len(of.workflows) == 0:
		return b.none(of.earlier)
	}
	for _, runs := range of.workflows {
		for _, run := range runs[:min(len(runs), runsShown)] {
			b.sawRun(run, "")
		}
	}
	if of.workflows, err = b.ofImage(of.workflows); err != nil {
		return b.r.Problem("Reading the workflow", err)
	}
	for _, runs := range of.workflows {
		if res, going := b.going(runs); going {
			return res
		}
	}
	for _, run := range of.others {
		// It may be another build of the same image, as if the tag starts one too.
		if run.Status != "completed" && slices.ContainsFunc(of.workflows, sameWorkflow(run)) {
			b.sawRun(run, ", by the event "+run.Event)
			if res, going := b.going([]github.WorkflowRun{run}); going {
				return res
			}
		}
	}
	for _, runs := range of.workflows {
		if !slices.ContainsFunc(runs, succeeded) {
			return b.r.Failed("The build of %s ended as %q: see %s.", b.rel.Tag, runs[0].Conclusion, runs[0].URL)
		}
	}
	if end := lastEnd(of.workflows); !end.IsZero() {
		b.r.Facts[factReleaseBuilt] = end.Format(time.RFC3339)
	}
	return b.published(of.workflows)
}

// ofImage leaves out the workflows that fail or go on, and whose file shows that they push
// no image: they say nothing about it. It keeps all if nothing else would be left.
func (b *building) ofImage(workflows [][]github.WorkflowRun) (kept [][]github.WorkflowRun, _ error) {
	for _, runs := range workflows {
		open := slices.ContainsFunc(runs, func(run github.WorkflowRun) bool { return run.Status != "completed" })
		if len(workflows) > 1 && b.in.Params["image"] != "" && (open || !slices.ContainsFunc(runs, succeeded)) {
			publishers, filed, err := b.publishers(runs[0])
			if err != nil {
				return nil, err
			}
			if filed && len(publishers) == 0 {
				b.r.Saw("not of the image", fmt.Sprintf("%s pushes no image, as its file says", runs[0].Name), runs[0].URL)
				continue
			}
		}
		kept = append(kept, runs)
	}
	if len(kept) == 0 {
		return workflows, nil
	}
	return kept, nil
}

// sawRun adds a run to the evidence.
func (b *building) sawRun(run github.WorkflowRun, more string) {
	state := run.Status
	if run.Conclusion != "" {
		state += ", " + run.Conclusion
	}
	b.r.Saw("workflow run", fmt.Sprintf("%s: %s (attempt %d, started %s)%s", run.Name, state, run.Attempt, stamp(run.StartedAt), more), run.URL)
}

// lastEnd returns when the last of the runs ended, zero if that isn't known.
func lastEnd(workflows [][]github.WorkflowRun) (last time.Time) {
	for _, run := range slices.Concat(workflows...) {
		if run.UpdatedAt.After(last) {
			last = run.UpdatedAt
		}
	}
	return last
}

func succeeded(run github.WorkflowRun) bool { return run.Conclusion == "success" }

// going returns the result while one of a workflow's runs isn't completed: it may push
// the image again.
func (b *building) going(runs []github.WorkflowRun) (_ runbook.Result, going bool) {
	i := slices.IndexFunc(runs, func(run github.WorkflowRun) bool { return run.Status != "completed" })
	if i < 0 {
		return runbook.Result{}, false
	}
	run := runs[i]
	state := strings.ReplaceAll(run.Status, "_", " ")
	since := say.Between(run.StartedAt, b.r.Now)
	// Without the time, which passes, so that it can be accepted.
	b.r.Facts[factReleaseFound] = fmt.Sprintf("A build of %s is %s", b.rel.Tag, state)
	if slices.ContainsFunc(runs, succeeded) {
		b.r.Facts[factReleaseFound] += ", and another has succeeded"
	}
	switch {
	case run.Status == "waiting":
		// GitHub's documentation, "Reviewing deployments": required reviewers.
		return b.r.Waiting("The build of %s waits for an approval, for %s now: see %s.", b.rel.Tag, since, run.URL), true
	case slices.ContainsFunc(runs, succeeded):
		return b.r.Waiting("One build of %s has succeeded, and another is %s, for %s now: it may publish the image again.", b.rel.Tag, state, since), true
	}
	known := usual(b.ctx, b.in, b.r, b.repo, b.before)
	if took, err := time.ParseDuration(b.r.Facts[factUsualTime]); err == nil {
		b.r.Facts[steps.FactUntil] = run.StartedAt.Add(took).UTC().Format(time.RFC3339)
	}
	return b.r.Waiting("The build of %s is %s, for %s now%s.", b.rel.Tag, state, since, known), true
}

// ranFor are the workflow runs of a release's commit.
type ranFor struct {
	workflows [][]github.WorkflowRun // the runs of each workflow that the release started, each the newest first
	earlier   []github.WorkflowRun   // for the release's tag, but begun before it was published
	strays    []github.WorkflowRun   // GitHub doesn't say for which tag, and it may be another
	others    []github.WorkflowRun   // for the release's tag, by other events
}

// sortRuns finds out which runs the release started. It may have started several
// workflows, and one of them several times: for each type of event that the workflow
// listens to, and for each edit of the notes. GitHub doesn't always say which tag a run
// is for. Such a run counts if it can't be another release's, because it began after
// this one was published and before the next one was; a later attempt doesn't, because
// GitHub doesn't say when the first one began.
func sortRuns(rel github.Release, all []github.Release, runs []github.WorkflowRun) (of ranFor) {
	var nameless []github.WorkflowRun
	for _, run := range runs {
		switch {
		case run.Event != "release" && run.HeadBranch == rel.Tag:
			of.others = append(of.others, run)
		case run.Event != "release":
		case run.HeadBranch == "" && (run.Attempt > 1 || !between(rel, all, run.StartedAt)):
			of.strays = append(of.strays, run)
		case run.HeadBranch == "":
			nameless = append(nameless, run)
		case run.HeadBranch != rel.Tag:
		case run.Began().Before(rel.PublishedAt.Add(-skew)):
			of.earlier = append(of.earlier, run)
		default:
			of.add(run)
		}
	}
	named := len(of.workflows)
	for _, run := range nameless {
		if !slices.ContainsFunc(of.workflows[:named], sameWorkflow(run)) {
			of.add(run)
		}
	}
	return of
}

func (of *ranFor) add(run github.WorkflowRun) {
	if i := slices.IndexFunc(of.workflows, sameWorkflow(run)); i >= 0 {
		of.workflows[i] = append(of.workflows[i], run)
		return
	}
	of.workflows = append(of.workflows, []github.WorkflowRun{run})
}

func sameWorkflow(run github.WorkflowRun) func([]github.WorkflowRun) bool {
	return func(others []github.WorkflowRun) bool { return others[0].Path == run.Path }
}

// between reports whether at is after the publication of the release and before
// that of every later one.
func between(rel github.Release, all []github.Release, at time.Time) bool {
	if rel.PublishedAt.IsZero() || at.Before(rel.PublishedAt.Add(-skew)) {
		return false
	}
	return !slices.ContainsFunc(all, func(other github.Release) bool {
		return other.Tag != rel.Tag && !other.Draft && !other.PublishedAt.Before(rel.PublishedAt.Add(-skew)) && other.PublishedAt.Before(at.Add(skew))
	})
}

// What GitHub says about its runs.
const (
	// runsListedBy is how long after a publication its run is in the list at the latest.
	// Events were seen to come eight minutes late, and lists to lack a run for twelve.
	runsListedBy = 30 * time.Minute
	// runsKept is how long GitHub keeps runs (GitHub's documentation on the retention of
	// checks data).
	runsKept = 400 * 24 * time.Hour
	// workflowToken is who has published a release if a workflow did it with its own
	// token, whose events start no workflow (GitHub's documentation, "Triggering a
	// workflow").
	workflowToken = "github-actions[bot]"
)

// none returns the result if GitHub lists no run that the publication started. It asks
// which other runs there are for the tag.
func (b *building) none(earlier []github.WorkflowRun) runbook.Result {
	tag, age := b.rel.Tag, b.r.Now.Sub(b.rel.PublishedAt)
	if age > runsKept {
		return b.r.Unknown("GitHub no longer has the workflow runs of %s, which was published %s: it keeps them for 400 days.", tag, stamp(b.rel.PublishedAt))
	}
	for _, run := range earlier {
		b.sawRun(run, ", before the release was published")
	}
	others, err := b.in.World.GitHub.WorkflowRuns(b.ctx, b.repo, b.in.Params["workflow"], github.RunFilter{Branch: tag, Settled: true})
	if err != nil {
		return b.r.Problem("Looking for other builds of "+tag, err)
	}
	for _, run := range others {
		if run.HeadSHA != b.commit {
			b.sawRun(run, ", for the commit "+run.HeadSHA)
			return b.r.Failed("The tag %s was moved: its workflow ran for the commit %.12s, and now it is at %.12s. Publish a release with a tag of its own.", tag, run.HeadSHA, b.commit)
		}
	}
	for _, run := range others {
		if run.Event == "release" {
			continue
		}
		b.sawRun(run, ", by the event "+run.Event)
		if run.Status != "completed" {
			return b.r.Waiting("The release %s has started no workflow run, but the event %q has started one for its tag, which is %s: see %s.", tag, run.Event, strings.ReplaceAll(run.Status, "_", " "), run.URL)
		}
		deaf, err := b.deaf(run.Path)
		if err != nil {
			return b.r.Problem("Reading the workflow", err)
		}
		if deaf != "" {
			deaf = " Its workflow " + deaf + "."
		}
		return b.r.Unknown("GitHub lists no workflow run that the release %s started.%s The event %q started one for its tag, which ended as %q: look at %s, and whether it has published the image.", tag, deaf, run.Event, run.Conclusion, run.URL)
	}
	deaf, err := b.deaf("")
	if err != nil {
		return b.r.Problem("Reading the workflow", err)
	}
	lists := "GitHub lists no workflow run for the release " + tag
	if len(earlier) > 0 {
		lists += " since its publication, " + stamp(b.rel.PublishedAt) + ", and the one before proves nothing about it"
	}
	switch {
	case b.rel.Author == workflowToken:
		return b.r.Unknown("%s: it was made with a workflow's own token, whose releases start none. Look at which workflow builds the image.", lists)
	case deaf != "":
		return b.r.Unknown("%s: its workflow %s. Start it by hand at %s, or set workflow under [github] to the one that builds the image.", lists, deaf, cmp.Or(b.rel.URL, "the repository's Actions"))
	case age < runsListedBy:
		b.r.Facts[factReleaseFound] = lists + " yet"
		return b.r.Waiting("%s yet, %s after its publication.", lists, say.Between(b.rel.PublishedAt, b.r.Now))
	}
	b.r.Facts[factReleaseFound] = lists
	return b.r.Unknown("%s, %s after its publication. Its event may have been dropped, or the workflow listens to another one: look at %s, and start it by hand if necessary.",
		lists, say.Between(b.rel.PublishedAt, b.r.Now), cmp.Or(b.rel.URL, "the repository's Actions"))
}

// deaf returns a clause that says why the publication of the release doesn't start a
// workflow, as its file at the release's commit says; "" if it does, or if the file can't be
// read. An empty path means the workflow that is named in the settings.
func (b *building) deaf(path string) (clause string, err error) {
	if named := b.in.Params["workflow"]; path == "" && strings.Contains(named, ".y") {
		path = ".github/workflows/" + named
	}
	file, err := b.file(path)
	if err != nil || file == nil {
		return "", err
	}
	var starts []string
	for _, t := range file.Triggers() {
		what := t.Event
		if len(t.Types) > 0 {
			what += " (" + strings.Join(t.Types, ", ") + ")"
		}
		if t.Event == "release" && (len(t.Types) == 0 || slices.ContainsFunc(t.Types, b.publication)) {
			return "", nil
		}
		starts = append(starts, what)
	}
	return fmt.Sprintf("doesn't start when a %s is published, only for: %s", b.described(), strings.Join(starts, ", ")), nil
}

// publication reports whether publishing the release has that type of activity (GitHub's
// documentation, "Events that trigger workflows").
func (b *building) publication(activity string) bool {
	return activity == "published" || activity == "created" || activity == "released" && !b.rel.Prerelease || activity == "prereleased" && b.rel.Prerelease
}

func (b *building) described() string {
	if b.rel.Prerelease {
		return "pre-release"
	}
	return "release"
}

// factUsualBuild is what usual returned, so that it asks only once.
const factUsualBuild runbook.Fact = "release.usual-build"

// factUsualTime is how long that build took, as time.Duration prints it.
const factUsualTime runbook.Fact = "release.usual-build-took"

// usual returns a clause that says how long the build of the release before took, or ""
// if that isn't known. It sends one request, and only once.
func usual(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository, before string) string {
	if known, ok := in.Facts[factUsualBuild]; ok {
		r.Facts[factUsualBuild], r.Facts[factUsualTime] = known, in.Facts[factUsualTime]
		return known
	}
	r.Facts[factUsualBuild] = ""
	if before == "" {
		return ""
	}
	runs, err := in.World.GitHub.WorkflowRuns(ctx, repo, in.Params["workflow"], github.RunFilter{Event: "release", Branch: before})
	if err != nil {
		return ""
	}
	var longest time.Duration
	for _, run := range runs {
		if succeeded(run) {
			longest = max(longest, run.UpdatedAt.Sub(run.StartedAt))
		}
	}
	if longest <= 0 {
		return ""
	}
	known := "; that of " + before + " took " + say.Between(r.Now.Add(-longest), r.Now)
	r.Facts[factUsualBuild], r.Facts[factUsualTime] = known, longest.String()
	return known
}
