import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** One request to the webhook, as GitHub sent it. Of all this only `body` is covered by the signature. */
export interface Delivery {
  /** `X-GitHub-Event` */
  readonly event?: string;
  /** `X-GitHub-Delivery` */
  readonly id: string;
  /** `X-Hub-Signature-256` */
  readonly signature?: string;
  readonly contentType?: string;
  /** Who is at the other end of the connection, as API Gateway sees it: no header has a say in it. */
  readonly sourceAddress?: string;
  /** The raw bytes. */
  readonly body: Buffer;
}

/** The delivery that API Gateway wrapped: header names in any case, the body as text or as base64. */
export const unwrapDelivery = ({
  headers,
  body,
  isBase64Encoded,
  requestContext,
}: DeliveryRequest): Delivery => ({
  event: plainWord(headerOf(headers, "x-github-event")),
  id: plainWord(headerOf(headers, "x-github-delivery")) ?? "unknown",
  signature: headerOf(headers, "x-hub-signature-256"),
  contentType: headerOf(headers, "content-type"),
  sourceAddress: requestContext?.http?.sourceIp,
  body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
});

export interface DeliveryRequest extends Partial<
  Pick<APIGatewayProxyEventV2, "headers" | "body" | "isBase64Encoded">
> {
  readonly requestContext?: { readonly http?: { readonly sourceIp?: string } };
}

const headerOf = (headers: DeliveryRequest["headers"] = {}, name: string): string | undefined =>
  Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];

/** These headers are logged before anybody has proven who they are, so only what GitHub may send is let in. */
const plainWord = (value: string | undefined): string | undefined =>
  value !== undefined && /^[\w-]{1,64}$/.test(value) ? value : undefined;
