import type { SQSRecord } from "aws-lambda";
import { FLEET_NAME, type JobMessage, type WakeMessage } from "../shared/contract";
import { RunnersError } from "../shared/errors";
import { parseObject } from "../shared/json";
import { transitions } from "../shared/ledger-items";

/** A message on the queue is not of the form that the webhook function gives it. */
export class MessageError extends RunnersError {}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string" && value !== "";
const optional: Check = (value) => value === undefined || value === null || typeof value === "string";
const fleet: Check = (value) => typeof value === "string" && FLEET_NAME.test(value);
const texts: Check = (value) => value === undefined || (Array.isArray(value) && value.every(text));
const integer: Check = (value) => Number.isSafeInteger(value);
const time: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));

const checks: Readonly<Record<keyof JobMessage, Check>> = {
  action: (value) => typeof value === "string" && Object.hasOwn(transitions, value),
  fleet,
  jobId: integer,
  runId: integer,
  runAttempt: integer,
  repository: text,
  createdAt: time,
  receivedAt: time,
  delivery: text,
  runnerName: optional,
  conclusion: optional,
  labels: texts,
};

/** @throws MessageError */
export const parseMessage = ({
  messageId,
  body,
}: Pick<SQSRecord, "messageId" | "body">): JobMessage | WakeMessage => {
  const fields = parseObject(body);
  if (typeof fields?.wake === "string") return { wake: fields.wake };
  const wrong = Object.entries(checks).find(([name, check]) => !check(fields?.[name]));
  if (!fields || wrong) {
    throw new MessageError(
      `Message ${messageId} has no valid ${wrong?.[0] ?? "body"}: look where it came from, and delete it.`,
    );
  }
  const message = fields as unknown as JobMessage;
  return {
    action: message.action,
    fleet: message.fleet,
    jobId: message.jobId,
    runId: message.runId,
    runAttempt: message.runAttempt,
    repository: message.repository,
    // Compared as text, so of one form.
    createdAt: new Date(message.createdAt).toISOString(),
    receivedAt: new Date(message.receivedAt).toISOString(),
    delivery: message.delivery,
    runnerName: message.runnerName ?? undefined,
    conclusion: message.conclusion ?? undefined,
    labels: message.labels,
  };
};
