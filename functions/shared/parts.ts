import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { PERSONAL, type GithubTokenSettings, type LaunchSettings } from "./contract";
import { ec2Machines } from "./ec2-machines";
import { createFleetSettings, type FleetSettingsSource } from "./fleet-settings";
import { createGithubAccess, type GithubAccess } from "./github-access";
import { createLedger } from "./ledger";
import { createPermits, REGISTRATION_RATES, REGISTRATIONS } from "./permits";
import type { ReconcileParts } from "./reconcile-launch";
import { createRegistrar } from "./registrations";
import { createPersonalTokenSource, createTokenSource, type TokenSource } from "./token";
import { createWake, type Wake } from "./wake";

/** What the parts work over: clients of AWS, and the way to GitHub. */
export interface Clients {
  readonly documents: DynamoDBDocumentClient;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly lambda: LambdaClient;
  readonly wake: Wake;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds */
  readonly now: () => number;
}

/** What launch and sweep work with. */
export interface Parts extends ReconcileParts {
  readonly fleetSettings: FleetSettingsSource;
  readonly access: GithubAccess;
}

/**
 * CreateFleet takes seconds; one that hangs would cost the function its time, and the fleet its lease. Both tries
 * together take as long as a round of `reconcile` is given; the launch is repeated by its client token anyway.
 */
const EC2_TIMEOUT_MS = 10_000;

export const createClients = ({ queueUrl }: Pick<LaunchSettings, "queueUrl">): Clients => ({
  documents: DynamoDBDocumentClient.from(new DynamoDBClient(), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  ec2: new EC2Client({
    maxAttempts: 2,
    requestHandler: { requestTimeout: EC2_TIMEOUT_MS, throwOnRequestTimeout: true },
  }),
  ssm: new SSMClient(),
  lambda: new LambdaClient(),
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
  const access = createGithubAccess({ apiUrl: github.apiUrl, tokens, permits, now, fetch: clients.fetch });
  return {
    installation,
    ledger: createLedger({ client: documents, table: ledgerTable, handoffTable, installation, now }),
    provider: ec2Machines(clients.ec2, installation),
    permits,
    access,
    registrar: createRegistrar({
      installation,
      github,
      mode: registration,
      access,
      registrationToken: forRegistration[0]?.source,
      now,
    }),
    fleetSettings: createFleetSettings(clients.ssm, settings, [...tokens, ...forRegistration]),
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
    ? createPersonalTokenSource({ ssm: clients.ssm, parameter })
    : rotated(settings, clients, parameter);

const rotated = (
  { rotateFunction }: LaunchSettings,
  { ssm, lambda, now }: Clients,
  parameter: string,
): TokenSource => createTokenSource({ ssm, lambda, parameter, rotateFunction, now });
