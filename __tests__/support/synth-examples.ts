/** Synthesizes the examples as their authors' `node main.ts` would, each into a folder of its own. */
import { mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const home = resolve(__dirname, "../../examples");
const load = createRequire(__filename);

export const EXAMPLES: readonly string[] = readdirSync(home, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** @returns the folder of the example's stack, which has the example's name */
export const synthExample = (name: string, outdir: string): string => {
  mkdirSync(outdir, { recursive: true });
  process.env.CDKTF_OUTDIR = outdir;
  // Each is a program, which does its work when it is loaded.
  load(join(home, name, "main.ts"));
  delete process.env.CDKTF_OUTDIR;
  return join(outdir, "stacks", name);
};

if (require.main === module)
  for (const name of EXAMPLES) synthExample(name, join(process.argv[2] ?? "out", name));
