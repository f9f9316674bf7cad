package exact

import (
	"os"
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

func TestLinesBeforeTheJSON(t *testing.T) {
	plan := jsonPlan(jsonChanges(jsonChange("aws_eip.a", `"actions":["update"]`)))
	const before = "[command]/usr/bin/terraform show -json saved\nnote: {\n"
	all, isJSON, err := Sniff(strings.NewReader(before + plan))
	if err != nil || !isJSON {
		t.Fatalf("JSON: %v, %v", isJSON, err)
	}
	p, err := Read(all, Options{})
	if err != nil || p.Complete || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].String(), "is before the JSON: [command]/usr/bin/terraform show") {
		t.Fatalf("%q, %v", p.Problems, err)
	}
	at := p.Changes[0].At
	if got := (before + plan)[at.Offset : at.Offset+at.Length]; !strings.HasPrefix(got, `{"address":"aws_eip.a"`) {
		t.Errorf("the change is at %s", got)
	}
	if j := terraform.Judge(p, terraform.Policy{Service: "eip"}); j.Verdict == terraform.Passed {
		t.Error("passed")
	}
	if _, isJSON, _ := Sniff(strings.NewReader("Plan: 0 to add\n{\n")); isJSON {
		t.Error("a text is JSON")
	}
}

// OpenTofu 1.12.6 prints its warning about a missing CLI configuration file on standard
// output, where `show -json` prints the plan.
func TestWarningOfOpenTofuBeforeThePlan(t *testing.T) {
	const warning = "\nWarning: Unable to open CLI configuration file\n\nThe CLI configuration file at \"/home/a/.tofurc\" does not exist.\n"
	plan, err := os.ReadFile("../testdata/tofu-1.12/count-zero.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(strings.NewReader(warning+string(plan)), Options{})
	if err != nil || !p.Complete || len(p.Changes) != 1 {
		t.Fatalf("complete %v, %d changes, %q, %v", p.Complete, len(p.Changes), p.Problems, err)
	}
	if got := p.Warnings[len(p.Warnings)-1]; got.Title.String() != "Unable to open CLI configuration file" {
		t.Errorf("got %q", got.Title)
	}
	at := p.Changes[0].At
	if object := (warning + string(plan))[at.Offset : at.Offset+int64(at.Length)]; !strings.HasPrefix(object, `{"address":"aws_instance.catalog_airflow"`) {
		t.Errorf("the change is at %.60s", object)
	}
}
