package terraform_test

import (
	"fmt"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
)

// The shapes are those of the AWS provider's documentation; see rollouts in deploy.go.
func TestWhatDeploys(t *testing.T) {
	object := func(address, actions, before, after, more string) string {
		a, _ := ParseAddress(address)
		return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"change":{"actions":[%s],"before":%s,"after":%s%s}}`, address, a.Type, actions, before, after, more)
	}
	const update, replace, isUnknown = `"update"`, `"delete","create"`, `,"after_unknown":{"task_definition":true,"launch_template":[{"version":true}]}`
	template := object("aws_launch_template.catalog_airflow", update, `{"user_data":"YQ=="}`, `{"user_data":"Yg=="}`, "")
	group := func(before, after string) string {
		return object("aws_autoscaling_group.catalog_airflow", update, before, after, "")
	}
	const refresh, none = `,"instance_refresh":[{"strategy":"Rolling"}]`, `,"instance_refresh":[]`
	const one, two = `"launch_template":[{"version":"1"}]`, `"launch_template":[{"version":"2"}]`
	taskDefinition := object("aws_ecs_task_definition.catalog_airflow", replace, `{"revision":1}`, `{"revision":2}`, "")
	for name, test := range map[string]struct {
		changes []string
		want    Verdict
		says    string
	}{
		"an instance is replaced": {[]string{object("aws_instance.catalog_airflow", replace, `{"user_data":"a"}`, `{"user_data":"b"}`, "")}, Passed, ""},
		"user data in place":      {[]string{object("aws_instance.catalog_airflow", update, `{"user_data":"a"}`, `{"user_data":"b"}`, "")}, Failed, "user_data_replace_on_change"},
		"base64 in place":         {[]string{object("aws_instance.catalog_airflow", update, `{"user_data_base64":"YQ=="}`, `{"user_data_base64":"Yg=="}`, "")}, Failed, "user_data_replace_on_change"},
		"tags in place":           {[]string{object("aws_instance.catalog_airflow", update, `{"tags":{}}`, `{"tags":{"a":"b"}}`, "")}, Failed, "starts no new version"},
		"a template alone":        {[]string{template}, Failed, "is a template"},
		"a configuration alone":   {[]string{object("aws_launch_configuration.catalog_airflow", replace, `{"user_data":"a"}`, `{"user_data":"b"}`, "")}, Failed, "is a template"},
		"a group that refreshes":  {[]string{template, group(`{`+one+refresh+`}`, `{`+two+refresh+`}`)}, Passed, ""},
		"a group that does not":   {[]string{template, group(`{`+one+none+`}`, `{`+two+none+`}`)}, Failed, "no instance_refresh"},
		"a group with another size": {[]string{template, group(`{"max_size":1,`+one+refresh+`}`, `{"max_size":2,`+one+refresh+`}`)}, Failed,
			"keeps its template"},
		"a group is replaced": {[]string{object("aws_autoscaling_group.catalog_airflow", replace, `{`+one+`}`, `{`+two+`}`, "")}, Passed, ""},
		"a template that is not known yet": {[]string{object("aws_autoscaling_group.catalog_airflow", update, `{`+one+refresh+`}`, `{`+one+refresh+`}`, isUnknown)},
			Passed, ""},
		"a task definition alone": {[]string{taskDefinition}, Failed, "is a template"},
		"a service that takes it": {[]string{taskDefinition, object("aws_ecs_service.catalog_airflow", update, `{"task_definition":"a:1"}`, `{}`, isUnknown)}, Passed, ""},
		"a service with another count": {[]string{taskDefinition, object("aws_ecs_service.catalog_airflow", update, `{"desired_count":1}`, `{"desired_count":2}`, "")},
			Failed, "keeps its task definition"},
		"a service that deploys again": {[]string{object("aws_ecs_service.catalog_airflow", update, `{"triggers":{"a":"1"},"force_new_deployment":true}`,
			`{"triggers":{"a":"2"},"force_new_deployment":true}`, "")}, Unknown, "run again"},
		"a service with triggers alone": {[]string{object("aws_ecs_service.catalog_airflow", update, `{"triggers":{"a":"1"}}`, `{"triggers":{"a":"2"}}`, "")},
			Failed, "no force_new_deployment"},
		"a machine of Google": {[]string{object("google_compute_instance.catalog_airflow", update, `{"metadata":{"a":"1"}}`, `{"metadata":{"a":"2"}}`, "")},
			Unknown, "does not tell whether"},
		"a group of Google": {[]string{object("google_compute_region_instance_group_manager.catalog_airflow", update, `{"version":[{"a":"1"}]}`, `{"version":[{"a":"2"}]}`, "")},
			Unknown, "does not tell whether"},
		"a template of Google": {[]string{object("google_compute_region_instance_template.catalog_airflow", replace, `{"a":"1"}`, `{"a":"2"}`, "")}, Failed, "is a template"},
		"a machine of Azure": {[]string{object("azurerm_linux_virtual_machine.catalog_airflow", update, `{"user_data":"1"}`, `{"user_data":"2"}`, "")},
			Unknown, "does not tell whether"},
		"a machine of Azure is replaced": {[]string{object("azurerm_linux_virtual_machine.catalog_airflow", replace, `{"custom_data":"1"}`, `{"custom_data":"2"}`, "")}, Passed, ""},
		"triggers":                       {[]string{object("null_resource.catalog_airflow", replace, `{"triggers":{"v":"1"}}`, `{"triggers":{"v":"2"}}`, "")}, Passed, ""},
		"terraform_data":                 {[]string{object("terraform_data.catalog_airflow", replace, `{"triggers_replace":"1"}`, `{"triggers_replace":"2"}`, "")}, Passed, ""},
		"terraform_data, input":          {[]string{object("terraform_data.catalog_airflow", update, `{"input":"1"}`, `{"input":"2"}`, "")}, Failed, "starts no new version"},
		"something else":                 {[]string{object("helm_release.catalog_airflow", update, `{"version":"1"}`, `{"version":"2"}`, "")}, Passed, ""},
	} {
		policy := Policy{Service: "catalog-airflow", Instance: []string{"*.catalog_airflow"}}
		plan := `{"format_version":"1.2","errored":false,"complete":true,"resource_changes":[` + strings.Join(test.changes, ",") + `]}`
		p, err := exact.Read(strings.NewReader(plan), exact.Options{Attributes: policy.NeedsAttributes})
		if err != nil {
			t.Fatal(err)
		}
		j := Judge(p, policy)
		if j.Verdict != test.want || !strings.Contains(j.Summary.String(), test.says) || test.want == Failed && !strings.Contains(blocking(j), "not-deployed") {
			t.Errorf("%s: got %s, %s", name, j.Verdict, j.Summary)
		}
	}
}

// A text hides the blocks that stay as they are.
func TestWhatDeploysInText(t *testing.T) {
	const version = "      ~ launch_template {\n          ~ version = \"1\" -> \"2\"\n        }\n"
	for body, want := range map[string]Verdict{
		version + "        # (3 unchanged blocks hidden)\n":                                             Unknown,
		version + "      + instance_refresh {\n          + strategy = \"Rolling\"\n        }\n":         Passed,
		version + "      - instance_refresh {\n          - strategy = \"Rolling\" -> null\n        }\n": Unknown,
		"      ~ max_size = 1 -> 2\n": Failed,
	} {
		p := read(t, "Terraform will perform the following actions:\n\n  # aws_autoscaling_group.catalog_airflow will be updated in-place\n"+
			"  ~ resource \"aws_autoscaling_group\" \"catalog_airflow\" {\n"+body+"    }\n\nPlan: 0 to add, 1 to change, 0 to destroy.\n")
		if j := Judge(p, airflow); j.Verdict != want {
			t.Errorf("%s: got %s, %s", body, j.Verdict, j.Summary)
		}
	}
	ecs := Policy{Service: "catalog-airflow", Instance: []string{"aws_ecs_service.*"}}
	for body, want := range map[string]Verdict{
		"      ~ task_definition = \"a:1\" -> (known after apply)\n":                                                                      Passed,
		"      ~ triggers = {\n          ~ \"a\" = \"1\" -> \"2\"\n        }\n        # (9 unchanged attributes hidden)\n":                Unknown,
		"      ~ force_new_deployment = false -> true\n      ~ triggers             = {\n          ~ \"a\" = \"1\" -> \"2\"\n        }\n": Unknown,
		"      ~ desired_count = 1 -> 2\n": Failed,
	} {
		p := read(t, "Terraform will perform the following actions:\n\n  # aws_ecs_service.catalog_airflow will be updated in-place\n"+
			"  ~ resource \"aws_ecs_service\" \"catalog_airflow\" {\n"+body+"    }\n\nPlan: 0 to add, 1 to change, 0 to destroy.\n")
		if j := Judge(p, ecs); j.Verdict != want {
			t.Errorf("%s: got %s, %s", body, j.Verdict, j.Summary)
		}
	}
	p := read(t, "Terraform will perform the following actions:\n\n  # aws_instance.catalog_airflow will be updated in-place\n"+
		"  ~ resource \"aws_instance\" \"catalog_airflow\" {\n      ~ user_data = \"a\" -> \"b\"\n    }\n\nPlan: 0 to add, 1 to change, 0 to destroy.\n")
	if j := Judge(p, airflow); j.Verdict != Failed || blocking(j) != "not-deployed" || !strings.Contains(j.Summary.String(), "user_data_replace_on_change") {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
}
