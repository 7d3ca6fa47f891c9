/**
 * What synth time (`constructs/`) and run time (`functions/`) must agree on, and nothing else: the settings each
 * function is given, the messages between them, the keys of the tables, the tags on machines.
 */

/** Every function reads its settings, as JSON, from this one environment variable. */
export const SETTINGS_VARIABLE = "SETTINGS";

/** The value that Terraform gives a parameter which only run time fills. Readers take it for "expired". */
export const UNSET = "unset";

/** Tags on every machine. The launch tag is how a launch whose answer was lost finds its machines again. */
export const TAG = {
  installation: "ephemeral-runners:installation",
  fleet: "ephemeral-runners:fleet",
  launch: "ephemeral-runners:launch",
} as const;

/** What is counted beside an error that a person has to look at, by installation; an alarm watches it. */
export const ALARM_METRIC = {
  namespace: "EphemeralRunners",
  name: "Alarms",
  dimension: "installation",
} as const;

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
  /** Epoch seconds; the taking is refused from then on. */
  readonly expiresAt: number;
}

/** GitHub allows 64 characters for a runner's name; an instance id takes 19. */
export const MAXIMUM_PREFIX_LENGTH = 20;
export const MAXIMUM_FLEET_NAME_LENGTH = 20;

/** Stands in no prefix, fleet name or instance id, so that a runner's name can be taken apart again. */
const NAME_SEPARATOR = "_";

export const runnerName = (installation: string, fleet: string, instanceId: string): string =>
  [installation, fleet, instanceId].join(NAME_SEPARATOR);

/** The machine behind a runner of ours, or undefined for a runner of somebody else. */
export const machineOfRunner = (
  installation: string,
  name: string | undefined,
): { readonly fleet: string; readonly instanceId: string } | undefined => {
  const [prefix, fleet, instanceId, ...rest] = (name ?? "").split(NAME_SEPARATOR);
  const ours = prefix === installation && fleet && /^i-[0-9a-f]{8,17}$/.test(instanceId ?? "");
  return ours && instanceId && rest.length === 0 ? { fleet, instanceId } : undefined;
};

/** How a job's labels are compared with a fleet's: equal as sets, or every label of the job is one of the fleet's. */
export type LabelMatch = "exact" | "subset";

export interface FleetRoute {
  readonly fleet: string;
  readonly labels: readonly string[];
  readonly match: LabelMatch;
}

export interface WebhookSettings {
  /** As in {@link LaunchSettings}: tells our own runners by their names. */
  readonly installation: string;
  readonly queueUrl: string;
  /** Name of the parameter that holds {@link WebhookSecrets}. */
  readonly secretParameter: string;
  /** Login of the organization, or of the repository's owner, whose jobs are served. */
  readonly owner: string;
  /** Full names (`owner/name`); absent: every repository of the owner. */
  readonly repositories?: readonly string[];
  /** False: jobs of public repositories are left alone. */
  readonly publicRepositories: boolean;
  readonly routes: readonly FleetRoute[];
}

/** JSON in the secret's parameter. A value that is not JSON is taken as the current secret (set by hand). */
export interface WebhookSecrets {
  readonly current: string;
  readonly previous?: string;
}

/** JSON in a token's parameter. */
export interface TokenValue {
  readonly token: string;
  /** ISO 8601 */
  readonly expiresAt: string;
}

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
}

/** How a machine registers: a JIT configuration of its own, or the shared registration token of one hour. */
export type RegistrationMode = "jit" | "token";

/** Where GitHub is, and on whose behalf. */
export interface GithubSettings {
  /** `https://api.github.com`, or `https://HOST/api/v3` */
  readonly apiUrl: string;
  /** `https://github.com`, or `https://HOST` */
  readonly webUrl: string;
  readonly owner: string;
  /** Name without owner; present: runners are registered at that repository, not at the organization. */
  readonly repository?: string;
}

export interface LaunchSettings {
  /** The name prefix: value of {@link TAG.installation}, and first part of every runner's name. */
  readonly installation: string;
  readonly ledgerTable: string;
  readonly handoffTable: string;
  /** Names of the fleets: no other is known, or may be read about. */
  readonly fleets: readonly string[];
  /** A fleet's {@link FleetSettings} stand, as JSON, in the parameter `<fleetParameterPrefix><fleet>`. */
  readonly fleetParameterPrefix: string;
  readonly github: GithubSettings;
  readonly registration: RegistrationMode;
  /** Parameter with the {@link TokenValue} that `registration` asks for: installation or registration token. */
  readonly tokenParameter: string;
  /** Name or ARN of the rotation function, invoked when the token is unset, expired or refused. */
  readonly rotateFunction: string;
}

export type Market = "spot" | "on-demand";

export interface FleetSettings {
  readonly labels: readonly string[];
  /** Digits. */
  readonly runnerGroupId: string;
  /** The group's name, which is what token mode registers with. */
  readonly runnerGroupName: string;
  readonly launchTemplateId: string;
  readonly launchTemplateVersion: string;
  readonly instanceTypes: readonly string[];
  readonly subnetIds: readonly string[];
  /** Tried in this order. */
  readonly markets: readonly Market[];
  readonly maximumMachines: number;
  /** Unique id (`AROA...`) of the machines' role: first half of {@link handoffKey}. */
  readonly roleId: string;
}

export type RotationCredential =
  | {
      readonly kind: "app";
      readonly appId: string;
      readonly installationId?: string;
      readonly privateKeyParameter: string;
    }
  | { readonly kind: "token"; readonly tokenParameter: string };

/** The webhook whose address and secret the rotation function sets, at each of its runs. */
export interface ManagedWebhook {
  readonly kind: "organization" | "repository" | "app";
  /** Absent for the App's own webhook, of which there is one. */
  readonly hookId?: string;
  readonly url: string;
  readonly secretParameter: string;
}

export interface RotateTokensSettings {
  readonly github: GithubSettings;
  readonly credential: RotationCredential;
  /** Absent with a personal access token. */
  readonly installationTokenParameter?: string;
  /** Present in token mode only: registration tokens are minted for nobody else. */
  readonly registrationTokenParameter?: string;
  readonly webhook?: ManagedWebhook;
  /** KMS key of the parameters that are written: a write that does not name it takes the account's default key. */
  readonly kmsKeyId?: string;
}
