import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * The AWS SDK's clients hold the shapes of all their calls in one file, as constants that refer to each other, and
 * name keys of objects by constants: `{ [_xN]: "item" }`. To esbuild such a key may have side effects, so it keeps all
 * shapes that have one, and what they refer to: of `client-ec2` nearly all, which is ten times what is used. With the
 * constant's value in its place, what is not used is shaken off.
 */
export const literalKeys: Plugin = {
  name: "literal-keys",
  setup: (build) =>
    build.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/\w+\.js$/ }, async ({ path }) => ({
      contents: withLiteralKeys(await readFile(path, "utf8")),
      loader: "js",
    })),
};

const withLiteralKeys = (source: string): string => {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"\n]*");$/gm)].map(([, name, value]) => [name, value]),
  );
  return source.replace(/\[(\w+)\]:/g, (key: string, name: string) =>
    constants.has(name) ? `${constants.get(name)}:` : key,
  );
};
