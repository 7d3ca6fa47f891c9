/** An answer as AWS writes it on the wire. */
export interface AwsAnswer {
  readonly status: number;
  /** The error's code, which is its name in the SDK. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `throttle`: too much at once. `error`: the service failed, and did nothing. `refusal`: the caller may not. */
export type AwsRefusal = "throttle" | "error" | "refusal";

type Codes = Readonly<Record<AwsRefusal, readonly [status: number, code: string]>>;

const json: Codes = {
  throttle: [400, "ThrottlingException"],
  error: [500, "InternalServerError"],
  refusal: [400, "AccessDeniedException"],
};

/** From each service's page of common errors, e.g. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const codes: Readonly<Record<string, Codes>> = {
  ec2: {
    throttle: [503, "RequestLimitExceeded"],
    error: [500, "InternalError"],
    refusal: [403, "UnauthorizedOperation"],
  },
  lambda: {
    throttle: [429, "TooManyRequestsException"],
    error: [500, "ServiceException"],
    refusal: [403, "AccessDeniedException"],
  },
  sqs: {
    throttle: [400, "RequestThrottled"],
    error: [503, "ServiceUnavailable"],
    refusal: [400, "AccessDeniedException"],
  },
};

const REQUEST_ID = "00000000-0000-4000-8000-000000000000";

/** @param call as in an IAM action */
export const refusalOf = (call: string, refusal: AwsRefusal): AwsAnswer => {
  const [service = ""] = call.split(":");
  const [status, code] = (codes[service] ?? json)[refusal];
  return answerWith(service, status, code, "Refused by a test.");
};

export const answerWith = (service: string, status: number, code: string, message: string): AwsAnswer =>
  service === "ec2"
    ? {
        status,
        code,
        headers: { "content-type": "text/xml;charset=UTF-8" },
        body:
          `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code>` +
          `<Message>${message}</Message></Error></Errors><RequestID>${REQUEST_ID}</RequestID></Response>`,
      }
    : {
        status,
        code,
        headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code },
        body: JSON.stringify({ __type: code, message }),
      };
