#!/usr/bin/env bash
# Measures the boot script in containers, step by step: `npm run bench:boot`. The last line is one JSON object.
# Needs root and Debian or Ubuntu.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/boot-root.sh

exec npx tsx __tests__/boot/bench/main.ts "$@"
