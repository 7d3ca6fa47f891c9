/** The golden files, and what the last release made of the same apps. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const golden = join(root, "__tests__", "golden");

export interface GoldenStack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");

/** What the changelog says of the next release. */
export const unreleased = /^## \[Unreleased\]$([^]*?)^## /m.exec(changelog)?.[1] ?? "";

/** The version of the last release, by the changelog. */
export const lastRelease = /^## \[(\d[^\]]*)\]/m.exec(changelog)?.[1] ?? "";

/** Golden files of the last release: copies of those that were in `golden` then. */
const releasedFolder = join(golden, "released", lastRelease);

/** @throws Error with what a release has to bring along */
export const releasedNames = (): readonly string[] => {
  if (existsSync(releasedFolder)) return readdirSync(releasedFolder);
  throw new Error(
    `${lastRelease} is released without its golden files: copy __tests__/golden/*.json to ${releasedFolder}.`,
  );
};

const read = (path: string): GoldenStack => JSON.parse(readFileSync(path, "utf8")) as GoldenStack;

export const releasedStack = (name: string): GoldenStack => read(join(releasedFolder, name));

export const presentStack = (name: string): GoldenStack => read(join(golden, name));
