package text

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"catalog-runbook/steps/terraform"
)

func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func read(t testing.TB, text string) terraform.Plan {
	t.Helper()
	p, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// brief writes the changes as "action address", with what else is known of them.
func brief(changes []terraform.Change) []string {
	var all []string
	for _, c := range changes {
		s := string(c.Action) + " " + c.Address
		if c.Previous != "" {
			s += " from " + c.Previous
		}
		if c.CreateFirst {
			s += " created first"
		}
		if c.Imported {
			s += " imported"
		}
		if !c.Reason.Empty() {
			s += " (" + c.Reason.String() + ")"
		}
		all = append(all, s)
	}
	return all
}

func TestRead(t *testing.T) {
	const removed = " (because terraform_data.%s is not in configuration)"
	replaceAndUpdate := []string{"replace terraform_data.a (must be replaced)", "update terraform_data.b"}
	tests := map[string]struct {
		changes  []string
		counts   terraform.Counts
		flags    string // of noChanges outputsOnly errored incomplete
		warnings []string
	}{
		"no-changes":              {flags: "noChanges"},
		"no-changes-refresh-only": {flags: "noChanges"},
		"outputs-only":            {flags: "outputsOnly"},
		"destroy":                 {changes: []string{"delete terraform_data.a", "delete terraform_data.b"}, counts: terraform.Counts{Destroy: 2}},
		"replace-requested":       {changes: []string{"replace terraform_data.a (will be replaced, as requested)"}, counts: terraform.Counts{Add: 1, Destroy: 1}},
		"replace-and-update":      {changes: replaceAndUpdate, counts: terraform.Counts{Add: 1, Change: 1, Destroy: 1}},
		"coloured":                {changes: replaceAndUpdate, counts: terraform.Counts{Add: 1, Change: 1, Destroy: 1}},
		"coloured-crlf":           {changes: replaceAndUpdate, counts: terraform.Counts{Add: 1, Change: 1, Destroy: 1}},
		"apply-question":          {changes: replaceAndUpdate, counts: terraform.Counts{Add: 1, Change: 1, Destroy: 1}},
		"target": {changes: replaceAndUpdate[:1], counts: terraform.Counts{Add: 1, Destroy: 1}, flags: "incomplete",
			warnings: []string{"Resource targeting is in effect"}},
		"target-coloured": {changes: replaceAndUpdate[:1], counts: terraform.Counts{Add: 1, Destroy: 1}, flags: "incomplete",
			warnings: []string{"Resource targeting is in effect"}},
		"tainted": {changes: []string{"replace terraform_data.a (must be replaced)", "replace terraform_data.b (is tainted, so must be replaced)"},
			counts: terraform.Counts{Add: 2, Destroy: 2}},
		"create-before-destroy": {changes: []string{"replace terraform_data.a created first (must be replaced)"}, counts: terraform.Counts{Add: 1, Destroy: 1}},
		"moved":                 {changes: []string{"move terraform_data.new from terraform_data.old"}},
		"moved-and-update":      {changes: []string{"update terraform_data.new from terraform_data.old"}, counts: terraform.Counts{Change: 1}},
		"forget": {changes: []string{"forget terraform_data.left (destroy = false is set in the configuration)"},
			warnings: []string{"Some objects will no longer be managed by Terraform"}},
		"tofu/forget": {changes: []string{"forget terraform_data.left"}, counts: terraform.Counts{Forget: 1},
			warnings: []string{"Resource going to be removed from the state"}},
		"removed": {changes: []string{"delete terraform_data.gone" + strings.ReplaceAll(removed, "%s", "gone")}, counts: terraform.Counts{Destroy: 1}},
		"import":  {changes: []string{"import terraform_data.brought imported"}, counts: terraform.Counts{Import: 1}},
		"modules": {changes: []string{
			"read data.terraform_remote_state.s (config refers to values not yet known)",
			"create terraform_data.x",
			`create module.m["# x must be replaced\nPlan: 1"].terraform_data.z[0]`,
			`create module.m["# x must be replaced\nPlan: 1"].terraform_data.z[1]`,
			`create module.m["a.b will be created"].terraform_data.z[0]`,
			`create module.m["a.b will be created"].terraform_data.z[1]`,
			`create module.m["quo\"te"].terraform_data.z[0]`,
			`create module.m["quo\"te"].terraform_data.z[1]`,
		}, counts: terraform.Counts{Add: 7}},
		"check-fails": {changes: replaceAndUpdate[:1], counts: terraform.Counts{Add: 1, Destroy: 1},
			warnings: []string{"Check block assertion failed"}},
		"check-fails-coloured": {changes: replaceAndUpdate[:1], counts: terraform.Counts{Add: 1, Destroy: 1},
			warnings: []string{"Check block assertion failed"}},
		"precondition-fails":          {changes: replaceAndUpdate[:1], counts: terraform.Counts{Add: 1, Destroy: 1}, flags: "errored incomplete"},
		"precondition-fails-coloured": {changes: replaceAndUpdate[:1], counts: terraform.Counts{Add: 1, Destroy: 1}, flags: "errored incomplete"},
		"syntax-error":                {flags: "errored incomplete"},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			p := read(t, fixture(t, name))
			if got := brief(p.Changes); !reflect.DeepEqual(got, want.changes) {
				t.Errorf("changes\n got %q\nwant %q", got, want.changes)
			}
			if p.Counts != want.counts {
				t.Errorf("counts: got %+v, want %+v", p.Counts, want.counts)
			}
			var flags []string
			for _, f := range []struct {
				is   bool
				word string
			}{{p.NoChanges, "noChanges"}, {p.OutputsOnly, "outputsOnly"}, {p.Errored, "errored"}, {!p.Complete, "incomplete"}} {
				if f.is {
					flags = append(flags, f.word)
				}
			}
			if got := strings.Join(flags, " "); got != want.flags {
				t.Errorf("flags: got %q, want %q; problems %q, errors %q", got, want.flags, p.Problems, p.Errors)
			}
			var warnings []string
			for _, w := range p.Warnings {
				warnings = append(warnings, w.Title.String())
			}
			if !reflect.DeepEqual(warnings, want.warnings) {
				t.Errorf("warnings: got %q, want %q", warnings, want.warnings)
			}
		})
	}
}

func TestReadKeepsTheBlock(t *testing.T) {
	p := read(t, fixture(t, "coloured-crlf"))
	body := p.Changes[1].Body.String()
	for _, want := range []string{"  # terraform_data.b will be updated in-place\n", "# terraform_data.z will be destroyed", "    }"} {
		if !strings.Contains(body, want) {
			t.Errorf("the body misses %q:\n%s", want, body)
		}
	}
	if strings.ContainsAny(body, "\r\x1b") || strings.Contains(body, "Plan: 1 to add, 1 to change") {
		t.Errorf("the body holds more than the block:\n%q", body)
	}
}

// drifted is Terraform's own wording, around a fixture.
const drifted = `Note: Objects have changed outside of Terraform

Terraform detected the following changes made outside of Terraform since the
last "terraform apply" which may have affected this plan:

  # aws_instance.catalog_airflow has changed
  ~ resource "aws_instance" "catalog_airflow" {
      ~ id = "a" -> "b"
    }

  # aws_route53_record.record has been deleted
  - resource "aws_route53_record" "record" {
      - id = "a" -> null
    }


Unless you have made equivalent changes to your configuration, or ignored the
relevant attributes using ignore_changes, the following plan may include
actions to undo or respond to these changes.

─────────────────────────────────────────────────────────────────────────────

`

func TestReadTellsDriftFromChanges(t *testing.T) {
	p := read(t, drifted+fixture(t, "cloud-deploy"))
	want := []string{"update aws_instance.catalog_airflow", "delete aws_route53_record.record"}
	if got := brief(p.Drifted); !reflect.DeepEqual(got, want) {
		t.Errorf("drift: got %q, want %q", got, want)
	}
	if len(p.Changes) != 2 || !p.Complete {
		t.Errorf("got %q, complete %v, problems %q", brief(p.Changes), p.Complete, p.Problems)
	}
}

func TestReadDoubts(t *testing.T) {
	deploy := fixture(t, "cloud-deploy")
	edit := func(old, new string) string {
		t.Helper()
		if !strings.Contains(deploy, old) {
			t.Fatalf("the fixture has no %q", old)
		}
		return strings.Replace(deploy, old, new, 1)
	}
	tests := map[string]struct{ text, problem string }{
		"nothing":               {"", "the text ends before the plan does"},
		"another program":       {"error_reporting = 1\nhello\n", "the text ends before the plan does"},
		"cut in a block":        {deploy[:strings.Index(deploy, "      ~ value")], "the text ends in the middle of aws_route53_record.record"},
		"cut before count":      {deploy[:strings.Index(deploy, "Plan:")], "the text ends before the plan does"},
		"head is missing":       {deploy[strings.Index(deploy, "  # aws_route53"):], "counts 1 to add, 1 to change, 1 to destroy, but its resources add up to 0 to add, 1 to change, 0 to destroy"},
		"block without end":     {edit("    }\n\n  # aws_route53", "\n  # aws_route53"), "the block of aws_instance.catalog_airflow is cut off"},
		"counts disagree":       {edit("1 to destroy", "2 to destroy"), "counts 1 to add, 1 to change, 2 to destroy"},
		"counts in other words": {edit("1 to destroy.", "1 to destroy, 1 to invoke."), "can't interpret the counts"},
		"counts beyond int":     {edit("Plan: 1 to add", "Plan: 99999999999999999999 to add"), "can't interpret the counts"},
		"other action":          {edit("will be updated in-place", "will be renewed"), "aws_route53_record.record will be renewed"},
		"kept replacement":      {edit("must be replaced", "must be replaced, but the existing object will not be destroyed"), `is said to forget, but its block is marked with "-/+"`},
		"no address":            {edit("# aws_route53_record.record will", "# the record will"), "can't interpret what would be done to a resource: the record will be updated"},
		"sign disagrees":        {edit("  ~ resource", "  - resource"), `said to update, but its block is marked with "-"`},
		"label disagrees":       {edit(`"aws_route53_record" "record"`, `"aws_db_instance" "record"`), "the block below aws_route53_record.record is of aws_db_instance.record"},
		"no block":              {edit("  ~ resource \"aws_route53_record\" \"record\" {\n", ""), "the block of aws_route53_record.record is missing"},
		"stray line":            {edit("Plan:", "and some more\n\nPlan:"), "can't interpret a line of the plan: and some more"},
		"two plans":             {deploy + deploy, "more than one plan"},
		"a change below":        {deploy + "  # aws_db_instance.x will be destroyed\n  - resource \"aws_db_instance\" \"x\" {\n    }\n", "outside of the list of actions"},
		"nothing, but all":      {deploy + "No changes. Your infrastructure matches the configuration.\n", "more than one plan"},
		"drift in the plan":     {edit("will be updated in-place", "has changed"), "a change that has happened already"},
		"refresh only":          {"This is a refresh-only plan, so Terraform will not take any actions\n", "refresh-only"},
		"partial":               {deploy + "Note: This is a partial plan, parts can only be known in the next plan\n", "deferred to a later one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := read(t, test.text)
			if p.Complete {
				t.Error("the plan passes for complete")
			}
			for _, problem := range p.Problems {
				if strings.Contains(problem.String(), test.problem) {
					return
				}
			}
			t.Errorf("no problem says %q: %q", test.problem, p.Problems)
		})
	}
}

func TestReadSplitsAMoveAtTheRightPlace(t *testing.T) {
	const text = `aws_instance.a["x has moved to y"] has moved to aws_instance.b["p has moved to q"]`
	c, _ := header(text)
	if c.Previous != `aws_instance.a["x has moved to y"]` || c.Address != `aws_instance.b["p has moved to q"]` || c.Action != terraform.Move {
		t.Errorf("got %+v", c)
	}
}

func TestReadNamesDeposedObjects(t *testing.T) {
	c, _ := header("module.a.aws_instance.b (deposed object 0a1b2c3d) will be destroyed")
	if c.Address != "module.a.aws_instance.b" || c.Deposed != "0a1b2c3d" || c.Action != terraform.Delete || c.Type != "aws_instance" {
		t.Errorf("got %+v", c)
	}
}

func TestReadErrsAsItsReader(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestValuesThatImitate reads plans whose values look like headers, blocks, counts
// and ends of values: they add nothing, and hide nothing.
func TestValuesThatImitate(t *testing.T) {
	tests := map[string][]string{
		"imitates":         {"create aws_instance.imitates", "create aws_instance.kept", "create aws_instance.last"},
		"imitates-changed": {"replace aws_instance.imitates (must be replaced)"},
	}
	for _, folder := range []string{"", "tofu/"} {
		for name, want := range tests {
			p := read(t, fixture(t, folder+name))
			if got := brief(p.Changes); !reflect.DeepEqual(got, want) || !p.Complete || len(p.Errors) > 0 {
				t.Errorf("%s: got %q, complete %v, problems %q, errors %q", folder+name, got, p.Complete, p.Problems, p.Errors)
			}
		}
	}
	if got := read(t, fixture(t, "imitates-changed")).Changes[0].Triggers; len(got) != 1 || got[0].String() != "user_data" {
		t.Errorf("forced by %q", got)
	}
}

func FuzzRead(f *testing.F) {
	names, _ := filepath.Glob(filepath.Join("..", "testdata", "*.txt"))
	others, _ := filepath.Glob(filepath.Join("..", "testdata", "*", "*.txt"))
	if names = append(names, others...); len(names) < 200 {
		f.Fatalf("%d fixtures", len(names))
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := read(t, text)
		if p.Complete && (p.Errored || len(p.Problems) > 0) {
			t.Error("a plan with problems passes for complete")
		}
		for _, c := range p.Changes {
			if c.Action == "" || (c.Action != terraform.Unclear && c.Type == "") {
				t.Errorf("a change without action or type: %+v", c)
			}
		}
		j := terraform.Judge(p, terraform.Policy{Service: "catalog-airflow"})
		if j.Verdict == terraform.Passed && !p.Complete {
			t.Error("a plan that is not complete passed")
		}
		if (j.Verdict == terraform.Failed || j.Verdict == terraform.Unknown) != (len(j.Findings) > 0 && j.Findings[0].Blocks) {
			t.Errorf("%s with findings %+v", j.Verdict, j.Findings)
		}
		Fingerprint(text)
		AsksApproval(text)
	})
}

// TestLongText reads more text than a line or a block may have.
func TestLongText(t *testing.T) {
	const block = "  # terraform_data.x[%d] will be created\n  + resource \"terraform_data\" \"x\" {\n      + input = %q\n    }\n\n"
	begin := "Terraform will perform the following actions:\n\n"
	value, blocks := strings.Repeat("x", 1<<20), (maxBlock>>20)+2
	var all strings.Builder
	all.WriteString(begin)
	for i := range blocks {
		fmt.Fprintf(&all, block, i, value)
	}
	fmt.Fprintf(&all, "Plan: %d to add, 0 to change, 0 to destroy.\n", blocks)
	if p := read(t, all.String()); len(p.Changes) != blocks || len(p.Problems) > 0 {
		t.Errorf("got %d changes, and the problems %v", len(p.Changes), p.Problems)
	}
	for what, text := range map[string]string{
		"a line is":                   begin + strings.Repeat("x", maxBlock+2),
		"the block of terraform_data": begin + strings.TrimSuffix(fmt.Sprintf(block, 1, value), "    }\n\n") + strings.Repeat("      + input = \""+value+"\"\n", blocks),
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "longer than 32 MiB") {
			t.Errorf("%s: the error is %v", what, err)
		}
	}
}
