import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What CDKTF tells of a synth, in `manifest.json` beside the stacks. */
export interface Manifest {
  /** Of CDKTF, or of CDK Terrain. */
  readonly version?: string;
  readonly stacks?: Readonly<Record<string, StackManifest>>;
}

export interface StackManifest {
  readonly name: string;
  readonly synthesizedStackPath: string;
  readonly workingDirectory: string;
  readonly annotations?: readonly { readonly level: string; readonly message: string }[];
}

/** Undefined for a folder that nothing was synthesized into. */
export const readManifest = (outDir: string): Manifest | undefined => {
  const path = join(outDir, "manifest.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Manifest) : undefined;
};
