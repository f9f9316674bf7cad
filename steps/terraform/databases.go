package terraform

import (
	"slices"
	"strings"
	"sync"
)

// databases are the types of databases. They include what a database depends on and what remains of one:
// parameter, option and subnet groups, proxies, snapshots.
var databases = newTypeSet(
	// Common words in the types of any provider.
	"*database*", "*_db_*", "*_rds_*", "*_rdb_*", "*_mdb_*", "*_sql_*", "*mysql*", "*mssql*", "*nosql*", "*sqlserver*", "*postgres*",
	"*mariadb*", "*redis*", "*valkey*", "*memcache*", "*mongo*", "*cassandra*", "*elasticsearch*", "*opensearch*", "*clickhouse*", "*click_house*",
	"*dynamodb*", "*gaussdb*", "*couchbase*", "*influxdb*", "*neo4j*", "*_dbaas*",

	"aws_docdb*", "aws_neptune*", "aws_elasticache_*", "aws_memorydb_*", "aws_dax_*", "aws_keyspaces_*", "aws_timestream*", "aws_dms_*",
	"aws_dsql_*", "aws_qldb_*", "aws_simpledb_*", "aws_cloudsearch_*", "aws_finspace_kx_*",
	"awscc_docdb*", "awscc_neptune*", "awscc_elasticache_*", "awscc_memorydb_*", "awscc_dax_*", "awscc_cassandra_*", "awscc_timestream_*",
	"awscc_dms_*", "awscc_dsql_*", "awscc_qldb_*",
	"google_spanner_*", "google_bigtable_*", "google_bigquery_*", "google_alloydb_*", "google_firestore_*", "google_datastore_*", "google_memorystore_*",
	"azurerm_*sql*", "azurerm_cosmosdb_*", "azurerm_kusto_*", "azurerm_synapse_*", "azurerm_search_service", "azurerm_oracle_*",
	"oci_psql_*", "oci_redis_*", "oci_nosql_*",
	"alicloud_polardb*", "alicloud_kvstore_*", "alicloud_gpdb_*", "alicloud_hbase_*", "alicloud_drds_*", "alicloud_lindorm_*", "alicloud_ots_*",
	"alicloud_adb_*", "alicloud_tair*", "alicloud_selectdb_*", "alicloud_dts_*",
	"tencentcloud_cynosdb_*", "tencentcloud_dcdb_*", "tencentcloud_tdmysql_*",
	"huaweicloud_dds_*", "huaweicloud_dcs_*", "huaweicloud_css_*", "huaweicloud_gemini*", "yandex_ydb_*",
	"aiven_*", "astra_*", "clickhouse_*", "cockroach_*", "crunchybridge_*", "ec_deployment*", "elasticstack_*", "ionoscloud_pg_*",
	"ionoscloud_inmemorydb_*", "neon_*", "planetscale_*", "scaleway_sdb_*", "singlestoredb_*", "snowflake_*", "supabase_*", "tidbcloud_*",
	"timescale_*", "upstash_*", "redshift_*", "aws_redshift*", "awscc_redshift*", "databricks_sql_*",
)

// stores are the types that hold data, which a replacement would lose.
var stores = newTypeSet(
	"aws_ebs_volume", "aws_ebs_snapshot*", "aws_efs_file_system", "aws_s3_bucket", "aws_fsx_*", "aws_backup_vault",
	"google_compute_disk", "google_compute_region_disk", "google_compute_snapshot", "google_storage_bucket", "google_filestore_instance",
	"azurerm_managed_disk", "azurerm_snapshot", "azurerm_storage_account", "azurerm_storage_container",
)

// databaseWords are patterns for words that suggest a database in the name of a
// resource or module. They are matched without trailing digits.
var databaseWords = []string{
	"*db", "*dbs", "*sql*", "*postgres*", "pg*", "*database*", "*maria*", "redis*", "valkey", "memcache*", "rds", "aurora", "*mongo*", "cassandra",
	"*elastic*", "*opensearch*", "clickhouse", "cockroach*", "neo4j", "oracle", "influx*", "couch*", "warehouse", "metastore", "datastore",
	"metadata", "replica", "etcd",
}

// database reports whether a change is to a database, by the type of any of its
// addresses.
func (p Policy) database(c Change) bool { return ofType(databases, c) }

// storage reports whether a change is to something that holds data.
func (p Policy) storage(c Change) bool { return ofType(stores, c) }

func ofType(types *typeSet, c Change) bool {
	return types.has(c.Type) || !c.begins() && !c.ends() && types.has(typeOf(c.Address)) || c.Previous != "" && types.has(typeOf(c.Previous))
}

// A typeSet is a set of resource types, given by patterns in which "*" matches any
// characters. It remembers its answers, because a plan has many changes and few types.
// It may be used concurrently.
type typeSet struct {
	patterns []string

	mu    sync.RWMutex
	known map[string]bool
}

// typesKnown is how many types a typeSet remembers. More are in no honest plan.
const typesKnown = 1 << 10

func newTypeSet(patterns ...string) *typeSet {
	return &typeSet{patterns: patterns, known: map[string]bool{}}
}

func (t *typeSet) has(kind string) bool {
	t.mu.RLock()
	has, known := t.known[kind]
	t.mu.RUnlock()
	if known {
		return has
	}
	has = matches(t.patterns, kind)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) < typesKnown {
		t.known[strings.Clone(kind)] = has // not the plan that it is a part of
	}
	return has
}

func matches(patterns []string, kind string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return glob(pattern, kind) })
}
