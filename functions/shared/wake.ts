import { awsCall, SEND_MESSAGE, type AwsCall } from "./call-aws";
import type { WakeMessage } from "./contract";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html */
export const LONGEST_WAKE_MS = 15 * 60_000;

/** Has the launch function look at a fleet again, after so many seconds; at the most after a quarter of an hour. */
export type Wake = (fleet: string, delaySeconds: number) => Promise<void>;

export const createWake =
  (queueUrl: string, call: AwsCall = awsCall(SEND_MESSAGE)): Wake =>
  async (fleet, delaySeconds) => {
    const message: WakeMessage = { wake: fleet };
    const DelaySeconds = Math.min(Math.max(Math.ceil(delaySeconds), 0), LONGEST_WAKE_MS / 1000);
    await call({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message), DelaySeconds });
  };
