package terraform_test

import (
	"fmt"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

// withTie is a plan, in both forms, that replaces the service's instance and a tie
// of another, each with its line of the text.
func withTie(instance, tie string) (asJSON []string, asText string) {
	asJSON = []string{
		fmt.Sprintf(`{"address":"aws_instance.catalog_airflow","mode":"managed","type":"aws_instance","change":{"actions":["delete","create"],"before":{%s},"after":{},"replace_paths":[["ami"]]}}`, instance),
		fmt.Sprintf(`{"address":"aws_volume_attachment.data","mode":"managed","type":"aws_volume_attachment","change":{"actions":["delete","create"],"before":{%s},"after":{},"replace_paths":[["instance_id"]]}}`, tie)}
	line := func(pairs, forces string) string {
		if pairs == "" {
			return "      ~ x           = 1 -> 2" + forces + "\n"
		}
		name, value, _ := strings.Cut(strings.ReplaceAll(pairs, `"`, ""), ":")
		return fmt.Sprintf("      ~ %-11s = %q -> (known after apply)%s\n", name, value, forces)
	}
	asText = "Terraform will perform the following actions:\n\n" +
		"  # aws_instance.catalog_airflow must be replaced\n-/+ resource \"aws_instance\" \"catalog_airflow\" {\n" +
		"      ~ ami         = \"a\" -> \"b\" # forces replacement\n" + line(instance, "") + "    }\n\n" +
		"  # aws_volume_attachment.data must be replaced\n-/+ resource \"aws_volume_attachment\" \"data\" {\n" +
		line(tie, " # forces replacement") + "    }\n\n" +
		"Plan: 2 to add, 0 to change, 2 to destroy.\n"
	return asJSON, asText
}

func TestTieBelongsToTheInstanceThatIsReplaced(t *testing.T) {
	for _, test := range []struct {
		instance, tie string
		want          Verdict
	}{
		{`"id":"i-airflow"`, `"instance_id":"i-airflow"`, Passed},
		{`"id":"i-airflow"`, `"instance_id":"i-postgres"`, Failed},
		{`"id":"i-airflow"`, ``, Failed},
		{``, `"instance_id":"i-airflow"`, Failed},
		{`"private_ip":"i-airflow"`, `"instance_id":"i-airflow"`, Failed},
	} {
		asJSON, asText := withTie(test.instance, test.tie)
		for form, p := range map[string]Plan{"JSON": readJSON(t, asJSON...), "text": read(t, asText)} {
			if !p.Complete || len(p.Changes) != 2 {
				t.Fatalf("%s: %+v", form, p)
			}
			j := Judge(p, airflow)
			if j.Verdict != test.want || test.want == Failed && blocking(j) != "replace" {
				t.Errorf("%s, instance %s, tie %s: got %s, %s", form, test.instance, test.tie, j.Verdict, j.Summary)
			}
		}
	}
}
