import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { run } from "../run-program";

interface Comment {
  readonly id: number;
  body: string;
  readonly html_url: string;
  readonly user: { readonly login: string };
}

type Answer = readonly [status: number, json: unknown, headers?: Readonly<Record<string, string>>];

const BOT = "github-actions[bot]";

/** As GitHub words it: https://github.com/KnpLabs/php-github-api/issues/1126 */
const SECONDARY_LIMIT =
  "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.";
const TOKEN = "ghs_of-the-workflow";

/** GitHub, as far as comments go; like the real one it pages, and asks for a token that may write. */
class Comments {
  readonly all: Comment[] = [];
  mayWrite = true;
  /** How many calls more it fails at. */
  failures = 0;
  /** How many comments more it refuses to take for a rate limit, and what it says then. */
  limited = 0;
  limit: Readonly<Record<string, string>> = { "retry-after": "1" };
  isLocked = false;

  add(body: string, login = BOT): Comment {
    const id = this.all.length + 1;
    const comment = {
      id,
      body,
      html_url: `https://github.com/acme/infra/pull/7#issuecomment-${id}`,
      user: { login },
    };
    this.all.push(comment);
    return comment;
  }

  answer(method: string, url: string, token: string, body: string): Answer {
    const { pathname, searchParams } = new URL(url, "http://github");
    if (this.failures > 0) {
      this.failures -= 1;
      return [502, { message: "Server Error" }];
    }
    if (token !== `Bearer ${TOKEN}`) return [401, { message: "Bad credentials" }];
    if (method === "GET" && pathname === "/repos/acme/infra/issues/7/comments") {
      const [size, page] = [Number(searchParams.get("per_page")), Number(searchParams.get("page"))];
      return [200, this.all.slice(size * (page - 1), size * page)];
    }
    if (!this.mayWrite) return [403, { message: "Resource not accessible by integration" }];
    if (this.limited > 0) {
      this.limited -= 1;
      return [403, { message: SECONDARY_LIMIT }, this.limit];
    }
    // https://github.com/renovatebot/renovate/issues/6215
    if (this.isLocked) return [403, { message: "Unable to create comment because issue is locked." }];
    const given = (JSON.parse(body) as { body: string }).body;
    if (method === "POST" && pathname === "/repos/acme/infra/issues/7/comments")
      return [201, this.add(given)];
    const id = /^\/repos\/acme\/infra\/issues\/comments\/(\d+)$/.exec(pathname)?.[1];
    const found = this.all.find((one) => String(one.id) === id);
    if (method !== "PATCH" || found === undefined) return [404, { message: "Not Found" }];
    found.body = given;
    return [200, found];
  }
}

const folder = mkdtempSync(join(tmpdir(), "post-comment-"));
const event = join(folder, "event.json");
writeFileSync(event, JSON.stringify({ pull_request: { number: 7 } }));

describe("ephemeral-runners post-comment", () => {
  let github: Comments;
  let environment: NodeJS.ProcessEnv;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const [status, json, more] = github.answer(method, url, headers.authorization ?? "", body);
      response.writeHead(status, { "content-type": "application/json", ...more }).end(JSON.stringify(json));
    });
  });

  beforeAll(() => new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready)));
  afterAll(() => new Promise((closed) => server.close(closed)));
  beforeEach(() => {
    github = new Comments();
    environment = {
      GITHUB_TOKEN: TOKEN,
      GITHUB_REPOSITORY: "acme/infra",
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      GITHUB_EVENT_PATH: event,
    };
  });

  const post = (text: string, ...words: string[]) =>
    run(["post-comment", "-", ...words], { environment, input: () => text });

  it("writes a comment, and says where it stands", async () => {
    expect(await post("## Review\n")).toEqual({
      code: 0,
      out: "https://github.com/acme/infra/pull/7#issuecomment-1\n",
      error: "",
    });
    expect(github.all.map(({ body }) => body)).toEqual([
      "## Review\n\n<!-- ephemeral-runners plan-review: default -->",
    ]);
  });

  it("updates its own comment, also behind a hundred others", async () => {
    for (let index = 0; index < 130; index += 1) github.add(`comment ${index}`, "somebody");
    await post("first");

    await post("second");

    expect(github.all).toHaveLength(131);
    expect(github.all[130]!.body).toMatch(/^second\n/);
  });

  it("has a comment for each key", async () => {
    await post("staging", "--key", "staging");
    await post("production", "--key", "production");
    await post("production again", "--key", "production");

    expect(github.all.map(({ body }) => body.split("\n")[0])).toEqual(["staging", "production again"]);
  });

  it("touches nobody else's comment, whatever stands in it", async () => {
    const mark = "\n<!-- ephemeral-runners plan-review: default -->";
    github.add(`approved${mark}`, "mallory");
    github.add(`a quote:${mark}\nand more`);

    await post("review");

    expect(github.all.map(({ body }) => body.split("\n")[0])).toEqual(["approved", "a quote:", "review"]);
  });

  it("ends with 1 where GitHub refuses, as it does for a fork", async () => {
    github.mayWrite = false;

    const { code, error, out } = await post("review");

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(/^GitHub answered 403 .*: Resource not accessible.* from a fork\.\n$/);
  });

  it("tries again where GitHub fails", async () => {
    await post("first");
    github.failures = 1;

    expect((await post("second")).code).toBe(0);
    expect(github.all.map(({ body }) => body.split("\n")[0])).toEqual(["second"]);
  });

  it("waits as long as GitHub says at a secondary rate limit, and writes one comment", async () => {
    github.limited = 1;
    const start = Date.now();

    expect((await post("review")).code).toBe(0);

    expect(Date.now() - start).toBeGreaterThanOrEqual(990);
    expect(github.all).toHaveLength(1);
  });

  it("ends with 1 at a rate limit that lasts, and says when to run it again", async () => {
    github.limited = 1;
    github.limit = { "retry-after": "1500" };

    const { code, error } = await post("review");

    expect(code).toBe(1);
    expect(error).toMatch(/secondary rate limit.* It is a rate limit: run it again in 25 min\.\n$/);
  });

  it("ends with 1 where the conversation is locked, and says that", async () => {
    github.isLocked = true;

    const { code, error } = await post("review");

    expect(code).toBe(1);
    expect(error).toMatch(/The conversation of the pull request is locked: unlock it, and run it again\.\n$/);
    expect(error).not.toContain("pull-requests: write");
  });

  it("says that the token is none", async () => {
    environment.GITHUB_TOKEN = "expired";

    expect(await post("review")).toMatchObject({
      code: 1,
      error: expect.stringMatching(/has expired\.\n$/) as string,
    });
  });

  it.each<[string, NodeJS.ProcessEnv, string]>([
    ["no token", { GITHUB_TOKEN: "" }, "GITHUB_TOKEN is not set"],
    ["no repository", { GITHUB_REPOSITORY: undefined }, 'set it to "owner/name"'],
    ["a repository that is none", { GITHUB_REPOSITORY: "../../user" }, 'set it to "owner/name"'],
    ["no pull request", { GITHUB_EVENT_PATH: undefined }, "--pull-request"],
    ["no GitHub", { GITHUB_API_URL: "http://127.0.0.1:1" }, "is GITHUB_API_URL right?"],
  ])("with %s ends with 2, and says what is missing", async (_, changes, told) => {
    environment = { ...environment, ...changes };

    const { code, error } = await post("review");

    expect(code).toBe(2);
    expect(error).toContain(told);
  });

  it("refuses what GitHub would not take", async () => {
    expect(await post("x".repeat(65_536))).toMatchObject({
      code: 2,
      error: expect.stringContaining("GitHub takes 65536") as string,
    });
  });
});
