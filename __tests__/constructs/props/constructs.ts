import {
  BundledFunction,
  EphemeralRunners,
  GithubConnection,
  GithubOrgWebhook,
  GithubRepositoryWebhook,
  JobQueue,
  MonthlyBudget,
  RunnerGroup,
  RunnerLauncher,
  RunnerLaunchTemplate,
  RunnerNetwork,
  RunnerTables,
  SpotInterruption,
  Sweeper,
  TokenRotation,
  WebhookApi,
} from "../../../constructs";
import {
  BUNDLED_FUNCTION,
  GITHUB_REPOSITORY_WEBHOOK,
  GITHUB_WEBHOOK,
  JOB_QUEUE,
  MONTHLY_BUDGET,
  RUNNER_GROUP_PROPS,
  RUNNER_LAUNCHER,
  RUNNER_LAUNCH_TEMPLATE,
  RUNNER_NETWORK,
  RUNNER_TABLES,
  SPOT_INTERRUPTION,
  SWEEPER,
  TOKEN_ROTATION,
  WEBHOOK_API,
} from "../../../constructs/parts-shape";
import { EPHEMERAL_RUNNERS } from "../../../constructs/shape";
import type * as library from "../../../constructs";
import type { ObjectOf } from "../../../constructs/schema/node";
import type { FunctionProps, RunnerLauncherProps } from "../../../constructs";
import type { Construct } from "constructs";

/** Every public construct, with the least that it can be made with. */

export const app = { org: "acme", appId: "123", privateKeyParameter: "/acme/github-app-key" };
export const github = GithubConnection.app(app);
export const fleet = { name: "linux", labels: ["self-hosted", "linux"] };
export const prefix = "acme-ci";
export const queue = { arn: "arn:aws:sqs:eu-west-1:111122223333:jobs", url: "https://sqs/jobs" };
export const table = { name: "handoff", arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/handoff" };

export const launcherProps: RunnerLauncherProps = {
  prefix,
  github,
  queue,
  fleets: [fleet],
  network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
  rotateFunction: { arn: "arn:aws:lambda:eu-west-1:111122223333:function:rotate", functionName: "rotate" },
  runnerGroup: { id: "7", name: "builders" },
};

export const launcherIn = (
  scope: Construct,
  more: Partial<RunnerLauncherProps> = {},
  id = "TheLauncher",
): RunnerLauncher => new RunnerLauncher(scope, id, { ...launcherProps, ...more });

type Class = new (scope: Construct, id: string, props: never) => Construct;
/** The names that the package exports and that are constructs with props. */
type Name = {
  [K in keyof typeof library]: (typeof library)[K] extends Class ? K : never;
}[keyof typeof library];
type PropsOf<N extends Name> = (typeof library)[N] extends new (
  s: Construct,
  id: string,
  props: infer P,
) => unknown
  ? P
  : never;

export interface Case<P = never> {
  readonly Class: new (scope: Construct, id: string, props: P) => Construct;
  readonly table: ObjectOf;
  /** `common`: what all parts are handed alike, those that it stands on included. */
  readonly least: (scope: Construct, common?: Partial<FunctionProps>) => P;
}

/** A construct that is exported and has no entry here does not compile. AwsEnvironment takes no props. */
export const CONSTRUCTS: { readonly [N in Exclude<Name, "AwsEnvironment">]: Case<PropsOf<N>> } = {
  EphemeralRunners: {
    Class: EphemeralRunners,
    table: EPHEMERAL_RUNNERS,
    least: () => ({ github, fleets: [fleet] }),
  },
  BundledFunction: {
    Class: BundledFunction,
    table: BUNDLED_FUNCTION,
    least: () => ({
      prefix,
      bundle: "launch",
      description: "A function",
      settings: {},
      timeoutSeconds: 60,
      memoryMb: 256,
      statements: [],
    }),
  },
  GithubOrgWebhook: { Class: GithubOrgWebhook, table: GITHUB_WEBHOOK, least: () => ({ url: "https://a" }) },
  GithubRepositoryWebhook: {
    Class: GithubRepositoryWebhook,
    table: GITHUB_REPOSITORY_WEBHOOK,
    least: () => ({ url: "https://a", repository: "widget" }),
  },
  JobQueue: { Class: JobQueue, table: JOB_QUEUE, least: () => ({ prefix }) },
  MonthlyBudget: {
    Class: MonthlyBudget,
    table: MONTHLY_BUDGET,
    least: () => ({ prefix, monthlyBudgetUsd: 100, budgetSubscribers: ["a@acme.example"] }),
  },
  RunnerGroup: { Class: RunnerGroup, table: RUNNER_GROUP_PROPS, least: () => ({ name: "builders" }) },
  RunnerLaunchTemplate: {
    Class: RunnerLaunchTemplate,
    table: RUNNER_LAUNCH_TEMPLATE,
    least: () => ({ prefix, fleet: "linux", handoffTable: table, securityGroupIds: ["sg-1"] }),
  },
  RunnerLauncher: { Class: RunnerLauncher, table: RUNNER_LAUNCHER, least: () => launcherProps },
  RunnerNetwork: { Class: RunnerNetwork, table: RUNNER_NETWORK, least: () => ({ prefix }) },
  RunnerTables: { Class: RunnerTables, table: RUNNER_TABLES, least: () => ({ prefix }) },
  SpotInterruption: {
    Class: SpotInterruption,
    table: SPOT_INTERRUPTION,
    least: (scope, common) => ({ prefix, launcher: launcherIn(scope, common) }),
  },
  Sweeper: {
    Class: Sweeper,
    table: SWEEPER,
    least: (scope, common) => ({ prefix, launcher: launcherIn(scope, common) }),
  },
  TokenRotation: { Class: TokenRotation, table: TOKEN_ROTATION, least: () => ({ prefix, github }) },
  WebhookApi: {
    Class: WebhookApi,
    table: WEBHOOK_API,
    least: () => ({
      prefix,
      github,
      queue,
      routes: [{ fleet: "linux", labels: ["linux"], match: "exact" }],
    }),
  },
};

export type ConstructName = keyof typeof CONSTRUCTS;

/** By name, with whatever props: as JavaScript gives them. */
export const CASES = Object.entries(CONSTRUCTS) as unknown as readonly (readonly [
  name: ConstructName,
  one: {
    readonly Class: Case<unknown>["Class"];
    readonly table: ObjectOf;
    readonly least: (scope: Construct, common?: Partial<FunctionProps>) => Readonly<Record<string, unknown>>;
  },
])[];
