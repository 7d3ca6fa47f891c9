import {
  CreateFleetCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  EC2ServiceException,
  TerminateInstancesCommand,
  type CreateFleetCommandInput,
  type DescribeSubnetsCommandInput,
} from "@aws-sdk/client-ec2";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { setTimeout as pause } from "node:timers/promises";
import type { LaunchParts } from "../../functions/launch/take-messages";
import type {
  FleetSettings,
  JobMessage,
  LaunchSettings,
  RegistrationMode,
} from "../../functions/shared/contract";
import { parametersOf } from "../../functions/rotate-tokens/read-parameters";
import { createParts } from "../../functions/shared/parts";
import type { Around } from "./dynamodb";
import { FLEET, fleetSettings, newDatabase } from "./fleet-world";
import { DUPLICATE_POOLS, hasDuplicatePools, zonesBy, type Zones } from "./instance-pools";
import { GithubServer } from "./github-server";
import { FLEET_PREFIX, launchSettings, TOKEN_PARAMETER } from "./launch-settings";
import { storedToken } from "./stored-token";

const RELEASE_PARAMETER = "/runners/github/runner-version";

export interface LaunchWorldOptions {
  readonly mode?: RegistrationMode;
  /** By name. Default: one, {@link FLEET} */
  readonly fleets?: Readonly<Record<string, FleetSettings>>;
  readonly repository?: string;
  /** Milliseconds added to every call. Default: 0 */
  readonly latency?: number;
  /** Zones of subnets, by id. Default: one for each */
  readonly zones?: Zones;
  /** What the parameter of the runner's version holds; the package's own is 2.338.0. Default: there is none */
  readonly release?: string;
  /** What stands in it already. Default: an empty one */
  readonly database?: ReturnType<typeof newDatabase>;
}

/** The launch function's own code on mocked clients and a local GitHub, with every call counted. */
export const launchWorld = async ({
  mode = "jit",
  fleets = { [FLEET]: fleetSettings() },
  repository,
  latency = 0,
  zones = new Map(),
  release,
  database = newDatabase(),
}: LaunchWorldOptions = {}) => {
  const calls: string[] = [];
  const server = await GithubServer.start();
  if (latency) server.inject({ latency });
  const ec2 = mockClient(EC2Client);
  const ssm = mockClient(SSMClient);
  const parameters: Record<string, string> = Object.fromEntries(
    Object.entries(fleets).map(([name, settings]) => [`${FLEET_PREFIX}${name}`, JSON.stringify(settings)]),
  );
  const setToken = (): string => {
    const minted = server.state.mintInstallationToken();
    parameters[TOKEN_PARAMETER] = storedToken(minted, settings.github);
    return minted.token;
  };
  if (release !== undefined) parameters[RELEASE_PARAMETER] = release;
  const settings: LaunchSettings = {
    ...launchSettings({ mode, fleets: Object.keys(fleets), apiUrl: server.url, repository }),
    ...(release !== undefined && { runner: { parameter: RELEASE_PARAMETER, floor: "2.338.0" } }),
  };
  setToken();
  const allowed = new Set(Object.keys(parameters));

  const counted = async <T>(call: string, run: () => T): Promise<T> => {
    calls.push(call);
    if (latency) await pause(latency);
    return run();
  };
  ssm.on(GetParametersCommand).callsFake(({ Names }: { Names: string[] }) =>
    counted("GetParameters", () => {
      // As IAM does: one name that the role may not read, and the whole call is refused.
      const foreign = Names.find((Name) => !allowed.has(Name));
      if (foreign) throw new Error(`not authorized to perform ssm:GetParameters on ${foreign}`);
      return {
        Parameters: Names.flatMap((Name) => (Name in parameters ? [{ Name, Value: parameters[Name] }] : [])),
      };
    }),
  );
  let launched = 0;
  ec2
    .on(CreateFleetCommand)
    .callsFake(({ TargetCapacitySpecification, LaunchTemplateConfigs }: CreateFleetCommandInput) =>
      counted("CreateFleet", () => {
        if (hasDuplicatePools(LaunchTemplateConfigs?.[0]?.Overrides ?? [], zonesBy(zones))) throw duplicate;
        const { TotalTargetCapacity = 0 } = TargetCapacitySpecification ?? {};
        return {
          $metadata: {},
          Instances: Array.from({ length: TotalTargetCapacity }, () => ({
            InstanceIds: [`i-${(++launched).toString(16).padStart(17, "0")}`],
            InstanceType: "m7i.large",
          })),
          Errors: [],
        };
      }),
    );
  ec2.on(DescribeSubnetsCommand).callsFake(({ Filters = [] }: DescribeSubnetsCommandInput) =>
    counted("DescribeSubnets", () => ({
      Subnets: Filters[0]?.Values?.map((SubnetId) => ({
        SubnetId,
        AvailabilityZone: zonesBy(zones)(SubnetId),
      })),
    })),
  );
  ec2.on(TerminateInstancesCommand).callsFake(() => counted("TerminateInstances", () => ({})));
  ec2
    .on(DescribeInstancesCommand)
    .callsFake(() => counted("DescribeInstances", () => ({ Reservations: [] })));

  /** Who asked to be looked at again, and after how many seconds. */
  const wakes: { readonly fleet: string; readonly delaySeconds: number }[] = [];
  /** The parts of a new sandbox. `around` decides what becomes of its calls to DynamoDB. */
  const sandbox = (around: Around = counted): LaunchParts =>
    createParts(settings, {
      documents: database.client(around),
      ec2: new EC2Client({}),
      readParameters: parametersOf(new SSMClient({})),
      invoke: () => counted("Invoke", () => (setToken(), { payload: "{}" })),
      wake: (fleet, delaySeconds) => counted("SendMessage", () => void wakes.push({ fleet, delaySeconds })),
      now: Date.now,
    });
  /** All calls so far, GitHub's among them. */
  const allCalls = (): string[] => [...calls, ...server.requests.map(({ route }) => route ?? "unknown")];
  const forget = (): void => {
    calls.length = 0;
    server.requests.length = 0;
  };
  return {
    database,
    server,
    ec2,
    /** Over the mocked EC2. */
    client: () => new EC2Client({}),
    ssm,
    parameters,
    calls,
    wakes,
    counted,
    allCalls,
    forget,
    sandbox,
    setToken,
  };
};

const duplicate = new EC2ServiceException({
  name: DUPLICATE_POOLS.code,
  message: DUPLICATE_POOLS.message,
  $fault: "client",
  $metadata: { httpStatusCode: 400 },
});

export type LaunchWorld = Awaited<ReturnType<typeof launchWorld>>;

export const recordOf = (message: Partial<JobMessage>, messageId = String(message.jobId)) => ({
  messageId,
  body: JSON.stringify(message),
});
