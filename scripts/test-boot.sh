#!/usr/bin/env bash
# Boots the real user data on a real systemd, in containers without a network: `npm run test:boot`. Needs root and
# Debian or Ubuntu.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/boot-root.sh

command -v terraform >/dev/null || fail "needs terraform 1.11 or newer on the PATH."
shellcheck --shell=bash --external-sources functions/boot/*.sh __tests__/boot/hostile/*.sh scripts/*.sh .ci/run
npx jest --config jest.boot.config.mjs "$@"
