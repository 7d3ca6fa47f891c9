#!/usr/bin/env bash
# Packs the library and uses the tarball as a newcomer does, in empty projects: `npm run test:package`. Needs npm with
# its registry, Python 3 with venv, and Terraform 1.11 or later; fetches the AWS emulator once, into .cache/.
#
# TERRAFORM_PROVIDER_MIRROR  folder with the AWS provider (default: looked for; else it is downloaded)
# NODE_FOR_LAMBDA            Node 22, for CDK Terrain (default: fetched from npm)
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/terraform-tools.sh test:package
. scripts/node-22.sh

packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
npm pack --silent --pack-destination "$packed" >/dev/null
TARBALL=$(echo "$packed"/*.tgz)
export TARBALL

npx jest --config jest.package.config.mjs "$@"
