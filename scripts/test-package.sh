#!/usr/bin/env bash
# Packs the library and uses the tarball as a newcomer does, in empty projects: `npm run test:package`. Needs npm with
# its registry, Python 3 with venv, and Terraform 1.11 or later; fetches the AWS emulator once, into .cache/.
#
# TERRAFORM_PROVIDER_MIRROR  folder with the AWS provider (default: looked for; else it is downloaded)
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "test:package: $*" >&2
  exit 1
}

command -v terraform >/dev/null || fail "needs terraform 1.11 or later: install it."
command -v python3 >/dev/null || fail "needs python3 with venv: install it."

: "${TERRAFORM_PROVIDER_MIRROR=$(bash scripts/provider-mirror.sh)}"
export TERRAFORM_PROVIDER_MIRROR

packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
npm pack --silent --pack-destination "$packed" >/dev/null
TARBALL=$(echo "$packed"/*.tgz)
export TARBALL

npx jest --config jest.package.config.mjs "$@"
