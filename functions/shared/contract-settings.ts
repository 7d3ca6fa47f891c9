/** The settings that each function is given, as JSON, and those of a fleet, in its parameter. */

/** How a job's labels are compared with a fleet's: equal as sets, or every label of the job is one of the fleet's. */
export type LabelMatch = "exact" | "subset";

/** Which fleet takes jobs with which labels. */
export interface FleetRoute {
  /** Name of the fleet. */
  readonly fleet: string;
  /** Its labels. */
  readonly labels: readonly string[];
  /** How a job's labels are compared with them. */
  readonly match: LabelMatch;
}

/** Where the part of a function's settings stands that finds no room in its environment. */
export interface MovedSettings {
  /** Names of parameters; their values, joined in this order, are a JSON object of further settings. */
  readonly settingsParameters?: readonly string[];
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
  /** CIDR blocks that requests may come from; absent: any, since the signature decides. */
  readonly sourceAddresses?: readonly string[];
  readonly routes: readonly FleetRoute[];
}

/** How a machine registers: a JIT configuration of its own, or the shared registration token of one hour. */
export type RegistrationMode = "jit" | "token";

/** Where GitHub is, and on whose behalf. */
export interface GithubSettings {
  /** `https://api.github.com`, or `https://HOST/api/v3` */
  readonly apiUrl: string;
  /** `https://github.com`, or `https://HOST` */
  readonly webUrl: string;
  /** Login of the organization, or of the repository's owner. */
  readonly owner: string;
  /** Name without owner; present: runners are registered at that repository, not at the organization. */
  readonly repository?: string;
}

/** A token for GitHub's REST API: an App's installation token, or the personal access token. */
export interface GithubTokenSettings {
  /** The App's id, or {@link PERSONAL}: GitHub's limits hold, and permits are counted, for each by itself. */
  readonly name: string;
  /** Parameter with a {@link TokenValue}; for {@link PERSONAL} with the token as it is. */
  readonly parameter: string;
}

/** Name of the personal access token among {@link GithubTokenSettings}. */
export const PERSONAL = "personal";

/** A version of the runner, as it stands as JSON in the parameter that the rotation function renews. */
export interface RunnerRelease {
  /** Such as `2.338.0`. */
  readonly version: string;
  /** Of the archive for Linux, 64 hexadecimal digits in lower case, by architecture. */
  readonly sha256: Readonly<Record<RunnerArchitecture, string>>;
}

export type RunnerArchitecture = "x64" | "arm64";

export interface LaunchSettings {
  /** The name prefix: value of {@link TAG.installation}, and first part of every runner's name. */
  readonly installation: string;
  readonly ledgerTable: string;
  readonly handoffTable: string;
  /** The jobs queue, for {@link WakeMessage}. */
  readonly queueUrl: string;
  /** Names of the fleets: no other is known, or may be read about. */
  readonly fleets: readonly string[];
  /** A fleet's {@link FleetSettings} stand, as JSON, in the parameter `<fleetParameterPrefix><fleet>`. */
  readonly fleetParameterPrefix: string;
  readonly github: GithubSettings;
  readonly registration: RegistrationMode;
  /** The tokens that GitHub's API is called with; those who share the load. Empty for launch in token mode. */
  readonly githubTokens: readonly GithubTokenSettings[];
  /** In token mode: parameter with the {@link TokenValue} that machines register with. */
  readonly registrationTokenParameter?: string;
  /** Name or ARN of the rotation function, invoked when a token is unset, expired or refused. */
  readonly rotateFunction: string;
  /** Absent: machines take the version in their user data. */
  readonly runner?: {
    /** Parameter with the {@link RunnerRelease} that machines take. */
    readonly parameter: string;
    /** The version that comes with the package: an older one is not handed over. */
    readonly floor: string;
  };
}

export interface SweepSettings extends LaunchSettings {
  /** From one sweep to the next. */
  readonly sweepSeconds: number;
  /** The versions of the runner of which GitHub is asked how long it accepts them. */
  readonly runnerVersions: {
    /** Those that fleets name: they are not renewed. */
    readonly pinned: readonly string[];
    /** The one that comes with the package. Absent: every fleet names its own. */
    readonly packaged?: {
      readonly version: string;
      /** ISO 8601 */
      readonly releasedAt: string;
    };
  };
  /** A machine that is free for so long is ended, if GitHub lets go of its runner. */
  readonly idleLimitSeconds: number;
  /** A job that waits for so long although it could have started is looked up at GitHub before more is launched. */
  readonly checkAfterSeconds: number;
  /** Whether a job whose machine was taken away runs again. */
  readonly rerunInterrupted: boolean;
  /** Whether one that lost its machine again gets an on-demand machine, in a fleet that may have both. */
  readonly onDemandAfterInterruptions: boolean;
  /** Whether the rotation function manages a webhook, whose failed deliveries it can send again. */
  readonly redeliver: boolean;
  /** Repositories whose queued jobs are looked up at GitHub, in case their events were never sent. */
  readonly backlog?: {
    /** Full names (`owner/name`). */
    readonly repositories: readonly string[];
    readonly routes: readonly FleetRoute[];
  };
}

export interface InterruptionSettings {
  readonly installation: string;
  readonly ledgerTable: string;
  readonly queueUrl: string;
  readonly fleets: readonly string[];
}

/** How EC2 is asked for machines: its spare ones, cheaper and taken away at need, or those at the full price. */
export type Market = "spot" | "on-demand";

export interface FleetSettings {
  readonly labels: readonly string[];
  /** Absent: `exact`. */
  readonly labelMatch?: LabelMatch;
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
  /** Which archive of the runner they take. Absent in a parameter of an older release: the one in their user data. */
  readonly architecture?: RunnerArchitecture;
}

export interface AppCredential {
  readonly appId: string;
  readonly installationId?: string;
  readonly privateKeyParameter: string;
}

export type RotationCredential =
  ({ readonly kind: "app" } & AppCredential) | { readonly kind: "token"; readonly tokenParameter: string };

/** An App that shares the load of the first, with the parameter for its installation token. */
export interface FurtherApp extends AppCredential {
  readonly installationTokenParameter: string;
}

/** The webhook whose address, secret and events the rotation function sets, at each of its runs. */
export interface ManagedWebhook {
  /** Whose webhook it is. */
  readonly kind: "organization" | "repository" | "app";
  /** Absent for the App's own webhook, of which there is one. */
  readonly hookId?: string;
  /** Where GitHub sends its events. */
  readonly url: string;
  /** Name of the parameter with the secret. */
  readonly secretParameter: string;
  /** GitHub is given another secret when it has had one for so long. */
  readonly secretRotationDays: number;
}

export interface RotateTokensSettings {
  /** As in {@link LaunchSettings}: whose alarm rings. */
  readonly installation: string;
  readonly github: GithubSettings;
  readonly credential: RotationCredential;
  /** Absent with a personal access token. */
  readonly installationTokenParameter?: string;
  /** Present in token mode only: registration tokens are minted for nobody else. */
  readonly registrationTokenParameter?: string;
  readonly furtherApps?: readonly FurtherApp[];
  /** Whether interrupted jobs are run again, which takes "actions: write" where "read" does for the rest. */
  readonly rerunInterrupted?: boolean;
  readonly webhook?: ManagedWebhook;
  /** Absent: the runner's version is not renewed. */
  readonly runner?: {
    /** Parameter with the {@link RunnerRelease} that machines take. */
    readonly parameter: string;
    /** What comes with the package: nothing older is written. */
    readonly floor: RunnerRelease;
  };
  /**
   * KMS key of the parameters that are written: a write that does not name it takes the account's default key. With a value,
   * what lies under another key is written anew.
   */
  readonly kmsKeyId?: string;
}
