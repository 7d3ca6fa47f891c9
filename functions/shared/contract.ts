/**
 * What synth time (`constructs/`) and run time (`functions/`) must agree on, and nothing else: the settings each
 * function is given, the messages between them, the keys of the tables, the tags on machines.
 */

import type { GithubSettings, RunnerArchitecture } from "./contract-settings";

export * from "./contract-settings";

/** Every function reads its settings, as JSON, from this one environment variable. */
export const SETTINGS_VARIABLE = "SETTINGS";

/** The domain of AWS's endpoints in the function's partition, such as `amazonaws.eu`: Lambda itself does not tell it. */
export const DNS_SUFFIX_VARIABLE = "DNS_SUFFIX";

/** The value that Terraform gives a parameter which only run time fills. Readers take it for "expired". */
export const UNSET = "unset";

/** The account's own key for parameters, which AWS manages: everybody in the account may use it through Parameter Store. */
export const ACCOUNT_KEY = "alias/aws/ssm";

/** Tags on every machine. The launch tag is how a launch whose answer was lost finds its machines again. */
export const TAG = {
  installation: "ephemeral-runners:installation",
  fleet: "ephemeral-runners:fleet",
  launch: "ephemeral-runners:launch",
} as const;

/** A metric at CloudWatch, by installation. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimension: string;
  /** CloudWatch has no unit for hours or days. */
  readonly unit: "Count" | "None";
}

const metric = <Name extends string>(name: Name, unit: Metric["unit"]) =>
  ({ namespace: "EphemeralRunners", name, dimension: "installation", unit }) as const satisfies Metric;

/** What is counted beside an error that a person has to look at; an alarm watches it. */
export const ALARM_METRIC = metric("Alarms", "Count");

/** Machines of ours that EC2 says may soon be interrupted; nothing acts on it. */
export const REBALANCE_METRIC = metric("RebalanceRecommendations", "Count");

/**
 * Hours that machines ran, as each sweep finds them: the machines that are there, for the time until the next sweep. The
 * sum over a day is an estimate, good enough to see a bill coming; AWS's own figures come a day late.
 */
export const MACHINE_HOURS_METRIC = metric("MachineHours", "None");

/** Days until GitHub refuses the first of the runner's versions that are in use; without a value while it names no day. */
export const RUNNER_LIFE_METRIC = metric("RunnerVersionDaysLeft", "None");

/** The ledger: one partition a fleet, so that a strongly consistent query of `openIndex` sees all that is open. */
export const LEDGER = {
  partitionKey: "fleet",
  sortKey: "item",
  /** Local secondary index; sparse: an item has `open` only while something is left to do for it. */
  openIndex: "open",
  openKey: "open",
  expiry: "expiresAt",
} as const;

/** The handoff: one registration an instance, keyed by what `${aws:userid}` is for that instance. */
export const HANDOFF = { partitionKey: "instance", expiry: "expiresAt" } as const;

export const handoffKey = (roleId: string, instanceId: string): string => `${roleId}:${instanceId}`;

/** An item of the handoff table. */
export interface Handoff {
  /** {@link handoffKey} */
  readonly instance: string;
  /** Lines `NAME=value` for the runner: its whole input, as the runner reads it from its environment. */
  readonly environment: string;
  /**
   * Address and SHA-256 of the runner's archive, with a space between them. Absent: those in the machine's user data. A boot
   * script that does not know this attribute leaves it alone.
   */
  readonly runner?: string;
  /** Epoch seconds; the taking is refused from then on. */
  readonly expiresAt: number;
}

/** Where GitHub publishes the archives: https://github.com/actions/runner/releases */
export const runnerArchiveUrl = (version: string, architecture: RunnerArchitecture): string =>
  `https://github.com/actions/runner/releases/download/v${version}/actions-runner-linux-${architecture}-${version}.tar.gz`;

/** GitHub allows 64 characters for a runner's name; an instance id takes 19. */
export const MAXIMUM_PREFIX_LENGTH = 20;
export const MAXIMUM_FLEET_NAME_LENGTH = 20;

/** What a fleet may be called. No other name of a partition of the ledger is of this form. */
export const FLEET_NAME = new RegExp(`^[a-z0-9][a-z0-9-]{0,${MAXIMUM_FLEET_NAME_LENGTH - 1}}$`);

/** Stands in no prefix, fleet name or instance id, so that a runner's name can be taken apart again. */
const NAME_SEPARATOR = "_";

export const runnerName = (installation: string, fleet: string, instanceId: string): string =>
  [installation, fleet, instanceId].join(NAME_SEPARATOR);

/** Log group of a fleet's machines, with a stream for each, named as the instance; a launch template of one's own can name another. */
export const machineLogGroup = (installation: string, fleet: string): string =>
  `/ephemeral-runners/${installation}/${fleet}`;

/** The machine behind a runner of ours, or undefined for a runner of somebody else. */
export const machineOfRunner = (
  installation: string,
  name: string | undefined,
): { readonly fleet: string; readonly instanceId: string } | undefined => {
  const [prefix, fleet, instanceId, ...rest] = (name ?? "").split(NAME_SEPARATOR);
  const ours =
    prefix === installation && FLEET_NAME.test(fleet ?? "") && /^i-[0-9a-f]{8,17}$/.test(instanceId ?? "");
  return ours && fleet && instanceId && rest.length === 0 ? { fleet, instanceId } : undefined;
};

/**
 * JSON in the secret's parameter. A value that is not JSON is taken as the current secret (set by hand). All that stand
 * in it are accepted, the previous one up to its end; times are ISO 8601.
 */
export interface WebhookSecrets {
  /** What GitHub was last given. */
  readonly current: string;
  /** When GitHub was given it; absent: nobody knows, so another one is due. */
  readonly rotatedAt?: string;
  /** What GitHub will be given, once whoever verifies deliveries knows it for certain. */
  readonly next?: string;
  readonly nextSince?: string;
  /** What GitHub had before; it may still sign what is on its way, or sent again. */
  readonly previous?: string;
  /** Absent: set by hand, and accepted until somebody takes it away. */
  readonly previousUntil?: string;
  /** Where the App's webhook was last told to send to; stays while another webhook is used. Others may set that one, too. */
  readonly address?: string;
  /** Id of the App whose webhook `address` is. Absent: written by a release that knew of one App only. */
  readonly addressApp?: string;
}

/**
 * Days during which GitHub sends a delivery again on request: 3 on github.com, 7 on GitHub Enterprise Server.
 * https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
 * https://docs.github.com/en/enterprise-server@3.17/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
 */
export const redeliveryDays = ({ webUrl }: Pick<GithubSettings, "webUrl">): number =>
  webUrl === "https://github.com" ? 3 : 7;

/** JSON in a token's parameter. */
export interface TokenValue {
  readonly token: string;
  /** ISO 8601 */
  readonly expiresAt: string;
  /** Absent: written by a release that did not say it, so it is good for nothing. */
  readonly madeFor?: TokenUse;
}

/** What a token was made for. It is not used for anything else. */
export interface TokenUse {
  /** The App's id, or {@link PERSONAL}. */
  readonly app: string;
  /** {@link tokenPlace} */
  readonly place: string;
  /** Installation, permissions or access token behind it, as one text that changes with them. */
  readonly terms: string;
}

/** Where a token is good: GitHub's address with the organization or the repository. GitHub compares names without case. */
export const tokenPlace = ({ apiUrl, owner, repository }: GithubSettings): string =>
  [apiUrl, owner, repository]
    .filter((part) => part !== undefined)
    .join("/")
    .toLowerCase();

export type JobAction = "queued" | "waiting" | "in_progress" | "completed";

/** What the webhook puts on the jobs queue: the few fields of `workflow_job` that anything downstream needs. */
export interface JobMessage {
  readonly action: JobAction;
  readonly fleet: string;
  readonly jobId: number;
  readonly runId: number;
  readonly runAttempt: number;
  /** `owner/name` */
  readonly repository: string;
  /** ISO 8601, as GitHub says it: when the job was created. */
  readonly createdAt: string;
  /** ISO 8601: when the webhook function took the delivery; orders the events of one job. */
  readonly receivedAt: string;
  /** `X-GitHub-Delivery`: logged, and decides nothing (the signature does not cover it). */
  readonly delivery: string;
  readonly runnerName?: string;
  readonly conclusion?: string;
  /**
   * What the job asks for. Absent in messages of 0.1.0 and of a job that only took a machine of ours: its labels are no
   * fleet's.
   */
  readonly labels?: readonly string[];
}

/**
 * The other kind of message on the jobs queue, sent with a delay: look at this fleet again. It is how a wait for a limit
 * ends without a function that sleeps, and it says nothing that the ledger does not.
 */
export interface WakeMessage {
  readonly wake: string;
}
