#!/bin/sh
# Makes the fixtures beside it with real programs. See README.md.
#
#   TERRAFORM=terraform TOFU=tofu OLD_TERRAFORM= TERRAFORM_14= EXPERIMENTAL_TERRAFORM= TERRAFORM_15= TOFU_11= NEW_TOFU= ./generate.sh
#
# A program whose variable is empty is left out, and its fixtures stay as they are.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=

# The provider, where `init -plugin-dir` finds it for either tool.
platform=$(go env GOOS)_$(go env GOARCH)
(cd "$here/provider" && GOFLAGS=-mod=mod go build -o "$work/provider" .)
for registry in registry.terraform.io registry.opentofu.org; do
  at=$work/plugins/$registry/hashicorp/aws/1.0.0/$platform
  mkdir -p "$at"
  cp "$work/provider" "$at/terraform-provider-aws_v1.0.0"
done

# Ids of terraform_data and times differ with every run, and the names of
# temporary folders too.
settle() {
  sed -E -e 's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/11111111-2222-3333-4444-555555555555/g' \
    -e 's/"timestamp":"[^"]*"/"timestamp":"2026-01-02T03:04:05Z"/' -e 's/\(deposed object [0-9a-f]{8}\)/(deposed object 0a1b2c3d)/' \
    -e 's/"(deposed|deposed_key)":"[0-9a-f]{8}"/"\1":"0a1b2c3d"/g' -e "s#$work#/work#g"
}

init() { "$tool" init -input=false -plugin-dir="$work/plugins" >/dev/null; }

# start NAME: a new folder, with the configuration on stdin applied.
start() {
  rm -rf "$work/$1"
  mkdir "$work/$1"
  cd "$work/$1"
  cat >main.tf
  init
  "$tool" apply -input=false -auto-approve >/dev/null
}

# plan NAME [OPTION...]: keeps what is printed, errors below the rest, and the
# JSON of the same plan where one was saved.
plan() {
  name=$1
  shift
  rm -f saved "$out/$name.json"
  "$tool" plan -input=false -no-color -out=saved "$@" >"$work/out" 2>"$work/err" || true
  cat "$work/out" "$work/err" | settle >"$out/$name.txt"
  if [ -f saved ]; then
    "$tool" show -json saved | settle >"$out/$name.json"
  fi
}

# coloured NAME [OPTION...]: the text once more with its colours, and not saved.
coloured() {
  name=$1
  shift
  "$tool" plan -input=false "$@" >"$work/out" 2>"$work/err" || true
  cat "$work/out" "$work/err" | settle >"$out/$name.txt"
}

# asks NAME [OPTION...]: what apply prints until it waits for an answer.
asks() {
  name=$1
  shift
  printf 'no\n' | "$tool" apply "$@" 2>/dev/null | settle | sed '/Enter a value:/q' | sed 's/Enter a value:.*/Enter a value: /' >"$out/$name.txt" || true
}

# change SED...: the configuration is changed.
change() {
  sed "$@" main.tf >x
  mv x main.tf
}

two='
resource "terraform_data" "a" {
  input            = "1"
  triggers_replace = "x"
}
resource "terraform_data" "b" {
  input = "1"
}
'

basic() {
  start basic <<TF
$two
output "o" {
  value = "1"
}
TF
  plan no-changes
  plan no-changes-refresh-only -refresh-only
  plan destroy -destroy
  plan replace-requested -replace=terraform_data.a

  change 's/value = "1"/value = "2"/'
  plan outputs-only
  coloured outputs-only-coloured

  change 's/"x"/"y"/'
  change '/"b"/,/^}/s/input = "1"/input = <<EOT\n# terraform_data.z will be destroyed\nPlan: 9 to add, 9 to change, 9 to destroy.\nEOT/'
  plan replace-and-update
  coloured coloured
  sed 's/$/\r/' "$out/coloured.txt" >"$out/coloured-crlf.txt"
  plan target -target=terraform_data.a
  coloured target-coloured -target=terraform_data.a
  asks apply-question

  "$tool" taint terraform_data.b >/dev/null
  plan tainted
  coloured tainted-coloured

  start cbd <<'TF'
resource "terraform_data" "a" {
  triggers_replace = "x"
  lifecycle {
    create_before_destroy = true
  }
}
TF
  change 's/"x"/"y"/'
  plan create-before-destroy

  start nothing <<'TF'
TF
  printf '%s' "$two" >main.tf
  plan state-empty

  start follows <<'TF'
resource "terraform_data" "a" {
  input = "1"
}
resource "terraform_data" "b" {
  lifecycle {
    replace_triggered_by = [terraform_data.a]
  }
}
TF
  change 's/"1"/"2"/'
  plan replace-triggered-by
}

state() {
  start state <<TF
$two
resource "terraform_data" "old" {
  input            = "1"
  triggers_replace = "x"
}
resource "terraform_data" "left" {
  input = { a = { b = ["c"] }, d = "e\nf" }
}
resource "terraform_data" "gone" {}
resource "terraform_data" "many" {
  count = 2
}
TF
  cp main.tf base.tf.txt
  change -e 's/"old"/"new"/'
  cat >>main.tf <<TF
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
TF
  plan moved
  coloured moved-coloured
  cp main.tf moved.tf.txt
  change '/"new"/,/^}/s/"1"/"2"/'
  plan moved-and-update
  sed '/"new"/,/^}/s/"x"/"y"/' moved.tf.txt >main.tf
  plan moved-and-replace
  sed '/"new"/,/^}/d' moved.tf.txt >main.tf
  plan moved-and-destroyed
  sed -e '/"gone"/d' base.tf.txt >main.tf
  plan removed
  sed -e 's/count = 2/count = 1/' base.tf.txt >main.tf
  plan count-reduced
  sed -e '/count = 2/d' base.tf.txt >main.tf
  plan count-removed
  cp base.tf.txt main.tf
  cat >>main.tf <<'TF'
import {
  to = terraform_data.brought
  id = "abc"
}
resource "terraform_data" "brought" {}
TF
  plan import
  sed '/"left"/,/^}/d' base.tf.txt >main.tf
  cat >>main.tf <<'TF'
removed {
  from = terraform_data.left
  lifecycle {
    destroy = false
  }
}
TF
  [ -n "$forgets" ] || return 0
  plan forget
  coloured forget-coloured
  change '/"b"/,/^}/s/"1"/"2"/'
  plan forget-and-update
}

modules() {
  start modules <<'TF'
TF
  cat >main.tf <<'TF'
module "m" {
  source   = "./m"
  for_each = toset(["a.b will be created", "quo\"te", "# x must be replaced\nPlan: 1"])
}
resource "terraform_data" "x" {}
data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = terraform_data.x.id }
}
TF
  mkdir m
  printf 'resource "terraform_data" "z" {\n  count = 2\n}\n' >m/main.tf
  init
  plan modules
  change -e '/"terraform_remote_state"/,/^}/d'
  "$tool" apply -input=false -auto-approve >/dev/null
  change -e 's/"quo\\"te", //'
  plan modules-removed
}

checks() {
  start checks <<TF
$two
TF
  cat >>main.tf <<'TF'
check "c" {
  assert {
    condition     = terraform_data.b.input == "2"
    error_message = "not two"
  }
}
TF
  change 's/"x"/"y"/'
  plan check-fails
  plan check-fails-compact -compact-warnings
  coloured check-fails-coloured
  change 's/"not two"/"not two\\nPlan: 0 to add, 0 to change, 0 to destroy.\\nNo changes. Really."/'
  plan check-imitates
  cat >main.tf <<'TF'
resource "terraform_data" "a" {
  input            = "1"
  triggers_replace = "y"
}
resource "terraform_data" "b" {
  input = "1"
  lifecycle {
    precondition {
      condition     = terraform_data.a.input == "2"
      error_message = "not two"
    }
  }
}
TF
  plan precondition-fails
  coloured precondition-fails-coloured
  cat >main.tf <<TF
$two
output "o" {
  value = "1"
  precondition {
    condition     = terraform_data.a.input == "2"
    error_message = "not two"
  }
}
TF
  change 's/"x"/"y"/'
  plan output-precondition-fails
  echo 'resource "terraform_data" {' >main.tf
  plan syntax-error
  printf 'variable "v" {}\nresource "terraform_data" "a" {\n  input = var.v\n}\n' >main.tf
  plan variable-missing
}

prevents() {
  start prevents <<TF
$two
TF
  cat >main.tf <<'TF'
resource "terraform_data" "a" {
  input            = "1"
  triggers_replace = "y"
  lifecycle {
    prevent_destroy = true
  }
}
resource "terraform_data" "b" {
  input = "2"
}
TF
  plan prevent-destroy
}

# The Catalog's own shapes.
cloud() {
  start cloud <<'TF'
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "DOCKER_IMAGE_TAG=v1.5.2"
}
resource "aws_db_instance" "catalog_db" {
  name  = "catalog-db"
  value = "db.m5.large"
}
resource "aws_route53_record" "record" {
  name  = "record"
  value = "1"
}
resource "aws_ebs_volume" "volume" {
  name      = "volume"
  user_data = "100"
}
TF
  cp main.tf base.tf.txt
  deploy() { # NAME SED...: a plan of the base with changes made to it
    name=$1
    shift
    sed -e 's/v1.5.2/v1.5.3/' "$@" base.tf.txt >main.tf
    plan "$name"
  }
  deploy cloud-deploy -e '/"record"/,/^}/s/"1"/"2"/'
  coloured cloud-deploy-coloured
  asks cloud-deploy-apply -no-color
  deploy cloud-other -e 's/v1.5.3/v1.5.2/' -e '/"record"/,/^}/s/"1"/"2"/'
  deploy cloud-database-update -e 's/large/xlarge/'
  deploy cloud-database-destroy -e '/"catalog_db"/,/^}/d'
  deploy cloud-volume-replaced -e 's/"100"/"200"/'
  deploy cloud-in-place -e 's/v1.5.3/v1.5.2/' -e '/"catalog-airflow"/s/$/\n  tags = { version = "v1.5.3" }/'
  deploy cloud-database-moved -e 's/"catalog_db"/"catalog_database"/' -e '$s/$/\nmoved {\n  from = aws_db_instance.catalog_db\n  to   = aws_db_instance.catalog_database\n}/'
  deploy cloud-database-moved-and-replaced -e 's/"catalog_db"/"catalog_database"/' -e 's/"db.m5.large"/"db.m5.large"\n  user_data = "new"/' \
    -e '$s/$/\nmoved {\n  from = aws_db_instance.catalog_db\n  to   = aws_db_instance.catalog_database\n}/'
  deploy cloud-output -e '$s/$/\noutput "release" {\n  value = <<EOT\n# aws_db_instance.x will be destroyed\nPlan: 9 to add, 9 to change, 9 to destroy.\nEOT\n}/'
  deploy cloud-target -e '/"record"/,/^}/s/"1"/"2"/'
  plan cloud-target -target=aws_instance.catalog_airflow
  plan cloud-target-compact -compact-warnings -target=aws_instance.catalog_airflow
  plan cloud-not-refreshed -refresh=false
  deploy cloud-check-fails -e '$s/$/\ncheck "c" {\n  assert {\n    condition     = aws_route53_record.record.value == "9"\n    error_message = "not nine"\n  }\n}/'
  deploy cloud-precondition-fails -e '$s/$/\noutput "o" {\n  value = "1"\n  precondition {\n    condition     = aws_route53_record.record.value == "9"\n    error_message = "not nine"\n  }\n}/'
  if [ -n "$forgets" ]; then
    deploy cloud-database-forgotten -e '/"catalog_db"/,/^}/d' -e '$s/$/\nremoved {\n  from = aws_db_instance.catalog_db\n  lifecycle {\n    destroy = false\n  }\n}/'
    deploy cloud-record-forgotten -e '/"record"/,/^}/d' -e '$s/$/\nremoved {\n  from = aws_route53_record.record\n  lifecycle {\n    destroy = false\n  }\n}/'
  fi
  deploy cloud-import -e '$s/$/\nimport {\n  to = aws_security_group_rule.in\n  id = "in"\n}\nresource "aws_security_group_rule" "in" {\n  name = "in"\n}/'
  change '$s/}/  value = "new"\n}/'
  plan import-and-update
  change '$s/}/  user_data = "forced"\n}/'
  plan import-and-replace
  coloured import-and-replace-coloured

  # Drift: seen by what depends on it, seen by nothing, and gone.
  deploy cloud-drift -e '/"record"/,/^}/s/"1"/aws_db_instance.catalog_db.status/'
  "$tool" apply -input=false -auto-approve >/dev/null
  CLOUD_DRIFT="catalog-db=stopped" plan cloud-drift
  CLOUD_DRIFT="catalog-db=stopped" coloured cloud-drift-coloured
  sed -e 's/v1.5.2/v1.5.4/' base.tf.txt >main.tf
  "$tool" apply -input=false -auto-approve -target=aws_route53_record.record >/dev/null
  CLOUD_DRIFT="catalog-db=stopped" plan cloud-drift-unseen
  CLOUD_DRIFT="catalog-db=stopped" plan cloud-drift-refresh-only -refresh-only
  CLOUD_DRIFT="catalog-db=gone" plan cloud-database-gone
  rm terraform.tfstate
  deploy cloud-state-missing
}

# An object that could not be destroyed stays beside the one that replaces it.
deposed() {
  start deposed <<'TF'
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "v1"
  lifecycle {
    create_before_destroy = true
  }
}
TF
  change 's/v1/v2/'
  CLOUD_KEEPS=1 "$tool" apply -input=false -auto-approve >/dev/null 2>&1 || true
  plan deposed
  change 's/v2/v3/'
  plan deposed-and-replaced
  [ -n "$forgets" ] || return 0
  cat >main.tf <<'TF'
removed {
  from = aws_instance.catalog_airflow
  lifecycle {
    destroy = false
  }
}
TF
  plan deposed-forgotten
  coloured deposed-forgotten-coloured
}

# What forces a replacement, and values that look like something else.
values() {
  start values <<'TF'
resource "aws_instance" "blocks" {
  name     = "blocks"
  password = "hunter2"
  zones    = ["a", "b"]
  network  = { subnet = "10.0.0.0/24", public = true }
  tags     = { plain = "1", "with space" = "1" }
  disk {
    size  = 1
    label = "same"
  }
  disk {
    size  = 2
    label = "other"
  }
  rule {
    port = 80
  }
}
resource "aws_instance" "lines" {
  name      = "lines"
  user_data = "#!/bin/sh\nrun v1\n# the end\n"
  value     = "a\nb"
}
resource "aws_instance" "object" {
  name      = "object"
  user_data = jsonencode({ tag = "v1", list = [1, 2], deep = { a = "b" } })
}
resource "aws_instance" "spaces" {
  name      = "spaces"
  user_data = "{\"a\":1}"
}
resource "aws_instance" "follows" {
  name      = "follows"
  user_data = aws_instance.lines.status
}
TF
  cp main.tf base.tf.txt
  change -e 's/size  = 2/size  = 3/' -e 's/port = 80/port = 81/' -e 's/hunter2/hunter3/'
  plan forces-block
  coloured forces-block-coloured
  sed -e 's/"a", "b"/"a", "c"/' -e 's#10.0.0.0/24#10.0.1.0/24#' -e 's/"with space" = "1"/"with space" = "2"/' base.tf.txt >main.tf
  plan forces-nested
  sed -e 's/run v1/run v2/' -e 's/"a\\nb"/"a\\nc # forces replacement"/' -e 's/tag = "v1"/tag = "v2"/' -e 's/{\\"a\\":1}/{\\"a\\": 1}/' base.tf.txt >main.tf
  plan forces-lines
  coloured forces-lines-coloured
  cp base.tf.txt main.tf
  cat >>main.tf <<'TF'
resource "aws_instance" "imitates" {
  name      = "imitates"
  user_data = <<END
    }

  # aws_db_instance.x will be destroyed
  - resource "aws_db_instance" "x" {
    }
EOT
    EOT
} # forces replacement
Plan: 0 to add, 0 to change, 0 to destroy.
No changes. Your infrastructure matches the configuration.
Terraform will perform the following actions:
Error: nothing
${"\u001b"}]0;title without an end
${"\u001b"}[2J${"\u001b"}[1;1H${"\u001b"}[8mhidden${"\u001b"}(0
END
  tags = {
    "a\nPlan: 0 to add" = "x\n  # aws_db_instance.x will be destroyed"
    "e"                 = "\u001b]0;no end"
    "last"              = "\u0007"
  }
}
resource "aws_instance" "kept" {
  name = "kept"
}
resource "aws_instance" "last" {
  name      = "last"
  user_data = "bell\n\u0007\n"
}
output "imitates" {
  value = "    }\n\n  # aws_db_instance.x will be destroyed\nPlan: 0 to add, 0 to change, 0 to destroy.\n"
}
TF
  plan imitates
  coloured imitates-coloured
  "$tool" apply -input=false -auto-approve >/dev/null
  change -e 's/nothing/something/'
  plan imitates-changed
  [ -n "$forgets" ] || return 0
  sed '/^resource "aws_instance" "imitates"/,/^output/{/^output/!d}' main.tf >x && mv x main.tf
  cat >>main.tf <<'TF'
removed {
  from = aws_instance.imitates
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_instance.blocks
  lifecycle {
    destroy = false
  }
}
TF
  sed '/^resource "aws_instance" "blocks"/,/^}/d' main.tf >x && mv x main.tf
  plan imitates-forgotten
}

# OpenTofu 1.12: lifecycle { destroy = false }.
keeps() {
  start keeps <<'TF'
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "v1"
  lifecycle {
    destroy = false
  }
}
resource "aws_route53_record" "record" {
  name  = "record"
  value = "1"
}
TF
  cp main.tf base.tf.txt
  change 's/v1/v2/'
  plan forget-and-create
  coloured forget-and-create-coloured
  "$tool" taint aws_instance.catalog_airflow >/dev/null
  plan forget-and-create-tainted
  "$tool" untaint aws_instance.catalog_airflow >/dev/null
  plan forget-and-create-destroy -destroy
  sed '/"catalog_airflow"/,/^}/d' base.tf.txt >main.tf
  plan forget-removed
  coloured forget-removed-coloured
}

# Terraform with its experiments: what is put off to a later plan.
defers() {
  start defers <<'TF'
resource "aws_instance" "catalog_airflow" {
  name = "catalog-airflow"
}
TF
  cat >>main.tf <<'TF'
resource "aws_route53_record" "record" {
  count = aws_instance.catalog_airflow.status == "running" ? 1 : 2
  name  = "record"
}
TF
  change '0,/"catalog-airflow"/s//"catalog-airflow"\n  user_data = "v2"/'
  plan deferred -allow-deferral
  coloured deferred-coloured -allow-deferral
}

# Terraform 1.14 and later: actions of providers.
invokes() {
  start invokes <<'TF'
TF
  cat >main.tf <<'TF'
variable "payload" {
  default   = "hunter2"
  sensitive = true
}
action "aws_lambda_invoke" "drain" {
  config {
    function_name = "drain"
  }
}
action "aws_lambda_invoke" "hook" {
  config {
    function_name = "hook"
    payload       = var.payload
  }
}
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "DOCKER_IMAGE_TAG=v1.5.2"
  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.aws_lambda_invoke.drain]
    }
    action_trigger {
      events  = [after_create]
      actions = [action.aws_lambda_invoke.hook, action.aws_lambda_invoke.drain]
    }
  }
}
TF
  init
  plan actions-created
  "$tool" apply -input=false -auto-approve >/dev/null
  change 's/v1.5.2/v1.5.3/'
  plan actions
  coloured actions-coloured
  plan actions-invoke -invoke=action.aws_lambda_invoke.hook
  coloured actions-invoke-coloured -invoke=action.aws_lambda_invoke.hook
  change -e 's/v1.5.3/v1.5.2/' -e 's/"catalog-airflow"$/"catalog"/'
  plan actions-update
}

# Terraform 1.11, OpenTofu 1.11 and later: values that are in no plan.
hides() {
  start hides <<'TF'
ephemeral "aws_secret" "s" {
  name = "s"
}
resource "aws_secretsmanager_secret_version" "s" {
  secret_id                = "s"
  secret_string_wo         = ephemeral.aws_secret.s.value
  secret_string_wo_version = 1
}
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "DOCKER_IMAGE_TAG=v1.5.2"
}
TF
  change 's/v1.5.2/v1.5.3/'
  plan ephemeral
  change 's/= 1$/= 2/'
  plan write-only
  coloured write-only-coloured
}

# Sets, attributes that nobody knows yet, checks that can't be told, imports under another name.
more() {
  start more <<'TF'
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "DOCKER_IMAGE_TAG=v1.5.2"
}
resource "aws_ebs_volume" "ports" {
  name = "ports"
  dynamic "rule" {
    for_each = [22, 443, 80]
    content {
      port = rule.value
    }
  }
}
resource "aws_route53_record" "none" {
  count = 0
  name  = "none"
}
TF
  cp main.tf base.tf.txt
  change -e 's/v1.5.2/v1.5.3/'
  plan count-zero
  change 's/443/100/'
  plan set
  sed 's/v1.5.2/v1.5.3/' base.tf.txt >main.tf
  cat >>main.tf <<'TF'
resource "aws_route53_record" "after" {
  name  = "after"
  value = aws_instance.catalog_airflow.status
  lifecycle {
    precondition {
      condition     = aws_instance.catalog_airflow.status == "stopped"
      error_message = "not stopped"
    }
  }
}
check "status" {
  assert {
    condition     = aws_instance.catalog_airflow.status == "stopped"
    error_message = "not stopped"
  }
}
TF
  plan check-unknown
  cat >main.tf <<'TF'
import {
  for_each = { "a b" = "a", c = "new" }
  to       = aws_security_group_rule.in[each.key]
  id       = each.value
}
resource "aws_security_group_rule" "in" {
  for_each = toset(["a b", "c"])
  name     = "new"
}
TF
  sed 's/v1.5.2/v1.5.3/' base.tf.txt >>main.tf
  plan import-and-rename
}

# OpenTofu: -exclude, and resources that are not enabled.
excludes() {
  start excludes <<'TF'
resource "aws_instance" "catalog_airflow" {
  name      = "catalog-airflow"
  user_data = "DOCKER_IMAGE_TAG=v1.5.2"
}
resource "aws_route53_record" "record" {
  name  = "record"
  value = "1"
}
TF
  change -e 's/v1.5.2/v1.5.3/' -e 's/"1"/"2"/'
  plan exclude -exclude=aws_route53_record.record
  plan exclude-compact -compact-warnings -exclude=aws_route53_record.record
  [ -n "$enables" ] || return 0
  change '/"record" {/,/^}/s/^}/  lifecycle {\n    enabled = false\n  }\n}/'
  plan enabled-false
  coloured enabled-false-coloured
}

# Shapes of AWS, as the provider documents them at
# registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/NAME, where NAME is
# instance, launch_template, autoscaling_group, ecs_task_definition, ecs_service,
# security_group, security_group_rule or vpc_security_group_ingress_rule.
shapes() {
  export CLOUD_SHAPES=1
  instance='resource "aws_instance" "catalog_airflow" {
  ami                         = "ami-1"
  instance_type               = "t3.large"
  user_data_replace_on_change = REPLACE
  user_data                   = "#!/bin/sh\ndocker run openverse-catalog:v1.5.2\n"
}
'
  # aws_instance: "user_data_replace_on_change".
  printf '%s\n' "$instance" | sed 's/REPLACE/true/' >"$work/from"
  start aws-replaced <"$work/from"
  change 's/v1.5.2/v1.5.3/'
  plan aws-instance-replaced
  printf '%s\n' "$instance" | sed 's/REPLACE/false/' >"$work/from"
  start aws-in-place <"$work/from"
  change 's/v1.5.2/v1.5.3/'
  plan aws-instance-in-place
  printf '%s\n' "$instance" | sed -e 's/REPLACE/true/' -e 's/user_data  *= \(.*\)/user_data_base64 = base64gzip(\1)/' >"$work/from"
  start aws-base64 <"$work/from"
  change 's/v1.5.2/v1.5.3/'
  plan aws-instance-base64

  # aws_launch_template; aws_autoscaling_group: "instance_refresh".
  group='resource "aws_launch_template" "catalog_airflow" {
  name      = "catalog-airflow"
  image_id  = "ami-1"
  user_data = base64encode("docker run openverse-catalog:v1.5.2")
}
resource "aws_autoscaling_group" "catalog_airflow" {
  name     = "catalog-airflow"
  max_size = 1
  launch_template {
    id      = aws_launch_template.catalog_airflow.id
    version = VERSION
  }
  REFRESH
}
'
  refresh='instance_refresh {\n    strategy = "Rolling"\n  }'
  latest=aws_launch_template.catalog_airflow.latest_version
  printf '%s\n' "$group" | sed -e "s/VERSION/$latest/" -e "s/REFRESH/$refresh/" >"$work/from"
  start aws-refresh <"$work/from"
  change 's/v1.5.2/v1.5.3/'
  plan aws-group-refreshes
  printf '%s\n' "$group" | sed -e "s/VERSION/$latest/" -e '/REFRESH/d' >"$work/from"
  start aws-no-refresh <"$work/from"
  change 's/v1.5.2/v1.5.3/'
  plan aws-group-without-refresh
  printf '%s\n' "$group" | sed -e 's/VERSION/"$Latest"/' -e "s/REFRESH/$refresh/" >"$work/from"
  start aws-latest <"$work/from"
  change 's/v1.5.2/v1.5.3/'
  plan aws-group-latest

  # aws_ecs_task_definition; aws_ecs_service: "task_definition", "force_new_deployment", "triggers".
  start aws-ecs <<'TF'
resource "aws_ecs_task_definition" "catalog_airflow" {
  family                = "catalog-airflow"
  container_definitions = jsonencode([{ name = "airflow", image = "openverse-catalog:v1.5.2" }])
}
resource "aws_ecs_service" "catalog_airflow" {
  name            = "catalog-airflow"
  cluster         = "catalog"
  task_definition = aws_ecs_task_definition.catalog_airflow.arn
  desired_count   = 1
  triggers        = { version = "v1.5.2" }
}
TF
  cp main.tf base.tf.txt
  change 's/catalog:v1.5.2/catalog:v1.5.3/'
  plan aws-ecs-deploys
  change '/task_definition =/s/$/\n  lifecycle {\n    ignore_changes = [task_definition]\n  }/'
  plan aws-ecs-ignores
  sed 's/"v1.5.2"/"v1.5.3"/' base.tf.txt >main.tf
  plan aws-ecs-triggers
  sed -e 's/"v1.5.2"/"v1.5.3"/' -e 's/desired_count .*/force_new_deployment = true/' base.tf.txt >main.tf
  plan aws-ecs-forced
  sed 's/desired_count .*/desired_count   = 2/' base.tf.txt >main.tf
  plan aws-ecs-count

  # terraform_data: "triggers_replace".
  start aws-data <<'TF'
resource "terraform_data" "catalog_airflow" {
  input            = "v1.5.2"
  triggers_replace = "v1.5.2"
}
TF
  cp main.tf base.tf.txt
  change '/input/s/v1.5.2/v1.5.3/'
  plan data-input
  sed '/triggers/s/v1.5.2/v1.5.3/' base.tf.txt >main.tf
  plan data-triggers

  # aws_security_group: "ingress"; aws_security_group_rule: "type"; aws_vpc_security_group_ingress_rule: "cidr_ipv4".
  printf '%s\n' "$instance" | sed 's/REPLACE/true/' >"$work/deploy"
  cat >"$work/rules" <<'TF'
locals {
  rule = {
    cidr_blocks      = [], ipv6_cidr_blocks = [], prefix_list_ids = [], security_groups = [], self = false
    description      = "", from_port = 443, to_port = 443, protocol = "tcp"
  }
}
resource "aws_security_group" "web" {
  name    = "web"
  ingress = [merge(local.rule, { cidr_blocks = ["203.0.113.0/24"] }), merge(local.rule, { from_port = 80, to_port = 80, cidr_blocks = ["0.0.0.0/0"] })]
  egress  = [merge(local.rule, { from_port = 0, to_port = 0, protocol = "-1", cidr_blocks = ["0.0.0.0/0"] })]
}
resource "aws_security_group_rule" "in" {
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["203.0.113.0/24"]
  security_group_id = aws_security_group.web.id
}
resource "aws_vpc_security_group_ingress_rule" "in" {
  security_group_id = aws_security_group.web.id
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
  cidr_ipv4         = "0.0.0.0/0"
}
TF
  cat "$work/deploy" "$work/rules" >"$work/from"
  start aws-opens <"$work/from"
  sed 's/v1.5.2/v1.5.3/' main.tf >base.tf.txt
  opens() { # NAME SED...
    name=$1
    shift
    sed "$@" base.tf.txt >main.tf
    plan "$name"
  }
  opens aws-opens-nothing -e '/from_port = 80,/s/from_port = 80/description = "web", &/'
  opens aws-opens-group -e 's/merge(local.rule, { cidr_blocks = \["203.0.113.0\/24"\]/merge(local.rule, { cidr_blocks = ["0.0.0.0\/0"]/'
  opens aws-opens-group-halves -e 's/merge(local.rule, { cidr_blocks = \["203.0.113.0\/24"\]/merge(local.rule, { cidr_blocks = ["0.0.0.0\/1", "128.0.0.0\/1"]/'
  opens aws-opens-group-less -e 's/cidr_blocks = \["0.0.0.0\/0"\] })\]$/cidr_blocks = ["10.0.0.0\/8"] })]/'
  opens aws-opens-rule -e '/^  cidr_blocks/s/203.0.113.0\/24/0.0.0.0\/0/'
  opens aws-opens-port -e 's/8080/8443/'
  start aws-opens-new <"$work/deploy"
  cp ../aws-opens/base.tf.txt main.tf
  plan aws-opens-created
  unset CLOUD_SHAPES
}

# each PROGRAM FOLDER GROUP...
each() {
  tool=$(command -v "$1")
  out=$here/$2
  shift 2
  mkdir -p "$out"
  for group in "$@"; do
    "$group"
  done
}

forgets=1 enables=
if [ -n "${TERRAFORM-terraform}" ]; then each "${TERRAFORM-terraform}" . basic state modules checks prevents cloud deposed values hides more; fi
if [ -n "${TOFU-tofu}" ]; then each "${TOFU-tofu}" tofu basic state modules checks prevents cloud deposed values more excludes; fi
if [ -n "${EXPERIMENTAL_TERRAFORM-}" ]; then each "$EXPERIMENTAL_TERRAFORM" terraform-1.14 defers; fi
if [ -n "${TERRAFORM_14-}" ]; then each "$TERRAFORM_14" terraform-1.14 invokes; fi
if [ -n "${TERRAFORM_15-}" ]; then each "$TERRAFORM_15" terraform-1.15 invokes hides more shapes; fi
enables=1
if [ -n "${TOFU_11-}" ]; then each "$TOFU_11" tofu-1.11 hides more excludes; fi
if [ -n "${NEW_TOFU-}" ]; then each "$NEW_TOFU" tofu-1.12 keeps deposed hides more excludes shapes; fi
forgets=
if [ -n "${OLD_TERRAFORM-}" ]; then each "$OLD_TERRAFORM" terraform-1.5 basic state prevents cloud deposed; fi
