package terraform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

const deploys = `{"address":"aws_instance.catalog_airflow","mode":"managed","type":"aws_instance","change":{"actions":["delete","create"],"before":{"user_data":"a"},"after":{"user_data":"b"}}}`

// exposed returns the finding about what a plan opens, if it has one.
func exposed(j Judgement) (f Finding, ok bool) {
	i := slices.IndexFunc(j.Findings, func(f Finding) bool { return f.Rule == "exposed" })
	if i < 0 {
		return Finding{}, false
	}
	return j.Findings[i], true
}

func TestWhatOpensToTheWorld(t *testing.T) {
	const group, rule, vpc = "aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"
	ingress := func(sources string, from, to int) string {
		return fmt.Sprintf(`{"ingress":[{"protocol":"tcp","from_port":%d,"to_port":%d,"cidr_blocks":[%s],"ipv6_cidr_blocks":[]}]}`, from, to, sources)
	}
	in := func(kind, sources string) string {
		return fmt.Sprintf(`{"type":%q,"protocol":"tcp","from_port":22,"to_port":22,"cidr_blocks":[%s]}`, kind, sources)
	}
	const world, office = `"0.0.0.0/0"`, `"203.0.113.0/24"`
	for name, test := range map[string]struct {
		kind, before, after, more string
		verdict                   Verdict
		says                      string // "" where nothing is opened
	}{
		"created open":             {group, `null`, ingress(world, 22, 22), "", Failed, "tcp 22 from 0.0.0.0/0"},
		"created for the office":   {group, `null`, ingress(office, 22, 22), "", Passed, ""},
		"opened":                   {group, ingress(office, 22, 22), ingress(world, 22, 22), "", Failed, "tcp 22 from 0.0.0.0/0"},
		"two halves":               {group, ingress(office, 22, 22), ingress(`"0.0.0.0/1","128.0.0.0/1"`, 22, 22), "", Failed, "tcp 22 from 0.0.0.0/1, tcp 22 from 128.0.0.0/1"},
		"a private network":        {group, ingress(office, 22, 22), ingress(`"10.0.0.0/8"`, 22, 22), "", Passed, ""},
		"open before":              {group, ingress(world, 22, 22), ingress(world+`,`+office, 22, 22), "", Passed, ""},
		"fewer ports than before":  {group, ingress(world, 20, 30), ingress(world, 22, 22), "", Passed, ""},
		"more ports than before":   {group, ingress(world, 22, 22), ingress(world, 22, 80), "", Failed, "tcp 22-80 from 0.0.0.0/0"},
		"closed":                   {group, ingress(world, 22, 22), `{"ingress":[]}`, "", Passed, ""},
		"everything":               {group, `null`, `{"ingress":[{"protocol":"-1","from_port":0,"to_port":0,"ipv6_cidr_blocks":["::/0"]}]}`, "", Failed, "everything from ::/0"},
		"IPv6 beside IPv4":         {group, ingress(world, 22, 22), strings.Replace(ingress(world, 22, 22), `cks":[]`, `cks":["::/0"]`, 1), "", Failed, "tcp 22 from ::/0"},
		"private IPv6":             {group, `null`, `{"ingress":[{"protocol":"tcp","from_port":1,"to_port":2,"ipv6_cidr_blocks":["fd00::/8"]}]}`, "", Passed, ""},
		"what leaves":              {group, `null`, `{"egress":[{"protocol":"-1","from_port":0,"to_port":0,"cidr_blocks":["0.0.0.0/0"]}],"ingress":[]}`, "", Passed, ""},
		"rules of its own":         {group, `null`, `{"name":"a"}`, `,"after_unknown":{"ingress":true}`, Passed, ""},
		"rules that aren't known":  {group, ingress(office, 22, 22), `{"name":"a"}`, `,"after_unknown":{"ingress":true}`, Unknown, "does not show"},
		"a rule":                   {rule, `null`, in("ingress", world), "", Failed, "tcp 22 from 0.0.0.0/0"},
		"a rule for what leaves":   {rule, `null`, in("egress", world), "", Passed, ""},
		"a rule turned around":     {rule, in("egress", world), in("ingress", world), "", Failed, "tcp 22 from 0.0.0.0/0"},
		"a source that isn't":      {rule, `null`, in("ingress", office), `,"after_unknown":{"cidr_blocks":true}`, Unknown, "does not show"},
		"an ingress rule":          {vpc, `null`, `{"ip_protocol":"tcp","from_port":443,"to_port":443,"cidr_ipv4":"0.0.0.0/0"}`, "", Failed, "tcp 443 from 0.0.0.0/0"},
		"an ingress rule for all":  {vpc, `{"ip_protocol":"tcp","from_port":443,"to_port":443,"cidr_ipv4":"0.0.0.0/0"}`, `{"ip_protocol":"-1","cidr_ipv4":"0.0.0.0/0"}`, "", Failed, "everything from 0.0.0.0/0"},
		"an ingress rule for less": {vpc, `{"ip_protocol":"-1","cidr_ipv4":"0.0.0.0/0"}`, `{"ip_protocol":"tcp","from_port":443,"to_port":443,"cidr_ipv4":"0.0.0.0/0"}`, "", Passed, ""},
	} {
		actions := `"update"`
		if test.before == "null" {
			actions = `"create"`
		}
		change := fmt.Sprintf(`{"address":"%s.a","mode":"managed","type":%q,"change":{"actions":[%s],"before":%s,"after":%s%s}}`,
			test.kind, test.kind, actions, test.before, test.after, test.more)
		p := readJSON(t, deploys, change)
		j := Judge(p, airflow)
		f, found := exposed(j)
		if j.Verdict != test.verdict || found != (test.says != "") || !strings.Contains(f.Text.String(), test.says) {
			t.Errorf("%s: got %s, %s", name, j.Verdict, j.Summary)
		}
		for pattern, want := range map[string]bool{test.kind + ".a": true, test.kind + ".*": true, "*": false} {
			policy := airflow
			policy.Allow = []Rule{{Address: pattern, Actions: []string{"create", "update"}}}
			if j := Judge(p, policy); (j.Verdict == Passed) != (want || test.verdict == Passed) {
				t.Errorf("%s: allowed for %s, it is %s, %s", name, pattern, j.Verdict, j.Summary)
			}
		}
	}
}

// A text hides what stays the same, so whatever it adds counts as new.
func TestWhatOpensToTheWorldInText(t *testing.T) {
	for name, test := range map[string]struct {
		kind, action, body string
		want               Verdict
	}{
		"opened": {"aws_security_group", "updated in-place", "      ~ ingress = [\n          - {\n              - cidr_blocks = [\n                  - \"203.0.113.0/24\",\n                ]\n            },\n" +
			"          + {\n              + cidr_blocks = [\n                  + \"0.0.0.0/0\",\n                ]\n              + from_port   = 22\n            },\n        ]\n", Failed},
		"closed":             {"aws_security_group", "updated in-place", "      ~ ingress = [\n          - {\n              - cidr_blocks = [\n                  - \"0.0.0.0/0\",\n                ]\n            },\n        ]\n", Passed},
		"what leaves":        {"aws_security_group", "updated in-place", "      ~ egress = [\n          + {\n              + cidr_blocks = [\n                  + \"0.0.0.0/0\",\n                ]\n            },\n        ]\n", Passed},
		"rules known later":  {"aws_security_group", "updated in-place", "      ~ ingress = [] -> (known after apply)\n", Unknown},
		"rules of its own":   {"aws_security_group", "created", "      + ingress = (known after apply)\n      + name    = \"a\"\n", Passed},
		"a rule":             {"aws_security_group_rule", "created", "      + cidr_blocks = [\n          + \"0.0.0.0/0\",\n        ]\n      + type        = \"ingress\"\n", Failed},
		"a rule that leaves": {"aws_security_group_rule", "created", "      + cidr_blocks = [\n          + \"0.0.0.0/0\",\n        ]\n      + type        = \"egress\"\n", Passed},
		"hidden sources":     {"aws_vpc_security_group_ingress_rule", "updated in-place", "      ~ to_port = 22 -> 80\n        # (4 unchanged attributes hidden)\n", Unknown},
		"another source":     {"aws_vpc_security_group_ingress_rule", "updated in-place", "      ~ cidr_ipv4 = \"10.0.0.0/8\" -> \"0.0.0.0/0\"\n", Failed},
		"a smaller source":   {"aws_vpc_security_group_ingress_rule", "updated in-place", "      ~ cidr_ipv4 = \"0.0.0.0/0\" -> \"10.0.0.0/8\"\n", Passed},
		"a description":      {"aws_vpc_security_group_ingress_rule", "updated in-place", "      ~ description = \"a\" -> \"0.0.0.0/0\"\n", Passed},
	} {
		symbol, counts := "  ~", "1 to add, 1 to change, 1 to destroy"
		if test.action == "created" {
			symbol, counts = "  +", "2 to add, 0 to change, 1 to destroy"
		}
		p := read(t, "Terraform will perform the following actions:\n\n  # aws_instance.catalog_airflow must be replaced\n-/+ resource \"aws_instance\" \"catalog_airflow\" {\n"+
			"      ~ user_data = \"a\" -> \"b\" # forces replacement\n    }\n\n  # "+test.kind+".a will be "+test.action+"\n"+symbol+" resource \""+test.kind+"\" \"a\" {\n"+test.body+
			"    }\n\nPlan: "+counts+".\n")
		j := Judge(p, airflow)
		if _, found := exposed(j); j.Verdict != test.want || test.want != Passed && !found {
			t.Errorf("%s: got %s, %s", name, j.Verdict, j.Summary)
		}
	}
}

// Nothing tells whether a new group will have rules of its own.
func TestNewSecurityGroupMayOpen(t *testing.T) {
	p := readJSON(t, deploys, `{"address":"aws_security_group.a","mode":"managed","type":"aws_security_group","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"ingress":true}}}`)
	j := Judge(p, airflow)
	if !slices.ContainsFunc(j.Findings, func(f Finding) bool {
		return f.Rule == "warning" && strings.Contains(f.Text.String(), "may let traffic in")
	}) {
		t.Errorf("got %+v", j.Findings)
	}
}
