import {
  runnerName,
  type GithubSettings,
  type RegistrationMode,
  type RunnerRelease,
} from "../../../functions/shared/contract";
import { createGithubAccess, LimitedError } from "../../../functions/shared/github-access";
import { createRegistrar, type Registrar } from "../../../functions/shared/registrations";
import { NoTokenError, type TokenSource } from "../../../functions/shared/token";
import { fleetSettings, START } from "../../support/fleet-world";
import { Github } from "../../support/github-core";
import { githubLimits } from "../../support/github-limits";
import { captureLogs, type CapturedLogs } from "../../support/logs";

const machine = (number: number) => ({
  instanceId: `i-${number.toString(16).padStart(17, "0")}`,
  launchId: "launch-1",
  market: "spot" as const,
  launchedAt: new Date(START).toISOString(),
});
const name = runnerName("runners", "linux-x64", machine(1).instanceId);
const GENERATE = "POST /orgs/{org}/actions/runners/generate-jitconfig";
const REGISTRATION_TOKEN = "registration-token";

let github: Github;
let logs: CapturedLogs;
/** By name of the token; without a value there is none to be had. */
let held: Record<string, string>;

beforeEach(() => {
  github = new Github({ now: () => START });
  logs = captureLogs();
  held = { first: mint(1), second: mint(2) };
});
afterEach(() => logs.restore());

const mint = (installation: number): string =>
  github.state.mintInstallationToken(undefined, installation).token;
const sourceOf = (token: string): TokenSource => {
  const get = () =>
    held[token] ? Promise.resolve(held[token]) : Promise.reject(new NoTokenError(`no ${token}`));
  return { get, refused: get, prime: () => undefined };
};
const registrar = (
  mode: RegistrationMode = "jit",
  own: Partial<GithubSettings> = {},
  {
    way = github.fetch,
    fleets = 1,
    release,
  }: { readonly way?: typeof fetch; readonly fleets?: number; readonly release?: RunnerRelease } = {},
): Registrar => {
  const settings = { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme", ...own };
  const access = createGithubAccess({
    apiUrl: settings.apiUrl,
    tokens: ["first", "second"].map((token) => ({ name: token, source: sourceOf(token) })),
    permits: { postpone: () => Promise.resolve() },
    now: () => START,
    fetch: way,
  });
  const registrationToken = mode === "token" ? sourceOf(REGISTRATION_TOKEN) : undefined;
  const now = (): number => START;
  return createRegistrar({
    installation: "runners",
    github: settings,
    mode,
    fleets,
    access,
    registrationToken,
    release: () => release,
    now,
  });
};
const register = (
  one: Registrar = registrar(),
  count = 1,
  grants = [{ name: "first", count }],
  settings = fleetSettings(),
): ReturnType<Registrar["register"]> =>
  one.register(
    "linux-x64",
    settings,
    Array.from({ length: count }, (_, i) => machine(i + 1)),
    grants,
  );
const records = () => github.state.runnersOf("orgs/acme");

describe("a JIT registration", () => {
  it("is ephemeral, named for its instance, in the fleet's group and with the fleet's labels", async () => {
    const { registered, failed } = await register();

    expect(failed).toEqual([]);
    expect(records()).toMatchObject([{ name, ephemeral: true, runner_group_id: 3 }]);
    expect(records()[0]?.labels.map((label) => label.name)).toEqual(["self-hosted", "linux", "x64"]);
    expect(registered).toMatchObject([{ runnerId: records()[0]?.id, machine: machine(1) }]);
    expect(registered[0]?.handoff).toMatchObject({
      instance: `AROAEXAMPLE:${machine(1).instanceId}`,
      expiresAt: START / 1000 + 600,
    });
    expect(registered[0]?.handoff?.environment).toMatch(
      /^ACTIONS_RUNNER_INPUT_JITCONFIG=[\w+/=]+\nACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1$/,
    );
  });

  it("is asked for at the repository when runners are registered there", async () => {
    await register(registrar("jit", { repository: "app" }));

    expect(github.state.runnersOf("repos/acme/app")).toMatchObject([{ name }]);
  });

  it("is asked for concurrently", async () => {
    github.inject({ latency: 100 });
    const begun = Date.now();

    const { registered } = await register(registrar(), 20);

    expect(registered).toHaveLength(20);
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  it.each([
    [1, 20],
    [4, 20],
    [5, 16],
    [10, 9],
  ])(
    "of one of %i fleets is asked for by %i calls at once of each token, and no more",
    async (fleets, calls) => {
      const under = new Map<string, number>();
      const most = new Map<string, number>();
      const counted: typeof fetch = async (input, init) => {
        const token = new Headers(init?.headers).get("authorization") ?? "";
        const add = (count: number): number => {
          const calls = (under.get(token) ?? 0) + count;
          under.set(token, calls);
          return calls;
        };
        most.set(token, Math.max(most.get(token) ?? 0, add(1)));
        return github.fetch(input, init).finally(() => add(-1));
      };
      github.inject({ latency: 10 });
      const grants = [
        { name: "first", count: 50 },
        { name: "second", count: 30 },
      ];

      const { registered } = await register(registrar("jit", {}, { way: counted, fleets }), 80, grants);

      expect(registered).toHaveLength(80);
      expect([...most.values()]).toEqual([calls, calls]);
      expect(fleets * calls).toBeLessThan(githubLimits.concurrent);
    },
  );

  it("is asked for with the token that has the permit", async () => {
    github.state.revoke(held.first ?? "");
    const grants = [
      { name: "second", count: 2 },
      { name: "first", count: 1 },
    ];

    const { registered, putOff } = await register(registrar(), 3, grants);

    expect(registered.map((one) => one.machine)).toEqual([machine(1), machine(2)]);
    // Of several tokens, one that cannot be had is put aside.
    expect(putOff).toMatchObject([{ machine: machine(3), error: { token: "first" } }]);
  });

  it("is put off at a limit until GitHub's time", async () => {
    github.inject({ route: GENERATE, status: 403, headers: { "retry-after": "60" } });

    const { registered, putOff, failed } = await register();

    expect([registered, failed]).toEqual([[], []]);
    expect(putOff).toMatchObject([{ machine: machine(1), until: START + 60_000 }]);
    expect(putOff[0]?.error).toBeInstanceOf(LimitedError);
  });

  it.each([
    ["GitHub failed twice", { status: 502 }],
    ["its answer was lost twice", { loseAnswer: true }],
  ])("is put off for a moment when %s, and leaves no record", async (_, fault) => {
    github.inject({ route: GENERATE, times: 2, ...fault });

    const { putOff, failed } = await register();

    expect(failed).toEqual([]);
    expect(putOff).toMatchObject([{ machine: machine(1), until: START + 15_000 }]);
    expect(records()).toEqual([]);
  });

  it("is put off for a moment when its name stays taken, and is no failure", async () => {
    github.inject({ route: GENERATE, status: 409 });

    const { registered, putOff, failed } = await register();

    expect([registered, failed]).toEqual([[], []]);
    expect(putOff).toMatchObject([{ machine: machine(1), until: START + 15_000, error: { status: 409 } }]);
    expect(github.requestsTo(GENERATE)).toHaveLength(2);
  });

  it.each([
    ["a missing permission", 403],
    ["a group that GitHub does not admit", 422],
    ["an organization that is not there", 404],
  ])("fails at once for %s", async (_, status) => {
    github.inject({ route: GENERATE, status });

    const { putOff, failed } = await register();

    expect(putOff).toEqual([]);
    expect(failed).toMatchObject([{ machine: machine(1), error: { status } }]);
    expect(github.requestsTo(GENERATE)).toHaveLength(1);
  });

  it("fails for one machine without failing for the others", async () => {
    github.inject({ route: GENERATE, status: 404, times: 1 });

    const { registered, failed } = await register(registrar(), 3);

    expect([registered.length, failed.length]).toEqual([2, 1]);
  });

  it("can be made while there is one token, and nothing should be launched without any", async () => {
    delete held.first;
    await expect(registrar().ready()).resolves.toBeUndefined();

    delete held.second;

    await expect(registrar().ready()).rejects.toBeInstanceOf(NoTokenError);
  });
});

describe("a registration with the shared token", () => {
  const environmentOf = async (own: Partial<GithubSettings> = {}) =>
    (await register(registrar("token", own))).registered[0]?.handoff?.environment.split("\n");

  beforeEach(() => {
    held[REGISTRATION_TOKEN] = "AABBCC";
  });

  it("is ephemeral and unattended, in the fleet's group and with the fleet's labels, and asks GitHub nothing", async () => {
    expect(await environmentOf()).toEqual([
      "ACTIONS_RUNNER_INPUT_URL=https://github.com/acme",
      "ACTIONS_RUNNER_INPUT_TOKEN=AABBCC",
      `ACTIONS_RUNNER_INPUT_NAME=${name}`,
      "ACTIONS_RUNNER_INPUT_LABELS=self-hosted,linux,x64",
      "ACTIONS_RUNNER_INPUT_RUNNERGROUP=ephemeral",
      "ACTIONS_RUNNER_INPUT_WORK=_work",
      "ACTIONS_RUNNER_INPUT_EPHEMERAL=true",
      "ACTIONS_RUNNER_INPUT_UNATTENDED=true",
      "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1",
    ]);
    expect(github.requests).toEqual([]);
  });

  it("names no group for a repository, which has none", async () => {
    const environment = await environmentOf({ repository: "app" });

    expect(environment).toContain("ACTIONS_RUNNER_INPUT_URL=https://github.com/acme/app");
    expect(environment?.join()).not.toContain("RUNNERGROUP");
  });

  it("needs the registration token, and none for GitHub's API", async () => {
    held = { [REGISTRATION_TOKEN]: "AABBCC" };
    await expect(registrar("token").ready()).resolves.toBeUndefined();

    held = {};

    await expect(registrar("token").ready()).rejects.toBeInstanceOf(NoTokenError);
  });
});

describe("the version of the runner", () => {
  const release: RunnerRelease = {
    version: "2.339.0",
    sha256: { x64: "a".repeat(64), arm64: "b".repeat(64) },
  };
  const of = "https://github.com/actions/runner/releases/download/v2.339.0/actions-runner-linux-";
  const handedOver = async (
    mode: RegistrationMode,
    own: { readonly architecture?: "x64" | "arm64" },
    known?: RunnerRelease,
  ) => {
    held[REGISTRATION_TOKEN] = "AABBCC";
    const one = registrar(mode, {}, { release: known });
    return (await register(one, 1, undefined, fleetSettings(own))).registered[0]?.handoff;
  };

  it.each([
    ["jit", "x64", `${of}x64-2.339.0.tar.gz ${"a".repeat(64)}`],
    ["jit", "arm64", `${of}arm64-2.339.0.tar.gz ${"b".repeat(64)}`],
    ["token", "arm64", `${of}arm64-2.339.0.tar.gz ${"b".repeat(64)}`],
  ] as const)(
    "goes with a registration of mode %s to a machine of %s, with its checksum",
    async (mode, architecture, runner) => {
      expect(await handedOver(mode, { architecture }, release)).toMatchObject({ runner });
    },
  );

  it.each([
    ["is not known", { architecture: "x64" }, undefined],
    ["a fleet's parameter is of an older release", {}, release],
  ] as const)("is left to the user data where it %s", async (_what, own, known) => {
    expect(await handedOver("jit", own, known)).not.toHaveProperty("runner");
  });
});
