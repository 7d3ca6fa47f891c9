import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { WebhookSettings } from "../shared/contract";
import { readSettings } from "../shared/settings";
import type { WebhookDeps } from "./answer-delivery";
import { answerRequest } from "./answer-request";
import type { DeliveryRequest } from "./delivery";
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

export const handler = (request: DeliveryRequest): Promise<APIGatewayProxyStructuredResultV2> =>
  answerRequest(request, deps);
