package kinds

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
)

// bump is a step in which a maintainer writes the release's version into the
// infrastructure checkout.
var bump = &steps.Kind{
	Name:   "bump",
	Doc:    "Write the release's version into the infrastructure checkout, and nothing else.",
	Params: infrastructureParams,
	Recognise: func(s *document.Step) (steps.Match, bool) {
		return justMatch(justCommand(s, "bump"))
	},
	Reads: func(s *document.Step) (string, bool) {
		text := s.Text.String()
		return "words about the version in the infrastructure",
			near(text, bumpVerbs, 40, "version") && near(text, []string{"version"}, 60, "infra", "infrastructure")
	},
	Leaves: factBumpDiff,
	Check:  &steps.Check{Ask: checkBump, Fresh: time.Minute},
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
		Finish: func(ctx context.Context, in steps.Input, exit int, _ string) runbook.Result {
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
	// factBumpDiff is the checkoutPrint of the checkout after the bump.
	factBumpDiff runbook.Fact = "bump.diff"
)

var bumpVerbs = []string{"update", "raise", "bump", "change", "set"}

// checkBump reads the checkout. It leaves factBumpDiff, with which the plan is compared
// later.
func checkBump(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	checkout, tag := in.World.Checkout, in.Release()
	if checkout.Dir == "" {
		return r.Unknown("The infrastructure checkout is not known: set [infrastructure] directory.")
	}
	status, err := checkout.Status(ctx)
	if err != nil {
		return r.Problem("Reading the infrastructure checkout", err)
	}
	diff, err := checkout.Diff(ctx)
	if err != nil {
		return r.Problem("Reading what has changed in the infrastructure checkout", err)
	}
	diff = withoutPlan(diff, in.Facts[factPlanFile], func() (string, error) { return in.Facts[factPlanHash], nil })
	main, err := checkout.MainBranch(ctx)
	if err != nil {
		return r.Problem("Finding the main branch of the infrastructure checkout", err)
	}
	r.Facts[factBumpDiff] = checkoutPrint(status, diff)
	r.Saw("checkout", clean.Line(checkout.Dir).String(), "git status")
	r.Saw("branch", status.Branch+" at "+say.Shorten(status.Commit, 12), "git status")
	if status.Upstream != "" {
		r.Saw("upstream", upstreamText(in, status), "git status")
	}
	switch {
	case len(status.Overlooked) > 0:
		return r.Unknown("git was told to overlook changes of %s in the infrastructure checkout, so nobody knows whether it is changed: run `git update-index --no-skip-worktree --no-assume-unchanged` with its name.", list(status.Overlooked))
	case status.Branch != main:
		return r.Failed("The infrastructure checkout is on %q, not on its main branch %q: switch to it.", status.Branch, main)
	case status.Behind > 0:
		return r.Failed("The infrastructure checkout is %s behind %s: pull first, so that what others have merged isn't undone.", say.Count(status.Behind, "commit"), status.Upstream)
	case status.Ahead > 0:
		return r.Failed("The infrastructure checkout has %s that %s doesn't have: push them, or drop them.", say.Count(status.Ahead, "commit"), status.Upstream)
	case tag == "":
		return r.Unknown("No release has been chosen, so the version is not known.")
	case status.Clean:
		r.Facts[factBumpReady] = "clean, on " + main
		if files, err := checkout.Names(ctx, tag); err == nil && len(files) > 0 {
			r.Saw("names "+tag, strings.Join(files[:min(len(files), 5)], ", "), "git grep")
			return r.Unknown("%s names %s already, so there may be nothing to bump. If the bump to it was merged, skip this step and say so; if %s is deployed already, choose another release.", main, tag, tag)
		}
		return r.Failed("The version has not been bumped to %s yet; the checkout is clean and on %s.", tag, main)
	}
	return judgeBump(r, in.Params, diff, tag)
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

// judgeBump returns whether the difference is the bump and nothing else.
func judgeBump(r *steps.Report, p steps.Params, diff checkout.Diff, tag string) runbook.Result {
	showDiff(r, diff)
	from, err := checkout.VersionChange(diff, tag)
	if err != nil {
		return r.Failed("The infrastructure checkout is changed, but not by the bump to %s alone: %s.", tag, err)
	}
	r.Saw("version", from+" -> "+tag, "git diff")
	place := placeOf(diff, p["environment"], p["service"])
	switch {
	case place.comment:
		return r.Failed("%s is named in a comment or a text alone, so nothing would be deployed: bump the version that is used.", tag)
	case place.environment != "":
		return r.Failed("The version is changed in %s, which is of %s and not of %s.", place.file, place.environment, p["environment"])
	case place.file != "":
		return r.Unknown("The version is changed in %s, and nothing there names %s: it may be another service's.", place.file, p["service"])
	case checkout.Older(tag, from):
		return r.Passed("The version is lowered from %s to %s, which is older, and nothing else is changed.", from, tag)
	}
	return r.Passed("The version is bumped from %s to %s, and nothing else is changed.", from, tag)
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

// checkoutPrint returns a hash of the checkout's commit and difference. It hashes the
// raw lines, because lines that differ may be the same once cleaned for the screen.
func checkoutPrint(s checkout.Status, d checkout.Diff) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", s.Commit)
	for _, f := range d.Files {
		fmt.Fprintf(sum, "%q %d %d\n", f.Path, f.State, len(f.Hunks))
		for _, h := range f.Hunks {
			fmt.Fprintf(sum, "%d\n", len(h.Lines))
			for _, l := range h.Lines {
				fmt.Fprintf(sum, "%c %q %t\n", l.Op, l.Text, l.NoEOL)
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
