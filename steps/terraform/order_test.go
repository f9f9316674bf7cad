package terraform_test

import (
	"fmt"
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
