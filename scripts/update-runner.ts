import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the newest version of GitHub's runner, with its checksums, into constructs/runner-version.json. */

/** What runner-version.json holds. */
export interface RunnerVersion {
  readonly version: string;
  /** ISO 8601: when GitHub published the release. */
  readonly releasedAt: string;
  /** Of the Linux archives, in hex. */
  readonly sha256: Readonly<Record<Architecture, string>>;
}

type Architecture = "x64" | "arm64";

/** https://docs.github.com/en/rest/releases/releases#get-the-latest-release: drafts and prereleases are left out. */
const ADDRESS = "https://api.github.com/repos/actions/runner/releases/latest";
const RELEASES = "https://github.com/actions/runner/releases";

const TIMEOUT_MS = 30_000;

/** What `fetch` is given and gives, as far as it is used. */
export type Fetch = (
  address: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => Promise<Pick<Response, "ok" | "status" | "json">>;

/**
 * Asks GitHub for its newest release of the runner.
 *
 * @param token raises GitHub's limit from 60 calls an hour and address to 5,000; no permission is needed
 * @throws Error with one line that says what to do next
 */
export const newestRunner = async (fetch: Fetch, token?: string): Promise<RunnerVersion> => {
  const headers = {
    accept: "application/vnd.github+json",
    "user-agent": "cdktf-ephemeral-runners",
    "x-github-api-version": "2022-11-28",
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(ADDRESS, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (error: unknown) => {
      throw new Error(`api.github.com cannot be reached: see to the network, and try again.`, {
        cause: error,
      });
    },
  );
  if (!response.ok) throw new Error(refusal(response.status));
  return readRelease(await response.json().catch(() => undefined));
};

const refusal = (status: number): string => {
  const remedies: Readonly<Record<number, string>> = {
    401: "GITHUB_TOKEN is not valid (any more): renew it, or unset it",
    403: "too many calls within the hour: set GITHUB_TOKEN, or wait",
    429: "too many calls within the hour: set GITHUB_TOKEN, or wait",
  };
  return `GitHub answered ${status}: ${remedies[status] ?? "try again later"}.`;
};

interface Release {
  readonly tag_name?: unknown;
  readonly published_at?: unknown;
  readonly body?: unknown;
}

const readRelease = (answer: unknown): RunnerVersion => {
  const { tag_name, published_at, body } = (answer ?? {}) as Release;
  const version = /^v(\d+\.\d+\.\d+)$/.exec(String(tag_name))?.[1];
  if (version === undefined)
    throw new Error(
      `GitHub's newest release has the tag "${String(tag_name)}", not a version: see ${RELEASES}.`,
    );
  if (typeof published_at !== "string" || Number.isNaN(Date.parse(published_at)))
    throw new Error(`GitHub does not say when ${version} was published: see ${RELEASES}/tag/v${version}.`);
  const notes = String(body);
  const sha256 = { x64: checksum(notes, "x64", version), arm64: checksum(notes, "arm64", version) };
  return { version, releasedAt: published_at, sha256 };
};

/** The notes of a release carry each checksum between two comments. */
const checksum = (notes: string, architecture: Architecture, version: string): string => {
  const platform = `linux-${architecture}`;
  const marked = new RegExp(
    `<!-- BEGIN SHA ${platform} -->\\s*([0-9a-f]{64})\\s*<!-- END SHA ${platform} -->`,
  );
  const found = marked.exec(notes)?.[1];
  if (found === undefined)
    throw new Error(
      `The notes of ${version} hold no SHA-256 for ${platform}: see ${RELEASES}/tag/v${version}, and wait until it is there.`,
    );
  return found;
};

/**
 * What changes from one version to the other, for a person.
 *
 * @throws Error when a release that is known has other checksums than before
 */
export const describeUpdate = (before: RunnerVersion, after: RunnerVersion): string => {
  if (before.version !== after.version)
    return [
      `runner ${before.version} (${before.releasedAt}) -> ${after.version} (${after.releasedAt})`,
      `  SHA-256 x64    ${after.sha256.x64}`,
      `  SHA-256 arm64  ${after.sha256.arm64}`,
      `What is new: ${RELEASES}/tag/v${after.version}`,
    ].join("\n");
  if (before.sha256.x64 !== after.sha256.x64 || before.sha256.arm64 !== after.sha256.arm64)
    throw new Error(
      `GitHub publishes other checksums for ${after.version} than before, which is how a replaced release looks: nothing was written. See ${RELEASES}/tag/v${after.version} and find out why.`,
    );
  return before.releasedAt === after.releasedAt
    ? `runner ${after.version} is the newest: nothing to do`
    : `runner ${after.version} is the newest; released at ${after.releasedAt}, not ${before.releasedAt}`;
};

/** @returns what changed @throws Error with one line that says what to do next; the file is as it was then */
export const updateRunner = async (file: string, fetch: Fetch, token?: string): Promise<string> => {
  const before = JSON.parse(readFileSync(file, "utf8")) as RunnerVersion;
  const after = await newestRunner(fetch, token);
  const told = describeUpdate(before, after);
  writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
  return told;
};

if (require.main === module)
  updateRunner(join(__dirname, "../constructs/runner-version.json"), fetch, process.env.GITHUB_TOKEN).then(
    (told) => console.log(told),
    (error: Error) => {
      console.error(`update-runner: ${error.message}`);
      process.exitCode = 1;
    },
  );
