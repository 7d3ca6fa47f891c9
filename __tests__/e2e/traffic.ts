/** What reaches the functions from outside: deliveries of GitHub, batches of the queue, events of AWS. */
import { randomUUID } from "node:crypto";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse } from "aws-lambda";
import { matches, parameterEvent } from "../support/event-bridge";
import type { InvocationResult } from "../support/lambda-runtime";
import { emulatorRegion } from "../support/moto";
import { sign } from "../support/workflow-job";
import type { World } from "./world";

const QUEUE_PATIENCE_MS = 1000;

export interface Answer {
  readonly status: number;
  readonly message: string;
}

/** Tells the applied rules of a change, as EventBridge does, and waits for what they invoke. */
export async function parameterChanged(
  world: World,
  name: string,
  operation: "Create" | "Update",
): Promise<InvocationResult[]> {
  const event = parameterEvent(name, operation);
  const resources = world.terraform.resources();
  const rules = resources.filter(
    ({ type, values }) =>
      type === "aws_cloudwatch_event_rule" &&
      typeof values.event_pattern === "string" &&
      matches(JSON.parse(values.event_pattern) as Record<string, unknown>, event),
  );
  const targets = resources.filter(
    ({ type, values }) =>
      type === "aws_cloudwatch_event_target" && rules.some((rule) => rule.values.name === values.rule),
  );
  return Promise.all(targets.map(({ values }) => world.lambda.invoke(String(values.arn), event)));
}

/** A delivery of GitHub, through the HTTP API, to the bundled webhook function. */
export async function deliver(
  world: World,
  payload: object,
  options: { secret?: string; event?: string; delivery?: string } = {},
): Promise<Answer> {
  const body = JSON.stringify(payload);
  const { secret = world.hook?.secret ?? "", event = "workflow_job", delivery = randomUUID() } = options;
  const { payload: answer } = await world.invoke("webhook", {
    version: "2.0",
    routeKey: "POST /webhook",
    rawPath: "/webhook",
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/044aadd",
      "x-github-delivery": delivery,
      "x-github-event": event,
      "x-hub-signature-256": sign(body, secret),
    },
    requestContext: { http: { method: "POST", path: "/webhook", sourceIp: "140.82.115.1" } },
    body,
    isBase64Encoded: false,
  });
  const { statusCode = 0, body: text = "{}" } = answer as APIGatewayProxyStructuredResultV2;
  return { status: statusCode, message: (JSON.parse(text) as { message: string }).message };
}

/**
 * One batch, as the event source mapping takes it from the queue.
 * @param expected messages to wait for: one that was sent this very moment does not show yet
 */
export async function drainQueue(world: World, expected = 1): Promise<{ taken: number; failed: number }> {
  const { values } = world.terraform
    .resources()
    .find(({ type }) => type === "aws_lambda_event_source_mapping")!;
  const QueueUrl = world.settings<{ queueUrl: string }>("webhook").queueUrl;
  const Messages: Message[] = [];
  const end = Date.now() + QUEUE_PATIENCE_MS;
  const room = (): number => Number(values.batch_size) - Messages.length;
  do {
    const ask = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: room() });
    Messages.push(...((await world.clients.sqs.send(ask)).Messages ?? []));
  } while (Messages.length < expected && room() > 0 && Date.now() < end);
  if (Messages.length === 0) return { taken: 0, failed: 0 };
  const Records = Messages.map(({ MessageId, ReceiptHandle, Body }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ApproximateReceiveCount: "1" },
    messageAttributes: {},
    eventSource: "aws:sqs",
    eventSourceARN: values.event_source_arn,
    awsRegion: emulatorRegion,
  }));
  const { payload, failed } = await world.invoke("launch", { Records });
  const refused = new Set(
    failed
      ? Messages.map(({ MessageId }) => MessageId)
      : (payload as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  );
  const done = Messages.filter(({ MessageId }) => !refused.has(MessageId));
  if (done.length > 0) {
    await world.clients.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle })),
      }),
    );
  }
  return { taken: done.length, failed: refused.size };
}
