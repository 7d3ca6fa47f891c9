import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { WebhookSettings } from "../shared/contract";
import { readParameters } from "../shared/parameters";
import { readSettings } from "../shared/settings";
import { answerDelivery, type WebhookDeps } from "./answer-delivery";
import { unwrapDelivery, type DeliveryRequest } from "./delivery";
import { logAnswer } from "./log-answer";
import { createSecretStore } from "./secret-store";

const limits = { maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000 } };
const sqs = new SQSClient(limits);
const ssm = new SSMClient(limits);

const settings = readSettings<WebhookSettings>();
const { queueUrl, secretParameter } = settings;

const deps: WebhookDeps = {
  settings,
  store: createSecretStore(async () => {
    const values = await readParameters(ssm, [secretParameter]);
    return values[secretParameter];
  }),
  send: async (message) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  },
  now: Date.now,
};

export const handler = async (request: DeliveryRequest): Promise<APIGatewayProxyStructuredResultV2> => {
  const delivery = unwrapDelivery(request);
  const answer = await answerDelivery(delivery, deps);
  logAnswer(delivery, answer);
  return {
    statusCode: answer.status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: answer.text }),
  };
};
