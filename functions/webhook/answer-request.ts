import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { answerDelivery, type Answer, type WebhookDeps } from "./answer-delivery";
import { unwrapDelivery, type DeliveryRequest } from "./delivery";
import { logAnswer } from "./log-answer";

const unready = (error: unknown): Answer => ({
  status: 503,
  text: "the settings could not be read: redeliver this delivery",
  details: { error },
});

/** All that happens to a request, from what API Gateway hands over to what it takes back. */
export const answerRequest = async (
  request: DeliveryRequest,
  load: () => Promise<WebhookDeps>,
): Promise<APIGatewayProxyStructuredResultV2> => {
  const delivery = unwrapDelivery(request);
  const answer = await load().then((deps) => answerDelivery(delivery, deps), unready);
  logAnswer(delivery, answer);
  return {
    statusCode: answer.status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: answer.text }),
  };
};
