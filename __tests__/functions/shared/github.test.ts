import { GithubError, githubClient, limitsOf } from "../../../functions/shared/github";
import { GithubServer } from "../../support/github-server";

let github: GithubServer;
let token: string;

const runners = "GET /orgs/{org}/actions/runners";

beforeEach(async () => {
  github = await GithubServer.start({ pats: ["ghp_secret"] });
  token = "ghp_secret";
});

afterEach(() => github.stop());

const RUNNERS = "GET /orgs/{org}/actions/runners";

const list = (timeout?: number): Promise<unknown> =>
  githubClient({ apiUrl: github.url, token, timeout }).request(RUNNERS, { org: "acme" });

const failure = async (call: Promise<unknown>): Promise<GithubError> => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(GithubError);
  return error as GithubError;
};

it("calls GitHub as who it is given", async () => {
  await expect(list()).resolves.toMatchObject({ status: 200, data: { total_count: 0 } });
  expect(github.requests).toMatchObject([{ path: "/orgs/acme/actions/runners", authorization: "pat" }]);
});

it("calls Enterprise Server below its path", async () => {
  const client = githubClient({ apiUrl: `${github.url}/api/v3`, token });

  await expect(client.request(RUNNERS, { org: "acme" })).resolves.toMatchObject({
    status: 200,
  });
});

it("says who it is", async () => {
  const send = jest.fn<ReturnType<typeof fetch>, Parameters<typeof fetch>>(() =>
    Promise.resolve(new Response("{}", { headers: { "content-type": "application/json" } })),
  );

  await githubClient({ apiUrl: github.url, token, fetch: send }).request("GET /");

  expect(new Headers(send.mock.calls[0]?.[1]?.headers).get("user-agent")).toMatch(
    /^cdktf-ephemeral-runners /,
  );
});

it("tries nothing twice", async () => {
  github.inject({ status: 502 });

  const { status, route } = await failure(list());

  expect({ status, route }).toEqual({ status: 502, route: runners });
  expect(github.requests).toHaveLength(1);
});

it("gives status 0 to a call that takes too long", async () => {
  github.inject({ latency: 500 });

  expect((await failure(list(50))).status).toBe(0);
});

it("lets a call say how long it may take", async () => {
  github.inject({ latency: 500 });
  const client = githubClient({ apiUrl: github.url, token });

  const call = client.request(RUNNERS, { org: "acme", request: { timeout: 50 } });

  expect((await failure(call)).status).toBe(0);
});

it("gives each call its time anew", async () => {
  const client = githubClient({ apiUrl: github.url, token, timeout: 150 });
  await client.request(RUNNERS, { org: "acme" });
  await new Promise((resolve) => setTimeout(resolve, 200));

  await expect(client.request(RUNNERS, { org: "acme" })).resolves.toMatchObject({
    status: 200,
  });
});

it("gives status 0 to a call whose answer was lost", async () => {
  github.inject({ loseAnswer: true });

  expect((await failure(list())).status).toBe(0);
});

it("says what GitHub said of its limits", async () => {
  github.inject({
    status: 403,
    message: "You have exceeded a secondary rate limit.",
    headers: { "retry-after": "60" },
  });
  github.rateLimit.remaining = 18;

  const error = await failure(list());

  expect(error.limited).toBe(true);
  expect(error.limits).toEqual({
    date: expect.stringMatching(/GMT$/) as string,
    limit: 5000,
    remaining: 17,
    resetAt: github.rateLimit.resetAt,
    resource: "core",
    retryAfter: 60,
  });
});

it.each([
  ["a primary limit", 403, "API rate limit exceeded", { "x-ratelimit-remaining": "0" }, true],
  ["a secondary limit without a header", 403, "You have exceeded a secondary rate limit", {}, true],
  [
    "a secondary limit of Enterprise Server",
    403,
    "You have triggered an abuse detection mechanism",
    {},
    true,
  ],
  ["too many requests", 429, "Too many", {}, true],
  ["a missing permission", 403, "Resource not accessible by integration", {}, false],
  ["an outage", 503, "down", {}, false],
])("tells %s apart", async (_what, status, message, headers, limited) => {
  github.inject({ status, message, headers });

  expect((await failure(list())).limited).toBe(limited);
});

it("shows nothing of what was sent", async () => {
  github.inject({ status: 422, message: "Invalid" });
  const client = githubClient({ apiUrl: github.url, token });

  const error = await failure(client.request("PATCH /app/hook/config", { data: { secret: "s3cret" } }));

  const shown = JSON.stringify({ ...error }) + String(error.stack) + JSON.stringify(error.cause ?? "");
  expect(shown).not.toMatch(/s3cret|ghp_secret/);
});

it("logs nothing", async () => {
  const spies = (["log", "info", "warn", "error", "debug"] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation(),
  );
  github.inject({ status: 422 });

  // Octokit takes hold of the console while it is loaded.
  await jest.isolateModulesAsync(async () => {
    const fresh = await import("../../../functions/shared/github");
    const client = fresh.githubClient({ apiUrl: github.url, token });
    await client.request(RUNNERS, { org: "acme" }).catch(() => undefined);
  });

  const printed = spies.flatMap((spy) => spy.mock.calls as unknown[][]);
  spies.forEach((spy) => spy.mockRestore());
  expect(github.requests).toHaveLength(1);
  expect(printed).toEqual([]);
});

it("reads no limit where a header is missing or makes no sense", () => {
  expect(limitsOf({ "x-ratelimit-remaining": "many" })).toEqual({});
});
