import type { Context } from "aws-lambda";
import type { GithubServer } from "../../support/github-server";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { appSettings, parameter, startGithub, startSsm } from "./fixture";
import type { SsmMemory } from "../../support/ssm-memory";

let github: GithubServer;
let ssm: SsmMemory;
let logs: CapturedLogs;
let invoke: (event: unknown) => Promise<unknown>;

const context = { functionName: "rotate-tokens", awsRequestId: "request-1" } as Context;

/** Loaded as Lambda loads it: with its settings in the environment. */
beforeAll(async () => {
  github = await startGithub();
  process.env.SETTINGS = JSON.stringify(appSettings(github));
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
  });
});

it("mints another token when launch says that GitHub refused it", async () => {
  await invoke({});
  const first = token();

  await invoke({ refresh: true });

  expect(token()).not.toBe(first);
});

it.each([[undefined], [null], ["refresh"], [{ refresh: "true" }]])(
  "takes %j for an ordinary run",
  async (event) => {
    await invoke(event);
    const first = token();

    await invoke(event);

    expect(token()).toBe(first);
  },
);

it("logs with the request's id", async () => {
  await invoke({});

  expect(logs.lines()).toContainEqual(
    expect.objectContaining({ message: "token written", function_request_id: "request-1" }),
  );
});
