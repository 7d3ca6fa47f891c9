import { BatchGetCommand, DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { INTERRUPTION, type Notice } from "../../../functions/interruption/interruption";
import { SETTINGS_VARIABLE, type InterruptionSettings } from "../../../functions/shared/contract";

const environment = process.env;
afterEach(() => {
  process.env = environment;
});

it("writes into the ledger and the queue that its settings name", async () => {
  const dynamodb = mockClient(DynamoDBDocumentClient);
  dynamodb.on(BatchGetCommand).resolves({
    Responses: { ledger: [{ fleet: "arm", instanceId: "i-0123456789abcdef0", state: "busy" }] },
  });
  dynamodb.on(UpdateCommand).resolves({});
  const sent: unknown[] = [];
  const sqs = createServer((request, response) => {
    request.on("data", (body: Buffer) => sent.push(JSON.parse(body.toString())));
    request.on("end", () => response.end('{"MessageId":"1"}'));
  });
  await new Promise<void>((listening) => sqs.listen(0, "127.0.0.1", listening));
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
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${(sqs.address() as AddressInfo).port}`,
  };
  const { handler } = await import("../../../functions/interruption/handler");

  await handler({
    "detail-type": INTERRUPTION,
    time: "2026-09-01T12:00:00Z",
    detail: { "instance-id": "i-0123456789abcdef0" },
  } as Notice);
  await new Promise((closed) => sqs.close(closed));

  const tables = dynamodb.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => input.TableName);
  expect(tables).toEqual(["ledger", "ledger", "ledger"]);
  expect(sent).toEqual([{ QueueUrl: "https://sqs/jobs", MessageBody: '{"wake":"arm"}', DelaySeconds: 0 }]);
});
