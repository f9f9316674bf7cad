package main

import (
	"fmt"
	"os"
	"strings"
)

// verdicts measures the judging of large plans, in JSON and in text.
func (b *bench) verdicts() error {
	var all []subject
	var figures = []string{"CPU ms", "MiB", "exit"}
	for _, n := range []int{1_000, 100_000} {
		plan, err := b.file(fmt.Sprintf("plan-%d.json", n), jsonPlan(n))
		if err != nil {
			return err
		}
		all = append(all,
			subject{name: fmt.Sprintf("now, %d", n), argv: []string{"now", "verdict", plan}},
			subject{name: fmt.Sprintf("earlier, %d", n), argv: []string{"earlier", "verdict", plan}},
			subject{name: fmt.Sprintf("tf-summarize, %d", n), argv: []string{"tf-summarize", plan}})
	}
	const lines = 10_000
	text, err := b.file("plan.txt", textPlan(lines))
	if err != nil {
		return err
	}
	inJSON, err := b.file("plan-text.json", jsonPlan(lines))
	if err != nil {
		return err
	}
	all = append(all,
		subject{name: "now, text of 10000", argv: []string{"now", "verdict", text}}, subject{name: "now, JSON of 10000", argv: []string{"now", "verdict", inJSON}},
		subject{name: "earlier, text of 10000", argv: []string{"earlier", "verdict", text}}, subject{name: "earlier, JSON of 10000", argv: []string{"earlier", "verdict", inJSON}})
	all = b.subjects(all...)
	samples, err := interleave(3, all, b.once)
	if err != nil {
		return err
	}
	show("Verdict by the number of changes", all, samples, figures, "earlier, 1000", "earlier, 100000", "earlier, text of 10000", "earlier, JSON of 10000")
	return os.Remove(text)
}

// jsonPlan creates this many resources, with some 1,100 bytes for each.
func jsonPlan(n int) string {
	var b strings.Builder
	b.WriteString(`{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"applyable":true,"errored":false,"timestamp":"2026-01-02T03:04:05Z","resource_changes":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"address":"terraform_data.machine[%d]","mode":"managed","type":"terraform_data","name":"machine","index":%d,"provider_name":"terraform.io/builtin/terraform",`+
			`"change":{"actions":["create"],"before":null,"after":{"input":{"number":%d,"text":%q},"triggers_replace":null},"after_unknown":{"id":true,"output":true},"before_sensitive":false,"after_sensitive":{"input":{}}}}`,
			i, i, i, strings.Repeat("words of a machine ", 40))
	}
	b.WriteString(`]}`)
	return b.String()
}

// textPlan is what is printed of a plan like that.
func textPlan(n int) string {
	var b strings.Builder
	b.WriteString("\nTerraform used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n  + create\n\nTerraform will perform the following actions:\n\n")
	for i := range n {
		fmt.Fprintf(&b, "  # terraform_data.machine[%d] will be created\n  + resource \"terraform_data\" \"machine\" {\n      + id     = (known after apply)\n      + input  = {\n          + number = %d\n          + text   = %q\n        }\n      + output = (known after apply)\n    }\n\n",
			i, i, strings.Repeat("words of a machine ", 20))
	}
	fmt.Fprintf(&b, "Plan: %d to add, 0 to change, 0 to destroy.\n", n)
	return b.String()
}
