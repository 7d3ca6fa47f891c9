import type { Context, SQSEvent } from "aws-lambda";
import { SETTINGS_VARIABLE, type LaunchSettings } from "../../../functions/shared/contract";
import { logger } from "../../../functions/shared/logger";

const settings: LaunchSettings = {
  installation: "runners",
  ledgerTable: "ledger",
  handoffTable: "handoff",
  queueUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs",
  fleetParameterPrefix: "/runners/fleets/",
  github: { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme" },
  registration: "jit",
  githubTokens: [{ name: "app", parameter: "/runners/token" }],
  rotateFunction: "rotate",
  fleets: [],
};
const context = { getRemainingTimeInMillis: () => 30_000 } as Context;

beforeEach(() => {
  process.env[SETTINGS_VARIABLE] = JSON.stringify(settings);
  jest.spyOn(logger, "error").mockReturnValue();
});
afterEach(() => {
  delete process.env[SETTINGS_VARIABLE];
  jest.restoreAllMocks();
});

it("answers SQS with the messages that it could not take", async () => {
  const { handler } = await import("../../../functions/launch/handler");

  const answer = await handler(
    { Records: [{ messageId: "1", body: "poison" }] } as SQSEvent,
    context,
    () => undefined,
  );

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
});

it("sweeps the fleets that its settings name", async () => {
  const { handler } = await import("../../../functions/sweep/handler");

  await expect(handler({} as never, context, () => undefined)).resolves.toBeUndefined();
});
