package terraform

import (
	"strings"
	"testing"
)

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
