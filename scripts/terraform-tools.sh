#!/usr/bin/env bash
# Sourced by the scripts whose tests run Terraform; the first word names the test. Ends them where a tool is missing, and sets:
#
# TERRAFORM_PROVIDER_MIRROR  folder with the AWS provider (default: looked for; empty: it is downloaded)

for tool in "terraform 1.11 or later" "python3 with venv"; do
  if ! command -v "${tool%% *}" >/dev/null; then
    echo "${1:?}: needs $tool: install it." >&2
    exit 1
  fi
done

: "${TERRAFORM_PROVIDER_MIRROR=$(bash scripts/provider-mirror.sh)}"
export TERRAFORM_PROVIDER_MIRROR
