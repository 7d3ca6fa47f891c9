import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { GithubConnection, RunnerGroup } from "../../../constructs";
import { app, fleet } from "./constructs";
import type { EphemeralRunnersProps, GithubAppProps, GithubTokenProps } from "../../../constructs";
import type { RowsOf } from "./rows";

export const EPHEMERAL_RUNNERS_ROWS: RowsOf<EphemeralRunnersProps> = {
  github: {
    value: GithubConnection.app({ ...app, org: "other" }),
    shows: ["Launcher", "Rotation", "Sweeper", "Webhook"],
  },
  fleets: { value: [{ ...fleet, labels: ["other"] }], shows: ["Launcher", "Webhook"] },
  network: {
    value: { existing: { vpcId: "vpc-1", subnetIds: ["subnet-1"] } },
    shows: ["Launcher", "Network", "Sweeper"],
  },
  webhook: { value: "app", shows: ["GithubWebhook", "Rotation"] },
  runnerGroup: { value: RunnerGroup.fromId("7", "builders"), shows: ["Launcher", "RunnerGroup"] },
  providers: {
    value: (scope) => [
      new AwsProvider(scope, "Other", { alias: "other", region: "us-east-2" }),
      new GithubProvider(scope, "Hub", { alias: "hub" }),
    ],
    shows: [
      "Aws",
      "GithubWebhook",
      "Interruption",
      "Launcher",
      "Network",
      "Queue",
      "Rotation",
      "RunnerGroup",
      "Sweeper",
      "Webhook",
    ],
  },
  repositories: { value: ["widget"], shows: ["Webhook"] },
  publicRepositories: { value: true, shows: ["Webhook"] },
  sourceAddresses: { value: ["192.30.252.0/22"], shows: ["Webhook"] },
  rotationMinutes: { value: 10, shows: ["Rotation"] },
  webhookSecretRotationDays: { value: 30, shows: ["Rotation"] },
  sweepMinutes: { value: 3, shows: ["Sweeper"] },
  idleLimitMinutes: { value: 7, shows: ["Sweeper"] },
  checkAfterMinutes: { value: 7, shows: ["Sweeper"] },
  rerunInterruptedJobs: { value: false, shows: ["Rotation", "Sweeper"] },
  renewRunnerVersion: { value: false, shows: ["Launcher", "Rotation", "Sweeper"] },
  onDemandAfterInterruptions: { value: false, shows: ["Sweeper"] },
  backlogRepositories: { value: ["widget"], shows: ["Sweeper"] },
  maximumMachineHoursPerDay: { value: 7, shows: ["Sweeper"] },
  monthlyBudgetUsd: { value: 100, shows: ["Budget"], beside: { budgetSubscribers: ["a@acme.example"] } },
  budgetSubscribers: { value: ["a@acme.example"], shows: ["Budget"], beside: { monthlyBudgetUsd: 100 } },
  throttlingRateLimit: { value: 7, shows: ["Webhook"] },
  throttlingBurstLimit: { value: 7, shows: ["Webhook"] },
  reservedConcurrency: { value: 7, shows: ["Webhook"] },
  maximumConcurrency: { value: 7, shows: ["Launcher"] },
  createSpotServiceLinkedRole: { value: true, shows: ["Aws", "Launcher", "Sweeper"] },
  requireLaunchTemplate: { value: false, shows: ["Launcher", "Sweeper"] },
  ledgerDeletionProtection: { value: true, shows: ["Launcher"] },
};

export const GITHUB_APP_ROWS: RowsOf<GithubAppProps> = {
  org: { value: "other", shows: ["Launcher", "Rotation", "Sweeper", "Webhook"] },
  repository: {
    value: "acme/widget",
    instead: "org",
    shows: ["GithubWebhook", "Launcher", "Rotation", "RunnerGroup", "Sweeper", "Webhook"],
  },
  baseUrl: { value: "https://ghe.example.com", shows: ["Launcher", "Rotation", "Sweeper"] },
  credentialKmsKeyArn: { value: "arn:aws:kms:eu-west-1:111122223333:key/a", shows: ["Rotation"] },
  appId: { value: "456", shows: ["Launcher", "Rotation", "Sweeper"] },
  installationId: { value: "789", shows: ["Rotation"] },
  privateKeyParameter: { value: "/acme/other-key", shows: ["Rotation"] },
  registration: { value: "token", shows: ["Launcher", "Rotation", "Sweeper"] },
  furtherApps: {
    value: [{ appId: "456", privateKeyParameter: "/acme/second-key" }],
    shows: ["Launcher", "Rotation", "Sweeper"],
  },
};

export const GITHUB_TOKEN_ROWS: RowsOf<GithubTokenProps> = {
  org: { value: "other", shows: ["Launcher", "Rotation", "Sweeper", "Webhook"] },
  repository: {
    value: "acme/widget",
    instead: "org",
    shows: ["GithubWebhook", "Launcher", "Rotation", "RunnerGroup", "Sweeper", "Webhook"],
  },
  baseUrl: { value: "https://ghe.example.com", shows: ["Launcher", "Rotation", "Sweeper"] },
  credentialKmsKeyArn: { value: "arn:aws:kms:eu-west-1:111122223333:key/a", shows: ["Rotation", "Sweeper"] },
  tokenParameter: { value: "/acme/other-token", shows: ["Rotation", "Sweeper"] },
};
