package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// verdicts measures the judging of large plans, in JSON and in text.
func (b *bench) verdicts() error {
	var all []subject
	var figures = []string{"CPU ms", "MiB", "exit"}
	for _, n := range []int{1_000, 100_000} {
		plan, err := b.long(fmt.Sprintf("plan-%d.json", n), jsonPlan(n))
		if err != nil {
			return err
		}
		all = append(all,
			subject{name: fmt.Sprintf("now, %d", n), argv: []string{"now", "verdict", plan}},
			subject{name: fmt.Sprintf("earlier, %d", n), argv: []string{"earlier", "verdict", plan}},
			subject{name: fmt.Sprintf("tf-summarize, %d", n), argv: []string{"tf-summarize", plan}})
	}
	const lines = 10_000
	text, err := b.long("plan.txt", textPlan(lines))
	if err != nil {
		return err
	}
	inJSON, err := b.long("plan-text.json", jsonPlan(lines))
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
	for _, n := range []string{"1000", "100000", "text of 10000", "JSON of 10000"} {
		var group []subject
		for _, s := range all {
			if strings.HasSuffix(s.name, ", "+n) {
				group = append(group, s)
			}
		}
		show("Verdict: "+n+" changes", group, samples, figures, "earlier, "+n, "tf-summarize, "+n)
	}
	return nil
}

// long writes a file in pieces: the memory of this process would count as that of the
// programs that it starts.
func (b *bench) long(name string, write func(io.Writer)) (path string, err error) {
	path = filepath.Join(b.folder, name)
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	write(w)
	return path, errors.Join(w.Flush(), f.Close())
}

// jsonPlan creates this many resources, with some 1,100 bytes for each.
func jsonPlan(n int) func(io.Writer) {
	return func(b io.Writer) { writeJSONPlan(b, n) }
}

func writeJSONPlan(b io.Writer, n int) {
	_, _ = io.WriteString(b, `{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"applyable":true,"errored":false,"timestamp":"2026-01-02T03:04:05Z","resource_changes":[`)
	for i := range n {
		if i > 0 {
			_, _ = io.WriteString(b, ",")
		}
		fmt.Fprintf(b, `{"address":"terraform_data.machine[%d]","mode":"managed","type":"terraform_data","name":"machine","index":%d,"provider_name":"terraform.io/builtin/terraform",`+
			`"change":{"actions":["create"],"before":null,"after":{"input":{"number":%d,"text":%q},"triggers_replace":null},"after_unknown":{"id":true,"output":true},"before_sensitive":false,"after_sensitive":{"input":{}}}}`,
			i, i, i, strings.Repeat("words of a machine ", 40))
	}
	_, _ = io.WriteString(b, `]}`)
}

// textPlan is what is printed of a plan like that.
func textPlan(n int) func(io.Writer) {
	return func(b io.Writer) { writeTextPlan(b, n) }
}

func writeTextPlan(b io.Writer, n int) {
	_, _ = io.WriteString(b, "\nTerraform used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n  + create\n\nTerraform will perform the following actions:\n\n")
	for i := range n {
		fmt.Fprintf(b, "  # terraform_data.machine[%d] will be created\n  + resource \"terraform_data\" \"machine\" {\n      + id     = (known after apply)\n      + input  = {\n          + number = %d\n          + text   = %q\n        }\n      + output = (known after apply)\n    }\n\n",
			i, i, strings.Repeat("words of a machine ", 20))
	}
	fmt.Fprintf(b, "Plan: %d to add, 0 to change, 0 to destroy.\n", n)
}
