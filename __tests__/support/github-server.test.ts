import { createSign } from "node:crypto";
import { restClient } from "../../functions/rotate-tokens/rest-client";
import { makeAppKey } from "./app-key";
import { GithubServer } from "./github-server";

const key = makeAppKey();
let github: GithubServer;

beforeEach(async () => {
  github = await GithubServer.start({ app: { id: "123", publicKey: key.publicKey }, pats: ["ghp_1"] });
});

afterEach(() => github.stop());

const call = (route: string, body?: unknown, token = "ghp_1") =>
  fetch(`${github.url}${route.split(" ")[1] ?? ""}`, {
    method: route.split(" ")[0],
    headers: { authorization: `Bearer ${token}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

const generate = (name: string) =>
  call("POST /orgs/acme/actions/runners/generate-jitconfig", { name, runner_group_id: 1, labels: ["x"] });

it("makes one runner of a name, and no second", async () => {
  const first = await generate("one");

  expect(first.status).toBe(201);
  expect(await first.json()).toMatchObject({
    runner: { name: "one" },
    encoded_jit_config: expect.any(String) as string,
  });
  expect((await generate("one")).status).toBe(409);
});

it("refuses to delete a busy runner, and deletes a free one", async () => {
  await generate("one");
  const [runner] = github.state.runnersOf("orgs/acme");
  const remove = () => call(`DELETE /orgs/acme/actions/runners/${runner?.id ?? 0}`);
  Object.assign(runner ?? {}, { busy: true });

  expect((await remove()).status).toBe(422);
  Object.assign(runner ?? {}, { busy: false });
  expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
});

it("lists a page of runners, or those of a name", async () => {
  for (const name of ["a", "b", "c"]) await generate(name);
  const { actions } = restClient({ apiUrl: github.url, token: "ghp_1" });

  const page = await actions.listSelfHostedRunnersForOrg({ org: "acme", per_page: 2, page: 2 });
  const named = await actions.listSelfHostedRunnersForOrg({ org: "acme", name: "b" });

  expect([page.data.total_count, page.data.runners.map(({ name }) => name)]).toEqual([3, ["c"]]);
  expect(named.data.runners.map(({ name }) => name)).toEqual(["b"]);
});

it("keeps repositories and organizations apart", async () => {
  await generate("one");

  expect(await (await call("GET /repos/acme/app/actions/runners")).json()).toMatchObject({ total_count: 0 });
});

describe("who calls", () => {
  it.each([[""], ["ghp_unknown"], ["a.b.c"]])("refuses %j", async (token) => {
    expect((await call("GET /orgs/acme/actions/runners", undefined, token)).status).toBe(401);
  });

  it("refuses a token that has expired or was revoked", async () => {
    const { token } = github.state.mintInstallationToken();
    const list = () => call("GET /orgs/acme/actions/runners", undefined, token);
    expect((await list()).status).toBe(200);

    github.state.revoke(token);

    expect((await list()).status).toBe(401);
  });

  it("refuses a token without the permission", async () => {
    const { token } = github.state.mintInstallationToken({ actions: "read" });

    expect((await call("GET /orgs/acme/actions/runners", undefined, token)).status).toBe(403);
  });
});

describe("the App's JWT", () => {
  const jwt = (claims: object, privateKey = key.privateKey, alg = "RS256"): string => {
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
    const now = Math.floor(Date.now() / 1000);
    const signed = `${encode({ alg })}.${encode({ iss: "123", iat: now - 30, exp: now + 500, ...claims })}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
  };
  const now = Math.floor(Date.now() / 1000);

  it.each([
    ["takes one signed by the App's key", jwt({}), 200],
    ["refuses one signed by another key", jwt({}, makeAppKey().privateKey), 401],
    ["refuses one of another App", jwt({ iss: "124" }), 401],
    ["refuses one that lasts longer than ten minutes", jwt({ exp: now + 700 }), 401],
    ["refuses one that has expired", jwt({ exp: now - 1 }), 401],
    ["refuses one signed another way", jwt({}, key.privateKey, "HS256"), 401],
  ])("%s", async (_title, token, status) => {
    expect((await call("GET /orgs/acme/installation", undefined, token)).status).toBe(status);
  });
});

describe("faults", () => {
  it("hit one route, as often as they should", async () => {
    github.inject({ route: "GET /orgs/{org}/actions/runners", status: 503, times: 2 });
    const list = async () => (await call("GET /orgs/acme/actions/runners")).status;

    expect((await generate("one")).status).toBe(201);
    expect([await list(), await list(), await list()]).toEqual([503, 503, 200]);
  });

  it("lose an answer after the work was done", async () => {
    github.inject({ loseAnswer: true, times: 1 });

    await expect(generate("one")).rejects.toThrow();
    expect((await generate("one")).status).toBe(409);
  });
});

it("refuses everything when the rate limit is used up", async () => {
  github.rateLimit.remaining = 1;

  const first = await generate("one");

  expect([first.status, first.headers.get("x-ratelimit-remaining")]).toEqual([201, "0"]);
  expect((await generate("two")).status).toBe(403);
});
