import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** The Nodes that Lambda runs, as npm has them: the newest of their line when this was written. */
export const lambdaNodes = { "22": "22.23.3", "24": "24.21.0" } as const;

export type NodeLine = keyof typeof lambdaNodes;

/** Path of that Node; fetched from npm at first, into `.cache/`, where the end-to-end tests look for it, too. */
export const nodeOf = async (line: NodeLine): Promise<string> => {
  const version = lambdaNodes[line];
  const home = resolve(__dirname, "../../.cache", `node-${version}`);
  const node = join(home, "node_modules/node/bin/node");
  if (!existsSync(node)) {
    mkdirSync(home, { recursive: true });
    const options = ["--silent", "--no-save", "--no-audit", "--no-fund"];
    const words = ["install", ...options, "--prefix", home, `node@${version}`];
    await promisify(execFile)("npm", words).catch(({ message }: Error) => {
      throw new Error(`Node ${version}, which Lambda runs, could not be fetched from npm. ${message.trim()}`);
    });
  }
  return node;
};
