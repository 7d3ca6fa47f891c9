import { GithubError } from "../../../functions/shared/github";
import { createGithubAccess, LimitedError, type GithubAccess } from "../../../functions/shared/github-access";
import { patienceOf } from "../../../functions/shared/github-pauses";
import { listRunners } from "../../../functions/shared/runner-records";
import { NoTokenError, RotationError } from "../../../functions/shared/token";
import { START } from "../../support/fleet-world";
import { Github } from "../../support/github-core";
import { captureLogs, type CapturedLogs } from "../../support/logs";

const owner = { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme" };
const LIST = "GET /orgs/{org}/actions/runners";
const SECOND = 1000;
const MINUTE = 60 * SECOND;

let time: number;
/** Milliseconds by which GitHub's clock is ahead of ours. */
let skew: number;
let github: Github;
let logs: CapturedLogs;
/** What is written down for all. */
let postponed: Record<string, number>;
/** Names of the tokens that were asked for, "!" after one that GitHub had refused. */
let asked: string[];
/** Why there is no token. */
let failures: Record<string, Error>;
let held: Record<string, string>;

beforeEach(() => {
  time = START;
  skew = 0;
  github = new Github({ now: () => time + skew });
  logs = captureLogs();
  postponed = {};
  asked = [];
  failures = {};
  held = {};
});
afterEach(() => logs.restore());

const accessOf = (...names: string[]): GithubAccess => {
  const tokens = names.map((name, index) => {
    const mint = () => (held[name] = github.state.mintInstallationToken(undefined, index + 1).token);
    mint();
    const give = (mark: string, token: () => string): Promise<string> => {
      asked.push(`${name}${mark}`);
      return failures[name] ? Promise.reject(failures[name]) : Promise.resolve(token());
    };
    return {
      name,
      source: {
        get: () => give("", () => held[name] ?? ""),
        refused: () => give("!", mint),
        prime: () => undefined,
      },
    };
  });
  return createGithubAccess({
    apiUrl: owner.apiUrl,
    tokens,
    permits: {
      postpone: (name, until) => {
        postponed[name] = until;
        return Promise.resolve();
      },
    },
    now: () => time,
    fetch: github.fetch,
  });
};

const list = (access: GithubAccess, token?: string): Promise<string> =>
  access.call(async (octokit) => {
    await listRunners(octokit, owner);
    return "listed";
  }, token);

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "none",
    (error: unknown) => error,
  );

const limitOf = async (call: Promise<unknown>): Promise<LimitedError> => {
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(LimitedError);
  return error as LimitedError;
};

describe("a refused token", () => {
  it("is replaced, and the calls run once more from their beginning", async () => {
    const access = accessOf("123");
    github.state.revoke(held["123"] ?? "");
    const begun: string[] = [];

    await access.call((octokit) => {
      begun.push("run");
      return listRunners(octokit, owner);
    });

    expect(begun).toEqual(["run", "run"]);
    expect(asked).toEqual(["123", "123!"]);
  });

  it("is replaced once: a second refusal is told", async () => {
    const access = accessOf("123");
    github.inject({ route: LIST, status: 401 });

    expect(await failureOf(list(access))).toMatchObject({ status: 401 });
    expect(github.requestsTo(LIST)).toHaveLength(2);
  });
});

describe("GitHub's limits", () => {
  const secondary = "You have exceeded a secondary rate limit.";
  const reset = (minutes: number): Record<string, string> => ({
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(START / 1000 + minutes * 60),
  });

  it.each([
    ["429 says how long to wait", { status: 429, headers: { "retry-after": "30" } }, 30 * SECOND],
    ["403 says how long to wait", { status: 403, headers: { "retry-after": "90" } }, 90 * SECOND],
    ["nothing is left until the reset", { status: 403, headers: reset(12) }, 12 * MINUTE],
    ["429 comes with nothing left until the reset", { status: 429, headers: reset(3) }, 3 * MINUTE],
    ["a secondary limit does not say how long", { status: 403, message: secondary }, MINUTE],
    ["a secondary limit has its former name", { status: 403, message: "abuse detection" }, MINUTE],
    ["the reset is over by our clock", { status: 403, headers: reset(-1) }, SECOND],
  ])("are written down and told when %s", async (_title, fault, wait) => {
    const access = accessOf("123");
    github.inject({ route: LIST, times: 1, ...fault });

    const error = await limitOf(list(access));

    expect(error).toMatchObject({ token: "123", until: START + wait });
    expect(postponed).toEqual({ 123: START + wait });
  });

  it.each([-31, 700])("are waited for by our clock where GitHub's is %d seconds ahead", async (seconds) => {
    skew = seconds * SECOND;
    const access = accessOf("123");
    const headers = {
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String((START + skew + 12 * MINUTE) / 1000),
    };
    github.inject({ route: LIST, status: 403, times: 1, headers });

    const { until } = await limitOf(list(access));

    expect(until).toBe(START + 12 * MINUTE);
    expect(postponed).toEqual({ 123: until });
  });

  it.each([-31, 700])("stop permits by our clock where GitHub's is %d seconds ahead", async (seconds) => {
    skew = seconds * SECOND;
    const access = accessOf("123");
    github.rateLimit.remaining = 200;
    github.rateLimit.resetAt = (START + skew + 12 * MINUTE) / 1000;

    await list(access);
    expect([access.skew(), access.isShort()]).toEqual([skew, true]);
    time += 12 * MINUTE + SECOND;

    expect(postponed).toEqual({ 123: START + 12 * MINUTE });
    expect(access.isShort()).toBe(false);
  });

  it("are asked for no more until then", async () => {
    const access = accessOf("123");
    github.inject({ route: LIST, status: 429, headers: { "retry-after": "30" }, times: 1 });
    await failureOf(list(access));

    time += 29 * SECOND;
    expect((await limitOf(list(access))).until).toBe(START + 30 * SECOND);
    expect(github.requests).toHaveLength(1);
    time += SECOND;
    expect(await list(access)).toBe("listed");
  });

  it("are waited for longer each time that was not enough, until GitHub does what it is asked", async () => {
    const access = accessOf("123");
    const waits: number[] = [];
    const meet = async (): Promise<void> => {
      const { until } = await limitOf(list(access));
      waits.push((until - time) / MINUTE);
      time = until;
    };
    github.inject({ route: LIST, status: 403, message: secondary });

    for (let round = 0; round < 6; round++) await meet();
    github.heal();
    await list(access);
    github.inject({ route: LIST, status: 403, message: secondary });
    await meet();

    expect(waits).toEqual([1, 2, 4, 8, 16, 16, 1]);
  });

  it("count as one setback for calls that were under way together", async () => {
    const access = accessOf("123");
    github.inject({ route: LIST, status: 403, message: secondary });

    await Promise.all([1, 2, 3].map(() => failureOf(list(access))));
    time += MINUTE;

    expect((await limitOf(list(access))).until).toBe(time + 2 * MINUTE);
  });

  it("are obeyed after the last call that is left, which is done", async () => {
    const access = accessOf("123");
    github.rateLimit.remaining = 1;

    expect(await list(access)).toBe("listed");
    const { until } = await limitOf(list(access));

    expect(until).toBe(github.rateLimit.resetAt * 1000);
    expect(postponed).toEqual({ 123: until });
    expect(github.requests).toHaveLength(1);
  });

  it("leave the last calls of the hour to those that need no permit", async () => {
    const access = accessOf("123");
    github.rateLimit.remaining = 251;

    await list(access);
    expect(postponed).toEqual({});
    expect([await list(access), await list(access)]).toEqual(["listed", "listed"]);

    expect(postponed).toEqual({ 123: github.rateLimit.resetAt * 1000 });
  });

  it("are near when few calls of the hour are left, until the reset", async () => {
    const access = accessOf("123");
    github.rateLimit.remaining = 1501;
    await list(access);
    expect(access.isShort()).toBe(false);

    await list(access);
    expect(access.isShort()).toBe(true);

    time = github.rateLimit.resetAt * 1000;
    expect(access.isShort()).toBe(false);
  });

  it("of registrations alone are written down, and hold up nothing else", async () => {
    const access = accessOf("123");
    const headers = { ...reset(12), "x-ratelimit-resource": "actions_runner_registration" };
    github.inject({ route: LIST, status: 403, headers, times: 1 });

    await limitOf(list(access));

    expect(postponed).toEqual({ 123: START + 12 * MINUTE });
    expect(await list(access)).toBe("listed");
  });

  it("are no missing permission", async () => {
    const access = accessOf("123");
    github.inject({ route: LIST, status: 403, message: "Resource not accessible by integration" });

    expect(await failureOf(list(access))).toBeInstanceOf(GithubError);
    expect(postponed).toEqual({});
  });

  it("take nothing from what was done when they cannot be written down", async () => {
    github.rateLimit.remaining = 1;
    const access = createGithubAccess({
      apiUrl: owner.apiUrl,
      tokens: [{ name: "123", source: { ...sourceOf(), prime: () => undefined } }],
      permits: { postpone: () => Promise.reject(new Error("throttled")) },
      now: () => time,
      fetch: github.fetch,
    });

    expect(await list(access)).toBe("listed");
    expect(logs.lines()).toContainEqual(expect.objectContaining({ message: "pause not written down" }));
  });

  const sourceOf = () => {
    const { token } = github.state.mintInstallationToken();
    return { get: () => Promise.resolve(token), refused: () => Promise.resolve(token) };
  };
});

describe("several Apps", () => {
  const limitOnce = (seconds: number): void =>
    github.inject({ route: LIST, status: 429, headers: { "retry-after": String(seconds) }, times: 1 });

  it("take over from one that is limited, within the call and after it", async () => {
    const access = accessOf("first", "second");
    limitOnce(30);

    expect(await list(access)).toBe("listed");
    expect(await list(access)).toBe("listed");

    expect(asked).toEqual(["first", "second", "second"]);
    expect(postponed).toEqual({ first: START + 30 * SECOND });
  });

  it("tell when the first of them can be used again once all are limited, and are not called", async () => {
    const access = accessOf("first", "second");
    limitOnce(30);
    limitOnce(20);
    await failureOf(list(access));

    const error = await limitOf(list(access));

    expect(error).toMatchObject({ token: "second", until: START + 20 * SECOND });
    expect(github.requests).toHaveLength(2);
  });

  it("do not stand in for the one that is named", async () => {
    const access = accessOf("first", "second");
    limitOnce(30);

    expect(await limitOf(list(access, "second"))).toMatchObject({ token: "second" });
    expect(asked).toEqual(["second"]);
  });

  it.each([
    ["its token cannot be rotated", () => (failures.first = new RotationError("failed"))],
    ["it has no token", () => (failures.first = new NoTokenError("none"))],
    ["even its new token is refused", () => github.inject({ route: LIST, status: 401, times: 2 })],
  ])("do without one when %s", async (_title, breaks) => {
    const access = accessOf("first", "second");
    breaks();

    expect(await list(access)).toBe("listed");

    expect(postponed).toEqual({ first: START + 2 * MINUTE });
    expect(logs.lines()).toContainEqual(
      expect.objectContaining({ level: "ERROR", message: "token unusable, others are used", app: "first" }),
    );
  });

  it("are ready when one of them is, and ask for the other's token only after a while", async () => {
    const access = accessOf("first", "second");
    failures.first = new RotationError("failed");

    await access.ready();
    await access.ready();

    expect(asked).toEqual(["first", "second", "second"]);
  });
});

describe("no usable token", () => {
  it("is told as it is by the only App", async () => {
    const access = accessOf("123");
    failures["123"] = new RotationError("failed");

    await expect(access.ready()).rejects.toBe(failures["123"]);
    await expect(list(access)).rejects.toBe(failures["123"]);
    expect(postponed).toEqual({});
  });

  it("is told by the first cause when no App has one", async () => {
    const access = accessOf("first", "second");
    failures = { first: new RotationError("failed"), second: new NoTokenError("none") };

    await expect(access.ready()).rejects.toBe(failures.first);
  });

  it("is what a call meets where none is configured, and nothing to wait for", async () => {
    await expect(accessOf().ready()).resolves.toBeUndefined();
    await expect(list(accessOf())).rejects.toBeInstanceOf(NoTokenError);
    await expect(list(accessOf("first"), "second")).rejects.toBeInstanceOf(NoTokenError);
  });
});

it("takes the wait that GitHub asks for before the reset", () => {
  expect(patienceOf({ retryAfter: 5, remaining: 0, resetAt: START / 1000 + 60 }, START)).toBe(START + 5000);
});
