import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { awsCall, GET_PARAMETERS } from "../shared/call-aws";
import type { MovedSettings, WebhookSettings } from "../shared/contract";
import { readSettings } from "../shared/settings";
import { wholeSettings } from "../shared/whole-settings";
import type { WebhookDeps } from "./answer-delivery";
import { answerRequest } from "./answer-request";
import type { DeliveryRequest } from "./delivery";
import { parameterReader } from "./read-parameter";
import { createSecretStore } from "./secret-store";
import { jobSender } from "./send-job";

const settings = readSettings<WebhookSettings & MovedSettings>();
const whole = wholeSettings<WebhookSettings>(settings, awsCall(GET_PARAMETERS));

const deps = {
  store: createSecretStore(parameterReader(settings.secretParameter)),
  send: jobSender(settings.queueUrl),
  now: Date.now,
};

/** Where settings have to be read at first, the secret is read meanwhile. */
const load = async (): Promise<WebhookDeps> => {
  if (settings.settingsParameters) void deps.store.secrets().catch(() => undefined);
  return { ...deps, settings: await whole() };
};

export const handler = (request: DeliveryRequest): Promise<APIGatewayProxyStructuredResultV2> =>
  answerRequest(request, load);
