import type { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/transport";
import { isThrottlingError, isTransientError, StandardRetryStrategy } from "@smithy/core/retry";
import { Hash, streamCollector } from "@smithy/core/serde";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import { DNS_SUFFIX_VARIABLE } from "./contract";
import { RunnersError } from "./errors";
import { parseObject } from "./json";

/** In milliseconds. */
export interface RequestLimits {
  /** Until an answer begins: then there is another try. */
  readonly try: number;
  /** For all tries. */
  readonly all: number;
}

export interface AwsSender<Output> {
  /** As in the endpoint's name and in the signature: `sqs`, `ssm`. */
  readonly service: string;
  readonly limits: RequestLimits;
  /** Of an answer with a 2xx. Undefined: AWS cannot have said that. */
  readonly read: (answer: AwsAnswer) => Output | undefined;
  /** Default: the environment of this process, read at each call. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface AwsRequest {
  /** Default: `/` */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AwsAnswer {
  readonly statusCode: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What AWS, or the way to it, answered instead; `name` is AWS's own error code. */
export class AwsCallError extends RunnersError {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string };
  readonly #answer: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    answer: Readonly<Record<string, unknown>>,
    { httpStatusCode, requestId }: AwsCallError["$metadata"],
  ) {
    const { message = answer.Message } = answer;
    super(typeof message === "string" ? message : `AWS answered HTTP ${httpStatusCode}.`);
    this.name = code;
    this.$metadata = { httpStatusCode, requestId };
    this.#answer = answer;
  }

  /** All that AWS said. Not a field: no log of the error has to hold it. */
  get answer(): Readonly<Record<string, unknown>> {
    return this.#answer;
  }
}

const MAXIMUM_TRIES = 3;

/** One for all, so that calls to a service use its connections again. */
const http = new NodeHttpHandler({ connectionTimeout: 1_000, throwOnRequestTimeout: true });

/**
 * Sends requests to a service, signed, and again after what may pass. These are the parts of the AWS SDK (signature,
 * retries, connections, time-outs) without its clients, which every cold start would load.
 *
 * Endpoints: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, or that of the region, whose domain the settings tell:
 * the SDK's table of partitions takes 5 ms of each cold start. Credentials: those that Lambda
 * puts into the environment. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export const awsSender = <Output>({ service, limits, read, env = process.env }: AwsSender<Output>) => {
  const retries = new StandardRetryStrategy(MAXIMUM_TRIES);

  return async (request: AwsRequest): Promise<Output> => {
    const abortSignal = AbortSignal.timeout(limits.all);
    let token = await retries.acquireInitialRetryToken(service);
    for (;;) {
      try {
        const signed = await signRequest(service, request, env);
        const { response } = await http.handle(signed, { abortSignal, requestTimeout: limits.try });
        const body = Buffer.from(await streamCollector(response.body as Readable));
        const output = readAnswer({ ...response, body }, read);
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
  service: string,
  { path = "/", headers, body }: AwsRequest,
  env: NodeJS.ProcessEnv,
): Promise<HttpRequest> => {
  const { protocol, hostname, port, host, pathname } = new URL(endpointOf(service, env));
  const request = new HttpRequest({
    method: "POST",
    protocol,
    hostname,
    port: port === "" ? undefined : Number(port),
    path: pathname.replace(/\/$/, "") + path,
    headers: { host, ...headers },
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
const regionalEndpoint = (service: string, { AWS_REGION: region = "", ...env }: NodeJS.ProcessEnv): string =>
  `https://${service}.${region}.${env[DNS_SUFFIX_VARIABLE] ?? "amazonaws.com"}`;

const readAnswer = <Output>(answer: AwsAnswer, read: AwsSender<Output>["read"]): Output => {
  const { statusCode, headers, body } = answer;
  const output = statusCode >= 200 && statusCode < 300 ? read(answer) : undefined;
  if (output !== undefined) return output;
  const fields = parseObject(body.toString()) ?? {};
  const type = fields.__type ?? headers["x-amzn-errortype"];
  throw new AwsCallError(
    // `com.amazonaws.sqs#QueueDoesNotExist`, `ServiceException:http://internal.amazon.com/...`
    typeof type === "string" ? type.replace(/^.*#/, "").replace(/:.*$/, "") : `HTTP ${statusCode}`,
    fields,
    { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] },
  );
};

type SdkError = Parameters<typeof isTransientError>[0];

const classify = (error: unknown): "THROTTLING" | "TRANSIENT" | "CLIENT_ERROR" => {
  if (isThrottlingError(error as SdkError)) return "THROTTLING";
  return isTransientError(error as SdkError) ? "TRANSIENT" : "CLIENT_ERROR";
};
