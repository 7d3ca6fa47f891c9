import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { answerDelivery, type WebhookDeps } from "./answer-delivery";
import { unwrapDelivery, type DeliveryRequest } from "./delivery";
import { logAnswer } from "./log-answer";

/** All that happens to a request, from what API Gateway hands over to what it takes back. */
export const answerRequest = async (
  request: DeliveryRequest,
  deps: WebhookDeps,
): Promise<APIGatewayProxyStructuredResultV2> => {
  const delivery = unwrapDelivery(request);
  const answer = await answerDelivery(delivery, deps);
  logAnswer(delivery, answer);
  return {
    statusCode: answer.status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: answer.text }),
  };
};
