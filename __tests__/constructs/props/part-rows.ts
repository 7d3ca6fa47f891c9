import { app, fleet, launcherIn } from "./constructs";
import { GithubConnection, RunnerTables } from "../../../constructs";
import type {
  BundledFunctionProps,
  GithubRepositoryWebhookProps,
  GithubWebhookProps,
  JobQueueProps,
  MonthlyBudgetProps,
  RunnerGroupProps,
  RunnerLauncherProps,
  RunnerLaunchTemplateProps,
  RunnerNetworkProps,
  RunnerTablesProps,
  SpotInterruptionProps,
  SweeperProps,
  TokenRotationProps,
  WebhookApiProps,
} from "../../../constructs";
import { MACHINE_ROWS } from "./fleet-rows";
import { NETWORK_ROWS } from "./network-rows";
import { seenIn } from "./rows";
import type { RowsOf } from "./rows";

/** What each prop of a part changes, used alone. */

const other = GithubConnection.app({ ...app, org: "other" });
const queue = { arn: "arn:aws:sqs:eu-west-1:111122223333:other", url: "https://sqs/other" };

export const BUNDLED_FUNCTION_ROWS: RowsOf<BundledFunctionProps> = {
  bundle: { value: "sweep", shows: ["ErrorAlarm", "Function", "LogGroup", "Policy", "Role"] },
  description: { value: "Another function", shows: ["Function"] },
  settings: { value: { a: 1 }, shows: ["Function"] },
  movable: {
    value: ["list"],
    beside: { settings: { list: ["x".repeat(4096)] } },
    shows: ["Function", "Policy", "Settings-1018337b-0", "Settings-1018337b-1"],
  },
  environment: { value: { A: "1" }, shows: ["Function"] },
  timeoutSeconds: { value: 61, shows: ["Function"] },
  memoryMb: { value: 512, shows: ["Function"] },
  statements: {
    value: [{ sid: "A", actions: ["sqs:SendMessage"], resources: [queue.arn] }],
    shows: ["Policy"],
  },
  reservedConcurrency: { value: 3, shows: ["Function"] },
};

export const GITHUB_WEBHOOK_ROWS: RowsOf<GithubWebhookProps> = {
  url: { value: "https://other", shows: ["Webhook"] },
};

export const GITHUB_REPOSITORY_WEBHOOK_ROWS: RowsOf<GithubRepositoryWebhookProps> = {
  ...GITHUB_WEBHOOK_ROWS,
  repository: { value: "gadget", shows: ["Webhook"] },
};

export const JOB_QUEUE_ROWS: RowsOf<JobQueueProps> = {
  consumerTimeoutSeconds: { value: 90, shows: ["Queue"] },
  maximumReceives: { value: 9, shows: ["Queue"] },
};

export const MONTHLY_BUDGET_ROWS: RowsOf<MonthlyBudgetProps> = {
  monthlyBudgetUsd: { value: 500, shows: ["Budget"] },
  budgetSubscribers: { value: ["b@acme.example"], shows: ["Budget"] },
};

export const RUNNER_GROUP_ROWS: RowsOf<RunnerGroupProps> = {
  name: { value: "others", shows: ["Group"] },
  repositoryIds: { value: [7], shows: ["Group"] },
};

export const RUNNER_TABLES_ROWS: RowsOf<RunnerTablesProps> = {
  ledgerDeletionProtection: { value: true, shows: ["Ledger"] },
};

export const RUNNER_NETWORK_ROWS: RowsOf<RunnerNetworkProps> = seenIn(NETWORK_ROWS, {
  existing: [
    "Association0",
    "Association1",
    "Association2",
    "Aws",
    "DefaultSecurityGroup",
    "DynamodbEndpoint",
    "InternetGateway",
    "InternetRoute",
    "MainAssociation",
    "RouteTable",
    "S3Endpoint",
    "SecurityGroup",
    "Subnet0",
    "Subnet1",
    "Subnet2",
    "Vpc",
    "Zones",
    "ZonesBy",
  ],
  cidrBlock: ["Subnet0", "Subnet1", "Subnet2", "Vpc"],
  zones: ["Association1", "Association2", "Subnet2"],
  availabilityZones: [
    "Association1",
    "Association2",
    "Subnet0",
    "Subnet1",
    "Subnet2",
    "Vpc",
    "Zone0",
    "Zones",
    "ZonesBy",
  ],
  // Subnets depend on all that lets machines out, so that it goes after them.
  allowHttp: ["HttpEgress", "Subnet0", "Subnet1", "Subnet2"],
});

export const RUNNER_LAUNCH_TEMPLATE_ROWS: RowsOf<RunnerLaunchTemplateProps> = {
  ...seenIn(MACHINE_ROWS, ["LaunchTemplate"]),
  fleet: { value: "other", shows: ["InstanceProfile", "LaunchTemplate", "LogGroup", "Policy", "Role"] },
  handoffTable: { value: { name: "other", arn: "arn:other" }, shows: ["LaunchTemplate", "Policy"] },
  securityGroupIds: { value: ["sg-2"], shows: ["LaunchTemplate"] },
};

export const RUNNER_LAUNCHER_ROWS: RowsOf<RunnerLauncherProps> = {
  fleets: { value: [{ ...fleet, maximumMachines: 7 }], shows: ["Settings-linux"] },
  network: {
    value: { subnetIds: ["subnet-2"], securityGroupIds: ["sg-2"] },
    shows: ["Launch", "Settings-linux", "Template-linux"],
  },
  queue: { value: queue, shows: ["EventSourceMapping", "Launch"] },
  github: { value: other, shows: ["Launch"] },
  rotateFunction: { value: { arn: "arn:other", functionName: "other" }, shows: ["Launch"] },
  runnerGroup: { value: { id: "8", name: "others" }, shows: ["Settings-linux"] },
  maximumConcurrency: { value: 7, shows: ["EventSourceMapping"] },
  createSpotServiceLinkedRole: { value: true, shows: ["Aws", "Launch"] },
  requireLaunchTemplate: { value: false, shows: ["Launch"] },
  ledgerDeletionProtection: { value: true, shows: ["Tables"] },
  renewRunnerVersion: { value: false, shows: ["Launch"] },
  existingTables: {
    value: (scope) => new RunnerTables(scope, "Tables", { prefix: "other" }),
    shows: ["Launch", "Tables", "Template-linux"],
  },
};

export const SPOT_INTERRUPTION_ROWS: RowsOf<SpotInterruptionProps> = {
  launcher: { value: (scope) => launcherIn(scope, { queue }, "Other"), shows: ["Function"] },
};

export const SWEEPER_ROWS: RowsOf<SweeperProps> = {
  launcher: {
    value: (scope) => launcherIn(scope, { queue, fleets: [{ ...fleet, maximumMachines: 7 }] }, "Other"),
    shows: ["MachineHoursAlarm", "Sweep"],
  },
  sweepMinutes: { value: 3, shows: ["Rule", "Sweep"] },
  idleLimitMinutes: { value: 7, shows: ["Sweep"] },
  checkAfterMinutes: { value: 7, shows: ["Sweep"] },
  rerunInterruptedJobs: { value: false, shows: ["Sweep"] },
  onDemandAfterInterruptions: { value: false, shows: ["Sweep"] },
  backlogRepositories: { value: ["widget"], shows: ["Sweep"] },
  maximumMachineHoursPerDay: { value: 7, shows: ["MachineHoursAlarm"] },
  redeliver: { value: true, shows: ["Sweep"] },
};

export const TOKEN_ROTATION_ROWS: RowsOf<TokenRotationProps> = {
  github: { value: other, shows: ["Function"] },
  webhook: { value: { kind: "app", url: "https://a" }, shows: ["Function"] },
  webhookSecretRotationDays: {
    value: 30,
    beside: { webhook: { kind: "app", url: "https://a" } },
    shows: ["Function"],
  },
  rotationMinutes: { value: 10, shows: ["ScheduleRule"] },
  rerunInterruptedJobs: { value: false, shows: ["Function"] },
  renewRunnerVersion: {
    value: false,
    shows: ["Function", "ParameterChangeRule", "RunnerVersion", "SettingsRevision"],
  },
};

export const WEBHOOK_API_ROWS: RowsOf<WebhookApiProps> = {
  github: { value: other, shows: ["Function"] },
  queue: { value: queue, shows: ["Function"] },
  routes: { value: [{ fleet: "other", labels: ["other"], match: "subset" }], shows: ["Function"] },
  repositories: { value: ["widget"], shows: ["Function"] },
  publicRepositories: { value: true, shows: ["Function"] },
  sourceAddresses: { value: ["192.30.252.0/22"], shows: ["Function"] },
  secretParameter: { value: "/acme/webhook-secret", shows: ["Function"] },
  throttlingRateLimit: { value: 7, shows: ["Stage"] },
  throttlingBurstLimit: { value: 7, shows: ["Stage"] },
  reservedConcurrency: { value: 7, shows: ["Function"] },
};
