package terraform_test

import (
	"slices"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

// TestHostilePlans are plans that other readers are known to get wrong, each with
// the sentence that must be found, in the text and in the JSON alike.
func TestHostilePlans(t *testing.T) {
	tests := map[string]struct {
		fixture string
		verdict Verdict
		rule    string
		says    string
	}{
		"what is forgotten is not left out": {"cloud-record-forgotten", Failed, "forget",
			"aws_route53_record.record would no longer be managed"},
		"nor where nothing is to destroy": {"forget", Failed, "forget",
			"terraform_data.left would no longer be managed"},
		"nor a database": {"tofu/cloud-database-forgotten", Failed, "database",
			"aws_db_instance.catalog_db is a database's, and would no longer be managed"},
		"nor in a block with blocks in it": {"tofu/imitates-forgotten", Failed, "forget",
			"aws_instance.blocks would no longer be managed"},
		"forgotten and created is no replacement": {"tofu-1.12/forget-and-create", Failed, "forget",
			"aws_instance.catalog_airflow would no longer be managed by Terraform, and another created in its place"},
		"nor when it is tainted": {"tofu-1.12/forget-and-create-tainted", Failed, "forget",
			"aws_instance.catalog_airflow would no longer be managed by Terraform, and another created in its place"},
		"moved and replaced is not moved": {"cloud-database-moved-and-replaced", Failed, "database",
			"aws_db_instance.catalog_database is a database's, and would be replaced and take the place of aws_db_instance.catalog_db"},
		"moved and destroyed is not moved": {"moved-and-destroyed", Failed, "destroy",
			"terraform_data.new would be destroyed and take the place of terraform_data.old"},
		"a line of counts that begins with imports": {"cloud-import", Passed, "left-as-it-is",
			"aws_security_group_rule.in would come under Terraform's management"},
		"imported and destroyed at once": {"import-and-replace", Failed, "replace",
			"aws_security_group_rule.in would be replaced and come under Terraform's management"},
		"a database that was changed by hand": {"cloud-drift", Failed, "database-drift",
			"aws_db_instance.catalog_db, which is a database's, was changed outside of Terraform"},
		"an earlier object is destroyed too": {"deposed-and-replaced", Failed, "destroy",
			"the deposed object 0a1b2c3d of aws_instance.catalog_airflow would be destroyed"},
		"an earlier object is forgotten": {"deposed-forgotten", Failed, "forget",
			"the deposed object 0a1b2c3d of aws_instance.catalog_airflow would no longer be managed"},
		"counts above an error": {"cloud-precondition-fails", Unknown, "errors", "planning failed"},
		"values like headers":   {"imitates-changed", Failed, "replace", "aws_instance.imitates would be replaced"},
		"outputs like counts":   {"cloud-output", Passed, "service-instance", "aws_instance.catalog_airflow would be replaced"},
	}
	for name, test := range tests {
		for form, p := range map[string]Plan{"text": read(t, fixture(t, test.fixture)), "JSON": *readExact(t, test.fixture, airflow)} {
			j := Judge(p, airflow)
			if j.Verdict != test.verdict {
				t.Errorf("%s: %s: got %s, %s", name, form, j.Verdict, j.Summary)
			}
			if !slices.ContainsFunc(j.Findings, func(f Finding) bool {
				return f.Rule == test.rule && strings.Contains(f.Text.String(), test.says)
			}) {
				t.Errorf("%s: %s: nothing says %q: %+v", name, form, test.says, j.Findings)
			}
		}
	}
}

// TestHostileTexts are texts that were made to be misread. None of them passes,
// whatever is allowed, and each must be said to be what it is.
func TestHostileTexts(t *testing.T) {
	const kept = " - older instance will not be destroyed (lifecycle.destroy = false)" // OpenTofu 1.12
	deploy, forget := fixture(t, "cloud-deploy"), fixture(t, "cloud-record-forgotten")
	cut := func(text, from, to string) string {
		t.Helper()
		a := strings.Index(text, from)
		b := strings.Index(text[max(a, 0):], to)
		if a < 0 || b < 0 {
			t.Fatalf("no %q before a %q", from, to)
		}
		return text[:a] + text[a+b:]
	}
	edit := func(text, old, new string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	// Two values that begin and end the title of a window, with what is forgotten
	// between them; Terraform does not count that.
	title := edit(edit(forget, "Plan: ", `  # aws_instance.z will be updated in-place
  ~ resource "aws_instance" "z" {
      ~ value = <<-EOT
          - x
          + `+"\a"+`
        EOT
    }

Plan: `), `"DOCKER_IMAGE_TAG=v1.5.2" -> "DOCKER_IMAGE_TAG=v1.5.3"`, "<<-EOT\n          - x\n          + \x1b]0;\n        EOT")
	title = edit(title, "1 to add, 0 to change", "1 to add, 1 to change")
	tests := map[string]struct {
		text string
		says string // of the findings
	}{
		"a title that hides what is between": {title, "aws_route53_record.record would no longer be managed"},
		"colours within words": {strings.NewReplacer("must be replaced", "must be \x1b[1m\x1b[31mrepl\x1b[0maced", "Plan: ", "\x1b[1mPl\x1b[0man\x1b[1m:\x1b[0m ",
			"will no longer be managed", "\x1b[4mwill no\x1b[24m longer be managed").Replace(forget), "aws_route53_record.record would no longer be managed"},
		"line ends of a terminal":   {strings.ReplaceAll(forget, "\n", "\x1b[0m\r\n"), "aws_route53_record.record would no longer be managed"},
		"a second line of counts":   {edit(deploy, "\nPlan: ", "\nPlan: 0 to add, 0 to change, 0 to destroy.\n\nPlan: "), "more than one plan"},
		"nothing to do, and a plan": {deploy + "\nNo changes. Your infrastructure matches the configuration.\n", "more than one plan"},
		"a list without its title":  {cut(deploy, "Terraform will perform", "  # aws_instance"), "no list of actions"},
		"without the first resource": {cut(deploy, "  # aws_instance", "  # aws_route53"),
			"the plan counts 1 to add, 1 to change, 1 to destroy, but its resources add up to"},
		"the counts of another plan": {edit(deploy, "1 to change", "0 to change"), "but its resources add up to"},
		"a count that is not known":  {edit(deploy, "to destroy.", "to destroy. 1 to dance."), "can't interpret the counts"},
		"a header that is not known": {edit(deploy, "# aws_route53_record.record will be updated in-place", "# aws_route53_record.record was deferred"),
			"aws_route53_record.record was deferred"},
		"a header of nothing":   {edit(deploy, "  # aws_route53_record.record will be updated in-place\n", ""), "can't interpret"},
		"an end within a block": {edit(deploy, "        name      = ", "    }\n        name      = "), "can't interpret a line of the plan"},
		"a header for another's block": {edit(deploy, "# aws_instance.catalog_airflow must", "# aws_instance.catalog_airflow_old must"),
			"the block below aws_instance.catalog_airflow_old is of aws_instance.catalog_airflow"},
		"a replacement that keeps": {edit(deploy, "catalog_airflow must be replaced", "catalog_airflow must be replaced"+kept),
			"aws_instance.catalog_airflow is said to forget, but its block is marked with"},
		"kept twice": {edit(deploy, "catalog_airflow must be replaced", "catalog_airflow must be replaced"+kept+kept), "can't interpret"},
		"an import's id of two lines": {edit(fixture(t, "import-and-update"), `(imported from "in")`, "(imported from \"in\nPlan: 0 to add\")"),
			"the block of aws_security_group_rule.in is missing"},
		"a plan for some resources, without its title": {edit(fixture(t, "tofu/cloud-target"), "Warning: Resource targeting is in effect\n", ""), "leaves resources out"},
		"cut within a line":                            {deploy[:strings.Index(deploy, "to destroy.")], "can't interpret the counts"},
		"cut within the block":                         {deploy[:strings.Index(deploy, "# forces replacement")], "the text ends in the middle of aws_instance.catalog_airflow"},
		"nothing but counts":                           {"Plan: 1 to add, 0 to change, 1 to destroy.\n", "but its resources add up to"},
	}
	for name, test := range tests {
		for of, policy := range policies() {
			if of == "allowed" || of == "released" {
				continue // what is forgotten is allowed there
			}
			j := Judge(read(t, test.text), policy)
			if j.Verdict == Passed {
				t.Errorf("%s: %s: passed", name, of)
			}
			if !slices.ContainsFunc(j.Findings, func(f Finding) bool { return f.Blocks && strings.Contains(f.Text.String(), test.says) }) {
				t.Errorf("%s: %s: nothing says %q: %+v", name, of, test.says, j.Findings)
			}
		}
	}
}
