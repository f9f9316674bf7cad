package terraform

import (
	"fmt"
	"strings"
	"testing"
)

// both forms of a plan that replaces what has moved to another address.
func movedAndReplaced(from, to string) (asJSON, asText string) {
	kind, name, _ := strings.Cut(to, ".")
	asJSON = jsonPlan(jsonChanges(fmt.Sprintf(
		`{"address":%q,"previous_address":%q,"mode":"managed","type":%q,"change":{"actions":["delete","create"],"before":{"ami":"a"},"after":{"ami":"b"},"replace_paths":[["ami"]]}}`, to, from, kind)))
	asText = "Terraform will perform the following actions:\n\n" +
		fmt.Sprintf("  # %s must be replaced\n  # (moved from %s)\n", to, from) +
		fmt.Sprintf("-/+ resource %q %q {\n      ~ ami = \"a\" -> \"b\" # forces replacement\n    }\n\n", kind, name) +
		"Plan: 1 to add, 0 to change, 1 to destroy.\n"
	return asJSON, asText
}

// What is destroyed is what stood at the old address.
func TestInstanceIsKnownByItsOldAddressToo(t *testing.T) {
	named := Policy{Service: "catalog-airflow", Instance: []string{"aws_instance.catalog_airflow"}}
	allowed := Policy{Service: "catalog-airflow", Allow: []Rule{{"aws_instance.postgres_primary", []string{"replace"}}}}
	for _, test := range []struct {
		from, to string
		policy   Policy
		want     Verdict
	}{
		{"aws_instance.postgres_primary", "aws_instance.catalog_airflow", airflow, Failed},
		{"aws_instance.postgres_primary", "aws_instance.catalog_airflow", named, Failed},
		{"aws_instance.postgres_primary", "aws_instance.catalog_airflow", allowed, Failed}, // it does not deploy
		{"aws_eip.catalog_airflow", "aws_instance.catalog_airflow", airflow, Failed},
		{"aws_instance.catalog-airflow", "aws_instance.catalog_airflow", airflow, Passed},
		{"module.catalog_airflow.aws_instance.this", "aws_instance.catalog_airflow", airflow, Passed},
	} {
		asJSON, asText := movedAndReplaced(test.from, test.to)
		for form, p := range map[string]Plan{"JSON": readString(t, asJSON), "text": read(t, asText)} {
			if !p.Complete || p.Changes[0].Previous != test.from {
				t.Fatalf("%s: %+v", form, p)
			}
			if j := Judge(p, test.policy); j.Verdict != test.want {
				t.Errorf("%s, from %s: got %s, %s", form, test.from, j.Verdict, j.Summary)
			}
		}
	}
}

// An update of what was another does not deploy the service either.
func TestUpdateOfWhatWasAnotherDeploysNothing(t *testing.T) {
	p := Plan{JSON: true, Complete: true, Changes: []Change{from(change(Update, "aws_instance.catalog_airflow"), "aws_instance.web")}}
	if j := Judge(p, airflow); j.Verdict != Failed || blocking(j) != RuleService {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
}

// What is imported is known by an identifier that the plan does not explain.
func TestImportedAndReplacedIsNoInstance(t *testing.T) {
	c := change(Replace, "aws_instance.catalog_airflow")
	c.Imported = true
	if j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{c}}, airflow); j.Verdict != Failed || !strings.HasPrefix(blocking(j), RuleReplace) {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
}

func TestAllowedAtBothAddresses(t *testing.T) {
	gone := from(change(Replace, "aws_eip.a"), "aws_eip.b")
	database := from(change(Update, "terraform_data.a"), "aws_db_instance.a")
	for _, test := range []struct {
		change Change
		allow  []Rule
		want   Verdict
	}{
		{gone, []Rule{{"aws_eip.a", []string{"replace"}}}, Failed},
		{gone, []Rule{{"aws_eip.b", []string{"replace"}}}, Failed},
		{gone, []Rule{{"aws_eip.a", []string{"replace"}}, {"aws_eip.b", []string{"update"}}}, Failed},
		{gone, []Rule{{"aws_eip.a", []string{"replace"}}, {"aws_eip.b", []string{"replace"}}}, Passed},
		{gone, []Rule{{"aws_eip.*", []string{"*"}}}, Passed},
		{database, []Rule{{"terraform_data.a", []string{"*"}}}, Failed},
		{database, []Rule{{"terraform_data.a", []string{"*"}}, {"*", []string{"*"}}}, Failed},
		{database, []Rule{{"terraform_data.a", []string{"*"}}, {"aws_db_instance.a", []string{"*"}}}, Passed},
	} {
		p := Plan{JSON: true, Complete: true, Changes: []Change{change(Update, "aws_instance.catalog_airflow"), test.change}}
		if j := Judge(p, Policy{Service: "catalog-airflow", Allow: test.allow}); j.Verdict != test.want {
			t.Errorf("%s, allowed %v: got %s, %s", test.change.Address, test.allow, j.Verdict, j.Summary)
		}
	}
}

func TestServiceCalledLikeADatabase(t *testing.T) {
	for address, want := range map[string]Verdict{
		"aws_instance.redis_cache":              Passed,
		"module.redis-cache.aws_instance.this":  Passed,
		"module.redis_cache.aws_instance.mysql": Failed,
	} {
		p := Plan{JSON: true, Complete: true, Changes: []Change{change(Replace, address)}}
		if j := Judge(p, Policy{Service: "redis-cache"}); j.Verdict != want {
			t.Errorf("%s: got %s, %s", address, j.Verdict, j.Summary)
		}
	}
}

func TestSeveralInstancesAreUndecided(t *testing.T) {
	for _, test := range []struct {
		addresses string
		want      Verdict
	}{
		{"aws_instance.catalog_airflow", Passed},
		{"aws_instance.catalog_airflow module.catalog_airflow.aws_instance.this", Unknown},
		{"aws_instance.catalog_airflow[0] aws_instance.catalog_airflow[1]", Unknown},
		{"aws_instance.catalog_airflow aws_instance.catalog_airflow_test", Unknown},
		{"aws_launch_template.catalog_airflow aws_autoscaling_group.catalog_airflow", Passed},
		{"aws_launch_template.catalog_airflow aws_launch_template.catalog_airflow_dev", Unknown},
		{"aws_instance.catalog_airflow aws_instance.ingestion_server", Passed},
	} {
		p := Plan{JSON: true, Complete: true}
		for address := range strings.FieldsSeq(test.addresses) {
			p.Changes = append(p.Changes, change(Update, address))
		}
		j := Judge(p, airflow)
		if j.Verdict != test.want || (test.want == Unknown) != strings.Contains(j.Summary.String(), "[plan] instance") {
			t.Errorf("%s: got %s, %s", test.addresses, j.Verdict, j.Summary)
		}
		if j := Judge(p, Policy{Service: "catalog-airflow", Instance: []string{"*"}}); j.Verdict != Passed {
			t.Errorf("%s, which are named: got %s, %s", test.addresses, j.Verdict, j.Summary)
		}
	}
}

// An in-place change of any of these is a database's.
func TestDatabaseTypes(t *testing.T) {
	for kind := range strings.FieldsSeq(`aws_dsql_cluster aws_qldb_ledger aws_lightsail_database oci_database_db_system oci_mysql_mysql_db_system
		oci_psql_db_system alicloud_db_instance alicloud_rds_account alicloud_polardb_cluster alicloud_kvstore_instance cockroach_cluster snowflake_database
		snowflake_table ibm_database neon_project neon_branch aws_neptunegraph_graph awscc_rds_db_instance google_bigquery_table google_redis_instance
		google_memcache_instance google_oracle_database_autonomous_database azurerm_managed_redis azurerm_kusto_cluster yandex_mdb_postgresql_cluster
		exoscale_database exoscale_dbaas vultr_database ovh_cloud_project_database upcloud_managed_database_postgresql civo_database scaleway_rdb_instance
		ionoscloud_pg_cluster tencentcloud_mysql_instance huaweicloud_gaussdb_opengauss_instance planetscale_database supabase_project
		singlestoredb_workspace clickhouse_service rediscloud_subscription upstash_redis_database tidbcloud_cluster timescale_service influxdb_bucket
		heroku_postgres mongodbatlas_cluster couchbase-capella_cluster crunchybridge_cluster ec_deployment mysql_grant mssql_login linode_database_mysql
		aws_rds_cluster aws_redshift_cluster aws_redshiftserverless_workgroup aws_dynamodb_table aws_opensearchserverless_collection aws_timestreaminfluxdb_db_instance`) {
		if !(Policy{}).database(Change{Address: kind + ".a", Type: kind, Action: Update}) {
			t.Errorf("%s is no database", kind)
		}
	}
	for kind := range strings.FieldsSeq(`aws_instance aws_route53_record aws_security_group aws_eip aws_iam_role aws_iam_instance_profile aws_cloudwatch_metric_alarm
		aws_s3_bucket aws_ebs_volume aws_lb_target_group_attachment aws_ecs_service aws_ssm_parameter aws_sqs_queue cloudflare_record github_repository
		google_compute_instance google_project_iam_member azurerm_linux_virtual_machine terraform_data null_resource random_password kubernetes_deployment`) {
		if (Policy{}).database(Change{Address: kind + ".a", Type: kind, Action: Update}) {
			t.Errorf("%s is a database", kind)
		}
	}
}
