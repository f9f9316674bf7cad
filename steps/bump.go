package steps

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
	"catalog-runbook/steps/checkout"
)

var _ = register(bump{})

// bump is a step in which a maintainer writes the release's version into the
// infrastructure checkout.
type bump struct{}

// factBumpReady says that the checkout is as it must be before the bump.
const factBumpReady = "bump.ready"

func (bump) Name() string { return "bump" }
func (bump) Doc() string {
	return "Write the release's version into the infrastructure checkout, and nothing else."
}
func (bump) Params() []Param      { return infrastructureParams }
func (bump) Fresh() time.Duration { return time.Minute }

var bumpVerbs = []string{"update", "raise", "bump", "change", "set"}

func (bump) Recognise(s *document.Step) (Match, bool) {
	if argv := justCommand(s, "bump"); argv != nil {
		return Match{By: ByCommand, just: argv}, true
	}
	return Match{}, false
}

func (bump) Reads(s *document.Step) (string, bool) {
	text := s.Text.String()
	return "words about the version in the infrastructure",
		near(text, bumpVerbs, 40, "version") && near(text, []string{"version"}, 60, "infra", "infrastructure")
}

func (bump) Effects(p Params) []runbook.EffectSpec {
	return []runbook.EffectSpec{{
		Name: "bump", Label: say.CommandLine(just("bump", p)), Confirm: p["environment"],
		Needs: factBumpReady, NeedsText: clean.Line("The infrastructure checkout must be clean and on its main branch."),
	}}
}

func (bump) Command(_ string, p Params) []string { return just("bump", p) }

// Check reads the checkout. It leaves what the plan is later compared with: the
// commit and the difference that are there now.
func (k bump) Check(ctx context.Context, in Input) runbook.Result {
	r := newReport(in)
	checkout, tag := in.World.Checkout, in.Release()
	if checkout.Dir == "" {
		return r.unknown("The infrastructure checkout is not known: set [infrastructure] directory.")
	}
	status, err := checkout.Status(ctx)
	if err != nil {
		return r.problem("Reading the infrastructure checkout", err)
	}
	diff, err := checkout.Diff(ctx)
	if err != nil {
		return r.problem("Reading what has changed in the infrastructure checkout", err)
	}
	main, err := checkout.MainBranch(ctx)
	if err != nil {
		return r.problem("Finding the main branch of the infrastructure checkout", err)
	}
	r.facts[runbook.FactBumpDiff] = checkoutPrint(status, diff)
	r.saw("checkout", clean.Line(checkout.Dir).String(), "git status")
	r.saw("branch", status.Branch+" at "+say.Shorten(status.Commit, 12), "git status")
	switch {
	case status.Branch != main:
		return r.failed("The infrastructure checkout is on %q, not on its main branch %q: switch to it.", status.Branch, main)
	case tag == "":
		return r.unknown("No release has been chosen, so the version is not known.")
	case status.Clean:
		r.facts[factBumpReady] = "clean, on " + main
		if files, err := checkout.Names(ctx, tag); err == nil && len(files) > 0 {
			r.saw("names "+tag, strings.Join(files[:min(len(files), 5)], ", "), "git grep")
			return r.unknown("%s names %s already, so there may be nothing to bump. If the bump to it was merged, skip this step and say so; if %s is deployed already, choose another release.", main, tag, tag)
		}
		return r.failed("The version has not been bumped to %s yet; the checkout is clean and on %s.", tag, main)
	}
	return k.judge(r, diff, tag)
}

// judge says whether the difference is the bump and nothing else.
func (bump) judge(r *report, diff checkout.Diff, tag string) runbook.Result {
	showDiff(r, diff)
	from, err := checkout.VersionChange(diff, tag)
	if err != nil {
		return r.failed("The infrastructure checkout is changed, but not by the bump to %s alone: %s.", tag, err)
	}
	r.saw("version", from+" -> "+tag, "git diff")
	return r.passed("The version is bumped from %s to %s, and nothing else is changed.", from, tag)
}

// diffShown is how many changed lines become evidence.
const diffShown = 20

// showDiff shows what has changed, line by line: the bump is two lines, and
// whatever else is there must be seen as well.
func showDiff(r *report, diff checkout.Diff) {
	shown := 0
	for _, f := range diff.Files {
		r.saw("changed", f.Path, "git diff")
		for _, h := range f.Hunks {
			for _, l := range h.Lines {
				if l.Op == ' ' || shown == diffShown {
					continue
				}
				r.saw(string(l.Op), strings.TrimSpace(l.Text), "git diff")
				if shown++; shown == diffShown {
					r.saw("…", "more lines: look at the checkout", "git diff")
				}
			}
		}
	}
}

func (k bump) Finish(ctx context.Context, in Input, _ string, exit int, _ string) runbook.Result {
	res := k.Check(ctx, in)
	if exit != 0 && res.Verdict == runbook.Passed {
		return newReport(in).unknown("The command ended with exit code %d, although the version is bumped: read its output.", exit)
	}
	return res
}

// checkoutPrint is equal for two looks at the checkout exactly if its commit
// and its difference are. It is made from the raw lines, because what is cleaned
// for the screen can be the same for two that differ.
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
