#!/bin/sh
set -eu
unset TF_CLI_ARGS_apply
terraform apply
