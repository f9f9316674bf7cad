package terraform

import (
	"fmt"
	"strings"
	"testing"
)

// withTie is a plan, in both forms, that replaces the service's instance and a tie
// of another, each with its line of the text.
func withTie(instance, tie string) (asJSON, asText string) {
	asJSON = jsonPlan(jsonChanges(
		fmt.Sprintf(`{"address":"aws_instance.catalog_airflow","mode":"managed","type":"aws_instance","change":{"actions":["delete","create"],"before":{%s},"after":{},"replace_paths":[["ami"]]}}`, instance),
		fmt.Sprintf(`{"address":"aws_volume_attachment.data","mode":"managed","type":"aws_volume_attachment","change":{"actions":["delete","create"],"before":{%s},"after":{},"replace_paths":[["instance_id"]]}}`, tie)))
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
		for form, p := range map[string]Plan{"JSON": readString(t, asJSON), "text": read(t, asText)} {
			if !p.Complete || len(p.Changes) != 2 {
				t.Fatalf("%s: %+v", form, p)
			}
			j := Judge(p, airflow)
			if j.Verdict != test.want || test.want == Failed && blocking(j) != RuleReplace {
				t.Errorf("%s, instance %s, tie %s: got %s, %s", form, test.instance, test.tie, j.Verdict, j.Summary)
			}
		}
	}
}

func TestJSONIdentityIsAString(t *testing.T) {
	for before, want := range map[string]int{
		`{"id":"a","self_link":"b","x":"c"}`: 2,
		`{"id":1}`:                           0,
		`{"id":""}`:                          0,
		`{"id":null}`:                        0,
		`null`:                               0,
		`{"id":"` + strings.Repeat("x", maxIdentity) + `"}`: 0,
	} {
		if got := jsonIdentities([]byte(before)); len(got) != want {
			t.Errorf("%.40s: %v", before, got)
		}
	}
}

// The text of a value cannot pass for an attribute.
func TestTextIdentityIsTheResourcesOwn(t *testing.T) {
	const own = "      ~ id          = \"i-a\" -> (known after apply)"
	for _, test := range []struct {
		body []string
		want string
	}{
		{[]string{own}, "i-a"},
		{[]string{"      ~ id = \"i-a\" -> null # forces replacement"}, "i-a"},
		{[]string{own, "          ~ id = \"i-b\" -> (known after apply)", "            id = \"i-c\" -> x"}, "i-a"},
		{[]string{own, "      ~ id          = \"i-b\" -> (known after apply)"}, ""},
		{[]string{"        id          = \"i-a\""}, ""},
		{[]string{"      ~ id          = (sensitive value)"}, ""},
		{[]string{"      ~ id          = \"i a\" -> (known after apply)"}, ""},
		{[]string{"      + id          = \"i-a\" -> x"}, ""},
	} {
		if got := (Change{identities: textIdentities(test.body)}).was("id"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.body, got, test.want)
		}
	}
}
