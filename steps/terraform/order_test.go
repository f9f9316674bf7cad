package terraform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	. "catalog-runbook/steps/terraform"
)

func TestOrder(t *testing.T) {
	p := Plan{JSON: true, Complete: true, Changes: []Change{
		change(Read, "data.aws_ami.a"),
		change(Create, "aws_eip.a"),
		change(Update, "aws_eip.b"),
		change(Update, "aws_db_instance.a"),
		change(Replace, "aws_instance.catalog_airflow"),
		change(Replace, "aws_eip.c"),
		change(Forget, "aws_eip.d"),
		change(Delete, "aws_eip.e"),
		change(Unclear, "aws_eip.f"),
		change(Move, "aws_eip.g"),
		{Address: "?", Action: Create},
		change(Update, "aws_security_group.h"),
		change(Delete, "aws_security_group.i"),
		change(Replace, "aws_s3_bucket.j"),
		change(Delete, "aws_db_instance.k"),
	}}
	want := []string{
		"not understood [8 10]",
		"databases and stored data destroyed [13 14]",
		"destroyed or forgotten [7 12 6]",
		"replaced [5 4]",
		"open to the world [11]",
		"updated [3 2]",
		"created [1]",
		"read, moved or imported [0 9]",
	}
	allowed := Policy{Service: "catalog-airflow", Allow: []Rule{{Address: "aws_eip.d", Actions: []string{"forget"}}}}
	var got []string
	j := Judge(p, allowed)
	for _, address := range []string{"aws_security_group.h", "aws_security_group.i"} {
		j.Findings = append(j.Findings, Finding{Rule: "exposed", Address: clean.Line(address)})
	}
	for _, g := range Order(p, j) {
		got = append(got, fmt.Sprintf("%s %v", g.Title, g.Changes))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if groups := Order(Plan{}, Judgement{}); len(groups) != 0 {
		t.Errorf("nothing has groups: %v", groups)
	}
}

// TestOrderFoldsNoise puts aside what is said to change nothing, and nothing that may run
// the service, is a database, or that anything is said about.
func TestOrderFoldsNoise(t *testing.T) {
	p := Plan{JSON: true, Complete: true}
	for _, address := range []string{
		"aws_iam_policy.a", "aws_db_instance.b", "aws_instance.catalog_airflow", "aws_instance.other", "aws_eip.forbidden", "aws_eip.exposed", "aws_db_instance.allowed",
	} {
		c := change(Update, address)
		c.Noise = Reordered
		p.Changes = append(p.Changes, c)
	}
	policy := Policy{
		Service: "catalog-airflow", Forbid: []Rule{{Address: "aws_eip.forbidden", Actions: []string{"update"}}},
		Allow: []Rule{{Address: "aws_db_instance.allowed", Actions: []string{"update"}}},
	}
	j := Judge(p, policy)
	j.Findings = append(j.Findings, Finding{Rule: "exposed", Address: clean.Line("aws_eip.exposed")})
	quiet := p
	quiet.Changes = slices.Clone(p.Changes)
	for i := range quiet.Changes {
		quiet.Changes[i].Noise = 0
	}
	if got, want := Judge(quiet, policy).Verdict, j.Verdict; got != want {
		t.Errorf("noise makes the verdict %s, not %s", want, got)
	}
	var got []string
	for _, g := range Order(p, j) {
		got = append(got, fmt.Sprintf("%s %v", g.Title, g.Changes))
	}
	want := []string{"open to the world [5]", "updated [1 2 4 3 6]", "noise (another order or spelling, or computed values alone) [0]"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
