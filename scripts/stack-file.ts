import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "./manifest";
import { InputError } from "./read-file";

const STACK_FILE = "cdk.tf.json";

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The JSON of each stack that stands in a folder: the stack's own folder, or the one that CDKTF wrote all of them to. */
const stacksIn = (folder: string): readonly string[] => {
  const own = join(folder, STACK_FILE);
  if (existsSync(own)) return [own];
  const stacks = Object.values(readManifest(folder)?.stacks ?? {});
  return stacks.map(({ synthesizedStackPath }) => join(folder, synthesizedStackPath));
};

/**
 * A file as it was given; for a folder with one synthesized stack, such as `cdktf.out`, that stack.
 *
 * @throws InputError for a folder with none, or with several
 */
export const stackFile = (path: string): string => {
  if (!isFolder(path)) return path;
  const [only, ...others] = stacksIn(path);
  if (only === undefined)
    throw new InputError(
      `${path} is a folder, and no stack was synthesized into it. Synthesize first, or give a file.`,
    );
  if (others.length > 0)
    throw new InputError(
      `${path} is a folder with several stacks. Give one of them: ${[only, ...others].join(", ")}.`,
    );
  return only;
};
