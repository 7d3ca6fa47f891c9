#!/usr/bin/env bash
# cdktf 0.21.0: an aspect that one copy of the library adds is invisible to a synth by another copy.
#
# A package manager installs two copies as soon as an app and a construct library ask for versions that do not meet, or
# where an app uses CDK Terrain (cdktn) and aliases cdktf to it. Stacks, resources and tokens of one copy are then known to
# the other, since they are marked with Symbol.for(...). Aspects are kept under Symbol("cdktf-aspects"), which is another
# symbol in each copy: Aspects.of(scope).add(...) of a library is accepted, and the app's synth visits nothing, without a
# word. A library that tags or places its resources by an aspect has to do it itself as well.
#
# Seen: "by its own copy: visited", "by the other copy: not visited", "known to the other copy: true".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  constructs@10.4.2 one@npm:cdktf@0.21.0 other@npm:cdktf@0.21.0

cat >show.cjs <<'JS'
const { mkdtempSync } = require("node:fs");
const { join } = require("node:path");

const one = require("one");
const other = require("other");

/** Synthesizes with `one`, after `library` has added an aspect to the stack. */
const visitedBy = (library) => {
  const app = new one.App({ outdir: mkdtempSync(join(process.cwd(), "out-")) });
  const stack = new one.TerraformStack(app, "stack");
  new one.TerraformOutput(stack, "output", { value: "x" });
  let visits = 0;
  library.Aspects.of(stack).add({ visit: () => visits++ });
  app.synth();
  return visits > 0 ? "visited" : "not visited";
};

console.log(`by its own copy: ${visitedBy(one)}`);
console.log(`by the other copy: ${visitedBy(other)}`);
console.log(`known to the other copy: ${other.TerraformStack.isStack(new one.TerraformStack(new one.App(), "s"))}`);
JS

seen=$(node show.cjs)
echo "$seen"
expected='by its own copy: visited
by the other copy: not visited
known to the other copy: true'
[[ $seen == "$expected" ]] || {
  echo "This has changed." >&2
  exit 1
}
