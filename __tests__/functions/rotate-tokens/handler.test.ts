import type { Context } from "aws-lambda";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { appSettings, hook, parameter, startGithub, startSsm } from "./fixture";
import type { SsmMemory } from "../../support/ssm-memory";

let github: GithubServer;
let ssm: SsmMemory;
let logs: CapturedLogs;
let invoke: (event: unknown) => Promise<unknown>;

const context = { functionName: "rotate-tokens", awsRequestId: "request-1" } as Context;

/** Loaded as Lambda loads it: with its settings in the environment. */
beforeAll(async () => {
  github = await startGithub();
  process.env.SETTINGS = JSON.stringify(appSettings(github, { webhook: hook }));
  process.env.AWS_REGION = "eu-central-1";
  const { handler } = await import("../../../functions/rotate-tokens/handler");
  invoke = (event) => handler(event, context);
});

afterAll(() => github.stop());

beforeEach(() => {
  ssm = startSsm({ everyClient: true });
  logs = captureLogs();
});

afterEach(() => {
  logs.restore();
  ssm.stub.restore();
});

const token = (): string | undefined => ssm.value(parameter.installation);

it("keeps a fresh token when EventBridge invokes it again", async () => {
  await invoke({ source: "aws.ssm", "detail-type": "Parameter Store Change" });
  const first = token();

  const answer = await invoke({ source: "aws.events", "detail-type": "Scheduled Event" });

  expect(token()).toBe(first);
  expect(answer).toEqual({
    tokens: [{ parameter: parameter.installation, expiresAt: expect.any(String) as string, minted: false }],
    webhook: hook.url,
  });
});

it("mints another token when launch says that GitHub refused it", async () => {
  await invoke({});
  const first = token();

  await invoke({ refresh: true });

  expect(token()).not.toBe(first);
});

it("sends failed deliveries again when the sweep asks for it, and touches no token", async () => {
  const redeliver = { since: new Date(Date.now() - 60_000).toISOString(), except: [] };

  expect(await invoke({ redeliver })).toMatchObject({ tokens: [], redelivered: { ids: [] } });
  expect(token()).toBe("unset");
});

it.each([
  [undefined],
  [null],
  ["refresh"],
  [{ refresh: "true" }],
  [{ redeliver: true }],
  [{ redeliver: { since: "yesterday", except: [] } }],
  [{ redeliver: { since: "2026-09-01T12:00:00Z" } }],
  [{ redeliver: { since: "2026-09-01T12:00:00Z", except: [1] } }],
  [{ redeliver: { since: "2026-09-01T12:00:00Z", except: ["1/attempts"] } }],
])("takes %j for an ordinary run", async (event) => {
  await invoke(event);
  const first = token();

  const answer = await invoke(event);

  expect(token()).toBe(first);
  expect(answer).toMatchObject({ tokens: [{ minted: false }] });
});

it("logs with the request's id", async () => {
  await invoke({});

  expect(logs.lines()).toContainEqual(
    expect.objectContaining({ message: "token written", function_request_id: "request-1" }),
  );
});
