import { rotateTokens, RotationFailedError } from "../../../functions/rotate-tokens/rotate-tokens";
import type { RotateTokensSettings, RunnerRelease } from "../../../functions/shared/contract";
import type { RotationRequest } from "../../../functions/shared/token";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import type { SsmMemory } from "../../support/ssm-memory";
import { appSettings, parameter, patSettings, startGithub, startSsm } from "./fixture";

const PARAMETER = "/runners/github/runner-version";
const DOWNLOADS = "GET /orgs/{org}/actions/runners/downloads";
const release = (version: string, letter = "a"): RunnerRelease => ({
  version,
  sha256: { x64: letter.repeat(64), arm64: "b".repeat(64) },
});
const floor = release("2.338.0");

let github: GithubServer;
let ssm: SsmMemory;
let logs: CapturedLogs;

beforeEach(async () => {
  github = await startGithub();
  ssm = startSsm();
  ssm.parameters.set(PARAMETER, { value: "unset", type: "String", tags: {} });
  offer(floor);
  logs = captureLogs();
});
afterEach(async () => {
  logs.restore();
  await github.stop();
});

const renew = (own: Partial<RotateTokensSettings> = {}, request?: RotationRequest) =>
  rotateTokens(
    {
      ssm: ssm.client,
      settings: { ...appSettings(github), runner: { parameter: PARAMETER, floor }, ...own },
      now: Date.now,
    },
    request,
  );
const offer = ({ version, sha256 }: RunnerRelease): void => github.state.releases.offer(version, sha256);
const hold = (held: RunnerRelease): void =>
  void (ssm.parameters.get(PARAMETER)!.value = JSON.stringify(held));
const held = (): unknown => JSON.parse(ssm.value(PARAMETER) ?? "");
const warnings = () => logs.lines().filter(({ message }) => message === "runner not renewed");
const writes = (): number => ssm.writes.filter((name) => name === PARAMETER).length;

describe("the runner's version", () => {
  it("becomes the one that GitHub offers, with both checksums", async () => {
    offer(release("2.339.0", "c"));

    const { runner } = await renew();

    expect(runner).toBe("2.339.0");
    expect(held()).toEqual(release("2.339.0", "c"));
  });

  it("is written as text that needs no key, even where the secrets have one", async () => {
    offer(release("2.339.0"));

    await renew({ kmsKeyId: "alias/runners" });

    expect(ssm.parameters.get(PARAMETER)).toMatchObject({ type: "String", keyId: undefined });
    expect(ssm.parameters.get(parameter.installation)).toMatchObject({ keyId: "alias/runners" });
  });

  it("is asked for with a token that may read runners, and no more", async () => {
    await renew({ installationTokenParameter: undefined });

    const minted = github.requestsTo("POST /app/installations/{installation_id}/access_tokens");
    expect(minted.map(({ body }) => body.permissions)).toEqual([
      { organization_self_hosted_runners: "read" },
    ]);
  });

  it("is asked for at the repository, with its permission, where runners are registered there", async () => {
    offer(release("2.339.0"));
    await renew({ github: { ...appSettings(github).github, repository: "app" } });

    expect(held()).toEqual(release("2.339.0"));
    expect(github.requestsTo("GET /repos/{owner}/{repo}/actions/runners/downloads")).toHaveLength(1);
  });

  it("is asked for with the personal access token where there is no App", async () => {
    offer(release("2.339.0"));
    await renew({ ...patSettings(github), installationTokenParameter: undefined });

    expect(held()).toEqual(release("2.339.0"));
  });

  it("is written once for as long as GitHub offers the same", async () => {
    offer(release("2.339.0"));

    await renew();
    await renew();

    expect(writes()).toBe(1);
  });

  it("goes back with GitHub when a release is taken back", async () => {
    hold(release("2.339.1"));
    offer(release("2.339.0"));

    await renew();

    expect(held()).toEqual(release("2.339.0"));
  });

  it.each(["2.337.9", "2.99.0", "1.400.0"])(
    "is never older than what comes with the package: GitHub offers %s",
    async (old) => {
      offer(release(old));

      await renew();

      expect(held()).toEqual(floor);
    },
  );

  it("becomes the package's own when that is newer than what is held", async () => {
    hold(release("2.330.0"));
    github.inject({ route: DOWNLOADS, status: 500 });

    await renew();

    expect(held()).toEqual(floor);
  });

  it.each([
    ["x64", { arm64: "b".repeat(64) }],
    ["arm64", { x64: "a".repeat(64) }],
    ["any", {}],
    ["a whole", { x64: "a".repeat(63), arm64: "b".repeat(64) }],
    ["a decent", { x64: `${"a".repeat(63)}'`, arm64: "b".repeat(64) }],
  ])("is not renewed without %s checksum", async (_what, sums) => {
    hold(release("2.338.5"));
    github.state.releases.offer("2.400.0", sums);

    await renew();

    expect(held()).toEqual(release("2.338.5"));
    expect(warnings()).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ["no list", { message: "ok" }],
    ["a text", "<html>sign in</html>"],
    ["empty rows", [null, null]],
    [
      "numbers for texts",
      ["x64", "arm64"].map((architecture) => ({ os: "linux", architecture, filename: 1 })),
    ],
    [
      "a number for a checksum",
      ["x64", "arm64"].map((architecture) => ({
        ...{ os: "linux", architecture, sha256_checksum: 1 },
        filename: `actions-runner-linux-${architecture}-2.400.0.tar.gz`,
      })),
    ],
  ])("is not renewed by an answer that is none: %s", async (_what, answer) => {
    hold(release("2.338.5"));
    github.state.releases.offered = answer as never;

    await expect(renew()).resolves.toMatchObject({ runner: "2.338.5" });
    expect(warnings()).toHaveLength(1);
  });

  it("is not renewed by halves: one architecture is newer than the other", async () => {
    const { releases } = github.state;
    releases.offer("2.339.0", { x64: "a".repeat(64), arm64: "b".repeat(64) });
    const [, x64] = releases.offered;
    releases.offer("2.338.0", floor.sha256);
    releases.offered = [
      x64!,
      ...releases.offered.filter(({ architecture, os }) => `${os} ${architecture}` !== "linux x64"),
    ];

    await renew();

    expect(held()).toEqual(floor);
  });

  it.each([
    ["answers with an error", { status: 502 }],
    ["does not let it be asked", { status: 403 }],
    ["does not know the question", { status: 404 }],
    ["loses its answer", { loseAnswer: true }],
  ])("stays as it is when GitHub %s, and the tokens are fresh all the same", async (_what, fault) => {
    hold(release("2.339.0"));
    github.inject({ route: DOWNLOADS, ...fault });

    const answer = await renew();

    expect(answer).toMatchObject({ runner: "2.339.0", tokens: [{ minted: true }] });
    expect(writes()).toBe(0);
    expect(warnings()).toHaveLength(1);
  });

  it("is not looked at when a token was refused, which somebody waits for, nor where it is not to be renewed", async () => {
    await renew({}, { refresh: true });
    await renew({ runner: undefined });

    expect(github.requestsTo(DOWNLOADS)).toHaveLength(0);
    expect(ssm.value(PARAMETER)).toBe("unset");
  });
});

describe("a checksum that changes", () => {
  it("of the package's own version is refused, told, and not written", async () => {
    offer(release("2.338.0", "c"));

    await expect(renew()).rejects.toThrow(RotationFailedError);
    await expect(renew()).rejects.toThrow(/runner 2\.338\.0 with other checksums than this package knows/);
    expect(writes()).toBe(0);
  });

  it("in the parameter, of the package's own version, is set right and told, once", async () => {
    hold(release("2.338.0", "d"));
    github.inject({ route: DOWNLOADS, status: 500 });

    await expect(renew()).rejects.toThrow(/held other checksums of runner 2\.338\.0.*CloudTrail/);
    expect(held()).toEqual(floor);
    await expect(renew()).resolves.toMatchObject({ runner: "2.338.0" });
  });

  it("in the parameter, of a renewed version, is set right and told, once", async () => {
    hold(release("2.339.0", "d"));
    offer(release("2.339.0"));

    await expect(renew()).rejects.toThrow(/held other checksums of runner 2\.339\.0/);
    expect(held()).toEqual(release("2.339.0"));
    await expect(renew()).resolves.toMatchObject({ runner: "2.339.0" });
  });

  it("with a version that GitHub never had goes at the next run", async () => {
    hold(release("9.9.9", "d"));
    offer(release("2.339.0"));

    await renew();

    expect(held()).toEqual(release("2.339.0"));
  });
});
