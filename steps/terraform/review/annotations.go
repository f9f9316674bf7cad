package review

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/terraform"
)

// annotationsMost is how many annotations of each level GitHub shows for a step. (GitHub's
// documentation, "Workflow commands for GitHub Actions" and its limits.)
const annotationsMost = 10

// The levels of annotations.
const (
	levelError   = "error"
	levelWarning = "warning"
	levelNotice  = "notice"
)

// annotation is one workflow command.
type annotation struct{ level, title, message string }

// Annotations writes the verdict and the findings, but those that only say what would be
// done to a resource, as commands of a GitHub workflow. Of
// each level it writes no more than GitHub shows, and says how many are left out.
func Annotations(w io.Writer, r Report) error {
	j := r.Judgement
	level := levelError
	if j.Verdict == terraform.Passed {
		level = levelNotice
	}
	all := []annotation{{level, "Plan " + j.Verdict.String(), say.Capital(j.Summary.String()) + " (" + r.Counts + ")"}}
	blocking, others := r.findings()
	for _, f := range slices.Concat(blocking, others) {
		all = append(all, annotation{levelOf(f), f.Rule, f.Text.String()})
	}
	var b strings.Builder
	for _, level := range []string{levelError, levelWarning, levelNotice} {
		var of []annotation
		for _, a := range all {
			if a.level == level {
				of = append(of, a)
			}
		}
		if left := len(of) - annotationsMost + 1; left > 1 {
			of = append(of[:annotationsMost-1:annotationsMost-1], annotation{level, "Not shown",
				say.Count(left, "more finding") + ", since GitHub shows " + say.Number(annotationsMost) + " annotations of a kind for each step"})
		}
		for _, a := range of {
			fmt.Fprintf(&b, "::%s title=%s::%s\n", a.level, property(a.title), message(a.message))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func levelOf(f terraform.Finding) string {
	switch {
	case f.Blocks:
		return levelError
	case f.Expected():
		return levelNotice
	}
	return levelWarning
}

// message and property escape the parts of a workflow command. GitHub decodes them after
// it has found where the command and its properties end.
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
