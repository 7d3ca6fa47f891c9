import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { updateRunner } from "../../scripts/update-runner";
import type { Fetch, RunnerVersion } from "../../scripts/update-runner";

const X64 = "af4b794c1bc41d73d40535e3fe092a39f9679cd8d965954c2aca25a05ca41d32";
const ARM64 = "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b";
const OTHER = "0".repeat(64);

/** A line of the notes, in the form that GitHub's own template gives it (actions/runner, releaseNote.md). */
const line = (platform: string, sha: string, ending = "tar.gz"): string =>
  `- actions-runner-${platform}-2.338.0.${ending} <!-- BEGIN SHA ${platform} -->${sha}<!-- END SHA ${platform} -->`;

const notes = [
  "## What's Changed",
  "* Bump the version by @actions-bot in https://github.com/actions/runner/pull/4500",
  "",
  "## Linux arm64",
  "",
  "``` bash",
  "curl -O -L https://github.com/actions/runner/releases/download/v2.338.0/actions-runner-linux-arm64-2.338.0.tar.gz",
  "```",
  "## SHA-256 Checksums",
  "",
  "The SHA-256 checksums for the packages included in this build are shown below:",
  "",
  line("win-x64", OTHER, "zip"),
  line("osx-arm64", OTHER),
  line("linux-arm", OTHER),
  line("linux-x64", X64),
  line("linux-arm64", ARM64),
].join("\r\n");

/** As GitHub's API describes a release. */
const release = {
  url: "https://api.github.com/repos/actions/runner/releases/1",
  html_url: "https://github.com/actions/runner/releases/tag/v2.338.0",
  tag_name: "v2.338.0",
  target_commitish: "main",
  name: "v2.338.0",
  draft: false,
  prerelease: false,
  created_at: "2026-10-06T09:00:00Z",
  published_at: "2026-10-06T10:20:30Z",
  assets: [{ name: "actions-runner-linux-x64-2.338.0.tar.gz", digest: `sha256:${X64}` }],
  body: notes,
};

const newest: RunnerVersion = {
  version: "2.338.0",
  releasedAt: "2026-10-06T10:20:30Z",
  sha256: { x64: X64, arm64: ARM64 },
};
const older: RunnerVersion = {
  version: "2.335.1",
  releasedAt: "2026-06-09T01:32:05Z",
  sha256: { x64: OTHER, arm64: OTHER },
};

let file: string;
const holding = (version: RunnerVersion): void => {
  file = join(mkdtempSync(join(tmpdir(), "runner-")), "runner-version.json");
  writeFileSync(file, JSON.stringify(version));
};
const held = (): unknown => JSON.parse(readFileSync(file, "utf8"));

const answering =
  (body: unknown, status = 200, asked: Parameters<Fetch>[] = []): Fetch =>
  (...call) => {
    asked.push(call);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status }));
  };

describe("update-runner", () => {
  beforeEach(() => holding(older));

  it("writes the newest version, when it was released and its checksums, and says so", async () => {
    const told = await updateRunner(file, answering(release));

    expect(held()).toEqual(newest);
    expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(newest, null, 2)}\n`);
    expect(told.split("\n")).toEqual([
      "runner 2.335.1 (2026-06-09T01:32:05Z) -> 2.338.0 (2026-10-06T10:20:30Z)",
      `  SHA-256 x64    ${X64}`,
      `  SHA-256 arm64  ${ARM64}`,
      "What is new: https://github.com/actions/runner/releases/tag/v2.338.0",
    ]);
  });

  it("asks GitHub for the latest release, with a token only when there is one", async () => {
    const asked: Parameters<Fetch>[] = [];
    await updateRunner(file, answering(release, 200, asked), "");
    await updateRunner(file, answering(release, 200, asked), "secret");

    expect(asked.map(([address]) => address)).toEqual(
      Array(2).fill("https://api.github.com/repos/actions/runner/releases/latest"),
    );
    expect(asked.map(([, { headers }]) => headers.authorization)).toEqual([undefined, "Bearer secret"]);
  });

  it("says when there is nothing newer", async () => {
    holding(newest);

    expect(await updateRunner(file, answering(release))).toBe("runner 2.338.0 is the newest: nothing to do");
  });

  it("corrects the time of a release", async () => {
    holding({ ...newest, releasedAt: "2026-10-06T00:00:00Z" });

    expect(await updateRunner(file, answering(release))).toContain("released at 2026-10-06T10:20:30Z, not");
    expect(held()).toEqual(newest);
  });

  it("refuses other checksums for a version that it knows", async () => {
    const replaced = { ...newest, sha256: { x64: X64, arm64: OTHER } };
    holding(replaced);

    await expect(updateRunner(file, answering(release))).rejects.toThrow(
      /other checksums for 2\.338\.0 than before/,
    );
    expect(held()).toEqual(replaced);
  });

  it.each<[string, Fetch, string]>([
    [
      "cannot be reached",
      () => Promise.reject(new TypeError("fetch failed")),
      "api.github.com cannot be reached: see to the network, and try again.",
    ],
    [
      "wants no more calls",
      answering({ message: "API rate limit exceeded" }, 403),
      "GitHub answered 403: too many calls within the hour: set GITHUB_TOKEN, or wait.",
    ],
    [
      "refuses the token",
      answering({ message: "Bad credentials" }, 401),
      "GitHub answered 401: GITHUB_TOKEN is not valid (any more): renew it, or unset it.",
    ],
    ["fails", answering("<html>", 502), "GitHub answered 502: try again later."],
    ["answers something else", answering("<html>"), 'has the tag "undefined", not a version'],
    [
      "names no version",
      answering({ ...release, tag_name: "nightly" }),
      'has the tag "nightly", not a version',
    ],
    [
      "does not say when",
      answering({ ...release, published_at: null }),
      "GitHub does not say when 2.338.0 was published",
    ],
    [
      "leaves a checksum out",
      answering({ ...release, body: notes.replace(line("linux-arm64", ARM64), "") }),
      "The notes of 2.338.0 hold no SHA-256 for linux-arm64",
    ],
    [
      "cuts a checksum short",
      answering({ ...release, body: notes.replace(X64, X64.slice(1)) }),
      "The notes of 2.338.0 hold no SHA-256 for linux-x64",
    ],
  ])("leaves the file alone, and says what to do, when GitHub %s", async (_what, fetch, message) => {
    await expect(updateRunner(file, fetch)).rejects.toThrow(message);

    expect(held()).toEqual(older);
  });
});
