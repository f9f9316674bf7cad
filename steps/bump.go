package steps

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/infra"
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
func (bump) Params() []Param      { return infrastructureParams() }
func (bump) Fresh() time.Duration { return time.Minute }

var bumpWords = regexp.MustCompile(`(?i)\b(update|bump|change|set)\b.{0,40}\bversion\b.{0,60}\binfra`)

func (bump) Recognise(s *runbook.Step) (Match, bool) {
	if p, ok := justCommand(s, "bump"); ok {
		return byCommand("bump", p), true
	}
	if text := s.Text.String(); strings.Contains(text, "version") && bumpWords.MatchString(text) {
		return Match{By: ByText, Why: clean.Line("words about the version in the infrastructure")}, true
	}
	return Match{}, false
}

func (bump) Effects(p Params) []runbook.EffectSpec {
	return []runbook.EffectSpec{{
		Name: "bump", Label: clean.Line(strings.Join(just("bump", p), " ")), Confirm: p["environment"],
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
	r.saw("branch", status.Branch+" at "+short(status.Commit, 12), "git status")
	switch {
	case status.Branch != main:
		return r.failed("The infrastructure checkout is on %q, not on its main branch %q: switch to it.", status.Branch, main)
	case tag == "":
		return r.unknown("No release has been chosen, so the version is not known.")
	case status.Clean:
		r.facts[factBumpReady] = "clean, on " + main
		return r.failed("The version has not been bumped to %s yet; the checkout is clean and on %s.", tag, main)
	}
	return k.judge(r, diff, tag)
}

// judge says whether the difference is the bump and nothing else.
func (bump) judge(r *report, diff infra.Diff, tag string) runbook.Result {
	for _, f := range diff.Files {
		r.saw("changed", f.Path, "git diff")
	}
	from, err := infra.VersionChange(diff, tag)
	if err != nil {
		return r.failed("The infrastructure checkout is changed, but not by the bump to %s alone: %s.", tag, err)
	}
	r.saw("version", from+" -> "+tag, "git diff")
	return r.passed("The version is bumped from %s to %s, and nothing else is changed.", from, tag)
}

func (k bump) Finish(ctx context.Context, in Input, _ string, exit int, _ string) runbook.Result {
	res := k.Check(ctx, in)
	if exit != 0 && res.Verdict == runbook.Passed {
		return newReport(in).unknown("The command ended with exit code %d, although the version is bumped: read its output.", exit)
	}
	return res
}

// checkoutPrint is equal for two looks at the checkout exactly if its commit
// and its difference are.
func checkoutPrint(s infra.Status, d infra.Diff) string {
	sum := sha256.Sum256([]byte(s.Commit + "\n" + d.Text.String()))
	return hex.EncodeToString(sum[:])
}
