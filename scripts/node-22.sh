#!/usr/bin/env bash
# Sourced by the scripts whose tests need Node 22, which Lambda has and CDK Terrain wants. Sets:
#
# NODE_FOR_LAMBDA  that Node (default: fetched from npm once, into .cache/)

if [[ -z ${NODE_FOR_LAMBDA-} ]]; then
  version=22.23.3
  home=.cache/node-$version
  if [[ ! -x $home/node_modules/node/bin/node ]]; then
    mkdir -p "$home"
    npm install --silent --no-save --no-audit --no-fund --prefix "$home" "node@$version"
  fi
  NODE_FOR_LAMBDA=$PWD/$home/node_modules/node/bin/node
fi
export NODE_FOR_LAMBDA
