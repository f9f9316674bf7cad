package terraform_test

import (
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
)

// databaseUpdate is a plan that deploys and updates a database.
func databaseUpdate(t *testing.T, policy Policy, before, after, more string) Plan {
	t.Helper()
	plan := `{"format_version":"1.2","errored":false,"complete":true,"resource_changes":[
{"address":"aws_instance.catalog_airflow","mode":"managed","type":"aws_instance","change":{"actions":["delete","create"],"before":{},"after":{}}},
{"address":"aws_db_instance.catalog","mode":"managed","type":"aws_db_instance","change":{"actions":["update"],"before":` + before + `,"after":` + after + more + `}}]}`
	p, err := exact.Read(strings.NewReader(plan), exact.Options{Attributes: policy.NeedsAttributes})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRulesAreLimitedToAttributes(t *testing.T) {
	tags := []Rule{{Address: "aws_db_instance.catalog", Actions: []string{"update"}, Attributes: []string{"tags", "tags_all"}}}
	every := []Rule{{Address: "aws_db_instance.catalog", Actions: []string{"*"}}}
	class := []Rule{{Address: "aws_db_instance.*", Actions: []string{"*"}, Attributes: []string{"instance_class"}}}
	const both, larger = `{"tags":{},"tags_all":{"a":"b"},"instance_class":"x"}`, `{"tags":{},"tags_all":{"a":"c"},"instance_class":"y"}`
	for name, test := range map[string]struct {
		allow, forbid       []Rule
		before, after, more string
		want                Verdict
		says                string
	}{
		"tags alone":           {nil, nil, `{"tags_all":{}}`, `{"tags_all":{"v":"1"}}`, "", Failed, `would be updated (tags_all only); hint: allow it with attributes = ["tags_all"]`},
		"a class":              {nil, nil, both, larger, "", Failed, "would be updated (instance_class, tags_all)"},
		"tags are allowed":     {tags, nil, `{"tags_all":{}}`, `{"tags_all":{"v":"1"}}`, "", Passed, "would be updated (tags_all only), which the settings allow"},
		"a class is not":       {tags, nil, both, larger, "", Failed, "instance_class"},
		"nor what is unknown":  {tags, nil, `{"tags_all":{},"port":1}`, `{"tags_all":{}}`, `,"after_unknown":{"port":true}`, Failed, "(port)"},
		"nor what goes":        {tags, nil, `{"tags_all":{},"port":1}`, `{"tags_all":{"a":"b"}}`, "", Failed, "(port, tags_all)"},
		"a class is forbidden": {every, class, both, larger, "", Failed, "which the settings forbid"},
		"tags are not":         {every, class, `{"tags":{}}`, `{"tags":{"a":"b"}}`, "", Passed, "which the settings allow"},
	} {
		policy := Policy{Service: "catalog-airflow", Allow: test.allow, Forbid: test.forbid}
		j := Judge(databaseUpdate(t, policy, test.before, test.after, test.more), policy)
		text := ""
		for _, f := range j.Findings {
			text += f.Text.String() + "\n"
		}
		if j.Verdict != test.want || !strings.Contains(text, test.says) {
			t.Errorf("%s: got %s, %s", name, j.Verdict, text)
		}
	}
	// A change whose attributes are not known is not allowed, and is forbidden.
	p := plan(change(Update, "aws_db_instance.catalog"))
	if j := Judge(p, Policy{Service: "catalog-airflow", Allow: tags}); j.Verdict != Failed {
		t.Errorf("allowed: %s", j.Summary)
	}
	if j := Judge(p, Policy{Service: "catalog-airflow", Allow: every, Forbid: class}); j.Verdict != Failed {
		t.Errorf("not forbidden: %s", j.Summary)
	}
}

func TestAttributesOfText(t *testing.T) {
	body := func(lines string) Plan {
		return read(t, "Terraform will perform the following actions:\n\n  # aws_db_instance.catalog will be updated in-place\n"+
			"  ~ resource \"aws_db_instance\" \"catalog\" {\n        id = \"x\"\n"+lines+"        # (3 unchanged attributes hidden)\n    }\n\nPlan: 0 to add, 1 to change, 0 to destroy.\n")
	}
	const tags = "      ~ tags_all = {\n          ~ \"instance_class\" = \"a\" -> \"b\"\n        }\n"
	for lines, want := range map[string]string{
		tags: "tags_all",
		tags + "      ~ instance_class = \"a\" -> \"b\"\n":          "tags_all instance_class",
		tags + "      ~ password = (sensitive value)\n":             "tags_all password",
		tags + "      - timeouts {\n          - x = 1\n        }\n": "tags_all timeouts",
	} {
		if got := strings.Join(body(lines).Changes[0].Attributes, " "); got != want {
			t.Errorf("%s: got %s", lines, got)
		}
	}
}

func TestCheckAttributes(t *testing.T) {
	rule := func(actions string, attributes ...string) Rule {
		return Rule{Address: "*", Actions: strings.Fields(actions), Attributes: attributes}
	}
	for name, test := range map[string]struct {
		rule  Rule
		allow bool
		says  string
	}{
		"none":            {rule("delete"), true, ""},
		"update":          {rule("update", "tags"), true, ""},
		"any action":      {rule("*", "tags"), true, ""},
		"replace":         {rule("replace", "tags"), true, "attributes limit what an update"},
		"forbid replace":  {rule("replace", "tags"), false, ""},
		"forbid delete":   {rule("delete", "tags"), false, "attributes limit updates"},
		"below attribute": {rule("update", "tags.a"), true, "isn't an attribute"},
	} {
		err := CheckAttributes(test.rule, test.allow)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
