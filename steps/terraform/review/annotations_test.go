package review_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
	. "catalog-runbook/steps/terraform/review"
)

func annotations(t *testing.T, r Report) []string {
	t.Helper()
	var b bytes.Buffer
	if err := Annotations(&b, r); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func TestAnnotations(t *testing.T) {
	j := terraform.Judgement{Verdict: terraform.Failed, Summary: clean.Line("the plan is 100% wrong: a, b"), Findings: []terraform.Finding{
		{Rule: "a:b,c%d", Blocks: true, Text: clean.Line("it is 5% wrong::error::, really\n")},
		{Rule: "drift", Text: clean.Line("something was changed")},
		{Rule: "service-instance", Text: clean.Line("aws_instance.a would be replaced")},
		{Rule: "changed-with-it", Text: clean.Line("aws_eip.a would be updated")},
	}}
	want := []string{
		"::error title=Plan failed::The plan is 100%25 wrong: a, b (none)",
		"::error title=a%3Ab%2Cc%25d::it is 5%25 wrong::error::, really ",
		"::warning title=drift::something was changed",
		"::notice title=service-instance::aws_instance.a would be replaced",
	}
	if got := annotations(t, Report{Judgement: j, Counts: "none"}); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	j = terraform.Judgement{Verdict: terraform.Passed}
	if got := annotations(t, Report{Judgement: j}); len(got) != 1 || !strings.HasPrefix(got[0], "::notice title=Plan passed::") {
		t.Errorf("got %q", got)
	}
}

// GitHub shows ten of a kind: the tenth counts the rest.
func TestAnnotationsAreLimited(t *testing.T) {
	for _, n := range []int{9, 10, 11, 2000} { // and the verdict
		j := terraform.Judgement{Verdict: terraform.Unknown}
		for range n {
			j.Findings = append(j.Findings, terraform.Finding{Rule: "a", Blocks: true, Text: clean.Line("b")})
		}
		got := annotations(t, Report{Judgement: j})
		last := "::error title=a::b"
		if n > 9 {
			last = fmt.Sprintf("::error title=Not shown::%s more findings, since GitHub shows 10 annotations of a kind for each step", comma(n-8))
		}
		if len(got) != 10 || got[9] != last {
			t.Errorf("%d: %d annotations, the last of them %q", n, len(got), got[len(got)-1])
		}
	}
}

// No text starts another command.
func TestAnnotationsAreLines(t *testing.T) {
	for _, s := range []string{"a\n::error::b", "a\r\n::stop-commands::x", "\u2028::error::", "\x85::error::", "%0A::error::", "::", "\v::error::"} {
		plain, got := annotations(t, reportWith("plain")), annotations(t, reportWith(s))
		if len(got) != len(plain) {
			t.Errorf("%q makes %d lines, not %d", s, len(got), len(plain))
		}
		for _, line := range got {
			command, _, _ := strings.Cut(strings.TrimPrefix(line, "::"), " title=")
			if command != "error" && command != "warning" && command != "notice" || strings.ContainsAny(line, "\r\v\u0085\u2028") {
				t.Errorf("%q makes the line %q", s, line)
			}
		}
	}
}
