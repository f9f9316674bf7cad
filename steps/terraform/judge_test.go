package terraform_test

import (
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	. "catalog-runbook/steps/terraform"
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
		"cloud-other":             {Failed, "service-untouched", "does not touch the instance of catalog-airflow"},
		"cloud-database-update":   {Failed, "database", "aws_db_instance.catalog_db is a database's, and would be updated"},
		"cloud-database-destroy":  {Failed, "database", "aws_db_instance.catalog_db is a database's, and would be destroyed"},
		"cloud-volume-replaced":   {Failed, "storage", "aws_ebs_volume.volume holds data"},
		"cloud-state-missing":     {Failed, "database service-created", "aws_db_instance.catalog_db is a database's, and would be created"},
		"no-changes":              {Failed, "no-changes", "nothing would be deployed"},
		"no-changes-refresh-only": {Failed, "no-changes", "nothing would be deployed"},
		"outputs-only":            {Failed, "no-changes", "nothing would be deployed"},
		"moved":                   {Failed, "service-untouched", "does not touch the instance"},
		"import":                  {Failed, "service-untouched", "does not touch the instance"},
		"removed":                 {Failed, "destroy service-untouched", "terraform_data.gone would be destroyed"},
		"forget":                  {Failed, "forget service-untouched", "terraform_data.left would no longer be managed"},
		"tofu/forget":             {Failed, "forget service-untouched", "terraform_data.left would no longer be managed"},
		"destroy":                 {Failed, "destroy destroy service-untouched", "terraform_data.a would be destroyed, and nothing created in its place, and 1 more"},
		"target":                  {Failed, "replace targeted service-untouched", "terraform_data.a would be replaced"},
		"precondition-fails":      {Failed, "replace errors service-untouched", "terraform_data.a would be replaced"},
		"syntax-error":            {Unknown, "errors errors", "planning failed: "},
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
		Address: "module.catalog-airflow.aws_instance.this", Type: "aws_instance", Action: Replace,
		Identities: []Identity{{"id", "i-airflow"}, {"primary_network_interface_id", "eni-airflow"}}}}, more...)}
	p.Counts = p.Count()
	return p
}

// from is a change of what had another address.
func from(c Change, previous string) Change {
	c.Previous = previous
	return c
}

// forced is a replacement with what forces it.
func forced(c Change, triggers ...string) Change {
	for _, trigger := range triggers {
		c.Triggers = append(c.Triggers, clean.Line(trigger))
	}
	return c
}

// of is a change of what had an attribute.
func of(c Change, attribute, value string) Change {
	c.Identities = append(c.Identities, Identity{Attribute: attribute, Value: value})
	return c
}

func change(action Action, address string) Change {
	a, ok := ParseAddress(address)
	if !ok {
		panic("no address: " + address)
	}
	return Change{Address: address, Type: a.Type, Action: action}
}

func TestJudgeRules(t *testing.T) {
	tests := map[string]struct {
		change  Change
		verdict Verdict
		rule    string
	}{
		"a record is updated":         {change(Update, "aws_route53_record.a"), Passed, "changed-with-it"},
		"a record is created":         {change(Create, "aws_route53_record.a"), Passed, "changed-with-it"},
		"a record is replaced":        {change(Replace, "aws_route53_record.a"), Failed, "replace"},
		"another instance changes":    {change(Update, "aws_instance.ingestion_server"), Passed, "changed-with-it"},
		"another instance goes":       {change(Replace, "aws_instance.ingestion_server"), Failed, "replace"},
		"an image is read":            {change(Read, "data.aws_ami.a"), Passed, "left-as-it-is"},
		"a role moves":                {from(change(Move, "aws_iam_role.a"), "aws_iam_role.b"), Passed, "left-as-it-is"},
		"a role comes in":             {change(Import, "aws_iam_role.a"), Passed, "left-as-it-is"},
		"a database is read":          {change(Read, "data.aws_db_instance.a"), Passed, "left-as-it-is"},
		"a database moves":            {change(Move, "aws_db_instance.a"), Failed, "database"},
		"a database comes in":         {change(Import, "aws_db_instance.a"), Failed, "database"},
		"a database is forgotten":     {change(Forget, "aws_db_instance.a"), Failed, "database"},
		"a database is created":       {change(Create, "aws_db_instance.a"), Failed, "database"},
		"a database is replaced":      {change(Replace, `module.db["x"].aws_db_instance.a[0]`), Failed, "database"},
		"a database under a new type": {from(change(Move, "terraform_data.a"), "aws_db_instance.a"), Failed, "database"},
		"a database by its address":   {Change{Address: "aws_db_instance.a", Type: "terraform_data", Action: Update}, Failed, "database"},
		"a snapshot is replaced":      {change(Replace, "aws_db_snapshot.a"), Failed, "database"},
		"a cluster is updated":        {change(Update, "aws_rds_cluster.a"), Failed, "database"},
		"a parameter group changes":   {change(Update, "aws_db_parameter_group.a"), Failed, "database"},
		"an option group changes":     {change(Update, "aws_db_option_group.a"), Failed, "database"},
		"a subnet group changes":      {change(Update, "aws_db_subnet_group.a"), Failed, "database"},
		"a proxy changes":             {change(Update, "aws_db_proxy.a"), Failed, "database"},
		"a search engine changes":     {change(Update, "aws_opensearch_domain.a"), Failed, "database"},
		"Google's database changes":   {change(Update, "google_sql_database_instance.a"), Failed, "database"},
		"Azure's database changes":    {change(Update, "azurerm_postgresql_flexible_server.a"), Failed, "database"},
		"Azure's server changes":      {change(Update, "azurerm_mssql_server.a"), Failed, "database"},
		"a role of it is created":     {change(Create, "postgresql_role.a"), Failed, "database"},
		"a tie of it is replaced":     {forced(change(Replace, "aws_db_instance_role_association.a"), "instance_id"), Failed, "database"},
		"a bucket is updated":         {change(Update, "aws_s3_bucket.a"), Passed, "changed-with-it"},
		"a bucket is replaced":        {change(Replace, "aws_s3_bucket.a"), Failed, "storage"},
		"a volume is destroyed":       {change(Delete, "aws_ebs_volume.a"), Failed, "storage"},
		"a rule is destroyed":         {change(Delete, "aws_security_group_rule.a"), Failed, "destroy"},
		"a rule is forgotten":         {change(Forget, "aws_security_group_rule.a"), Failed, "forget"},
		"forgotten and created":       {Change{Address: "aws_eip.a", Type: "aws_eip", Action: Forget, Creates: true}, Failed, "forget"},
		"a tie goes with it":          {of(forced(change(Replace, "aws_eip_association.a"), "instance_id"), "instance_id", "i-airflow"), Passed, "tie-replaced"},
		"a tie, by its interface":     {of(forced(change(Replace, "aws_network_interface_sg_attachment.a"), "network_interface_id"), "network_interface_id", "eni-airflow"), Passed, "tie-replaced"},
		"a tie to something else":     {of(forced(change(Replace, "aws_volume_attachment.a"), "instance_id", "volume_id"), "instance_id", "i-airflow"), Failed, "replace"},
		"a tie of another instance":   {of(forced(change(Replace, "aws_volume_attachment.a"), "instance_id"), "instance_id", "i-postgres"), Failed, "replace"},
		"a tie of who knows what":     {forced(change(Replace, "aws_volume_attachment.a"), "instance_id"), Failed, "replace"},
		"a tie by another's side":     {of(forced(change(Replace, "aws_volume_attachment.a"), "instance_id"), "instance_id", "eni-airflow"), Failed, "replace"},
		"a tie without an instance":   {forced(change(Replace, "aws_iam_role_policy_attachment.a"), "role"), Failed, "replace"},
		"a tie for no known reason":   {change(Replace, "aws_eip_association.a"), Failed, "replace"},
		"a tie is destroyed":          {change(Delete, "aws_eip_association.a"), Failed, "destroy"},
		"something is not understood": {change(Unclear, "aws_security_group_rule.a"), Unknown, "not-understood"},
		"a database is not":           {change(Unclear, "aws_db_instance.a"), Unknown, "not-understood"},
		"a type is not understood":    {Change{Address: "x", Action: Update}, Unknown, "not-understood"},
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
		"aws_instance.catalog_airflow":                        true,
		"aws_instance.catalog-airflow-prod[0]":                true,
		"module.catalog-airflow.aws_instance.this":            true,
		"google_compute_instance.prod_catalog_airflow":        true,
		"module.catalog_airflow.aws_autoscaling_group.a":      true,
		"aws_instance.ingestion_server":                       false,
		"aws_instance.mycatalog_airflow":                      false,
		"aws_instance.catalog_airflow2":                       false,
		"aws_route53_record.catalog_airflow":                  false,
		"module.services.aws_instance.catalog_airflow":        true,
		"module.catalog_airflow.module.ec2.aws_instance.this": true,
		"module.prod_catalog_airflow.aws_instance.web[0]":     true,
		`aws_instance.catalog_airflow["prod"]`:                true,

		// A key is no name.
		`module.services["catalog-airflow"].aws_instance.main`: false,
		`aws_instance.postgres["catalog-airflow"]`:             false,

		// Nor is the service's name beside any other.
		"aws_instance.catalog_airflow_postgres":                        false,
		"aws_instance.catalog_airflow_worker":                          false,
		"aws_instance.postgres_of_catalog_airflow":                     false,
		"module.catalog-airflow-database.aws_instance.postgres":        false,
		"module.catalog_airflow_storage.aws_instance.this":             false,
		"module.catalog_airflow.module.bastion.aws_instance.this":      false,
		"module.catalog_airflow.module.ec2.module.x.aws_instance.this": false,

		// And what names a database is one.
		"module.catalog_airflow.aws_instance.postgres15":          false,
		"module.catalog_airflow.aws_instance.metadata-db":         false,
		"module.catalog_airflow.aws_instance.redis":               false,
		"module.database.aws_instance.catalog_airflow":            false,
		"module.catalog_airflow.module.mysql.aws_instance.this":   false,
		"module.rds.module.catalog_airflow.aws_instance.this":     false,
		`aws_instance.catalog_airflow["postgres"]`:                false,
		"module.catalog_airflow.aws_instance.catalog_airflow_sql": false,
	}
	for address, want := range tests {
		p := Plan{Complete: true, Changes: []Change{change(Replace, address)}}
		if got := Judge(p, airflow).Verdict == Passed; got != want {
			t.Errorf("%s: passed %v, want %v", address, got, want)
		}
		p.Changes[0].Action = Update
		if j := Judge(p, airflow); (blocking(j) != "service-untouched") != want {
			t.Errorf("%s, updated: got %s", address, j.Summary)
		}
	}
	fresh := Judge(Plan{Complete: true, Changes: []Change{change(Create, "aws_instance.catalog_airflow")}}, airflow)
	if fresh.Verdict != Unknown || blocking(fresh) != "service-created" {
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

// What fails at something else is still not judged where nothing else is wrong.
func TestJudgeDoubts(t *testing.T) {
	deploy := fixture(t, "cloud-deploy")
	for more, want := range map[string]string{
		"\nWarning: Resource targeting is in effect\n":                "targeted",
		"\nError: Resource precondition failed\n":                     "errors",
		"\nThis is a refresh-only plan, so Terraform will not act.\n": "not-understood",
	} {
		if j := Judge(read(t, deploy+more), airflow); j.Verdict != Unknown || blocking(j) != want {
			t.Errorf("%q: got %s, %s", more, j.Verdict, j.Summary)
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

// drifted is Terraform's own wording, around a fixture.
const drifted = `Note: Objects have changed outside of Terraform

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

`

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
	if found["drift"]+found["instance-drift"]+found["database-drift"] != 2 || found["warning"] != 1 {
		t.Errorf("got %v", found)
	}
}

func TestJudgeTieNeedsANewInstance(t *testing.T) {
	p := Plan{Complete: true, Changes: []Change{
		change(Update, "aws_instance.catalog_airflow"), forced(change(Replace, "aws_eip_association.a"), "instance_id")}}
	if j := Judge(p, airflow); j.Verdict != Failed || blocking(j) != "replace not-deployed" {
		t.Errorf("the instance stays, its tie does not: got %s, %s", j.Verdict, j.Summary)
	}
}

func TestJudgeNamesTheWorstFirst(t *testing.T) {
	j := Judge(plan(
		change(Replace, "aws_eip.a"), change(Forget, "aws_eip.b"), change(Delete, "aws_eip.c"),
		change(Replace, "aws_ebs_volume.d"), change(Update, "aws_db_instance.e"), change(Unclear, "aws_eip.f"), change(Delete, "aws_db_instance.g")), airflow)
	if want := "database storage destroy forget replace database not-understood"; blocking(j) != want {
		t.Errorf("got %q, want %q", blocking(j), want)
	}
	if want := "aws_db_instance.g is a database's, and would be destroyed, and 5 more"; !strings.HasSuffix(j.Summary.String(), want) {
		t.Errorf("got %q, want %q", j.Summary, want)
	}
	blocks := true
	for _, f := range j.Findings {
		if f.Blocks && !blocks {
			t.Errorf("%s blocks, and stands below what does not", f.Text)
		}
		blocks = f.Blocks
	}
}

func TestJudgeEmptyState(t *testing.T) {
	create := Policy{Service: "catalog-airflow", Allow: []Rule{{Address: "aws_instance.*", Actions: []string{"create"}}}}
	p := Plan{JSON: true, Complete: true, StateEmpty: true, Changes: []Change{change(Create, "aws_instance.catalog_airflow")}}
	for name, policy := range map[string]Policy{"by default": airflow, "where it may be created": create} {
		j := Judge(p, policy)
		if j.Verdict != Unknown || j.Findings[0].Rule != "state-empty" || !strings.Contains(j.Summary.String(), "may be the wrong one") {
			t.Errorf("%s: got %s, %s", name, j.Verdict, j.Summary)
		}
	}
	text := p
	text.JSON, text.StateEmpty = false, false
	if j := Judge(text, create); j.Verdict != Unknown {
		t.Errorf("a text of it: got %s, %s", j.Verdict, j.Summary)
	}
	full := p
	full.StateEmpty = false
	if j := Judge(full, create); j.Verdict != Passed {
		t.Errorf("a state with something in it: got %s, %s", j.Verdict, j.Summary)
	}
	p.Changes = append(p.Changes, change(Create, "aws_db_instance.a"))
	if j := Judge(p, airflow); j.Verdict != Failed || !strings.Contains(j.Summary.String(), "state may be the wrong one") {
		t.Errorf("with a database: got %s, %s", j.Verdict, j.Summary)
	}
}

func TestJudgeShowsDriftAndChecks(t *testing.T) {
	p := plan()
	p.Drifted = []Change{change(Update, "aws_eip.a"), change(Delete, "aws_instance.catalog_airflow"), change(Update, "aws_db_instance.a")}
	p.Warnings = []Warning{{Title: clean.Line("Check block assertion failed"), About: FailedCheck}, {Title: clean.Line("Deprecated")}}
	j := Judge(p, airflow)
	var got []string
	for _, f := range j.Findings {
		got = append(got, f.Rule+": "+f.Text.String())
	}
	want := []string{
		"database-drift: aws_db_instance.a, which is a database's, was changed outside of Terraform",
		"instance-drift: aws_instance.catalog_airflow, which runs catalog-airflow, was destroyed outside of Terraform",
		"service-instance: module.catalog-airflow.aws_instance.this would be replaced",
		"drift: aws_eip.a was changed outside of Terraform",
		"check-failed: a check in the configuration fails: Check block assertion failed",
		"warning: Terraform warns: Deprecated",
	}
	if j.Verdict != Passed || !slices.Equal(got, want) {
		t.Errorf("got %s\n%s", j.Verdict, strings.Join(got, "\n"))
	}
}

func TestJudgeOutputThatIsNotUnderstood(t *testing.T) {
	p := plan()
	p.Outputs = []Output{{Name: clean.Line("url"), Action: Unclear}}
	if j := Judge(p, airflow); j.Verdict != Unknown || blocking(j) != "not-understood" {
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
