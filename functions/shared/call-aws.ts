import { awsSender, type RequestLimits } from "./aws-request";
import { parseObject } from "./json";

export { AwsCallError } from "./aws-request";

/** Calls an operation of an AWS service that speaks AWS JSON. */
export type AwsCall = (input: object) => Promise<Record<string, unknown>>;

export interface AwsOperation {
  /** As in the endpoint's name and in the signature: `sqs`, `ssm`. */
  readonly service: string;
  /** `X-Amz-Target`: `AmazonSQS.SendMessage` */
  readonly target: string;
  readonly jsonVersion: "1.0" | "1.1";
  /** Default: {@link IN_HASTE} */
  readonly limits?: RequestLimits;
}

/**
 * GitHub waits for 10 s, and Lambda ends the function before that. A delivery needs at most three calls, so a call is
 * given 2.5 s in all, and a try that hangs is given up early enough for another.
 */
export const IN_HASTE: RequestLimits = { try: 1_500, all: 2_500 };

/** For functions that have a minute: as many tries as are to be had, before anyone thinks that a write did not happen. */
export const WITH_TIME: RequestLimits = { try: 3_000, all: 10_000 };

export const SEND_MESSAGE: AwsOperation = {
  service: "sqs",
  target: "AmazonSQS.SendMessage",
  jsonVersion: "1.0",
};
export const GET_PARAMETERS: AwsOperation = {
  service: "ssm",
  target: "AmazonSSM.GetParameters",
  jsonVersion: "1.1",
};

/** @param env default: the environment of this process, read at each call */
export const awsCall = (
  { service, target, jsonVersion, limits = IN_HASTE }: AwsOperation,
  env?: NodeJS.ProcessEnv,
): AwsCall => {
  const send = awsSender({ service, limits, env, read: ({ body }) => parseObject(body.toString()) });
  const headers = { "content-type": `application/x-amz-json-${jsonVersion}`, "x-amz-target": target };
  return (input) => send({ headers, body: JSON.stringify(input) });
};
