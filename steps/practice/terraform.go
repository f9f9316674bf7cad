package practice

import (
	"fmt"
	"strings"
)

// The addresses of the practice infrastructure, as Terraform writes them.
const (
	instanceAddress = "module.catalog_airflow.aws_instance.this"
	databaseAddress = "module.catalog_db.aws_db_instance.this"
	groupAddress    = "module.catalog_airflow.aws_security_group.this"
	roleAddress     = "module.catalog_airflow.aws_iam_instance_profile.this"

	databaseID = "db-OVCATALOGPRACTICE7Q4"
)

// plan is the difference between two states of the infrastructure, in the words
// of Terraform 1.11 with -no-color.
type plan struct {
	before, after  deployment
	replace        bool // the instance, for another image tag
	create, remove bool // the database
	adds, destroys int
}

func makePlan(before, after deployment) plan {
	p := plan{
		before: before, after: after,
		replace: before.Deployed != after.Deployed,
		create:  !before.Database && after.Database,
		remove:  before.Database && !after.Database,
	}
	if p.replace {
		p.adds++
		p.destroys++
	}
	if p.create {
		p.adds++
	}
	if p.remove {
		p.destroys++
	}
	return p
}

func (p plan) changes() bool { return p.replace || p.create || p.remove }

// instanceID is made from the tag, so that a replaced instance has another one.
func instanceID(tag string) string { return "i-0" + sha("instance " + tag)[:16] }

func publicID(prefix, of string) string { return prefix + sha(of)[:16] }

func (p plan) lines() []line {
	out := p.refreshes()
	var b strings.Builder
	if !p.changes() {
		b.WriteString(noChanges)
	} else {
		b.WriteString(planHeader)
		for _, symbol := range []struct {
			used bool
			text string
		}{
			{p.create, "  + create\n"},
			{p.remove, "  - destroy\n"},
			{p.replace, "-/+ destroy and then create replacement\n"},
		} {
			if symbol.used {
				b.WriteString(symbol.text)
			}
		}
		b.WriteString("\nTerraform will perform the following actions:\n")
		if p.replace {
			b.WriteString(p.instanceChange())
		}
		if p.remove {
			b.WriteString(databaseRemoval)
		}
		if p.create {
			b.WriteString(databaseCreation)
		}
		fmt.Fprintf(&b, "\nPlan: %d to add, 0 to change, %d to destroy.", p.adds, p.destroys)
	}
	return append(out, paced(b.String())...)
}

// refreshes are the lines about what Terraform looks at first.
func (p plan) refreshes() []line {
	looked := []string{
		"module.catalog_airflow.data.aws_ami.ubuntu: Reading...",
		roleAddress + ": Refreshing state... [id=catalog-airflow-prod]",
		groupAddress + ": Refreshing state... [id=" + publicID("sg-0", "group") + "]",
	}
	if p.before.Database {
		looked = append(looked, databaseAddress+": Refreshing state... [id="+databaseID+"]")
	}
	looked = append(looked,
		"module.catalog_airflow.data.aws_ami.ubuntu: Read complete after 1s [id="+publicID("ami-0", "image")+"]",
		instanceAddress+": Refreshing state... [id="+instanceID(p.before.Deployed)+"]")
	out := make([]line, len(looked))
	for i, text := range looked {
		out[i] = line{refreshPause, text}
	}
	return out
}

func paced(text string) []line {
	var out []line
	for l := range strings.SplitSeq(text, "\n") {
		out = append(out, line{linePause, l})
	}
	return out
}

func planFooter() []line {
	return paced("\n" + strings.Repeat("─", 77) + `

Note: You didn't use the -out option to save this plan, so Terraform can't
guarantee to take exactly these actions if you run "terraform apply" now.`)
}

const noChanges = `
No changes. Your infrastructure matches the configuration.

Terraform has compared your real infrastructure against your configuration
and found no differences, so no changes are needed.`

const planHeader = `
Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
`

func (p plan) instanceChange() string {
	return fmt.Sprintf(`
  # %s must be replaced
-/+ resource "aws_instance" "this" {
      ~ arn                                  = "arn:aws:ec2:us-east-1:123456789012:instance/%[2]s" -> (known after apply)
      ~ availability_zone                    = "us-east-1a" -> (known after apply)
      ~ id                                   = "%[2]s" -> (known after apply)
      ~ instance_state                       = "running" -> (known after apply)
      ~ primary_network_interface_id         = "%[3]s" -> (known after apply)
      ~ private_dns                          = "ip-10-0-12-34.ec2.internal" -> (known after apply)
      ~ private_ip                           = "10.0.12.34" -> (known after apply)
        tags                                 = {
            "Environment" = "prod"
            "Name"        = "catalog-airflow-prod"
        }
      ~ user_data                            = <<-EOT # forces replacement
            #!/usr/bin/env bash
            set -euo pipefail
            cat > /opt/catalog/.env <<EOF
            AIRFLOW_PORT=9090
          - DOCKER_IMAGE_TAG=%[4]s
          + DOCKER_IMAGE_TAG=%[5]s
            AIRFLOW_VAR_ENVIRONMENT=prod
            EOF
            docker-compose --file /opt/catalog/docker-compose.yml pull
            docker-compose --file /opt/catalog/docker-compose.yml up --detach
        EOT
        # (22 unchanged attributes hidden)

      ~ root_block_device {
          ~ device_name           = "/dev/sda1" -> (known after apply)
          ~ volume_id             = "%[6]s" -> (known after apply)
            # (6 unchanged attributes hidden)
        }
    }
`, instanceAddress, instanceID(p.before.Deployed), publicID("eni-0", "interface"),
		p.before.Deployed, p.after.Deployed, publicID("vol-0", "volume"))
}

const databaseRemoval = `
  # ` + databaseAddress + ` will be destroyed
  # (because ` + databaseAddress + ` is not in configuration)
  - resource "aws_db_instance" "this" {
      - allocated_storage       = 3000 -> null
      - backup_retention_period = 7 -> null
      - db_name                 = "openledger" -> null
      - deletion_protection     = false -> null
      - engine                  = "postgres" -> null
      - engine_version          = "13.10" -> null
      - id                      = "` + databaseID + `" -> null
      - identifier              = "openverse-catalog-prod" -> null
      - instance_class          = "db.m5.2xlarge" -> null
      - multi_az                = false -> null
      - password                = (sensitive value) -> null
      - port                    = 5432 -> null
      - skip_final_snapshot     = true -> null
      - storage_encrypted       = true -> null
        # (18 unchanged attributes hidden)
    }
`

const databaseCreation = `
  # ` + databaseAddress + ` will be created
  + resource "aws_db_instance" "this" {
      + allocated_storage = 3000
      + db_name           = "openledger"
      + engine            = "postgres"
      + id                = (known after apply)
      + identifier        = "openverse-catalog-prod"
      + instance_class    = "db.m5.2xlarge"
      + password          = (sensitive value)
    }
`

// progress is what an apply prints between the approval and its last line.
func (p plan) progress() []line {
	var out []line
	say := func(format string, args ...any) { out = append(out, line{workPause, fmt.Sprintf(format, args...)}) }
	old, id := instanceID(p.before.Deployed), instanceID(p.after.Deployed)
	if p.remove {
		say("%s: Destroying... [id=%s]", databaseAddress, databaseID)
		say("%s: Still destroying... [id=%s, 10s elapsed]", databaseAddress, databaseID)
		say("%s: Destruction complete after 18s", databaseAddress)
	}
	if p.replace {
		say("%s: Destroying... [id=%s]", instanceAddress, old)
		say("%s: Still destroying... [id=%s, 10s elapsed]", instanceAddress, old)
		say("%s: Still destroying... [id=%s, 20s elapsed]", instanceAddress, old)
		say("%s: Destruction complete after 30s", instanceAddress)
		say("%s: Creating...", instanceAddress)
		say("%s: Still creating... [10s elapsed]", instanceAddress)
		say("%s: Creation complete after 13s [id=%s]", instanceAddress, id)
	}
	if p.create {
		say("%s: Creating...", databaseAddress)
		say("%s: Creation complete after 9m41s [id=%s]", databaseAddress, databaseID)
	}
	return out
}
