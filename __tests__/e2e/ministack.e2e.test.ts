/**
 * The whole road on an emulator that others wrote and that runs the functions by itself: gateway, queue, schedules. What
 * the test does is what a user and GitHub do, and nothing in between.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  DescribeInstancesCommand,
  EC2Client,
  TerminateInstancesCommand,
  type Instance,
} from "@aws-sdk/client-ec2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { awsCall } from "../../functions/shared/call-aws";
import { runnerName, TAG, type JobAction } from "../../functions/shared/contract";
import { makeAppKey } from "../support/app-key";
import { takeRegistration } from "../support/boot-take";
import { parameterEvent } from "../support/event-bridge";
import { GithubServer } from "../support/github-server";
import type { HookConfig } from "../support/github-state";
import { startMinistack, type Ministack } from "../support/ministack";
import { emulatorCredentials, emulatorRegion } from "../support/moto";
import { Terraform } from "../support/terraform";
import { sign, workflowJob } from "../support/workflow-job";

const ORGANIZATION = "octo-org";
const FLEET = { name: "linux-x64", labels: ["self-hosted", "linux", "x64"] };
const KEY_PARAMETER = "/octo-org/github-app-key";
const APP_ID = "4711";
const PREFIX = "own";
const root = resolve(__dirname, "../..");
const work = mkdtempSync(join(tmpdir(), "ministack-"));

/**
 * What the plan of a standing stack shows although nothing has changed. ministack answers DescribeAlarms, as provider 5.100
 * asks for it, without most of what an alarm was made with.
 */
const FORGOTTEN_BY_MINISTACK = ["aws_cloudwatch_metric_alarm"];

let aws: Ministack;
let github: GithubServer;
let terraform: Terraform;
let ec2: EC2Client;

beforeAll(async () => {
  aws = await startMinistack(join(work, "ministack"), process.env.NODE_FOR_LAMBDA ?? process.execPath);
  const { publicKey, privateKey } = makeAppKey();
  github = await GithubServer.start({
    app: { id: APP_ID, publicKey, installations: [{ id: 7, owner: ORGANIZATION }] },
  });
  github.state.hooks.set("app", { url: "", content_type: "json", insecure_ssl: "0" });
  const config = { endpoint: aws.endpoint, region: emulatorRegion, credentials: emulatorCredentials };
  ec2 = new EC2Client(config);
  await new SSMClient(config).send(
    new PutParameterCommand({ Name: KEY_PARAMETER, Value: privateKey, Type: "SecureString" }),
  );
  terraform = await Terraform.prepare({
    stack: await synthesize(github.url),
    work: join(work, "terraform"),
    endpoint: aws.endpoint,
  });
  await terraform.apply();
});

afterAll(async () => {
  await aws.stop();
  await github.stop();
  rmSync(work, { recursive: true, force: true });
});

const hookOf = (): HookConfig => github.state.hooks.get("app")!;
const runners = () => github.state.runnersOf(`orgs/${ORGANIZATION}`);

/** Of a program that calls the emulator. */
const environment = (): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: aws.endpoint,
  AWS_REGION: emulatorRegion,
  AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
});

const synthesize = async (baseUrl: string): Promise<string> => {
  const runners = {
    github: { org: ORGANIZATION, appId: APP_ID, privateKeyParameter: KEY_PARAMETER, baseUrl },
    fleets: [FLEET],
    prefix: PREFIX,
    webhook: "app",
    runnerGroup: { id: "3", name: "ephemeral" },
    sweepMinutes: 1,
  };
  const out = join(work, "cdktf.out");
  const context = JSON.stringify({ region: emulatorRegion, runners });
  const env = { ...process.env, CDKTF_OUTDIR: out, CDKTF_CONTEXT_JSON: context };
  await promisify(execFile)(process.execPath, [join(root, "lib/app/main.js")], { cwd: root, env });
  return join(out, "stacks", "ephemeral-runners");
};

/** Asks again until there is an answer. */
const until = async <T>(
  seconds: number,
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> => {
  for (const end = Date.now() + seconds * 1000; ; await sleep(250)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end)
      throw new Error(`${what}: not within ${seconds} s. The log:\n${aws.log().slice(-6000)}`);
  }
};

const machines = async (): Promise<Instance[]> => {
  const Filters = [{ Name: `tag:${TAG.installation}`, Values: [PREFIX] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances).filter(
    ({ State }) => State?.Name === "pending" || State?.Name === "running",
  );
};

const ofState = (type: string): Readonly<Record<string, unknown>> =>
  terraform.resources().find((one) => one.type === type)!.values;

/** What GitHub sends, to the address that Terraform put out; its host is known to nobody's DNS. */
const deliver = (payload: object, secret: string): Promise<number | undefined> => {
  const body = JSON.stringify(payload);
  const { pathname, host } = new URL(String(terraform.outputs()[`${PREFIX}-webhook-url`]));
  const headers = {
    host,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-github-event": "workflow_job",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": sign(body, secret),
  };
  const { hostname, port } = new URL(aws.endpoint);
  return new Promise((done, failed) => {
    request({ hostname, port, path: pathname, method: "POST", headers }, (answer) => {
      answer.resume().once("end", () => done(answer.statusCode));
    })
      .once("error", failed)
      .end(body);
  });
};

const job = (action: JobAction, more: object = {}): object =>
  workflowJob(action, { owner: ORGANIZATION, labels: FLEET.labels, id: 77001, ...more });

it("has the rotation make tokens, the webhook's address and its secret", async () => {
  const change = parameterEvent(`/${PREFIX}/github/webhook-secret`, "Create");
  const Entries = [
    { Source: change.source, DetailType: change["detail-type"], Detail: JSON.stringify(change.detail) },
  ];
  // Parameter Store does this by itself at AWS, and not here.
  await awsCall(
    { service: "events", target: "AWSEvents.PutEvents", jsonVersion: "1.1" },
    environment(),
  )({
    Entries,
  });

  const hook = await until(60, "the App's hook", () =>
    github.state.hooks.get("app")?.secret ? hookOf() : undefined,
  );
  expect(hook.url).toBe(terraform.outputs()[`${PREFIX}-webhook-url`]);
});

it("lets no stranger in at the gateway", async () => {
  expect(await deliver(job("queued"), "a guess")).toBe(401);
  expect(await machines()).toEqual([]);
});

it("launches a machine for a signed job, through gateway, function, queue and function", async () => {
  expect(await deliver(job("queued"), hookOf().secret ?? "")).toBe(202);

  const [machine] = await until(60, "the machine", async () => {
    const found = await machines();
    return found.length > 0 ? found : undefined;
  });
  expect(await machines()).toHaveLength(1);
  const name = runnerName(PREFIX, FLEET.name, machine?.InstanceId ?? "");
  await until(30, "its runner", () => runners().find((one) => one.name === name));
});

it("gives the machine its registration, once", async () => {
  const [{ InstanceId = "" } = {}] = await machines();
  const from = { work, aws: { url: aws.endpoint } };
  const template = ofState("aws_launch_template");

  const taken = await until(30, "the registration", () =>
    takeRegistration(from, template, InstanceId).catch(() => undefined),
  );
  expect(taken).toMatch(/^ACTIONS_RUNNER_INPUT_JITCONFIG="[\w+/=]+"$/m);
  await expect(takeRegistration(from, template, InstanceId)).rejects.toThrow("no registration in time");
});

it("has the schedule run the sweep, which removes the record of a machine that is gone", async () => {
  const [{ InstanceId = "" } = {}] = await machines();
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));

  const name = runnerName(PREFIX, FLEET.name, InstanceId);
  await until(150, "the removal", () => (runners().some((one) => one.name === name) ? undefined : true));
});

it("shows no change in a second plan, but of what ministack forgets", async () => {
  const changes = await terraform.plan();

  expect(changes.filter(({ type }) => !FORGOTTEN_BY_MINISTACK.includes(type))).toEqual([]);
  expect(changes.filter(({ actions }) => actions.join() !== "update")).toEqual([]);
});
