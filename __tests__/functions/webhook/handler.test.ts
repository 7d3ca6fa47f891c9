import { createHmac } from "node:crypto";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { DeliveryRequest } from "../../../functions/webhook/delivery";
import { startAwsServer, type AwsServer } from "../../support/aws-server";
import { DELIVERY, request, SECRET, selfHosted, settings, sign } from "./support";

type Handler = (request: DeliveryRequest) => Promise<APIGatewayProxyStructuredResultV2>;

const secrets = { current: SECRET, previous: "the one before" };
const environment = process.env;
let aws: AwsServer;
let handler: Handler;
let log: string;

const parameter = {
  json: { Parameters: [{ Name: settings.secretParameter, Value: JSON.stringify(secrets) }] },
};
const lines = () =>
  log
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const targets = () => aws.requests.map(({ headers }) => headers["x-amz-target"]);

/** A new sandbox, with all that it writes caught. */
beforeEach(async () => {
  aws = await startAwsServer();
  aws.replies = [parameter, { json: { MessageId: "1" } }];
  process.env = {
    ...environment,
    SETTINGS: JSON.stringify(settings),
    POWERTOOLS_LOG_LEVEL: "DEBUG",
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "the-key",
    AWS_SESSION_TOKEN: "the-session",
  };
  log = "";
  const write = (chunk: unknown) => {
    log += String(chunk);
    return true;
  };
  jest.spyOn(process.stdout, "write").mockImplementation(write);
  jest.spyOn(process.stderr, "write").mockImplementation(write);
  await jest.isolateModulesAsync(async () => {
    ({ handler } = await import("../../../functions/webhook/handler"));
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env = environment;
  await aws.stop();
});

describe("the webhook function", () => {
  it("calls nobody before the first delivery", () => {
    expect(aws.requests).toEqual([]);
  });

  it("reads the secret, queues the job and answers in JSON", async () => {
    expect(await handler(request(selfHosted("queued")))).toEqual({
      statusCode: 202,
      headers: { "content-type": "application/json" },
      body: '{"message":"taken"}',
    });
    expect(targets()).toEqual(["AmazonSSM.GetParameters", "AmazonSQS.SendMessage"]);
    expect(JSON.parse(aws.requests[1]!.body)).toMatchObject({
      QueueUrl: settings.queueUrl,
      MessageBody: expect.stringContaining('"jobId":12877621891') as string,
    });
  });

  it("takes one call for the next job", async () => {
    await handler(request(selfHosted("queued")));
    await handler(request(selfHosted("in_progress")));
    expect(targets()).toEqual(["AmazonSSM.GetParameters", "AmazonSQS.SendMessage", "AmazonSQS.SendMessage"]);
  });

  it("writes one line about a job taken", async () => {
    await handler(request(selfHosted("queued")));
    expect(lines()).toEqual([
      expect.objectContaining({
        level: "INFO",
        message: "delivery taken",
        status: 202,
        event: "workflow_job",
        delivery: DELIVERY,
        action: "queued",
        jobId: 12877621891,
        repository: "lineville/elastic-machines-testing",
        fleet: "k8s",
      }),
    ]);
  });

  it.each<[number, string, string, () => DeliveryRequest]>([
    [200, "INFO", "delivery left alone", () => request({}, { headers: { "x-github-event": "ping" } })],
    [400, "WARN", "delivery refused", () => request("{")],
    [401, "WARN", "delivery refused", () => request(selfHosted("queued"), { secret: "another" })],
  ])("writes one line about a %d", async (status, level, message, make) => {
    expect(await handler(make())).toMatchObject({ statusCode: status });
    expect(lines()).toEqual([expect.objectContaining({ status, level, message, delivery: DELIVERY })]);
  });

  describe("with settings that found no room in its environment", () => {
    const { repositories, routes, ...own } = { repositories: ["lineville/other"], ...settings };
    const names = Array.from({ length: 11 }, (_, index) => `/runners/settings/webhook/0a1b2c3d/${index}`);
    const pieceOf = (index: number): string => {
      const text = JSON.stringify({
        repositories: [...repositories, "lineville/elastic-machines-testing"],
        routes,
      });
      const length = Math.ceil(text.length / names.length);
      return text.slice(index * length, (index + 1) * length);
    };
    let asked: string[][];

    beforeEach(async () => {
      asked = [];
      aws.replies = [
        ({ body }) => {
          const { Names = [] } = JSON.parse(body) as { Names?: string[] };
          asked.push(Names);
          const values = Names.flatMap((Name) => {
            const index = names.indexOf(Name);
            return index < 0 ? [] : [{ Name, Value: pieceOf(index) }];
          });
          const secret = Names.includes(settings.secretParameter) ? parameter.json.Parameters : [];
          return { json: { Parameters: [...secret, ...values] } };
        },
      ];
      process.env.SETTINGS = JSON.stringify({ ...own, settingsParameters: names });
      await jest.isolateModulesAsync(async () => {
        ({ handler } = await import("../../../functions/webhook/handler"));
      });
    });

    it("reads them once, ten names a call, while it reads the secret", async () => {
      expect(await handler(request(selfHosted("queued")))).toMatchObject({ statusCode: 202 });
      expect(await handler(request(selfHosted("in_progress")))).toMatchObject({ statusCode: 202 });

      expect(asked.filter((some) => some.length > 0).sort((one, other) => one.length - other.length)).toEqual(
        [expect.any(Array), expect.any(Array), names.slice(0, 10)],
      );
      expect(asked.flat().sort()).toEqual([settings.secretParameter, ...names].sort());
    });

    it("answers 503 while they cannot be read, and 202 to the redelivery", async () => {
      const [answer] = aws.replies;
      aws.replies = [{ status: 400, json: { __type: "AccessDeniedException", message: "denied" } }];
      expect(await handler(request(selfHosted("queued")))).toMatchObject({
        statusCode: 503,
        body: '{"message":"the settings could not be read: redeliver this delivery"}',
      });
      aws.replies = [answer!];
      expect(await handler(request(selfHosted("queued")))).toMatchObject({ statusCode: 202 });
    });
  });

  it("answers 500 and says why when the queue is gone", async () => {
    aws.replies = [parameter, { status: 400, json: { __type: "com.amazonaws.sqs#QueueDoesNotExist" } }];
    expect(await handler(request(selfHosted("queued")))).toMatchObject({ statusCode: 500 });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: "ERROR",
        message: "delivery failed",
        jobId: 12877621891,
        error: expect.objectContaining({ name: "QueueDoesNotExist" }) as object,
      }),
    ]);
  });

  it("answers 503 while the parameter holds what Terraform made it with", async () => {
    aws.replies = [{ json: { Parameters: [{ Name: settings.secretParameter, Value: "unset" }] } }];
    expect(await handler(request(selfHosted("queued")))).toMatchObject({
      statusCode: 503,
      body: '{"message":"no webhook secret yet"}',
    });
  });

  it("answers 500 when the secret cannot be read, and 202 to the redelivery", async () => {
    const denied = { status: 400, json: { __type: "AccessDeniedException", message: "denied" } };
    aws.replies = [denied, parameter, { json: { MessageId: "1" } }];
    expect(await handler(request(selfHosted("queued")))).toMatchObject({ statusCode: 500 });
    expect(await handler(request(selfHosted("queued")))).toMatchObject({ statusCode: 202 });
  });

  it("writes no secret, no signature and nothing of the body, whatever happens", async () => {
    const unset = { json: { Parameters: [{ Value: "unset" }] } };
    const broken = { status: 400, json: { __type: "AccessDeniedException", message: "denied" } };
    const wanted = [
      request(selfHosted("queued")),
      request(selfHosted("queued"), { secret: "another" }),
      request(selfHosted("queued"), { headers: { "x-github-event": SECRET, "x-github-delivery": SECRET } }),
      request("{not JSON"),
      request({ action: "queued" }),
    ];
    const pasts = [[parameter, {}], [parameter, broken], [unset], [broken]];
    for (const past of pasts) {
      await jest.isolateModulesAsync(async () => {
        aws.requests.length = 0;
        aws.replies = past;
        const { handler: another } = (await import("../../../functions/webhook/handler")) as {
          handler: Handler;
        };
        for (const one of wanted) await another(one);
      });
    }

    expect(lines()).toHaveLength(pasts.length * wanted.length);
    const bodies = wanted.map(({ body }) => body!);
    const digests = [SECRET, secrets.previous, "another"].flatMap((secret) =>
      bodies.flatMap((body) => [
        sign(body, secret).slice("sha256=".length),
        createHmac("sha256", secret).update(body).digest("base64"),
      ]),
    );
    const hidden = [SECRET, secrets.previous, "the-key", "the-session", "sha256=", "not JSON"];
    for (const secret of [...hidden, ...digests]) expect(log).not.toContain(secret);
    expect(log).not.toContain(selfHosted("queued").workflow_job.head_sha);
  });
});
