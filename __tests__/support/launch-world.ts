import {
  CreateFleetCommand,
  DescribeInstancesCommand,
  EC2Client,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { setTimeout as pause } from "node:timers/promises";
import type { LaunchParts } from "../../functions/launch/take-messages";
import type {
  FleetSettings,
  GithubSettings,
  JobMessage,
  RegistrationMode,
} from "../../functions/shared/contract";
import { ec2Machines } from "../../functions/shared/ec2-machines";
import { createFleetSettings } from "../../functions/shared/fleet-settings";
import { createLedger } from "../../functions/shared/ledger";
import { createRegistrar } from "../../functions/shared/registrations";
import { createTokenSource } from "../../functions/shared/token";
import { FLEET, fleetSettings, HANDOFF_TABLE, INSTALLATION, LEDGER_TABLE, newDatabase } from "./fleet-world";
import { GithubServer } from "./github-server";

const PREFIX = "/runners/fleets/";
const TOKEN = "/runners/token";

export interface LaunchWorldOptions {
  readonly mode?: RegistrationMode;
  /** By name. Default: one, {@link FLEET} */
  readonly fleets?: Readonly<Record<string, FleetSettings>>;
  readonly repository?: string;
  /** Milliseconds added to every call. Default: 0 */
  readonly latency?: number;
}

/** The launch function's own code on mocked clients and a local GitHub, with every call counted. */
export const launchWorld = async ({
  mode = "jit",
  fleets = { [FLEET]: fleetSettings() },
  repository,
  latency = 0,
}: LaunchWorldOptions = {}) => {
  const calls: string[] = [];
  const database = newDatabase();
  const server = await GithubServer.start();
  if (latency) server.inject({ latency });
  const ec2 = mockClient(EC2Client);
  const ssm = mockClient(SSMClient);
  const lambda = mockClient(LambdaClient);
  const parameters: Record<string, string> = Object.fromEntries(
    Object.entries(fleets).map(([name, settings]) => [`${PREFIX}${name}`, JSON.stringify(settings)]),
  );
  const setToken = (): string => {
    const minted = server.state.mintInstallationToken();
    parameters[TOKEN] = JSON.stringify(minted);
    return minted.token;
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
  lambda.on(InvokeCommand).callsFake(() => counted("Invoke", () => (setToken(), {})));
  let launched = 0;
  ec2
    .on(CreateFleetCommand)
    .callsFake((input: { TargetCapacitySpecification: { TotalTargetCapacity: number } }) =>
      counted("CreateFleet", () => ({
        Instances: Array.from({ length: input.TargetCapacitySpecification.TotalTargetCapacity }, () => ({
          InstanceIds: [`i-${(++launched).toString(16).padStart(17, "0")}`],
          InstanceType: "m7i.large",
        })),
        Errors: [],
      })),
    );
  ec2.on(TerminateInstancesCommand).callsFake(() => counted("TerminateInstances", () => ({})));
  ec2
    .on(DescribeInstancesCommand)
    .callsFake(() => counted("DescribeInstances", () => ({ Reservations: [] })));

  const github: GithubSettings = {
    apiUrl: server.url,
    webUrl: "https://github.com",
    owner: "acme",
    repository,
  };
  /** The parts of a new sandbox. */
  const sandbox = (): LaunchParts => {
    const ssmClient = new SSMClient({});
    const token = createTokenSource({
      ssm: ssmClient,
      lambda: new LambdaClient({}),
      parameter: TOKEN,
      rotateFunction: "rotate",
    });
    return {
      installation: INSTALLATION,
      ledger: createLedger({
        client: database.client(counted),
        table: LEDGER_TABLE,
        handoffTable: HANDOFF_TABLE,
        installation: INSTALLATION,
      }),
      provider: ec2Machines(new EC2Client({}), INSTALLATION),
      registrar: createRegistrar({ installation: INSTALLATION, github, mode, token }),
      fleetSettings: createFleetSettings(
        ssmClient,
        { fleets: Object.keys(fleets), fleetParameterPrefix: PREFIX, tokenParameter: TOKEN },
        token,
      ),
      now: Date.now,
    };
  };
  /** All calls so far, GitHub's among them. */
  const allCalls = (): string[] => [...calls, ...server.requests.map(({ route }) => route ?? "unknown")];
  const forget = (): void => {
    calls.length = 0;
    server.requests.length = 0;
  };
  return { database, server, ec2, ssm, parameters, calls, allCalls, forget, sandbox, setToken };
};

export type LaunchWorld = Awaited<ReturnType<typeof launchWorld>>;

export const recordOf = (message: Partial<JobMessage>, messageId = String(message.jobId)) => ({
  messageId,
  body: JSON.stringify(message),
});
