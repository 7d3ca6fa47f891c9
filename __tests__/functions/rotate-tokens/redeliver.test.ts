import { rotateTokens } from "../../../functions/rotate-tokens/rotate-tokens";
import { SetupError } from "../../../functions/rotate-tokens/setup-error";
import type { ManagedWebhook, RotateTokensSettings } from "../../../functions/shared/contract";
import type { Redelivery, RedeliveryRequest } from "../../../functions/shared/token";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import type { SsmMemory } from "../../support/ssm-memory";
import { appSettings, hook, MINUTE, NOW, parameter, patSettings, startGithub, startSsm } from "./fixture";

const ORGANIZATION = "orgs/acme/hooks/42";
const LIST = "GET /orgs/{org}/hooks/{hook_id}/deliveries";
const SEND = "POST /orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts";
const DAY = 24 * 60 * MINUTE;

let time: number;
let github: GithubServer;
let ssm: SsmMemory;
let logs: CapturedLogs;
/** What the webhook answers; 0: nothing in time. */
let answer: number;
/** Guids of the deliveries that the webhook took. */
let taken: string[];

beforeEach(async () => {
  time = NOW;
  jest.spyOn(Date, "now").mockImplementation(() => time);
  github = await startGithub();
  github.state.deliveries.deliver = ({ guid }) => {
    if (answer === 202) taken.push(guid);
    return answer;
  };
  ssm = startSsm();
  logs = captureLogs();
  answer = 202;
  taken = [];
});

afterEach(async () => {
  logs.restore();
  jest.restoreAllMocks();
  await github.stop();
});

/** What the webhook at GitHub must have for its deliveries to be taken. */
const RIGHT = { url: hook.url, secret: "the current one" };

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The id of a delivery that the webhook answered with `status`. */
const deliver = async (guid: string, status = 503, path = ORGANIZATION, event = "workflow_job") => {
  answer = status;
  const { id } = await github.state.deliveries.send(path, { guid, event, action: "queued", payload: {} });
  answer = 202;
  return String(id);
};

const redeliver = async (
  request: Partial<RedeliveryRequest> = {},
  settings: RotateTokensSettings = patSettings(github, { webhook: hook }),
): Promise<Redelivery> => {
  const asked = { since: iso(NOW - MINUTE), except: [], ...request };
  const { redelivered } = await rotateTokens(
    { ssm: ssm.client, settings, now: () => time },
    { redeliver: asked },
  );
  await github.state.deliveries.settle();
  if (!redelivered) throw new Error("not asked for");
  return redelivered;
};

/** Calls as the sweep does, with what it remembers. */
const sweepFor = async (minutes: number, every = 2): Promise<Redelivery[]> => {
  const answers: Redelivery[] = [];
  let since = iso(NOW - MINUTE);
  for (const end = time + minutes * MINUTE; time < end; time += every * MINUTE) {
    const one = await redeliver({ since, except: answers.flatMap(({ ids }) => ids) });
    answers.push(one);
    since = one.until;
  }
  return answers;
};

describe("failed deliveries", () => {
  it("are sent again, also those that nobody answered, and no others", async () => {
    const [failed, , unanswered] = [
      await deliver("failed"),
      await deliver("taken", 202),
      await deliver("unanswered", 0),
      await deliver("of another event", 503, ORGANIZATION, "push"),
    ];
    taken = [];

    const { ids, failing } = await redeliver();

    expect([...taken].sort()).toEqual(["failed", "unanswered"]);
    expect([...ids].sort()).toEqual([failed, unanswered].sort());
    expect(failing).toEqual([]);
  });

  it("are sent once each", async () => {
    await deliver("failed");

    await sweepFor(20);

    expect(taken).toEqual(["failed"]);
  });

  it("are not sent again while what came of it is not listed yet", async () => {
    const id = await deliver("failed");

    expect((await redeliver({ except: [id] })).ids).toEqual([]);
  });

  it.each<[string, ManagedWebhook, string, Partial<RotateTokensSettings["github"]>]>([
    ["a repository", { ...hook, kind: "repository" }, "repos/acme/app/hooks/42", { repository: "app" }],
    ["the App", { ...hook, kind: "app", hookId: undefined }, "app", {}],
  ])("of the webhook of %s are sent again", async (_title, webhook, path, own) => {
    await deliver("failed", 503, path);
    const settings = appSettings(github, { webhook });

    await redeliver({}, { ...settings, github: { ...settings.github, ...own } });

    expect(taken).toEqual(["failed"]);
  });

  it("of the organization are sent again as the App", async () => {
    await deliver("failed");

    await redeliver({}, appSettings(github, { webhook: hook }));

    expect(taken).toEqual(["failed"]);
  });

  it("keep their ids, which are greater than a number can be", async () => {
    const id = "90071992547409931";
    const item = { guid: "failed", event: "workflow_job", redelivery: false, status_code: 503 };
    const list = `[{"id":${id},${JSON.stringify({ ...item, delivered_at: iso(NOW) }).slice(1)}]`;
    const sent: string[] = [];
    jest.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
      const url = input as string;
      if (init?.method === "POST") sent.push(url);
      const body = init?.method === "POST" ? "{}" : list;
      const response = new Response(body, { headers: { "content-type": "application/json" } });
      return Promise.resolve(Object.defineProperty(response, "url", { value: url }));
    });

    expect((await redeliver()).ids).toEqual([id]);
    expect(sent[0]).toMatch(new RegExp(`/deliveries/${id}/attempts$`));
  });

  it("are found on every page, and sought no further back than they have to be", async () => {
    time = NOW - 10 * MINUTE;
    for (let number = 0; number < 150; number++) await deliver(`old-${number}`, 202);
    time = NOW;
    await deliver("first");
    for (let number = 0; number < 110; number++) await deliver(`taken-${number}`, 202);
    taken = [];

    await redeliver();

    expect(taken).toEqual(["first"]);
    expect(github.requestsTo(LIST)).toHaveLength(2);
  });

  it.each([
    ["https://github.com", 3],
    ["https://github.acme.example", 7],
  ])("older than %s sends again, %d days, are left alone", async (webUrl, days) => {
    time = NOW - days * DAY - MINUTE;
    await deliver("too old");
    time = NOW - days * DAY + MINUTE;
    await deliver("old");
    time = NOW;
    const settings = patSettings(github, { webhook: hook });

    await redeliver({ since: iso(NOW - 30 * DAY) }, { ...settings, github: { ...settings.github, webUrl } });

    expect(taken).toEqual(["old"]);
  });
});

describe("an outage", () => {
  const broken = (status: number): void => {
    github.state.deliveries.deliver = ({ guid }) => {
      if (status === 202) taken.push(guid);
      return status;
    };
  };

  it("of more than an hour loses nothing, and every delivery is tried a few times only", async () => {
    broken(503);
    for (let number = 0; number < 5; number++) await deliver(`job-${number}`);

    await sweepFor(70);
    broken(202);
    await sweepFor(40);

    expect([...taken].sort()).toEqual([0, 1, 2, 3, 4].map((number) => `job-${number}`));
    expect(github.requestsTo(SEND)).toHaveLength(5 * 4);
  });

  it("that does not end is told, and tried no more", async () => {
    broken(503);
    await deliver("job");

    const answers = await sweepFor(800, 10);

    const told = answers.findIndex(({ failing }) => failing.includes("job"));
    expect(told).toBe(64);
    expect(github.requestsTo(SEND)).toHaveLength(6);
    expect(Date.parse(answers.at(-1)?.until ?? "")).toBe(time - 11 * MINUTE);
  });
});

describe("the time that is settled", () => {
  it("is a minute ago when nothing is left to do", async () => {
    await deliver("taken", 202);

    expect((await redeliver()).until).toBe(iso(NOW - MINUTE));
  });

  it("is that of the first attempt of what was sent again", async () => {
    time = NOW - 5 * MINUTE;
    await deliver("failed");
    time = NOW;

    expect((await redeliver({ since: iso(NOW - 10 * MINUTE) })).until).toBe(iso(NOW - 5 * MINUTE));
  });
});

describe("when GitHub does not go along", () => {
  it.each([
    ["429", { status: 429, headers: { "retry-after": "60" } }],
    ["403", { status: 403, message: "You have exceeded a secondary rate limit." }],
  ])("a limit on lists (%s) leaves all to the next call", async (_title, fault) => {
    await deliver("failed");
    github.inject({ route: LIST, ...fault });

    expect(await redeliver()).toEqual({ ids: [], failing: [], until: iso(NOW - MINUTE) });
  });

  it.each([
    ["fails", { status: 502 }],
    ["is lost", { loseAnswer: true }],
  ])("a page of the list that %s is asked for again, and what was read before is kept", async (_, fault) => {
    await deliver("on the second page");
    for (let number = 0; number < 110; number++) await deliver(`taken-${number}`, 202);
    await deliver("on the first page");
    taken = [];
    // Each page has three tries; the one in between goes through.
    github.inject({ route: LIST, times: 2, ...fault });
    github.inject({ route: LIST, times: 1, latency: 1 });
    github.inject({ route: LIST, times: 2, ...fault });

    await redeliver();

    expect([...taken].sort()).toEqual(["on the first page", "on the second page"]);
    expect(github.requestsTo(LIST)).toHaveLength(6);
  });

  it("a page of the list that goes on failing fails the call, after three tries", async () => {
    await deliver("failed");
    github.inject({ route: LIST, status: 502 });

    await expect(redeliver()).rejects.toMatchObject({ status: 502 });

    expect(github.requestsTo(LIST)).toHaveLength(3);
    expect(taken).toEqual([]);
  });

  it.each([403, 404])("a list that is refused with %i is not asked for again", async (status) => {
    github.inject({ route: LIST, status });

    await expect(redeliver()).rejects.toBeInstanceOf(SetupError);

    expect(github.requestsTo(LIST)).toHaveLength(1);
  });

  it("a limit on sending leaves the rest to the next call", async () => {
    time = NOW - 3 * MINUTE;
    for (let number = 0; number < 30; number++) await deliver(`job-${number}`);
    time = NOW;
    github.inject({ route: SEND, status: 403, headers: { "retry-after": "60" } });

    const first = await redeliver({ since: iso(NOW - 5 * MINUTE) });
    github.heal();
    const asked = github.requestsTo(SEND).length;
    await redeliver({ since: first.until, except: first.ids });

    expect(first).toEqual({ ids: [], failing: [], until: iso(NOW - 3 * MINUTE) });
    expect(asked).toBeLessThanOrEqual(10);
    expect(taken).toHaveLength(30);
  });

  it("sends no more at once than GitHub's limit admits in a minute", async () => {
    for (let number = 0; number < 160; number++) await deliver(`job-${number}`);

    const { ids, until } = await redeliver();

    expect([ids.length, taken.length]).toEqual([150, 150]);
    expect(until).toBe(iso(NOW - MINUTE));
  });

  it("one that cannot be sent again is no matter of the others, and is let go", async () => {
    await deliver("one");
    await deliver("two");
    github.inject({ route: SEND, status: 422, times: 1 });

    const { ids } = await redeliver();

    expect([ids.length, taken.length]).toEqual([1, 1]);
    expect(logs.lines()).toContainEqual(expect.objectContaining({ message: "delivery not sent again" }));
  });

  it("one whose sending gave no clear answer is sent by the next call", async () => {
    await deliver("failed");
    github.inject({ route: SEND, status: 502, times: 1 });

    const first = await redeliver();
    await redeliver({ since: first.until });

    expect(first.ids).toEqual([]);
    expect(taken).toEqual(["failed"]);
  });

  it.each([
    [LIST, 404, /^GitHub shows no webhook 42 of acme to this credential/],
    [SEND, 403, /^The credential may not edit webhook 42 of acme/],
  ])("a refusal of %s with %i says what to do", async (route, status, sentence) => {
    await deliver("failed");
    github.inject({ route, status, message: "Resource not accessible by integration" });

    const error: unknown = await redeliver().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(SetupError);
    expect((error as Error).message).toMatch(sentence);
  });
});

it("touches neither tokens nor the webhook", async () => {
  const before = { ...github.state.hooks.get(ORGANIZATION) };

  await redeliver();

  expect(ssm.writes).toEqual([]);
  expect(ssm.value(parameter.secret)).toBe("unset");
  expect(github.state.hooks.get(ORGANIZATION)).toEqual(before);
});

it("goes the way to GitHub that it is given", async () => {
  const settings = appSettings(github, { webhook: hook, registrationTokenParameter: parameter.registration });
  const fetch = jest.fn(globalThis.fetch);
  const deps = { ssm: ssm.client, settings, now: () => time, fetch };

  await rotateTokens(deps);
  await rotateTokens(deps, { redeliver: { since: iso(NOW), except: [] } });

  expect(fetch).toHaveBeenCalledTimes(github.requests.length);
});

it("answers nothing where no webhook is managed", async () => {
  const deps = { ssm: ssm.client, settings: appSettings(github), now: () => time };

  expect(await rotateTokens(deps, { redeliver: { since: iso(NOW), except: [] } })).toEqual({ tokens: [] });
});

describe("when GitHub has another secret or address than it should", () => {
  const atGithub = () => github.state.hooks.get(ORGANIZATION);
  const settled = { rotatedAt: iso(NOW) };

  beforeEach(() => {
    ssm.put(parameter.secret, JSON.stringify({ current: RIGHT.secret, ...settled }));
    github.state.deliveries.deliver = ({ guid }) => {
      const { url, secret } = atGithub() ?? {};
      if (url !== RIGHT.url || secret !== RIGHT.secret) return 401;
      taken.push(guid);
      return 202;
    };
  });

  it.each([
    ["the placeholder of a webhook that was made anew", { secret: "replaced-by-token-rotation" }],
    ["the eight stars of an import", { secret: "********" }],
    ["an address that is no more", { url: "https://gone.example.com/webhook" }],
  ])("sets it before anything is sent again: %s", async (_title, wrong) => {
    Object.assign(atGithub() ?? {}, RIGHT, wrong);
    const id = await deliver("a");

    expect((await redeliver()).ids).toEqual([id]);
    expect(atGithub()).toMatchObject(RIGHT);
    expect(taken).toEqual(["a"]);
  });

  it("asks nothing of the webhook while no delivery fails", async () => {
    Object.assign(atGithub() ?? {}, RIGHT);
    await deliver("a");

    await redeliver();

    expect(github.requests.map(({ route }) => route)).toEqual([LIST]);
  });

  it("sends again all the same when it cannot be set", async () => {
    Object.assign(atGithub() ?? {}, RIGHT, { secret: "another" });
    const id = await deliver("a");
    github.inject({ route: "GET /orgs/{org}/hooks/{hook_id}", status: 502 });

    expect((await redeliver()).ids).toEqual([id]);
    expect(logs.lines().map(({ message }) => message)).toContain("webhook not set");
  });

  it("sends nothing again of an App's webhook that somebody else has taken", async () => {
    const stored = { current: RIGHT.secret, ...settled, address: hook.url };
    ssm.put(parameter.secret, JSON.stringify(stored));
    Object.assign(github.state.hooks.get("app") ?? {}, { url: "https://other.example.com/webhook" });
    github.state.deliveries.deliver = () => 500;
    await deliver("a", 500, "app");
    const webhook: ManagedWebhook = { ...hook, kind: "app", hookId: undefined };

    const { ids, until } = await redeliver({}, appSettings(github, { webhook }));

    expect([ids, until]).toEqual([[], iso(NOW - MINUTE)]);
    expect(github.state.hooks.get("app")?.url).toBe("https://other.example.com/webhook");
  });
});
