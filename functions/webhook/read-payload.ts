import type { WorkflowJobEvent } from "@octokit/webhooks-types";
import { RunnersError } from "../shared/errors";
import { parseObject } from "../shared/json";

type JsonObject = Record<string, unknown>;

/** The body is not what GitHub sends. */
export class PayloadError extends RunnersError {}

/**
 * A `workflow_job` has some 10 KB, and a few hundred steps make it 100. Lists in lists take 60 times their size in memory
 * once they are parsed (6 MB: 366), and the function has 1 GB.
 */
export const MAXIMUM_BYTES = 1024 * 1024;

/** @throws PayloadError when the body is not a JSON object, or too large for what GitHub sends */
export const readPayload = (body: Buffer, contentType = ""): JsonObject => {
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    throw new PayloadError("The body is a form: set the content type of the webhook to application/json.");
  }
  if (body.length > MAXIMUM_BYTES) {
    throw new PayloadError(`The body has more than ${MAXIMUM_BYTES} bytes: send what GitHub sends.`);
  }
  const payload = parseObject(body.toString());
  if (!payload) throw new PayloadError("The body is not a JSON object: send what GitHub sends.");
  return payload;
};

/**
 * What every `workflow_job` has and this function needs, checked.
 *
 * @throws PayloadError naming the first field that is missing or of another type
 */
export const readWorkflowJob = (payload: JsonObject): WorkflowJobEvent => {
  const [wrong] = needed.find(([path, holds]) => !holds(valueAt(payload, path))) ?? [];
  if (wrong) throw new PayloadError(`${wrong} is missing or of another type: send what GitHub sends.`);
  return payload as unknown as WorkflowJobEvent;
};

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isFullName = (value: unknown): boolean => typeof value === "string" && /^[\w.-]+\/[\w.-]+$/.test(value);
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isTime = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));
const isTextOrEmpty = (value: unknown): boolean => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isTextOrEmpty);
const orAbsent =
  (holds: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || value === null || holds(value);

const needed: readonly (readonly [path: string, holds: (value: unknown) => boolean])[] = [
  ["action", isText],
  ["repository.full_name", isFullName],
  ["repository.owner.login", isText],
  ["repository.private", isBoolean],
  ["workflow_job.id", isId],
  ["workflow_job.run_id", isId],
  ["workflow_job.labels", isTexts],
  // The published example of GitHub Enterprise Server has neither of these two.
  ["workflow_job.run_attempt", orAbsent(isId)],
  ["workflow_job.created_at", orAbsent(isTime)],
  ["workflow_job.started_at", orAbsent(isTime)],
  ["workflow_job.runner_name", orAbsent(isTextOrEmpty)],
  ["workflow_job.conclusion", orAbsent(isTextOrEmpty)],
];

const valueAt = (payload: JsonObject, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as JsonObject | null | undefined)?.[key], payload);
