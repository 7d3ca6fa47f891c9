import type {
  FleetRoute,
  FleetSettings,
  InterruptionSettings,
  RotateTokensSettings,
  SweepSettings,
  WebhookSettings,
} from "../../functions/shared/contract";
import { fleetSettings, HANDOFF_TABLE, INSTALLATION, LEDGER_TABLE } from "../support/fleet-world";
import { LARGE, OWNER, PLAIN, REPOSITORIES } from "./workload";

const QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs";
const PREFIX = "/runners/fleets/";
export const KEY_PARAMETER = "/runners/private-key";
const SECRET_PARAMETER = "/runners/webhook-secret";
const github = { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: OWNER };

interface App {
  readonly id: string;
  readonly installationId: number;
  readonly tokenParameter: string;
}

export const appsOf = (count: number): readonly [App, ...App[]] => {
  const appAt = (index: number): App => ({
    id: String(1001 + index),
    installationId: 7 + index,
    tokenParameter: `/runners/${index + 1}/installation-token`,
  });
  return [appAt(0), ...Array.from({ length: count - 1 }, (_, index) => appAt(index + 1))];
};

/** Of a fleet beside those two: its machines fit its own jobs, and those with the plain labels. */
export const furtherLabels = (index: number): readonly string[] => [...PLAIN, `further-${index + 1}`];

/** Jobs with the plain labels fit the machines of all. */
const labelsOf = (further: number): Readonly<Record<string, readonly string[]>> => ({
  linux: PLAIN,
  "linux-large": LARGE,
  ...Object.fromEntries(
    Array.from({ length: further }, (_, index) => [`linux-further-${index + 1}`, furtherLabels(index)]),
  ),
});

const routesOf = (further: number): readonly FleetRoute[] =>
  Object.entries(labelsOf(further)).map(([fleet, labels]) => ({ fleet, labels, match: "exact" }));

/** By name of the fleet. */
export const fleetsWith = (
  maximumMachines: number,
  further: number,
  subnetIds: readonly string[] = ["subnet-a", "subnet-b", "subnet-c"],
): Readonly<Record<string, FleetSettings>> =>
  Object.fromEntries(
    Object.entries(labelsOf(further)).map(([fleet, labels]) => [
      fleet,
      fleetSettings({
        labels,
        maximumMachines,
        roleId: `AROA${fleet.toUpperCase()}`,
        instanceTypes: ["m7i.large", "m7a.large", "m6i.large"],
        subnetIds,
      }),
    ]),
  );

export const fleetParameter = (fleet: string): string => `${PREFIX}${fleet}`;

const commonOf = (further: number): InterruptionSettings => ({
  installation: INSTALLATION,
  ledgerTable: LEDGER_TABLE,
  queueUrl: QUEUE,
  fleets: Object.keys(labelsOf(further)),
});

/** The defaults of the constructs, and all that the issue of the chaos run asks to be on. */
export const sweepSettings = (apps: number, furtherFleets = 0): SweepSettings => ({
  ...commonOf(furtherFleets),
  handoffTable: HANDOFF_TABLE,
  fleetParameterPrefix: PREFIX,
  github,
  registration: "jit",
  githubTokens: appsOf(apps).map(({ id, tokenParameter }) => ({ name: id, parameter: tokenParameter })),
  rotateFunction: "rotate-tokens",
  sweepSeconds: 2 * 60,
  idleLimitSeconds: 5 * 60,
  checkAfterSeconds: 3 * 60,
  rerunInterrupted: true,
  onDemandAfterInterruptions: true,
  redeliver: true,
  runnerVersions: { pinned: [] },
  backlog: { repositories: REPOSITORIES, routes: routesOf(furtherFleets) },
});

export const webhookSettings = (furtherFleets = 0): WebhookSettings => ({
  installation: INSTALLATION,
  queueUrl: QUEUE,
  secretParameter: SECRET_PARAMETER,
  owner: OWNER,
  repositories: REPOSITORIES,
  publicRepositories: false,
  routes: routesOf(furtherFleets),
});

/** Those that Terraform makes, and whose values only run time knows. */
export const runtimeParameters = (apps: number): readonly string[] => [
  SECRET_PARAMETER,
  ...appsOf(apps).map(({ tokenParameter }) => tokenParameter),
];

export const interruptionSettings = (furtherFleets = 0): InterruptionSettings => commonOf(furtherFleets);

export const rotateTokensSettings = (apps: number): RotateTokensSettings => {
  const [first, ...further] = appsOf(apps);
  return {
    installation: INSTALLATION,
    github,
    credential: { kind: "app", appId: first.id, privateKeyParameter: KEY_PARAMETER },
    installationTokenParameter: first.tokenParameter,
    furtherApps: further.map(({ id, tokenParameter }) => ({
      appId: id,
      privateKeyParameter: KEY_PARAMETER,
      installationTokenParameter: tokenParameter,
    })),
    rerunInterrupted: true,
    webhook: {
      kind: "app",
      url: "https://hooks.example.com/webhook",
      secretParameter: SECRET_PARAMETER,
      secretRotationDays: 7,
    },
  };
};
