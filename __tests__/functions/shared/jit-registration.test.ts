import { createGithubAccess, LimitedError } from "../../../functions/shared/github-access";
import { jitRegistration, type JitRegistration } from "../../../functions/shared/jit-registration";
import { fleetSettings, START } from "../../support/fleet-world";
import { Github } from "../../support/github-core";
import { captureLogs, type CapturedLogs } from "../../support/logs";

const settings = { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme" };
const GENERATE = "POST /orgs/{org}/actions/runners/generate-jitconfig";

let github: Github;
let registration: JitRegistration;
let logs: CapturedLogs;
let held: Record<string, string>;
let postponed: Record<string, number>;

beforeEach(() => {
  github = new Github({ now: () => START });
  logs = captureLogs();
  held = {};
  postponed = {};
  const tokens = ["123", "124"].map((name, index) => {
    const mint = () => (held[name] = github.state.mintInstallationToken(undefined, index + 1).token);
    mint();
    return {
      name,
      source: {
        get: () => Promise.resolve(held[name] ?? ""),
        refused: () => Promise.resolve(mint()),
        prime: () => undefined,
      },
    };
  });
  const permits = {
    postpone: (name: string, until: number) => {
      postponed[name] = until;
      return Promise.resolve();
    },
  };
  const { apiUrl } = settings;
  const access = createGithubAccess({ apiUrl, tokens, permits, now: () => START, fetch: github.fetch });
  registration = jitRegistration(settings, access);
});
afterEach(() => logs.restore());

const register = (token = "123") => registration.register("one", fleetSettings(), token);
const records = () => github.state.runnersOf("orgs/acme");

it("asks with the token that has the permit", async () => {
  github.state.revoke(held["123"] ?? "");

  await register("124");

  expect(github.requests).toMatchObject([{ route: GENERATE, status: 201 }]);
});

it.each([
  ["its answer was lost", { loseAnswer: true }],
  ["GitHub failed", { status: 502 }],
])("is had on the second try when %s, and one record stays", async (_title, fault) => {
  github.inject({ route: GENERATE, times: 1, ...fault });

  const { runnerId } = await register();

  expect(records()).toMatchObject([{ id: runnerId }]);
});

it("is had with another token when GitHub refuses the one at hand", async () => {
  github.state.revoke(held["123"] ?? "");

  const { runnerId, encodedJitConfig } = await register();

  expect(records()).toMatchObject([{ id: runnerId }]);
  expect(encodedJitConfig).toMatch(/^[\w+/=]+$/);
});

it("puts off to GitHub's time at a limit, also for the others who have permits", async () => {
  github.inject({ route: GENERATE, status: 403, headers: { "retry-after": "60" } });

  const error: unknown = await register().catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(LimitedError);
  expect(error).toMatchObject({ token: "123", until: START + 60_000 });
  expect(postponed).toEqual({ 123: START + 60_000 });
  expect(github.requestsTo(GENERATE)).toHaveLength(1);
});

it("finds what a lost answer left when it is asked for again after a limit", async () => {
  github.inject({ route: GENERATE, loseAnswer: true, times: 1 });
  github.inject({ route: GENERATE, status: 429, headers: { "retry-after": "0" }, times: 1 });
  await expect(register()).rejects.toBeInstanceOf(LimitedError);

  const { runnerId } = await register();

  expect(records()).toMatchObject([{ id: runnerId }]);
});

it("fails at once where time mends nothing", async () => {
  github.inject({ route: GENERATE, status: 422 });

  await expect(register()).rejects.toMatchObject({ status: 422 });
  expect(github.requests).toHaveLength(1);
});

it("leaves no record behind when it failed without a clear answer", async () => {
  github.inject({ route: GENERATE, loseAnswer: true, times: 2 });

  await expect(register()).rejects.toMatchObject({ status: 0 });
  expect(records()).toEqual([]);
});

it("gives up a call after five seconds, since a machine waits", async () => {
  const timeouts = jest.spyOn(AbortSignal, "timeout");

  await register();

  expect(timeouts.mock.calls).toEqual([[5000]]);
  timeouts.mockRestore();
});
