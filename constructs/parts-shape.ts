import { LABEL_MATCHES } from "./fleet";
import { ARCHITECTURES } from "./instance-types";
import { propsOf } from "./schema/node";
import {
  COMMON,
  CONNECTION,
  FLEETS,
  FUNCTION,
  INSTALLATION,
  KNOWN_TEXTS,
  MACHINE,
  NAMED,
  NETWORK,
} from "./shape";
import { MEMORY_MB } from "./tuning";
import { shown } from "./validation";
import type { AwsEnvironment } from "./aws-environment";
import type { BundledFunctionProps } from "./functions/bundled-function";
import type { GithubRepositoryWebhookProps } from "./github-repository-webhook";
import type { GithubWebhookProps } from "./github-webhook";
import type { JobQueueProps } from "./job-queue";
import type { MonthlyBudgetProps } from "./monthly-budget";
import type { PolicyStatement } from "./policy";
import type { RunnerPolicyProps } from "./runner-boot";
import type { RunnerGroupProps } from "./runner-group";
import type { RunnerLaunchTemplateProps } from "./runner-launch-template";
import type { RunnerLauncherProps } from "./runner-launcher";
import type { RunnerNetworkProps } from "./runner-network";
import type { RunnerTablesProps } from "./runner-tables";
import type { Made } from "./schema/node";
import type { SpotInterruptionProps } from "./spot-interruption";
import type { SweeperProps } from "./sweeper";
import type { TokenRotationProps } from "./token-rotation";
import type { UserDataProps } from "./user-data";
import type { WebhookApiProps } from "./webhook-api";
import type { FleetRoute } from "../functions/shared/contract";

/** What the props of each part may be, for who uses it alone. */

/** A team writes its common props once and hands them to every part: those that a part has no use for do no harm. */
const HANDED_TO_ALL = { ignored: Object.keys(FUNCTION) };

const QUEUE: Made = {
  made: "the queue of a JobQueue, or { arn, url } of one of your own",
  has: { arn: "a text", url: "a text" },
  own: true,
};

const TABLE: Made = {
  made: "the handoff of RunnerTables, or { name, arn } of a table of your own",
  has: { name: "a text", arn: "a text" },
  own: true,
};

const LAUNCHER: Made = {
  made: "a RunnerLauncher",
  has: { launch: "an object", settings: "an object", scope: "an object", fleets: "a list of objects" },
};

export const JOB_QUEUE = propsOf<JobQueueProps>()(
  { ...COMMON, consumerTimeoutSeconds: "a number", maximumReceives: "a number" },
  ["prefix"],
  HANDED_TO_ALL,
);

export const WEBHOOK_API = propsOf<WebhookApiProps>()(
  {
    ...FUNCTION,
    github: CONNECTION,
    queue: QUEUE,
    routes: {
      kind: "a list of objects",
      items: propsOf<FleetRoute>()(
        { fleet: "a text", labels: KNOWN_TEXTS, match: { oneOf: LABEL_MATCHES } },
        ["fleet", "labels", "match"],
      ),
    },
    repositories: INSTALLATION.repositories,
    publicRepositories: INSTALLATION.publicRepositories,
    sourceAddresses: INSTALLATION.sourceAddresses,
    secretParameter: "the name of an SSM parameter",
    throttlingRateLimit: INSTALLATION.throttlingRateLimit,
    throttlingBurstLimit: INSTALLATION.throttlingBurstLimit,
    reservedConcurrency: INSTALLATION.reservedConcurrency,
  },
  ["prefix", "github", "queue", "routes"],
  HANDED_TO_ALL,
);

export const RUNNER_LAUNCHER = propsOf<RunnerLauncherProps>()(
  {
    ...FUNCTION,
    fleets: FLEETS,
    network: {
      made: "a RunnerNetwork, or { subnetIds, securityGroupIds } of your own",
      has: { subnetIds: "a list of texts", securityGroupIds: "a list of texts" },
      own: true,
    },
    queue: QUEUE,
    github: CONNECTION,
    rotateFunction: {
      made: "the function.function of a TokenRotation, or { arn, functionName } of one of your own",
      has: { arn: "a text", functionName: "a text" },
      own: true,
    },
    runnerGroup: {
      made: "a RunnerGroup, RunnerGroup.fromId(...), or { id, name } of your own",
      has: { id: "a text", name: "a text" },
      own: true,
    },
    maximumConcurrency: INSTALLATION.maximumConcurrency,
    createSpotServiceLinkedRole: INSTALLATION.createSpotServiceLinkedRole,
    requireLaunchTemplate: INSTALLATION.requireLaunchTemplate,
    ledgerDeletionProtection: INSTALLATION.ledgerDeletionProtection,
    renewRunnerVersion: INSTALLATION.renewRunnerVersion,
    existingTables: { made: "a RunnerTables", has: { ledger: "an object", handoff: "an object" } },
  },
  ["prefix", "fleets", "network", "queue", "github", "rotateFunction", "runnerGroup"],
  HANDED_TO_ALL,
);

export const RUNNER_LAUNCH_TEMPLATE = propsOf<RunnerLaunchTemplateProps>()(
  { ...COMMON, ...MACHINE, fleet: "a text", handoffTable: TABLE, securityGroupIds: "a list of texts" },
  ["prefix", "fleet", "handoffTable", "securityGroupIds"],
  HANDED_TO_ALL,
);

export const RUNNER_NETWORK = propsOf<RunnerNetworkProps>()(
  { ...NAMED, ...NETWORK },
  ["prefix"],
  HANDED_TO_ALL,
);

export const RUNNER_TABLES = propsOf<RunnerTablesProps>()(
  { ...COMMON, ledgerDeletionProtection: INSTALLATION.ledgerDeletionProtection },
  ["prefix"],
  HANDED_TO_ALL,
);

export const SPOT_INTERRUPTION = propsOf<SpotInterruptionProps>()(
  { ...FUNCTION, launcher: LAUNCHER },
  ["prefix", "launcher"],
  HANDED_TO_ALL,
);

export const SWEEPER = propsOf<SweeperProps>()(
  {
    ...FUNCTION,
    launcher: LAUNCHER,
    sweepMinutes: INSTALLATION.sweepMinutes,
    idleLimitMinutes: INSTALLATION.idleLimitMinutes,
    checkAfterMinutes: INSTALLATION.checkAfterMinutes,
    rerunInterruptedJobs: INSTALLATION.rerunInterruptedJobs,
    onDemandAfterInterruptions: INSTALLATION.onDemandAfterInterruptions,
    backlogRepositories: INSTALLATION.backlogRepositories,
    maximumMachineHoursPerDay: INSTALLATION.maximumMachineHoursPerDay,
    redeliver: "true or false",
  },
  ["prefix", "launcher"],
  HANDED_TO_ALL,
);

export const TOKEN_ROTATION = propsOf<TokenRotationProps>()(
  {
    ...FUNCTION,
    github: CONNECTION,
    webhook: propsOf<NonNullable<TokenRotationProps["webhook"]>>()(
      { kind: { oneOf: ["organization", "repository", "app"] }, hookId: "a text", url: "a text" },
      ["kind", "url"],
    ),
    webhookSecretRotationDays: INSTALLATION.webhookSecretRotationDays,
    rotationMinutes: INSTALLATION.rotationMinutes,
    rerunInterruptedJobs: INSTALLATION.rerunInterruptedJobs,
    renewRunnerVersion: INSTALLATION.renewRunnerVersion,
  },
  ["prefix", "github"],
  HANDED_TO_ALL,
);

export const MONTHLY_BUDGET = propsOf<MonthlyBudgetProps>()(
  {
    ...NAMED,
    monthlyBudgetUsd: INSTALLATION.monthlyBudgetUsd,
    budgetSubscribers: INSTALLATION.budgetSubscribers,
  },
  ["prefix", "monthlyBudgetUsd", "budgetSubscribers"],
  HANDED_TO_ALL,
);

export const GITHUB_WEBHOOK = propsOf<GithubWebhookProps>()({ url: "a text" }, ["url"]);

export const GITHUB_REPOSITORY_WEBHOOK = propsOf<GithubRepositoryWebhookProps>()(
  { url: "a text", repository: "a text" },
  ["url", "repository"],
);

export const RUNNER_GROUP_PROPS = propsOf<RunnerGroupProps>()(
  { name: "a text", repositoryIds: "a list of numbers" },
  ["name"],
);

export const RUNNER_POLICY = propsOf<RunnerPolicyProps>()(
  {
    handoffTable: TABLE,
    logGroupArn: "a text",
    kmsKeyArn: "a text",
    furtherKmsKeyArn: "a text",
    aws: {
      wanted: "AwsEnvironment.of(this)",
      check: (at, value) =>
        typeof (value as Partial<AwsEnvironment> | null)?.host === "function"
          ? []
          : [`${at} must be AwsEnvironment.of(this), and is ${shown(value)}.`],
    },
  },
  ["handoffTable", "logGroupArn"],
);

export const USER_DATA = propsOf<UserDataProps>()(
  {
    roleId: "a text",
    handoffTable: "a text",
    logGroup: "a text",
    architecture: { oneOf: ARCHITECTURES },
    runnerVersion: MACHINE.runnerVersion,
    runnerSha256: MACHINE.runnerSha256,
    runnerUrl: MACHINE.runnerUrl,
    hardLimitMinutes: MACHINE.hardLimitMinutes,
    graceSeconds: "a number",
    idleBackstopMinutes: MACHINE.idleBackstopMinutes,
    idleRecheckSeconds: "a number",
    registrationWaitSeconds: "a number",
    setupCommands: MACHINE.setupCommands,
    allowSudo: MACHINE.allowSudo,
    allowDocker: MACHINE.allowDocker,
    endpointUrl: "a text",
  },
  ["roleId", "handoffTable", "logGroup", "architecture"],
);

const STATEMENT = propsOf<PolicyStatement>()(
  {
    sid: "a text",
    effect: { oneOf: ["Allow", "Deny"] },
    actions: "a list of texts",
    resources: "a list of texts",
    conditions: "an object",
  },
  ["sid", "actions", "resources"],
);

export const BUNDLED_FUNCTION = propsOf<BundledFunctionProps>()(
  {
    ...FUNCTION,
    bundle: { oneOf: Object.keys(MEMORY_MB) },
    description: "a text",
    settings: "an object",
    movable: KNOWN_TEXTS,
    environment: "an object of texts",
    timeoutSeconds: "a number",
    memoryMb: "a number",
    statements: { kind: "a list of objects", items: STATEMENT },
    reservedConcurrency: INSTALLATION.reservedConcurrency,
  },
  ["prefix", "bundle", "description", "settings", "timeoutSeconds", "memoryMb", "statements"],
);
