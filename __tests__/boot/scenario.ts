/** One machine from boot to power-off, and all that is known of it afterwards. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { userDataScript } from "../../constructs/user-data";
import type { UserDataProps } from "../../constructs/user-data";
import { handoffTable, logGroup, mayMachine } from "../support/boot-rights";
import { HANDOFF, handoffKey } from "../../functions/shared/contract";
import type { Handoff } from "../../functions/shared/contract";
import { Machine, layRunner, packRunner } from "./machine";
import type { Bounds } from "./machine";
import type { Networks, Place } from "./network";
import {
  callMoto,
  instanceCredentials,
  metadataService,
  recordedAws,
  runnerServer,
  slowAtFirst,
} from "./stand-ins";
import type { AwsCall } from "./stand-ins";
import { watchProcesses } from "./watch";
import type { Watch } from "./watch";

export const roleId = "AROABOOTTEST000000000";

export const jitConfig = "jit-configuration-eyJhIjoiYiJ9+/==";
export const registrationToken = "AREGISTRATIONTOKEN1234567890";

/** What the listener of a runner does that gets a job. */
export const ONE_JOB = "bin/Runner.Worker ./job.sh; exit $?";

export interface Scenario {
  /** Shell, run as `Runner.Listener`. */
  readonly listener?: string;
  /** Shell, run as `Runner.Worker` by {@link ONE_JOB}. */
  readonly job?: string;
  readonly props?: Partial<UserDataProps>;
  /** What is laid in the handoff table; `null`: nothing. */
  readonly environment?: string | null;
  /** What is laid beside it: address and checksum of the runner's archive. */
  readonly runner?: (archiveSha256: string) => string;
  /** Seconds from now. */
  readonly expiresIn?: number;
  /** Makes another user data of what would be booted. */
  readonly userData?: (script: string) => string;
  /** Whether the image brings the runner. */
  readonly baked?: boolean;
  readonly hang?: (target: string) => boolean;
  /** Changes the machine's files before it boots. */
  readonly change?: (root: string) => void;
  readonly bounds?: Bounds;
  /** How long the metadata service takes to answer for the first time. Default: no time */
  readonly firstMetadataAfterMs?: number;
  readonly place?: Place;
  /** What is done to the machine, from outside, when the job tells something; the job waits for its end. */
  readonly onTold?: Readonly<Record<string, (machine: Machine) => void | Promise<void>>>;
  /** Boots a second time, as a machine that was restarted. */
  readonly restart?: boolean;
}

export interface Outcome {
  /** From the start of the container to its end. */
  readonly seconds: number;
  /** From the first thing that the runner told to the end; undefined when it never ran. */
  readonly secondsSinceRunner?: number;
  /** Of the second boot. */
  readonly restartSeconds?: number;
  readonly told: ReadonlyMap<string, string>;
  /** When it was told: milliseconds since the epoch. */
  readonly toldAt: ReadonlyMap<string, number>;
  readonly calls: readonly AwsCall[];
  /** Messages in CloudWatch Logs, in the order of time. */
  readonly shipped: readonly string[];
  readonly journal: string;
  readonly watch: Watch;
  /** Paths that were asked of the server with the runner's archive. */
  readonly downloads: readonly string[];
  /** What lies in the handoff table afterwards. */
  readonly left: readonly object[];
  readonly handoffKey: string;
  readonly instanceId: string;
}

/** Makes what Terraform would have made. */
export async function prepareAws(moto: string): Promise<void> {
  await callMoto(moto, "dynamodb", "DynamoDB_20120810.CreateTable", {
    TableName: handoffTable,
    KeySchema: [{ AttributeName: HANDOFF.partitionKey, KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: HANDOFF.partitionKey, AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  await callMoto(moto, "logs", "Logs_20140328.CreateLogGroup", {
    logGroupName: logGroup,
  });
}

export async function play(moto: string, scenario: Scenario): Promise<Outcome> {
  const {
    listener = ONE_JOB,
    job = "tell job done",
    environment = `ACTIONS_RUNNER_INPUT_JITCONFIG=${jitConfig}`,
  } = scenario;
  const instanceId = `i-0${randomBytes(8).toString("hex")}`;
  const key = handoffKey(roleId, instanceId);
  const archive = packRunner(listener, job);
  const runner = scenario.runner?.(sha256Of(archive));
  if (environment !== null)
    await layHandoff(moto, { instance: key, environment, runner, expiresAt: 0 }, scenario.expiresIn);
  const downloads: string[] = [];
  const told = new Map<string, string>();
  const toldAt = new Map<string, number>();
  const calls: AwsCall[] = [];
  const networks: Networks = {
    metadata: slowAtFirst(metadataService(instanceId), scenario.firstMetadataAfterMs ?? 0),
    aws: recordedAws(moto, calls, scenario.hang ?? (() => false), mayMachine(roleId, instanceId)),
    runner: runnerServer(
      archive,
      (name, value) => {
        toldAt.set(name, Date.now());
        told.set(name, value);
        return scenario.onTold?.[name]?.(machine);
      },
      downloads,
    ),
  };
  const script = userDataScript({ ...propsFor(archive), ...scenario.props });
  const machine = await Machine.make(scenario.userData?.(script) ?? script, networks, scenario);
  const watch = watchProcesses([jitConfig, registrationToken, ...Object.values(instanceCredentials)]);
  try {
    if (scenario.baked) layRunner(join(machine.root, "opt/actions-runner"), listener, job);
    scenario.change?.(machine.root);
    const seconds = await machine.live();
    const runnerAt = toldAt.get("run-environ");
    return {
      seconds,
      ...(runnerAt === undefined ? {} : { secondsSinceRunner: (Date.now() - runnerAt) / 1000 }),
      ...(scenario.restart ? { restartSeconds: await machine.live() } : {}),
      ...{ told, toldAt, calls, watch, instanceId, downloads, handoffKey: key },
      shipped: await shippedLogs(moto, instanceId),
      journal: machine.journal(),
      left: await handoffOf(moto, key),
    };
  } finally {
    watch.stop();
    machine.destroy();
  }
}

const sha256Of = (archive: Buffer): string => createHash("sha256").update(archive).digest("hex");

/** Limits that no test but its own reaches. */
export const propsFor = (archive: Buffer): UserDataProps => ({
  roleId,
  handoffTable,
  logGroup,
  architecture: "x64",
  runnerUrl: "http://127.0.0.1:8000/runner.tar.gz",
  runnerSha256: sha256Of(archive),
  hardLimitMinutes: 2,
  graceSeconds: 10,
  idleBackstopMinutes: 1,
  idleRecheckSeconds: 2,
  registrationWaitSeconds: 30,
  endpointUrl: "http://127.0.0.1:5000",
});

const layHandoff = (moto: string, handoff: Handoff, expiresIn = 600): Promise<unknown> =>
  callMoto(moto, "dynamodb", "DynamoDB_20120810.PutItem", {
    TableName: handoffTable,
    Item: {
      [HANDOFF.partitionKey]: { S: handoff.instance },
      environment: { S: handoff.environment },
      ...(handoff.runner !== undefined && { runner: { S: handoff.runner } }),
      [HANDOFF.expiry]: {
        N: String(Math.floor(Date.now() / 1000) + expiresIn),
      },
    },
  });

const handoffOf = async (moto: string, instance: string): Promise<readonly object[]> => {
  const { Item } = await callMoto<{ Item?: object }>(moto, "dynamodb", "DynamoDB_20120810.GetItem", {
    TableName: handoffTable,
    Key: { [HANDOFF.partitionKey]: { S: instance } },
  });
  return Item ? [Item] : [];
};

const shippedLogs = async (moto: string, stream: string): Promise<readonly string[]> => {
  const answer = await callMoto<{ events: readonly { message: string }[] }>(
    moto,
    "logs",
    "Logs_20140328.GetLogEvents",
    {
      logGroupName: logGroup,
      logStreamName: stream,
      startFromHead: true,
      limit: 10000,
    },
  ).catch(() => ({ events: [] }));
  return answer.events.map((event) => event.message);
};

/** Scripts that the tests keep in `hostile/`, as one job. */
export const hostileJob = (...names: readonly string[]): string =>
  ["attempt.sh", ...names].map((name) => readFileSync(join(__dirname, "hostile", name), "utf8")).join("\n");
