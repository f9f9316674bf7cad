package exact

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

// tofuPlan is a plan of OpenTofu: its changes, the resources of its state, and its
// configuration's root module.
func tofuPlan(changes, state, configuration string) string {
	return `{"format_version":"1.2","terraform_version":"1.12.6","resource_changes":[` + changes + `],
"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[` + state + `]}}},
"configuration":{"root_module":` + configuration + `},"errored":false}`
}

func TestLeftOut(t *testing.T) {
	const (
		a       = `{"address":"aws_eip.a","mode":"managed","type":"aws_eip","change":{"actions":["no-op"],"before":{},"after":{}}}`
		keyed   = `{"address":"aws_eip.a[\"k\"]","mode":"managed","type":"aws_eip","change":{"actions":["no-op"],"before":{},"after":{}}}`
		inner   = `{"address":"module.m[0].module.n.aws_eip.a[1]","mode":"managed","type":"aws_eip","change":{"actions":["no-op"],"before":{},"after":{}}}`
		moved   = `{"address":"aws_eip.a","previous_address":"aws_eip.old","mode":"managed","type":"aws_eip","change":{"actions":["no-op"],"before":{},"after":{}}}`
		deposed = `{"address":"aws_eip.a","deposed":"0a1b2c3d","mode":"managed","type":"aws_eip","change":{"actions":["delete"],"before":{}}}`
		removed = `{"address":"aws_eip.b","mode":"managed","type":"aws_eip","change":{"actions":["forget"],"before":{}}}`
	)
	object := func(address, more string) string {
		return `{"address":` + address + `,"mode":"managed","type":"aws_eip","values":{"x":"aws_eip.z"}` + more + `}`
	}
	resource := func(address, more string) string {
		return `{"address":"` + address + `","mode":"managed"` + more + `}`
	}
	both := func(resources string) string { return `{"resources":[` + resources + `]}` }
	calls := func(call, resources string) string {
		return `{"module_calls":{"m":{"source":"./m","module":{"module_calls":{"n":{"module":{"resources":[` + resources + `]}}}}` + call + `}}}`
	}
	const counted, none, one, forEach, noKeys = `,"count_expression":{"references":["var.n"]}`, `,"count_expression":{"constant_value":0}`,
		`,"count_expression":{"constant_value":1}`, `,"for_each_expression":{"references":["var.m"]}`, `,"for_each_expression":{"constant_value":{}}`
	for name, test := range map[string]struct {
		changes, state, configuration string
		want                          string // what is named, "" if nothing is left out
		unsure                        bool
	}{
		"whole":                           {a, object(`"aws_eip.a"`, ""), both(resource("aws_eip.a", "")), "", false},
		"in the state alone":              {a, object(`"aws_eip.a"`, "") + "," + object(`"aws_eip.b"`, ""), both(""), "aws_eip.b", false},
		"a data source":                   {a, `{"address":"data.aws_ami.x","mode":"data"}`, both(`{"address":"data.aws_ami.x","mode":"data"}`), "", false},
		"in the configuration alone":      {a, "", both(resource("aws_eip.a", "") + "," + resource("aws_eip.b", "")), "aws_eip.b", false},
		"named once":                      {a, object(`"aws_eip.b"`, ""), both(resource("aws_eip.b", "")), "aws_eip.b", false},
		"a count that is not known":       {a, "", both(resource("aws_eip.b", counted)), "", true},
		"a count of 0":                    {a, "", both(resource("aws_eip.b", none)), "", false},
		"a count of 1":                    {a, "", both(resource("aws_eip.b", one)), "aws_eip.b", false},
		"no keys":                         {a, "", both(resource("aws_eip.b", noKeys)), "", false},
		"for_each":                        {keyed, object(`"aws_eip.a[\"k\"]"`, ""), both(resource("aws_eip.a", forEach)), "", false},
		"one of for_each":                 {keyed, object(`"aws_eip.a[\"k\"]"`, "") + "," + object(`"aws_eip.a[\"l\"]"`, ""), both(resource("aws_eip.a", forEach)), `aws_eip.a["l"]`, false},
		"in modules":                      {inner, object(`"module.m[0].module.n.aws_eip.a[1]"`, ""), calls(counted, resource("aws_eip.a", one)), "", false},
		"left out of modules":             {a, "", calls("", resource("aws_eip.a", "")), "module.m.module.n.aws_eip.a", false},
		"in a module with count":          {a, "", calls(counted, resource("aws_eip.a", "")), "", true},
		"in a module with no instance":    {a, "", calls(none, resource("aws_eip.a", "")), "", false},
		"moved":                           {moved, object(`"aws_eip.old"`, ""), both(resource("aws_eip.a", "")), "", false},
		"removed":                         {removed + "," + a, object(`"aws_eip.b"`, ""), both(resource("aws_eip.a", "")), "", false},
		"a deposed object":                {a + "," + deposed, object(`"aws_eip.a"`, `,"deposed_key":"0a1b2c3d"`), both(resource("aws_eip.a", "")), "", false},
		"a deposed object that is missed": {a, object(`"aws_eip.a"`, "") + "," + object(`"aws_eip.a"`, `,"deposed_key":"0a1b2c3d"`), both(""), "aws_eip.a", false},
	} {
		p := readString(t, tofuPlan(test.changes, test.state, test.configuration))
		named, unsure := "", false
		for _, w := range p.Warnings {
			switch w.About {
			case terraform.Targeted:
				named = w.Title.String()
			case terraform.Remark:
				unsure = true
			}
		}
		if len(p.Problems) > 0 || p.Complete != (test.want == "") || named != test.want || unsure != test.unsure {
			t.Errorf("%s: complete %v, named %q, unsure %v, problems %q", name, p.Complete, named, unsure, p.Problems)
		}
	}
	// A plan without its configuration shows nothing.
	p := readString(t, `{"format_version":"1.2","resource_changes":[`+a+`],"errored":false}`)
	if p.Complete {
		t.Error("complete without a configuration")
	}
	p = readString(t, `{"format_version":"1.2","planned_values":{},"prior_state":{"values":{"root_module":{"resources":[`+object(`"aws_eip.a"`, "")+`]}}},"configuration":{},"errored":false}`)
	if p.Complete {
		t.Error("complete without its resources")
	}
}

// TestWholePlansOfTofuAreKnownToBeWhole reads the plans of OpenTofu without what they
// printed.
func TestWholePlansOfTofuAreKnownToBeWhole(t *testing.T) {
	n := 0
	for _, folder := range []string{"tofu", "tofu-1.12"} {
		all, _ := filepath.Glob(filepath.Join("..", "testdata", folder, "*.json"))
		for _, name := range all {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			alone, err := Read(bytes.NewReader(file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			printed, _ := Read(bytes.NewReader(file), Options{Ended: true})
			partial := strings.Contains(name, "target") || strings.Contains(name, "refresh-only")
			if alone.Complete != (printed.Complete && !partial) && !strings.Contains(name, "no-changes-refresh-only") {
				t.Errorf("%s: complete %v, %q, %+v", name, alone.Complete, alone.Problems, alone.Warnings)
			}
			n++
		}
	}
	if n < 40 {
		t.Errorf("only %d plans", n)
	}
}
