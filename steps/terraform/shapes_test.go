package terraform_test

import (
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

// TestShapesOfAWS judges plans of resources as the AWS provider documents them; where
// is in testdata/generate.sh.
func TestShapesOfAWS(t *testing.T) {
	const ecs, data = "aws_ecs_*.catalog_airflow", "terraform_data.catalog_airflow"
	for name, test := range map[string]struct {
		instance   string
		json, text Verdict
		rules      string // that block, by the JSON
	}{
		"aws-instance-replaced":     {"", Passed, Passed, ""},
		"aws-instance-in-place":     {"", Failed, Failed, "not-deployed"},
		"aws-instance-base64":       {"", Passed, Passed, ""},
		"aws-group-refreshes":       {"", Passed, Unknown, ""},
		"aws-group-without-refresh": {"", Failed, Unknown, "not-deployed not-deployed"},
		"aws-group-latest":          {"", Failed, Failed, "not-deployed"},
		"aws-ecs-deploys":           {ecs, Passed, Passed, ""},
		"aws-ecs-ignores":           {ecs, Failed, Failed, "not-deployed"},
		"aws-ecs-triggers":          {ecs, Failed, Unknown, "not-deployed"},
		"aws-ecs-forced":            {ecs, Unknown, Unknown, "not-deployed"},
		"aws-ecs-count":             {ecs, Failed, Failed, "not-deployed"},
		"data-input":                {data, Failed, Unknown, "version not-deployed"},
		"data-triggers":             {data, Passed, Passed, ""},
		"aws-opens-nothing":         {"", Passed, Failed, ""},
		"aws-opens-group":           {"", Failed, Failed, "exposed"},
		"aws-opens-group-halves":    {"", Failed, Failed, "exposed"},
		"aws-opens-group-less":      {"", Passed, Passed, ""},
		"aws-opens-rule":            {"", Failed, Failed, "replace exposed"},
		"aws-opens-port":            {"", Failed, Unknown, "exposed"},
		"aws-opens-created":         {"", Failed, Failed, "exposed exposed"},
	} {
		policy := Policy{Service: "catalog-airflow", Release: "v1.5.3"}
		if test.instance != "" {
			policy.Instance = []string{test.instance}
		}
		for _, tool := range []string{"terraform-1.15/", "tofu-1.12/"} {
			j := Judge(*readExact(t, tool+name, policy), policy)
			if j.Verdict != test.json || strings.Join(strings.Fields(blocking(j)), " ") != test.rules {
				t.Errorf("%s%s: JSON: %s, %q, %s", tool, name, j.Verdict, blocking(j), j.Summary)
			}
			if j := Judge(read(t, fixture(t, tool+name)), policy); j.Verdict != test.text {
				t.Errorf("%s%s: text: %s, %q, %s", tool, name, j.Verdict, blocking(j), j.Summary)
			}
		}
	}
}

// TestWhatTheToolsPrint judges plans of each tool in both forms.
func TestWhatTheToolsPrint(t *testing.T) {
	policy := Policy{Service: "catalog-airflow", Release: "v1.5.3"}
	everywhere := []string{"", "terraform-1.15/", "tofu-1.11/", "tofu-1.12/"}
	for name, test := range map[string]struct {
		folders []string
		verdict Verdict
		rules   string // that block
	}{
		"count-zero":        {append([]string{"tofu/"}, everywhere...), Passed, ""},
		"set":               {append([]string{"tofu/"}, everywhere...), Passed, ""},
		"import-and-rename": {append([]string{"tofu/"}, everywhere...), Passed, ""},
		"check-unknown":     {append([]string{"tofu/"}, everywhere...), Passed, ""},
		"ephemeral":         {everywhere, Passed, ""},
		"write-only":        {everywhere, Passed, ""},
		"exclude":           {[]string{"tofu/", "tofu-1.11/", "tofu-1.12/"}, Unknown, "targeted"},
		"exclude-compact":   {[]string{"tofu/", "tofu-1.11/", "tofu-1.12/"}, Unknown, "targeted"},
		"enabled-false":     {[]string{"tofu-1.11/", "tofu-1.12/"}, Failed, "destroy"},
		"actions":           {[]string{"terraform-1.14/", "terraform-1.15/"}, Failed, "action action action"},
		"actions-invoke":    {[]string{"terraform-1.14/", "terraform-1.15/"}, Failed, "action no-changes"},
	} {
		for _, folder := range test.folders {
			for form, p := range map[string]Plan{"JSON": *readExact(t, folder+name, policy), "text": read(t, fixture(t, folder+name))} {
				j := Judge(p, policy)
				if rules := strings.Join(strings.Fields(blocking(j)), " "); j.Verdict != test.verdict || rules != test.rules {
					t.Errorf("%s%s: %s: %s, %q, %s", folder, name, form, j.Verdict, rules, j.Summary)
				}
			}
		}
	}
}
