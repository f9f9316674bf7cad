package exact

import (
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
	if err != nil || p.Complete || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].String(), "stands before the JSON: [command]/usr/bin/terraform show") {
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
