import { EC2Client } from "@aws-sdk/client-ec2";
import { awsCall, GET_PARAMETERS, WITH_TIME } from "./call-aws";
import { PERSONAL, tokenPlace, type GithubTokenSettings, type LaunchSettings } from "./contract";
import { createDocuments, type Documents } from "./documents";
import { ec2Machines } from "./ec2-machines";
import { createFleetList, type FleetList } from "./fleet-list";
import { createFleetSettings, type FleetSettingsSource } from "./fleet-settings";
import { createGithubAccess, type GithubAccess } from "./github-access";
import { createInvoke, type Invoke } from "./invoke-function";
import { createLedger } from "./ledger";
import type { ReadParameters } from "./parameters";
import { createPermits, REGISTRATION_RATES, REGISTRATIONS } from "./permits";
import type { ReconcileParts } from "./reconcile-launch";
import { createRegistrar } from "./registrations";
import { createReleaseSource, type ReleaseSource } from "./release-source";
import { createPersonalTokenSource, createTokenSource, type TokenSource } from "./token";
import { createWake, type Wake } from "./wake";

/** What the parts work over: clients of AWS, and the way to GitHub. */
export interface Clients {
  readonly documents: Documents;
  readonly ec2: EC2Client;
  readonly readParameters: ReadParameters;
  readonly invoke: Invoke;
  readonly wake: Wake;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds */
  readonly now: () => number;
}

/** What launch and sweep work with. */
export interface Parts extends ReconcileParts {
  readonly fleetSettings: FleetSettingsSource;
  readonly fleetList: FleetList;
  readonly access: GithubAccess;
  /** The version of the runner that machines take. */
  readonly release: ReleaseSource;
}

/**
 * CreateFleet takes seconds; one that hangs would cost the function its time, and the fleet its lease. Both tries
 * together take as long as a round of `reconcile` is given; the launch is repeated by its client token anyway.
 */
const EC2_TIMEOUT_MS = 10_000;

export const createClients = ({ queueUrl }: Pick<LaunchSettings, "queueUrl">): Clients => ({
  documents: createDocuments(),
  ec2: new EC2Client({
    maxAttempts: 2,
    requestHandler: { requestTimeout: EC2_TIMEOUT_MS, throwOnRequestTimeout: true },
  }),
  readParameters: awsCall({ ...GET_PARAMETERS, limits: WITH_TIME }),
  invoke: createInvoke(),
  wake: createWake(queueUrl),
  now: Date.now,
});

/** Made once for the life of a sandbox. */
export const createParts = (settings: LaunchSettings, clients: Clients): Parts => {
  const { installation, github, registration, ledgerTable, handoffTable } = settings;
  const { documents, now, wake } = clients;
  const tokens = settings.githubTokens.map((one) => ({ ...one, source: sourceOf(settings, clients, one) }));
  const { registrationTokenParameter } = settings;
  const forRegistration = registrationTokenParameter
    ? [
        {
          parameter: registrationTokenParameter,
          source: rotated(settings, clients, registrationTokenParameter),
        },
      ]
    : [];
  const permits = createPermits({
    client: documents,
    table: ledgerTable,
    names: registration === "jit" ? tokens.map(({ name }) => name) : [REGISTRATIONS],
    rate: REGISTRATION_RATES[registration],
    now,
  });
  const release = createReleaseSource(settings.runner?.floor);
  const forRelease = settings.runner ? [{ parameter: settings.runner.parameter, source: release }] : [];
  const access = createGithubAccess({ apiUrl: github.apiUrl, tokens, permits, now, fetch: clients.fetch });
  const fleetSettings = createFleetSettings(clients.readParameters, settings, [
    ...tokens,
    ...forRegistration,
    ...forRelease,
  ]);
  return {
    installation,
    ledger: createLedger({ client: documents, table: ledgerTable, handoffTable, installation, now }),
    provider: ec2Machines(clients.ec2, installation, now),
    permits,
    access,
    registrar: createRegistrar({
      installation,
      github,
      mode: registration,
      fleets: settings.fleets.length,
      access,
      registrationToken: forRegistration[0]?.source,
      release: () => release.current(),
      now,
    }),
    release,
    fleetList: createFleetList(documents, ledgerTable),
    fleetSettings,
    readAnew: (fleet) => fleetSettings.forget(fleet),
    wake,
    now,
  };
};

const sourceOf = (
  settings: LaunchSettings,
  clients: Clients,
  { name, parameter }: GithubTokenSettings,
): TokenSource =>
  name === PERSONAL
    ? createPersonalTokenSource({ readParameters: clients.readParameters, parameter })
    : rotated(settings, clients, parameter, name);

/** @param app default: any, since a registration token is as good whoever made it */
const rotated = (
  { rotateFunction, github }: LaunchSettings,
  { readParameters, invoke, now }: Clients,
  parameter: string,
  app?: string,
): TokenSource => {
  const use = { place: tokenPlace(github), ...(app !== undefined && { app }) };
  return createTokenSource({ readParameters, invoke, parameter, rotateFunction, use, now });
};
