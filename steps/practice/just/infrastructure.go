package just

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// The addresses of the practice infrastructure, as Terraform writes them.
const (
	instanceAddress = "module.catalog_airflow.aws_instance.this"
	databaseAddress = "module.catalog_db.aws_db_instance.this"
	groupAddress    = "module.catalog_airflow.aws_security_group.this"
	roleAddress     = "module.catalog_airflow.aws_iam_instance_profile.this"
	imageAddress    = "module.catalog_airflow.data.aws_ami.ubuntu"

	databaseID = "db-OVCATALOGPRACTICE7Q4"
	roleID     = "catalog-airflow-prod"
)

// resource is what a plan would do to one resource. Its values are those of the
// provider's schema, so far as the practice has it.
type resource struct {
	address       string
	before, after server.Object // nil where it does not exist
	sensitive     []string      // attributes whose values are not printed
	forces        string        // the attribute that forces a replacement, or ""
}

// unknown is a value in after that is known only after the apply.
type unknown struct{}

func (r resource) module() string {
	return strings.TrimSuffix(strings.TrimSuffix(r.address, "."+r.kind()+"."+r.name()), ".data")
}

func (r resource) kind() string { return r.part(2) }
func (r resource) name() string { return r.part(1) }

// part counts from the end of the address.
func (r resource) part(i int) string {
	parts := strings.Split(r.address, ".")
	return parts[len(parts)-i]
}

// data reports whether the resource is only read.
func (r resource) data() bool { return strings.Contains(r.address, ".data.") }

// actions are those of Terraform's JSON.
func (r resource) actions() []string {
	switch {
	case r.before == nil:
		return []string{"create"}
	case r.after == nil:
		return []string{"delete"}
	case r.forces != "":
		return []string{"delete", "create"}
	default:
		return []string{"no-op"} // the practice changes nothing in place
	}
}

// resources are those of a plan in the order of their addresses.
func (p plan) resources() []resource {
	all := []resource{
		staying(roleAddress, server.Object{"id": roleID, "name": roleID, "role": roleID}),
		{address: instanceAddress, before: instance(p.before), after: instance(p.before)},
		staying(groupAddress, server.Object{"id": groupID(), "name": "catalog-airflow-prod", "description": "Catalog", "vpc_id": publicID("vpc-0", "network")}),
	}
	if p.replace {
		all[1].after, all[1].forces = instance(p.after), "user_data"
		for _, name := range []string{"arn", "availability_zone", "id", "instance_state", "primary_network_interface_id", "private_dns", "private_ip"} {
			all[1].after[name] = unknown{}
		}
		disk := all[1].after["root_block_device"].([]server.Object)[0]
		disk["device_name"], disk["volume_id"] = unknown{}, unknown{}
	}
	database := resource{address: databaseAddress, sensitive: []string{"password"}}
	if p.before.Database {
		database.before = theDatabase()
	}
	switch {
	case p.create:
		database.after = newDatabase()
	case p.after.Database:
		database.after = database.before
	}
	if database.before != nil || database.after != nil {
		all = append(all, database)
	}
	return all
}

func staying(address string, values server.Object) resource {
	return resource{address: address, before: values, after: values}
}

// image is the one resource that a plan reads and does not manage.
func image() resource {
	return staying(imageAddress, server.Object{"id": imageID(), "most_recent": true, "name": "ubuntu-jammy-22.04-amd64-server"})
}

// instanceID is made from the tag, and from how often others have replaced the
// instance, so that a replaced instance has another one.
func instanceID(d state.Deployment) string {
	of := "instance " + d.Deployed
	if d.Replaced > 0 {
		of += " " + strconv.Itoa(d.Replaced)
	}
	return publicID("i-0", of)
}

func publicID(prefix, of string) string { return prefix + state.SHA(of)[:16] }
func groupID() string                   { return publicID("sg-0", "group") }
func imageID() string                   { return publicID("ami-0", "image") }

func instance(d state.Deployment) server.Object {
	tags := server.Object{"Environment": "prod", "Name": "catalog-airflow-prod"}
	return server.Object{
		"ami":                                  imageID(),
		"arn":                                  "arn:aws:ec2:us-east-1:123456789012:instance/" + instanceID(d),
		"associate_public_ip_address":          true,
		"availability_zone":                    "us-east-1a",
		"disable_api_stop":                     false,
		"disable_api_termination":              false,
		"ebs_optimized":                        false,
		"get_password_data":                    false,
		"hibernation":                          false,
		"iam_instance_profile":                 roleID,
		"id":                                   instanceID(d),
		"instance_initiated_shutdown_behavior": "stop",
		"instance_state":                       "running",
		"instance_type":                        "m5.xlarge",
		"ipv6_addresses":                       []any{},
		"key_name":                             "catalog-airflow-prod",
		"monitoring":                           false,
		"placement_group":                      "",
		"primary_network_interface_id":         publicID("eni-0", "interface"),
		"private_dns":                          "ip-10-0-12-34.ec2.internal",
		"private_ip":                           "10.0.12.34",
		"root_block_device": []server.Object{{
			"delete_on_termination": true, "device_name": "/dev/sda1", "encrypted": true, "iops": 3000,
			"throughput": 125, "volume_id": publicID("vol-0", "volume"), "volume_size": 200, "volume_type": "gp3",
		}},
		"security_groups":             []any{},
		"source_dest_check":           true,
		"subnet_id":                   publicID("subnet-0", "subnet"),
		"tags":                        tags,
		"tags_all":                    maps.Clone(tags),
		"tenancy":                     "default",
		"user_data":                   userData(d.Deployed),
		"user_data_replace_on_change": true,
		"volume_tags":                 nil,
		"vpc_security_group_ids":      []any{groupID()},
	}
}

func userData(tag string) string {
	return `#!/usr/bin/env bash
set -euo pipefail
cat > /opt/catalog/.env <<EOF
AIRFLOW_PORT=9090
DOCKER_IMAGE_TAG=` + tag + `
AIRFLOW_VAR_ENVIRONMENT=prod
EOF
docker-compose --file /opt/catalog/docker-compose.yml pull
docker-compose --file /opt/catalog/docker-compose.yml up --detach
`
}

// databasePassword stands in a plan as in the real one: in clear in its JSON.
func databasePassword() string { return publicID("practice-", "password") }

func theDatabase() server.Object {
	values := server.Object{
		"allocated_storage": 3000, "backup_retention_period": 7, "db_name": "openledger", "deletion_protection": false,
		"engine": "postgres", "engine_version": "13.10", "id": databaseID, "identifier": "openverse-catalog-prod",
		"instance_class": "db.m5.2xlarge", "multi_az": false, "password": databasePassword(), "port": 5432,
		"skip_final_snapshot": true, "storage_encrypted": true,
	}
	for _, name := range []string{
		"character_set_name", "domain", "domain_auth_secret_arn", "domain_dns_ips", "domain_fqdn", "domain_iam_role_name",
		"domain_ou", "iops", "kms_key_id", "license_model", "network_type", "option_group_name", "parameter_group_name",
		"replicate_source_db", "snapshot_identifier", "storage_throughput", "timezone", "upgrade_storage_config",
	} {
		values[name] = nil
	}
	return values
}

// newDatabase is an empty one, as it would be created.
func newDatabase() server.Object {
	return server.Object{
		"allocated_storage": 3000, "db_name": "openledger", "engine": "postgres", "id": unknown{},
		"identifier": "openverse-catalog-prod", "instance_class": "db.m5.2xlarge", "password": databasePassword(),
	}
}

// names are those of the plain values of objects, and of their nested blocks, both
// in order.
func names(objects ...server.Object) (attributes, blocks []string) {
	all := server.Object{}
	for _, o := range objects {
		maps.Copy(all, o)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, ok := all[name].([]server.Object); ok {
			blocks = append(blocks, name)
		} else {
			attributes = append(attributes, name)
		}
	}
	return attributes, blocks
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }
