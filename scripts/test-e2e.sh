#!/usr/bin/env bash
# Applies the built reference app to an emulated AWS and drives a job through it: `npm run test:e2e`. Needs Node,
# Python 3 with venv, Java 17 or later, and Terraform 1.11 or later; fetches the emulators and Lambda's Node once, into
# .cache/.
#
# TERRAFORM_PROVIDER_MIRROR  folder with the AWS provider (default: looked for; else it is downloaded)
# PULUMI_AWS                 folder of the npm package @pulumi/aws (default: its typings, fetched from npm)
# NODE_FOR_LAMBDA            the Node that runs the functions (default: Node 22, fetched from npm)
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/terraform-tools.sh test:e2e
if ! command -v java >/dev/null; then
  echo "test:e2e: needs java 17 or later, for DynamoDB Local: install it." >&2
  exit 1
fi

. scripts/node-22.sh

# What version 6 of the AWS provider deprecates: these typings are made of its schema, and nothing of theirs is run.
if [[ -z ${PULUMI_AWS-} ]]; then
  version=7.48.0
  PULUMI_AWS=$PWD/.cache/pulumi-aws-$version
  if [[ ! -d $PULUMI_AWS ]]; then
    mkdir -p .cache
    fetched=$(mktemp -d "$PWD/.cache/fetched-XXXXXX")
    npm pack --silent --pack-destination "$fetched" "@pulumi/aws@$version" >/dev/null
    tar --extract --gzip --file "$fetched"/*.tgz --directory "$fetched" --wildcards '*.d.ts' '*/package.json'
    mv "$fetched/package" "$PULUMI_AWS"
    rm -rf "$fetched"
  fi
fi
export PULUMI_AWS

npm run --silent build
npx jest --config jest.e2e.config.mjs "$@"
