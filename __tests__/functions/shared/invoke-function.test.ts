import { createInvoke } from "../../../functions/shared/invoke-function";
import {
  expectedAuthorization,
  startAwsServer,
  type AwsReply,
  type AwsServer,
} from "../../support/aws-server";

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-tokens";
const credentials = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

let aws: AwsServer;
beforeEach(async () => {
  aws = await startAwsServer();
});
afterEach(() => aws.stop());

const invoke = (...replies: AwsReply[]) => {
  aws.replies = replies;
  const env = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: credentials.id,
    AWS_SECRET_ACCESS_KEY: credentials.secret,
    AWS_ENDPOINT_URL: aws.endpoint,
  };
  return createInvoke(env)(ARN, '{"refresh":true}');
};

it("runs the function, by its name or ARN, and hands on what it answered", async () => {
  expect(await invoke({ json: { tokens: [] } })).toEqual({ payload: '{"tokens":[]}', failure: undefined });

  const [request] = aws.requests;
  expect(request).toMatchObject({
    path: `/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`,
    body: '{"refresh":true}',
    headers: { "x-amz-invocation-type": "RequestResponse" },
  });
  const expected = { ...credentials, region: "eu-central-1", service: "lambda" };
  expect(request!.headers.authorization).toBe(expectedAuthorization(request!, expected));
});

it("says when the function failed, which is no failure of the call", async () => {
  const headers = { "x-amz-function-error": "Unhandled" };

  expect(await invoke({ json: { errorMessage: "no key" }, headers })).toEqual({
    payload: '{"errorMessage":"no key"}',
    failure: "Unhandled",
  });
});

it("tries again after a throttle, whose name stands in a header", async () => {
  const headers = { "x-amzn-errortype": "TooManyRequestsException:http://internal.amazon.com/" };
  const throttle = { status: 429, headers, json: { Reason: "ConcurrentInvocationLimitExceeded" } };

  expect(await invoke(throttle, { text: "null" })).toEqual({ payload: "null", failure: undefined });
  expect(aws.requests).toHaveLength(2);
});

it("fails with Lambda's own error", async () => {
  const headers = { "x-amzn-errortype": "ResourceNotFoundException" };

  await expect(
    invoke({ status: 404, headers, json: { Message: "Function not found" } }),
  ).rejects.toMatchObject({ name: "ResourceNotFoundException", message: "Function not found" });
});
