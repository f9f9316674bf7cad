package terraform

import (
	"strings"
	"testing"
)

var airflow = Policy{Service: "catalog-airflow"}

func TestJudge(t *testing.T) {
	tests := map[string]struct {
		verdict Verdict
		rules   string // of the findings that block
		says    string
	}{
		"cloud-deploy":            {Passed, "", "the plan deploys catalog-airflow: 1 to add, 1 to change, 1 to destroy"},
		"cloud-deploy-apply":      {Passed, "", "the plan deploys catalog-airflow"},
		"cloud-other":             {Failed, RuleService, "does not touch the instance of catalog-airflow"},
		"cloud-database-update":   {Failed, RuleDatabase, "aws_db_instance.catalog_db is a database's, and would be updated"},
		"cloud-database-destroy":  {Failed, RuleDatabase, "aws_db_instance.catalog_db is a database's, and would be destroyed"},
		"cloud-volume-replaced":   {Failed, RuleStorage, "aws_ebs_volume.volume holds data"},
		"cloud-state-missing":     {Failed, RuleDatabase + " " + RuleFresh, "aws_db_instance.catalog_db is a database's, and would be created"},
		"no-changes":              {Failed, RuleNoChanges, "nothing would be deployed"},
		"no-changes-refresh-only": {Failed, RuleNoChanges, "nothing would be deployed"},
		"outputs-only":            {Failed, RuleNoChanges, "nothing would be deployed"},
		"moved":                   {Failed, RuleService, "does not touch the instance"},
		"import":                  {Failed, RuleService, "does not touch the instance"},
		"removed":                 {Failed, RuleDestroy + " " + RuleService, "terraform_data.gone would be destroyed"},
		"forget":                  {Failed, RuleForget + " " + RuleService, "terraform_data.left would no longer be managed"},
		"tofu-forget":             {Failed, RuleForget + " " + RuleService, "terraform_data.left would no longer be managed"},
		"destroy":                 {Failed, RuleDestroy + " " + RuleDestroy + " " + RuleService, "terraform_data.a would be destroyed, and nothing created in its place, and 1 more"},
		"target":                  {Unknown, RuleTargeted + " " + RuleService, "Resource targeting is in effect"},
		"precondition-fails":      {Unknown, RuleErrored + " " + RuleService, "planning failed: Resource precondition failed"},
		"syntax-error":            {Unknown, RuleErrored + " " + RuleErrored + " " + RuleNoChanges, "planning failed: "},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			j := Judge(read(t, fixture(t, name)), airflow)
			if j.Verdict != want.verdict || !strings.Contains(j.Summary.String(), want.says) {
				t.Errorf("got %s, %q; want %s, %q", j.Verdict, j.Summary, want.verdict, want.says)
			}
			if got := blocking(j); got != want.rules {
				t.Errorf("rules: got %q, want %q", got, want.rules)
			}
		})
	}
}

func blocking(j Judgement) string {
	var rules []string
	for _, f := range j.Findings {
		if f.Blocks {
			rules = append(rules, f.Rule)
		}
	}
	return strings.Join(rules, " ")
}

// plan is a complete plan that replaces the service's instance and does more.
func plan(more ...Change) Plan {
	p := Plan{Complete: true, Changes: append([]Change{{
		Address: "module.catalog-airflow.aws_instance.this", Type: "aws_instance", Action: Replace}}, more...)}
	p.Counts = p.counts()
	return p
}

func change(action Action, address string) Change {
	t, ok := resourceType(address)
	if !ok {
		panic("no address: " + address)
	}
	return Change{Address: address, Type: t, Action: action}
}

func TestJudgeRules(t *testing.T) {
	tests := map[string]struct {
		change  Change
		verdict Verdict
		rule    string
	}{
		"a record is updated":         {change(Update, "aws_route53_record.a"), Passed, RuleOther},
		"an address is replaced":      {change(Replace, "aws_eip_association.a"), Passed, RuleReplace},
		"an image is read":            {change(Read, "data.aws_ami.a"), Passed, RuleHarmless},
		"a database is read":          {change(Read, "data.aws_db_instance.a"), Passed, RuleHarmless},
		"a database moves":            {change(Move, "aws_db_instance.a"), Passed, RuleHarmless},
		"a database comes in":         {change(Import, "aws_db_instance.a"), Passed, RuleHarmless},
		"a database is created":       {change(Create, "aws_db_instance.a"), Failed, RuleDatabase},
		"a database is replaced":      {change(Replace, `module.db["x"].aws_db_instance.a[0]`), Failed, RuleDatabase},
		"a snapshot is replaced":      {change(Replace, "aws_db_snapshot.a"), Failed, RuleDatabase},
		"a cluster is updated":        {change(Update, "aws_rds_cluster.a"), Failed, RuleDatabase},
		"a parameter group changes":   {change(Update, "aws_db_parameter_group.a"), Failed, RuleDatabase},
		"a subnet group changes":      {change(Update, "aws_db_subnet_group.a"), Failed, RuleDatabase},
		"Google's database changes":   {change(Update, "google_sql_database_instance.a"), Failed, RuleDatabase},
		"Azure's database changes":    {change(Update, "azurerm_postgresql_flexible_server.a"), Failed, RuleDatabase},
		"Azure's server changes":      {change(Update, "azurerm_mssql_server.a"), Failed, RuleDatabase},
		"a role changes":              {change(Create, "postgresql_role.a"), Failed, RuleDatabase},
		"a bucket is updated":         {change(Update, "aws_s3_bucket.a"), Passed, RuleOther},
		"a bucket is replaced":        {change(Replace, "aws_s3_bucket.a"), Failed, RuleStorage},
		"a rule is destroyed":         {change(Delete, "aws_security_group_rule.a"), Failed, RuleDestroy},
		"a rule is forgotten":         {change(Forget, "aws_security_group_rule.a"), Failed, RuleForget},
		"something is not understood": {change(Unclear, "aws_security_group_rule.a"), Unknown, RuleUncertain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			j := Judge(plan(test.change), airflow)
			if j.Verdict != test.verdict {
				t.Errorf("got %s (%s), want %s", j.Verdict, j.Summary, test.verdict)
			}
			for _, f := range j.Findings {
				if f.Address.String() == test.change.Address {
					if f.Rule != test.rule {
						t.Errorf("rule: got %s, want %s", f.Rule, test.rule)
					}
					return
				}
			}
			t.Errorf("the change is not among the findings: %+v", j.Findings)
		})
	}
}

func TestJudgeFindsTheInstance(t *testing.T) {
	tests := map[string]bool{
		"aws_instance.catalog_airflow":                         true,
		"aws_instance.catalog-airflow-prod[0]":                 true,
		"module.catalog-airflow.aws_instance.this":             true,
		`module.services["catalog-airflow"].aws_instance.main`: true,
		"aws_launch_template.prod_catalog_airflow":             true,
		"module.catalog_airflow.aws_autoscaling_group.a":       true,
		"aws_instance.ingestion_server":                        false,
		"aws_instance.mycatalog_airflow":                       false,
		"aws_instance.catalog_airflow2":                        false,
		"aws_route53_record.catalog_airflow":                   false,
	}
	for address, want := range tests {
		for _, action := range []Action{Replace, Update} {
			p := Plan{Complete: true, Changes: []Change{change(action, address)}}
			if got := Judge(p, airflow).Verdict == Passed; got != want {
				t.Errorf("%s %s: passed %v, want %v", action, address, got, want)
			}
		}
	}
	fresh := Judge(Plan{Complete: true, Changes: []Change{change(Create, "aws_instance.catalog_airflow")}}, airflow)
	if fresh.Verdict != Unknown || blocking(fresh) != RuleFresh {
		t.Errorf("an instance out of nothing: got %s, %s", fresh.Verdict, fresh.Summary)
	}
}

func TestJudgeForbiddenWinsOverDoubt(t *testing.T) {
	whole := fixture(t, "cloud-database-destroy")
	cut := whole[:strings.Index(whole, "Plan:")]
	if j := Judge(read(t, cut), airflow); j.Verdict != Failed || !strings.Contains(j.Summary.String(), "aws_db_instance.catalog_db") {
		t.Errorf("cut off below a destroyed database: got %s, %s", j.Verdict, j.Summary)
	}
	deploy := fixture(t, "cloud-deploy")
	for at := range deploy {
		if deploy[at] != '\n' || at > strings.Index(deploy, "Plan:") {
			continue
		}
		if j := Judge(read(t, deploy[:at]), airflow); j.Verdict != Unknown {
			t.Fatalf("cut off at byte %d: got %s, %s", at, j.Verdict, j.Summary)
		}
	}
}

func TestJudgeWithoutServiceIsUnknown(t *testing.T) {
	if j := Judge(plan(), Policy{}); j.Verdict != Unknown {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
	var zero Judgement
	if zero.Verdict != Unknown {
		t.Error("no judgement is a verdict")
	}
}

func TestJudgePassesOnWarningsAndDrift(t *testing.T) {
	p := read(t, drifted+fixture(t, "cloud-deploy")+"\nWarning: Argument is deprecated\n")
	j := Judge(p, airflow)
	if j.Verdict != Passed {
		t.Fatalf("got %s, %s", j.Verdict, j.Summary)
	}
	found := map[string]int{}
	for _, f := range j.Findings {
		found[f.Rule]++
	}
	if found[RuleDrift] != 2 || found[RuleWarning] != 1 {
		t.Errorf("got %v", found)
	}
}

func TestJudgePolicyReplacesTheDefaults(t *testing.T) {
	p := plan(change(Update, "aws_db_instance.a"))
	policy := Policy{Service: "catalog-airflow", Databases: []string{"my_*"}}
	if j := Judge(p, policy); j.Verdict != Passed {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
	if j := Judge(plan(change(Update, "my_table.a")), policy); j.Verdict != Failed {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
}

func TestActionsAreThoseOfJSON(t *testing.T) {
	for want, c := range map[string]Change{
		"delete create": {Action: Replace},
		"create delete": {Action: Replace, CreateFirst: true},
		"no-op":         {Action: Move},
		"update":        {Action: Update},
	} {
		if got := strings.Join(c.Actions(), " "); got != want {
			t.Errorf("%+v: got %q, want %q", c, got, want)
		}
	}
}
