import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { WebhookSettings } from "../shared/contract";
import { readSettings } from "../shared/settings";
import { answerDelivery, type WebhookDeps } from "./answer-delivery";
import { unwrapDelivery, type DeliveryRequest } from "./delivery";
import { logAnswer } from "./log-answer";
import { parameterReader } from "./read-parameter";
import { createSecretStore } from "./secret-store";
import { jobSender } from "./send-job";

const settings = readSettings<WebhookSettings>();

const deps: WebhookDeps = {
  settings,
  store: createSecretStore(parameterReader(settings.secretParameter)),
  send: jobSender(settings.queueUrl),
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
