/** The reference app, applied: an emulated AWS, a local GitHub, the bundled functions, and what happens between them. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse } from "aws-lambda";
import { makeAppKey } from "../support/app-key";
import { matches, parameterEvent } from "../support/event-bridge";
import type { Route } from "../support/github-routes";
import { GithubServer } from "../support/github-server";
import type { HookConfig } from "../support/github-state";
import { LambdaRuntime } from "../support/lambda-runtime";
import type { InvocationResult, LambdaFunction } from "../support/lambda-runtime";
import { emulatorCredentials, emulatorRegion, startMoto } from "../support/moto";
import type { Moto } from "../support/moto";
import { countByName, describeAwsCall, describeGithubCall, startProxy } from "../support/proxy";
import type { Call, Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";
import { sign } from "../support/workflow-job";

export const ORGANIZATION = "octo-org";
export const PREFIX = "e2e";
export const FLEET = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
export const PRIVATE_KEY_PARAMETER = "/octo-org/github-app-key";
const APP_ID = "4711";
const QUEUE_PATIENCE_MS = 1000;
const TERRAFORM_TOKEN = "ghp_of_whoever_runs_terraform";
const root = resolve(__dirname, "../..");

export interface Answer {
  readonly status: number;
  readonly message: string;
}

/** Calls that functions made, and the time it took. */
export interface Measured {
  readonly aws: readonly Call[];
  readonly github: readonly Call[];
  readonly milliseconds: number;
}

export class World {
  readonly clients;
  private constructor(
    readonly work: string,
    private readonly moto: Moto,
    readonly aws: Proxy,
    readonly github: GithubServer,
    readonly githubProxy: Proxy,
    readonly lambda: LambdaRuntime,
    private readonly privateKey: string,
  ) {
    const config = { endpoint: moto.endpoint, region: emulatorRegion, credentials: emulatorCredentials };
    this.clients = {
      dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
      ec2: new EC2Client(config),
      lambda: new LambdaClient(config),
      sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
      ssm: new SSMClient(config),
    };
  }

  terraform!: Terraform;
  /** What the run measured, for the report at its end. */
  readonly figures = new Map<string, string>();

  /** Everything stands, nothing is applied. */
  static async start(): Promise<World> {
    const work = mkdtempSync(join(tmpdir(), "e2e-"));
    const moto = await startMoto();
    const key = makeAppKey();
    const github = await GithubServer.start({
      app: { id: APP_ID, publicKey: key.publicKey, installations: [{ id: 7, owner: ORGANIZATION }] },
      pats: [TERRAFORM_TOKEN],
      routes: [{ route: "POST /terraform/{type}", allow: ["pat"], answer: madeByTerraform }],
    });
    const aws = await startProxy(moto.endpoint, describeAwsCall);
    const githubProxy = await startProxy(github.url, describeGithubCall);
    const lambda = await LambdaRuntime.start({
      work: join(work, "lambda"),
      region: emulatorRegion,
      endpoint: aws.url,
      node: process.env.NODE_FOR_LAMBDA,
    });
    const world = new World(work, moto, aws, github, githubProxy, lambda, key.privateKey);
    world.terraform = await Terraform.prepare({
      stack: await world.synthesize(),
      work: join(work, "terraform"),
      endpoint: aws.url,
      notify: { url: `${github.url}/terraform`, token: TERRAFORM_TOKEN },
    });
    return world;
  }

  async stop(): Promise<void> {
    await this.lambda.stop();
    await this.aws.stop();
    await this.githubProxy.stop();
    await this.github.stop();
    await this.moto.stop();
    rmSync(this.work, { recursive: true, force: true });
  }

  /** As a team does it: the built reference app, with the team's own context. */
  private async synthesize(): Promise<string> {
    const context = {
      region: emulatorRegion,
      runners: {
        github: {
          org: ORGANIZATION,
          appId: APP_ID,
          privateKeyParameter: PRIVATE_KEY_PARAMETER,
          baseUrl: this.githubProxy.url,
        },
        fleets: [FLEET],
        prefix: PREFIX,
      },
    };
    const out = join(this.work, "cdktf.out");
    const environment = { ...process.env, CDKTF_OUTDIR: out, CDKTF_CONTEXT_JSON: JSON.stringify(context) };
    await promisify(execFile)(process.execPath, [join(root, "lib/main.js")], { cwd: root, env: environment });
    return join(out, "stacks", "ephemeral-runners");
  }

  /** Takes the functions that are applied now, with their settings. */
  async deploy(): Promise<void> {
    const applied = this.terraform.resources().filter(({ type }) => type === "aws_lambda_function");
    const functions = applied.map(async ({ values }): Promise<LambdaFunction> => {
      const FunctionName = String(values.function_name);
      const found = await this.clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      return {
        name: FunctionName,
        arn: found.FunctionArn ?? "",
        handler: found.Handler ?? "",
        timeout: found.Timeout ?? 3,
        memory: found.MemorySize ?? 128,
        environment: found.Environment?.Variables ?? {},
        zip: join(this.terraform.work, String(values.filename)),
      };
    });
    this.lambda.deploy(await Promise.all(functions));
  }

  /** The settings that the function reads. */
  settings<T>(bundle: string): T {
    const found = this.resource("aws_lambda_function", `${PREFIX}-${bundle}`, "function_name");
    const [{ variables }] = found.environment as [{ variables: { SETTINGS: string } }];
    return JSON.parse(variables.SETTINGS) as T;
  }

  /** One resource out of the state, by the value of an argument. */
  resource(type: string, value: string, argument = "name"): Readonly<Record<string, unknown>> {
    const found = this.terraform
      .resources()
      .filter((one) => one.type === type && one.values[argument] === value);
    if (found.length !== 1)
      throw new Error(`There are ${found.length} ${type} whose ${argument} is ${value}.`);
    return found[0]!.values;
  }

  invoke(bundle: string, event: unknown): Promise<InvocationResult> {
    return this.lambda.invoke(`${PREFIX}-${bundle}`, event);
  }

  /** The user's own step. Returns what was stored. */
  async storePrivateKey(): Promise<string> {
    await this.clients.ssm.send(
      new PutParameterCommand({
        Name: PRIVATE_KEY_PARAMETER,
        Value: this.privateKey,
        Type: "SecureString",
        Overwrite: true,
      }),
    );
    return this.privateKey;
  }

  /** Tells the applied rules of a change, as EventBridge does, and waits for what they invoke. */
  async parameterChanged(name: string, operation: "Create" | "Update"): Promise<InvocationResult[]> {
    const event = parameterEvent(name, operation);
    const resources = this.terraform.resources();
    const rules = resources.filter(
      ({ type, values }) =>
        type === "aws_cloudwatch_event_rule" &&
        typeof values.event_pattern === "string" &&
        matches(JSON.parse(values.event_pattern) as Record<string, unknown>, event),
    );
    const targets = resources.filter(
      ({ type, values }) =>
        type === "aws_cloudwatch_event_target" && rules.some((rule) => rule.values.name === values.rule),
    );
    return Promise.all(targets.map(({ values }) => this.lambda.invoke(String(values.arn), event)));
  }

  /** A delivery of GitHub, through the HTTP API, to the bundled webhook function. */
  async deliver(
    payload: object,
    options: { secret?: string; event?: string; delivery?: string } = {},
  ): Promise<Answer> {
    const body = JSON.stringify(payload);
    const { secret = this.hook?.secret ?? "", event = "workflow_job", delivery = randomUUID() } = options;
    const { payload: answer } = await this.invoke("webhook", {
      version: "2.0",
      routeKey: "POST /webhook",
      rawPath: "/webhook",
      headers: {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-delivery": delivery,
        "x-github-event": event,
        "x-hub-signature-256": sign(body, secret),
      },
      requestContext: { http: { method: "POST", path: "/webhook", sourceIp: "140.82.115.1" } },
      body,
      isBase64Encoded: false,
    });
    const { statusCode = 0, body: text = "{}" } = answer as APIGatewayProxyStructuredResultV2;
    return { status: statusCode, message: (JSON.parse(text) as { message: string }).message };
  }

  /**
   * One batch, as the event source mapping takes it from the queue.
   * @param expected messages to wait for: one that was sent this very moment does not show yet
   */
  async drainQueue(expected = 1): Promise<{ taken: number; failed: number }> {
    const { values } = this.terraform
      .resources()
      .find(({ type }) => type === "aws_lambda_event_source_mapping")!;
    const QueueUrl = this.settings<{ queueUrl: string }>("webhook").queueUrl;
    const Messages: Message[] = [];
    const end = Date.now() + QUEUE_PATIENCE_MS;
    const room = (): number => Number(values.batch_size) - Messages.length;
    do {
      const ask = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: room() });
      Messages.push(...((await this.clients.sqs.send(ask)).Messages ?? []));
    } while (Messages.length < expected && room() > 0 && Date.now() < end);
    if (Messages.length === 0) return { taken: 0, failed: 0 };
    const Records = Messages.map(({ MessageId, ReceiptHandle, Body }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: {},
      eventSource: "aws:sqs",
      eventSourceARN: values.event_source_arn,
      awsRegion: emulatorRegion,
    }));
    const { payload, failed } = await this.invoke("launch", { Records });
    const refused = new Set(
      failed
        ? Messages.map(({ MessageId }) => MessageId)
        : (payload as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    );
    const done = Messages.filter(({ MessageId }) => !refused.has(MessageId));
    if (done.length > 0) {
      await this.clients.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl,
          Entries: done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle })),
        }),
      );
    }
    return { taken: done.length, failed: refused.size };
  }

  /** The webhook as GitHub has it. */
  get hook(): HookConfig | undefined {
    return [...this.github.state.hooks.values()][0];
  }

  /** Notes the calls of a stretch of the road, and how long launch took for it. */
  count(name: string, webhook: Measured, launch: Measured): void {
    const of = ({ aws, github }: Measured): string => `${aws.length} AWS + ${github.length} GitHub`;
    const names = Object.entries(countByName([...launch.aws, ...launch.github]));
    const list = names.map(([call, times]) => `${times} ${call}`).join(", ");
    this.figures.set(
      name,
      `webhook ${of(webhook)} in ${webhook.milliseconds} ms; launch ${of(launch)} in ${launch.milliseconds} ms (${list})`,
    );
  }

  report(): string {
    const inits = this.lambda.invocations.flatMap(({ name, initMilliseconds }) =>
      initMilliseconds === undefined ? [] : [`${name} ${Math.round(initMilliseconds)} ms`],
    );
    const lines = [...this.figures, ["loading a bundle", inits.join(", ")]].map(
      ([name, text]) => `  ${name}: ${text}`,
    );
    return `\nFigures\n${lines.join("\n")}\n`;
  }

  /** What the functions asked of AWS and GitHub while `work` ran. */
  async callsOf<T>(work: () => Promise<T>): Promise<Measured & { result: T }> {
    const [fromAws, fromGithub, start] = [this.aws.calls.length, this.githubProxy.calls.length, Date.now()];
    const result = await work();
    await this.lambda.settle();
    return {
      result,
      aws: this.aws.calls.slice(fromAws).filter(({ caller }) => caller.startsWith(`${PREFIX}-`)),
      github: this.githubProxy.calls.slice(fromGithub),
      milliseconds: Date.now() - start,
    };
  }
}

/** The stand-in of GitHub's Terraform provider tells what it made, so that the local GitHub has it too. */
const madeByTerraform: Route["answer"] = ({ state, params, body }) => {
  const id = String(body.id);
  if (params.type === "github_organization_webhook") {
    const [{ url, secret }] = body.configuration as [HookConfig];
    const hook = { url, content_type: "json", insecure_ssl: "0", secret };
    state.hooks.set(`orgs/${ORGANIZATION}/hooks/${id}`, hook);
  }
  return { status: 200, body: {} };
};
