#!/bin/sh
# OpenTofu 1.12.6. Terraform 1.11.4 and 1.15.0 do the same.
#
# `apply -destroy FILE` with a saved plan says nothing about the contradiction: it ignores
# -destroy and applies the plan. So does `apply -target=ADDRESS FILE`, even if there is no
# such resource. With -var and a saved plan it ends with an error instead. A wrapper that
# adds a saved plan to the arguments of somebody's apply therefore changes what the options
# mean without a word.
#
# Seen:
#   terraform_data.a: Modifying... [id=…]
#   Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
#   exit code 0, and the resource is still there
set -eu
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null
# The replacement is the one in OpenTofu's own go.mod. This builds for several minutes.
mkdir build
(
  cd build
  go mod init tofu
  go mod edit -replace=github.com/hashicorp/hcl/v2=github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828
  go get github.com/opentofu/opentofu/cmd/tofu@v1.12.6
  go build -trimpath -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' -o tofu github.com/opentofu/opentofu/cmd/tofu
) >build/log 2>&1 || { tail build/log; exit 1; }
tofu=$work/build/tofu
"$tofu" version | head -n 1

mkdir infra
cd infra
echo 'resource "terraform_data" "a" { input = "1" }' >main.tf
"$tofu" init >/dev/null
"$tofu" apply -auto-approve >/dev/null
echo 'resource "terraform_data" "a" { input = "2" }' >main.tf
"$tofu" plan -out=saved >/dev/null
"$tofu" apply -no-color -destroy saved | tee ../destroyed
[ "$("$tofu" state list)" = terraform_data.a ]
grep -q '^Apply complete! Resources: 0 added, 1 changed, 0 destroyed\.$' ../destroyed

echo 'resource "terraform_data" "a" { input = "3" }' >main.tf
"$tofu" plan -out=saved >/dev/null
"$tofu" apply -no-color -target=terraform_data.nothing saved | tee ../targeted
grep -q '^Apply complete! Resources: 0 added, 1 changed, 0 destroyed\.$' ../targeted
