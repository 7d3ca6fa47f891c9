#!/usr/bin/env bash
# Applies the built reference app to an emulated AWS and drives a job through it: `npm run test:e2e`. Needs Node,
# Python 3 with venv, and Terraform 1.11 or later; fetches the emulator and Lambda's Node once, into .cache/.
#
# TERRAFORM_PROVIDER_MIRROR  folder with the AWS provider (default: looked for; else it is downloaded)
# NODE_FOR_LAMBDA            the Node that runs the functions (default: Node 22, fetched from npm)
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/terraform-tools.sh test:e2e

. scripts/node-22.sh

npm run --silent build
npx jest --config jest.e2e.config.mjs "$@"
