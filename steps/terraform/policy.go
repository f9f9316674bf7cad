package terraform

import (
	"path"
	"strings"
	"unicode"
)

// Policy says what a plan may do. Patterns are of resource types, in which "*"
// stands for any characters (path.Match).
type Policy struct {
	// Service is the service that the plan is to deploy, "catalog-airflow".
	// The resources that run it bear its name in their address, with hyphens
	// or underscores.
	Service string
	// Instances are the types that run a service. Nil takes defaults.
	Instances []string
	// Databases are the types that no deployment may touch. Nil takes defaults.
	Databases []string
	// Storage are the types that hold data, so that none may be replaced. Nil
	// takes defaults.
	Storage []string
}

var (
	defaultInstances = []string{
		"aws_instance", "aws_spot_instance_request", "aws_launch_template", "aws_launch_configuration", "aws_autoscaling_group",
		"google_compute_instance", "google_compute_instance_template", "google_compute_*instance_group_manager",
		"azurerm_linux_virtual_machine", "azurerm_linux_virtual_machine_scale_set",
	}
	defaultDatabases = []string{
		"aws_db_*", "aws_rds_*", "aws_docdb*", "aws_neptune_*", "aws_redshift*", "aws_dynamodb_*", "aws_elasticache_*", "aws_memorydb_*",
		"google_sql_*", "google_spanner_*", "google_bigtable_*", "google_alloydb_*", "google_firestore_*",
		"azurerm_*sql*", "azurerm_mariadb_*", "azurerm_cosmosdb_*", "azurerm_redis_*",
		"postgresql_*", "mysql_*", "digitalocean_database_*", "mongodbatlas_*",
	}
	defaultStorage = []string{
		"aws_ebs_volume", "aws_efs_file_system", "aws_s3_bucket", "aws_fsx_*",
		"google_compute_disk", "google_storage_bucket", "google_filestore_instance",
		"azurerm_managed_disk", "azurerm_storage_account", "azurerm_storage_container",
	}
)

func (p Policy) database(c Change) bool { return matches(p.Databases, defaultDatabases, c.Type) }
func (p Policy) storage(c Change) bool  { return matches(p.Storage, defaultStorage, c.Type) }

// instance reports whether a change is of what runs the service.
func (p Policy) instance(c Change) bool {
	return matches(p.Instances, defaultInstances, c.Type) && names(c.Address, p.Service)
}

func matches(patterns, defaults []string, kind string) bool {
	if patterns == nil {
		patterns = defaults
	}
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, kind); err == nil && ok {
			return true
		}
	}
	return false
}

// names reports whether a service's name stands in an address as a word.
func names(address, service string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "-")) }
	address, service = plain(address), plain(service)
	if service == "" {
		return false
	}
	inWord := func(s string, at int) bool {
		return at >= 0 && at < len(s) && (unicode.IsLetter(rune(s[at])) || unicode.IsDigit(rune(s[at])))
	}
	for from := 0; ; {
		at := strings.Index(address[from:], service)
		if at < 0 {
			return false
		}
		at += from
		if !inWord(address, at-1) && !inWord(address, at+len(service)) {
			return true
		}
		from = at + 1
	}
}
