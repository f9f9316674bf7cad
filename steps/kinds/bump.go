package kinds

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
)

// bump is a step in which a maintainer writes the release's version into the
// infrastructure checkout.
var bump = &steps.Kind{
	Name:    "bump",
	Doc:     "Write the release's version into the infrastructure checkout, and nothing else.",
	Explain: why.Bump,
	Params:  infrastructureParams,
	Recognise: func(s *document.Step) (steps.Match, bool) {
		return justMatch(justCommand(s, "bump"))
	},
	Reads: sentence.Reads("words about the version in the infrastructure", []string{"version"}, func(text string) bool {
		return near(text, bumpVerbs, 40, "version") && near(text, []string{"version"}, 60, "infra", "infrastructure")
	}, bumpSentence),
	Recipes:  []string{"bump"},
	Deployed: deployed,
	Leaves:   factBumpDiff,
	Check: &steps.Check{
		Ask:      checkBump,
		Fresh:    time.Minute,
		Harmless: true,            // the plan shows what would be deployed
		Needs:    factImageDigest, // with which a digest is compared
	},
	Effects: []steps.Effect{{
		Name: "bump",
		Spec: func(p steps.Params) runbook.EffectSpec {
			return runbook.EffectSpec{
				Label: say.CommandLine(just("bump", p)), Confirm: p["environment"],
				Needs: factBumpReady, NeedsText: clean.Line("The infrastructure checkout must be clean and on its main branch."),
			}
		},
		Command: func(p steps.Params) []string { return just("bump", p) },
		Prepare: saysYes(nil),
		Asks:    confirmations("bump"),
		Finish: func(ctx context.Context, in steps.Input, exit int, output string) runbook.Result {
			facts := runbook.Facts{factBumpRequest: requestLink().FindString(output)}
			maps.Copy(facts, in.Facts)
			in.Facts = facts
			res := checkBump(ctx, in)
			if exit != 0 && res.Verdict == runbook.Passed {
				return steps.NewReport(in).Unknown("The command ended with exit code %d, although the version is bumped: read its output.", exit)
			}
			return res
		},
	}},
}

const (
	// factBumpReady says that the checkout is as it must be before the bump.
	factBumpReady runbook.Fact = "bump.ready"
	// factBumpBase is the commit at which the checkout was ready.
	factBumpBase runbook.Fact = "bump.base"
	// factBumpRequest is the address of the pull request that the recipe has opened.
	factBumpRequest runbook.Fact = "bump.request"
	// factBumpDiff is the Print of the checkout after the bump.
	factBumpDiff runbook.Fact = "bump.diff"
)

var bumpVerbs = []string{"update", "raise", "bump", "change", "set", "increase"}

const (
	inInfrastructure = `(?:in|of) (?:(?:the|our) )?(?:infrastructure|infra)(?: (?:repository|repo|checkout|code|configuration|config))?`
	toRelease        = `(?: to (?:that of )?(?:the )?(?:(?:new|chosen) )?(?:release's tag|release's version|release tag|release|version|tag))?`
	raiseVersion     = `(?:update|raise|bump|change|set|increase) (?:the )?(?:(?:name|name's|catalog|image|docker|deployed|service) )*version(?: (?:of|for) (?:the )?(?:name|catalog|service))?`
)

// bumpSentence asks to raise the version in the infrastructure.
var bumpSentence = pattern.Lazy(`^` + wordAfter + `(?:` +
	raiseVersion + ` ` + inInfrastructure + toRelease + `|` + raiseVersion + toRelease + ` ` + inInfrastructure + `|` +
	inInfrastructure + `, ` + raiseVersion + toRelease + `)` + wordBefore + `$`)

// checkBump reads the checkout. It leaves factBumpDiff, with which the plan is compared
// later.
func checkBump(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	tree, tag := in.World.Checkout, in.Release()
	if tree.Dir == "" {
		return r.Unknown("%s", in.World.Unset("infrastructure checkout", "[infrastructure] directory"))
	}
	status, err := tree.Status(ctx)
	if err != nil {
		return r.Problem("Reading the infrastructure checkout", err)
	}
	diff, err := tree.Diff(ctx)
	if err != nil {
		return r.Problem("Reading what has changed in the infrastructure checkout", err)
	}
	diff = withoutPlan(diff, in.Facts[factPlanFile], func() (string, error) { return in.Facts[factPlanHash], nil })
	main, err := tree.MainBranch(ctx)
	if err != nil {
		return r.Problem("Finding the main branch of the infrastructure checkout", err)
	}
	ignored, err := tree.IgnoredConfiguration(ctx)
	if err != nil {
		return r.Problem("Looking for ignored files in the infrastructure checkout", err)
	}
	r.Facts[factBumpDiff] = diff.Print(status.Commit)
	r.Saw("checkout", clean.Line(tree.Dir).String(), "git status")
	r.Saw("branch", status.Branch+" at "+say.Shorten(status.Commit, 12), "git status")
	if status.Upstream != "" {
		r.Saw("upstream", upstreamText(in, status), "git status")
	}
	for _, name := range ignored {
		r.Saw("ignored, but read by Terraform", name, "git ls-files")
	}
	b := bumping{Report: r, in: in, tree: tree, status: status, diff: diff, main: main, tag: tag}
	b.remember()
	switch {
	case len(status.Overlooked) > 0:
		return r.Unknown("git was told to ignore changes of %s in the infrastructure checkout, so whether it is changed is unknown: run `git update-index --no-skip-worktree --no-assume-unchanged` with its name.", list(status.Overlooked))
	case status.Branch != main:
		return b.elsewhere(ctx)
	case status.Behind > 0:
		return r.Failed("The infrastructure checkout is %s behind %s: pull first, so that what others have merged isn't undone.", say.Count(status.Behind, "commit"), status.Upstream)
	case status.Ahead > 0:
		return b.ahead(ctx)
	case tag == "":
		return r.Unknown("Choose a release first.")
	}
	if res, ok := b.since(ctx); ok {
		return res
	}
	if !status.Clean {
		return b.judge(ctx, diff, "")
	}
	return b.unchanged(ctx)
}

// unchanged returns the result for a clean checkout that has changed since nothing.
func (b *bumping) unchanged(ctx context.Context) runbook.Result {
	if b.in.Before != nil {
		if res, ok := b.branched(ctx); ok {
			return res
		}
	}
	tag := cmp.Or(b.in.Await(ctx, factImageTag), b.tag)
	now, err := b.tree.Deployed(ctx, b.main, tag, b.in.Params["environment"], b.in.Params["service"])
	if err == nil && now.Version != "" {
		b.Saw(now.Branch+" names", now.Version+" in "+now.File, "git grep")
	}
	if b.in.Rollback != nil && steps.SameTag(now.Version, tag) {
		return b.Passed("%s names %s, and nothing is changed: that is what a plan goes back to.", now.Branch, b.tag)
	}
	if steps.SameTag(now.Version, tag) {
		b.Facts[steps.FactDeployed] = now.Version
		return b.Unknown("%s names %s already, so there is nothing to bump: if that is deployed, choose another release. If its bump was merged and isn't deployed yet, accept this with a reason.", now.Branch, b.tag)
	}
	b.Facts[factBumpBase] = b.status.Commit
	if now.Version != "" {
		b.Facts[steps.FactPrevious] = now.Version
	}
	if b.in.Rollback != nil {
		b.Facts[runbook.ByHand] = "the version"
		return b.Failed("%s still names %s. `%s` would take the newest release, so write %s into %s yourself, or revert the commit that bumped it.",
			b.main, cmp.Or(now.Version, "another version"), say.CommandLine(just("bump", b.in.Params)), tag, cmp.Or(now.File, "the checkout"))
	}
	b.Facts[factBumpReady] = "clean, on " + b.main
	if files, err := b.tree.Names(ctx, tag); err == nil && len(files) > 0 {
		b.Saw("names "+b.tag, strings.Join(files[:min(len(files), 5)], ", "), "git grep")
		return b.Unknown("%s names %s already, so there may be nothing to bump. If the bump to it was merged, skip this step and say so; if %s is deployed already, choose another release.", b.main, b.tag, b.tag)
	}
	if now.Version == "" {
		return b.Failed("Not bumped to %s yet. The checkout is clean and on %s.", b.tag, b.main)
	}
	return b.Failed("Not bumped yet: %s still names %s. The checkout is clean.", b.main, now.Version)
}

// deployed returns what the main branch of the checkout names.
func deployed(ctx context.Context, in steps.Input, like string) (checkout.Deployed, error) {
	tree := in.World.Checkout
	if tree.Dir == "" {
		return checkout.Deployed{}, nil
	}
	main, err := tree.MainBranch(ctx)
	if err != nil {
		return checkout.Deployed{}, err
	}
	return tree.Deployed(ctx, main, like, in.Params["environment"], in.Params["service"])
}

// upstreamText describes where the branch is as of the last fetch. A check fetches
// nothing.
func upstreamText(in steps.Input, s checkout.Status) string {
	text := fmt.Sprintf("%s, %d ahead, %d behind", s.Upstream, s.Ahead, s.Behind)
	if s.Fetched.IsZero() {
		return text + ", never fetched"
	}
	return text + ", fetched " + say.Duration(in.World.Now().Sub(s.Fetched)) + " ago"
}

// list names at most three of the files.
func list(files []string) string {
	return strings.Join(files[:min(len(files), 3)], ", ") + more(max(0, len(files)-3))
}

// judge returns whether a difference is the bump and nothing else. where is a clause that
// says in which commits it is, "" if it isn't committed.
func (b *bumping) judge(ctx context.Context, diff checkout.Diff, where string) runbook.Result {
	showDiff(b.Report, diff)
	change, err := b.change(ctx, diff)
	if err != nil {
		return b.Failed("The infrastructure checkout is changed, but not by the bump to %s alone: %s.", b.tag, err)
	}
	b.Saw("version", change.From+" -> "+b.tag, "git diff")
	b.Facts[steps.FactPrevious] = change.From
	params := b.in.Params
	place := checkout.PlaceOf(diff, params["environment"], params["service"])
	switch {
	case place.Comment:
		return b.Failed("%s is named only in a comment or a text, so nothing would be deployed: bump the version that is used.", b.tag)
	case place.Environment != "":
		return b.Failed("The version is changed in %s, which is of %s and not of %s.", place.File, place.Environment, params["environment"])
	case place.File != "":
		return b.Unknown("The version is changed in %s, and nothing there names %s: it may be another service's.", place.File, params["service"])
	}
	if res, ok := b.digests(ctx, change); !ok {
		return res
	}
	if checkout.Older(b.tag, change.From) {
		return b.Passed("The version is lowered from %s to %s, which is older%s, and nothing else is changed.", change.From, b.tag, where)
	}
	return b.Passed("The version is bumped from %s to %s%s, and nothing else is changed.%s", short(change.From), b.tag, where, b.unpushed())
}

// diffShown is how many changed lines become evidence.
const diffShown = 20

// showDiff adds the changed lines as evidence. The bump is two of them, and any other
// must be visible too.
func showDiff(r *steps.Report, diff checkout.Diff) {
	shown := 0
	for _, f := range diff.Files {
		r.Saw("changed", f.Path, "git diff")
		for _, h := range f.Hunks {
			for _, l := range h.Lines {
				if l.Op == ' ' || shown == diffShown {
					continue
				}
				r.Saw(string(l.Op), strings.TrimSpace(l.Text), "git diff")
				if shown++; shown == diffShown {
					r.Saw("…", "more lines: look at the checkout", "git diff")
				}
			}
		}
	}
}
