import type { JobMessage } from "../shared/contract";
import { awsCall, SEND_MESSAGE, type AwsCall } from "../shared/call-aws";

/** Puts a message on the jobs queue. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const jobSender = (queueUrl: string, call: AwsCall = awsCall(SEND_MESSAGE)) => {
  return async (message: JobMessage): Promise<void> => {
    await call({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) });
  };
};
