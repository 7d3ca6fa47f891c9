import { EC2ServiceException } from "@aws-sdk/client-ec2";

/**
 * `failed`: 5xx, nothing was done. `lost`: done, and no answer came. `silent`: nothing was done, and no answer came.
 */
export type FaultKind = "failed" | "lost" | "throttled" | "silent";

type Service = "dynamodb" | "ec2" | "lambda" | "logs" | "sqs" | "ssm";

export interface CallTraits {
  readonly service: Service;
  /** Milliseconds, there and back. */
  readonly latency: readonly [from: number, to: number];
  /** A token is sent with it: a repetition after a lost answer does nothing, and answers the same. */
  readonly repeatable?: boolean;
  /** Milliseconds after which a call that is not answered ends, in whichever way the client's own limits end it. */
  readonly patience?: number;
}

export const PATIENCE_MS = 3000;
/** `functions/shared/call-aws.ts` */
const SHORT_PATIENCE_MS = 1500;

const dynamodb = { service: "dynamodb", latency: [3, 15] } as const;
const ssm = { service: "ssm", latency: [10, 40] } as const;

export const callTable = {
  UpdateItem: dynamodb,
  TransactWriteItems: { service: "dynamodb", latency: [8, 30], repeatable: true },
  Query: dynamodb,
  BatchGetItem: dynamodb,
  GetItem: dynamodb,
  PutItem: dynamodb,
  DeleteItem: dynamodb,
  CreateFleet: { service: "ec2", latency: [2000, 4000] },
  DescribeInstances: { service: "ec2", latency: [100, 500] },
  DescribeSubnets: { service: "ec2", latency: [100, 300] },
  TerminateInstances: { service: "ec2", latency: [200, 600] },
  GetParameters: ssm,
  PutParameter: ssm,
  AddTagsToResource: ssm,
  SendMessage: { service: "sqs", latency: [5, 25], patience: SHORT_PATIENCE_MS },
  "GetParameters of the webhook": { ...ssm, patience: SHORT_PATIENCE_MS },
  GetLogEvents: { service: "logs", latency: [20, 80] },
  Invoke: { service: "lambda", latency: [20, 60] },
} as const satisfies Record<string, CallTraits>;

export type AwsCallName = keyof typeof callTable;

const serviceError = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error(name), { name, $fault: "server", $metadata: { httpStatusCode } });
const ec2Error = (name: string, httpStatusCode: number): Error =>
  new EC2ServiceException({ name, message: name, $fault: "server", $metadata: { httpStatusCode } });
/** As the SDK's HTTP handler names it. */
const silent = (): Error => Object.assign(new Error("no answer"), { name: "TimeoutError" });

type Errors = Record<"failed" | "throttled" | "silent", () => Error>;

const errorsOf = (failed: string, throttled: string): Errors => ({
  failed: () => serviceError(failed, 500),
  throttled: () => serviceError(throttled, 400),
  silent,
});

export const faultErrors: Readonly<Record<Service, Errors>> = {
  dynamodb: errorsOf("InternalServerError", "ThrottlingException"),
  ec2: {
    failed: () => ec2Error("InternalError", 500),
    throttled: () => ec2Error("RequestLimitExceeded", 503),
    silent,
  },
  logs: errorsOf("ServiceUnavailableException", "ThrottlingException"),
  lambda: errorsOf("ServiceException", "TooManyRequestsException"),
  sqs: errorsOf("ServiceUnavailable", "RequestThrottled"),
  ssm: errorsOf("InternalServerError", "ThrottlingException"),
};

const throttles = new Set([
  "RequestLimitExceeded",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestThrottled",
]);

export const isThrottle = (error: unknown): boolean => error instanceof Error && throttles.has(error.name);
