import {
  CreateFleetCommand,
  EC2ServiceException,
  paginateDescribeInstances,
  TerminateInstancesCommand,
  type CreateFleetCommandInput,
  type CreateFleetCommandOutput,
  type CreateFleetError,
  type EC2Client,
  type Filter,
  type Instance,
} from "@aws-sdk/client-ec2";
import { chunks } from "./chunks";
import { TAG } from "./contract";
import { endedBecause } from "./end-reasons";
import { classOf, NO_ANSWER, type LaunchError } from "./launch-errors";
import type { Launch, LaunchedMachine } from "./ledger-items";
import type { LaunchAnswer, LaunchOrder, MachineProvider } from "./machines";
import { leaveOut, leaveOutDoubled, poolsOf, type ZoneOf } from "./pools";
import { subnetZones, type SubnetZones } from "./subnet-zones";

/**
 * Machines on EC2, launched by CreateFleet of type `instant`, which answers at once with machines and errors.
 *
 * @param now epoch milliseconds
 */
export const ec2Machines = (ec2: EC2Client, installation: string, now: () => number): MachineProvider => {
  const zones = subnetZones(ec2, now);
  return { ...launches(ec2, installation, zones), ...instances(ec2, installation) };
};

/** EC2's word for a fleet that names one type twice in one zone, among others. */
const DUPLICATE_POOLS = "InvalidFleetConfig";

const launches = (
  ec2: EC2Client,
  installation: string,
  zones: SubnetZones,
): Pick<MachineProvider, "ready" | "elsewhere" | "prepare" | "launch"> => ({
  // One subnet is alone in its zone.
  ready: async ({ subnetIds }) => (subnetIds.length > 1 ? zones.read(subnetIds) : undefined),

  elsewhere: async (settings, without, errors) => {
    if (!errors.some(({ code }) => code === DUPLICATE_POOLS))
      return leaveOut(settings, without, errors, zones.of);
    // Who knew the zones had named one subnet of each.
    const known = settings.subnetIds.every((subnetId) => zones.of(subnetId) !== undefined);
    if (known) return undefined;
    await zones.read(settings.subnetIds);
    return leaveOutDoubled(settings, without, zones.of);
  },

  prepare: (order) => ({
    launchId: order.launchId,
    market: order.market,
    count: order.count,
    parameters: JSON.stringify(createFleetInput(installation, order, zones.of)),
    createdAt: order.createdAt,
  }),

  launch: async (launch) => {
    const input = JSON.parse(launch.parameters) as CreateFleetCommandInput;
    try {
      return answerOf(launch, await ec2.send(new CreateFleetCommand(input)));
    } catch (error) {
      return failureOf(error);
    }
  },
});

const instances = (
  ec2: EC2Client,
  installation: string,
): Pick<MachineProvider, "find" | "ended" | "end" | "endedBecause"> => ({
  find: async (where) => {
    const [name, value] = "launchId" in where ? [TAG.launch, where.launchId] : [TAG.fleet, where.fleet];
    const found = await describe(ec2, [
      { Name: `tag:${TAG.installation}`, Values: [installation] },
      { Name: `tag:${name}`, Values: [value] },
      { Name: "instance-state-name", Values: ["pending", "running"] },
    ]);
    return found.map(machineOf);
  },

  ended: async (instanceIds) => {
    // A filter, since an id that EC2 does not know (any more) would refuse the whole call.
    const some = chunks(instanceIds, VALUES_A_FILTER).map((Values) =>
      describe(ec2, [
        { Name: "instance-id", Values },
        { Name: "instance-state-name", Values: ["shutting-down", "terminated"] },
      ]),
    );
    const found = (await Promise.all(some)).flat();
    return new Map(
      found.map(({ InstanceId = "", StateReason }) => [InstanceId, StateReason?.Code ?? "unknown"]),
    );
  },

  endedBecause,

  end: async (instanceIds) => {
    await Promise.all(chunks(instanceIds, IDS_A_TERMINATION).map((ids) => terminate(ec2, ids)));
  },
});

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
const VALUES_A_FILTER = 200;
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html */
const IDS_A_TERMINATION = 1000;

const describe = async (client: EC2Client, Filters: Filter[]): Promise<Instance[]> => {
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters })) {
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  }
  return found;
};

/** EC2 refuses the whole call for one id that it does not know, and names those. */
const terminate = async (ec2: EC2Client, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  try {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [...ids] }));
  } catch (error) {
    if (!(error instanceof EC2ServiceException) || error.name !== "InvalidInstanceID.NotFound") throw error;
    const known = ids.filter((id) => !error.message.includes(id));
    if (known.length === ids.length) throw error;
    await terminate(ec2, known);
  }
};

/** Whose turn it is, by the launch's id: by chance, in equal parts, with nothing to remember. */
const turnOf = (launchId: string): number =>
  [...launchId].reduce((sum, character) => sum + character.charCodeAt(0), 0);

/**
 * Every type in one subnet of each zone; AWS picks. Spot by price and room together, which is AWS's own advice against
 * interruptions: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-allocation-strategy.html
 */
const createFleetInput = (
  installation: string,
  order: LaunchOrder,
  zoneOf: ZoneOf,
): CreateFleetCommandInput => {
  const { settings, market, count, launchId, fleet, without } = order;
  const tags = { [TAG.installation]: installation, [TAG.fleet]: fleet, [TAG.launch]: launchId };
  return {
    Type: "instant",
    ClientToken: launchId,
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: {
          LaunchTemplateId: settings.launchTemplateId,
          Version: settings.launchTemplateVersion,
        },
        Overrides: poolsOf(settings, without, zoneOf, turnOf(launchId)).map(({ type, subnetId }) => ({
          InstanceType: type as never,
          SubnetId: subnetId,
        })),
      },
    ],
    TargetCapacitySpecification: { TotalTargetCapacity: count, DefaultTargetCapacityType: market },
    ...(market === "spot"
      ? { SpotOptions: { AllocationStrategy: "price-capacity-optimized" } }
      : { OnDemandOptions: { AllocationStrategy: "lowest-price" } }),
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
  };
};

const answerOf = (launch: Launch, output: CreateFleetCommandOutput): LaunchAnswer => {
  const machines = machinesIn(launch, output);
  const errors = (output.Errors ?? []).map(errorOf);
  const complete = machines.length >= launch.count || errors.length > 0;
  // The SDK has repeated the call: then an answer that says nothing of what is missing may be that to a token which was
  // used before, and the machines of the first try may be there.
  const repeated = (output.$metadata.attempts ?? 1) > 1;
  return { answered: complete || !repeated, machines, errors };
};

const machinesIn = (launch: Launch, { Instances = [] }: CreateFleetCommandOutput): LaunchedMachine[] =>
  Instances.flatMap(({ InstanceIds = [], InstanceType, AvailabilityZone, LaunchTemplateAndOverrides }) =>
    InstanceIds.map((instanceId) => ({
      instanceId,
      launchId: launch.launchId,
      market: launch.market,
      launchedAt: new Date(launch.createdAt).toISOString(),
      type: InstanceType,
      zone: AvailabilityZone ?? LaunchTemplateAndOverrides?.Overrides?.AvailabilityZone,
    })),
  );

const errorOf = ({
  ErrorCode = "Unknown",
  ErrorMessage = "",
  LaunchTemplateAndOverrides,
}: CreateFleetError): LaunchError => {
  const { InstanceType: type, SubnetId: subnetId } = LaunchTemplateAndOverrides?.Overrides ?? {};
  const pool = type && subnetId ? { type, subnetId } : undefined;
  return { code: ErrorCode, message: ErrorMessage, ...(pool && { pool }) };
};

/** A refusal launched nothing. After a throttle, a fault of the service or no answer at all, nobody can say. */
const failureOf = (error: unknown): LaunchAnswer => {
  const refusal = error instanceof EC2ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
  const code = error instanceof EC2ServiceException ? error.name : NO_ANSWER;
  const message = error instanceof Error ? error.message : String(error);
  return { answered: refusal && classOf(code).next !== "wait", machines: [], errors: [{ code, message }] };
};

const machineOf = (instance: Instance): LaunchedMachine => ({
  instanceId: instance.InstanceId ?? "",
  launchId: instance.Tags?.find(({ Key }) => Key === TAG.launch)?.Value ?? "",
  market: instance.InstanceLifecycle === "spot" ? "spot" : "on-demand",
  launchedAt: (instance.LaunchTime ?? new Date()).toISOString(),
  type: instance.InstanceType,
  zone: instance.Placement?.AvailabilityZone,
});
