import type { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/transport";
import { isThrottlingError, isTransientError, StandardRetryStrategy } from "@smithy/core/retry";
import { Hash, streamCollector } from "@smithy/core/serde";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import { RunnersError } from "./errors";
import { parseObject } from "./json";

/**
 * Calls an operation of an AWS service that speaks AWS JSON. These are the parts of the AWS SDK (signature, retries,
 * connections, time-outs) without its clients: two calls do not need the clients' 350 KB, which every cold start loads.
 *
 * Endpoints: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, or that of the region. Credentials: those that Lambda
 * puts into the environment. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export type AwsCall = (input: object) => Promise<Record<string, unknown>>;

export interface AwsOperation {
  /** As in the endpoint's name and in the signature: `sqs`, `ssm`. */
  readonly service: string;
  /** `X-Amz-Target`: `AmazonSQS.SendMessage` */
  readonly target: string;
  readonly jsonVersion: "1.0" | "1.1";
}

/** What AWS, or the way to it, answered instead; `name` is AWS's own error code. */
export class AwsCallError extends RunnersError {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string };

  constructor(code: string, message: string, httpStatusCode: number, requestId?: string) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode, requestId };
  }
}

/**
 * GitHub waits for 10 s, and Lambda ends the function before that. A delivery needs at most three calls, so a call is
 * given 2.5 s in all, and a try that hangs is given up early enough for another.
 */
const CALL_MS = 2_500;
const limits = { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true };
const MAXIMUM_TRIES = 3;

/** @param env default: the environment of this process, read at each call */
export const awsCall = (operation: AwsOperation, env: NodeJS.ProcessEnv = process.env): AwsCall => {
  const http = new NodeHttpHandler(limits);
  const retries = new StandardRetryStrategy(MAXIMUM_TRIES);

  return async (input) => {
    const abortSignal = AbortSignal.timeout(CALL_MS);
    let token = await retries.acquireInitialRetryToken(operation.service);
    for (;;) {
      try {
        const request = await signRequest(operation, JSON.stringify(input), env);
        const { response } = await http.handle(request, { abortSignal });
        const output = readAnswer(response, await streamCollector(response.body as Readable));
        retries.recordSuccess(token);
        return output;
      } catch (error) {
        token = await retries.refreshRetryTokenForRetry(token, { errorType: classify(error) }).catch(() => {
          throw error;
        });
      }
    }
  };
};

const signRequest = (
  { service, target, jsonVersion }: AwsOperation,
  body: string,
  env: NodeJS.ProcessEnv,
): Promise<HttpRequest> => {
  const { protocol, hostname, port, host, pathname } = new URL(endpointOf(service, env));
  const request = new HttpRequest({
    method: "POST",
    protocol,
    hostname,
    port: port === "" ? undefined : Number(port),
    path: pathname,
    headers: { host, "content-type": `application/x-amz-json-${jsonVersion}`, "x-amz-target": target },
    body,
  });
  const signer = new SignatureV4({
    service,
    region: env.AWS_REGION ?? "",
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: env.AWS_SESSION_TOKEN,
    },
    sha256: Hash.bind(null, "sha256"),
  });
  return signer.sign(request) as Promise<HttpRequest>;
};

const endpointOf = (service: string, env: NodeJS.ProcessEnv): string =>
  env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL || regionalEndpoint(service, env);

/** https://docs.aws.amazon.com/general/latest/gr/rande.html */
const regionalEndpoint = (service: string, { AWS_REGION: region = "" }: NodeJS.ProcessEnv): string =>
  `https://${service}.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;

const readAnswer = (
  { statusCode, headers }: { readonly statusCode: number; readonly headers: Record<string, string> },
  body: Uint8Array,
): Record<string, unknown> => {
  const answer = parseObject(Buffer.from(body).toString());
  if (answer && statusCode >= 200 && statusCode < 300) return answer;
  const { __type: type, message = answer?.Message } = answer ?? {};
  throw new AwsCallError(
    // `com.amazonaws.sqs#QueueDoesNotExist`
    typeof type === "string" ? type.replace(/^.*#/, "") : `HTTP ${statusCode}`,
    typeof message === "string" ? message : `AWS answered HTTP ${statusCode}.`,
    statusCode,
    headers["x-amzn-requestid"],
  );
};

type SdkError = Parameters<typeof isTransientError>[0];

const classify = (error: unknown): "THROTTLING" | "TRANSIENT" | "CLIENT_ERROR" => {
  if (isThrottlingError(error as SdkError)) return "THROTTLING";
  return isTransientError(error as SdkError) ? "TRANSIENT" : "CLIENT_ERROR";
};
