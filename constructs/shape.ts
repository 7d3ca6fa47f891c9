import { RETENTION_DAYS } from "./common";
import { LABEL_MATCHES, MARKETS } from "./fleet";
import { WEBHOOK_KINDS } from "./github-webhook";
import { ARCHITECTURES } from "./instance-types";
import { providersMistakes } from "./providers";
import { propsOf } from "./schema/node";
import type { CommonProps, FunctionProps, NamedProps } from "./common";
import type { EphemeralRunnersProps } from "./ephemeral-runners";
import type { FleetProps, MachineProps } from "./fleet";
import type { ExistingNetwork, RunnerNetworkProps } from "./runner-network";
import type { ListOf, Made, Rows } from "./schema/node";
import type { ExistingLaunchTemplate } from "./used-launch-template";

/**
 * What the props of an installation may be, key by key; those of the parts used alone are in ./parts-shape. The same
 * tables check cdktf.json, and make its JSON Schema.
 */

/** A list that is read at synth; each of its texts has a check of its own, which says whether it may be a reference. */
export const KNOWN_TEXTS: ListOf = { kind: "a list of texts", items: "a text" };

export const MACHINE: Rows<MachineProps> = {
  architecture: { oneOf: ARCHITECTURES },
  imageId: "a text",
  imageParameter: "a text",
  rootDeviceName: "a text",
  rootVolumeGb: "a number",
  rootVolumeThroughput: "a number",
  // The script is rendered at synth, and what Terraform fills in would not be quoted for the shell.
  setupCommands: { kind: "a list of texts", items: "a plain text" },
  allowSudo: "true or false",
  allowDocker: "true or false",
  hardLimitMinutes: "a number",
  idleBackstopMinutes: "a number",
  runnerVersion: "a text",
  runnerSha256: "a text",
  runnerUrl: "a text",
};

export const EXISTING_LAUNCH_TEMPLATE = propsOf<ExistingLaunchTemplate>()(
  {
    id: "a text",
    version: "a text",
    roleArn: "a text",
    roleId: "a text",
    imageParameter: "a text",
  },
  ["id", "roleArn", "roleId"],
);

export const FLEET: Rows<FleetProps> = {
  name: "a text",
  labels: KNOWN_TEXTS,
  labelMatch: { oneOf: LABEL_MATCHES },
  instanceTypes: KNOWN_TEXTS,
  markets: { kind: "a list of texts", items: { oneOf: MARKETS } },
  maximumMachines: "a number",
  existingLaunchTemplate: EXISTING_LAUNCH_TEMPLATE,
  ...MACHINE,
};

export const FLEETS: ListOf = {
  kind: "a list of objects",
  items: propsOf<FleetProps>()(FLEET, ["name", "labels"]),
};

export const EXISTING_NETWORK = propsOf<ExistingNetwork>()(
  {
    vpcId: "a text",
    subnetIds: "a list of texts",
    securityGroupIds: "a list of texts",
  },
  ["subnetIds"],
);

export const NETWORK: Rows<Omit<RunnerNetworkProps, keyof NamedProps>> = {
  existing: EXISTING_NETWORK,
  cidrBlock: "a text",
  zones: "a number",
  availabilityZones: KNOWN_TEXTS,
  allowHttp: "true or false",
};

/** What every construct takes that has names. */
export const NAMED: Rows<NamedProps> = {
  prefix: "a text",
  tags: "an object of texts",
};

export const COMMON: Rows<CommonProps> = {
  ...NAMED,
  permissionsBoundaryArn: "a text",
  kmsKeyArn: "a text",
  furtherKmsKeyArn: "a text",
  logRetentionDays: { oneOf: RETENTION_DAYS },
  alarmActions: "a list of texts",
};

export const FUNCTION: Rows<FunctionProps> = {
  ...COMMON,
  runtime: "a text",
};

export const CONNECTION: Made = {
  made: "a connection: GithubConnection.app(...) or GithubConnection.token(...)",
  has: { settings: "an object", credential: "an object" },
};

export const RUNNER_GROUP: Made = {
  made: "a RunnerGroup, RunnerGroup.fromId(...) or RunnerGroup.defaultGroup(...)",
  has: { id: "a text", name: "a text" },
};

/** What is the same in JSON and in code: the others are objects of the library or of CDKTF there. */
export const INSTALLATION: Rows<Omit<EphemeralRunnersProps, "github" | "runnerGroup" | "providers">> = {
  fleets: FLEETS,
  prefix: "a text",
  network: { keys: NETWORK },
  webhook: { oneOf: WEBHOOK_KINDS },
  repositories: KNOWN_TEXTS,
  publicRepositories: "true or false",
  sourceAddresses: KNOWN_TEXTS,
  tags: "an object of texts",
  permissionsBoundaryArn: "a text",
  kmsKeyArn: "a text",
  furtherKmsKeyArn: "a text",
  logRetentionDays: { oneOf: RETENTION_DAYS },
  alarmActions: "a list of texts",
  runtime: "a text",
  rotationMinutes: "a number",
  webhookSecretRotationDays: "a number",
  renewRunnerVersion: "true or false",
  sweepMinutes: "a number",
  idleLimitMinutes: "a number",
  checkAfterMinutes: "a number",
  rerunInterruptedJobs: "true or false",
  onDemandAfterInterruptions: "true or false",
  backlogRepositories: KNOWN_TEXTS,
  maximumMachineHoursPerDay: "a number",
  monthlyBudgetUsd: "a number",
  budgetSubscribers: KNOWN_TEXTS,
  throttlingRateLimit: "a number",
  throttlingBurstLimit: "a number",
  reservedConcurrency: "a number",
  maximumConcurrency: "a number",
  createSpotServiceLinkedRole: "true or false",
  requireLaunchTemplate: "true or false",
  ledgerDeletionProtection: "true or false",
};

export const EPHEMERAL_RUNNERS = propsOf<EphemeralRunnersProps>()(
  {
    github: CONNECTION,
    ...INSTALLATION,
    runnerGroup: RUNNER_GROUP,
    providers: {
      wanted: "a list of providers, such as [new AwsProvider(...)]",
      check: (_at, value) => providersMistakes(value),
    },
  },
  ["github", "fleets"],
);
