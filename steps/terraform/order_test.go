package terraform_test

import (
	"fmt"
	"strings"
	"testing"

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
	}}
	want := []string{
		"not understood [8 10]",
		"destroyed or forgotten [7 6]",
		"replaced [5 4]",
		"updated [3 2]",
		"created [1]",
		"read, moved or imported [0 9]",
	}
	allowed := Policy{Service: "catalog-airflow", Allow: []Rule{{Address: "aws_eip.d", Actions: []string{"forget"}}}}
	var got []string
	for _, g := range Order(p, Judge(p, allowed)) {
		got = append(got, fmt.Sprintf("%s %v", g.Title, g.Changes))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if groups := Order(Plan{}, Judgement{}); len(groups) != 0 {
		t.Errorf("nothing has groups: %v", groups)
	}
}
