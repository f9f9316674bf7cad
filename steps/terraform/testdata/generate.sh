#!/bin/sh
# Makes the fixtures beside it with the terraform on PATH. See README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=

# Ids differ with every run, and the names of temporary folders too.
settle() {
  sed -E -e 's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/11111111-2222-3333-4444-555555555555/g' -e "s#$work#/work#g"
}

# start NAME: a new folder, with the configuration on stdin applied.
start() {
  mkdir "$work/$1"
  cd "$work/$1"
  cat >main.tf
  terraform init -input=false >/dev/null
  terraform apply -input=false -auto-approve >/dev/null
}

# plan NAME [OPTION...]: keeps what is printed, errors below the rest.
plan() {
  name=$1
  shift
  terraform plan -input=false "$@" >"$work/out" 2>"$work/err" || true
  cat "$work/out" "$work/err" | settle >"$here/$name.txt"
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
start basic <<TF
$two
output "o" {
  value = "1"
}
TF
plan no-changes -no-color
plan no-changes-refresh-only -no-color -refresh-only
plan destroy -no-color -destroy
plan replace-requested -no-color -replace=terraform_data.a

sed 's/value = "1"/value = "2"/' main.tf >x && mv x main.tf
plan outputs-only -no-color

sed -e 's/"x"/"y"/' main.tf >x && mv x main.tf
sed '/"b"/,/^}/s/input = "1"/input = <<EOT\n# terraform_data.z will be destroyed\nPlan: 9 to add, 9 to change, 9 to destroy.\nEOT/' main.tf >x && mv x main.tf
plan replace-and-update -no-color
plan coloured
sed 's/$/\r/' "$here/coloured.txt" >"$here/coloured-crlf.txt"
plan target -no-color -target=terraform_data.a
plan target-coloured -target=terraform_data.a
printf 'no\n' | terraform apply 2>/dev/null | settle | sed '/Enter a value:/q' | sed 's/Enter a value:.*/Enter a value: /' >"$here/apply-question.txt" || true

terraform taint terraform_data.b >/dev/null
plan tainted -no-color

start cbd <<'TF'
resource "terraform_data" "a" {
  triggers_replace = "x"
  lifecycle {
    create_before_destroy = true
  }
}
TF
sed 's/"x"/"y"/' main.tf >x && mv x main.tf
plan create-before-destroy -no-color

start state <<TF
$two
resource "terraform_data" "old" {
  input = "1"
}
resource "terraform_data" "left" {}
resource "terraform_data" "gone" {}
TF
cat >main.tf <<TF
$two
resource "terraform_data" "new" {
  input = "1"
}
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
resource "terraform_data" "left" {}
resource "terraform_data" "gone" {}
TF
plan moved -no-color
sed '/"new"/,/^}/s/"1"/"2"/' main.tf >x && mv x main.tf
plan moved-and-update -no-color
cat >main.tf <<TF
$two
resource "terraform_data" "old" {
  input = "1"
}
removed {
  from = terraform_data.left
  lifecycle {
    destroy = false
  }
}
resource "terraform_data" "gone" {}
TF
plan forget -no-color
cat >main.tf <<TF
$two
resource "terraform_data" "old" {
  input = "1"
}
resource "terraform_data" "left" {}
TF
plan removed -no-color
cat >>main.tf <<'TF'
resource "terraform_data" "gone" {}
import {
  to = terraform_data.brought
  id = "abc"
}
resource "terraform_data" "brought" {}
TF
plan import -no-color

start modules <<'TF'
TF
cat >main.tf <<'TF'
module "m" {
  source   = "./m"
  for_each = toset(["a.b will be created", "quo\"te"])
}
resource "terraform_data" "x" {}
data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = terraform_data.x.id }
}
TF
mkdir m
printf 'resource "terraform_data" "z" {\n  count = 2\n}\n' >m/main.tf
terraform init -input=false >/dev/null
plan modules -no-color

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
sed 's/"x"/"y"/' main.tf >x && mv x main.tf
plan check-fails -no-color
plan check-fails-coloured
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
plan precondition-fails -no-color
plan precondition-fails-coloured
echo 'resource "terraform_data" {' >main.tf
plan syntax-error -no-color

# The Catalog's own shapes: no provider can be had without a network, so that
# addresses and labels of terraform_data are renamed.
cloud() {
  sed -E -e 's/terraform_data(\.|" ")catalog_airflow/aws_instance\1catalog_airflow/g' \
    -e 's/terraform_data(\.|" ")catalog_db/aws_db_instance\1catalog_db/g' \
    -e 's/terraform_data(\.|" ")record/aws_route53_record\1record/g' \
    -e 's/terraform_data(\.|" ")volume/aws_ebs_volume\1volume/g' \
    -e 's/triggers_replace/user_data       /g' "$work/plain" >"$here/$1.txt"
}
start cloud <<'TF'
resource "terraform_data" "catalog_airflow" {
  triggers_replace = "DOCKER_IMAGE_TAG=v1.5.2"
}
resource "terraform_data" "catalog_db" {
  input = "db.m5.large"
}
resource "terraform_data" "record" {
  input = "1"
}
resource "terraform_data" "volume" {
  triggers_replace = "100"
}
TF
cp main.tf base.tf.txt
deploy() { # NAME SED...: a plan of the base with changes made to it
  name=$1
  shift
  sed "$@" base.tf.txt >main.tf
  terraform plan -input=false -no-color 2>&1 | settle >"$work/plain"
  cloud "$name"
}
deploy cloud-deploy -e 's/v1.5.2/v1.5.3/' -e '/"record"/,/^}/s/"1"/"2"/'
printf 'no\n' | terraform apply -no-color 2>/dev/null | settle | sed '/Enter a value:/q' >"$work/plain" || true
cloud cloud-deploy-apply
deploy cloud-other -e '/"record"/,/^}/s/"1"/"2"/'
deploy cloud-database-update -e 's/v1.5.2/v1.5.3/' -e 's/large/xlarge/'
deploy cloud-database-destroy -e 's/v1.5.2/v1.5.3/' -e '/"catalog_db"/,/^}/d'
deploy cloud-volume-replaced -e 's/v1.5.2/v1.5.3/' -e 's/"100"/"200"/'
rm terraform.tfstate
deploy cloud-state-missing -e 's/v1.5.2/v1.5.3/'

# OpenTofu's words for the same, where they differ.
sed -E -e 's/will no longer be managed by Terraform, but will not be destroyed/will be removed from the OpenTofu state but will not be destroyed/' \
  -e 's/^ # terraform_data/  # terraform_data/' -e 's/^ # \(destroy = false.*$//' -e 's/^ \. resource/  . resource/' \
  -e 's/Terraform will perform/OpenTofu will perform/' -e 's/^Terraform used/OpenTofu used/' \
  -e 's/^(Plan: .* to destroy)\.$/\1, 1 to forget./' "$here/forget.txt" | sed '/# terraform_data.left/{n;/^$/d}' >"$here/tofu-forget.txt"
