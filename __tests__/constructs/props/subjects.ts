import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { EphemeralRunners, GithubConnection, runnerPolicy, runnerUserData } from "../../../constructs";
import { GITHUB_APP, GITHUB_TOKEN } from "../../../constructs/github-shape";
import { RUNNER_POLICY, USER_DATA } from "../../../constructs/parts-shape";
import { EXISTING_LAUNCH_TEMPLATE, EXISTING_NETWORK, FLEET, NETWORK } from "../../../constructs/shape";
import { app, CASES, fleet, github, table } from "./constructs";
import { EXISTING_LAUNCH_TEMPLATE_ROWS, FLEET_ROWS, USER_DATA_ROWS } from "./fleet-rows";
import { EPHEMERAL_RUNNERS_ROWS, GITHUB_APP_ROWS, GITHUB_TOKEN_ROWS } from "./installation-rows";
import { EXISTING_NETWORK_ROWS, NETWORK_ROWS } from "./network-rows";
import * as parts from "./part-rows";
import type { ConstructName } from "./constructs";
import type { Row, RowsOf } from "./rows";
import type { RunnerPolicyProps } from "../../../constructs";

type Props = Readonly<Record<string, unknown>>;
type Rows = Readonly<Record<string, Row>>;

/** Something with props: a construct, or what is handed to one. */
export interface Subject {
  readonly name: string;
  /** The keys that it knows. */
  readonly keys: readonly string[];
  readonly rows: Rows;
  readonly least: (scope: Construct) => Props;
  readonly make: (scope: Construct, props: Props) => Construct;
}

const ROWS: Readonly<Record<ConstructName, Rows>> = {
  EphemeralRunners: EPHEMERAL_RUNNERS_ROWS,
  BundledFunction: parts.BUNDLED_FUNCTION_ROWS,
  GithubOrgWebhook: parts.GITHUB_WEBHOOK_ROWS,
  GithubRepositoryWebhook: parts.GITHUB_REPOSITORY_WEBHOOK_ROWS,
  JobQueue: parts.JOB_QUEUE_ROWS,
  MonthlyBudget: parts.MONTHLY_BUDGET_ROWS,
  RunnerGroup: parts.RUNNER_GROUP_ROWS,
  RunnerLaunchTemplate: parts.RUNNER_LAUNCH_TEMPLATE_ROWS,
  RunnerLauncher: parts.RUNNER_LAUNCHER_ROWS,
  RunnerNetwork: parts.RUNNER_NETWORK_ROWS,
  RunnerTables: parts.RUNNER_TABLES_ROWS,
  SpotInterruption: parts.SPOT_INTERRUPTION_ROWS,
  Sweeper: parts.SWEEPER_ROWS,
  TokenRotation: parts.TOKEN_ROTATION_ROWS,
  WebhookApi: parts.WEBHOOK_API_ROWS,
};

const CONSTRUCT_SUBJECTS: readonly Subject[] = CASES.map(
  ([
    name,
    {
      Class,
      table: { keys },
      least,
    },
  ]) => ({
    name,
    keys: Object.keys(keys),
    rows: ROWS[name],
    least,
    make: (scope, props) => new Class(scope, "It", props),
  }),
);

/** What an installation is handed, by how it hands it on. */
const inside = (
  name: string,
  keys: object,
  rows: object,
  least: Props,
  props: (given: Props) => object,
): Subject => ({
  name,
  keys: Object.keys(keys),
  rows: rows as Rows,
  least: () => least,
  make: (scope, given) => new EphemeralRunners(scope, "It", { github, fleets: [fleet], ...props(given) }),
});

/** What a function makes of its props, as an output. */
const text = (
  name: string,
  keys: object,
  rows: object,
  least: Props,
  make: (props: never) => string,
): Subject => ({
  name,
  keys: Object.keys(keys),
  rows: rows as Rows,
  least: () => least,
  make: (scope, props) => {
    const it = new Construct(scope, "It");
    new TerraformOutput(it, "Text", { value: make(props as never) });
    return it;
  },
});

const RUNNER_POLICY_ROWS: RowsOf<RunnerPolicyProps> = {
  handoffTable: { value: { name: "other", arn: "arn:other" }, shows: ["outputs"] },
  logGroupArn: { value: "arn:other", shows: ["outputs"] },
  aws: {
    value: { host: (service) => `${service}.other` },
    beside: { kmsKeyArn: "arn:key" },
    shows: ["outputs"],
  },
};

export const SUBJECTS: readonly Subject[] = [
  ...CONSTRUCT_SUBJECTS,
  inside("fleets[0]", FLEET, FLEET_ROWS, fleet, (props) => ({ fleets: [props] })),
  inside(
    "fleets[0].existingLaunchTemplate",
    EXISTING_LAUNCH_TEMPLATE.keys,
    EXISTING_LAUNCH_TEMPLATE_ROWS,
    FLEET_ROWS.existingLaunchTemplate.value as unknown as Props,
    (existingLaunchTemplate) => ({ fleets: [{ ...fleet, existingLaunchTemplate }] }),
  ),
  inside("network", NETWORK, NETWORK_ROWS, {}, (network) => ({ network })),
  inside(
    "network.existing",
    EXISTING_NETWORK.keys,
    EXISTING_NETWORK_ROWS,
    NETWORK_ROWS.existing.value as unknown as Props,
    (existing) => ({ network: { existing } }),
  ),
  inside("GithubConnection.app", GITHUB_APP.keys, GITHUB_APP_ROWS, app, (props) => ({
    github: GithubConnection.app(props as never),
  })),
  inside(
    "GithubConnection.token",
    GITHUB_TOKEN.keys,
    GITHUB_TOKEN_ROWS,
    { org: "acme", tokenParameter: "/acme/token" },
    (props) => ({ github: GithubConnection.token(props as never) }),
  ),
  text(
    "runnerUserData",
    USER_DATA.keys,
    USER_DATA_ROWS,
    { roleId: "AROA0A", handoffTable: "handoff", logGroup: "logs", architecture: "x64" },
    runnerUserData,
  ),
  text(
    "runnerPolicy",
    RUNNER_POLICY.keys,
    RUNNER_POLICY_ROWS,
    { handoffTable: table, logGroupArn: "arn:logs" },
    runnerPolicy,
  ),
];
