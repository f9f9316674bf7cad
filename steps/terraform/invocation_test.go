package terraform_test

import (
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
)

// invoking is a text of Terraform 1.15 with an action that a resource triggers.
const invoking = `aws_instance.catalog_airflow: Refreshing state... [id=i-1]

Terraform will perform the following actions:

  # aws_instance.catalog_airflow must be replaced
-/+ resource "aws_instance" "catalog_airflow" {
      ~ user_data = "TAG=v1.5.3" -> "TAG=v1.5.4" # forces replacement
    }

    # Actions to be invoked before this change in order:
    action "aws_lambda_invoke" "hook" {
        config {
            name = "hook"

            text = <<-EOT
                Plan: 0 to add, 0 to change, 0 to destroy.
            EOT
        }
    }


    # Actions to be invoked after this change in order:
    action "aws_lambda_invoke" "other" {
    }


Plan: 1 to add, 0 to change, 1 to destroy. Actions: 2 to invoke.
`

// asked is one that -invoke asks for.
const asked = `
Terraform will perform the following actions:

Plan: 0 to add, 0 to change, 0 to destroy. Actions: 1 to invoke.

Terraform will invoke the following action(s):

  # action.aws_lambda_invoke.hook will be invoked
    action "aws_lambda_invoke" "hook" {
        config {
            name = "hook"
        }
    }


`

const invokingJSON = `{"format_version":"1.2","terraform_version":"1.15.0","resource_changes":[{"address":"aws_instance.catalog_airflow",
"mode":"managed","type":"aws_instance","change":{"actions":["delete","create"],"before":{"user_data":"TAG=v1.5.3"},"after":{"user_data":"TAG=v1.5.4"},
"replace_paths":[["user_data"]]}}],"action_invocations":[{"address":"action.aws_lambda_invoke.hook","type":"aws_lambda_invoke","name":"hook",
"config_values":{"name":"hook"},"lifecycle_action_trigger":{"triggering_resource_address":"aws_instance.catalog_airflow",
"action_trigger_event":"BeforeCreate","action_trigger_block_index":0,"actions_list_index":0}},
{"address":"action.aws_lambda_invoke.other[0]","type":"aws_lambda_invoke","name":"other",
"lifecycle_action_trigger":{"triggering_resource_address":"aws_instance.catalog_airflow","action_trigger_event":"AfterCreate"}}],
"errored":false,"complete":true,"applyable":true}`

const askedJSON = `{"format_version":"1.2","planned_values":{},"action_invocations":[{"address":"action.aws_lambda_invoke.hook","type":"aws_lambda_invoke",
"name":"hook","invoke_action_trigger":{}}],"errored":false,"complete":true,"applyable":true}`

func readAll(t *testing.T, plan string) Plan {
	t.Helper()
	p, err := exact.Read(strings.NewReader(plan), exact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestJudgeActions(t *testing.T) {
	hook := Rule{Address: "action.aws_lambda_invoke.hook*", Actions: []string{"invoke"}}
	other := Rule{Address: "action.*.other*", Actions: []string{"create", "invoke"}}
	every := Rule{Address: "*", Actions: []string{"*"}}
	for form, p := range map[string]Plan{"text": read(t, invoking), "JSON": readAll(t, invokingJSON)} {
		if !p.Complete || p.Counts != (Counts{Add: 1, Destroy: 1, Invoke: 2}) {
			t.Fatalf("%s: got %+v, %q", form, p.Counts, p.Problems)
		}
		for name, test := range map[string]struct {
			allow, forbid []Rule
			verdict       Verdict
			rules         string
		}{
			"by default":            {nil, nil, Failed, "action action"},
			"one is allowed":        {[]Rule{hook}, nil, Failed, "action"},
			"both are allowed":      {[]Rule{hook, other}, nil, Passed, ""},
			"everything is allowed": {[]Rule{every}, nil, Failed, "action action"},
			"allowed and forbidden": {[]Rule{hook, other}, []Rule{{Address: "*.hook", Actions: []string{"*"}}}, Failed, "forbidden"},
		} {
			j := Judge(p, Policy{Service: "catalog-airflow", Allow: test.allow, Forbid: test.forbid})
			if j.Verdict != test.verdict || blocking(j) != test.rules {
				t.Errorf("%s, %s: got %s, %q", form, name, j.Verdict, blocking(j))
			}
		}
		j := Judge(p, airflow)
		if text := j.Findings[0].Text.String(); !strings.HasPrefix(text, "action.aws_lambda_invoke.hook would be invoked before ") ||
			!strings.Contains(text, " of aws_instance.catalog_airflow") {
			t.Errorf("%s: it says %q", form, text)
		}
	}
	exactly := Policy{Service: "catalog-airflow", Allow: []Rule{{Address: "action.aws_lambda_invoke.hook", Actions: []string{"invoke"}}, other}}
	if j := Judge(readAll(t, invokingJSON), exactly); j.Verdict != Passed {
		t.Errorf("JSON: %s, %s", j.Verdict, j.Summary)
	}
	if j := Judge(read(t, invoking), exactly); j.Verdict != Unknown || !strings.Contains(j.Summary.String(), "whether it has a key") {
		t.Errorf("text: %s, %s", j.Verdict, j.Summary)
	}
	for form, p := range map[string]Plan{"text": read(t, asked), "JSON": readAll(t, askedJSON)} {
		j := Judge(p, Policy{Service: "catalog-airflow", Allow: []Rule{hook}})
		if !p.Complete || p.NoChanges || j.Verdict != Failed || blocking(j) != "no-changes" {
			t.Errorf("%s, as -invoke asks: complete %v, no changes %v, %q, %s, %q", form, p.Complete, p.NoChanges, p.Problems, j.Verdict, blocking(j))
		}
	}
}

// Each line of an action counts: a text without it doesn't pass.
func TestNoLineOfAnActionCanBeLeftOut(t *testing.T) {
	policy := Policy{Service: "catalog-airflow", Allow: []Rule{{Address: "*", Actions: []string{"invoke"}}}}
	lines := strings.SplitAfter(invoking, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "        ") || strings.Contains(line, "# Actions to be invoked after") || i < 8 {
			continue
		}
		without := strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "")
		if j := Judge(read(t, without), policy); j.Verdict == Passed {
			t.Errorf("passes without %q", line)
		}
	}
}

func TestIsAction(t *testing.T) {
	for address, want := range map[string]bool{
		"action.a.b": true, `action.a.b["k.action.x"]`: true, `module.m["a.b"].module.n.action.a.b[1]`: true,
		"action.a": false, "a.b": false, "action.data.a.b": false, "action.module.m.a.b": false, "module.action.a.b": false, "": false, "action.a.b.c": false,
	} {
		if got := IsAction(address); got != want {
			t.Errorf("%s: got %v", address, got)
		}
	}
}

// What is not known may do anything.
func TestUnknownPartIsNamed(t *testing.T) {
	for part, known := range map[string]bool{
		`[{"address":"x"}]`: false, `{"a":1}`: false, `"x"`: false, `1`: false, `true`: false, `false`: false,
		`[]`: true, `{}`: true, `null`: true, `""`: true,
	} {
		p := readAll(t, `{"format_version":"1.2","planned_values":{},"news":`+part+`,"errored":false,"complete":true}`)
		if p.Complete != known || !known && !strings.Contains(p.Problems[0].String(), "an unknown part: news") {
			t.Errorf("%s: complete %v, %q", part, p.Complete, p.Problems)
		}
	}
}
