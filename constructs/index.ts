export { AwsEnvironment } from "./aws-environment";
export { EphemeralRunners } from "./ephemeral-runners";
export { BundledFunction } from "./functions/bundled-function";
export { GithubConnection } from "./github-connection";
export { GithubOrgWebhook } from "./github-org-webhook";
export { GithubRepositoryWebhook } from "./github-repository-webhook";
export { JobQueue } from "./job-queue";
export { MonthlyBudget } from "./monthly-budget";
export { runnerPolicy, runnerUserData } from "./runner-boot";
export { RunnerGroup } from "./runner-group";
export { RunnerLaunchTemplate } from "./runner-launch-template";
export { RunnerLauncher } from "./runner-launcher";
export { RunnerNetwork } from "./runner-network";
export { RunnerTables } from "./runner-tables";
export { SpotInterruption } from "./spot-interruption";
export { Sweeper } from "./sweeper";
export { TokenRotation } from "./token-rotation";
export { ConfigurationError } from "./validation";
export { WebhookApi } from "./webhook-api";

export type { CommonProps, FunctionProps, NamedProps } from "./common";
export type { EphemeralRunnersProps } from "./ephemeral-runners";
export type { EventTrigger } from "./event-trigger";
export type { FleetProps, MachineProps } from "./fleet";
export type { BundledFunctionProps, BundleName } from "./functions/bundled-function";
export type {
  FurtherAppProps,
  GithubAppProps,
  GithubConnectionProps,
  GithubPlace,
  GithubTokenProps,
} from "./github-connection";
export type { GithubRepositoryWebhookProps } from "./github-repository-webhook";
export type { GithubWebhookProps, WebhookKind } from "./github-webhook";
export type { Architecture } from "./instance-types";
export type { JobQueueProps } from "./job-queue";
export type { BudgetProps, MonthlyBudgetProps } from "./monthly-budget";
export type { PolicyStatement } from "./policy";
export type { RunnerPolicyProps, TableReference } from "./runner-boot";
export type { IRunnerGroup, RunnerGroupProps } from "./runner-group";
export type { RunnerLaunchTemplateProps } from "./runner-launch-template";
export type { RunnerLauncherProps } from "./runner-launcher";
export type { ExistingNetwork, RunnerNetworkProps } from "./runner-network";
export type { RunnerTablesProps } from "./runner-tables";
export type { SpotInterruptionProps } from "./spot-interruption";
export type { SweeperProps } from "./sweeper";
export type { TokenRotationProps } from "./token-rotation";
export type { ExistingLaunchTemplate } from "./used-launch-template";
export type { UserDataProps } from "./user-data";
export type { WebhookApiProps } from "./webhook-api";
export type {
  FleetRoute,
  GithubSettings,
  LabelMatch,
  ManagedWebhook,
  Market,
  RegistrationMode,
} from "../functions/shared/contract";
