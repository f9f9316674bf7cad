// Package dags has the kinds of steps by which DAGs are deployed: a pull request is merged,
// Airflow comes to have what it changes, and DAGs that are new are turned on.
package dags

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/transport"
)

// Facts about the pull request. They name it also when the run is resumed.
const (
	factPull   runbook.Fact = "pull-request.number" // "owner/name#12"
	factMerged runbook.Fact = "pull-request.commit" // on the branch that is deployed
	factOpen   runbook.Fact = "pull-request.open"   // it can be merged yet
	factPause  runbook.Fact = "dags.pause"          // what GitHub's limit demands between two checks
)

// PullRequest is a step in which a person merges the pull request whose DAGs are deployed.
// A check sends three requests at most, and one once it is merged.
var PullRequest = &steps.Kind{
	Name:    "pull-request",
	Doc:     "Merge the pull request that changes the DAGs.",
	Explain: why.PullRequest,
	Params: []steps.Param{
		{Name: "repository", Doc: "the repository that has the pull request", Required: true, Setting: "[github] repository"},
		{Name: "pull-request", Doc: "the number or address of the pull request", Setting: "[github] pull_request",
			Asks: &steps.Question{Title: "Which pull request?", Name: "PULL_REQUEST", Check: CheckPull, Fact: factPull, Offers: offerPulls}},
		{Name: "branch", Doc: "the branch that is deployed", Setting: "[github] branch"},
	},
	Passages: true,
	Reads: sentence.Reads("words about merging a pull request", []string{"erg"}, func(text string) bool {
		return aboutMerging().MatchString(text)
	}, mergeSentence),
	Check: &steps.Check{
		Ask:   pausing(3, checkMerged),
		Again: func(res runbook.Result) time.Duration { return again(res, res.Waiting || res.Facts[factOpen] != "") },
	},
	Leaves:   factMerged,
	Mentions: []runbook.Mention{{Fact: factPull, Name: "pull request"}, {Fact: factMerged, Name: "merge commit"}},
}

var aboutMerging = pattern.Lazy(`(?i)\bmerg(?:e|ed|ing)\b.*\b(?:pr|pull request|changes?)\b|\b(?:pr|pull request)\b.*\bmerged\b`)

const pullWords = `(?:(?:the|your|a|this|its|their) )?(?:(?:relevant|corresponding|respective|approved|reviewed|dag|dags|name) )*(?:pr|pull request)(?: with (?:the|your) (?:dag )?changes?)?`

// mergeSentence asks to merge a pull request.
var mergeSentence = pattern.Lazy(`^(?:` +
	`(?:since this (?:process )?happens automatically, )?(?:the|your) only (?:precursor|prerequisite|requirement|step|thing needed|thing that is needed|thing to do|thing left to do)(?: (?:to|for|of|in) (?:a|the|your) dag deployments?)? is (?:merging|to merge) ` + pullWords + intoMain +
	`|(?:to deploy (?:a |the |your )?(?:dags?|changes?|dag changes?)(?: of a dag)?, )?merge ` + pullWords + intoMain +
	`|(?:make sure|ensure|check|verify|confirm)(?: that)? ` + pullWords + ` (?:is|has been|was) merged` + intoMain +
	`|(?:get|have) ` + pullWords + ` merged` + intoMain +
	`|dags? (?:are|is) deployed by merging ` + pullWords + intoMain +
	`)$`)

const intoMain = `(?: (?:in|into|to) (?:…|(?:the )?(?:main|default)(?: branch)?|the branch …))?(?: (?:once|when|after) (?:it|this|that) (?:is|has been) (?:approved|reviewed|green|ready))?`

// pullPath is the path of a pull request's page, with what may follow it.
var pullPath = pattern.Lazy(`^/([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)/pull/([0-9]{1,9})(?:/|$)`)

// readPull reads the number of a pull request, with or without "#", or its address, which
// names the repository too.
func readPull(text string) (repository string, number int, ok bool) {
	digits := strings.TrimPrefix(text, "#")
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil {
			return "", 0, false
		}
		found := pullPath().FindStringSubmatch(u.Path)
		if found == nil {
			return "", 0, false
		}
		repository, digits = found[1], found[2]
	} else if name, n, named := strings.Cut(text, "#"); named && name != "" {
		repository, digits = name, n
	}
	number, err := strconv.Atoi(digits)
	return repository, number, err == nil && number > 0 && strings.Trim(digits, "0123456789") == ""
}

// CheckPull returns an error unless text is the number or the address of a pull request.
func CheckPull(text string) error {
	if _, _, ok := readPull(text); !ok {
		return say.Hint(fmt.Errorf("%q is neither the number nor the address of a pull request", clean.Line(text)), "write it like 123, or https://github.com/OWNER/NAME/pull/123")
	}
	return nil
}

// offerPulls lists the newest pull requests into the branch that is deployed, with one request.
func offerPulls(ctx context.Context, in steps.Input) ([]steps.Offer, error) {
	repo, err := github.ParseRepository(in.Params["repository"])
	if err != nil {
		return nil, err
	}
	all, err := in.World.GitHub.PullRequestsInto(ctx, repo, in.Params["branch"])
	if err != nil {
		return nil, err
	}
	var offers []steps.Offer
	for _, p := range all {
		state := "open"
		switch {
		case p.Merged:
			state = "merged " + say.Between(p.MergedAt, in.World.Now()) + " ago"
		case p.State != "open":
			continue
		case p.Draft:
			state = "a draft"
		}
		if p.Author != "" {
			state += ", by " + p.Author
		}
		number := strconv.Itoa(p.Number)
		offers = append(offers, steps.Offer{Value: number, Shown: clean.Line("#" + number + " " + p.Title), Hint: clean.Line(state)})
	}
	return offers, nil
}

// pullOf returns the pull request that the step is about: that of the settings, or the one
// that the run was about before.
func pullOf(in steps.Input) (github.Repository, int, error) {
	text := cmp.Or(in.Params["pull-request"], in.Facts[factPull])
	if text == "" {
		return github.Repository{}, 0, errors.New("no pull request is named: fill it in during the walk, start with --pull-request NUMBER, or set pull_request under [github] in catalog-runbook.toml")
	}
	named, number, ok := readPull(text)
	if !ok {
		return github.Repository{}, 0, CheckPull(text)
	}
	repo, err := github.ParseRepository(cmp.Or(named, in.Params["repository"]))
	return repo, number, err
}

func checkMerged(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	repo, number, err := pullOf(in)
	if err != nil {
		return r.Unknown("%s.", say.Capital(err.Error()))
	}
	r.Facts[factPull] = fmt.Sprintf("%s#%d", repo, number)
	p, err := in.World.GitHub.PullRequest(ctx, repo, number)
	name := fmt.Sprintf("#%d", number)
	switch {
	case errors.Is(err, github.ErrAbsent):
		return r.Failed("%s has no pull request %s: correct the number.", repo, name)
	case err != nil:
		return r.Problem("Asking for the pull request "+name, err)
	}
	branch := cmp.Or(in.Params["branch"], p.Default)
	r.Saw("pull request", name+" "+p.Title, p.URL)
	switch {
	case branch == "":
		return r.Unknown("GitHub doesn't name the default branch of %s: set branch under [github].", repo)
	case !p.Merged && p.State != "open":
		return r.Failed("%s was closed without being merged: reopen it, or name the pull request that replaces it.", name)
	case p.Base != branch && p.Merged:
		return r.Failed("%s was merged into %s, and what is deployed is %s: merge that into %s, and name the pull request which does.", name, clean.Line(p.Base), clean.Line(branch), clean.Line(branch))
	case p.Base != branch:
		return r.Failed("%s is to be merged into %s, and what is deployed is %s: change its base branch.", name, clean.Line(p.Base), clean.Line(branch))
	case !p.Merged:
		return unmerged(ctx, in, r, repo, p)
	}
	r.Saw("merged", "into "+p.Base+", "+say.Between(p.MergedAt, r.Now)+" ago", p.URL)
	r.Saw("merge commit", p.Commit, p.URL)
	since, err := in.World.GitHub.Compare(ctx, repo, p.Commit, branch)
	switch {
	case errors.Is(err, github.ErrAbsent):
		return r.Failed("%s was merged, but %s has no branch %s, or its commit is gone.", name, repo, clean.Line(branch))
	case err != nil:
		return r.Problem("Looking for the merge commit on "+branch, err)
	case since.Status != "ahead" && since.Status != "identical":
		return r.Failed("%s was merged, but its commit %.7s is no longer on %s: someone has removed it.", name, p.Commit, clean.Line(branch))
	case since.AheadBy > 0:
		r.Saw("commits since", strconv.Itoa(since.AheadBy), since.URL)
	}
	r.Facts[factMerged] = p.Commit
	return r.Passed("%s is merged into %s as %.7s.", name, clean.Line(p.Base), p.Commit)
}

// unmerged says what keeps an open pull request from being merged.
func unmerged(ctx context.Context, in steps.Input, r *steps.Report, repo github.Repository, p github.PullRequest) runbook.Result {
	name := fmt.Sprintf("#%d", p.Number)
	r.Facts[factOpen] = p.State
	if p.Draft {
		return r.Failed("%s is a draft: mark it as ready for review, and merge it.", name)
	}
	queued, err := in.World.GitHub.InMergeQueue(ctx, repo, p.Base, p.Number)
	switch {
	case err != nil:
		text, _ := transport.Divide(err)
		r.Saw("merge queue", "can't be asked: "+text, p.URL)
	case queued:
		return r.Waiting("%s is in the merge queue of %s, which merges it by itself.", name, clean.Line(p.Base))
	}
	if p.Auto {
		return r.Waiting("%s is open, and merges by itself once its checks have passed.", name)
	}
	return r.Failed("%s is open: merge it into %s.", name, clean.Line(p.Base))
}

// pausing notes in the result of a check how long GitHub's limit demands to wait before a
// check with so many requests is repeated.
func pausing(requests int, ask func(context.Context, steps.Input) runbook.Result) func(context.Context, steps.Input) runbook.Result {
	return func(ctx context.Context, in steps.Input) runbook.Result {
		res := ask(ctx, in)
		if pause := in.World.GitHub.Pause(requests, in.World.Now()); pause > 30*time.Second && res.Facts != nil {
			res.Facts[factPause] = pause.Round(time.Second).String()
		}
		return res
	}
}

// again returns the pause before a check is repeated that may have another result soon.
func again(res runbook.Result, soon bool) time.Duration {
	if !soon {
		return 0
	}
	pause, _ := time.ParseDuration(res.Facts[factPause])
	return max(5*time.Second, pause)
}
