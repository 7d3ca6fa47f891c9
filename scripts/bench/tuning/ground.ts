import { useOfApp } from "../../../functions/rotate-tokens/tokens";
import type { RotateTokensSettings } from "../../../functions/shared/contract";
import { chunks } from "../../../functions/shared/chunks";
import { runnerName } from "../../../functions/shared/contract";
import { createLedger, MACHINES_A_WRITE } from "../../../functions/shared/ledger";
import {
  fleetParameter,
  fleetsWith,
  interruptionSettings,
  KEY_PARAMETER,
  rotateTokensSettings,
  sweepSettings,
  webhookSettings,
} from "../../../__tests__/chaos/settings";
import { OWNER } from "../../../__tests__/chaos/workload";
import { SECRET } from "../../../__tests__/functions/webhook/support";
import type { InMemoryDynamoDb } from "../../../__tests__/support/dynamodb";
import type { Runner } from "../../../__tests__/support/github-state";
import { makeAppKey } from "../../../__tests__/support/app-key";
import {
  event,
  HANDOFF_TABLE,
  INSTALLATION,
  LEDGER_TABLE,
  newDatabase,
} from "../../../__tests__/support/fleet-world";
import { GithubServer } from "../../../__tests__/support/github-server";
import { startLocalAws } from "../../../__tests__/support/local-aws";
import { storedToken } from "../../../__tests__/support/stored-token";
import {
  describeAwsCall,
  describeGithubCall,
  startProxy,
  type Call,
  type Interception,
} from "../../../__tests__/support/proxy";
import { benchWebhookSettings, type FunctionName } from "../functions";
import { describeInstances } from "./instances";
import { addressOf, startTlsFront, type Certificate } from "./tls";

/** An AWS and a GitHub with all that the functions ask for, encrypted and with a latency. */
export interface Ground {
  settingsFor(name: FunctionName): object;
  /** How a function finds the AWS. */
  readonly environment: NodeJS.ProcessEnv;
  /** Has so many machines at work, as the ledger, EC2 and GitHub know them. */
  crowd(machines: number): Promise<void>;
  stop(): Promise<void>;
}

export const FLEET = "linux";
const LATENCY_MS = 50;
const MOST_MACHINES = 10_000;
const SERVICES = ["dynamodb", "ec2", "lambda", "sqs", "ssm"] as const;
const GITHUB = SERVICES.length;
/** Of each service, and of GitHub. */
export const addresses: readonly string[] = [...SERVICES, "github"].map((_, index) => addressOf(index));
const key = makeAppKey();

export const layGround = async (certificate: Certificate): Promise<Ground> => {
  const { githubTokens, rotateFunction } = sweepSettings(1);
  const database = newDatabase();
  const apps = githubTokens.map(({ name }) => ({ id: name, publicKey: key.publicKey }));
  const site = await GithubServer.start({ apps });
  site.state.hooks.set("app", { url: "", content_type: "json", insecure_ssl: "0" });
  const parameters = parametersOf();
  const service = await startLocalAws({ database, parameters, send: () => undefined });
  const aws = await startProxy(service.url, describeAwsCall);
  const github = await startProxy(site.url, describeGithubCall);
  for (const proxy of [aws, github]) proxy.latency = LATENCY_MS;
  const awsFront = await startTlsFront(aws.url, certificate);
  const githubFront = await startTlsFront(github.url, certificate);
  let running: readonly string[] = [];
  aws.intercept = answersOf({
    "ssm:PutParameter": () => JSON.stringify({ Version: 1 }),
    "ssm:AddTagsToResource": () => "{}",
    "ec2:DescribeInstances": () => describeInstances(running, FLEET),
    [`lambda:POST /2015-03-31/functions/${rotateFunction}/invocations`]: () => JSON.stringify(rotated()),
  });
  const settings = settingsAt(githubFront.urlAt(addressOf(GITHUB)));
  for (const { name, parameter } of githubTokens) {
    const { "rotate-tokens": rotation } = settings;
    const use = useOfApp(rotation, { appId: name, privateKeyParameter: KEY_PARAMETER });
    parameters.set(parameter, storedToken(site.state.mintInstallationToken(), rotation.github, name, use));
  }
  return {
    settingsFor: (name) => settings[name],
    environment: {
      NODE_EXTRA_CA_CERTS: certificate.file,
      ...Object.fromEntries(
        SERVICES.map((name, index) => [
          `AWS_ENDPOINT_URL_${name.toUpperCase()}`,
          awsFront.urlAt(addressOf(index)),
        ]),
      ),
    },
    crowd: async (machines) => {
      running = Array.from({ length: machines }, (_, index) => `i-${String(index).padStart(17, "0")}`);
      const runners = running.map((id) => runnerAt(site.state.nextId(), id));
      site.state.runnersOf(`orgs/${OWNER}`).push(...runners);
      await writeDown(database, runners, running);
    },
    stop: async () => {
      for (const one of [awsFront, githubFront, aws, github, service, site]) await one.stop();
    },
  };
};

const parametersOf = (): Map<string, string> =>
  new Map<string, string>([
    [KEY_PARAMETER, key.privateKey],
    [webhookSettings().secretParameter, JSON.stringify({ current: SECRET })],
    ...Object.entries(fleetsWith(MOST_MACHINES, 0)).map(
      ([fleet, own]) => [fleetParameter(fleet), JSON.stringify(own)] as const,
    ),
  ]);

/** For calls that the stand-in does not know, or answers too shortly. */
const answersOf =
  (answers: Readonly<Record<string, () => string>>) =>
  ({ name }: Call): Interception | undefined => {
    const body = answers[name]?.();
    const type = name.startsWith("ec2:") ? "text/xml" : "application/x-amz-json-1.1";
    return body === undefined
      ? undefined
      : { reply: { status: 200, headers: { "content-type": type }, body } };
  };

type Settings = Readonly<Record<FunctionName, object>> & { readonly "rotate-tokens": RotateTokensSettings };

const settingsAt = (apiUrl: string): Settings => {
  const github = { apiUrl, webUrl: apiUrl, owner: OWNER };
  return {
    webhook: benchWebhookSettings,
    launch: { ...sweepSettings(1), github },
    sweep: { ...sweepSettings(1), github },
    "rotate-tokens": { ...rotateTokensSettings(1), github },
    interruption: interruptionSettings(),
  };
};

/** As launches and events would: each machine with its registration, then with its job. */
const writeDown = async (
  database: InMemoryDynamoDb,
  runners: readonly Runner[],
  instanceIds: readonly string[],
): Promise<void> => {
  const ledger = createLedger({
    client: database.client(),
    table: LEDGER_TABLE,
    handoffTable: HANDOFF_TABLE,
    installation: INSTALLATION,
    now: Date.now,
  });
  const now = new Date().toISOString();
  const machines = instanceIds.map((instanceId, index) => ({
    machine: {
      instanceId,
      launchId: `launch-${instanceId}`,
      market: "spot" as const,
      launchedAt: now,
      type: "m7i.large",
      zone: "eu-central-1a",
    },
    runnerId: runners[index]!.id,
    handoff: { instance: `AROAEXAMPLE:${instanceId}`, environment: "X", expiresAt: 1 },
  }));
  for (const some of chunks(machines, MACHINES_A_WRITE)) await ledger.settle(FLEET, some);
  await ledger.record(
    runners.map(({ name }, index) =>
      event("in_progress", index + 1, 0, {
        fleet: FLEET,
        runnerName: name,
        createdAt: now,
        receivedAt: now,
      }),
    ),
  );
};

const runnerAt = (id: number, instanceId: string): Runner => ({
  id,
  name: runnerName(INSTALLATION, FLEET, instanceId),
  os: "linux",
  status: "online" as const,
  busy: true,
  ephemeral: true,
  runner_group_id: 3,
  labels: fleetsWith(MOST_MACHINES, 0)[FLEET]!.labels.map((name, at) => ({
    id: at,
    name,
    type: "custom" as const,
  })),
});

const rotated = (): object => ({
  tokens: [],
  redelivered: { ids: [], failing: [], until: new Date().toISOString() },
});
