import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { INTERRUPTION, type Notice } from "../../../functions/interruption/interruption";
import { SETTINGS_VARIABLE, type InterruptionSettings } from "../../../functions/shared/contract";

const environment = process.env;
afterEach(() => {
  process.env = environment;
});

it("writes into the ledger and the queue that its settings name", async () => {
  const found = { fleet: { S: "arm" }, instanceId: { S: "i-0123456789abcdef0" }, state: { S: "busy" } };
  const answers: Record<string, object> = {
    "DynamoDB_20120810.BatchGetItem": { Responses: { ledger: [found] } },
  };
  const sent: { call: string; input: { TableName?: string } }[] = [];
  const aws = createServer((request, response) => {
    const call = String(request.headers["x-amz-target"]);
    request.on("data", (body: Buffer) => sent.push({ call, input: JSON.parse(body.toString()) as object }));
    request.on("end", () => response.end(JSON.stringify(answers[call] ?? {})));
  });
  await new Promise<void>((listening) => aws.listen(0, "127.0.0.1", listening));
  const settings: InterruptionSettings = {
    installation: "runners",
    ledgerTable: "ledger",
    queueUrl: "https://sqs/jobs",
    fleets: ["arm"],
  };
  process.env = {
    ...environment,
    [SETTINGS_VARIABLE]: JSON.stringify(settings),
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
  };
  const { handler } = await import("../../../functions/interruption/handler");

  await handler({
    "detail-type": INTERRUPTION,
    time: "2026-09-01T12:00:00Z",
    detail: { "instance-id": "i-0123456789abcdef0" },
  } as Notice);
  await new Promise((closed) => aws.close(closed));

  const inputsOf = (target: string) => sent.filter(({ call }) => call === target).map(({ input }) => input);
  const tables = inputsOf("DynamoDB_20120810.UpdateItem").map(({ TableName }) => TableName);
  expect(tables).toEqual(["ledger", "ledger", "ledger"]);
  expect(inputsOf("AmazonSQS.SendMessage")).toEqual([
    { QueueUrl: "https://sqs/jobs", MessageBody: '{"wake":"arm"}', DelaySeconds: 0 },
  ]);
});
