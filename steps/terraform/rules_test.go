package terraform_test

import (
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

func TestPolicyRules(t *testing.T) {
	rule := func(address string, actions ...string) []Rule { return []Rule{{Address: address, Actions: actions}} }
	both := Change{Address: "aws_eip.a", Type: "aws_eip", Action: Replace, Imported: true}
	tests := map[string]struct {
		change        Change
		allow, forbid []Rule
		verdict       Verdict
		rule          string
	}{
		"allowed":                       {change(Replace, "aws_eip.a"), rule("aws_eip.*", "replace"), nil, Passed, "allowed"},
		"allowed to do anything":        {change(Delete, "aws_eip.a"), rule("aws_eip.*", "*"), nil, Passed, "allowed"},
		"allowed to be forgotten":       {change(Forget, "aws_eip.a"), rule("aws_eip.a", "forget"), nil, Passed, "allowed"},
		"allowed, but not that":         {change(Replace, "aws_eip.a"), rule("aws_eip.*", "delete", "create"), nil, Failed, "replace"},
		"allowed, but not this one":     {change(Replace, "aws_eip.ab"), rule("aws_eip.a", "*"), nil, Failed, "replace"},
		"allowed to do what it may":     {change(Update, "aws_eip.a"), rule("*", "*"), nil, Passed, "changed-with-it"},
		"allowed, and imported":         {both, rule("aws_eip.a", "replace"), nil, Passed, "allowed"},
		"not understood":                {change(Unclear, "aws_eip.a"), rule("*", "*"), nil, Unknown, "not-understood"},
		"not understood, by its word":   {change(Unclear, "aws_eip.a"), rule("*", "unknown"), nil, Unknown, "not-understood"},
		"database by a star":            {change(Update, "aws_db_instance.a"), rule("*", "*"), nil, Failed, "database"},
		"database by half a type":       {change(Update, "aws_db_instance.a"), rule("aws_db_*.a", "*"), nil, Failed, "database"},
		"database by the end of a type": {change(Update, "aws_db_instance.a"), rule("*db_instance.a", "*"), nil, Failed, "database"},
		"database by a star before it":  {change(Update, "aws_db_instance.a"), rule("*aws_db_instance.a", "*"), nil, Failed, "database"},
		"database by its module":        {change(Update, "module.m.aws_db_instance.a"), rule("module.m.*", "*"), nil, Failed, "database"},
		"database by a module's name":   {change(Update, "module.aws_db_instance.aws_db_instance.a"), rule("module.aws_db_instance.*", "*"), nil, Failed, "database"},
		"database by a key":             {change(Update, `aws_db_instance.a[".aws_db_instance.x"]`), rule(`*.aws_db_instance.x"]`, "*"), nil, Failed, "database"},
		"database by its type":          {change(Update, "aws_db_instance.a"), rule("aws_db_instance.*", "update"), nil, Passed, "allowed"},
		"database by its type, deeper":  {change(Update, "module.m.aws_db_instance.a"), rule("module.*.aws_db_instance.*", "update"), nil, Passed, "allowed"},
		"database that moves too":       {from(change(Update, "aws_db_instance.a"), "aws_db_instance.b"), rule("aws_db_instance.*", "update"), nil, Failed, "database"},
		"database that may move too":    {from(change(Update, "aws_db_instance.a"), "aws_db_instance.b"), rule("aws_db_instance.*", "update", "move"), nil, Passed, "allowed"},
		"storage by a star":             {change(Replace, "aws_ebs_volume.a"), rule("*", "*"), nil, Failed, "storage"},
		"storage by its type":           {change(Replace, "aws_ebs_volume.a"), rule("aws_ebs_volume.a", "replace"), nil, Passed, "allowed"},
		"forbidden":                     {change(Update, "aws_eip.a"), nil, rule("aws_eip.*", "update"), Failed, "forbidden"},
		"forbidden and allowed":         {change(Update, "aws_eip.a"), rule("aws_eip.a", "update"), rule("*", "*"), Failed, "forbidden"},
		"forbidden, but not that":       {change(Update, "aws_eip.a"), nil, rule("*", "move"), Passed, "changed-with-it"},
		"forbidden to be destroyed":     {change(Replace, "aws_eip.a"), rule("*", "*"), rule("aws_eip.*", "delete"), Failed, "forbidden"},
		"forbidden to be created":       {change(Replace, "aws_eip.a"), rule("*", "*"), rule("aws_eip.*", "create"), Failed, "forbidden"},
		"forbidden to come in":          {both, rule("*", "*"), rule("aws_eip.*", "import"), Failed, "forbidden"},
		"forbidden where it was":        {from(change(Update, "aws_eip.a"), "aws_eip.b"), nil, rule("aws_eip.b", "update"), Failed, "forbidden"},
		"forbidden to be read":          {change(Read, "data.aws_ami.a"), nil, rule("data.*", "read"), Failed, "forbidden"},
		"forbidden, not understood":     {change(Unclear, "aws_eip.a"), nil, rule("aws_eip.*", "*"), Unknown, "not-understood"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			instance := change(Replace, "aws_instance.catalog_airflow")
			policy := Policy{Service: "catalog-airflow", Allow: test.allow, Forbid: test.forbid}
			j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{instance, test.change}}, policy)
			if j.Verdict != test.verdict {
				t.Errorf("got %s (%s), want %s", j.Verdict, j.Summary, test.verdict)
			}
			for _, f := range j.Findings {
				if f.Address.String() == test.change.Address && f.Rule == test.rule {
					return
				}
			}
			t.Errorf("no finding of %s: %+v", test.rule, j.Findings)
		})
	}
}

func TestPolicyInstance(t *testing.T) {
	p := Plan{JSON: true, Complete: true, Changes: []Change{change(Replace, "aws_ecs_service.web")}}
	for _, test := range []struct {
		instance []string
		want     Verdict
	}{
		{nil, Failed},
		{[]string{"aws_ecs_service.*"}, Passed},
		{[]string{"aws_instance.web"}, Failed},
		{[]string{}, Failed}, // as if it were not there
	} {
		for _, service := range []string{"catalog-airflow", ""} {
			if service == "" && len(test.instance) == 0 {
				continue
			}
			if j := Judge(p, Policy{Service: service, Instance: test.instance}); j.Verdict != test.want {
				t.Errorf("%q, %q: got %s, %s", test.instance, service, j.Verdict, j.Summary)
			}
		}
	}
	named := Plan{JSON: true, Complete: true, Changes: []Change{change(Replace, "aws_instance.catalog_airflow")}}
	if j := Judge(named, Policy{Service: "catalog-airflow", Instance: []string{"aws_instance.web"}}); j.Verdict != Failed {
		t.Errorf("the defaults still apply: got %s, %s", j.Verdict, j.Summary)
	}
	database := Plan{JSON: true, Complete: true, Changes: []Change{change(Update, "aws_db_instance.a")}}
	if j := Judge(database, Policy{Service: "a", Instance: []string{"*"}}); j.Verdict != Failed {
		t.Errorf("a database that is said to run the service: got %s, %s", j.Verdict, j.Summary)
	}
}

func TestPolicyNeedsEdits(t *testing.T) {
	released := Policy{Service: "catalog-airflow", Release: "v1.5.4"}
	for _, test := range []struct {
		policy Policy
		change Change
		want   bool
	}{
		{released, change(Update, "aws_instance.catalog_airflow"), true},
		{released, change(Replace, "aws_instance.catalog_airflow"), true},
		{released, change(Move, "aws_instance.catalog_airflow"), false},
		{released, change(Update, "aws_instance.other"), false},
		{airflow, change(Update, "aws_instance.catalog_airflow"), false},
	} {
		if got := test.policy.NeedsEdits(test.change); got != test.want {
			t.Errorf("%s of %s, release %q: %v", test.change.Action, test.change.Address, test.policy.Release, got)
		}
	}
}

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{
		"aws_instance.a", `module.m["a b"].aws_instance.a[0]`, "data.aws_ami.a", "*", "aws_*.a", `aws_eip.a["*? ("]`, "module.é.*", `a.b["\"?"].*`,
	} {
		if err := CheckAddress(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, says := range map[string]string{
		"":                      "is empty",
		"aws_route53_record":    `did you mean "aws_route53_record.*"?`,
		"aws_instance.a.b.c":    "isn't the address",
		"aws_instance.a, b":     "isn't the address",
		"aws_(eip|instance).*":  "stands for other characters",
		"aws_instance.? *":      "stands for other characters",
		" aws_instance.*":       "stands for other characters",
		"^aws_instance.*$":      "stands for other characters",
		"aws_{eip,instance}.a*": "stands for other characters",
		`aws_eip.a["x"] *`:      "stands for other characters",
		"module.a\naws_eip.*":   "stands for other characters",
	} {
		err := CheckAddress(bad)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", bad, err, says)
		}
	}
}

func TestCheckAction(t *testing.T) {
	for _, word := range append([]string{"*"}, Actions...) {
		if err := CheckAction(word); err != nil {
			t.Error(err)
		}
	}
	for _, word := range []string{"", "destroy", "unknown", "no-op", "Create", "re*"} {
		if err := CheckAction(word); err == nil {
			t.Errorf("%q is an action", word)
		}
	}
}
