import type { lookup } from "node:dns";
import type { AwsCallError } from "../../../functions/shared/call-aws";
import { DNS_SUFFIX_VARIABLE } from "../../../functions/shared/contract";
import { awsCall, type AwsOperation } from "../../../functions/shared/call-aws";
import { parameterReader } from "../../../functions/webhook/read-parameter";
import { jobSender } from "../../../functions/webhook/send-job";
import {
  expectedAuthorization,
  startAwsServer,
  type AwsReply,
  type AwsServer,
} from "../../support/aws-server";

const operation: AwsOperation = { service: "sqs", target: "AmazonSQS.SendMessage", jsonVersion: "1.0" };
const credentials = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

let aws: AwsServer;
let other: AwsServer;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  aws = await startAwsServer();
  other = await startAwsServer();
  env = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: credentials.id,
    AWS_SECRET_ACCESS_KEY: credentials.secret,
    AWS_ENDPOINT_URL: aws.endpoint,
  };
});
afterEach(() => Promise.all([aws.stop(), other.stop()]));

const callWith = (...replies: AwsReply[]) => {
  aws.replies = replies;
  return awsCall(operation, env)({ QueueUrl: "q", MessageBody: "ü🏃" });
};

const error = async (promise: Promise<unknown>): Promise<AwsCallError> => {
  const [result] = await Promise.allSettled([promise]);
  return (result as PromiseRejectedResult).reason as AwsCallError;
};

describe("awsCall", () => {
  it("posts the input as AWS JSON and answers with the output", async () => {
    expect(await callWith({ json: { MessageId: "1" } })).toEqual({ MessageId: "1" });
    const [request] = aws.requests;
    expect(request).toMatchObject({
      path: "/",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "AmazonSQS.SendMessage",
        host: new URL(aws.endpoint).host,
      },
    });
    expect(JSON.parse(request!.body)).toEqual({ QueueUrl: "q", MessageBody: "ü🏃" });
  });

  it.each([[undefined], ["FwoGZXIvYXdzE+/session=="]])(
    "signs as AWS asks, session token %j",
    async (token) => {
      env.AWS_SESSION_TOKEN = token;
      await callWith({});
      const [request] = aws.requests;
      expect(request!.headers["x-amz-security-token"]).toBe(token);
      const expected = { ...credentials, region: "eu-central-1", service: "sqs" };
      expect(request!.headers.authorization).toBe(expectedAuthorization(request!, expected));
    },
  );

  it("takes credentials that have changed since the last call", async () => {
    aws.replies = [{}];
    const call = awsCall(operation, env);
    await call({});
    env.AWS_ACCESS_KEY_ID = "AKIDNEW";
    await call({});
    expect(aws.requests[1]!.headers.authorization).toContain("Credential=AKIDNEW/");
  });

  it("prefers the service's own endpoint", async () => {
    env.AWS_ENDPOINT_URL_SQS = `${aws.endpoint}/`;
    env.AWS_ENDPOINT_URL_SSM = env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    await callWith({});
    expect(aws.requests).toHaveLength(1);
  });

  it.each([
    ["eu-central-1", undefined, "sqs.eu-central-1.amazonaws.com"],
    ["us-gov-west-1", "amazonaws.com", "sqs.us-gov-west-1.amazonaws.com"],
    ["cn-north-1", "amazonaws.com.cn", "sqs.cn-north-1.amazonaws.com.cn"],
    ["eusc-de-east-1", "amazonaws.eu", "sqs.eusc-de-east-1.amazonaws.eu"],
    ["us-iso-east-1", "c2s.ic.gov", "sqs.us-iso-east-1.c2s.ic.gov"],
  ])("goes to the endpoint of %s when no other is set", async (region, domain, host) => {
    const looked: string[] = [];
    jest.spyOn(jest.requireActual<{ lookup: typeof lookup }>("node:dns"), "lookup").mockImplementation(((
      name: string,
      _: unknown,
      done: (error: Error) => void,
    ) => {
      looked.push(name);
      done(Object.assign(new Error("no network in tests"), { code: "ECANCELED" }));
    }) as unknown as typeof lookup);
    const place = { AWS_REGION: region, [DNS_SUFFIX_VARIABLE]: domain, AWS_ENDPOINT_URL: "" };
    await error(awsCall(operation, { ...env, ...place })({}));
    jest.restoreAllMocks();
    expect(looked).toEqual([host]);
  });

  it.each<[string, AwsReply]>([
    ["a server error", { status: 500, json: { __type: "InternalServerError" } }],
    ["a server that is away", { status: 503, text: "<html>" }],
    ["a throttle", { status: 400, json: { __type: "ThrottlingException", message: "Rate exceeded" } }],
    ["too many requests", { status: 429, text: "" }],
    ["an SQS throttle", { status: 403, json: { __type: "com.amazonaws.sqs#RequestThrottled" } }],
    ["a connection cut before the answer", "reset"],
  ])("tries again after %s", async (_, reply) => {
    expect(await callWith(reply, { json: { MessageId: "2" } })).toEqual({ MessageId: "2" });
    expect(aws.requests).toHaveLength(2);
  });

  it("tries again after a try that hangs", async () => {
    expect(await callWith("hang", { json: { MessageId: "2" } })).toEqual({ MessageId: "2" });
    expect(aws.requests[1]!.at - aws.requests[0]!.at).toBeLessThan(1_900);
  });

  it("gives up after three tries, with AWS's own error", async () => {
    const failure = await error(
      callWith({ status: 503, json: { __type: "ServiceUnavailable", message: "Away" } }),
    );
    expect(failure).toMatchObject({
      name: "ServiceUnavailable",
      message: "Away",
      $metadata: { httpStatusCode: 503, requestId: "request-3" },
    });
    expect(aws.requests).toHaveLength(3);
  });

  it("gives up in time when AWS always hangs, before its answer or in the middle of it", async () => {
    other.replies = ["half"];
    const started = Date.now();
    const calls = [callWith("hang"), awsCall(operation, { ...env, AWS_ENDPOINT_URL: other.endpoint })({})];
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(Date.now() - started).toBeLessThan(4_000);
  });

  it("gives up when nobody listens", async () => {
    await aws.stop();
    expect(await error(callWith({}))).toMatchObject({ code: "ECONNREFUSED" });
  });

  it.each<[string, AwsReply, string]>([
    [
      "a refusal",
      { status: 400, json: { __type: "com.amazonaws.sqs#QueueDoesNotExist" } },
      "QueueDoesNotExist",
    ],
    [
      "a denial",
      { status: 400, json: { __type: "AccessDeniedException", Message: "no" } },
      "AccessDeniedException",
    ],
    ["a refusal without words", { status: 404, text: "" }, "HTTP 404"],
    ["an answer that is not from AWS", { status: 200, text: "<html>" }, "HTTP 200"],
  ])("does not try again after %s", async (_, reply, name) => {
    expect(await error(callWith(reply))).toMatchObject({ name });
    expect(aws.requests).toHaveLength(1);
  });

  it("uses its connection again", async () => {
    aws.replies = [{}];
    const call = awsCall(operation, env);
    for (let i = 0; i < 3; i++) await call({});
    expect(aws.requests).toHaveLength(3);
  });
});

describe("jobSender", () => {
  it("sends the message as JSON to the queue", async () => {
    const message = { action: "queued" } as never;
    await jobSender("https://queue", awsCall(operation, env))(message);
    expect(JSON.parse(aws.requests[0]!.body)).toEqual({
      QueueUrl: "https://queue",
      MessageBody: '{"action":"queued"}',
    });
  });
});

describe("parameterReader", () => {
  const read = (json: unknown) => {
    aws.replies = [{ json }];
    return parameterReader("/secret", awsCall(operation, env))();
  };

  it("reads the one parameter, decrypted", async () => {
    expect(await read({ Parameters: [{ Name: "/secret", Value: "one" }], InvalidParameters: [] })).toBe(
      "one",
    );
    expect(JSON.parse(aws.requests[0]!.body)).toEqual({ Names: ["/secret"], WithDecryption: true });
  });

  it("finds nothing where there is no such parameter", async () => {
    expect(await read({ Parameters: [], InvalidParameters: ["/secret"] })).toBeUndefined();
  });

  it("fails rather than take an odd answer for no parameter", async () => {
    await expect(read({})).rejects.toThrow();
  });
});
