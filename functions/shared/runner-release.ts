import type { RunnerRelease } from "./contract";
import { parseObject } from "./json";

const VERSION = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/;
const SHA256 = /^[0-9a-f]{64}$/;

const isText = (value: unknown, pattern: RegExp): value is string =>
  typeof value === "string" && pattern.test(value);

export const isVersion = (text: string): boolean => VERSION.test(text);

/** A release that is whole: a version, and the checksum of each architecture. */
export const releaseOf = (
  version: unknown,
  { x64, arm64 }: Readonly<Record<string, unknown>>,
): RunnerRelease | undefined =>
  isText(version, VERSION) && isText(x64, SHA256) && isText(arm64, SHA256)
    ? { version, sha256: { x64, arm64 } }
    : undefined;

/** What the parameter holds. Undefined: unset, or not a release that is whole. */
export const parseRelease = (value: string | undefined): RunnerRelease | undefined => {
  const { version, sha256 } = parseObject(value) ?? {};
  return releaseOf(version, parseObject(JSON.stringify(sha256)) ?? {});
};

/** Above 0: `one` is newer. */
export const compareVersions = (one: string, other: string): number => {
  const parts = other.split(".").map(Number);
  const differences = one.split(".").map((part, index) => Number(part) - (parts[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
};
