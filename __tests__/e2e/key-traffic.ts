/** What each role of an installation does with what lies under a key, in its own name, by the functions' own modules. */
import { SSMClient } from "@aws-sdk/client-ssm";
import { UNSET, type RotateTokensSettings, type SweepSettings } from "../../functions/shared/contract";
import {
  awsCall,
  GET_PARAMETERS,
  SEND_MESSAGE,
  WITH_TIME,
  type AwsCall,
} from "../../functions/shared/call-aws";
import { createDocuments, type Documents } from "../../functions/shared/documents";
import { createLedger, type Ledger } from "../../functions/shared/ledger";
import { readParameters, parseToken } from "../../functions/shared/parameters";
import { createWake } from "../../functions/shared/wake";
import { rotateTokens } from "../../functions/rotate-tokens/rotate-tokens";
import { parameterReader } from "../../functions/webhook/read-parameter";
import { createSecretStore } from "../../functions/webhook/secret-store";
import { jobSender } from "../../functions/webhook/send-job";
import { emulatorRegion } from "../support/moto";

export interface Traffic {
  /** Address of the guarded emulator. */
  readonly url: string;
  readonly prefix: string;
  readonly fleet: string;
  readonly rotation: RotateTokensSettings;
  readonly sweep: SweepSettings;
}

/** Each refused to write or read what it has to, as `role: what it wanted`. */
export type Failures = readonly string[];

const RECEIVE = {
  service: "sqs",
  target: "AmazonSQS.ReceiveMessage",
  jsonVersion: "1.0",
  limits: WITH_TIME,
} as const;
const DELETE = { ...RECEIVE, target: "AmazonSQS.DeleteMessage" } as const;

/** As Lambda, or the machine's profile, signs for a role. */
const roleOf = ({ url, prefix }: Traffic, name: string) => {
  const role = name.startsWith("_") ? `${prefix}${name}` : `${prefix}-${name}`;
  const credentials = { accessKeyId: role, secretAccessKey: "test", sessionToken: "test" };
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: emulatorRegion,
    AWS_ACCESS_KEY_ID: role,
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "test",
  };
  return {
    role,
    call: (operation: Parameters<typeof awsCall>[0]): AwsCall => awsCall(operation, env),
    documents: (): Documents => createDocuments(env),
    ssm: () => new SSMClient({ endpoint: url, region: emulatorRegion, credentials, maxAttempts: 1 }),
  };
};

const ledgerOf = (traffic: Traffic, role: string): Ledger => {
  const { ledgerTable: table, handoffTable, installation } = traffic.sweep;
  const client = roleOf(traffic, role).documents();
  return createLedger({ client, table, handoffTable, installation });
};

export const rotate = (traffic: Traffic): Promise<unknown> =>
  rotateTokens({ ssm: roleOf(traffic, "rotate-tokens").ssm(), settings: traffic.rotation, now: Date.now });

/** The secrets that a delivery may be signed with, as a cold webhook function reads them. */
export const secretsOf = (traffic: Traffic): Promise<readonly string[]> => {
  const { call } = roleOf(traffic, "webhook");
  const name = `/${traffic.prefix}/github/webhook-secret`;
  return createSecretStore(parameterReader(name, call({ ...GET_PARAMETERS, limits: WITH_TIME }))).secrets();
};

export const sendJob = async (traffic: Traffic, jobId: number): Promise<void> => {
  const { call } = roleOf(traffic, "webhook");
  const now = new Date().toISOString();
  await jobSender(
    traffic.sweep.queueUrl,
    call({ ...SEND_MESSAGE, limits: WITH_TIME }),
  )({
    ...{ action: "queued", fleet: traffic.fleet, jobId, runId: jobId, runAttempt: 1 },
    ...{ repository: "acme/app", createdAt: now, receivedAt: now, delivery: "0" },
  });
};

/** Ids of the jobs whose messages are there. Each is written into the ledger, and taken off the queue. */
export const takeJobs = async (traffic: Traffic): Promise<number[]> => {
  const { queueUrl: QueueUrl } = traffic.sweep;
  const { call } = roleOf(traffic, "launch");
  const { Messages = [] } = (await call(RECEIVE)({ QueueUrl, MaxNumberOfMessages: 10 })) as {
    Messages?: { Body: string; ReceiptHandle: string }[];
  };
  const jobs = Messages.map(({ Body }) => JSON.parse(Body) as { jobId?: number });
  const ledger = ledgerOf(traffic, "launch");
  const messages = jobs.filter(({ jobId }) => jobId !== undefined);
  for (const outcome of await ledger.record(messages as never))
    if (outcome.outcome === "failed") throw outcome.error;
  for (const { ReceiptHandle } of Messages) await call(DELETE)({ QueueUrl, ReceiptHandle });
  return messages.map(({ jobId }) => jobId!).sort((one, other) => one - other);
};

/** Ids of the jobs that wait, by the ledger. */
export const waitingJobs = async (traffic: Traffic, role = "launch"): Promise<number[]> => {
  const { waiting } = await ledgerOf(traffic, role).read(traffic.fleet);
  return waiting.map(({ jobId }) => jobId).sort((one, other) => one - other);
};

export const handOver = async (traffic: Traffic, instance: string): Promise<void> => {
  const { handoffTable: TableName } = traffic.sweep;
  await roleOf(traffic, "launch").documents()("TransactWriteItems", {
    TransactItems: [{ Put: { TableName, Item: { instance } } }],
  });
};

/** Whether the machine found its registration. */
export const takeRegistration = async (traffic: Traffic, instance: string): Promise<boolean> => {
  const { handoffTable: TableName } = traffic.sweep;
  const input = { TableName, Key: { instance }, ReturnValues: "ALL_OLD" } as const;
  const answer = await roleOf(traffic, `_${traffic.fleet}_runner`).documents()("DeleteItem", input);
  return (answer as { Attributes?: object }).Attributes !== undefined;
};

/** Whether a token is there that GitHub takes. */
const readToken = async (traffic: Traffic, role: string): Promise<void> => {
  const name = `/${traffic.prefix}/github/installation-token`;
  const call = roleOf(traffic, role).call({ ...GET_PARAMETERS, limits: WITH_TIME });
  const { [name]: value = UNSET } = await readParameters(call, [name]);
  if (!parseToken(value, Date.now())) throw new Error("finds no token");
};

/** All that the roles do in the life of a job, once. */
export const useEverything = async (traffic: Traffic): Promise<Failures> => {
  const instance = `AROA:i-${Math.random().toString(16).slice(2)}`;
  const wake = (role: string) =>
    createWake(traffic.sweep.queueUrl, roleOf(traffic, role).call({ ...SEND_MESSAGE, limits: WITH_TIME }))(
      traffic.fleet,
      0,
    );
  const uses: Readonly<Record<string, () => Promise<unknown>>> = {
    "rotate-tokens: keeps the tokens": () => rotate(traffic),
    "webhook: reads the secret": () => secretsOf(traffic),
    "webhook: sends a job": () => sendJob(traffic, Date.now()),
    "launch: takes jobs": () => takeJobs(traffic),
    "launch: reads the ledger": () => waitingJobs(traffic),
    "launch: reads a token": () => readToken(traffic, "launch"),
    "launch: hands over a registration": () => handOver(traffic, instance),
    "machine: takes its registration": () => takeRegistration(traffic, instance),
    "sweep: reads the ledger": () => waitingJobs(traffic, "sweep"),
    "sweep: reads a token": () => readToken(traffic, "sweep"),
    "sweep: wakes a fleet": () => wake("sweep"),
    "interruption: reads the ledger": () => ledgerOf(traffic, "interruption").find([traffic.fleet], "i-1"),
    "interruption: wakes a fleet": () => wake("interruption"),
  };
  const failures: string[] = [];
  for (const [what, use] of Object.entries(uses))
    await use().catch((error: unknown) => failures.push(`${what}: ${String(error)}`));
  return failures;
};
