import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { resolve } from "node:path";
import type { Findings } from "./figure";
import { lambdaNodes } from "./nodes";

/** What is written into the file; counted up when a reader of the last form could not read it. */
export const SCHEMA = 1;

export interface Results {
  readonly schema: typeof SCHEMA;
  /** ISO 8601 */
  readonly date: string;
  readonly machine: {
    readonly cores: number;
    readonly cpu: string;
    readonly memoryGb: number;
    /** Processes that wanted a core in the last minute before the run, on average. */
    readonly loadBefore: number;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly quick: boolean;
  readonly parts: Readonly<Record<string, Findings>>;
}

const root = resolve(__dirname, "../..");
const packages = ["@aws-sdk/client-ec2", "cdktf", "@cdktf/provider-aws", "esbuild"] as const;

export const readMachine = (): Results["machine"] => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? "unknown",
  memoryGb: Math.round(totalmem() / 2 ** 30),
  loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
});

export const readVersions = (): Results["versions"] => ({
  node: process.versions.node,
  ...Object.fromEntries(
    Object.entries(lambdaNodes).map(([line, version]) => [`lambda node ${line}`, version]),
  ),
  ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  commit: commitOf(),
});

const versionOf = (name: string): string => {
  const path = resolve(root, "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
};

/** With a `+` when there is more than was committed. */
const commitOf = (): string => {
  const git = (...words: string[]): string =>
    execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    return "not in a repository";
  }
};

/** @throws Error when the file is none of this program, or of another version of it */
export const readResults = (path: string): Results => {
  const results = parse(path) as Partial<Results> | null;
  if (results?.schema === SCHEMA) return results as Results;
  throw new Error(`${path} is not of this version of the benchmark: run it again, without --compare.`);
};

const parse = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/** Not skipped, and not failed. */
export const isWhole = ({ quick, parts }: Results): boolean =>
  !quick && !Object.values(parts).some((findings) => "skipped" in findings);
