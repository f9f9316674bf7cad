package after

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/transport"
)

// BumpLanded is the step in which a maintainer brings the version that was deployed to the
// main branch of the infrastructure, from which others deploy. A check asks origin for two
// branches at most, and GitHub for the pull requests of one; it fetches nothing.
var BumpLanded = &steps.Kind{
	Name:    "bump-landed",
	Doc:     "Bring the version that was deployed to the infrastructure's main branch.",
	Explain: why.BumpLanded,
	Params: []steps.Param{
		{Name: "environment", Doc: "the environment", Required: true, Setting: "[infrastructure] environment"},
		{Name: "service", Doc: "the service", Required: true, Setting: "[infrastructure] service"},
	},
	Follows: []string{"plan-and-apply", "service-back"},
	Mend:    "run the commands that its check names",
	Adds: steps.Addition{
		Name: "landed", Text: "Bring the version to the infrastructure's main branch", Locked: true,
		Markdown: "Bring the version to the infrastructure's main branch.\n\nThe document doesn't mention this step. While the version is only in this checkout, " +
			"the next person who deploys from another one undoes it.\n",
	},
	Check: &steps.Check{
		Ask:      checkLanded,
		Harmless: true, // all that changes the service comes before it
	},
}

// factLanded is what a person accepts if they accept that the version hasn't landed.
const factLanded runbook.Fact = "bump-landed.found"

// The facts that the bump and the image leave.
const (
	factImageTag runbook.Fact = "image.tag"
	factRequest  runbook.Fact = "bump.request" // the address of the pull request that the recipe has opened
)

// landing is a look at where the version that was deployed is.
type landing struct {
	*steps.Report
	in             steps.Input
	tree           checkout.Checkout
	status         checkout.Status
	main, tag      string
	from           string // the version before
	env, service   string
	upstream, seen string // the commits of the main branch, at origin and as fetched
}

func checkLanded(ctx context.Context, in steps.Input) runbook.Result {
	l := &landing{Report: steps.NewReport(in), in: in, tree: in.World.Checkout, env: in.Params["environment"], service: in.Params["service"]}
	l.tag, l.from = cmp.Or(in.Facts[factImageTag], in.Release()), in.Facts[steps.FactPrevious]
	switch {
	case in.Followed == nil:
		return l.Unknown("Nothing has been deployed in this run yet.")
	case l.tree.Dir == "":
		return l.Unknown("%s", in.World.Unset("infrastructure checkout", "[infrastructure] directory"))
	case l.tag == "":
		return l.Unknown("Choose a release first.")
	}
	var err error
	if l.status, err = l.tree.Status(ctx); err != nil {
		return l.Problem("Reading the infrastructure checkout", err)
	}
	if l.main, err = l.tree.MainBranch(ctx); err != nil {
		return l.Problem("Finding the main branch of the infrastructure checkout", err)
	}
	l.Saw("checkout", clean.Line(l.tree.Dir).String(), "git status")
	if l.status.Remote == "" {
		return l.Unknown("The infrastructure checkout has no origin, so nobody else can have the version.")
	}
	if l.upstream, err = l.tree.UpstreamAt(ctx, l.main); err != nil {
		return l.Problem("Looking what the main branch of the infrastructure names", err)
	}
	if l.seen, err = l.tree.SeenAt(ctx, l.main); err != nil {
		return l.Problem("Looking what the main branch of the infrastructure names", err)
	}
	return l.judge(ctx)
}

// judge judges what the main branch at origin names.
func (l *landing) judge(ctx context.Context) runbook.Result {
	where := "origin/" + l.main
	l.Saw(where, say.Shorten(l.upstream, 12)+", fetched at "+cmp.Or(say.Shorten(l.seen, 12), "no commit"), "git ls-remote")
	if l.upstream == "" {
		return l.Unknown("origin has no branch %s.", clean.Line(l.main))
	}
	if l.upstream != l.seen {
		return l.Unknown("%s has moved since it was fetched: run `git fetch` in the checkout, then verify again.", where)
	}
	now, err := l.tree.Deployed(ctx, l.main, l.tag, l.env, l.service)
	if err != nil {
		return l.Problem("Reading which version "+where+" names", err)
	}
	l.Saw("version on "+where, cmp.Or(now.Version, "not found")+", in "+cmp.Or(now.File, "no file"), "git grep")
	same := func(a, b string) bool { return strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v") }
	switch {
	case now.Version == "":
		return l.Unknown("Which version of %s %s names is unknown: look at it.", l.service, where)
	case same(now.Version, l.tag):
		return l.Passed("%s names %s, so others deploy it too.", where, l.tag)
	case l.from != "" && !same(now.Version, l.from):
		return l.not("%s names %s, which is neither %s nor %s that was there before: someone else has changed it. Talk to them before you land anything.", where, clean.Line(now.Version), l.tag, clean.Line(l.from))
	}
	return l.local(ctx)
}

// local says where the bump is that isn't on the main branch.
func (l *landing) local(ctx context.Context) runbook.Result {
	if link := l.in.Facts[factRequest]; link != "" {
		l.Saw("pull request", link, "just bump")
		return l.not("The version is in the pull request %s: have it merged, then run `git fetch`.", clean.Line(link))
	}
	if l.status.Branch != "" && l.status.Branch != l.main {
		if diff, err := l.tree.OwnChanges(ctx, l.main); err == nil && len(l.bumped(diff)) > 0 {
			return l.committed(ctx, l.status.Branch)
		}
	}
	if l.status.Branch == l.main && l.status.Ahead > 0 {
		l.ready(nil, false)
		return l.not("The version is committed on %s and isn't pushed.", l.main)
	}
	branches, err := l.tree.Branches(ctx)
	if err != nil {
		return l.Problem("Reading the branches of the infrastructure checkout", err)
	}
	for _, b := range branches {
		if len(l.bumped(b.Diff)) > 0 {
			return l.committed(ctx, strings.TrimPrefix(b.Name, "origin/"))
		}
	}
	diff, err := l.tree.Diff(ctx)
	if err != nil {
		return l.Problem("Reading what has changed in the infrastructure checkout", err)
	}
	files := l.bumped(diff)
	if len(files) == 0 {
		return l.not("The version %s is neither on origin/%s nor in this checkout: find out what was deployed, and from where.", l.tag, l.main)
	}
	l.ready(files, true)
	return l.not("The version is only in this working tree: commit it, push it, and have it merged.")
}

// committed is the result for a branch with the bump.
func (l *landing) committed(ctx context.Context, branch string) runbook.Result {
	at, err := l.tree.UpstreamAt(ctx, branch)
	if err != nil {
		return l.Problem("Looking for the branch with the version", err)
	}
	l.Saw("branch", clean.Line(branch).String(), "git branch")
	if at == "" {
		l.commands(branch, true)
		return l.not("The version is committed on the branch %s, which isn't pushed.", clean.Line(branch))
	}
	switch all, asked, err := l.requests(ctx, branch); {
	case err != nil:
		text, _ := transport.Divide(err)
		l.Saw("pull request", "can't be asked: "+text, "GitHub")
	case len(all) > 0:
		i := slices.IndexFunc(all, func(p github.PullRequest) bool { return p.State == "open" })
		return l.requested(branch, all[max(i, 0)]) // the newest if none is open
	case asked:
		l.Saw("pull request", "none", "GitHub")
		l.commands(branch, false)
		return l.not("The version is pushed on the branch %s, which has no pull request: open one, and have it merged; then run `git fetch`.", clean.Line(branch))
	}
	l.commands(branch, false)
	return l.not("The version is pushed on the branch %s: open a pull request if it has none, and have it merged; then run `git fetch`.", clean.Line(branch))
}

// onGitHub is the address of a repository there, however git reaches it.
var onGitHub = pattern.Lazy(`^(?:https://|ssh://)?(?:[^@/]*@)?github\.com[:/]([A-Za-z0-9._-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?$`)

// requests lists the pull requests of a branch, the newest first. They aren't asked for if
// origin isn't known to be on GitHub.
func (l *landing) requests(ctx context.Context, branch string) (all []github.PullRequest, asked bool, err error) {
	name := l.in.World.InfrastructureRepository
	if found := onGitHub().FindStringSubmatch(l.status.Remote); name == "" && found != nil {
		name = found[1]
	}
	if l.in.World.GitHub == nil || name == "" {
		return nil, false, nil
	}
	repo, err := github.ParseRepository(name)
	if err == nil {
		all, err = l.in.World.GitHub.PullRequestsOf(ctx, repo, branch)
	}
	return all, true, err
}

// requested is the result for a version that is in a pull request.
func (l *landing) requested(branch string, p github.PullRequest) runbook.Result {
	name, by := fmt.Sprintf("#%d", p.Number), ""
	if p.Author != "" {
		by = ", opened by " + clean.Line(p.Author).String()
	}
	saw := func(state string) { l.Saw("pull request", name+by+", "+state+": "+p.URL, p.URL) }
	switch {
	case p.Merged:
		saw("merged into " + p.Base)
		return l.not("%s with the version was merged into %s, and origin/%s doesn't name it: see what was merged, and whether someone took it back.", name, clean.Line(p.Base), l.main)
	case p.State != "open":
		saw("closed without being merged")
		l.commands(branch, false)
		return l.not("%s with the version was closed without being merged: reopen it, or open another one, and have it merged; then run `git fetch`.", name)
	case p.Base != l.main:
		saw("waiting to be merged into " + p.Base)
		return l.not("The version is in %s%s, which is to be merged into %s: change its base branch to %s.", name, by, clean.Line(p.Base), l.main)
	case p.Draft:
		saw("a draft")
		return l.not("The version is in %s%s, which is a draft: mark it as ready for review, and have it merged; then run `git fetch`.", name, by)
	}
	saw("waiting for review and merge")
	return l.not("The version is in %s%s, waiting for review and merge: have it merged, then run `git fetch`.", name, by)
}

// bumped returns the files in which nothing but the version is changed to the one that was
// deployed.
func (l *landing) bumped(diff checkout.Diff) (files []string) {
	for _, f := range diff.Files {
		one := checkout.Diff{Root: diff.Root, Files: []checkout.FileDiff{f}}
		if _, err := checkout.VersionChange(one, l.tag); err == nil && checkout.PlaceOf(one, l.env, l.service) == (checkout.Place{}) {
			files = append(files, f.Path)
		}
	}
	return files
}

// branch is the name of the branch to land on.
func (l *landing) branch() string { return l.service + "-" + l.env + "-" + l.tag }

// title is the subject of the commit and of the pull request.
func (l *landing) title() string { return fmt.Sprintf("Run %s %s in %s", l.service, l.tag, l.env) }

// ready shows what to type, from a working tree or from the main branch on.
func (l *landing) ready(files []string, uncommitted bool) {
	branch := l.branch()
	l.run([]string{"git", "switch", "--create", branch})
	if uncommitted {
		l.run(append([]string{"git", "commit", "--message", l.title(), "--only", "--"}, files...))
	}
	l.commands(branch, true)
}

// commands shows how to push a branch and to open its pull request.
func (l *landing) commands(branch string, push bool) {
	if push {
		l.run([]string{"git", "push", "--set-upstream", "origin", branch})
	}
	l.run([]string{"gh", "pr", "create", "--base", l.main, "--head", branch, "--title", l.title(), "--body", l.body()})
}

// body is the text of the pull request.
func (l *landing) body() string {
	c := l.in.Followed
	text := fmt.Sprintf("%s of %s is deployed to %s", l.tag, l.service, l.env)
	if l.from != "" {
		text += ", before that " + l.from
	}
	return fmt.Sprintf("%s (%s, %s).", text, c.By, c.Ended.UTC().Format(time.DateTime+" UTC"))
}

func (l *landing) run(argv []string) { l.Saw("run", say.CommandLine(argv).String(), "in the checkout") }

// not is the result for a version that hasn't landed.
func (l *landing) not(format string, args ...any) runbook.Result {
	res := l.Failed(format, args...)
	l.Facts[factLanded] = res.Summary.String()
	return res
}
