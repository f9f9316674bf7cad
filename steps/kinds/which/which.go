// Package which has the kind of a passage that says when a deployment is needed.
package which

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/triage"
	"catalog-runbook/steps/wording"
)

// Deployment is a passage with the conditions of a service deployment. Its check compares
// what is deployed (the release that the checkout names, else the one before) with what
// would be, in two requests, and holds if files changed
// that need one. What it says is for a person to read beside the conditions: nothing waits
// for it.
var Deployment = &steps.Kind{
	Name:    "which-deployment",
	Doc:     "Decide which deployment is needed, by the files that have changed.",
	Explain: why.WhichDeployment,
	Params: []steps.Param{
		{Name: "repository", Doc: "the repository whose releases are deployed", Required: true, Setting: "[github] repository"},
		{Name: "tag-prefix", Doc: "what the tags of the releases begin with, where one repository releases several parts", Setting: "[github] tag_prefix"},
	},
	Reads:    reads,
	Passages: true,
	Question: true,
	Leads: func(res runbook.Result) string {
		switch res.Facts[factNeeded] {
		case needsDAGs:
			return "pull-request"
		case needsService:
			return "release"
		}
		return ""
	},
	Check: &steps.Check{Ask: ask, Fresh: time.Hour, Harmless: true},
}

// factNeeded says which deployment the changed files need; it is left out where that isn't
// certain.
const factNeeded runbook.Fact = "deployment.needed"

// The values of factNeeded.
const (
	needsService = "service"
	needsDAGs    = "DAGs"
	needsNothing = "nothing"
)

// conditions is a paragraph that announces when a service deployment is needed.
var conditions = pattern.Lazy(`(?i)^(?:note: )?(?:(?:a |the )?(?:service )?deployments? (?:is|are) (?:only )?(?:necessary|needed|required) (?:in|under|if|when|for)\b[^.!?]*|` +
	`(?:the )?reasons for a (?:service )?deployment are (?:these|the following)[^.!?]*):$`)

func reads(s *document.Step, _ wording.Names) steps.Reading {
	if !strings.HasSuffix(s.Words, ":") || !strings.Contains(s.Words, "eployment") || !conditions().MatchString(s.Words) {
		return steps.Reading{}
	}
	return steps.Reading{Why: "words about when a deployment is needed", Asks: true}
}

// releasesListed is how many releases are looked at for the one before.
const releasesListed = 30

func ask(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	repo, err := github.ParseRepository(in.Params["repository"])
	if err != nil {
		return r.Unknown("%s.", err)
	}
	all, _, err := in.World.GitHub.Releases(ctx, repo, releasesListed)
	if err != nil {
		return r.Problem("Listing the releases", err)
	}
	base, head := versions(all, in.Release(), in.Params["tag-prefix"])
	if base == "" {
		return r.Unknown("%s lists no earlier release, so nothing tells what is deployed now.", repo)
	}
	known := "the release before"
	if now, _ := in.Deployed(ctx, base); now.Version != head && slices.ContainsFunc(all, func(r github.Release) bool { return r.Tag == now.Version && !r.Draft }) {
		base, known = now.Version, "which "+now.Branch+" of the infrastructure names"
	}
	between, err := in.World.GitHub.Compare(ctx, repo, base, head)
	if errors.Is(err, github.ErrAbsent) {
		return r.Unknown("Comparing %s with %s: %s has no %s or no %s. See whether a tag was deleted, and read yourself what has changed.", base, head, repo, base, head)
	}
	if err != nil {
		return r.Problem("Comparing "+base+" with "+head, err)
	}
	to := head
	if to == mainBranch {
		to = "the main branch"
	}
	r.Saw("compared", base+", "+known+", with "+to, between.URL)
	found := triage.Judge(in.World.Triage, triage.Between(between))
	showFiles(r, found, between.URL)
	return judged(r, found, base, to)
}

// mainBranch is what GitHub takes for the newest commit of a repository's main branch.
const mainBranch = "HEAD"

// versions returns the release that is taken to be deployed, "" if there is none, and what
// would be deployed: the chosen release, or what is on the main branch.
func versions(all []github.Release, chosen, prefix string) (base, head string) {
	head = mainBranch
	var at time.Time
	if i := slices.IndexFunc(all, func(r github.Release) bool { return r.Tag == chosen && !r.Draft }); i >= 0 {
		head, at = chosen, all[i].PublishedAt
	}
	for _, r := range all {
		if !r.Draft && !r.Prerelease && strings.HasPrefix(r.Tag, prefix) && r.Tag != head && (at.IsZero() || r.PublishedAt.Before(at)) {
			return r.Tag, head
		}
	}
	return "", head
}

// filesShown is how many files of a class are named.
const filesShown = 8

// showFiles adds each class of files, with the rules that claim them.
func showFiles(r *steps.Report, found triage.Result, url string) {
	for i := 0; i < len(found.Claims); {
		n := i
		for n < len(found.Claims) && found.Claims[n].As == found.Claims[i].As {
			n++
		}
		class := found.Claims[i:n]
		i = n
		var names []string
		for _, c := range class[:min(len(class), filesShown)] {
			name := c.Name
			if c.Rule != "" && c.Rule != c.Name {
				name += " (" + c.Rule + ")"
			}
			names = append(names, name)
		}
		if more := len(class) - filesShown; more > 0 {
			names = append(names, "and "+strconv.Itoa(more)+" more")
		}
		name := string(class[0].As)
		switch class[0].As {
		case triage.Unclaimed:
			name = "no rule"
		case triage.DAGs:
			name = "DAGs"
		}
		r.Saw(name, strings.Join(names, ", "), url)
	}
}

func judged(r *steps.Report, found triage.Result, base, to string) runbook.Result {
	count := func(classes ...triage.Class) (n int) {
		for _, c := range found.Claims {
			if slices.Contains(classes, c.As) {
				n++
			}
		}
		return n
	}
	dags := count(triage.DAGs)
	also := ""
	if dags > 0 {
		also = " DAGs changed too (" + say.Count(dags, "file") + "); they reach Airflow without it."
	}
	switch {
	case found.Service:
		r.Facts[factNeeded] = needsService
		n := count(triage.Image, triage.Environment, triage.Infrastructure, triage.Invisible)
		return r.Passed("A service deployment is needed: of what changed between %s and %s, it concerns %s.%s", base, to, say.Count(n, "file"), also)
	case found.Doubt != "":
		return r.Unknown("Whether a service deployment is needed is not certain between %s and %s: %s. Read what changed, and decide.", base, to, clean.Line(found.Doubt))
	case found.DAGs:
		r.Facts[factNeeded] = needsDAGs
		return r.Failed("No service deployment is needed: between %s and %s, only DAGs changed (%s). They are deployed by merging.", base, to, say.Count(dags, "file"))
	}
	r.Facts[factNeeded] = needsNothing
	return r.Failed("Nothing needs to be deployed: between %s and %s, no file changed that is on a server.", base, to)
}
