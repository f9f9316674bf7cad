package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sharedPlans are plans that are supplied beside the repository.
const sharedPlans = "../../../shared/cases/plans"

func TestSharedPlans(t *testing.T) {
	if _, err := os.Stat(sharedPlans); err != nil {
		t.Skip("the shared plans are not there")
	}
	folder, err := filepath.Abs(sharedPlans)
	if err != nil {
		t.Fatal(err)
	}
	released := []string{"--service", "catalog-airflow", "--release", "v1.5.4"}
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"actions-only.txt":               {released[:2], exitFailed, "action.aws_lambda_invoke.hook would be invoked as -invoke asks"},
		"base64-wrong-version.json":      {released, exitFailed, "sets v1.5.2, not v1.5.4"},
		"compact-warnings-target.txt":    {released, exitUnknown, "the plan leaves resources out: Resource targeting is in effect"},
		"database-tags-all.json":         {released[:2], exitFailed, "would be updated (tags_all only)"},
		"for-each-key.json":              {released[:2], exitFailed, `set instance = ['aws_instance.services["catalog-airflow"]'] in [plan]`},
		"refresh-false.txt":              {released, 0, "-refresh=false"},
		"replaced-with-old-version.json": {released, exitFailed, "user_data of aws_instance.catalog_airflow still names v1.5.3, not v1.5.4"},
		"sensitive-wrong-version.json":   {released, exitFailed, "sets v1.4.0, not v1.5.4"},
		"tofu-exclude.json":              {released[:2], exitUnknown, "aws_route53_record.left"},
		"tofu-whole.json":                {released, 0, "sets v1.5.4"},
		"unknown-invocations.json":       {released[:2], exitUnknown, "an unknown part: runbook_invocations"},
		"user-data-in-place.json":        {released, exitFailed, "not-deployed"},
		"wrapper-line-before-json.json":  {released[:2], exitUnknown, "is before the JSON: [command]/usr/bin/terraform-bin show"},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			code, out := verdictOn(t, string(plan), test.args...)
			if code != test.code || !strings.Contains(out, test.says) {
				t.Errorf("exit code %d\n%s", code, out)
			}
			if strings.Contains(out, "abcdefghijk") || strings.Contains(out, "hunter2hunter2") {
				t.Errorf("a secret is shown:\n%s", out)
			}
		})
	}
}
