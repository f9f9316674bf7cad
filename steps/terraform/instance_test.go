package terraform_test

import (
	"fmt"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

// movedAndReplaced returns the change of a JSON plan, and the whole text of one, that replaces what has moved to another address.
func movedAndReplaced(from, to string) (asJSON, asText string) {
	kind, name, _ := strings.Cut(to, ".")
	asJSON = fmt.Sprintf(
		`{"address":%q,"previous_address":%q,"mode":"managed","type":%q,"change":{"actions":["delete","create"],"before":{"ami":"a"},"after":{"ami":"b"},"replace_paths":[["ami"]]}}`, to, from, kind)
	asText = "Terraform will perform the following actions:\n\n" +
		fmt.Sprintf("  # %s must be replaced\n  # (moved from %s)\n", to, from) +
		fmt.Sprintf("-/+ resource %q %q {\n      ~ ami = \"a\" -> \"b\" # forces replacement\n    }\n\n", kind, name) +
		"Plan: 1 to add, 0 to change, 1 to destroy.\n"
	return asJSON, asText
}

// What is destroyed is what stood at the old address.
func TestInstanceIsKnownByItsOldAddressToo(t *testing.T) {
	named := Policy{Service: "catalog-airflow", Instance: []string{"aws_instance.catalog_airflow"}}
	allowed := Policy{Service: "catalog-airflow", Allow: []Rule{{Address: "aws_instance.postgres_primary", Actions: []string{"replace"}}}}
	for _, test := range []struct {
		from, to string
		policy   Policy
		want     Verdict
	}{
		{"aws_instance.postgres_primary", "aws_instance.catalog_airflow", airflow, Failed},
		{"aws_instance.postgres_primary", "aws_instance.catalog_airflow", named, Failed},
		{"aws_instance.postgres_primary", "aws_instance.catalog_airflow", allowed, Failed}, // it does not deploy
		{"aws_eip.catalog_airflow", "aws_instance.catalog_airflow", airflow, Failed},
		{"aws_instance.catalog-airflow", "aws_instance.catalog_airflow", airflow, Passed},
		{"module.catalog_airflow.aws_instance.this", "aws_instance.catalog_airflow", airflow, Passed},
	} {
		asJSON, asText := movedAndReplaced(test.from, test.to)
		for form, p := range map[string]Plan{"JSON": readJSON(t, asJSON), "text": read(t, asText)} {
			if !p.Complete || p.Changes[0].Previous != test.from {
				t.Fatalf("%s: %+v", form, p)
			}
			if j := Judge(p, test.policy); j.Verdict != test.want {
				t.Errorf("%s, from %s: got %s, %s", form, test.from, j.Verdict, j.Summary)
			}
		}
	}
}

// An update of what was another does not deploy the service either.
func TestUpdateOfWhatWasAnotherDeploysNothing(t *testing.T) {
	p := Plan{JSON: true, Complete: true, Changes: []Change{from(change(Update, "aws_instance.catalog_airflow"), "aws_instance.web")}}
	if j := Judge(p, airflow); j.Verdict != Failed || blocking(j) != "service-untouched" {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
}

// What is imported is known by an identifier that the plan does not explain.
func TestImportedAndReplacedIsNoInstance(t *testing.T) {
	c := change(Replace, "aws_instance.catalog_airflow")
	c.Imported = true
	if j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{c}}, airflow); j.Verdict != Failed || !strings.HasPrefix(blocking(j), "replace") {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
}

func TestAllowedAtBothAddresses(t *testing.T) {
	gone := from(change(Replace, "aws_eip.a"), "aws_eip.b")
	database := from(change(Update, "terraform_data.a"), "aws_db_instance.a")
	for _, test := range []struct {
		change Change
		allow  []Rule
		want   Verdict
	}{
		{gone, []Rule{{Address: "aws_eip.a", Actions: []string{"replace"}}}, Failed},
		{gone, []Rule{{Address: "aws_eip.b", Actions: []string{"replace"}}}, Failed},
		{gone, []Rule{{Address: "aws_eip.a", Actions: []string{"replace"}}, {Address: "aws_eip.b", Actions: []string{"update"}}}, Failed},
		{gone, []Rule{{Address: "aws_eip.a", Actions: []string{"replace"}}, {Address: "aws_eip.b", Actions: []string{"replace"}}}, Passed},
		{gone, []Rule{{Address: "aws_eip.*", Actions: []string{"*"}}}, Passed},
		{database, []Rule{{Address: "terraform_data.a", Actions: []string{"*"}}}, Failed},
		{database, []Rule{{Address: "terraform_data.a", Actions: []string{"*"}}, {Address: "*", Actions: []string{"*"}}}, Failed},
		{database, []Rule{{Address: "terraform_data.a", Actions: []string{"*"}}, {Address: "aws_db_instance.a", Actions: []string{"*"}}}, Passed},
	} {
		p := Plan{JSON: true, Complete: true, Changes: []Change{change(Replace, "aws_instance.catalog_airflow"), test.change}}
		if j := Judge(p, Policy{Service: "catalog-airflow", Allow: test.allow}); j.Verdict != test.want {
			t.Errorf("%s, allowed %v: got %s, %s", test.change.Address, test.allow, j.Verdict, j.Summary)
		}
	}
}

func TestServiceCalledLikeADatabase(t *testing.T) {
	for address, want := range map[string]Verdict{
		"aws_instance.redis_cache":              Passed,
		"module.redis-cache.aws_instance.this":  Passed,
		"module.redis_cache.aws_instance.mysql": Failed,
	} {
		p := Plan{JSON: true, Complete: true, Changes: []Change{change(Replace, address)}}
		if j := Judge(p, Policy{Service: "redis-cache"}); j.Verdict != want {
			t.Errorf("%s: got %s, %s", address, j.Verdict, j.Summary)
		}
	}
}

func TestSeveralInstancesAreUndecided(t *testing.T) {
	for _, test := range []struct {
		addresses string
		want      Verdict
	}{
		{"aws_instance.catalog_airflow", Passed},
		{"aws_instance.catalog_airflow module.catalog_airflow.aws_instance.this", Unknown},
		{"aws_instance.catalog_airflow[0] aws_instance.catalog_airflow[1]", Unknown},
		{"aws_instance.catalog_airflow aws_instance.catalog_airflow_test", Unknown},
		{"aws_launch_template.catalog_airflow aws_autoscaling_group.catalog_airflow", Passed},
		{"aws_launch_template.catalog_airflow aws_launch_template.catalog_airflow_dev", Unknown},
		{"aws_instance.catalog_airflow aws_instance.ingestion_server", Passed},
	} {
		p := Plan{JSON: true, Complete: true}
		for address := range strings.FieldsSeq(test.addresses) {
			c := change(Replace, address)
			switch {
			case strings.Contains(address, "ingestion"):
				c.Action = Update
			case c.Type == "aws_autoscaling_group":
				c.Action, c.Attributes, c.Refreshes = Update, []string{"launch_template"}, true
			}
			p.Changes = append(p.Changes, c)
		}
		j := Judge(p, airflow)
		if j.Verdict != test.want || (test.want == Unknown) != strings.Contains(j.Summary.String(), "instance under [plan]") {
			t.Errorf("%s: got %s, %s", test.addresses, j.Verdict, j.Summary)
		}
		templates := !strings.Contains(test.addresses, "aws_instance") && !strings.Contains(test.addresses, "group")
		if j := Judge(p, Policy{Service: "catalog-airflow", Instance: []string{"*"}}); (j.Verdict != Passed) != templates {
			t.Errorf("%s, which are named: got %s, %s", test.addresses, j.Verdict, j.Summary)
		}
	}
}

func TestFindingsNameTheSettingThatWouldHelp(t *testing.T) {
	const hint = `hint: if it runs catalog-airflow, set instance = ['aws_instance.services["catalog-airflow"]'] in [plan]`
	for address, want := range map[string]bool{
		`aws_instance.services["catalog-airflow"]`: true,
		`aws_instance.postgres["catalog-airflow"]`: false,
		`aws_instance.other`:                       false,
	} {
		for _, action := range []Action{Replace, Update} {
			j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{change(action, address)}}, airflow)
			if got := strings.Contains(j.Summary.String(), hint); got != want || j.Verdict != Failed {
				t.Errorf("%s %s: got %s, %s", action, address, j.Verdict, j.Summary)
			}
		}
	}
}

func TestNotRefreshed(t *testing.T) {
	for name, want := range map[string]bool{"cloud-not-refreshed": true, "cloud-deploy": false, "cloud-state-missing": false, "cloud-import": false} {
		j := Judge(read(t, fixture(t, name)), airflow)
		got := false
		for _, f := range j.Findings {
			got = got || f.Rule == "not-refreshed"
			if f.Rule == "not-refreshed" && f.Blocks {
				t.Errorf("%s: it blocks", name)
			}
		}
		if got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
